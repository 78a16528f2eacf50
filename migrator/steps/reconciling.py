"""
Read both sides again and compare them: the evidence that every invoice was kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.progress import Progress
from migrator.model.verdict import Verdict

if TYPE_CHECKING:
    from migrator.org.session import Org
    from migrator.rundir.extract import Extract
    from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOutcome:
    """
    The verdict, and what a person should know besides it.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()


def reconcile(
    *,
    run: RunDirectory,
    org: Org,
    mapping: Mapping,
    migration: Migration,
    extract: Extract | None,
    progress: Progress,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ReconcileOutcome:
    """
    The comparison of every mapped cell in *org*, also written to `report/`.
    """
    raise NotImplementedError
