"""
Field kinds that few objects have: each is carried, or its parts are, and says how.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.field_type import FieldType
from migrator.model.finding import blockers
from migrator.model.kinds.table import Kind
from migrator.model.mapping import FieldMapping
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from migrator.rules.target.permission_sets import source_reader
from tests.builders.describes import (
    SAMPLES,
    a_described,
    a_described_object,
    a_reference,
    read_describes,
)
from tests.builders.mappings import a_migration

STATEMENT = ApiName("ONB2__Dunning__c")
DETAIL = ApiName("ONB2__DunningDetail__c")
KINDS = {
    "Collector_Notes__c": ("Html(32768)", "rich-text-images"),
    "Collector_Pin__c": ("EncryptedText(12, all, asterisk)", "encrypted"),
    "Contact_Window__c": ("Time", None),
    "Reasons__c": ("MultiselectPicklist", None),
    "Escalation__c": ("Picklist", None),
    "Escalation_Step__c": ("Picklist", "dependency-not-carried"),
    "Debtor_Position__Latitude__s": ("Number(9, 6)", None),
    "Debtor_Position__Longitude__s": ("Number(9, 6)", None),
    "Debtor_Position__c": ("Location(6, decimal)", None),
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
    described = a_described_object("Price__c", rate)
    migration = replace(a_migration(), objects=(described.name,))
    entry = plan({described.name: described}, migration).objects[0].entry(rate.name)
    assert entry is not None
    assert entry.type is not None
    assert entry.type.scale == 8


def test_a_lookup_filter_is_left_out_and_said() -> None:
    """The lookup stays, the filter goes: it would refuse old records."""
    link = replace(a_reference("Ship_To__c", "Account"), filtered=True)
    described = a_described_object("Parcel__c", link)
    migration = replace(a_migration(), objects=(described.name,))
    mapping = plan({described.name: described}, migration)
    entry = mapping.objects[0].entry(link.name)
    assert entry is not None
    assert [each.code for each in entry.findings] == ["filter-not-carried"]
    (made,) = build_target(mapping, migration).objects
    assert Kind.LOOKUP in {each.type.kind for each in made.fields}


def test_a_multi_select_is_as_tall_as_it_was() -> None:
    """The describe gives its lines as precision."""
    entry = _entries(STATEMENT)["Reasons__c"]
    assert entry.visible_lines == 5


@pytest.mark.parametrize(("lines", "kept"), [(12, 12), (3, 0), (99, 50), (0, 0)])
def test_a_long_text_is_as_tall_as_its_metadata_says(lines: int, kept: int) -> None:
    """Within the legal range; what the setup pages propose needs no setting."""
    note = replace(
        a_described("Note__c", "textarea", length=5_000), visible_lines=lines
    )
    described = a_described_object("Case__c", note)
    migration = replace(a_migration(), objects=(described.name,))
    entry = plan({described.name: described}, migration).objects[0].entry(note.name)
    assert entry is not None
    assert entry.visible_lines == kept


def test_encrypted_text_becomes_open_only_by_decision() -> None:
    """Text shows everybody what few may see: a blocker until somebody agrees."""
    describes = read_describes(SAMPLES)
    mapping = plan(describes, replace(a_migration(), objects=(STATEMENT,)))
    (mapped,) = mapping.objects

    def problems(**changes: object) -> list[str]:
        fields = tuple(
            replace(each, **changes)  # type: ignore[arg-type]
            if each.source == "Collector_Pin__c"
            else each
            for each in mapped.fields
        )
        edited = replace(mapping, objects=(replace(mapped, fields=fields),))
        return [each.code for each in blockers(check(edited, describes))]

    opened = FieldType.parse("Text(12)")
    assert problems() == []
    assert problems(type=opened) == ["loses"]
    assert problems(type=opened, loses="encryption") == []


def test_who_reads_the_source_sees_what_is_masked() -> None:
    """One permission more, and a location by its own name alone."""
    offered = source_reader(read_describes(SAMPLES), [STATEMENT], [], "[migrator x]")
    named = {str(each.field) for each in offered.fields}
    assert "Debtor_Position__c" in named
    assert not [name for name in named if name.endswith("__s")]
    assert offered.user_permissions == ("ViewEncryptedData",)
    plain = source_reader(read_describes(SAMPLES), [DETAIL], [], "[migrator x]")
    assert plain.user_permissions == ()
