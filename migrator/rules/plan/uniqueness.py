"""
Whether a field that is unique in the source is unique in its new home.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import replace

from migrator.model.describe import FieldDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Level, Remark
from migrator.model.limits import MAX_INDEXED
from migrator.model.mapping import FieldMapping
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rules.plan.draft import Draft

_KEY = 1
"""The place of `Origin_Id__c`."""


def uniqueness(
    field: FieldDescribe, chosen: FieldType, seen: Observed | None
) -> tuple[bool, tuple[Remark, ...]]:
    """
    True when *field* stays unique as *chosen*, and why not where it does not.
    """
    if not field.unique:
        return False, ()
    if not chosen.row.may_be_unique:
        return False, (_plain(f"{chosen} cannot be"),)
    if seen is not None and seen.repeats:
        count = f"{seen.repeats:,}"
        return False, (_plain(f"{count} records repeat the value of another"),)
    return True, ()


def within_limit(
    drafts: Iterable[Draft], kept: Table[ApiName, FieldMapping]
) -> list[Draft]:
    """
    *drafts* with as many unique ones, in their order, as there are places; *kept*
    entries have theirs already.
    """
    room = MAX_INDEXED - _KEY - sum(entry.unique for entry in kept.values())
    made = []
    for each in drafts:
        wants = each.unique and each.source not in kept
        if wants and room <= 0:
            remark = _plain(f"the {MAX_INDEXED} places of an object are taken")
            made.append(
                replace(
                    each,
                    unique=False,
                    case_sensitive=False,
                    remarks=(*each.remarks, remark),
                )
            )
            continue
        room -= wants
        made.append(each)
    return made


def _plain(why: str) -> Remark:
    return Remark(
        level=Level.INFO,
        code="unique-not-carried",
        message=f"Unique in the source and plain in the new object: {why}.",
    )


# -- Check ----------------------------------------------------------------------------
