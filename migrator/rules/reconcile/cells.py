"""
One pair of columns compared: what is equal, what is explained, and what differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from migrator.model.mapping import MappedObject, TextRule
from migrator.model.verdict import Damage, Difference
from migrator.rules.reconcile.equivalence import OUTER_BLANKS, is_agreed_loss, is_text
from migrator.rules.reconcile.left_out import LeftOutIds
from migrator.rules.reconcile.pairs import ColumnPair
from migrator.rules.reconcile.records import Pairs
from migrator.rules.reconcile.values import (
    none_if_empty,
    without_equal,
    without_same_value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """
    What one pair of columns came to.
    """

    rows: pl.DataFrame
    """id, source, target of the cells that differ."""
    compared: int
    agreed: pl.Series
    """The ids of the cells that an agreed loss explains."""
    normalised: int = 0
    from_snapshot: int = 0


def is_comparable(pair: ColumnPair, extract: pl.DataFrame | None) -> bool:
    """
    Return False for a formula that reads the clock when the extract does not have it.
    """
    return not pair.entry.volatile or (
        extract is not None and pair.path in extract.columns
    )


def linked(
    source: pl.DataFrame, pair: ColumnPair, left_out: LeftOutIds
) -> pl.DataFrame:
    """
    *source* with no link in *pair* to a record that has no copy.
    """
    if not pair.is_parent or pair.type.reference_to is None:
        return source
    gone = left_out.get(pair.type.reference_to)
    if gone is None or gone.is_empty():
        return source
    to_none = pl.col(pair.path).is_in(gone.implode()).fill_null(value=False)
    link = pl.when(~to_none).then(pair.path).alias(pair.path)
    return source.with_columns(link)


def compare_cell(
    source: pl.DataFrame,
    target: pl.DataFrame,
    pairs: Pairs,
    pair: ColumnPair,
    rule: TextRule,
    extract: pl.DataFrame | None,
) -> CellResult:
    """
    Return what the pairs of records hold in one pair of columns.
    """
    both = pl.DataFrame(
        {
            "id": pairs.ids,
            "source": source[pair.path].gather(pairs.source_rows),
            "target": target[pair.column].gather(pairs.target_rows),
        }
    )
    snapshot = 0
    if pair.entry.volatile:
        assert extract is not None
        both, snapshot = _as_extracted(both, extract, pair.path)
    unequal = without_equal(both)
    unequal = unequal.with_columns(none_if_empty("source"), none_if_empty("target"))
    unequal = without_equal(unequal)
    if unequal.height:
        unequal = without_same_value(unequal, pair.type)
    left, normal = _without_normalised(unequal, pair, rule)
    left, agreed = _without_agreed(left, pair, rule)
    return CellResult(
        rows=left.select("id", "source", "target"),
        compared=both.height,
        normalised=normal,
        agreed=agreed,
        from_snapshot=snapshot,
    )


def _as_extracted(
    both: pl.DataFrame, extract: pl.DataFrame, path: str
) -> tuple[pl.DataFrame, int]:
    kept = extract.select(id="Id", kept=path, known=True)
    kept = kept.unique("id", keep="first", maintain_order=True)
    joined = both.join(kept, on="id", how="left", maintain_order="left")
    source = pl.when("known").then("kept").otherwise("source").alias("source")
    count = int(joined["known"].count())
    return joined.select("id", source, "target"), count


def _without_normalised(
    rows: pl.DataFrame, pair: ColumnPair, rule: TextRule
) -> tuple[pl.DataFrame, int]:
    """
    Return the rows that the declared text rule does not explain, and how many it does.

    Only the source is normalised: a blank that the copy gained is a difference.
    """
    if rows.is_empty() or not is_text(pair.type):
        return rows, 0
    text = pl.col("source").str.replace_all("\r\n", "\n", literal=True)
    text = text.str.replace_all("\r", "\n", literal=True)
    if rule.trim:
        text = text.str.strip_chars(OUTER_BLANKS)
    rows = rows.with_columns(stored=text)
    left = without_equal(rows.with_columns(none_if_empty("stored")), "stored")
    return left, rows.height - left.height


def _without_agreed(
    rows: pl.DataFrame, pair: ColumnPair, rule: TextRule
) -> tuple[pl.DataFrame, pl.Series]:
    """
    Return the rows that the agreed loss does not explain, and the ids of those it does.
    """
    if rows.is_empty() or not pair.entry.loses:
        return rows, rows["id"].clear()
    values = rows.select("source", "target").iter_rows()
    agreed = pl.Series(
        [
            bool(one and other) and is_agreed_loss(one, other, pair.type, rule)
            for one, other in values
        ],
        dtype=pl.Boolean,
    )
    return rows.filter(~agreed), rows["id"].filter(agreed)


def named_differences(
    mapped: MappedObject, pair: ColumnPair, result: CellResult, room: int
) -> list[Difference]:
    """
    Return the first *room* differences of one pair of columns, in the order of their
    ids.
    """
    rows = result.rows.sort("id").head(max(room, 0))
    return [
        Difference(
            object=mapped.source,
            origin_id=origin_id,
            damage=_damage(pair, source, target),
            source_field=pair.path,
            target_field=pair.target,
            source_value=source or "",
            target_value=target or "",
        )
        for origin_id, source, target in rows.iter_rows()
    ]


def _damage(pair: ColumnPair, source: str | None, target: str | None) -> Damage:
    if pair.is_parent:
        return Damage.PARENT
    return Damage.EMPTY if source and not target else Damage.VALUE
