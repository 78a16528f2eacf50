"""
API quota, storage and record counts.
"""

from __future__ import annotations

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.org.store import Store
from migrator.emulator.schema.schema import Schema

_RECORD_KB = 2
_BATCH = 10_000


class Limits:
    """
    Counters of the org; each API call costs one of the daily quota.

    The quota is *api_limit*, which a test may lower while the org runs.
    """

    def __init__(self, settings: OrgSettings, schema: Schema, store: Store) -> None:
        self._schema = schema
        self._store = store
        self._storage_mb = settings.storage_mb
        self.api_limit = settings.api_limit
        self.used_calls = 0
        self.used_query_jobs = 0
        self.used_ingest_batches = 0

    def count_call(self) -> None:
        """
        Count one API call; raises REQUEST_LIMIT_EXCEEDED (403) beyond the quota.
        """
        if self.used_calls >= self.api_limit:
            raise SalesforceError(
                "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403
            )
        self.used_calls += 1

    def header(self) -> str:
        """
        Write the value of `Sforce-Limit-Info`: `api-usage=n/m`.
        """
        return f"api-usage={self.used_calls}/{self.api_limit}"

    def count_ingest_batches(self, records: int) -> None:
        """
        Count the batches (one per 10,000) of an ingest job.
        """
        self.used_ingest_batches += -(-records // _BATCH)

    def count_query_job(self) -> None:
        """
        Count one Bulk query job.
        """
        self.used_query_jobs += 1

    def records(self) -> int:
        """
        Count the records that use up data storage: those of business objects.
        """
        return sum(
            self._store.count(each.name) for each in self._schema if not each.setup
        )

    def check_storage(self, more: int) -> None:
        """
        Raise STORAGE_LIMIT_EXCEEDED when *more* records do not fit.
        """
        allowed = self._storage_mb * 1024 // _RECORD_KB
        if self.records() + more > allowed:
            raise SalesforceError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")

    def _file_bytes(self) -> int:
        sizes = (("ContentVersion", "ContentSize"), ("Attachment", "BodyLength"))
        return sum(
            int(row[0] or 0)
            for name, field in sizes
            for row in self._store.connection.execute(
                f'SELECT SUM("{field}") FROM "{name}" WHERE "IsDeleted" = 0'
            )
        )

    def as_json(self) -> dict[str, dict[str, int]]:
        """
        Return the answer of `/limits`: name -> {Max, Remaining}.
        """
        storage = self._storage_mb
        used_mb = self.records() * _RECORD_KB // 1024
        figures = {
            "DailyApiRequests": (self.api_limit, self.used_calls),
            "DailyBulkApiBatches": (15_000, self.used_ingest_batches),
            "DailyBulkV2QueryJobs": (10_000, self.used_query_jobs),
            "DailyBulkV2QueryFileStorageMB": (976_562, 0),
            "DataStorageMB": (storage, used_mb),
            "FileStorageMB": (storage, self._file_bytes() // 1_048_576),
            "HourlyODataCallout": (1_000, 0),
            "SingleEmail": (15, 0),
        }
        return {
            name: {"Max": most, "Remaining": max(most - used, 0)}
            for name, (most, used) in figures.items()
        }
