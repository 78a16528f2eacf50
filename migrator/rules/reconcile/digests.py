"""
One digest for each stored record: what a later reading of the copies is held against.

The text that is digested is spelled out in `docs/verification.md`, so that anybody can
work it out again from an export, without this program.
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.rules.reconcile.pairs import column_pairs
from migrator.rules.reconcile.values import canonical, none_if_empty

HEADER = f"{ORIGIN_ID},sha256\n"


def record_digests(target: pl.DataFrame, mapped: MappedObject) -> bytes:
    """
    Return a CSV file of the origin id and the digest of every record of *target*, by
    id.

    The same stored values give the same bytes, in whatever notation and order the org
    sends them.
    """
    texts = _spelled(target, mapped).to_list()
    digests = [sha256(text.encode("utf-8")).hexdigest() for text in texts]
    listed = pl.DataFrame(
        {"id": target[ORIGIN_ID].fill_null(""), "digest": digests},
        schema={"id": pl.String(), "digest": pl.String()},
    ).sort("id", "digest")
    lines = listed.select(pl.concat_str("id", "digest", separator=","))
    body = "".join(f"{line}\n" for line in lines.to_series())
    return (HEADER + body).encode("utf-8")


def _spelled(target: pl.DataFrame, mapped: MappedObject) -> pl.Series:
    """
    Each record as `name:length:value` lines, by name; empty cells have none.
    """
    types = {pair.column: pair.type for pair in column_pairs(mapped)}
    lines = []
    for name in sorted({ORIGIN_ID, *types}):
        values = target.select(none_if_empty(name))
        if name in types:
            values = canonical(values, name, types[name])
        length = pl.col(name).str.len_bytes().cast(pl.String)
        line = pl.concat_str(
            pl.lit(f"{name}:"), length, pl.lit(":"), pl.col(name), pl.lit("\n")
        )
        lines.append(values.select(line.fill_null("").alias(name)))
    return pl.concat(lines, how="horizontal").select(pl.concat_str("*")).to_series()
