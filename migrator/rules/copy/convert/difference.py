"""
What is still to be done for an object: the extract held against what the org stores.

An id takes 18 characters, of which the first three name the object and the last three
only restate the case of the others; the twelve between tell records apart. Kept
by themselves they cost polars 16 bytes a record, so that millions fit in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from migrator.model.mapping import ORIGIN_ID, FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.copy.convert.columns import Conversion
from migrator.rules.copy.convert.lookup import found_in

_KEY = "key"
_CHANGED = "changed"
_DIGEST = "digest"
KEY_START, KEY_LENGTH = 3, 12
"""The part of an id that tells the records of one object apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """
    The records of one target object, as far as loading needs to know them.
    """

    frame: pl.DataFrame
    """Key, time of the origin's last change, and which deferred references are set."""

    @property
    def records(self) -> int:
        """
        How many there are.
        """
        return self.frame.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """
    Which records of an extract have to be sent, by key.
    """

    missing: pl.Series
    """Not stored yet. Nulls when nothing is stored: then all records are meant."""
    stale: pl.Series
    """Stored, but made from an older state of the record or of the mapping."""
    unlinked: pl.Series
    """Stored, with a deferred reference that is set in the source only."""
    records: int
    """Records of the extract."""
    stored: int
    """Records of the target, whoever put them there."""
    surplus: int
    """Stored records that no record of the extract accounts for."""

    @property
    def already_there(self) -> int:
        """
        Records that are stored in the state they should be in.
        """
        return self.records - len(self.missing) - len(self.stale)

    def take(self, frame: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
        """
        Those records of *frame*, an extract's, that *keys* names.
        """
        if keys.is_empty():
            return frame.clear()
        if len(keys) == self.records:
            return frame
        return frame.filter(found_in(frame.select(_key("Id")).to_series(), keys))


def stored_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    The target's fields that `gathered` reads.
    """
    changed = _changed_entry(conversion)
    targets = [e.target for e in _deferred(conversion) if e.target]
    dates = [changed.target] if changed and changed.target else []
    return ("Id", ORIGIN_ID, *dates, *targets)


def compared_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    The source's columns that `compared` reads.
    """
    changed = _changed_entry(conversion)
    dates = [str(changed.source)] if changed else []
    return ("Id", *dates, *(str(entry.source) for entry in _deferred(conversion)))


def gathered(frames: Iterable[pl.DataFrame], conversion: Conversion) -> Stored:
    """
    The records of *frames*, which hold `stored_columns`, in little memory.
    """
    changed = _changed_entry(conversion)
    target = changed.target if changed else None
    columns = [_key(ORIGIN_ID).alias(_KEY), _instant(target).alias(_CHANGED)]
    columns += [
        pl.col(str(entry.target)).is_not_null().alias(str(entry.source))
        for entry in _deferred(conversion)
    ]
    parts = [frame.select(columns) for frame in frames]
    if not parts:
        empty = dict.fromkeys(stored_columns(conversion), pl.String)
        parts = [pl.DataFrame(schema=empty).select(columns)]
    return Stored(frame=pl.concat(parts))


def compared(
    frames: Iterable[pl.DataFrame],
    stored: Stored,
    conversion: Conversion,
    *,
    renew_all: bool = False,
) -> Pending:
    """
    What *frames*, an extract's, have that *stored* has not, or not in that state.

    With *renew_all* every stored record counts as stale: the mapping has changed.
    """
    entries = _deferred(conversion)
    changed = _changed_entry(conversion)
    source = changed.source if changed else None
    columns = [_key("Id").alias(_KEY), _instant(source).alias(_CHANGED)]
    columns += [pl.col(e.source).is_not_null().alias(e.source) for e in entries]
    if not stored.records:
        return _all_missing(sum(frame.height for frame in frames))
    wanted = pl.concat(frame.select(columns) for frame in frames)
    both = wanted.join(stored.frame, on=_KEY, how="inner", suffix=":stored")
    differs = pl.col(_CHANGED).ne_missing(pl.col(f"{_CHANGED}:stored"))
    stale = both.filter(pl.lit(value=True) if renew_all else differs)[_KEY]
    open_links = pl.any_horizontal(
        pl.lit(value=False),
        *(pl.col(e.source) & ~pl.col(f"{e.source}:stored") for e in entries),
    )
    return Pending(
        missing=wanted.join(stored.frame, on=_KEY, how="anti")[_KEY].sort(),
        stale=stale.sort(),
        unlinked=both.filter(open_links)[_KEY].sort(),
        records=wanted.height,
        stored=stored.records,
        surplus=stored.frame.join(wanted, on=_KEY, how="anti").height,
    )


def calculated_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The source's columns that change without anybody changing the record: frozen
    formulas and roll-ups, those that read the clock aside. Empty, or after Id.
    """
    paths = [
        str(entry.source)
        for entry in mapped.fields
        if entry.treatment is Treatment.FREEZE and not entry.volatile
    ]
    return ("Id", *paths) if paths else ()


def calculated(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """
    Key and digest of what *frames*, of `calculated_columns`, hold for each record.
    """
    return pl.concat(
        frame.select(
            _key("Id").alias(_KEY),
            pl.struct(pl.exclude("Id")).hash(seed=1).alias(_DIGEST),
        )
        for frame in frames
    )


def recalculated(now: pl.DataFrame, sent: pl.DataFrame) -> pl.Series:
    """
    The keys of records whose calculated values are others *now* than when *sent*.
    """
    both = now.join(sent, on=_KEY, suffix=":sent")
    return both.filter(pl.col(_DIGEST) != pl.col(f"{_DIGEST}:sent"))[_KEY]


def with_stale(pending: Pending, keys: pl.Series, stored: Stored) -> Pending:
    """
    *pending* with the stored records among *keys* counted as stale too.
    """
    more = keys.filter(found_in(keys, stored.frame[_KEY].sort()))
    stale = pl.concat([pending.stale, more]).unique().sort()
    return replace(pending, stale=stale)


def _all_missing(records: int) -> Pending:
    """
    All of an extract, counted and not named: `take` needs no key to pick everything.
    """
    none = pl.Series(dtype=pl.String)
    return Pending(
        missing=pl.repeat(None, records, dtype=pl.Null, eager=True),
        stale=none,
        unlinked=none,
        records=records,
        stored=0,
        surplus=0,
    )


def _deferred(conversion: Conversion) -> tuple[FieldMapping, ...]:
    return tuple(
        entry
        for entry in conversion.mapped.parents
        if entry.source in conversion.deferred
    )


def _changed_entry(conversion: Conversion) -> FieldMapping | None:
    entry = conversion.mapped.entry(ApiName("LastModifiedDate"))
    return entry if entry is not None and entry.target else None


def _key(column: str) -> pl.Expr:
    return pl.col(column).str.slice(KEY_START, KEY_LENGTH)


def _instant(column: str | None) -> pl.Expr:
    """
    A date-time in milliseconds; a target keeps no fraction it was not given.
    """
    if column is None:
        return pl.lit(None, dtype=pl.Int64)
    text = pl.col(column).str.replace(r"(?:Z|\+00:?00)$", "")
    return text.str.to_datetime(time_unit="ms", strict=False).dt.timestamp("ms")
