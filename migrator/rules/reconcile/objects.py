"""
One object compared: records, cells and totals put together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from migrator.errors import Bug
from migrator.model.finding import Finding
from migrator.model.mapping import ORIGIN_ID, MappedObject, Mapping
from migrator.model.value_rule import Changed
from migrator.model.verdict import (
    Difference,
    Loss,
    ObjectVerdict,
    Total,
    Uncompared,
)
from migrator.rules.reconcile.cells import (
    compare_cell,
    is_comparable,
    linked,
    named_differences,
)
from migrator.rules.reconcile.expected import expected_values
from migrator.rules.reconcile.explained import Known, explained, total_differences
from migrator.rules.reconcile.left_out import LeftOutIds, selected
from migrator.rules.reconcile.org_sums import Sides
from migrator.rules.reconcile.pairs import (
    ColumnPair,
    column_pairs,
    kept_entries,
    source_columns,
    target_columns,
)
from migrator.rules.reconcile.records import pair_records
from migrator.rules.reconcile.totals import totals_of

MOST_NAMED = 100_000
"""Differences named per object; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    One object compared: its part of the verdict and every difference.
    """

    verdict: ObjectVerdict
    differences: tuple[Difference, ...]
    """The first `MOST_NAMED`; the verdict has the number of all."""
    sums: Sides
    """
    What all records read add up to, for the check against the org's own sums: those
    without a copy too, because the org does not know of `rows:`.
    """
    findings: tuple[Finding, ...] = ()


def one_frame(pages: Iterable[pl.DataFrame], columns: Iterable[str]) -> pl.DataFrame:
    """
    Return the *pages* of one query as a frame of *columns*, empty when there is no
    page.
    """
    wanted = list(columns)
    found = [page.select(wanted) for page in pages if page.height]
    empty = pl.DataFrame(schema=dict.fromkeys(wanted, pl.String()))
    return pl.concat([empty, *found]).rechunk()


def compare(
    source: pl.DataFrame,
    target: pl.DataFrame,
    mapped: MappedObject,
    mapping: Mapping,
    extract: pl.DataFrame | None = None,
    left_out: LeftOutIds | None = None,
) -> Comparison:
    """
    Return the differences between *source* and *target*, all columns text as received.

    *extract* is what was copied; fields marked `volatile` are compared with it, because
    a formula that reads the clock says something else today. *left_out* are the ids of
    source records that `rows:` leaves out, this object's among them (`selected`): they
    are not expected in the target, nor as anybody's parent. Raises Bug when a column of
    `source_columns` or `target_columns` is missing.
    """
    _require(source, source_columns(mapped), mapped.source)
    _require(target, target_columns(mapped), mapped.target)
    chosen = selected(source, mapped, left_out)
    gone = {**(left_out or {}), mapped.target: chosen.left_out}
    everything, source = source, chosen.frame
    pairs = pair_records(source, target, mapped)
    known = Known(source=source, target=target, mapped=mapped, pairs=pairs)
    named = list(pairs.differences)
    changed: list[Changed] = []
    for pair in column_pairs(mapped):
        if pair.column == ORIGIN_ID or not is_comparable(pair, extract):
            continue
        expected = linked(source, pair, gone)
        if pair.is_ruled:
            values, count = expected_values(source, pair.entry, mapping.text)
            expected = source.with_columns(values)
            known.made[pair.entry.source] = values
            changed.append(_changed(pair, count))
        result = compare_cell(expected, target, pairs, pair, mapping.text, extract)
        known.results.append((pair, result))
        named += named_differences(mapped, pair, result, MOST_NAMED - len(named))
    found, sums = totals_of(source, target, mapped)
    totals = explained(found, known)
    wrong = tuple(total_differences(mapped, totals))
    if chosen.records:
        # The org counts and adds up all records of the source.
        _, sums = totals_of(everything, target, mapped)
    return Comparison(
        verdict=replace(
            _verdict(known, totals, more=len(wrong)),
            source_records=source.height,
            target_records=target.height,
            excluded=chosen.excluded,
            changed=tuple(changed),
            not_compared=_not_compared(mapped, extract, len(pairs.ids)),
        ),
        differences=(*wrong, *named)[:MOST_NAMED],
        sums=sums,
    )


def _changed(pair: ColumnPair, records: int) -> Changed:
    kept = pair.entry.target if pair.target == "OwnerId" else pair.entry.original_target
    return Changed(
        field=pair.entry.source,
        rule=str(pair.entry.rule),
        records=records,
        kept_in=kept,
    )


def _require(frame: pl.DataFrame, columns: tuple[str, ...], object_: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise Bug(f"{object_}: the comparison was not given {', '.join(missing)}")


def _not_compared(
    mapped: MappedObject, extract: pl.DataFrame | None, records: int
) -> tuple[Uncompared, ...]:
    """
    Return the columns of *mapped* that there is nothing to hold against.
    """
    if not records:
        return ()
    return tuple(
        Uncompared(
            field=pair.entry.source,
            cells=records,
            why="it reads the clock and is not in the extract that was copied",
        )
        for pair in column_pairs(mapped)
        if not is_comparable(pair, extract)
    )


def _verdict(known: Known, totals: tuple[Total, ...], *, more: int) -> ObjectVerdict:
    """
    Return what all pairs of columns came to, and *more* differences besides.
    """
    mapped, results = known.mapped, known.results
    by_field: dict[str, int] = {}
    lost = {entry.source: 0 for entry in kept_entries(mapped) if entry.loses}
    for pair, result in results:
        if result.rows.height:
            by_field[pair.path] = by_field.get(pair.path, 0) + result.rows.height
        if pair.entry.loses:
            lost[pair.entry.source] += len(result.agreed)
    return ObjectVerdict(
        source=mapped.source,
        target=mapped.target,
        source_records=0,
        target_records=0,
        cells_compared=sum(result.compared for _, result in results),
        differences=len(known.pairs.differences) + sum(by_field.values()) + more,
        normalised=sum(result.normalised for _, result in results),
        snapshot_cells=sum(result.from_snapshot for _, result in results),
        totals=totals,
        losses=tuple(
            Loss(field=entry.source, agreed=entry.loses, cells=lost[entry.source])
            for entry in kept_entries(mapped)
            if entry.loses
        ),
        by_field=tuple(sorted(by_field.items(), key=lambda item: -item[1])),
    )
