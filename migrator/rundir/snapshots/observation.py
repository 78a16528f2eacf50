"""
What records show about their columns: enough to choose a type, no record.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from migrator.model.records import Observed

MAX_DISTINCT_VALUES = 1_000
_BLANKS = " \t\n\r\x0b\x0c"
"""What the platform does not store around a text (see `rules.copy.convert`)."""


def observe(
    frames: Iterable[pl.DataFrame],
    columns: Sequence[str],
    picklists: Sequence[str] = (),
    uniques: abc.Mapping[str, bool] | None = None,
) -> dict[str, Observed]:
    """
    Return what *frames* show about each of *columns*, one of them in memory at a time.

    *picklists* and *uniques* as for `Extract.observe`.
    """
    found = {column: Observed() for column in columns}
    hashes: dict[str, list[pl.Series]] = {each: [] for each in uniques or {}}
    for frame in frames:
        row = frame.select(_facts(columns)).row(0, named=True)
        for column in columns:
            values = frame[column].drop_nulls() if column in picklists else None
            found[column] = _added(found[column], row, column, values)
        for column, parts in hashes.items():
            parts.append(_hashes(frame[column], exact=(uniques or {})[column]))
    return found | {
        column: replace(found[column], repeats=_repeats(parts))
        for column, parts in hashes.items()
    }


def _facts(columns: Sequence[str]) -> Iterator[pl.Expr]:
    """
    One row of figures for a frame; the names are (figure, column) joined by a colon.
    """
    for column in columns:
        text = pl.col(column).str.replace_all("\r\n|\r", "\n").str.strip_chars(_BLANKS)
        number = _number_groups(text)
        whole, fraction = number.struct.field("whole"), number.struct.field("fraction")
        shift = number.struct.field("exponent").cast(pl.Int64).fill_null(0)
        places = fraction.str.len_chars().cast(pl.Int64) - shift
        digits = pl.concat_str(whole, fraction)
        ends = digits.str.strip_chars_end("0").str.len_chars().cast(pl.Int64)
        zeros = digits.str.len_chars().cast(pl.Int64) - ends
        length = digits.str.strip_chars_start("0").str.len_chars().cast(pl.Int64)
        is_zero = ends == 0
        yield pl.len().alias(f"rows:{column}")
        yield (text.is_null() | (text == "")).sum().alias(f"blanks:{column}")
        yield text.str.len_chars().max().alias(f"length:{column}")
        yield pl.when(~is_zero).then(places - zeros).max().alias(f"scale:{column}")
        yield pl.when(~is_zero).then(length - places).max().alias(f"digits:{column}")
        yield text.str.contains("\n", literal=True).any().alias(f"breaks:{column}")


def _hashes(cells: pl.Series, *, exact: bool) -> pl.Series:
    """
    Return a number for each filled cell, the same for the same text.
    """
    text = cells.drop_nulls().str.strip_chars(_BLANKS)
    text = text.filter(text != "")
    return (text if exact else text.str.to_lowercase()).hash()


def _repeats(hashes: Sequence[pl.Series]) -> int:
    """
    How many of the *hashes* had been there before.
    """
    if not hashes:
        return 0
    every = pl.concat(list(hashes))
    return every.len() - every.n_unique()


def _number_groups(text: pl.Expr) -> pl.Expr:
    return text.str.extract_groups(
        r"^[+-]?(?<whole>[0-9]*)\.?(?<fraction>[0-9]*)(?:[eE](?<exponent>[+-]?[0-9]{1,3}))?$"
    )


def _added(
    found: Observed, row: dict[str, int | None], column: str, values: pl.Series | None
) -> Observed:
    """
    *found* with the figures of one more frame.
    """
    seen = set(found.values)
    if values is not None and len(seen) < MAX_DISTINCT_VALUES:
        seen |= set(values.unique().to_list())
    return Observed(
        rows=found.rows + (row[f"rows:{column}"] or 0),
        blanks=found.blanks + (row[f"blanks:{column}"] or 0),
        max_length=max(found.max_length, row[f"length:{column}"] or 0),
        max_scale=max(found.max_scale, row[f"scale:{column}"] or 0),
        max_integer_digits=max(found.max_integer_digits, row[f"digits:{column}"] or 0),
        has_line_breaks=found.has_line_breaks or bool(row[f"breaks:{column}"]),
        values=tuple(sorted(seen)[:MAX_DISTINCT_VALUES]),
    )
