"""
Rows of a Parquet file as the texts that a CSV file would have.

The one place in the emulator that knows polars: nothing but a file format is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

__all__ = ["PolarsError", "parquet_rows"]

_AT_ONCE = 20_000


def parquet_rows(path: Path) -> Iterator[list[str]]:
    """
    Yield the column names, then each row; null is the empty text, times are UTC.
    """
    frame = pl.scan_parquet(path)
    schema = frame.collect_schema()
    yield schema.names()
    texts = frame.select(_text(name, kind) for name, kind in schema.items())
    for start in range(0, frame.select(pl.len()).collect().item(), _AT_ONCE):
        for row in texts.slice(start, _AT_ONCE).collect().iter_rows():
            yield list(row)


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        if kind.time_zone:
            column = column.dt.convert_time_zone("UTC")
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return column.cast(pl.String).fill_null("")
