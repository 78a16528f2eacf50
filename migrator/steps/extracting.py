"""
`extract`: every readable field of every record, on disk, before anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.progress import Progress

if TYPE_CHECKING:
    from migrator.org.session import Org
    from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedObject:
    """
    What was read of one object.
    """

    object: ApiName
    records: int
    parts: int
    size: int
    """Bytes on disk."""
    seconds: float
    """0 when the object was already there from a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOutcome:
    """
    What was read, object by object.
    """

    objects: tuple[ExtractedObject, ...]
    findings: tuple[Finding, ...] = ()


def extract(
    *,
    run: RunDirectory,
    org: Org,
    migration: Migration,
    describes: Mapping[ApiName, ObjectDescribe],
    progress: Progress,
) -> ExtractOutcome:
    """
    Every record of the migrated objects, in `.migrator/<org id>/extract/`.

    *describes* are those of the migrated objects and of every object they reference.
    """
    raise NotImplementedError
