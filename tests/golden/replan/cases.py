"""
Twelve kinds of change that a describe goes through, and what is planned after each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from migrator.documents.mapping.write import render_mapping
from migrator.model.describe import FieldDescribe, ObjectDescribe, PicklistValue
from migrator.model.mapping import Mapping, Status
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.review import MappingChange
from migrator.rules.plan.proposal import plan
from migrator.rules.review.approval import standings
from migrator.rules.review.diff import differences
from tests.builders.describes import a_described, a_described_object, a_reference
from tests.builders.reviews import grounds
from tests.conftest import ROOT

INVOICE, LINE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Line__c")
MIGRATION = Migration(id="abcd1234", objects=(INVOICE, LINE))
OPEN, PAID = (
    PicklistValue(value="Open", label="Open"),
    PicklistValue(value="Paid", label="Paid"),
)
NOTE = a_described("ONB2__Note__c", length=40)
TOTAL = a_described("ONB2__Total__c", "currency", precision=16, scale=2)
STATE = replace(
    a_described("ONB2__State__c", "picklist", length=40), picklist_values=(OPEN, PAID)
)
ACCOUNT = a_reference("ONB2__Account__c", ApiName("Account"))
PARENT = a_reference("ONB2__Invoice__c", INVOICE, order=0)
Describes = dict[ApiName, ObjectDescribe]


def described(*invoice: FieldDescribe, parent: FieldDescribe = PARENT) -> Describes:
    """An invoice with these fields, and a line that points at it."""
    return {
        INVOICE: a_described_object(INVOICE, *invoice),
        LINE: a_described_object(LINE, parent),
    }


BEFORE = described(NOTE, TOTAL, STATE, ACCOUNT)


def _changed(field: FieldDescribe, **changes: Any) -> Describes:
    fields = (NOTE, TOTAL, STATE, ACCOUNT)
    return described(
        *(replace(each, **changes) if each is field else each for each in fields)
    )


CASES: dict[str, Callable[[], Describes]] = {
    "field_added": lambda: described(
        NOTE, TOTAL, STATE, ACCOUNT, a_described("ONB2__New__c", length=10)
    ),
    "field_vanished": lambda: described(TOTAL, STATE, ACCOUNT),
    "field_renamed": lambda: _changed(NOTE, name=ApiName("ONB2__Remark__c")),
    "text_longer": lambda: _changed(NOTE, length=80),
    "text_shorter": lambda: _changed(NOTE, length=20),
    "type_changed": lambda: _changed(NOTE, type="date", length=0),
    "more_decimals": lambda: _changed(TOTAL, precision=18, scale=4),
    "became_formula": lambda: _changed(
        TOTAL, calculated=True, calculated_formula="TODAY() - 1"
    ),
    "value_added": lambda: _changed(
        STATE,
        picklist_values=(OPEN, PAID, PicklistValue(value="Void", label="Void")),
    ),
    "value_inactive": lambda: _changed(
        STATE, picklist_values=(OPEN, replace(PAID, active=False))
    ),
    "points_elsewhere": lambda: _changed(ACCOUNT, reference_to=(ApiName("Contact"),)),
    "detail_became_lookup": lambda: described(
        NOTE, TOTAL, STATE, ACCOUNT, parent=a_reference("ONB2__Invoice__c", INVOICE)
    ),
}


def approved() -> Mapping:
    """The mapping of the describe as it was, approved with decisions of a person."""
    mapping = plan(BEFORE, MIGRATION)
    decided = _each_entry(
        mapping,
        lambda entry: {
            "why": f"decided: {entry.why}",
            "target": ApiName("Remark__c")
            if entry.source == NOTE.name
            else entry.target,
        },
    )
    signed = {each.where: each for each in standings(decided, grounds(BEFORE))}
    objects = tuple(
        replace(
            mapped,
            fields=tuple(
                replace(
                    entry,
                    status=Status.APPROVED,
                    by="Eva",
                    on="2026-11-22T10:00:00Z",
                    basis=signed[f"{mapped.source}.{entry.source}"].basis,
                    digest=signed[f"{mapped.source}.{entry.source}"].digest,
                )
                for entry in mapped.fields
            ),
        )
        for mapped in decided.objects
    )
    return replace(decided, objects=objects)


def _each_entry(mapping: Mapping, changes: Callable[[Any], dict[str, Any]]) -> Mapping:
    objects = tuple(
        replace(
            mapped,
            fields=tuple(replace(entry, **changes(entry)) for entry in mapped.fields),
        )
        for mapped in mapping.objects
    )
    return replace(mapping, objects=objects)


def planned(describes: Describes, previous: Mapping) -> Mapping:
    """The mapping planned again from *describes*."""
    return plan(describes, MIGRATION, previous=previous)


def planned_again(case: str) -> Mapping:
    """The mapping after the change called *case*."""
    return planned(CASES[case](), approved())


def changes(case: str) -> tuple[MappingChange, ...]:
    """What planning again changed."""
    return differences(approved(), planned_again(case))


def files(case: str) -> dict[str, str]:
    """The golden files of *case*, by name."""
    again = planned_again(case)
    news = [
        f"{each.level.value} {each.where}: {each.message}" for each in again.findings
    ]
    told = [
        f"{each.change.value} {each.where} {each.setting}: {each.old!r} -> {each.new!r}"
        for each in changes(case)
    ]
    return {
        "mapping.yaml": render_mapping(again, templates=[ROOT / "templates"]),
        "changes.txt": "\n".join([*told, "", *news]) + "\n",
    }
