"""
What a copy has to hold where a value rule stands: worked out record by record.
"""

from __future__ import annotations

import polars as pl

from migrator.model.mapping import FieldMapping, TextRule
from migrator.model.value_rule import ValueRule
from migrator.rules.reconcile.equivalence import OUTER_BLANKS


def expected_values(
    source: pl.DataFrame, entry: FieldMapping, text: TextRule
) -> tuple[pl.Series, int]:
    """
    Return the values that *entry*'s rule makes of the records of *source*, and how many
    of them are not what the source holds.
    """
    rule = entry.rule
    assert rule is not None
    name = str(entry.source)
    others = [str(each) for each in rule.concatenate]
    columns = [source[column].to_list() for column in (name, *others)]
    made: dict[tuple[str | None, ...], str | None] = {}
    results, changed = [], 0
    for cells in zip(*columns, strict=True):
        if cells not in made:
            made[cells] = value_by(rule, [_stored(each, text) for each in cells])
        results.append(made[cells])
        changed += made[cells] != _stored(cells[0], text)
    return pl.Series(name, results, dtype=pl.String), changed


def value_by(rule: ValueRule, cells: list[str | None]) -> str | None:
    """
    Return the value that *rule* gives a record; *cells* are the field's own value, then
    those of the fields to put together.
    """
    value, parts = cells[0], cells[1:]
    if rule.constant:
        return rule.constant
    if rule.default:
        return value or rule.default
    if rule.truncate:
        return (value or "")[: rule.truncate].rstrip(OUTER_BLANKS) or None
    if rule.concatenate:
        return rule.separator.join(each for each in parts if each) or None
    if not value:
        return None
    table = rule.map or rule.owners
    others = {"keep": value, "blank": None}
    return table.get(value, others.get(rule.otherwise, rule.otherwise))


def _stored(text: str | None, rule: TextRule) -> str | None:
    """
    *text* as the org stores it, by the mapping's rule for texts.
    """
    spelled = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return (spelled.strip(OUTER_BLANKS) if rule.trim else spelled) or None
