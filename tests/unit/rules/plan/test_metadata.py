"""
What metadata tells that a describe does not, and what becomes of it in the plan.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.documents.describe.object import changed_parts, parse_definitions
from migrator.errors import DescribeError
from migrator.model.describe import FieldDefinition, PicklistValue
from migrator.model.names import ApiName
from migrator.rules.plan.metadata import revealed
from migrator.rules.plan.proposal import plan
from tests.builders.describes import a_described, a_described_object
from tests.builders.mappings import a_migration

FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
    <fields>
        <fullName>ONB2__Total__c</fullName>
        <summarizedField>ONB2__Line__c.ONB2__Net__c</summarizedField>
        <summaryForeignKey>ONB2__Line__c.ONB2__Bill__c</summaryForeignKey>
        <summaryOperation>sum</summaryOperation>
        <type>Summary</type>
    </fields>
    <fields>
        <fullName>ONB2__State__c</fullName>
        <inlineHelpText>Where it stands</inlineHelpText>
        <type>MultiselectPicklist</type>
        <visibleLines>6</visibleLines>
        <valueSet>
            <valueSetDefinition>
                <sorted>false</sorted>
                <value><fullName>Open</fullName><default>false</default></value>
                <value>
                    <fullName>Withdrawn</fullName>
                    <default>false</default>
                    <isActive>false</isActive>
                    <label>Taken back</label>
                </value>
            </valueSetDefinition>
        </valueSet>
    </fields>
    <label>Bill</label>
</CustomObject>
"""
BILL = a_described_object(
    "ONB2__Bill__c",
    a_described("ONB2__Total__c", "currency", precision=18, scale=2, calculated=True),
    a_described("ONB2__State__c", "picklist", length=255, values=("Open",)),
)


def test_a_file_is_read() -> None:
    """Roll-ups in words, help, inactive values with their labels."""
    assert parse_definitions(FILE, file="bill") == (
        FieldDefinition(
            name=ApiName("ONB2__Total__c"), summary="sum of ONB2__Line__c.ONB2__Net__c"
        ),
        FieldDefinition(
            name=ApiName("ONB2__State__c"),
            help_text="Where it stands",
            visible_lines=6,
            values=(
                PicklistValue(value="Open", label="Open"),
                PicklistValue(value="Withdrawn", label="Taken back", active=False),
            ),
        ),
    )


@pytest.mark.parametrize("content", [b"<broken", b"<other/>"])
def test_what_is_no_definition_is_refused(content: bytes) -> None:
    """With the file's name and the way to make it again."""
    with pytest.raises(DescribeError, match="bill") as caught:
        parse_definitions(content, file="bill")
    assert "migrator describe" in caught.value.hint


def test_changed_fields_are_named() -> None:
    """Blanks are no change; a new, a gone and another field are."""
    other = FILE.replace(b">sum<", b">max<").replace(b"    <", b"  <")
    assert changed_parts(FILE, FILE, "fields", file="bill") == ()
    spaced = FILE.replace(b"<label>Bill</label>", b"<label>B</label>")
    assert changed_parts(FILE, spaced, "fields", file="bill") == ()
    assert ApiName("ONB2__Total__c") in changed_parts(
        FILE, other, "fields", file="bill"
    )


def test_the_plan_says_what_a_roll_up_added_up() -> None:
    """And offers the values that records may still hold."""
    described = revealed(BILL, parse_definitions(FILE, file="bill"))
    migration = replace(a_migration(), objects=(BILL.name,))
    (mapped,) = plan({BILL.name: described}, migration).objects
    total = mapped.entry(ApiName("ONB2__Total__c"))
    state = mapped.entry(ApiName("ONB2__State__c"))
    assert total is not None
    assert state is not None
    assert "sum of ONB2__Line__c.ONB2__Net__c" in total.why
    assert state.values == ("Open", "Withdrawn")
    assert state.help == "Where it stands"


def test_what_the_describe_says_stays() -> None:
    """Metadata only fills gaps: the describe is what the extract reads by."""
    plain = replace(BILL.fields[2], help_text="Mine")
    described = replace(BILL, fields=(plain,))
    definition = FieldDefinition(name=plain.name, help_text="Theirs", formula="1 + 1")
    (field,) = revealed(described, [definition]).fields
    assert field.help_text == "Mine"
    assert field.calculated_formula == "1 + 1"
