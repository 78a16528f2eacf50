"""
The check of `rows:`: whether each condition can be asked, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.finding import Finding, Level
from migrator.model.kinds.row import Family
from migrator.model.mapping import MappedObject, RowRule
from migrator.model.row_rule import Condition

_DAYS = {Family.DATE, Family.DATE_TIME}
_CHECKBOX = {"true", "false"}


def check_rows(
    mapped: MappedObject, described: ObjectDescribe | None
) -> Iterator[Finding]:
    """
    What is wrong with the `rows:` of *mapped*; *described* may be unknown.
    """
    for number, rule in enumerate(mapped.rows, 1):
        for message, remedy in _problems(rule, described):
            yield Finding(
                level=Level.BLOCKER,
                code="rows",
                message=f"rows, entry {number}: {message}",
                object=mapped.source,
                remedy=remedy,
            )


def _problems(
    rule: RowRule, described: ObjectDescribe | None
) -> Iterator[tuple[str, str]]:
    condition = rule.exclude
    if not rule.why.strip():
        yield "why is empty.", "say why these records stay behind"
    if any(not text.strip() for text in (*condition.is_, *condition.is_not)):
        yield "a text to compare with is empty.", "use blank: true or not_blank: true"
    if described is None:
        return
    field = described.field(condition.field)
    if field is None or field.name != condition.field:
        meant = f"; it spells {field.name}" if field else ""
        yield (
            f"{condition.field}: the describe shows no such field{meant}.",
            "use the name of a field of this object, to the letter",
        )
        return
    yield from _misfits(condition, field)


def _misfits(condition: Condition, field: FieldDescribe) -> Iterator[tuple[str, str]]:
    family = field.row.family
    texts = (*condition.is_, *condition.is_not)
    asks_day = condition.before is not None or condition.after is not None
    if not field.row.in_bulk:
        yield f"{field.name} ({field.type}) cannot be read as text.", "ask another"
    if asks_day and family not in _DAYS:
        yield (
            f"{field.name} is {field.type}; before and after are for dates.",
            "use is, is_not, blank or not_blank",
        )
    if texts and family is Family.NUMBER:
        yield (
            f"{field.name} is {field.type}: one number has many spellings.",
            "ask a text, picklist, checkbox, date or reference field",
        )
    if texts and family is Family.CHECKBOX and not set(texts) <= _CHECKBOX:
        yield f"{field.name} is a checkbox.", "compare it with true or false"
    values = {each.value for each in field.picklist_values}
    unknown = [text for text in texts if text not in values]
    if family is Family.PICKLIST and values and unknown:
        yield (
            f"{field.name} has no value {', '.join(map(repr, unknown))}.",
            "use the API names of the values, to the letter",
        )
