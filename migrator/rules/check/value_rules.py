"""
The check of value rules: whether each fits its entry, and what it changes unseen.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Level, Remark
from migrator.model.limits import ID_LENGTH
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    OwnerChoice,
    Treatment,
    changes_silently,
)
from migrator.model.value_rule import ValueRule

_RULED = {Treatment.COPY, Treatment.FREEZE}


def check_rule(
    mapped: MappedObject, entry: FieldMapping, described: ObjectDescribe | None
) -> Iterator[Remark]:
    """
    What is wrong or risky about the rule of *entry*; *described* may be unknown.
    """
    rule = entry.rule
    if rule is None or entry.treatment is Treatment.SKIP:
        return
    if rule.owners:
        yield from _owner_problems(mapped, entry, rule)
        return
    if entry.treatment not in _RULED or entry.volatile:
        what = "a formula that reads the clock" if entry.volatile else entry.treatment
        yield _blocker(f"rule: {what} takes none.", "remove it, or use copy")
    if entry.is_location:
        yield _blocker("rule: a location takes none.", "give it to its two parts")
    if rule.truncate < 0:
        yield _blocker("rule: truncate needs a length above 0.", "mend it")
    if entry.type and entry.type.row.most_values is not None:
        foreign = [each for each in rule.results if each not in entry.values]
        if foreign:
            named = ", ".join(map(repr, foreign))
            yield _blocker(
                f"rule: {named} is not among the picklist's values.",
                "add it to `values`",
            )
    yield from _unknown_parts(rule, described)
    if changes_silently(entry):
        yield Remark(
            level=Level.WARNING,
            code="changes-values",
            message="rule: replaces values, and the originals are kept nowhere; every "
            "changed record is counted as changed by rule.",
            remedy="keep them with `original_target`, or approve it with --note",
        )


def _owner_problems(
    mapped: MappedObject, entry: FieldMapping, rule: ValueRule
) -> Iterator[Remark]:
    if entry.source != "OwnerId":
        yield _blocker("rule: owners is for OwnerId alone.", "use map")
    elif mapped.owner is not OwnerChoice.KEEP:
        yield _blocker(
            "rule: owners needs an object that keeps its owners.", "set owner to keep"
        )
    ids = [*rule.owners, *rule.owners.values()]
    if rule.otherwise not in {"keep", "blank"}:
        ids.append(rule.otherwise)
    if rule.otherwise == "blank" or any(len(each) != ID_LENGTH for each in ids):
        yield _blocker(
            "rule: owners are user ids of 18 characters, and nobody is no owner.",
            "write the ids as the extract has them",
        )


def _unknown_parts(
    rule: ValueRule, described: ObjectDescribe | None
) -> Iterator[Remark]:
    if described is None:
        return
    for name in rule.concatenate:
        field = described.field(name)
        if field is None or field.name != name or not field.row.in_bulk:
            yield _blocker(
                f"rule: {name} cannot be put together: the describe shows no such "
                "readable field.",
                "use names of fields of this object, to the letter",
            )


def _blocker(message: str, remedy: str) -> Remark:
    return Remark(level=Level.BLOCKER, code="rule", message=message, remedy=remedy)
