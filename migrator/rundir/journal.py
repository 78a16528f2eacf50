"""
What the org has confirmed of a copy: jobs, records refused, mappings applied.

Design note.

*One file, one writer.* `journal.sqlite` belongs to one org, one migration and one
journal version (the one-row table `setup`); anything else is refused with both named.
A run holds an exclusive lock on the file `lock` beside it for as long as the journal
is open, so a second run on the same directory is refused with the first one's process
id. The lock dies with the process. SQLite writes ahead (WAL) and syncs on every commit
(`synchronous=FULL`): what a method has recorded when it returns survives a power cut.

*The life of a job.* One row for each ingest job, written before the org hears of it:

    planned    about to create it; no job id yet
    created    the org gave an id; not one byte has been uploaded
    closed     everything is uploaded and the upload is closed
    confirmed  results read: succeeded + failed + unprocessed = rows; refusals recorded
    abandoned  aborted, never created, or not accounted for: the stored records decide

*What a crash leaves*, and what the next run does about it:

    planned    the org may hold an open job without content: it is aborted there, the
               row is abandoned
    created    the upload may be missing, cut or complete, but the org does not touch
               records before the upload is closed: the job is asked for, and aborted
               when it is still open; else it is awaited
    closed     the job is awaited and its results read, as if nothing had happened
    confirmed  nothing to do

*What may be sent twice.* Every record: `Origin_Id__c` is unique, and before anything
is sent the stored ids are read from the org. The journal saves work and explains
failures; it never decides that a record exists. Losing it costs time, not records.

*What may be taken back.* `inserted` has the origin ids that each insert was sent with,
written before the org hears of them; ids the org refused are struck out when the job is
confirmed. `unload` removes these records and no other.

No record value is ever written here: origin ids, counts, Salesforce's codes and words.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from migrator.errors import RunDirectoryError, Stopped
from migrator.model.job import JobEntry, Purpose, Stage
from migrator.model.limits import ID_LENGTH
from migrator.model.names import ApiName
from migrator.model.records import Operation, RowFailure, UploadPart
from migrator.rundir.layout import PRIVATE_FILE, OrgState

JOURNAL_VERSION = 2

_TABLES = """
CREATE TABLE setup (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL, org_id TEXT NOT NULL, migration_id TEXT NOT NULL
);
CREATE TABLE jobs (
    entry INTEGER PRIMARY KEY, object TEXT NOT NULL, operation TEXT NOT NULL,
    purpose TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
    job_id TEXT UNIQUE, records INTEGER NOT NULL,
    first_id TEXT NOT NULL, last_id TEXT NOT NULL, planned_at TEXT NOT NULL,
    succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    unprocessed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (object, state);
CREATE TABLE inserted (
    entry INTEGER PRIMARY KEY REFERENCES jobs (entry), origin_ids BLOB NOT NULL
);
CREATE TABLE failures (
    object TEXT NOT NULL, origin_id TEXT NOT NULL, purpose TEXT NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (object, origin_id, purpose)
) WITHOUT ROWID;
CREATE TABLE applied (
    object TEXT PRIMARY KEY, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE samples (
    object TEXT PRIMARY KEY, records INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE losses (
    object TEXT NOT NULL, field TEXT NOT NULL, agreed TEXT NOT NULL,
    cells INTEGER NOT NULL, PRIMARY KEY (object, field)
) WITHOUT ROWID;
"""


class Journal:
    """
    The journal of one org's copy; a context manager that holds the lock.
    """

    def __init__(self, state: OrgState, *, org_id: str, migration_id: str) -> None:
        state.make()
        self._lock = _take_lock(state.lock)
        try:
            self._db = _connect(state.journal)
            self._set_up(state.journal, org_id, migration_id)
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        """
        The journal itself.
        """
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Closes the journal whatever happened.
        """
        self.close()

    def close(self) -> None:
        """
        Gives the file and the lock back.
        """
        self._db.close()
        os.close(self._lock)

    # -- Jobs ---------------------------------------------------------------------

    def job_planned(self, part: UploadPart, purpose: Purpose, at: str) -> int:
        """
        The entry of a job that is about to be created for *part*.
        """
        with self._db:
            row = self._db.execute(
                "INSERT INTO jobs (object, operation, purpose, number, state, records,"
                " first_id, last_id, planned_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(part.object, part.operation.value, purpose.value, part.number),
                    *(Stage.PLANNED.value, part.rows, part.first_id, part.last_id, at),
                ),
            )
            assert row.lastrowid is not None
            if part.operation is Operation.INSERT:
                self._db.execute(
                    "INSERT INTO inserted (entry, origin_ids) VALUES (?, ?)",
                    (row.lastrowid, _packed(part.origin_ids)),
                )
        return row.lastrowid

    def job_created(self, entry: int, job_id: str) -> None:
        """
        The org has given the job its id; nothing is uploaded yet.
        """
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = ?, job_id = ? WHERE entry = ?",
                (Stage.CREATED.value, job_id, entry),
            )

    def job_closed(self, entry: int) -> None:
        """
        Everything is uploaded and the org works on it.
        """
        self._move(entry, Stage.CLOSED)

    def job_abandoned(self, entry: int) -> None:
        """
        The job is no source of knowledge: the stored records decide what to send.
        """
        self._move(entry, Stage.ABANDONED)

    def job_confirmed(
        self,
        entry: JobEntry,
        refused: Iterable[RowFailure],
        unprocessed: int,
        not_stored: Collection[str] = (),
    ) -> None:
        """
        The job's results have been read; *refused* are its failures, *not_stored* the
        origin ids of records that this job did not make.

        In one transaction with the failures, so that none is lost between the two.
        """
        rows = tuple(refused)
        with self._db:
            self._record_failures(rows, entry.purpose)
            self._strike_out(entry.entry, frozenset(not_stored))
            self._db.execute(
                "UPDATE jobs SET state = ?, succeeded = ?, failed = ?, unprocessed = ?"
                " WHERE entry = ?",
                (
                    Stage.CONFIRMED.value,
                    entry.records - len(rows) - unprocessed,
                    len(rows),
                    unprocessed,
                    entry.entry,
                ),
            )

    def inserted_ids(self, target: ApiName) -> frozenset[str]:
        """
        The origin ids of the records of *target* that this migration has made.
        """
        rows = self._db.execute(
            # A job without id was sent nothing; REST calls have number 0 and no id.
            "SELECT origin_ids FROM inserted JOIN jobs USING (entry)"
            " WHERE object = ? AND (job_id IS NOT NULL OR number = 0)",
            (target,),
        )
        return frozenset(each for (packed,) in rows for each in _unpacked(packed))

    def inserts_forgotten(self, target: ApiName) -> None:
        """
        The records of *target* that this migration had made are gone, samples too.
        """
        with self._db:
            self._db.execute("DELETE FROM samples WHERE object = ?", (target,))
            self._db.execute("DELETE FROM failures WHERE object = ?", (target,))
            self._db.execute(
                "DELETE FROM inserted WHERE entry IN"
                " (SELECT entry FROM jobs WHERE object = ?)",
                (target,),
            )

    def unfinished_jobs(self, target: ApiName) -> tuple[JobEntry, ...]:
        """
        The jobs for *target* of which the outcome is not known, oldest first.
        """
        rows = self._db.execute(
            "SELECT entry, object, operation, purpose, state, job_id, records,"
            " planned_at FROM jobs WHERE object = ? AND state IN (?, ?, ?)"
            " ORDER BY entry",
            (target, Stage.PLANNED.value, Stage.CREATED.value, Stage.CLOSED.value),
        )
        return tuple(_job_entry(row) for row in rows)

    def job_ids(self, target: ApiName) -> frozenset[str]:
        """
        Every job id ever recorded for *target*.
        """
        rows = self._db.execute(
            "SELECT job_id FROM jobs WHERE object = ? AND job_id IS NOT NULL", (target,)
        )
        return frozenset(row[0] for row in rows)

    # -- Records the org refused ---------------------------------------------------

    def records_failed(self, rows: Iterable[RowFailure], purpose: Purpose) -> None:
        """
        The org refused *rows*; an older refusal of the same record is replaced.
        """
        with self._db:
            self._record_failures(rows, purpose)

    def records_settled(
        self, target: ApiName, origin_ids: Iterable[str], purpose: Purpose
    ) -> None:
        """
        Records that were refused before have been accepted since.
        """
        with self._db:
            self._db.executemany(
                "DELETE FROM failures WHERE object = ? AND origin_id = ?"
                " AND purpose = ?",
                ((target, each, purpose.value) for each in origin_ids),
            )

    def failures_forgotten(self, target: ApiName, purpose: Purpose) -> None:
        """
        The records of *target* are about to be sent again: old refusals are void.
        """
        with self._db:
            self._db.execute(
                "DELETE FROM failures WHERE object = ? AND purpose = ?",
                (target, purpose.value),
            )

    def failures(self, target: ApiName) -> tuple[RowFailure, ...]:
        """
        The records of *target* that the org refuses, by origin id.
        """
        rows = self._db.execute(
            "SELECT origin_id, code, message, fields FROM failures WHERE object = ?"
            " ORDER BY origin_id, purpose",
            (target,),
        )
        return tuple(
            RowFailure(
                object=target,
                origin_id=origin_id,
                code=code,
                message=message,
                fields=tuple(ApiName(name) for name in fields.split()),
            )
            for origin_id, code, message, fields in rows
        )

    # -- Mapping and losses ----------------------------------------------------------

    def mapping_applied(self, target: ApiName, digest: str) -> None:
        """
        Every stored record of *target* was made by the mapping with this *digest*.
        """
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO applied (object, digest) VALUES (?, ?)",
                (target, digest),
            )

    def applied_mapping(self, target: ApiName) -> str:
        """
        The digest of the mapping that made *target*'s records; empty when unknown.
        """
        row = self._db.execute(
            "SELECT digest FROM applied WHERE object = ?", (target,)
        ).fetchone()
        return str(row[0]) if row else ""

    def cells_lost(
        self, source: ApiName, losses: Iterable[tuple[str, str, int]]
    ) -> None:
        """
        The agreed losses of the object *source*: (field, what was agreed, cells).
        """
        with self._db:
            self._db.execute("DELETE FROM losses WHERE object = ?", (source,))
            self._db.executemany(
                "INSERT INTO losses (object, field, agreed, cells) VALUES (?, ?, ?, ?)",
                ((source, *each) for each in losses),
            )

    # -- Samples ---------------------------------------------------------------------

    def sample_taken(self, target: ApiName, records: int) -> None:
        """
        Of *target* a sample of *records* is sent, and nothing else.
        """
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO samples (object, records) VALUES (?, ?)",
                (target, records),
            )

    @property
    def samples(self) -> frozenset[ApiName]:
        """
        The target objects that hold a sample.
        """
        rows = self._db.execute("SELECT object FROM samples")
        return frozenset(ApiName(name) for (name,) in rows)

    # -- Inside ----------------------------------------------------------------------

    def _move(self, entry: int, stage: Stage) -> None:
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = ? WHERE entry = ?", (stage.value, entry)
            )

    def _strike_out(self, entry: int, not_stored: frozenset[str]) -> None:
        if not not_stored:
            return
        row = self._db.execute(
            "SELECT origin_ids FROM inserted WHERE entry = ?", (entry,)
        ).fetchone()
        if row:
            kept = "".join(x for x in _unpacked(row[0]) if x not in not_stored)
            self._db.execute(
                "UPDATE inserted SET origin_ids = ? WHERE entry = ?",
                (_packed(kept), entry),
            )

    def _record_failures(self, rows: Iterable[RowFailure], purpose: Purpose) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO failures"
            " (object, origin_id, purpose, code, message, fields)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (*_key(row, purpose), row.code, row.message, " ".join(row.fields))
                for row in rows
            ),
        )

    def _set_up(self, path: Path, org_id: str, migration_id: str) -> None:
        known = self._db.execute(
            "SELECT name FROM sqlite_master WHERE name = 'setup'"
        ).fetchone()
        if not known:
            # One script, one transaction: a journal without its setup row is new.
            self._db.executescript(f"BEGIN; {_TABLES}")
            self._db.execute(
                "INSERT INTO setup VALUES (1, ?, ?, ?)",
                (JOURNAL_VERSION, org_id, migration_id),
            )
            self._db.commit()
            return
        row = self._db.execute(
            "SELECT version, org_id, migration_id FROM setup"
        ).fetchone()
        _refuse_other(path, "journal version", row[0], JOURNAL_VERSION)
        _refuse_other(path, "org", row[1], org_id)
        _refuse_other(path, "migration", row[2], migration_id)


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
    path.chmod(PRIVATE_FILE)
    db = sqlite3.connect(path)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    except sqlite3.DatabaseError as error:
        db.close()
        raise RunDirectoryError(
            f"{path} is no journal: {error}",
            hint="move it away: the next copy asks the org what is already there",
        ) from error
    return db


def _take_lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        raise Stopped(
            f"another run (process {holder or 'unknown'}) is writing to {path.parent}",
            hint="wait until it has ended, then run the same command again",
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
    return handle


def _packed(origin_ids: str) -> bytes:
    return zlib.compress(origin_ids.encode("ascii"), 1)


def _unpacked(packed: bytes) -> Iterator[str]:
    text = zlib.decompress(packed).decode("ascii")
    for start in range(0, len(text), ID_LENGTH):
        yield text[start : start + ID_LENGTH]


def _refuse_other(path: Path, what: str, found: object, expected: object) -> None:
    if found != expected:
        raise RunDirectoryError(
            f"{path} belongs to {what} {found}, this run is for {what} {expected}",
            hint="use the directory and program version the copy was begun with, or "
            "move the journal away: the org knows what is already copied",
        )


def _job_entry(row: tuple[int, str, str, str, str, str | None, int, str]) -> JobEntry:
    entry, target, operation, purpose, stage, job_id, records, planned_at = row
    return JobEntry(
        entry=entry,
        object=ApiName(target),
        operation=Operation(operation),
        purpose=Purpose(purpose),
        stage=Stage(stage),
        job_id=job_id or "",
        records=records,
        planned_at=planned_at,
    )


def _key(row: RowFailure, purpose: Purpose) -> tuple[str, str, str]:
    return row.object, row.origin_id, purpose.value
