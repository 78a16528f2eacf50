"""
Planning again: decisions of people stay, everything else follows the describes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from migrator.model.describe import FieldDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Level
from migrator.model.mapping import (
    FieldMapping,
    Mapping,
    ParentLink,
    Status,
    TextRule,
)
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.treatment import Treatment
from migrator.rules.plan.proposal import Profile, plan
from tests.builders.describes import a_described, a_described_object, a_reference

INVOICE, LINE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Line__c")
NOTE = a_described("ONB2__Note__c", length=40)
TOTAL = a_described(
    "ONB2__Total__c", "currency", precision=18, scale=2, calculated=True
)


def _planned(
    *fields: FieldDescribe,
    previous: Mapping | None = None,
    observed: Profile | None = None,
) -> Mapping:
    line = a_described_object(LINE, a_reference("ONB2__Invoice__c", INVOICE, order=0))
    return plan(
        {INVOICE: a_described_object(INVOICE, *fields), LINE: line},
        Migration(id="abcd1234", objects=(INVOICE, LINE)),
        None,
        observed,
        previous,
    )


def _entry_of(mapping: Mapping, source: str) -> FieldMapping:
    entry = mapping.objects[0].entry(ApiName(source))
    assert entry is not None
    return entry


def _edited(mapping: Mapping, source: str, **changes: Any) -> Mapping:
    first, *others = mapping.objects
    fields = tuple(
        replace(each, **changes) if each.source == source else each
        for each in first.fields
    )
    return replace(mapping, objects=(replace(first, fields=fields), *others))


def test_planning_again_changes_nothing() -> None:
    """The same describes and an untouched mapping give the same mapping."""
    first = _planned(NOTE, TOTAL)
    assert _planned(NOTE, TOTAL, previous=first) == first


def test_an_extract_replaces_what_was_assumed_without_it() -> None:
    """Untouched entries follow the data, and go back when the data is gone."""
    blind = _planned(TOTAL)
    seen = {(INVOICE, "ONB2__Total__c"): Observed(max_scale=4, max_integer_digits=3)}
    wide = _planned(TOTAL, previous=blind, observed=seen)
    assert str(_entry_of(wide, "ONB2__Total__c").type) == "Currency(18, 4)"
    assert _planned(TOTAL, previous=wide, observed=seen) == wide


def test_a_reviewed_entry_stays_whatever_the_data_say() -> None:
    """An approval is somebody's word; the check has the last one."""
    blind = _planned(TOTAL)
    approved = _edited(blind, "ONB2__Total__c", status=Status.APPROVED)
    seen = {(INVOICE, "ONB2__Total__c"): Observed(max_scale=4, max_integer_digits=3)}
    again = _planned(TOTAL, previous=approved, observed=seen)
    assert _entry_of(again, "ONB2__Total__c") == _entry_of(approved, "ONB2__Total__c")


def test_a_hand_edited_entry_stays() -> None:
    """Nobody has to set a status to be heard."""
    first = _planned(NOTE)
    changed = _edited(first, "ONB2__Note__c", target=ApiName("Remark__c"))
    assert _planned(NOTE, previous=changed) == changed
    skipped = _edited(
        first, "ONB2__Note__c", treatment=Treatment.SKIP, target=None, type=None
    )
    assert _planned(NOTE, previous=skipped) == skipped


def test_a_new_field_steps_around_a_kept_name() -> None:
    """The name somebody chose is taken, also for the customer's own new field."""
    first = _planned(NOTE)
    changed = _edited(first, "ONB2__Note__c", target=ApiName("Remark__c"))
    again = _planned(NOTE, a_described("Remark__c", length=10), previous=changed)
    assert _entry_of(again, "ONB2__Note__c").target == "Remark__c"
    assert _entry_of(again, "Remark__c").target == "Own_Remark__c"


def test_a_new_field_is_announced_until_it_is_reviewed() -> None:
    """It is proposed like the others and carries a finding."""
    first = _planned(NOTE)
    second = _planned(NOTE, TOTAL, previous=first)
    codes = [each.code for each in _entry_of(second, "ONB2__Total__c").findings]
    assert "new-field" in codes
    assert _planned(NOTE, TOTAL, previous=second) == second


def test_a_vanished_field_keeps_its_entry() -> None:
    """Marked, decided or not; a skipped one stands in nobody's way."""
    first = _edited(_planned(NOTE, TOTAL), "ONB2__Note__c", label="by hand")
    skipped = _edited(first, "ONB2__Total__c", treatment=Treatment.SKIP, target=None)
    again = _planned(previous=skipped)
    found = [(e.field, e.code, e.level) for e in again.findings]
    assert set(found) >= {
        ("ONB2__Note__c", "vanished-field", Level.BLOCKER),
        ("ONB2__Total__c", "given-up-field", Level.INFO),
    }
    assert _entry_of(again, "ONB2__Note__c").label == "by hand"
    assert [e.source for e in again.objects[0].fields] == [
        e.source for e in first.objects[0].fields
    ]
    assert _planned(previous=again) == again
    assert _planned(NOTE, TOTAL, previous=again) == skipped


def test_choices_about_the_object_stay() -> None:
    """Target name, labels, parent link and the text rule are people's to change."""
    first = _planned(NOTE)
    invoice, line = first.objects
    mapping = replace(
        first,
        text=TextRule(trim=False),
        objects=(
            replace(invoice, target=ApiName("Bill__c"), label="Bill"),
            replace(line, parent_link=ParentLink.MASTER_DETAIL),
        ),
    )
    again = _planned(NOTE, previous=mapping)
    assert not again.text.trim
    assert (again.objects[0].target, again.objects[0].label) == ("Bill__c", "Bill")
    link = again.objects[1].entry(ApiName("ONB2__Invoice__c"))
    assert link is not None
    assert link.type == FieldType.parse("MasterDetail(Bill__c)")
    assert not link.required


def test_a_blocker_stays_until_somebody_decides_otherwise() -> None:
    """Approving what cannot work does not make it work; another type answers it."""
    seen = {(INVOICE, "ONB2__Total__c"): Observed(max_scale=9, max_integer_digits=12)}
    first = _planned(TOTAL, observed=seen)

    def levels(mapping: Mapping) -> list[Level]:
        return [each.level for each in _entry_of(mapping, "ONB2__Total__c").findings]

    assert levels(first) == [Level.BLOCKER]
    approved = _edited(first, "ONB2__Total__c", status=Status.APPROVED)
    assert levels(_planned(TOTAL, previous=approved, observed=seen)) == [Level.BLOCKER]
    text = FieldType.parse("Text(255)")
    for changes in ({"type": text}, {"loses": "the last digits"}):
        decided = _edited(first, "ONB2__Total__c", **changes)
        again = _planned(TOTAL, previous=decided, observed=seen)
        assert levels(again) == [Level.WARNING]
        assert _planned(TOTAL, previous=again, observed=seen) == again


def test_findings_about_an_object_follow_its_entries() -> None:
    """A name that was given by hand ends the warning that there is none."""
    named = a_described("ONB2__Number__c", length=40)
    bare = a_described_object(INVOICE, named, with_name=False)
    migration = Migration(id="abcd1234", objects=(INVOICE,))
    first = plan({INVOICE: bare}, migration)
    assert [each.code for each in first.objects[0].findings] == ["no-name"]
    edited = _edited(
        first,
        "ONB2__Number__c",
        target=ApiName("Name"),
        type=FieldType.parse("Name(80)"),
    )
    again = plan({INVOICE: bare}, migration, previous=edited)
    assert again.objects[0].findings == ()
    assert _entry_of(again, "ONB2__Number__c").target == "Name"
