"""
The check of value rules: whether each fits its entry, and what it changes unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.codes import check_values as codes
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.limits import ID_LENGTH
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    OwnerChoice,
    changes_silently,
)
from migrator.model.value_rule import ValueRule


def check_rule(
    mapped: MappedObject, entry: FieldMapping, described: ObjectDescribe | None
) -> Iterator[Finding]:
    """
    Yield what is wrong or risky about the rule of *entry*; *described* may be unknown.
    """
    rule = entry.rule
    if rule is None or not entry.treatment.row.carries:
        return
    if rule.owners:
        yield from _owner_problems(mapped, entry, rule)
        return
    if not entry.treatment.row.keeps_values or entry.volatile:
        what = "a formula that reads the clock" if entry.volatile else entry.treatment
        yield codes.RULE_TREATMENT(what=what)
    if entry.is_location:
        yield codes.RULE_ON_LOCATION()
    if rule.truncate < 0:
        yield codes.RULE_KEEPS_NOTHING()
    if entry.type and entry.type.row.most_values is not None:
        foreign = [each for each in rule.results if each not in entry.values]
        if foreign:
            yield codes.RULE_RESULT(values=", ".join(map(repr, foreign)))
    yield from _unknown_parts(rule, described)
    if changes_silently(entry):
        yield codes.CHANGES_VALUES()


def _owner_problems(
    mapped: MappedObject, entry: FieldMapping, rule: ValueRule
) -> Iterator[Finding]:
    if entry.source != "OwnerId":
        yield codes.RULE_OWNERS_FIELD()
    elif mapped.owner is not OwnerChoice.KEEP:
        yield codes.RULE_OWNERS_NOT_KEPT()
    ids = [*rule.owners, *rule.owners.values()]
    if rule.otherwise not in {"keep", "blank"}:
        ids.append(rule.otherwise)
    if rule.otherwise == "blank" or any(len(each) != ID_LENGTH for each in ids):
        yield codes.RULE_OWNERS_IDS()


def _unknown_parts(
    rule: ValueRule, described: ObjectDescribe | None
) -> Iterator[Finding]:
    if described is None:
        return
    for name in rule.concatenate:
        field = described.field(name)
        if field is None or field.name != name or not field.row.in_bulk:
            yield codes.RULE_PART(field=name)
