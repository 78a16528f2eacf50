"""
`copy`: the records into their new home, each exactly once.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapping_
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.model.verdict import Loss

if TYPE_CHECKING:
    from migrator.org.session import Org
    from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """
    What the operator has allowed on the command line.
    """

    execute: bool = False
    yes_production: str = ""
    """The org's name, typed by the operator; needed to write to production."""
    allow_unreviewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedObject:
    """
    What happened to the records of one object.
    """

    source: ApiName
    target: ApiName
    records: int
    """Source records."""
    inserted: int = 0
    updated: int = 0
    """Stale records and references filled by the second pass."""
    already_there: int = 0
    failed: int = 0
    losses: tuple[Loss, ...] = ()
    seconds: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOutcome:
    """
    The copy, object by object; without `execute` what would be sent.
    """

    executed: bool
    objects: tuple[CopiedObject, ...]
    findings: tuple[Finding, ...] = ()
    seconds: float = 0

    @property
    def failed(self) -> int:
        """
        Records that the org refused, over all objects.
        """
        return sum(each.failed for each in self.objects)


def copy(
    *,
    run: RunDirectory,
    org: Org,
    mapping: Mapping,
    migration: Migration,
    describes: Mapping_[ApiName, ObjectDescribe],
    permission: Permission,
    progress: Progress,
) -> CopyOutcome:
    """
    Every record of the mapped objects in its target object, each exactly once.
    """
    raise NotImplementedError
