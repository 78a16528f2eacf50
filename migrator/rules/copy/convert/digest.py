"""
A number for everything that is sent for a record, the same for the same cells.

Design note.

*Two numbers a record.* One for the values that a load file sets, one for the references
of the second pass; the one is sent without the other. Both hold the mapping's own
digest, so that nothing made by another mapping is taken for equal. Left out are what an
update cannot change (audit fields) and what changes with the clock: that is compared
with the day it was copied on.

*The same number from the other side.* What the org returns for a stored record gives
the same number when it is what we would send: numbers are compared digit by digit,
times in UTC, everything else as text. Where the platform spells a value in a way that
is not known here the numbers differ, and the record is sent once more: that is
harmless, the other way round would not be.

*Who computes it.* The hash of polars: of forty columns 1.0 us a record, where joining
the cells takes 2.6 us and BLAKE2 another 1.5 (measured; a whole copy takes 25 to 40).
It is promised for one version of polars only. So `method` says what it makes of a known
table; numbers of another method say nothing, and the stored records are read back.
"""

from __future__ import annotations

import functools
import hashlib
import struct
from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from migrator.model.job import DIGEST_BYTES, NO_LINKS
from migrator.model.kinds.table import Kind
from migrator.rules.copy.convert.columns import (
    AUDIT_FIELDS,
    Cell,
    Conversion,
    cells_of,
    deferred_cells,
)
from migrator.rules.copy.convert.numbers import number_text

DIGEST = "digest"
CLOCK = "clock"
"""The column with the digest of the values that read the clock."""
_SEED = 20261128


@functools.cache
def method() -> str:
    """
    Return a name for how digests are computed here, another one when they would differ.
    """
    texts = [None, *("ä€x" * (n // 3) + "y" * (n % 3) for n in range(300))]
    probe = pl.DataFrame({"a": texts, "b": texts[::-1], "c": [None] * len(texts)})
    found = probe.select(_hash(list(probe.columns), "probe")).to_series()
    spelled = ",".join(map(str, found.to_list()))
    return hashlib.sha256(spelled.encode("ascii")).hexdigest()[:16]


def value_digests(
    made: pl.DataFrame, conversion: Conversion, mapping: str
) -> pl.DataFrame:
    """
    Return the digest of each record of *made*, the load file's cells with null for
    null, by the mapping with the digest *mapping*; with `CLOCK` beside it where there
    is one.
    """
    cells = [each for each in cells_of(conversion) if each.column in made.columns]
    return _digests(_plain(made, cells), cells, mapping)


def stored_digests(
    frame: pl.DataFrame, conversion: Conversion, mapping: str
) -> pl.DataFrame:
    """
    Return the same of *frame*, stored records with `stored_columns`.
    """
    cells = cells_of(conversion)
    return _digests(_as_sent(frame, cells), cells, mapping)


def link_digests(
    made: pl.DataFrame, conversion: Conversion, mapping: str
) -> pl.DataFrame:
    """
    Return the digest of the deferred references of each record of *made*; `NO_LINKS`
    when it has none.
    """
    columns = sorted(cell.column for cell in deferred_cells(conversion))
    is_empty = pl.all_horizontal(pl.col(columns).is_null())
    none = pl.lit(int.from_bytes(NO_LINKS, "little"), dtype=pl.UInt64)
    found = pl.when(is_empty).then(none).otherwise(_hash(columns, mapping))
    return made.select(found.alias(DIGEST))


def stored_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Return the target's columns that `stored_digests` reads, under the load file's
    names.
    """
    return tuple(cell.column for cell in cells_of(conversion))


def linked_columns(conversion: Conversion) -> tuple[str, ...]:
    """
    Those that `link_digests` reads.
    """
    return tuple(cell.column for cell in deferred_cells(conversion))


def reads_clock(conversion: Conversion) -> bool:
    """
    Return True when some values change with nothing but the time.
    """
    return any(cell.entry.volatile for cell in cells_of(conversion))


def packed(digests: pl.Series) -> bytes:
    """
    *digests* as the journal keeps them.
    """
    return struct.pack(f"<{len(digests)}Q", *digests.to_list())


def unpacked(digests: bytes, records: int) -> pl.Series:
    """
    Return what `packed` made of *records* digests; all null when there are none.
    """
    if not digests:
        return pl.repeat(None, records, dtype=pl.UInt64, eager=True).alias(DIGEST)
    numbers = struct.unpack(f"<{len(digests) // DIGEST_BYTES}Q", digests)
    if len(numbers) == 1:
        return pl.repeat(numbers[0], records, dtype=pl.UInt64, eager=True).alias(DIGEST)
    return pl.Series(DIGEST, numbers, dtype=pl.UInt64)


def _digests(made: pl.DataFrame, cells: list[Cell], mapping: str) -> pl.DataFrame:
    steady = _names(x for x in cells if not x.entry.volatile)
    clock = _names(x for x in cells if x.entry.volatile)
    wanted = [_hash(steady, mapping).alias(DIGEST)]
    if clock:
        wanted.append(_hash(clock, mapping).alias(CLOCK))
    return made.select(wanted)


def _names(cells: Iterable[Cell]) -> list[str]:
    # By name: the order of the entries in the mapping changes no record.
    return sorted(x.column for x in cells if x.column not in AUDIT_FIELDS)


def _hash(columns: list[str], mapping: str) -> pl.Expr:
    cells = (pl.col(name) for name in columns)
    return pl.struct(pl.lit(mapping).alias("mapping:"), *cells).hash(seed=_SEED)


def _plain(made: pl.DataFrame, cells: list[Cell]) -> pl.DataFrame:
    """
    *made* with numbers in one spelling: a column in its usual state keeps a `.0`.
    """
    return made.with_columns(
        pl.col(cell.column).str.strip_suffix(".0")
        for cell in cells
        if cell.type.is_number
    )


def _as_sent(frame: pl.DataFrame, cells: list[Cell]) -> pl.DataFrame:
    named = [replace(cell, path=cell.column) for cell in cells]
    raw = frame.select(pl.col(cell.column).alias(f"in:{cell.column}") for cell in named)
    return raw.select(_spelled(cell).alias(cell.column) for cell in named)


def _spelled(cell: Cell) -> pl.Expr:
    kind = cell.type.kind
    if cell.type.is_number and not cell.is_reference:
        return number_text(cell)
    if kind is Kind.CHECKBOX:
        return cell.raw.str.to_lowercase()
    if kind is Kind.DATE_TIME:
        return cell.raw.str.replace(r"\+00:?00$", "Z")
    return cell.raw
