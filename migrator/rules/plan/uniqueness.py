"""
Whether a field that is unique in the source is unique in its new home.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable
from dataclasses import replace

from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.limits import MAX_INDEXED
from migrator.model.mapping import FieldMapping
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rules.plan.draft import Draft

_KEY = 1
"""The place of `Origin_Id__c`."""


def uniqueness(
    field: FieldDescribe, chosen: FieldType, seen: Observed | None
) -> tuple[bool, tuple[Finding, ...]]:
    """
    Return True when *field* stays unique as *chosen*, and why not where it does not.
    """
    if not field.unique:
        return False, ()
    if not chosen.row.may_be_unique:
        return False, (codes.UNIQUE_NOT_CARRIED(reason=f"{chosen} cannot be"),)
    if seen is not None and seen.repeats:
        reason = f"{seen.repeats:,} records repeat the value of another"
        return False, (codes.UNIQUE_NOT_CARRIED(reason=reason),)
    return True, ()


def within_limit(
    drafts: Iterable[Draft], kept: abc.Mapping[ApiName, FieldMapping]
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
            reason = f"the {MAX_INDEXED} places of an object are taken"
            plain = codes.UNIQUE_NOT_CARRIED(reason=reason)
            made.append(
                replace(
                    each,
                    unique=False,
                    case_sensitive=False,
                    findings=(*each.findings, plain),
                )
            )
            continue
        room -= wants
        made.append(each)
    return made
