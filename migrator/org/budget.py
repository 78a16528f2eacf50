"""
The org's daily allowances, and where a run stops before it eats what others need.

API calls are counted by every reply (`Sforce-Limit-Info`), query jobs and batches by
`/limits`, asked once and counted on from there. Allowances cover the last 24 hours, so
what this run has used comes back a day after it was used (REST API guide, "Limits").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from migrator.errors import OrgRefused, Stopped
from migrator.org.rest import RestClient

RESERVE_SHARE = 0.05
"""The part of every allowance that is left to the org's other users."""
CALLS_A_STEP = 25
"""API calls that a part or a query takes, from its creation to its results."""
BATCH_RECORDS = 10_000
_DAY = timedelta(hours=24)
_CALLS = "DailyApiRequests"
_NAMES = {
    _CALLS: "API calls",
    "DailyBulkV2QueryJobs": "Bulk query jobs",
    "DailyBulkApiBatches": "Bulk batches",
}


@dataclass(slots=True)
class _Allowance:
    limit: int
    remaining: int


@dataclass(slots=True)
class Budget:
    """
    What is left of the allowances of the org behind *rest*.
    """

    rest: RestClient
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _known: dict[str, _Allowance] | None = None

    def spend_query(self) -> None:
        """
        Count a query job that is about to be created; Stopped when none is left.
        """
        self._spend("DailyBulkV2QueryJobs", 1)

    def spend_load(self, records: int) -> None:
        """
        Count an ingest job of *records*; Stopped when its batches are not left.
        """
        self._spend("DailyBulkApiBatches", max(1, -(-records // BATCH_RECORDS)))

    def _spend(self, name: str, wanted: int) -> None:
        self._require_calls()
        if self._known is None:
            self._known = self._asked()
            self._require_calls()
        allowance = self._known.get(name)
        if allowance is not None:
            self._require(name, allowance, wanted)
            allowance.remaining -= wanted

    def _require_calls(self) -> None:
        usage = self.rest.usage
        if usage is not None:
            left = _Allowance(usage.limit, usage.remaining)
            self._require(_CALLS, left, CALLS_A_STEP)

    def _require(self, name: str, allowance: _Allowance, wanted: int) -> None:
        reserve = int(allowance.limit * RESERVE_SHARE)
        if allowance.remaining - wanted >= reserve:
            return
        again = (self.started + _DAY).strftime("%Y-%m-%d %H:%M UTC")
        raise Stopped(
            f"the org has {allowance.remaining:,} of {allowance.limit:,} "
            f"{_NAMES[name]} left for 24 hours, and {reserve:,} are left to its other "
            "users",
            hint=f"run the same command again from {again} on, when what this run has "
            "used counts no more, or as soon as others' use of today has passed; it "
            "goes on where it stopped",
        )

    def _asked(self) -> dict[str, _Allowance]:
        """
        Return what `/limits` says; nothing where the user may not ask.
        """
        try:
            told: dict[str, Any] = self.rest.get("limits").object()
        except OrgRefused:
            return {}
        return {
            name: _Allowance(int(told[name]["Max"]), int(told[name]["Remaining"]))
            for name in _NAMES
            if name in told
        }
