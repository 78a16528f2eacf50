"""
Bulk API 2.0 ingest jobs: their states, their batches and their three result files.

A job waits in Open, is queued by UploadComplete, and runs in a background thread, with
up to four others beside it: batches of 10,000 rows, each in chunks of 200 rows that are
committed one by one.
Failed and Aborted keep what was committed; the rows behind it are unprocessed, so
success + failed + unprocessed is always the number of uploaded rows. Source: Bulk
API 2.0 guide, "How requests are processed" and the job reference.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
import weakref
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.bulk.columns import cell_problems, match_columns, row_values
from migrator.emulator.bulk.csv_text import (
    DELIMITERS,
    CsvRefused,
    check_csv,
    csv_rows,
    sound_rows,
)
from migrator.emulator.bulk.ingest_job import IngestJob
from migrator.emulator.bulk.refusals import (
    bad_state,
    check_ingest_body,
    check_version,
    external_id_of,
    job_error,
)
from migrator.emulator.bulk.results import (
    result_bytes,
    unprocessed_bytes,
    write_results,
)
from migrator.emulator.errors import SalesforceError, not_found
from migrator.emulator.org.background import Worker
from migrator.emulator.org.row_locks import Hold, RowLocks, lock_error
from migrator.emulator.records.dml import DmlCall, RowResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User
    from migrator.emulator.schema.schema import ObjectDef

__all__ = ["IngestJobs"]

BATCH_ROWS: Final = 10_000
CHUNK_ROWS: Final = 200
JOBS_AT_ONCE: Final = 5
MAX_RETRIES: Final = 20
_ABORT_WITHIN_S: Final = 10.0
MAX_UPLOAD_BYTES: Final = 100_000_000
_FINISHED: Final = frozenset({"JobComplete", "Failed", "Aborted"})


class IngestJobs:
    """
    The ingest jobs of an org. *latency_s* is how long each step lets clients wait,
    *close* removes their files; what is left open goes with the garbage.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs: dict[str, IngestJob] = {}
        self._worker = Worker("bulk-ingest")
        self._locks = RowLocks()
        self.folder = Path(tempfile.mkdtemp(prefix="emulator-bulk-"))
        self.close = weakref.finalize(
            self, shutil.rmtree, self.folder, ignore_errors=True
        )
        self.latency_s = 0.02

    def create(self, user: User, version: str, body: Mapping[str, Any]) -> IngestJob:
        """
        Open a new job for *body*, or refuse it.
        """
        check_ingest_body(body)
        with self._org.lock:
            target = self._target(user, str(body.get("object", "")))
            external = external_id_of(body, target)
        now = self._org.clock.now()
        job = IngestJob(
            id=self._org.ids.next("750"),
            user=user,
            version=version,
            operation=body["operation"],
            object_name=target.name,
            external_id_field=external,
            delimiter=body.get("columnDelimiter", "COMMA"),
            line_ending=body.get("lineEnding", "LF"),
            created=now,
            modified=now,
            folder=self.folder,
        )
        self._jobs[job.id] = job
        return job

    def _target(self, user: User, name: str) -> ObjectDef:
        target = self._org.schema.get(name)
        if target is None or not (
            target.setup or self._org.permissions.object_right(user, name).read
        ):
            raise job_error("INVALIDENTITY", f"Unable to find object: {name}")
        return target

    def all(self) -> list[IngestJob]:
        """
        Return all jobs, oldest first.
        """
        return list(self._jobs.values())

    def get(self, job_id: str, version: str) -> IngestJob:
        """
        Find one job (15 or 18 characters); 404 unknown, 409 under another API version.
        """
        found = [job for key, job in self._jobs.items() if key[:15] == job_id[:15]]
        if not found or len(job_id) not in {15, 18}:
            raise not_found()
        check_version(found[0].version, version)
        return found[0]

    def receive(self, job: IngestJob, data: Path) -> None:
        """
        Take the uploaded file *data* into an open job, once.
        """
        if job.state != "Open":
            raise bad_state(f"Upload is not allowed in state {job.state}")
        if job.upload.exists():
            raise job_error(
                "INVALIDJOB",
                f"Found multiple contents for job: <{job.id}>, please 'Close' / "
                "'Abort' / 'Delete' the current Job then create a new Job and make "
                "sure you only do 'PUT' once on a given Job.",
            )
        data.rename(job.upload)
        self._touch(job)

    def change_state(self, job: IngestJob, state: object) -> None:
        """
        Queue the job (`UploadComplete`) or stop it (`Aborted`).
        """
        if state == "UploadComplete" and job.state == "Open":
            job.state = "UploadComplete"
            self._worker.most = JOBS_AT_ONCE if self._org.faults.plan.locks else 1
            self._worker.submit(lambda: self._run(job))
        elif state == "Aborted" and job.state not in _FINISHED:
            job.abort_wanted = True
            if job.state == "InProgress":
                # The chunk under way is committed and its results are written.
                job.ended.wait(_ABORT_WITHIN_S)
            else:
                job.state = "Aborted"
        else:
            raise bad_state(f"Cannot change the state from {job.state} to {state}")
        self._touch(job)

    def delete(self, job: IngestJob) -> None:
        """
        Forget a job that no longer takes data and is not being processed.
        """
        if job.state not in _FINISHED | {"UploadComplete"}:
            raise bad_state(f"A job in state {job.state} cannot be deleted")
        self._jobs.pop(job.id, None)
        job.state = "Aborted"
        for path in self.folder.glob(f"{job.id}*"):
            path.unlink()

    def results(self, job: IngestJob, kind: str) -> Iterator[bytes]:
        """
        Stream the CSV of `success`, `failed` or `unprocessed` rows of a finished job.
        """
        if job.state not in _FINISHED:
            raise bad_state(f"Results are not available in state {job.state}")
        if kind == "unprocessed":
            return unprocessed_bytes(job)
        return result_bytes(job, kind)

    def _touch(self, job: IngestJob) -> None:
        job.modified = self._org.clock.now()

    def _run(self, job: IngestJob) -> None:
        latency = self._org.faults.plan.latency
        time.sleep(self.latency_s + latency.in_queue(job.id))
        if job.state != "UploadComplete":
            return
        job.state, job.started = "InProgress", time.monotonic()
        try:
            self._process(job)
            # The state comes last: who sees the end finds every result written.
            end = "Aborted" if job.abort_wanted else "JobComplete"
        except (CsvRefused, SalesforceError) as refusal:
            end = self._explain(job, refusal)
        except Exception as error:  # noqa: BLE001 - a job must end, whatever happens
            end = self._explain(job, error)
        job.total_ms = round((time.monotonic() - job.started) * 1000)
        self._touch(job)
        job.state = end
        job.ended.set()

    def _explain(self, job: IngestJob, error: Exception) -> str:
        """
        Put down why the job ended badly; the state it ends in.
        """
        if isinstance(error, CsvRefused):
            job.error_message = str(error)
        elif isinstance(error, SalesforceError):
            job.error_message = f"InvalidBatch : {error.message}"
        else:
            job.error_message = f"InternalServerError : {type(error).__name__}: {error}"
        return "Failed"

    def _process(self, job: IngestJob) -> None:
        if not job.upload.exists():
            raise CsvRefused("InvalidBatch : Records not found")
        mark = DELIMITERS[job.delimiter]
        check_csv(job.upload, mark, job.line_ending)
        # Read once through before the first row counts: what cannot be parsed
        # fails the job while nothing is committed yet.
        total = sum(1 for _ in csv_rows(job.upload, mark)) - 1
        rows = sound_rows(job.upload, mark)
        header = next(rows)
        with self._org.lock:
            job.columns = match_columns(self._org, job, header)
        job.call = self._call(job)
        job.total = total
        self._org.limits.count_ingest_batches(total)
        for number in range(-(-total // BATCH_ROWS)):
            batch = list(islice(rows, BATCH_ROWS))
            if not self._run_batch(job, number, batch):
                return

    def _call(self, job: IngestJob) -> DmlCall:
        operation = "delete" if job.operation == "hardDelete" else job.operation
        return DmlCall(
            self._org,
            job.user,
            operation,
            job.object_name,
            job.external_id_field,
            hold=Hold(self._locks, job.id) if self._org.faults.plan.locks else None,
        )

    def _run_batch(self, job: IngestJob, number: int, batch: list[list[str]]) -> bool:
        latency = self._org.faults.plan.latency
        time.sleep(self.latency_s)
        chunks = -(-len(batch) // CHUNK_ROWS)
        pause = latency.in_batch(job.id, number, len(batch)) / chunks
        kind = (job.object_name, job.operation)
        while self._org.faults.batch_fails(kind, number):
            job.retries += 1
            if job.retries > MAX_RETRIES:
                raise CsvRefused(f"InternalServerError : retries exceeded {job.id}")
        outcomes: list[tuple[list[str], RowResult]] = []
        try:
            for start in range(0, len(batch), CHUNK_ROWS):
                message = self._org.faults.job_failure(kind, job.processed)
                if message is not None:
                    raise CsvRefused(message)
                if job.abort_wanted:
                    return False
                outcomes += self._run_chunk(job, batch[start : start + CHUNK_ROWS])
                # What the chunk has locked stays locked meanwhile.
                time.sleep(pause)
        finally:
            with self._org.lock:
                self._locks.release(job.id)
            self._write_results(job, number, outcomes)
        return True

    def _run_chunk(
        self, job: IngestJob, chunk: list[list[str]]
    ) -> list[tuple[list[str], RowResult]]:
        began = time.monotonic()
        results = self._apply(job, chunk)
        job.active_ms += round((time.monotonic() - began) * 1000)
        job.processed += len(chunk)
        job.failed += sum(not result.success for result in results)
        return list(zip(chunk, results, strict=True))

    def _apply(self, job: IngestJob, chunk: list[list[str]]) -> list[RowResult]:
        assert job.call is not None
        rows = [row_values(job.columns, cells) for cells in chunk]
        problems = cell_problems(job.columns, chunk)
        results = {at: _refused(problem) for at, problem in problems.items()}
        for at in self._locked(job, rows):
            results.setdefault(at, _refused(lock_error()))
        left = [at for at in range(len(rows)) if at not in results]
        names = [column.key for column in job.columns]
        applied = job.call.apply_cells(names, [rows[at] for at in left])
        results.update(zip(left, applied, strict=True))
        return [results[at] for at in range(len(rows))]

    def _locked(self, job: IngestJob, rows: list[list[str | None]]) -> set[int]:
        """
        Find the rows that a configured fault locks.
        """
        names = [column.key for column in job.columns]
        kind = (job.object_name, job.operation)
        return self._org.faults.locked_rows(kind, names, rows, job.processed)

    def _write_results(
        self, job: IngestJob, number: int, outcomes: list[tuple[list[str], RowResult]]
    ) -> None:
        """
        Append a batch's rows, in an order that nobody may rely on.
        """
        random.Random(f"{job.id}-{number}").shuffle(outcomes)  # noqa: S311
        write_results(job, outcomes)


def _refused(error: SalesforceError) -> RowResult:
    return RowResult(id=None, success=False, errors=(error,))
