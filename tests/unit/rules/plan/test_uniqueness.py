"""
What is unique in the source stays unique where the new home has room for it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.describe import FieldDescribe
from migrator.model.finding import blockers
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.value_rule import ValueRule
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import Profile, plan
from tests.builders.describes import a_described, a_described_object
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
)

OBJECT = ApiName("ns__Site__c")


def _planned(*fields: FieldDescribe, observed: Profile | None = None) -> MappedObject:
    migration = replace(a_migration(), objects=(OBJECT,))
    site = a_described_object(OBJECT, *fields)
    (mapped,) = plan({OBJECT: site}, migration, observed=observed).objects
    assert blockers(check(a_mapping(mapped))) == ()
    return mapped


def _entry(mapped: MappedObject, source: str = "ns__Number__c") -> FieldMapping:
    found = mapped.entry(ApiName(source))
    assert found is not None
    return found


def test_unique_and_its_case_are_carried() -> None:
    """Text that tells capitals apart, and a number."""
    text = replace(
        a_described("ns__Number__c", length=30, unique=True), case_sensitive=True
    )
    count = a_described("ns__Count__c", "double", precision=9, unique=True)
    mapped = _planned(text, count)
    assert (_entry(mapped).unique, _entry(mapped).case_sensitive) == (True, True)
    assert _entry(mapped, "ns__Count__c").unique


def test_records_that_repeat_a_value_take_uniqueness_away() -> None:
    """The org would refuse them, so the field is plain and says why."""
    text = a_described("ns__Number__c", length=30, unique=True)
    seen = {(OBJECT, "ns__Number__c"): Observed(rows=4, repeats=2)}
    entry = _entry(_planned(text, observed=seen))
    assert not entry.unique
    (finding,) = [e for e in entry.findings if e.code == "unique-not-carried"]
    assert "2 records" in finding.message


def test_a_kind_that_cannot_be_unique_says_so() -> None:
    """A text too long for a unique field."""
    text = a_described("ns__Number__c", length=300, unique=True)
    entry = _entry(_planned(text))
    assert not entry.unique
    assert [each.code for each in entry.findings] == ["unique-not-carried"]


def test_over_the_limit_the_last_ones_are_plain() -> None:
    """25 places, one of them for the origin id."""
    fields = [a_described(f"ns__N{n:02}__c", length=30, unique=True) for n in range(30)]
    mapped = _planned(*fields)
    plain = [e for e in mapped.fields if e.source.startswith("ns__") and not e.unique]
    assert [each.source for each in plain] == [f"ns__N{n}__c" for n in range(24, 30)]
    assert all(e.findings[0].code == "unique-not-carried" for e in plain)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (a_field("A__c", "Date", unique=True), "unique-type"),
        (
            replace(a_field("A__c", "Text(40)"), case_sensitive=True),
            "case-sensitive-alone",
        ),
        (
            replace(
                a_field("A__c", "Text(40)", unique=True),
                rule=ValueRule(constant="same"),
            ),
            "unique-after-changes",
        ),
        (
            replace(a_field("A__c", "Text(40)", unique=True), loses="the end"),
            "unique-after-changes",
        ),
    ],
    ids=["a date", "case alone", "a rule", "a loss"],
)
def test_uniqueness_by_hand_is_checked(field: FieldMapping, code: str) -> None:
    """A blocker before the org, or the copy, says it."""
    mapping = a_mapping(a_mapped_object(a_key(), a_name(), field))
    assert code in {each.code for each in blockers(check(mapping))}


def test_too_many_unique_fields_are_a_blocker() -> None:
    """By hand only: a plan never asks for more than fits."""
    fields = [a_field(f"N{n}__c", "Text(30)", unique=True) for n in range(25)]
    (found,) = blockers(check(a_mapping(a_mapped_object(a_key(), a_name(), *fields))))
    assert (found.code, "26 unique" in found.message) == ("over-limit", True)
