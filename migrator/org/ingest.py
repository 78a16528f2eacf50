"""
Bulk API 2.0 ingest jobs, step by step, so that a killed run can go on from a job's id.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from migrator.model.names import ApiName
from migrator.model.records import JobInfo, Operation, RowFailure


class IngestJobs:
    """
    The ingest half of `BulkClient`.
    """

    def create_ingest(
        self,
        object_name: ApiName,
        operation: Operation,
        external_id: ApiName | None = None,
    ) -> str:
        """
        The id of a new, open ingest job.

        Creating is not repeated after a lost answer: ask `find_jobs` first.
        """
        raise NotImplementedError

    def upload(self, job_id: str, content: bytes) -> None:
        """
        The job's one load file: UTF-8 CSV with LF.
        """
        raise NotImplementedError

    def close_upload(self, job_id: str) -> None:
        """
        Tell the org that the upload is complete; harmless when it already was.
        """
        raise NotImplementedError

    def abort(self, job_id: str) -> None:
        """
        Abandon a job; harmless when it has already ended.
        """
        raise NotImplementedError

    def job(self, job_id: str) -> JobInfo:
        """
        What the org says about an ingest job now.
        """
        raise NotImplementedError

    def await_ingest(
        self, job_id: str, on_progress: Callable[[JobInfo], None] | None = None
    ) -> JobInfo:
        """
        The job in its final state, JobComplete or not.
        """
        raise NotImplementedError

    def failures(self, job_id: str, object_name: ApiName) -> list[RowFailure]:
        """
        Every record the org refused, and every one it did not look at.
        """
        raise NotImplementedError

    def find_jobs(self, object_name: ApiName, since: datetime) -> list[JobInfo]:
        """
        This user's ingest jobs for *object_name* made at or after *since*.
        """
        raise NotImplementedError

    def find_open_jobs(self, object_name: ApiName) -> list[JobInfo]:
        """
        This user's ingest jobs for *object_name* that have not ended.
        """
        raise NotImplementedError
