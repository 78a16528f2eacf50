"""
One pair of columns compared: what is equal, what is explained, and what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    OwnerChoice,
    TextRule,
    Treatment,
    original_type,
    reference_column,
)
from migrator.model.names import ApiName
from migrator.model.target import FieldType, Kind
from migrator.model.verdict import Damage, Difference
from migrator.rules.comparing.records import Pairs
from migrator.rules.comparing.selection import LeftOutIds
from migrator.rules.comparing.values import (
    none_if_empty,
    without_equal,
    without_same_value,
)
from migrator.rules.equivalence import OUTER_BLANKS, is_agreed_loss, is_text

_NAME = FieldType(kind=Kind.TEXT, length=255)
_ID = FieldType(kind=Kind.TEXT, length=18)
_OWNER = ApiName("OwnerId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    One pair of columns to compare.
    """

    entry: FieldMapping
    path: str
    """The source column."""
    column: str
    """The target column."""
    target: ApiName
    type: FieldType
    is_parent: bool
    is_ruled: bool = False
    """True when a value rule decides what the target has to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult:
    """
    What one pair of columns came to.
    """

    rows: pl.DataFrame
    """id, source, target of the cells that differ."""
    compared: int
    normalised: int = 0
    lost: int = 0
    from_snapshot: int = 0


def source_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the source frame must have, `Id` first.
    """
    asked = (str(rule.exclude.field) for rule in mapped.rows)
    cells = cells_of(mapped)
    paths = (cell.path for cell in cells)
    joined = (
        str(name)
        for cell in cells
        if cell.is_ruled and cell.entry.rule
        for name in cell.entry.rule.concatenate
    )
    return tuple(dict.fromkeys(["Id", *paths, *asked, *joined]))


def target_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    The SOQL paths that the target frame must have, `Id` and `Origin_Id__c` first.
    """
    columns = (cell.column for cell in cells_of(mapped))
    return tuple(dict.fromkeys(["Id", str(ORIGIN_ID), *columns]))


def cells_of(mapped: MappedObject) -> tuple[Cell, ...]:
    """
    Every pair of columns that *mapped* fills, in its order.
    """
    cells = [
        _cell(entry, path, target)
        for entry in mapped.carried
        for path, target in entry.cells
    ]
    return (*cells, *_owner_cells(mapped))


def _owner_cells(mapped: MappedObject) -> Iterator[Cell]:
    """
    The real owner, where a rule says who it is.
    """
    entry = mapped.entry(_OWNER)
    if mapped.owner is OwnerChoice.KEEP and entry and entry.rule and entry.rule.owners:
        yield Cell(
            entry=entry,
            path=_OWNER,
            column=_OWNER,
            target=_OWNER,
            type=_ID,
            is_parent=False,
            is_ruled=True,
        )


def _cell(entry: FieldMapping, path: str, target: ApiName) -> Cell:
    is_parent = entry.treatment is Treatment.PARENT and target == entry.target
    type_ = {
        entry.id_target: _ID,
        entry.name_target: _NAME,
        entry.original_target: original_type(entry),
        entry.target: entry.type,
    }
    found = type_[target]
    assert found is not None
    return Cell(
        entry=entry,
        path=path,
        column=reference_column(entry) if is_parent else target,
        target=target,
        type=found,
        is_parent=is_parent,
        is_ruled=_is_ruled(entry) and target == entry.target,
    )


def _is_ruled(entry: FieldMapping) -> bool:
    return entry.rule is not None and not entry.rule.owners


def is_comparable(cell: Cell, extract: pl.DataFrame | None) -> bool:
    """
    False for a formula that reads the clock when the extract does not have it.
    """
    return not cell.entry.volatile or (
        extract is not None and cell.path in extract.columns
    )


def linked(source: pl.DataFrame, cell: Cell, left_out: LeftOutIds) -> pl.DataFrame:
    """
    *source* with no link in *cell* to a record that has no copy.
    """
    if not cell.is_parent or cell.type.reference_to is None:
        return source
    gone = left_out.get(cell.type.reference_to)
    if gone is None or gone.is_empty():
        return source
    to_none = pl.col(cell.path).is_in(gone.implode()).fill_null(value=False)
    link = pl.when(~to_none).then(cell.path).alias(cell.path)
    return source.with_columns(link)


def compare_cell(
    source: pl.DataFrame,
    target: pl.DataFrame,
    pairs: Pairs,
    cell: Cell,
    rule: TextRule,
    extract: pl.DataFrame | None,
) -> CellResult:
    """
    What the pairs of records hold in one pair of columns.
    """
    both = pl.DataFrame(
        {
            "id": pairs.ids,
            "source": source[cell.path].gather(pairs.source_rows),
            "target": target[cell.column].gather(pairs.target_rows),
        }
    )
    snapshot = 0
    if cell.entry.volatile:
        assert extract is not None
        both, snapshot = _as_extracted(both, extract, cell.path)
    unequal = without_equal(both)
    unequal = unequal.with_columns(none_if_empty("source"), none_if_empty("target"))
    unequal = without_equal(unequal)
    if unequal.height:
        unequal = without_same_value(unequal, cell.type)
    left, normal = _without_normalised(unequal, cell, rule)
    left, lost = _without_agreed(left, cell, rule)
    return CellResult(
        rows=left.select("id", "source", "target"),
        compared=both.height,
        normalised=normal,
        lost=lost,
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
    rows: pl.DataFrame, cell: Cell, rule: TextRule
) -> tuple[pl.DataFrame, int]:
    """
    The rows that the declared text rule does not explain, and how many it does.

    Only the source is normalised: a blank that the copy gained is a difference.
    """
    if rows.is_empty() or not is_text(cell.type):
        return rows, 0
    text = pl.col("source").str.replace_all("\r\n", "\n", literal=True)
    text = text.str.replace_all("\r", "\n", literal=True)
    if rule.trim:
        text = text.str.strip_chars(OUTER_BLANKS)
    rows = rows.with_columns(stored=text)
    left = without_equal(rows.with_columns(none_if_empty("stored")), "stored")
    return left, rows.height - left.height


def _without_agreed(
    rows: pl.DataFrame, cell: Cell, rule: TextRule
) -> tuple[pl.DataFrame, int]:
    """
    The rows that the agreed loss does not explain, and how many it does.
    """
    if rows.is_empty() or not cell.entry.loses:
        return rows, 0
    values = rows.select("source", "target").iter_rows()
    agreed = pl.Series(
        [
            bool(one and other) and is_agreed_loss(one, other, cell.type, rule)
            for one, other in values
        ],
        dtype=pl.Boolean,
    )
    return rows.filter(~agreed), int(agreed.sum())


def named_differences(
    mapped: MappedObject, cell: Cell, result: CellResult, room: int
) -> list[Difference]:
    """
    The first *room* differences of one pair of columns, in the order of their ids.
    """
    rows = result.rows.sort("id").head(max(room, 0))
    return [
        Difference(
            object=mapped.source,
            origin_id=origin_id,
            damage=_damage(cell, source, target),
            source_field=cell.path,
            target_field=cell.target,
            source_value=source or "",
            target_value=target or "",
        )
        for origin_id, source, target in rows.iter_rows()
    ]


def _damage(cell: Cell, source: str | None, target: str | None) -> Damage:
    if cell.is_parent:
        return Damage.PARENT
    return Damage.EMPTY if source and not target else Damage.VALUE
