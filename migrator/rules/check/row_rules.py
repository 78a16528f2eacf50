"""
The check of `rows:`: whether each condition can be asked, and says why.

That a condition has exactly one operator is found while reading the file
(`documents.mapping.consistency`), that its field was not extracted when records are
read (`steps.row_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.codes import check_values as codes
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.kinds.row import Family
from migrator.model.mapping import MappedObject, RowRule
from migrator.model.row_rule import Condition

_DAYS = {Family.DATE, Family.DATE_TIME}
_CHECKBOX = {"true", "false"}


def check_rows(
    mapped: MappedObject, described: ObjectDescribe | None
) -> Iterator[Finding]:
    """
    Yield what is wrong with the `rows:` of *mapped*; *described* may be unknown.
    """
    for number, rule in enumerate(mapped.rows, 1):
        for found in _problems(rule, number, described):
            yield found.at(mapped.source)


def _problems(
    rule: RowRule, number: int, described: ObjectDescribe | None
) -> Iterator[Finding]:
    condition = rule.exclude
    if not rule.why.strip():
        yield codes.ROWS_WITHOUT_WHY(number=number)
    if any(not text.strip() for text in (*condition.is_, *condition.is_not)):
        yield codes.ROWS_EMPTY_TEXT(number=number)
    if described is None:
        return
    field = described.field(condition.field)
    if field is None or field.name != condition.field:
        meant = f"; it spells {field.name}" if field else ""
        yield codes.ROWS_FIELD(number=number, field=condition.field, meant=meant)
        return
    yield from _misfits(condition, number, field)


def _misfits(
    condition: Condition, number: int, field: FieldDescribe
) -> Iterator[Finding]:
    name, family = field.name, field.row.family
    texts = (*condition.is_, *condition.is_not)
    asks_day = condition.before is not None or condition.after is not None
    if not field.row.in_bulk:
        yield codes.ROWS_UNREADABLE(number=number, field=name, type=field.type)
    if asks_day and family not in _DAYS:
        yield codes.ROWS_DATES(number=number, field=name, type=field.type)
    if texts and family is Family.NUMBER:
        yield codes.ROWS_NUMBERS(number=number, field=name, type=field.type)
    if texts and family is Family.CHECKBOX and not set(texts) <= _CHECKBOX:
        yield codes.ROWS_CHECKBOX(number=number, field=name)
    values = {each.value for each in field.picklist_values}
    unknown = [text for text in texts if text not in values]
    if family is Family.PICKLIST and values and unknown:
        named = ", ".join(map(repr, unknown))
        yield codes.ROWS_VALUE(number=number, field=name, values=named)
