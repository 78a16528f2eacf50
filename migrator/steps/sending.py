"""
One load file into the org: journaled, awaited, accounted for, retried where it helps.

The journal's design note (`rundir.journal`) has the states of a job; here is what moves
it from one to the next. Every record of a part ends in exactly one of three ways:
accepted, there already, or a failure in the journal. What the org does not account for
stops the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from migrator.errors import OrgUnreachable, Stopped
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.records import (
    JobInfo,
    JobState,
    Operation,
    RowFailure,
    UploadPart,
)
from migrator.rules.conversion import subset
from migrator.rundir.journal import JobEntry, Journal, Purpose, Stage

if TYPE_CHECKING:
    from migrator.org.collections import Row
    from migrator.org.session import Org

ROUNDS = 3
"""How often records are sent again that failed for no fault of their own."""
PAUSE_S = 0.5
"""The first pause before records are sent again; each further one is four times it."""
REST_ROWS = 200
CLOCKS_APART = timedelta(minutes=15)
"""How far the org's clock and ours may differ when jobs are looked up by time."""

_UNPROCESSED = "UNPROCESSED"
_PASSING = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"}
"""Codes of failures that a later attempt may not meet."""
_PASSING_WORDS = ("lock", "timeout", "timed out", "retried", "retries", "batch")
"""What a job's message says when the whole job may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """
    What became of records that were sent.
    """

    accepted: int = 0
    already_there: int = 0
    failed: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        """
        Both together.
        """
        return Delivered(
            accepted=self.accepted + other.accepted,
            already_there=self.already_there + other.already_there,
            failed=self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """
    The way into one target object.
    """

    org: Org
    journal: Journal
    target: ApiName
    note: Callable[[str], None]
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
        Ends the open jobs that were created when the answer, or we, got lost.

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
            self.journal.job_abandoned(entry.entry)

    def _settle(self, entry: JobEntry) -> None:
        info = self.org.bulk.job(entry.job_id)
        if info.state is JobState.OPEN:
            # The upload may be cut; the org has not looked at it.
            self.org.bulk.abort(entry.job_id)
            self.journal.job_abandoned(entry.entry)
            return
        self.note(f"{self.target}: going on with job {entry.job_id}")
        info = self.org.bulk.await_ingest(entry.job_id)
        self._confirm(entry, info)

    # -- Load files --------------------------------------------------------------------

    def deliver(self, part: UploadPart, purpose: Purpose) -> Delivered:
        """
        What became of the records of *part*; refused ones are in the journal.

        Records that met a lock, or that a failing job never reached, are sent again by
        themselves, at most `ROUNDS` times with growing pauses.
        """
        done = Delivered()
        for attempt in range(ROUNDS + 1):
            entry, info = self._run(part, purpose)
            rows = self._confirm(entry, info)
            again = _worth_another_try(rows, info) if attempt < ROUNDS else set()
            failed = [row for row in rows if row.origin_id not in again]
            done += self._judged(part.rows - len(again), failed, part, purpose)
            if not again:
                return done
            self.journal.records_settled(self.target, again, purpose)
            self.note(f"{self.target}: {len(again):,} records are sent once more")
            self.sleep(PAUSE_S * 4**attempt)
            part = subset(part, again)
        return done

    def _run(self, part: UploadPart, purpose: Purpose) -> tuple[JobEntry, JobInfo]:
        """
        A job for *part*, created, filled, closed and awaited.

        An upload whose answer was lost may be whole or not: that job is aborted, which
        the org allows as long as it is open, and another one takes its place once.
        """
        entry = self._created(part, purpose)
        try:
            self.org.bulk.upload(entry.job_id, part.content)
        except OrgUnreachable:
            self.org.bulk.abort(entry.job_id)
            self.journal.job_abandoned(entry.entry)
            entry = self._created(part, purpose)
            self.org.bulk.upload(entry.job_id, part.content)
        self.org.bulk.close_upload(entry.job_id)
        self.journal.job_closed(entry.entry)
        return entry, self.org.bulk.await_ingest(entry.job_id)

    def _created(self, part: UploadPart, purpose: Purpose) -> JobEntry:
        now = datetime.now(UTC).isoformat()
        number = self.journal.job_planned(part, purpose, now)
        key = ORIGIN_ID if part.operation is Operation.UPSERT else None
        job_id = self.org.bulk.create_ingest(self.target, part.operation, key)
        self.journal.job_created(number, job_id)
        return JobEntry(
            entry=number,
            object=self.target,
            operation=part.operation,
            purpose=purpose,
            stage=Stage.CREATED,
            job_id=job_id,
            records=part.rows,
            planned_at=now,
        )

    def _confirm(self, entry: JobEntry, info: JobInfo) -> list[RowFailure]:
        """
        The records a final job did not accept, accounted for and in the journal.
        """
        rows = self.org.bulk.failures(entry.job_id, self.target)
        self._require_all_accounted(entry, info, rows)
        refused = [row for row in rows if row.code != _UNPROCESSED]
        unprocessed = [
            _with_words(row, info) for row in rows if row.code == _UNPROCESSED
        ]
        settled = [row for row in refused if not _is_there(row, entry.operation)]
        self.journal.job_confirmed(entry, settled, len(unprocessed))
        self.journal.records_failed(unprocessed, entry.purpose)
        return [*refused, *unprocessed]

    def _require_all_accounted(
        self, entry: JobEntry, info: JobInfo, rows: Sequence[RowFailure]
    ) -> None:
        """
        Returns when success, failure and unprocessed add up to what was uploaded.
        """
        unprocessed = sum(row.code == _UNPROCESSED for row in rows)
        failed = len(rows) - unprocessed
        accounted = info.processed + unprocessed
        if accounted == entry.records and failed == info.failed:
            return
        # The next run must not wait for this job again: it asks what is stored.
        self.journal.job_abandoned(entry.entry)
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
        there = [row for row in rows if _is_there(row, part.operation)]
        failed = len(rows) - len(there)
        if there:
            ids = [row.origin_id for row in there]
            self.journal.records_settled(self.target, ids, purpose)
        return Delivered(
            accepted=records - len(rows), already_there=len(there), failed=failed
        )

    # -- What no load file can say -----------------------------------------------------

    def deliver_rows(
        self, rows: Sequence[Row], operation: Operation, purpose: Purpose
    ) -> Delivered:
        """
        The same for a few records through sObject Collections.
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
        done = Delivered()
        for attempt in range(ROUNDS + 1):
            refused = self._call(rows, operation)
            again = {row.origin_id for row in refused if row.code in _PASSING}
            if attempt == ROUNDS:
                again = set()
            failed = [row for row in refused if row.origin_id not in again]
            there = [row for row in failed if _is_there(row, operation)]
            lasting = [row for row in failed if row not in there]
            self.journal.records_failed(lasting, purpose)
            done += Delivered(
                accepted=len(rows) - len(refused),
                already_there=len(there),
                failed=len(lasting),
            )
            if not again:
                break
            self.sleep(PAUSE_S * 4**attempt)
            rows = [row for row in rows if row[ORIGIN_ID] in again]
        return done

    def _call(self, rows: Sequence[Row], operation: Operation) -> list[RowFailure]:
        if operation is Operation.INSERT:
            return self.org.collections.insert_rows(self.target, rows)
        return self.org.collections.upsert_rows(self.target, ORIGIN_ID, rows)


def _worth_another_try(rows: Iterable[RowFailure], info: JobInfo) -> Collection[str]:
    """
    The origin ids among *rows* that met a lock or were never looked at.
    """
    words = info.error_message.casefold()
    job_may_pass = not words or any(word in words for word in _PASSING_WORDS)
    return {
        row.origin_id
        for row in rows
        if row.code in _PASSING or (row.code == _UNPROCESSED and job_may_pass)
    }


def _with_words(row: RowFailure, info: JobInfo) -> RowFailure:
    """
    An unprocessed record with the message of the job that did not reach it.
    """
    message = info.error_message or row.message
    return replace(row, message=message)


def _is_there(row: RowFailure, operation: Operation) -> bool:
    """
    True when an insert was refused because the record has been inserted before.
    """
    is_duplicate = row.code == "DUPLICATE_VALUE" and ORIGIN_ID in row.message
    return operation is Operation.INSERT and is_duplicate
