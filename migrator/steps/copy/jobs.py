"""
One load file into the org: journaled, awaited, accounted for, retried where it helps.

The journal's design note (`rundir.journal`) has the states of a job; here is what moves
it from one to the next. Every record of a part ends in exactly one of three ways:
accepted, met by an insert, or a failure in the journal. What the org does not account
for stops the run.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from migrator.errors import OrgRefused, OrgUnreachable, Stopped
from migrator.model.job import Basis, JobEntry, Purpose, Stage
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.records import (
    UNPROCESSED,
    JobInfo,
    JobState,
    Operation,
    RowFailure,
    UploadPart,
)
from migrator.rules.copy.convert import subset
from migrator.rules.copy.retry import is_there, may_pass, with_words, worth_another_try
from migrator.rundir.journal import Journal

if TYPE_CHECKING:
    from migrator.org.collections import Row
    from migrator.org.session import Org

ROUNDS = 3
"""How often records are sent again that failed for no fault of their own."""
PAUSE_S = 0.5
"""The first pause before records are sent again; each further one is four times it."""
REST_ROWS = 200
_FORGOTTEN = {"NOT_FOUND", "INVALIDJOB"}
"""Jobs and their results live seven days (Bulk API 2.0 guide, "Limits")."""
CLOCKS_APART = timedelta(minutes=15)
"""How far the org's clock and ours may differ when jobs are looked up by time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """
    What became of records that were sent.
    """

    accepted: int = 0
    met: int = 0
    """An insert found them stored: what they hold is another question."""
    failed: int = 0

    @property
    def records(self) -> int:
        """
        All of them.
        """
        return self.accepted + self.met + self.failed

    def __add__(self, other: Delivered) -> Delivered:
        """
        Both together.
        """
        return Delivered(
            accepted=self.accepted + other.accepted,
            met=self.met + other.met,
            failed=self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """
    A load file on its way.
    """

    part: UploadPart
    purpose: Purpose
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class _Running:
    """
    A closed job that the org works on.
    """

    sent: Consignment
    entry: JobEntry
    since: float
    """When it was closed, on the monotonic clock."""

    def expected_s(self, pace_s: float) -> float:
        """
        How much longer it takes when a record takes *pace_s*.
        """
        return self.since + pace_s * self.entry.records - time.monotonic()

    def pace_s(self) -> float:
        """
        Return what a record of it has taken, when it has just ended.
        """
        return (time.monotonic() - self.since) / max(1, self.entry.records)


_NO_BASIS = Basis()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """
    The way into one target object.
    """

    org: Org
    journal: Journal
    target: ApiName
    note: Callable[[str], None]
    basis: Basis = _NO_BASIS
    """What its records are made from."""
    sleep: Callable[[float], None] = time.sleep

    # -- Jobs of an earlier run --------------------------------------------------------

    def settle_unfinished(self) -> int:
        """
        How many jobs of a killed run were taken over, awaited or aborted.
        """
        entries = self.journal.unfinished_jobs(self.target)
        if any(entry.stage is Stage.PLANNED for entry in entries):
            self._abort_unnamed(entries)
        for entry in entries:
            if entry.stage is not Stage.PLANNED:
                self._settle(entry)
        return len(entries)

    def _abort_unnamed(self, entries: Sequence[JobEntry]) -> None:
        """
        End the open jobs that were created when the answer, or we, got lost.

        Nothing is uploaded before a job's id is in the journal, so an open job that the
        journal does not know has no content.
        """
        planned = [e for e in entries if e.stage is Stage.PLANNED]
        since = min(datetime.fromisoformat(e.planned_at) for e in planned)
        known = self.journal.job_ids(self.target)
        for info in self.org.bulk.find_jobs(self.target, since - CLOCKS_APART):
            if info.state is JobState.OPEN and info.id not in known:
                self.org.bulk.abort(info.id)
        for entry in planned:
            self.journal.abandon_job(entry.entry)

    def _settle(self, entry: JobEntry) -> None:
        """
        Take over one job; one that the org has forgotten, with its results, tells
        nothing: what is stored is asked.
        """
        try:
            self._take_over(entry)
        except OrgRefused as refusal:
            if refusal.code not in _FORGOTTEN:
                raise
            self.note(
                f"{self.target}: the org no longer knows job {entry.job_id}: "
                "it is asked what is stored"
            )
            self.journal.abandon_job(entry.entry)

    def _take_over(self, entry: JobEntry) -> None:
        info = self.org.bulk.job(entry.job_id)
        if info.state is JobState.OPEN:
            # The upload may be cut; the org has not looked at it.
            self.org.bulk.abort(entry.job_id)
            self.journal.abandon_job(entry.entry)
            return
        self.note(f"{self.target}: going on with job {entry.job_id}")
        info = self.org.bulk.await_ingest(entry.job_id)
        self._confirm(entry, info)

    # -- Load files --------------------------------------------------------------------

    def deliver(
        self, consignments: Iterable[Consignment]
    ) -> Iterator[tuple[Consignment, Delivered]]:
        """
        Yield what became of the records of each of *consignments*; refused ones are in
        the journal.

        While the org works on one job the next part is made and uploaded, and closed
        when that job has ended: one job at a time works on an object, and none waits
        for us. Records that met a lock, or that a failing job never reached, are sent
        again by themselves, at most `ROUNDS` times with growing pauses.
        """
        source = iter(consignments)
        again: deque[Consignment] = deque()
        running: _Running | None = None
        pace_s = 0.0
        while True:
            sent = again.popleft() if again else next(source, None)
            entry = self._uploaded(sent) if sent else None
            if running:
                answers: list[JobInfo] = []
                info = self.org.bulk.await_ingest(
                    running.entry.job_id,
                    answers.append,
                    expected_s=running.expected_s(pace_s),
                )
                # A job that had ended before it was asked for was quicker than that.
                pace_s = running.pace_s() / (2 if len(answers) == 1 else 1)
            if entry:
                self._close(entry)
            closed = time.monotonic()
            if running:
                done, rest = self._concluded(running, info)
                _remove(running.sent.part)
                if rest:
                    again.append(rest)
                yield running.sent, done
            running = _Running(sent, entry, closed) if sent and entry else None
            if not running and not again:
                return

    def _concluded(
        self, running: _Running, info: JobInfo
    ) -> tuple[Delivered, Consignment | None]:
        """
        Return what became of the records of an ended job, and those to be sent once
        more.
        """
        sent = running.sent
        rows = self._confirm(running.entry, info)
        again = worth_another_try(rows, info) if sent.attempt < ROUNDS else frozenset()
        failed = [row for row in rows if row.origin_id not in again]
        part, purpose = sent.part, sent.purpose
        done = self._judged(part.rows - len(again), failed, part, purpose)
        if not again:
            return done, None
        self.journal.settle_records(self.target, again, purpose)
        self.note(f"{self.target}: {len(again):,} records are sent once more")
        fewer = subset(part, _load_file(part), again)
        return done, replace(sent, part=fewer, attempt=sent.attempt + 1)

    def _uploaded(self, sent: Consignment) -> JobEntry:
        """
        Return a job that holds the part and waits to be closed.

        A create whose answer was lost may have made a job: the org is asked for jobs
        that the journal does not know, and they are aborted. An upload whose answer was
        lost may be whole or not: its job is aborted, which the org allows as long as it
        is open. Then another one takes its place, at most `ROUNDS` times.
        """
        if sent.attempt:
            self.sleep(PAUSE_S * 4 ** (sent.attempt - 1))
        for attempt in range(ROUNDS):
            try:
                return self._tried(sent.part, sent.purpose)
            except OrgUnreachable:
                self.sleep(PAUSE_S * 4**attempt)
                self._settle_unclosed()
        return self._tried(sent.part, sent.purpose)

    def _tried(self, part: UploadPart, purpose: Purpose) -> JobEntry:
        entry = self._created(part, purpose)
        self.org.bulk.upload(entry.job_id, part.content)
        return entry

    def _settle_unclosed(self) -> None:
        """
        Abandons the jobs that were not closed: no record of theirs has been looked at.
        """
        entries = self.journal.unfinished_jobs(self.target)
        if any(entry.stage is Stage.PLANNED for entry in entries):
            self._abort_unnamed(entries)
        for entry in entries:
            if entry.stage is Stage.CREATED:
                self.org.bulk.abort(entry.job_id)
                self.journal.abandon_job(entry.entry)

    def _close(self, entry: JobEntry) -> None:
        self.org.bulk.close_upload(entry.job_id)
        self.journal.record_job_closed(entry.entry)

    def _created(self, part: UploadPart, purpose: Purpose) -> JobEntry:
        now = datetime.now(UTC).isoformat()
        number = self.journal.plan_job(part, purpose, now, self.basis)
        key = ORIGIN_ID if part.operation is Operation.UPSERT else None
        job_id = self.org.bulk.create_ingest(
            self.target, part.operation, key, records=part.rows
        )
        self.journal.record_job_created(number, job_id)
        planned = _planned(number, part, purpose, now)
        return replace(planned, stage=Stage.CREATED, job_id=job_id)

    def _confirm(self, entry: JobEntry, info: JobInfo) -> list[RowFailure]:
        """
        Return the records a final job did not accept, accounted for and in the journal.
        """
        rows = self.org.bulk.failures(entry.job_id, self.target)
        self._require_all_accounted(entry, info, rows)
        refused = [row for row in rows if row.code != UNPROCESSED]
        unprocessed = [with_words(row, info) for row in rows if row.code == UNPROCESSED]
        settled = [row for row in refused if not is_there(row, entry.operation)]
        not_stored = {row.origin_id for row in rows}
        self.journal.confirm_job(
            entry, settled, len(unprocessed), not_stored, until=info.changed_at
        )
        self.journal.record_failures(unprocessed, entry.purpose)
        return [*refused, *unprocessed]

    def _require_all_accounted(
        self, entry: JobEntry, info: JobInfo, rows: Sequence[RowFailure]
    ) -> None:
        """
        Return when success, failure and unprocessed add up to what was uploaded.
        """
        unprocessed = sum(row.code == UNPROCESSED for row in rows)
        failed = len(rows) - unprocessed
        accounted = info.processed + unprocessed
        if accounted == entry.records and failed == info.failed:
            return
        # The next run must not wait for this job again: it asks what is stored.
        self.journal.abandon_job(entry.entry)
        raise Stopped(
            f"{self.target}: job {entry.job_id} ({info.state}) had {entry.records:,} "
            f"records, and the org accounts for {accounted:,}: {info.processed:,} "
            f"processed, {info.failed:,} of them refused ({failed:,} listed), "
            f"{unprocessed:,} not looked at",
            hint="run the same command again: what is missing is asked from the org",
        )

    def _judged(
        self,
        records: int,
        rows: Sequence[RowFailure],
        part: UploadPart,
        purpose: Purpose,
    ) -> Delivered:
        there = [row for row in rows if is_there(row, part.operation)]
        failed = len(rows) - len(there)
        if there:
            ids = [row.origin_id for row in there]
            self.journal.settle_records(self.target, ids, purpose)
        return Delivered(accepted=records - len(rows), met=len(there), failed=failed)

    # -- What no load file can say -----------------------------------------------------

    def deliver_rows(
        self, rows: Sequence[Row], operation: Operation, purpose: Purpose
    ) -> Delivered:
        """
        Return the same for a few records through sObject Collections.
        """
        done = Delivered()
        for start in range(0, len(rows), REST_ROWS):
            done += self._deliver_call(
                rows[start : start + REST_ROWS], operation, purpose
            )
        return done

    def _deliver_call(
        self, rows: Sequence[Row], operation: Operation, purpose: Purpose
    ) -> Delivered:
        entry = self._rows_planned(rows, operation, purpose)
        done = Delivered()
        not_stored: set[str] = set()
        lasting: list[RowFailure] = []
        for attempt in range(ROUNDS + 1):
            refused = self._call(rows, operation)
            again = {row.origin_id for row in refused if may_pass(row)}
            if attempt == ROUNDS:
                again = set()
            failed = [row for row in refused if row.origin_id not in again]
            there = [row for row in failed if is_there(row, operation)]
            not_stored |= {row.origin_id for row in failed}
            lasting += [row for row in failed if row not in there]
            done += Delivered(accepted=len(rows) - len(refused), met=len(there))
            if not again:
                break
            self.sleep(PAUSE_S * 4**attempt)
            rows = [row for row in rows if row[ORIGIN_ID] in again]
        self.journal.confirm_job(entry, lasting, 0, not_stored)
        return done + Delivered(failed=len(lasting))

    def _rows_planned(
        self, rows: Sequence[Row], operation: Operation, purpose: Purpose
    ) -> JobEntry:
        """
        Return a call in the journal, before it is made; it has no job id.
        """
        ids = [str(row[ORIGIN_ID]) for row in rows]
        part = UploadPart(
            object=self.target,
            operation=operation,
            number=0,
            rows=len(rows),
            content=b"",
            first_id=ids[0],
            last_id=ids[-1],
            origin_ids="".join(ids),
        )
        now = datetime.now(UTC).isoformat()
        number = self.journal.plan_job(part, purpose, now)
        return _planned(number, part, purpose, now)

    def _call(self, rows: Sequence[Row], operation: Operation) -> list[RowFailure]:
        if operation is Operation.INSERT:
            return self.org.collections.insert_rows(self.target, rows)
        return self.org.collections.upsert_rows(self.target, ORIGIN_ID, rows)


def _load_file(part: UploadPart) -> bytes:
    content = part.content
    return content if isinstance(content, bytes) else content.read_bytes()


def _remove(part: UploadPart) -> None:
    """
    Take the load file of *part*, which has been dealt with, off the disk.
    """
    if not isinstance(part.content, bytes):
        part.content.unlink(missing_ok=True)


def _planned(number: int, part: UploadPart, purpose: Purpose, now: str) -> JobEntry:
    return JobEntry(
        entry=number,
        object=part.object,
        operation=part.operation,
        purpose=purpose,
        stage=Stage.PLANNED,
        job_id="",
        records=part.rows,
        planned_at=now,
    )
