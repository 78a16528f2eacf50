"""
Dependent picklists: the bitmaps of a describe read, and told in the mapping.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.describe import FieldDescribe, PicklistValue
from migrator.model.names import ApiName
from migrator.rules.plan.picklist_dependencies import dependency, valid_positions
from tests.builders.describes import (
    SAMPLES,
    a_described,
    a_described_object,
    read_describes,
)


@pytest.mark.parametrize(
    ("bitmap", "positions"),
    [
        ("gA==", {0}),
        ("wA==", {0, 1}),
        ("AAE=", {15}),
        ("AICA", {8, 16}),
        ("", set()),
        ("!", set()),
    ],
)
def test_the_first_bit_is_the_most_significant(
    bitmap: str, positions: set[int]
) -> None:
    """Bit n stands for the n-th value of the controlling field."""
    assert valid_positions(bitmap) == positions


def _dependent(*values: tuple[str, str]) -> FieldDescribe:
    field = a_described("Step__c", "picklist")
    found = tuple(PicklistValue(value=v, label=v, valid_for=bits) for v, bits in values)
    return replace(field, picklist_values=found, controller=ApiName("Stage__c"))


def test_each_controlling_value_is_told_with_what_it_allows() -> None:
    """The sample's escalation: letters go with both, the bailiff with one."""
    statement = read_describes(SAMPLES)[ApiName("ONB2__Dunning__c")]
    step = statement.field(ApiName("Escalation_Step__c"))
    assert step is not None
    stages = statement.field(ApiName("Escalation__c"))
    assert stages is not None
    first, second = (each.value for each in stages.picklist_values[:2])
    assert dependency(step, statement) == (
        f" It allows {first}: Call, Letter; {second}: Letter, Court order, Bailiff."
    )


def test_a_checkbox_controls_with_false_and_true() -> None:
    """In that order."""
    step = _dependent(("Call", "gA=="), ("Court", "QA=="))
    owner = a_described_object("Case__c", a_described("Stage__c", "boolean"), step)
    assert dependency(step, owner) == " It allows false: Call; true: Court."


def test_a_controlling_field_out_of_sight_tells_nothing() -> None:
    """No guess."""
    step = _dependent(("Call", "gA=="))
    assert dependency(step, a_described_object("Case__c", step)) == ""
    blank = _dependent(("Call", ""))
    owner = a_described_object("Case__c", a_described("Stage__c", "boolean"), blank)
    assert dependency(blank, owner) == ""
