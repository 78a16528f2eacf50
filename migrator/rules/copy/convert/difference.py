"""
What is still to be done for an object: what the extract wants, held against what the
org stores and what is known of it, one range of ids after the other.

An id takes 18 characters, of which the first three name the object and the last three
only restate the case of the others; the twelve between tell records apart. Kept
by themselves they cost polars 16 bytes a record.

A record is *there* only when it is stored, has not been changed since it was last sent
or read, and the digest of what was sent or read then is the one that is wanted now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

import polars as pl

from migrator.model.job import SentRecords
from migrator.model.mapping import ORIGIN_ID
from migrator.rules.copy.convert.digest import CLOCK, DIGEST, packed, unpacked
from migrator.rules.copy.convert.lookup import found_in

KEY = "key"
ROW = "row"
"""The column with a record's place in the extract."""
MARK = "mark"
CHANGED = "changed"
UNTIL = "until"
KEY_START, KEY_LENGTH = 3, 12
"""The part of an id that tells the records of one object apart."""
MODSTAMP = "SystemModstamp"
STORED = (str(ORIGIN_ID), MODSTAMP)
"""What is asked about every stored record."""
TURN = "turn"
_SAYS = "says"
_CHANGED_SINCE = "changed_since"
_KNOWN, _READ = ":known", ":read"
_ID = "id"
_ID_LENGTH = 18
_SECOND = 1_000


class Mark(IntEnum):
    """
    What a record of the extract is waiting for.
    """

    NOTHING = 0
    """It is no part of this run."""
    MISSING = 1
    """It is not stored yet."""
    STALE = 2
    """What is stored is something else than what is wanted."""
    UNKNOWN = 3
    """It is stored, and nobody can say what: it has to be read back."""
    THERE = 4
    """It is stored as it is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """
    What the records of an extract are waiting for.
    """

    marks: pl.Series | None
    """One `Mark` a record, in the order of the extract. None: all are missing."""
    records: int
    """Records of the extract."""
    stored: int = 0
    """Records of the target, whoever put them there."""
    surplus: int = 0
    """Stored records that no record of the extract accounts for."""

    def count(self, mark: Mark) -> int:
        """
        How many records have *mark*.
        """
        if self.marks is None:
            return self.records if mark is Mark.MISSING else 0
        return int((self.marks == mark).sum())

    def only(self, *wanted: Mark) -> pl.Series | None:
        """
        Return the marks with everything but *wanted* put to nothing; None when all are
        wanted.
        """
        if self.marks is None:
            return None
        is_wanted = self.marks.is_in(list(wanted))
        return self.marks.zip_with(is_wanted, pl.zeros(1, pl.UInt8, eager=True))

    def take(self, frame: pl.DataFrame, mark: Mark) -> pl.DataFrame:
        """
        Return the records of *frame* that have *mark*, which `only` has put beside
        them.
        """
        if self.marks is None:
            return frame if mark is Mark.MISSING else frame.clear()
        return frame.filter(pl.col(MARK) == mark).drop(MARK)


def pending(records: int, ranges: Iterable[Judged]) -> Pending:
    """
    Return what all of an extract's *records* are waiting for, as judged range by range.
    """
    marks = pl.zeros(records, dtype=pl.UInt8, eager=True).alias(MARK)
    stored = surplus = 0
    for each in ranges:
        marks = marks.scatter(each.marks[ROW], each.marks[MARK])
        stored += each.stored
        surplus += each.surplus
    return Pending(marks=marks, records=records, stored=stored, surplus=surplus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    The records of one range of ids.
    """

    marks: pl.DataFrame
    """`ROW` and `MARK` of each record that is wanted."""
    unknown: pl.Series
    """The ids of those that have to be read back."""
    doubted: str
    """The ids of stored records that somebody else has changed, joined."""
    stored: int
    """Stored records, whoever put them there."""
    surplus: int
    """Those that no wanted record accounts for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """
    Stored records that were read back.
    """

    ids: str
    digests: bytes
    until: str
    """The newest change of any of them, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """
    The frames of one range of ids; each may come in pieces.
    """

    wanted: Sequence[pl.DataFrame]
    """As of `wanted_records`."""
    stored: Sequence[pl.DataFrame]
    """As of `stored_records`."""
    known: Sequence[pl.DataFrame]
    """As of `known_records`, in the order of the turns."""
    read: Sequence[pl.DataFrame] = ()
    """As of `read_records`."""


def keys_of(ids: pl.Series) -> pl.Series:
    """
    Return the keys of *ids*.
    """
    return ids.str.slice(KEY_START, KEY_LENGTH).alias(KEY)


def with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """
    *frame*, which holds `Id`, with the keys of its records.
    """
    return frame.with_columns(keys_of(frame["Id"]))


def wanted_records(
    ids: pl.Series, digests: pl.DataFrame, first_row: int
) -> pl.DataFrame:
    """
    Return what records of the extract should be: their *ids*, the *digests* of what is
    sent for them, and their rows from *first_row* on.
    """
    return digests.with_columns(
        ids.alias(_ID),
        ids.str.slice(KEY_START, KEY_LENGTH).alias(KEY),
        (pl.int_range(pl.len(), dtype=pl.UInt32) + first_row).alias(ROW),
    )


def stored_records(frame: pl.DataFrame) -> pl.DataFrame:
    """
    Key and time of change of the stored records of *frame*, which holds `STORED`.
    """
    return frame.select(
        _key(ORIGIN_ID).alias(KEY),
        pl.col(ORIGIN_ID).alias(_ID),
        _instant(MODSTAMP).alias(CHANGED),
    )


def read_records(frame: pl.DataFrame, digests: pl.DataFrame) -> pl.DataFrame:
    """
    Return stored records of *frame*, which holds `STORED`, with the *digests* of their
    cells.
    """
    return stored_records(frame).with_columns(digests.get_columns())


def worth_noting(read: pl.DataFrame, wanted: Sequence[pl.DataFrame]) -> ReadBack:
    """
    Return what of *read*, as of `read_records`, the journal may keep.

    Where values that read the clock are not those that are *wanted*, nothing: whose day
    they are of is not known, and the record is sent again.
    """
    told = read
    if CLOCK in read.columns:
        told = read.join(pl.concat(wanted), on=[KEY, CLOCK], how="semi")
    newest = told[CHANGED].max()
    assert newest is None or isinstance(newest, int)
    return ReadBack(
        ids="".join(told[_ID].to_list()),
        digests=packed(told[DIGEST]),
        until=datetime.fromtimestamp((newest or 0) / 1_000, UTC).isoformat(),
    )


def known_records(sent: SentRecords, *, links: bool, is_usable: bool) -> pl.DataFrame:
    """
    Return what one turn of the journal says of each of its records: of the values, or
    of the *links*. Nothing is known by a turn that is not usable.
    """
    ids = sent.origin_ids
    keys = [
        ids[at + KEY_START : at + KEY_START + KEY_LENGTH]
        for at in range(0, len(ids), _ID_LENGTH)
    ]
    told = sent.links if links else sent.digests
    until = _milliseconds(sent.until)
    return pl.DataFrame(
        {
            KEY: pl.Series(keys, dtype=pl.String),
            DIGEST: unpacked(told if told and is_usable else b"", len(keys)),
        }
    ).with_columns(
        pl.lit(told is not None, dtype=pl.Boolean).alias(_SAYS),
        pl.lit(until, dtype=pl.Int64).alias(UNTIL),
        pl.lit(sent.turn, dtype=pl.Int64).alias(TURN),
    )


def judged(sides: Sides, sample: pl.Series | None = None) -> Judged:
    """
    Return what each record of one range is waiting for; of a *sample*, keys in their
    order, only its records.
    """
    wanted = pl.concat(sides.wanted) if sides.wanted else _nothing_wanted()
    stored = pl.concat([_nothing_stored(), *sides.stored])
    known = latest(sides.known)
    surplus = stored.join(wanted, on=KEY, how="anti").height
    if sample is not None:
        wanted = wanted.filter(found_in(wanted[KEY], sample))
    held = stored.join(known, on=KEY, how="left", suffix=_KNOWN)
    held = held.with_columns(_is_changed().alias(_CHANGED_SINCE))
    both = wanted.join(held, on=KEY, how="left", suffix=_KNOWN)
    mark = (
        pl.when(pl.col(CHANGED).is_null())
        .then(Mark.MISSING)
        .when(pl.col(f"{DIGEST}{_KNOWN}").is_null() | pl.col(_CHANGED_SINCE))
        .then(Mark.UNKNOWN)
        .when(pl.col(DIGEST) == pl.col(f"{DIGEST}{_KNOWN}"))
        .then(Mark.THERE)
        .otherwise(Mark.STALE)
    )
    if sides.read:
        read = pl.concat(sides.read).unique(KEY, keep="any")
        both = both.join(read, on=KEY, how="left", suffix=_READ)
        told = pl.when(_is_read_equal(read)).then(Mark.THERE).otherwise(Mark.STALE)
        was_read = pl.col(f"{DIGEST}{_READ}").is_not_null()
        mark = pl.when(was_read & (mark == Mark.UNKNOWN)).then(told).otherwise(mark)
    # Whatever is known of them, values and links: somebody else may have changed both.
    doubted = held.filter(pl.col(TURN).is_not_null() & pl.col(_CHANGED_SINCE))[_ID]
    marked = both.select(ROW, _ID, mark.cast(pl.UInt8).alias(MARK))
    unknown = marked.filter(pl.col(MARK) == Mark.UNKNOWN)[_ID]
    return Judged(
        marks=marked.select(ROW, MARK),
        unknown=unknown,
        doubted="".join(doubted.to_list()),
        stored=stored.height,
        surplus=surplus,
    )


def latest(known: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """
    Return the last word of the turns *known* on each record, in `DIGEST`; `UNTIL` when
    nobody but us has changed it.
    """
    words = pl.concat([_nothing_known(), *known])
    until = words.group_by(KEY).agg(pl.col(UNTIL).max(), pl.col(TURN).max())
    last = last_words(known)
    return until.join(last.select(KEY, DIGEST), on=KEY, how="left")


def last_words(known: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """
    Of the turns *known* the last one that says something, record by record.
    """
    words = pl.concat([_nothing_known(), *known])
    return words.filter(_SAYS).unique(KEY, keep="last", maintain_order=True)


def _is_changed() -> pl.Expr:
    """
    Return True where somebody has changed a stored record since it was last sent or
    read.

    The org's times have whole seconds.
    """
    changed = pl.col(CHANGED) // _SECOND > pl.col(UNTIL) // _SECOND
    return changed.fill_null(value=True)


def _is_read_equal(read: pl.DataFrame) -> pl.Expr:
    equal = pl.col(DIGEST) == pl.col(f"{DIGEST}{_READ}")
    if CLOCK in read.columns:
        equal &= pl.col(CLOCK) == pl.col(f"{CLOCK}{_READ}")
    return equal


def _nothing_wanted() -> pl.DataFrame:
    schema = {DIGEST: pl.UInt64, CLOCK: pl.UInt64, _ID: pl.String, KEY: pl.String}
    return pl.DataFrame(schema=schema | {ROW: pl.UInt32})


def _nothing_stored() -> pl.DataFrame:
    return pl.DataFrame(schema={KEY: pl.String, _ID: pl.String, CHANGED: pl.Int64})


def _nothing_known() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            KEY: pl.String,
            DIGEST: pl.UInt64,
            _SAYS: pl.Boolean,
            UNTIL: pl.Int64,
            TURN: pl.Int64,
        }
    )


def _key(column: str) -> pl.Expr:
    return pl.col(column).str.slice(KEY_START, KEY_LENGTH)


def _instant(column: str) -> pl.Expr:
    """
    Return a time of the org in milliseconds; the beginning of time where it cannot be
    read.
    """
    text = pl.col(column).str.replace(r"(?:Z|\+00:?00)$", "")
    moment = text.str.to_datetime(time_unit="ms", strict=False)
    return moment.dt.timestamp("ms").fill_null(0)


def _milliseconds(instant: str) -> int | None:
    try:
        return int(datetime.fromisoformat(instant).timestamp() * 1_000)
    except ValueError:
        return None  # not said: whatever is stored counts as changed since
