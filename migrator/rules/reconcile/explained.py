"""
Totals that differ, and how much of it what is known of single cells accounts for.

The totals are a second look at the same promise: they take source and target field
from the mapping themselves, not from `pairs`. What the comparison of cells found equal
must also add up to the same; where it does not, one of the two is wrong, and the total
is a difference of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

import polars as pl

from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.verdict import Damage, Difference, Total
from migrator.rules.reconcile.cells import CellResult
from migrator.rules.reconcile.org_sums import currency_field, year_field
from migrator.rules.reconcile.pairs import ColumnPair, kept_entries
from migrator.rules.reconcile.records import Pairs
from migrator.rules.reconcile.totals import EXACT, Sums, amounts

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    What the comparison of records and cells finds in one object, filled as it goes.
    """

    source: pl.DataFrame
    target: pl.DataFrame
    mapped: MappedObject
    pairs: Pairs
    results: list[tuple[ColumnPair, CellResult]] = field(default_factory=list)
    made: dict[ApiName, pl.Series] = field(default_factory=dict)
    """By source field, what value rules make of the records of *source*."""


def explained(totals: Sequence[Total], known: Known) -> tuple[Total, ...]:
    """
    *totals*, each with what agreed losses and value rules account for, and with what
    nothing accounts for.

    The rest of a difference is that of records and cells that have been named.
    """
    entries = {entry.source: entry for entry in kept_entries(known.mapped)}
    found: list[Total] = []
    for name, group in groupby(totals, key=lambda total: total.field):
        mine = list(group)
        if any(each.source != each.target for each in mine):
            mine = list(_explained(mine, entries[name], known))
        found += mine
    return tuple(found)


def total_differences(
    mapped: MappedObject, totals: Sequence[Total]
) -> Iterator[Difference]:
    """
    One difference per field and currency whose totals differ by more than is known.
    """
    targets = {entry.source: entry.target for entry in kept_entries(mapped)}
    open_ = [each for each in totals if each.unexplained]
    for (name, currency), years in groupby(open_, key=lambda t: (t.field, t.currency)):
        mine = list(years)
        yield Difference(
            object=mapped.source,
            origin_id="",
            damage=Damage.TOTAL,
            source_field=f"SUM({name}) {currency}".strip(),
            target_field=targets[name],
            source_value="; ".join(f"{t.year or ''}: {t.source}" for t in mine),
            target_value="; ".join(f"{t.year or ''}: {t.target}" for t in mine),
        )


def _explained(
    totals: Sequence[Total], entry: FieldMapping, known: Known
) -> Iterator[Total]:
    pairs = known.pairs
    differing, agreed = _touched(entry, known)
    is_named = pairs.ids.is_in(differing.implode())
    is_agreed = pairs.ids.is_in(agreed.implode()) & ~is_named
    is_equal = ~is_named & ~is_agreed
    by_loss = _less(
        _target_sums(entry, known, is_agreed), _source_sums(entry, known, is_agreed)
    )
    ruled = _source_sums(entry, known, is_equal, made=known.made.get(entry.source))
    by_rule = _less(ruled, _source_sums(entry, known, is_equal))
    unexplained = _less(_target_sums(entry, known, is_equal), ruled)
    for each in totals:
        key = each.currency, each.year
        allowed = EXACT.add(by_loss.get(key, _NONE), by_rule.get(key, _NONE))
        if each.source != each.target:
            rest = unexplained.get(key, _NONE)
            yield replace(each, agreed=allowed, unexplained=rest)
        else:
            yield each


def _touched(entry: FieldMapping, known: Known) -> tuple[pl.Series, pl.Series]:
    """
    Return the records of which the amount, or the group it is counted in, is known to
    differ, and those of which that is agreed.
    """
    deciding = (entry, currency_field(known.mapped), year_field(known.mapped))
    columns = {each.target for each in deciding if each is not None}
    none = known.pairs.ids.clear()
    differing, agreed = [none], [none]
    for pair, result in known.results:
        if pair.column in columns:
            differing.append(result.rows["id"])
            agreed.append(result.agreed)
    return pl.concat(differing).unique(), pl.concat(agreed).unique()


def _source_sums(
    entry: FieldMapping,
    known: Known,
    chosen: pl.Series,
    made: pl.Series | None = None,
) -> Sums:
    frame = known.source
    if made is not None:
        frame = frame.with_columns(made.alias(str(entry.source)))
    rows = frame[known.pairs.source_rows.filter(chosen)]
    return amounts(rows, known.mapped, entry, on_target=False)


def _target_sums(entry: FieldMapping, known: Known, chosen: pl.Series) -> Sums:
    rows = known.target[known.pairs.target_rows.filter(chosen)]
    return amounts(rows, known.mapped, entry, on_target=True)


def _less(one: Sums, other: Sums) -> Sums:
    """
    *one* less *other*, group by group.
    """
    return {
        key: EXACT.subtract(one.get(key, _NONE), other.get(key, _NONE))
        for key in one.keys() | other.keys()
    }
