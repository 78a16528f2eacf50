"""
Which source record belongs to which copy, and which have no partner or too many.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.verdict import Damage, Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """
    Which source record belongs to which target record.
    """

    ids: pl.Series
    source_rows: pl.Series
    target_rows: pl.Series
    differences: tuple[Difference, ...]
    """Records without a partner, or with too many."""


def pair_records(
    source: pl.DataFrame, target: pl.DataFrame, mapped: MappedObject
) -> Pairs:
    """
    Return the records joined on source id and `Origin_Id__c`, and those that cannot be.

    Of several copies the one with the lowest id is compared; each other one is named.
    """
    theirs = target.select(id=pl.col(ORIGIN_ID).replace("", None), own=pl.col("Id"))
    theirs = theirs.with_row_index("t").sort("own", "t")
    known = theirs.drop_nulls("id")
    first = known.unique("id", keep="first", maintain_order=True)
    mine = source.select(id=pl.col("Id")).with_row_index("s")
    single = mine.unique("id", keep="first", maintain_order=True)
    both = single.join(first, on="id", how="inner").sort("s")
    again = known.join(first, on="t", how="anti")
    differences = [
        *_records(mapped, Damage.MISSING, single.join(first, on="id", how="anti")),
        *_records(mapped, Damage.SURPLUS, first.join(single, on="id", how="anti")),
        *_records(mapped, Damage.SURPLUS, theirs.filter(pl.col("id").is_null())),
        *_records(mapped, Damage.DUPLICATE, again),
        *_records(mapped, Damage.DUPLICATE, mine.join(single, on="s", how="anti")),
    ]
    return Pairs(
        ids=both["id"],
        source_rows=both["s"],
        target_rows=both["t"],
        differences=tuple(differences),
    )


def _records(
    mapped: MappedObject, damage: Damage, rows: pl.DataFrame
) -> list[Difference]:
    """
    One difference per row, sorted by id; a copy without an origin goes by its own id.
    """
    keys = rows.select(
        pl.col("id"),
        own=pl.col("own") if "own" in rows.columns else pl.lit("", pl.String),
    )
    return [
        Difference(
            object=mapped.source,
            origin_id=origin or own,
            damage=damage,
            source_value="" if own else origin,
            target_value=own,
        )
        for origin, own in keys.sort("id", "own").iter_rows()
    ]
