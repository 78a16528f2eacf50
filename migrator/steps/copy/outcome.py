"""
What has become of a copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.finding import Finding
from migrator.model.names import ApiName
from migrator.model.row_rule import Excluded
from migrator.model.verdict import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedObject:
    """
    What happened to the records of one object, or would happen.
    """

    source: ApiName
    target: ApiName
    records: int
    """Source records, those aside that `rows:` leaves out."""
    inserted: int = 0
    updated: int = 0
    """Stored records that were stale."""
    linked: int = 0
    """Records whose reference had to wait for the second pass."""
    already_there: int = 0
    failed: int = 0
    losses: tuple[Loss, ...] = ()
    excluded: tuple[Excluded, ...] = ()
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
