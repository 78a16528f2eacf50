"""
What differs between the source records and their copies, cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from migrator.model.finding import Finding
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.verdict import Difference, ObjectVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    One object compared: its part of the verdict and every difference.
    """

    verdict: ObjectVerdict
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...] = ()


def source_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the source frame must have, `Id` first.
    """
    raise NotImplementedError


def target_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the target frame must have, `Id` and `Origin_Id__c` first.
    """
    raise NotImplementedError


def compare(
    source: pl.DataFrame,
    target: pl.DataFrame,
    mapped: MappedObject,
    mapping: Mapping,
    extract: pl.DataFrame | None = None,
) -> Comparison:
    """
    The differences between *source* and *target*, all columns text as received.
    """
    raise NotImplementedError
