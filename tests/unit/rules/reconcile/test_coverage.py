"""
Whether the mapping is about everything that the org shows.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.model.field_type import FieldType
from migrator.model.finding import Level
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.reconcile.coverage import abandoned, uncovered, with_currency
from migrator.rules.reconcile.pairs import source_columns, target_columns
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_skipped,
)

AMOUNT = a_field("Total__c", "Currency(18, 2)")
CODE = "CurrencyIsoCode"
BOTH = {"source": {"Id", CODE}, "target": {"Id", CODE}}


def test_a_shown_field_without_an_entry_is_a_blocker() -> None:
    """Standard or custom, whatever its case; skipped ones have an entry."""
    mapped = a_mapped_object(a_key(), a_field(), a_skipped("IsDeleted"))
    shown = ["ID", "ONB2__NOTE__c", "IsDeleted", "RecordTypeId", "Later__c"]
    found = [*uncovered(mapped, shown)]
    assert [(each.field, each.code) for each in found] == [
        ("RecordTypeId", "unmapped-field"),
        ("Later__c", "unmapped-field"),
    ]
    assert {each.level for each in found} == {Level.BLOCKER}
    assert {each.object for each in found} == {mapped.source}


def test_a_carried_field_that_is_not_shown_is_a_blocker() -> None:
    """One that is left behind may be gone."""
    mapped = a_mapped_object(a_key(), a_field(), a_skipped("IsDeleted"))
    (found,) = uncovered(mapped, ["Id"])
    assert (found.field, found.code) == ("ONB2__Note__c", "field-not-shown")


def test_an_object_of_ours_that_nothing_fills_is_a_blocker() -> None:
    """Those that the mapping fills are none, in whatever case the org spells them."""
    mapping = a_mapping(a_mapped_object(a_key()))
    ours = [ApiName("INVOICE__c"), ApiName("Balance__c")]
    (found,) = abandoned(mapping, ours)
    assert found.level is Level.BLOCKER
    assert "Balance__c was made by this migration" in found.message
    assert not [*abandoned(mapping, ours[:1])]


def compares_currency(mapped: MappedObject, **shown: set[str]) -> bool:
    """True when the currency is compared, on both sides or on none."""
    made = with_currency(mapped, **(BOTH | shown))
    is_read = CODE in target_columns(made)
    assert is_read is (CODE in source_columns(made))
    return is_read


def test_the_currency_of_an_amount_is_compared_whoever_maps_it() -> None:
    """Left out, left behind, or kept as text only: the record's own is compared."""
    text = replace(
        a_field("Code__c", "Text(3)", source=CODE), treatment=Treatment.SNAPSHOT
    )
    for others in ([], [a_skipped(CODE)], [text]):
        mapped = a_mapped_object(a_key(), AMOUNT, *others)
        assert compares_currency(mapped)
    made = with_currency(a_mapped_object(a_key(), text, AMOUNT), **BOTH)
    assert {"Code__c", CODE} <= {*target_columns(made)}


def test_a_mapped_currency_stays_as_it_is_mapped() -> None:
    """Nothing is compared twice."""
    entry = replace(
        a_field(CODE, source=CODE, treatment=Treatment.SYSTEM),
        type=FieldType.parse("Standard"),
    )
    mapped = a_mapped_object(a_key(), AMOUNT, entry)
    assert with_currency(mapped, **BOTH) is mapped


def test_an_object_without_amounts_may_leave_the_currency_behind() -> None:
    """When an entry says so; one that nobody decided about is compared."""
    assert not compares_currency(a_mapped_object(a_key(), a_skipped(CODE)))
    assert compares_currency(a_mapped_object(a_key()))


def test_an_org_with_one_currency_has_none_to_compare() -> None:
    """Neither side shows the field."""
    mapped = a_mapped_object(a_key(), AMOUNT)
    assert not compares_currency(mapped, source={"Id"})
    assert not compares_currency(mapped, target={"Id"})
