"""
API quota, storage and record counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.emulator.engine.org import Org


class Limits:
    """
    Counters of the org; each API call costs one of the daily quota.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self.used_calls = 0
        self.used_query_jobs = 0
        self.used_ingest_batches = 0

    def count_call(self) -> None:
        """
        Count one API call; raises REQUEST_LIMIT_EXCEEDED (403) beyond the quota.
        """
        raise NotImplementedError

    def header(self) -> str:
        """
        The value of `Sforce-Limit-Info`: `api-usage=n/m`.
        """
        raise NotImplementedError

    def count_ingest_batches(self, records: int) -> None:
        """
        Count the batches (one per 10,000) of an ingest job.
        """
        raise NotImplementedError

    def count_query_job(self) -> None:
        """
        Count one Bulk query job.
        """
        raise NotImplementedError
