"""
Records as received to load-file cells: exact, or a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from migrator.model.finding import Finding
from migrator.model.mapping import MappedObject, TextRule
from migrator.model.names import ApiName
from migrator.model.records import Operation, UploadPart
from migrator.model.verdict import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    How the records of one object are converted.
    """

    mapped: MappedObject
    text: TextRule = TextRule()
    deferred: frozenset[ApiName] = frozenset()
    """Source fields of parents that a second pass fills."""
    known: Mapping[ApiName, pl.Series] = field(default_factory=dict)
    """Origin ids that exist, by target object; a parent not listed is not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """
    What converting a frame would meet.
    """

    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """
    A frame ready for load files: `Origin_Id__c` first, every cell text.
    """

    frame: pl.DataFrame
    rest_rows: pl.DataFrame
    """Records that no load file can hold: a literal `#N/A`, or too long. Null is null."""
    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...]


def convert(frame: pl.DataFrame, conversion: Conversion) -> Converted:
    """
    The load-file frame of *frame*, an extract's columns.
    """
    raise NotImplementedError


def check_frame(frame: pl.DataFrame, conversion: Conversion) -> Checked:
    """
    What `convert` would find, without its output.
    """
    raise NotImplementedError


def cut_parts(
    converted: Converted,
    mapped: MappedObject,
    operation: Operation,
    *,
    max_bytes: int = 8_000_000,
    max_rows: int = 50_000,
) -> Iterator[UploadPart]:
    """
    The load files of *converted*, sorted by parent and cut where the parent changes.
    """
    raise NotImplementedError
