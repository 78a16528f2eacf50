"""
Which source records have no copy on purpose: `rows:`, decided value by value.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    RowRule,
    Status,
)
from migrator.model.names import ApiName
from migrator.model.row_rule import Condition, Excluded, inherited_reason
from migrator.model.treatment import Treatment
from migrator.rules.reconcile.equivalence import OUTER_BLANKS

LeftOutIds = abc.Mapping[ApiName, pl.Series]
"""By target object, the ids of the source records that have no copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """
    The source records of one object, divided.
    """

    frame: pl.DataFrame
    """Those that have a copy."""
    left_out: pl.Series
    """The ids of the others."""
    excluded: tuple[Excluded, ...]
    """How many for which reason; the first that holds counts."""

    @property
    def records(self) -> int:
        """
        How many have no copy.
        """
        return sum(each.records for each in self.excluded)


def with_signed_rules(mapping: Mapping) -> Mapping:
    """
    Return *mapping* with those rules of `rows:` alone that say themselves who approved
    them.

    Whether an approval still fits is judged elsewhere, for the copy as well. A rule
    that nobody ever signed must not hide a missing record, whatever was judged there.
    """
    return replace(
        mapping,
        objects=tuple(
            replace(each, rows=tuple(rule for rule in each.rows if _is_signed(rule)))
            for each in mapping.objects
        ),
    )


def _is_signed(rule: RowRule) -> bool:
    return rule.status is Status.APPROVED and bool(rule.by and rule.digest)


def thinned_targets(mapping: Mapping) -> frozenset[ApiName]:
    """
    Return the target objects that may lack records of their source on purpose.
    """
    found = {each.target for each in mapping.objects if each.rows}
    waiting = [each for each in mapping.objects if each.target not in found]
    # Each round finds the children of the last; a chain ends after all objects.
    for _ in mapping.objects:
        for each in waiting:
            if any(_goes_along(each, found)):
                found.add(each.target)
    return frozenset(found)


def parent_targets(mapped: MappedObject) -> tuple[ApiName, ...]:
    """
    Return the target objects that records of *mapped* point at, in its order.
    """
    return tuple(dict.fromkeys(name for _, name in _parents(mapped)))


def _parents(mapped: MappedObject) -> Iterator[tuple[FieldMapping, ApiName]]:
    for entry in mapped.fields:
        referred = entry.type.reference_to if entry.type else None
        if entry.treatment is Treatment.PARENT and referred:
            yield entry, referred


def _goes_along(
    mapped: MappedObject, thinned: Collection[ApiName]
) -> Iterator[tuple[FieldMapping, ApiName]]:
    """
    Yield the parents among *thinned* that a record of *mapped* cannot be without: it is
    left out with its parent. A parent within the same object never takes records along.
    """
    for entry, parent in _parents(mapped):
        assert entry.type is not None
        cannot_be_without = entry.required or not entry.type.row.nullable
        if cannot_be_without and parent in thinned and parent != mapped.target:
            yield entry, parent


def selected(
    source: pl.DataFrame, mapped: MappedObject, gone: LeftOutIds | None = None
) -> Selected:
    """
    Return the records of *source* that have a copy, given which parents have *gone*.
    """
    rest = source
    excluded: list[Excluded] = []
    for rule in mapped.rows:
        column = rest[rule.exclude.field]
        kept = rest.filter(~_matching(column, rule.exclude))
        excluded.append(_counted(rule.reason, rest, kept))
        rest = kept
    for entry, parent in _goes_along(mapped, gone or {}):
        assert gone is not None
        ids = gone[parent].unique().to_frame("gone")
        name = str(entry.source)
        kept = rest.join(ids, left_on=name, right_on="gone", how="anti")
        excluded.append(_counted(inherited_reason(entry.source), rest, kept))
        rest = kept
    if rest.height == source.height:
        return Selected(
            frame=source,
            left_out=source["Id"].head(0),
            excluded=tuple(excluded),
        )
    without = source.join(rest.select("Id"), on="Id", how="anti")
    return Selected(
        frame=rest, left_out=without["Id"].unique(), excluded=tuple(excluded)
    )


def _counted(reason: str, before: pl.DataFrame, after: pl.DataFrame) -> Excluded:
    return Excluded(reason=reason, records=before.height - after.height)


def _matching(column: pl.Series, condition: Condition) -> pl.Series:
    """
    Which cells fulfil *condition*, asked once for each different text.
    """
    different = column.unique().drop_nulls().to_list()
    true = [text for text in different if holds(condition, text)]
    found = column.is_in(pl.Series(true, dtype=pl.String).implode())
    return found.fill_null(holds(condition, None))


def holds(condition: Condition, text: str | None) -> bool:
    """
    Return True when a source field that holds *text* fulfils *condition*.
    """
    if condition.is_:
        return text in condition.is_
    if condition.is_not:
        return text not in condition.is_not
    if condition.blank or condition.not_blank:
        is_blank = not (text or "").strip(OUTER_BLANKS)
        return is_blank if condition.blank else not is_blank
    day, bound = _day(text), condition.before or condition.after
    if day is None or bound is None:
        return False
    return day < bound if condition.before else day > bound


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
