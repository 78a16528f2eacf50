"""
What the org has confirmed of a copy: jobs, records sent, records refused.

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

*What is known of a stored record* is the last turn of `sent` that names it: a digest of
everything that was sent for it, or that was found when it was read back. A turn is
written with its job, before the org hears of it, and says something only when the job
is confirmed; ids the org refused are struck out then. A job that was not confirmed may
have changed its records: nothing is known of them until they are read back or sent
again. `until` is the org's own time at which the job had ended: a record that carries a
later one was changed by somebody else, and nothing is known of it either.

*What may be taken back.* The same turns say which records were inserted. `unload`
removes these records and no other.

*Older journals.* Version 2 knew what was inserted and no digests: it is turned into
version 3 when it is opened, in one transaction, and every record is read back once.

No record value is ever written here: origin ids, counts, Salesforce's codes and words.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from migrator.errors import RunDirectoryError, Stopped
from migrator.model.job import (
    DIGEST_BYTES,
    NO_LINKS,
    Basis,
    JobEntry,
    Purpose,
    SentRecords,
    Stage,
)
from migrator.model.limits import ID_LENGTH
from migrator.model.names import ApiName
from migrator.model.records import Operation, RowFailure, UploadPart
from migrator.rundir.layout import PRIVATE_FILE, OrgState

JOURNAL_VERSION = 3
_CONVERTIBLE = 2
"""The older version that is turned into this one."""
_NO_BASIS = Basis()

_SENT = """
CREATE TABLE sent (
    turn INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL,
    entry INTEGER UNIQUE REFERENCES jobs (entry),
    origin_ids BLOB NOT NULL, digests BLOB, links BLOB,
    method TEXT NOT NULL, extract TEXT NOT NULL, until TEXT NOT NULL
);
CREATE INDEX sent_by_object ON sent (object, turn);
CREATE TABLE copied (
    object TEXT PRIMARY KEY, turn INTEGER NOT NULL
) WITHOUT ROWID;
"""
_TABLES = f"""
{_SENT}
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
CREATE TABLE failures (
    object TEXT NOT NULL, origin_id TEXT NOT NULL, purpose TEXT NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (object, origin_id, purpose)
) WITHOUT ROWID;
CREATE TABLE samples (
    object TEXT PRIMARY KEY, records INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE losses (
    object TEXT NOT NULL, field TEXT NOT NULL, agreed TEXT NOT NULL,
    cells INTEGER NOT NULL, PRIMARY KEY (object, field)
) WITHOUT ROWID;
"""
_FROM_2 = f"""
BEGIN;
{_SENT}
INSERT INTO sent (object, entry, origin_ids, digests, links, method, extract, until)
    SELECT object, entry, origin_ids, x'', x'', '', '', ''
    FROM inserted JOIN jobs USING (entry) ORDER BY entry;
DROP TABLE inserted;
DROP TABLE applied;
UPDATE setup SET version = 3;
COMMIT;
"""  # noqa: S608 - our own tables


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
        Return the journal itself.
        """
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Close the journal whatever happened.
        """
        self.close()

    def close(self) -> None:
        """
        Give the file and the lock back.
        """
        self._db.close()
        os.close(self._lock)

    # -- Jobs ---------------------------------------------------------------------

    def plan_job(
        self, part: UploadPart, purpose: Purpose, at: str, basis: Basis = _NO_BASIS
    ) -> int:
        """
        Return the entry of a job that is about to be created for *part*, made from
        *basis*.
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
            if part.origin_ids and purpose is not Purpose.UNLOAD:
                digests, links = _told(part, purpose)
                told = SentRecords(
                    origin_ids=part.origin_ids,
                    digests=digests,
                    links=links,
                    basis=basis,
                )
                self._write_turn(part.object, row.lastrowid, told)
        return row.lastrowid

    def record_job_created(self, entry: int, job_id: str) -> None:
        """
        Note the id that the org has given the job; nothing is uploaded yet.
        """
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = ?, job_id = ? WHERE entry = ?",
                (Stage.CREATED.value, job_id, entry),
            )

    def record_job_closed(self, entry: int) -> None:
        """
        Everything is uploaded and the org works on it.
        """
        self._move(entry, Stage.CLOSED)

    def abandon_job(self, entry: int) -> None:
        """
        Give the job up as a source: the stored records decide what to send.
        """
        self._move(entry, Stage.ABANDONED)

    def confirm_job(
        self,
        entry: JobEntry,
        refused: Iterable[RowFailure],
        unprocessed: int,
        not_stored: Collection[str] = (),
        until: str = "",
    ) -> None:
        """
        Confirm that the job's results have been read; *refused* are its failures,
        *not_stored* the origin ids of records that this job did not write. It had ended
        *until* then, by the org's clock.

        In one transaction with the failures, so that none is lost between the two.
        """
        rows = tuple(refused)
        with self._db:
            self._record_failures(rows, entry.purpose)
            self._strike_out(entry.entry, frozenset(not_stored))
            self._db.execute(
                "UPDATE sent SET until = ? WHERE entry = ?", (until, entry.entry)
            )
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

    def unfinished_jobs(self, target: ApiName) -> tuple[JobEntry, ...]:
        """
        Return the jobs for *target* of which the outcome is not known, oldest first.
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

    # -- What is known of stored records -------------------------------------------

    def sent_records(self, target: ApiName) -> Iterator[SentRecords]:
        """
        Yield what is known of the records of *target*, turn by turn, the oldest first.
        """
        rows = self._db.execute(
            # A job without id was sent nothing; REST calls have number 0 and no id.
            "SELECT turn, origin_ids, digests, links, method, extract, until,"
            " state IS NULL OR state = ? FROM sent LEFT JOIN jobs USING (entry)"
            " WHERE sent.object = ?"
            " AND (entry IS NULL OR job_id IS NOT NULL OR number = 0) ORDER BY turn",
            (Stage.CONFIRMED.value, target),
        )
        for turn, packed, digests, links, method, extract, until, is_certain in rows:
            yield SentRecords(
                turn=turn,
                origin_ids=_unpacked(packed),
                digests=_certain(digests, is_certain=is_certain),
                links=_certain(links, is_certain=is_certain),
                basis=Basis(method=method, extract=extract),
                until=until,
            )

    def has_sent(self, target: ApiName) -> bool:
        """
        Return True when something is known of records of *target*.
        """
        row = self._db.execute(
            "SELECT 1 FROM sent WHERE object = ? LIMIT 1", (target,)
        ).fetchone()
        return row is not None

    def has_inserted(self, target: ApiName) -> bool:
        """
        Return True when this migration has made records of *target*.
        """
        row = self._db.execute(
            "SELECT 1 FROM sent JOIN jobs USING (entry)"
            " WHERE sent.object = ? AND operation = ?"
            " AND (job_id IS NOT NULL OR number = 0) LIMIT 1",
            (target, Operation.INSERT.value),
        ).fetchone()
        return row is not None

    def last_turn(self, target: ApiName) -> int:
        """
        Return the newest turn that names records of *target*; 0 when there is none.
        """
        row = self._db.execute(
            "SELECT MAX(turn) FROM sent WHERE object = ?", (target,)
        ).fetchone()
        return int(row[0] or 0)

    def record_read(self, target: ApiName, records: SentRecords) -> None:
        """
        Write down what stored *records* of *target* were found to hold.
        """
        with self._db:
            self._write_turn(target, None, records)

    def doubt_records(self, target: ApiName, origin_ids: str) -> None:
        """
        Write down that nothing is known any more of these stored records of *target*.
        """
        nothing = SentRecords(origin_ids=origin_ids, digests=b"", links=b"")
        self.record_read(target, nothing)

    def doubt_object(self, target: ApiName) -> None:
        """
        Write down that nothing is known any more of any record of *target*.
        """
        with self._db:
            self._db.execute("UPDATE sent SET method = '' WHERE object = ?", (target,))

    def inserted_ids(self, target: ApiName) -> Iterator[str]:
        """
        Yield the origin ids of the records of *target* that this migration has made,
        joined, job by job.
        """
        rows = self._db.execute(
            "SELECT origin_ids FROM sent JOIN jobs USING (entry)"
            " WHERE sent.object = ? AND operation = ?"
            " AND (job_id IS NOT NULL OR number = 0)",
            (target, Operation.INSERT.value),
        )
        for (packed,) in rows:
            yield _unpacked(packed)

    def forget_records(self, target: ApiName) -> None:
        """
        Forgets every record of *target*, samples and refusals too: they are gone.
        """
        with self._db:
            for table in ("samples", "failures", "sent", "copied"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE object = ?",  # noqa: S608 - our own
                    (target,),
                )

    def record_kept_values(self, target: ApiName, turn: int) -> None:
        """
        Note that the values that read the clock are kept of every record up to *turn*.
        """
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO copied (object, turn) VALUES (?, ?)",
                (target, turn),
            )

    def kept_turn(self, target: ApiName) -> int:
        """
        Return the turn up to which `record_kept_values` was said; 0 when it was not.
        """
        row = self._db.execute(
            "SELECT turn FROM copied WHERE object = ?", (target,)
        ).fetchone()
        return int(row[0]) if row else 0

    # -- Records the org refused ---------------------------------------------------

    def record_failures(self, rows: Iterable[RowFailure], purpose: Purpose) -> None:
        """
        Record that the org refused *rows*; an older refusal of a record is replaced.
        """
        with self._db:
            self._record_failures(rows, purpose)

    def settle_records(
        self, target: ApiName, origin_ids: Iterable[str], purpose: Purpose
    ) -> None:
        """
        Record that were refused before have been accepted since.
        """
        with self._db:
            self._db.executemany(
                "DELETE FROM failures WHERE object = ? AND origin_id = ?"
                " AND purpose = ?",
                ((target, each, purpose.value) for each in origin_ids),
            )

    def forget_failures(self, target: ApiName, purpose: Purpose) -> None:
        """
        Forget old refusals of *target*: its records are about to be sent again.
        """
        with self._db:
            self._db.execute(
                "DELETE FROM failures WHERE object = ? AND purpose = ?",
                (target, purpose.value),
            )

    def failures(self, target: ApiName) -> tuple[RowFailure, ...]:
        """
        Return the records of *target* that the org refuses, by origin id.
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

    # -- Losses ------------------------------------------------------------------

    def record_losses(
        self, source: ApiName, losses: Iterable[tuple[str, str, int]]
    ) -> None:
        """
        Record the agreed losses of the object *source*: (field, what was agreed,
        cells).
        """
        with self._db:
            self._db.execute("DELETE FROM losses WHERE object = ?", (source,))
            self._db.executemany(
                "INSERT INTO losses (object, field, agreed, cells) VALUES (?, ?, ?, ?)",
                ((source, *each) for each in losses),
            )

    # -- Samples ---------------------------------------------------------------------

    def record_sample(self, target: ApiName, records: int) -> None:
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

    def _write_turn(
        self, target: ApiName, entry: int | None, records: SentRecords
    ) -> None:
        self._db.execute(
            "INSERT INTO sent (object, entry, origin_ids, digests, links, method,"
            " extract, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(target, entry, _packed(records.origin_ids)),
                *(records.digests, records.links),
                *(records.basis.method, records.basis.extract, records.until),
            ),
        )

    def _strike_out(self, entry: int, refused: frozenset[str]) -> None:
        if not refused:
            return
        row = self._db.execute(
            "SELECT origin_ids, digests, links FROM sent WHERE entry = ?", (entry,)
        ).fetchone()
        if not row:
            return
        ids = list(_each_id(_unpacked(row[0])))
        kept = [number for number, each in enumerate(ids) if each not in refused]
        self._db.execute(
            "UPDATE sent SET origin_ids = ?, digests = ?, links = ? WHERE entry = ?",
            (
                _packed("".join(ids[number] for number in kept)),
                *(_of_those(told, len(ids), kept) for told in row[1:]),
                entry,
            ),
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
        (version,) = self._db.execute("SELECT version FROM setup").fetchone()
        if version == _CONVERTIBLE:
            self._db.executescript(_FROM_2)
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


def _unpacked(packed: bytes) -> str:
    return zlib.decompress(packed).decode("ascii")


def _each_id(origin_ids: str) -> Iterator[str]:
    for start in range(0, len(origin_ids), ID_LENGTH):
        yield origin_ids[start : start + ID_LENGTH]


def _told(part: UploadPart, purpose: Purpose) -> tuple[bytes | None, bytes | None]:
    """
    Return what a job of *purpose* says about the values and about the links of its
    records.
    """
    if purpose is Purpose.LOAD:
        return part.digests, NO_LINKS
    if purpose is Purpose.RENEW:
        return part.digests, None
    if purpose is Purpose.LINK:
        return None, part.digests
    return b"", b""


def _certain(told: bytes | None, *, is_certain: bool) -> bytes | None:
    return b"" if told is not None and not is_certain else told


def _of_those(told: bytes | None, records: int, kept: Sequence[int]) -> bytes | None:
    """
    Return the digests of the *kept* ones of so many *records*; one for all stays as it
    is.
    """
    if told is None or len(told) != records * DIGEST_BYTES or records == 1:
        return told
    pieces = (told[n * DIGEST_BYTES : (n + 1) * DIGEST_BYTES] for n in kept)
    return b"".join(pieces)


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
