"""
The records that `rows:` leaves out of a copy, by vectorised conditions on an extract.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.row_rule import Condition, Excluded, inherited_reason
from migrator.rules.copy.convert.columns import BLANKS
from migrator.rules.copy.convert.lookup import found_in
from migrator.rules.copy.row_rules import inheriting

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_REASON = "reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """
    The records of one object that are not copied.
    """

    ids: pl.Series
    """Their ids, sorted."""
    excluded: tuple[Excluded, ...]
    """How many for which reason; the first that holds counts."""


def left_out(
    frames: Iterable[pl.DataFrame],
    mapped: MappedObject,
    gone: abc.Mapping[ApiName, pl.Series],
) -> LeftOut:
    """
    Return what *frames*, of Id and `deciding_fields`, hold that is not to be copied.

    *gone* are the ids left out of the parents, by target object.
    """
    reasons = [rule.reason for rule in mapped.rows]
    tests = [_holds(rule.exclude) for rule in mapped.rows]
    for entry in inheriting(mapped, gone):
        assert entry.type is not None
        assert entry.type.reference_to is not None
        reasons.append(inherited_reason(entry.source))
        tests.append(_is_among(entry.source, gone[entry.type.reference_to]))
    numbered = [
        pl.when(test).then(pl.lit(number, dtype=pl.Int32))
        for number, test in enumerate(tests)
    ]
    nothing = pl.lit(None, dtype=pl.Int32)
    found = [pl.DataFrame(schema={"Id": pl.String, _REASON: pl.Int32})]
    for frame in frames:
        asked = frame.select("Id", pl.coalesce(*numbered, nothing).alias(_REASON))
        found.append(asked.drop_nulls(_REASON))
    all_ = pl.concat(found)
    counts = dict(all_.group_by(_REASON).len().iter_rows())
    return LeftOut(
        ids=all_["Id"].sort(),
        excluded=tuple(
            Excluded(reason=reason, records=counts.get(number, 0))
            for number, reason in enumerate(reasons)
        ),
    )


def _is_among(path: str, ids: pl.Series) -> pl.Expr:
    return pl.col(path).map_batches(
        lambda values: found_in(values, ids), return_dtype=pl.Boolean
    )


def _holds(condition: Condition) -> pl.Expr:
    text = pl.col(condition.field)
    is_blank = text.fill_null("").str.strip_chars(BLANKS) == ""
    if condition.blank:
        return is_blank
    if condition.not_blank:
        return ~is_blank
    if condition.is_:
        return text.is_in(list(condition.is_)).fill_null(value=False)
    if condition.is_not:
        return ~text.is_in(list(condition.is_not)).fill_null(value=False)
    day = pl.when(text.str.contains(_DAY)).then(text.str.slice(0, 10))
    if condition.before is not None:
        return (day < condition.before.isoformat()).fill_null(value=False)
    assert condition.after is not None
    return (day > condition.after.isoformat()).fill_null(value=False)
