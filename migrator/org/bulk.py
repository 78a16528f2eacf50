"""
Bulk API 2.0: query jobs whose pages are checked, and (with `ingest`) ingest jobs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from migrator.model.records import JobInfo
from migrator.org.ingest import IngestJobs


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """
    One page of a query's result.
    """

    frame: pl.DataFrame
    """Every column String, named as asked; an empty cell is null."""
    records: int
    """As the org announced and the frame holds."""
    size: int
    """Bytes of the page's CSV."""


class BulkClient(IngestJobs):
    """
    Bulk API 2.0 jobs, each drivable from its id alone.
    """

    def start_query(self, soql: str) -> str:
        """
        The id of a new query job for *soql*, which has no ORDER BY and no LIMIT.
        """
        raise NotImplementedError

    def await_query(self, job_id: str) -> JobInfo:
        """
        The query job when its result is ready.
        """
        raise NotImplementedError

    def result_pages(
        self, job_id: str, columns: Sequence[str], *, max_records: int = 50_000
    ) -> Iterator[ResultPage]:
        """
        The pages of a finished query job, each checked against its announcement.
        """
        raise NotImplementedError

    def delete_query(self, job_id: str) -> None:
        """
        Drop a query job and its result; failing to is no error.
        """
        raise NotImplementedError

    def query_frames(
        self, soql: str, columns: Sequence[str], *, max_records: int = 50_000
    ) -> Iterator[ResultPage]:
        """
        Start, await, read and drop one query job.
        """
        raise NotImplementedError
