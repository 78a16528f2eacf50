"""
The org's own counts and sums against what was read.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from migrator.model.names import ApiName
from migrator.model.verdict import Damage
from migrator.rules.reconcile.org_sums import (
    CurrencyGroup,
    Sides,
    amount_fields,
    check_sums,
    year_field,
)
from tests.builders.frames import ENTRIES, a_compared_object
from tests.builders.mappings import an_entry

MAPPED = a_compared_object()
NET = ApiName("ONB2__Net__c")
TOTAL = ApiName("ONB2__Total__c")
SUMMED = frozenset({NET, TOTAL})


def a_group(
    net: str = "10.01", total: str = "99.5", records: int = 3, currency: str = "EUR"
) -> CurrencyGroup:
    """
    One currency's records.
    """
    sums = {NET: Decimal(net), TOTAL: Decimal(total)}
    return CurrencyGroup(currency=currency, records=records, sums=sums)


def both(source: CurrencyGroup, target: CurrencyGroup | None = None) -> Sides:
    """
    The same group on both sides unless a second is given.
    """
    return Sides(source=(source,), target=(target or source,))


def test_four_equal_figures_are_no_difference() -> None:
    """Read and counted, source and copy."""
    assert check_sums(MAPPED, both(a_group()), both(a_group()), SUMMED) == ((), ())


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_sum_the_org_does_not_confirm_is_a_difference(side: str) -> None:
    """A cent between what was read and what the org adds up."""
    other = a_group(net="10.02")
    counted = both(other, a_group()) if side == "source" else both(a_group(), other)
    (difference,), _ = check_sums(MAPPED, both(a_group()), counted, SUMMED)
    assert difference.damage is Damage.TOTAL
    assert difference.source_field == "SUM(ONB2__Net__c) EUR"
    assert difference.source_value == f"{side} read: 10.01"
    assert difference.target_value == f"{side} counted: 10.02"


def test_a_cell_that_differs_is_not_reported_a_second_time_as_a_sum() -> None:
    """The org confirms each side's own sum; the cell has a name already."""
    sides = both(a_group(), a_group(net="10.02"))
    assert check_sums(MAPPED, sides, sides, SUMMED) == ((), ())


def test_records_the_read_did_not_return_are_a_difference() -> None:
    """A group of another size, and a currency nobody read."""
    counted = Sides(
        source=(a_group(records=4), a_group("0", "0", 1, "USD")), target=(a_group(),)
    )
    found, _ = check_sums(MAPPED, both(a_group()), counted, SUMMED)
    assert [(d.damage, d.source_field) for d in found] == [
        (Damage.COUNT, "COUNT(Id) EUR"),
        (Damage.COUNT, "COUNT(Id) USD"),
    ]


def test_the_orgs_binary_sums_may_be_off_behind_the_scale() -> None:
    """0.1 added ten times is not exactly one, and that is no damage."""
    counted = both(a_group(net="10.009999999999998"))
    assert check_sums(MAPPED, both(a_group()), counted, SUMMED) == ((), ())


def test_a_field_the_org_refused_to_sum_is_left_out() -> None:
    """It has a finding elsewhere; zero would be a false alarm."""
    counted = both(a_group(net="0"))
    assert check_sums(MAPPED, both(a_group()), counted, SUMMED - {NET}) == ((), ())


def test_converted_sums_are_said_and_compared_between_the_sides() -> None:
    """In the corporate currency they say nothing about the records read."""
    counted = both(a_group(net="11.011", total="109.45"))
    found, findings = check_sums(MAPPED, both(a_group()), counted, SUMMED)
    assert found == ()
    assert [finding.code for finding in findings] == ["org-sums-converted"]
    counted = both(
        a_group(net="11.011", total="109.45"), a_group(net="11.1", total="109.45")
    )
    (difference,), _ = check_sums(MAPPED, both(a_group()), counted, SUMMED)
    assert difference.source_value == "source counted: 11.011"


def test_one_sum_that_fits_shows_that_nothing_was_converted() -> None:
    """Then the other is damage."""
    counted = both(a_group(net="11.011"))
    found, findings = check_sums(MAPPED, both(a_group()), counted, SUMMED)
    assert [d.damage for d in found] == [Damage.TOTAL] * 2
    assert findings == ()


def test_with_one_currency_nothing_can_have_been_converted() -> None:
    """All sums wrong is all sums wrong."""
    mapped = a_compared_object(*(e for e in ENTRIES if e.source != "CurrencyIsoCode"))
    read = both(a_group(currency=""))
    counted = both(a_group(net="11.011", total="109.45", currency=""))
    found, findings = check_sums(mapped, read, counted, SUMMED)
    assert len(found) == 4
    assert findings == ()


def test_amounts_are_currencies_and_frozen_numbers_without_a_clock() -> None:
    """Rates and texts are not added up, nor what changes every day."""
    overdue = an_entry("O__c", "Currency(18, 2)", volatile=True)
    fields = amount_fields(a_compared_object(*ENTRIES, overdue))
    assert [entry.source for entry in fields] == [TOTAL, NET]


def test_the_year_is_the_records_own_date_else_its_creation() -> None:
    """A line item has no date of its own."""
    dated = year_field(MAPPED)
    assert dated
    assert dated.source == "ONB2__Date__c"
    undated = year_field(
        a_compared_object(*(e for e in ENTRIES if e.source != dated.source))
    )
    assert undated
    assert undated.source == "CreatedDate"
    assert year_field(a_compared_object(ENTRIES[0])) is None
