"""
Field kinds that few objects have: each is carried, or its parts are, and says how.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.mapping import FieldMapping, Treatment
from migrator.model.names import ApiName
from migrator.model.target import Kind
from migrator.rules.building import build_target
from migrator.rules.checking import check
from migrator.rules.planning import plan
from tests.describes import SAMPLES, a_described, a_reference, an_object, read_describes
from tests.mappings import a_migration

STATEMENT = ApiName("ONB2__Dunning__c")
DETAIL = ApiName("ONB2__DunningDetail__c")
KINDS = {
    "Collector_Notes__c": ("Html(32768)", "rich-text-images"),
    "Collector_Pin__c": ("Text(12)", "encrypted"),
    "Contact_Window__c": ("Time", None),
    "Reasons__c": ("MultiselectPicklist", None),
    "Escalation__c": ("Picklist", None),
    "Escalation_Step__c": ("Picklist", "dependency-not-carried"),
    "Debtor_Position__Latitude__s": ("Number(9, 6)", None),
    "Debtor_Position__Longitude__s": ("Number(9, 6)", None),
    "Debtor_Position__c": (None, None),
    "Statement_Link__c": ("LongTextArea(1300)", "link-as-markup"),
}


def _entries(*names: ApiName) -> dict[str, FieldMapping]:
    """The entries of the last of *names*, planned together."""
    migration = replace(a_migration(), objects=names)
    mapping = plan(read_describes(SAMPLES), migration)
    assert [each.level for each in check(mapping) if each.level == "blocker"] == []
    return {entry.source: entry for entry in mapping.objects[-1].fields}


@pytest.mark.parametrize("source", KINDS)
def test_a_rare_kind_becomes_the_type_that_holds_it(source: str) -> None:
    """The type, and the remark that a reviewer needs."""
    wanted, remark = KINDS[source]
    entry = _entries(STATEMENT)[source]
    assert (str(entry.type) if entry.type else None) == wanted
    codes = {each.code for each in entry.findings}
    assert remark is None or remark in codes
    assert entry.why


def test_statement_details_hang_on_their_statement() -> None:
    """The master-detail becomes the required link to the copied statement."""
    entry = _entries(STATEMENT, DETAIL)["ONB2__Dunning__c"]
    assert (entry.treatment, str(entry.type)) == (
        Treatment.PARENT,
        "Lookup(Dunning__c)",
    )
    assert entry.required


def test_a_high_scale_number_keeps_eight_decimals() -> None:
    """The platform stores eight, whatever the describe gives as scale."""
    rate = replace(
        a_described("Rate__c", "double", precision=12, scale=2), high_scale=True
    )
    described = an_object("Price__c", rate)
    migration = replace(a_migration(), objects=(described.name,))
    entry = plan({described.name: described}, migration).objects[0].entry(rate.name)
    assert entry is not None
    assert entry.type is not None
    assert entry.type.scale == 8


def test_a_lookup_filter_is_left_out_and_said() -> None:
    """The lookup stays, the filter goes: it would refuse old records."""
    link = replace(a_reference("Ship_To__c", "Account"), filtered=True)
    described = an_object("Parcel__c", link)
    migration = replace(a_migration(), objects=(described.name,))
    mapping = plan({described.name: described}, migration)
    entry = mapping.objects[0].entry(link.name)
    assert entry is not None
    assert [each.code for each in entry.findings] == ["filter-not-carried"]
    (made,) = build_target(mapping, migration).objects
    assert Kind.LOOKUP in {each.type.kind for each in made.fields}
