"""
The cells and records that a repair sends again, as rows for sObject Collections.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Collection, Sequence

import polars as pl

from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.names import ApiName
from migrator.rules.copy.convert.cells import NULL, convert
from migrator.rules.copy.convert.columns import Conversion, cells_of, reference_column

_THEN = "then"


def mending_rows(
    frame: pl.DataFrame, conversion: Conversion
) -> dict[str, dict[str, str | None]]:
    """
    Return the records of *frame*, an extract's columns, by id: load column to its text,
    None for null.
    """
    references = {cell.column for cell in cells_of(conversion) if cell.is_reference}
    converted = convert(frame, conversion, check=False)
    usual = converted.frame.with_columns(
        pl.when(pl.col(name) != ("" if name in references else NULL))
        .then(pl.col(name))
        .alias(name)
        for name in converted.frame.columns
    )
    rows = [*usual.to_dicts(), *converted.rest_rows.to_dicts()]
    return {str(row[ORIGIN_ID]): row for row in rows}


def sent_columns(mapped: MappedObject, fields: Collection[ApiName]) -> frozenset[str]:
    """
    Return the load columns that fill the target *fields* of *mapped*.
    """
    references = {e.target: reference_column(e) for e in mapped.parents}
    return frozenset(references.get(name, str(name)) for name in fields)


def chosen_cells(
    rows: abc.Mapping[str, abc.Mapping[str, str | None]],
    wanted: abc.Mapping[str, Collection[str]],
) -> list[dict[str, str | None]]:
    """
    Of each record in *wanted* its origin id and the columns named there.
    """
    return [
        {
            column: text
            for column, text in rows[origin_id].items()
            if column == ORIGIN_ID or column in columns
        }
        for origin_id, columns in wanted.items()
        if origin_id in rows
    ]


def as_extracted(
    frame: pl.DataFrame, extract: pl.DataFrame, paths: Sequence[str]
) -> pl.DataFrame:
    """
    *frame* with the values of *paths* that *extract* has for the same records.

    For formulas that read the clock: their copies hold what the extract held.
    """
    known = extract.select("Id", *paths).with_columns(pl.lit(value=True).alias(_THEN))
    both = frame.join(
        known, on="Id", how="left", suffix=f":{_THEN}", maintain_order="left"
    )
    return both.with_columns(
        pl.when(pl.col(_THEN))
        .then(pl.col(f"{path}:{_THEN}"))
        .otherwise(pl.col(path))
        .alias(path)
        for path in paths
    ).select(frame.columns)


def with_ids(known: pl.Series, more: Collection[str]) -> pl.Series:
    """
    Return the ids in *known* and in *more*, sorted.
    """
    added = pl.Series(known.name, sorted(more), pl.String)
    return pl.concat([known, added]).unique().sort()
