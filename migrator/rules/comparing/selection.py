"""
Which source records have no copy on purpose: `rows:`, decided value by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.selection import Condition, Excluded, inherited_reason
from migrator.rules.equivalence import OUTER_BLANKS
from migrator.rules.inheriting import inheriting

LeftOutIds = Mapping[ApiName, pl.Series]
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


def selected(
    source: pl.DataFrame, mapped: MappedObject, gone: LeftOutIds | None = None
) -> Selected:
    """
    The records of *source* that have a copy, given which parents have *gone*.
    """
    rest = source
    excluded: list[Excluded] = []
    for rule in mapped.rows:
        column = rest[rule.exclude.field]
        kept = rest.filter(~_matching(column, rule.exclude))
        excluded.append(_counted(rule.reason, rest, kept))
        rest = kept
    for entry in inheriting(mapped, gone or {}):
        assert gone is not None
        assert entry.type is not None
        assert entry.type.reference_to is not None
        ids = gone[entry.type.reference_to].unique().to_frame("gone")
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
    True when a source field that holds *text* fulfils *condition*.
    """
    is_blank = not (text or "").strip(OUTER_BLANKS)
    answers = {
        "is": text in condition.is_,
        "is_not": text not in condition.is_not,
        "blank": is_blank,
        "not_blank": not is_blank,
    }
    (operator,) = condition.operators
    if operator in answers:
        return answers[operator]
    day, bound = _day(text), condition.before or condition.after
    if day is None or bound is None:
        return False
    return day < bound if operator == "before" else day > bound


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
