"""
Value rules carried out: one column more for each, a whole frame at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from migrator.model.mapping import FieldMapping, MappedObject, TextRule
from migrator.model.names import ApiName
from migrator.model.value_rule import BLANK, KEEP, ValueRule
from migrator.rules.copy.convert.columns import BLANKS, RULED, clean


def ruled(frame: pl.DataFrame, mapped: MappedObject, rule: TextRule) -> pl.DataFrame:
    """
    *frame*, an extract's, with a column `rule:<path>` for each entry with a rule.

    An entry whose source was not extracted gets none.
    """
    made = [
        _result(entry, rule).alias(f"{RULED}{entry.source}")
        for entry in ruled_entries(mapped)
        if set(_asked(entry)) <= set(frame.columns)
    ]
    return frame.with_columns(made) if made else frame


def changed_records(
    frames: Iterable[pl.DataFrame], mapped: MappedObject, rule: TextRule
) -> dict[ApiName, int]:
    """
    How many records of *frames* each rule of *mapped* changes, by source field.
    """
    counts = {entry.source: 0 for entry in ruled_entries(mapped)}
    if not counts:
        return counts
    for frame in frames:
        made = ruled(frame, mapped, rule)
        for name in counts:
            if f"{RULED}{name}" in made.columns:
                after = pl.col(f"{RULED}{name}")
                differs = clean(str(name), rule).ne_missing(after)
                counts[name] += int(made.select(differs.sum()).item())
    return counts


def ruled_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    Return the source columns that `changed_records` reads; empty without rules.
    """
    asked = (path for entry in ruled_entries(mapped) for path in _asked(entry))
    return tuple(dict.fromkeys(asked))


def ruled_entries(mapped: MappedObject) -> tuple[FieldMapping, ...]:
    """
    Return the entries whose values a rule changes.
    """
    return tuple(each for each in mapped.carried if each.rule is not None)


def _asked(entry: FieldMapping) -> Iterator[str]:
    yield str(entry.source)
    if entry.rule is not None:
        yield from map(str, entry.rule.concatenate)


def _result(entry: FieldMapping, text: TextRule) -> pl.Expr:
    rule = entry.rule
    assert rule is not None
    value = clean(str(entry.source), text)
    if rule.constant:
        return pl.lit(rule.constant, dtype=pl.String)
    if rule.default:
        return value.fill_null(rule.default)
    if rule.truncate:
        short = value.str.slice(0, rule.truncate).str.strip_chars_end(BLANKS)
        return pl.when(short != "").then(short)
    if rule.concatenate:
        parts = [clean(str(name), text) for name in rule.concatenate]
        joined = pl.concat_str(parts, separator=rule.separator, ignore_nulls=True)
        return pl.when(joined != "").then(joined)
    return _translated(value, rule)


def _translated(value: pl.Expr, rule: ValueRule) -> pl.Expr:
    table = rule.map or rule.owners
    others = {KEEP: value, BLANK: pl.lit(None, dtype=pl.String)}
    other = others.get(rule.otherwise, pl.lit(rule.otherwise, dtype=pl.String))
    listed = value.replace_strict(
        list(table), list(table.values()), default=None, return_dtype=pl.String
    )
    is_listed = value.is_in(list(table))
    return (
        pl.when(value.is_null())
        .then(value)
        .when(is_listed)
        .then(listed)
        .otherwise(other)
    )
