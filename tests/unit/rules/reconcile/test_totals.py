"""
Totals that differ: explained to the last digit, or a difference of their own.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.value_rule import ValueRule
from migrator.model.verdict import Damage, Total
from migrator.rules.reconcile import Comparison, compare
from migrator.rules.reconcile import objects as objects_module
from migrator.rules.reconcile.pairs import ColumnPair, column_pairs
from tests.builders.frames import ENTRIES, a_compared_object, a_copy, a_source, planted
from tests.builders.mappings import a_mapping

NET, TOTAL = "ONB2__Net__c", "ONB2__Total__c"
MAPPED = a_compared_object()
SOURCE = a_source(MAPPED)
COPY = a_copy(SOURCE, MAPPED)


def compared(
    source: pl.DataFrame = SOURCE,
    target: pl.DataFrame = COPY,
    mapped: MappedObject = MAPPED,
) -> Comparison:
    """
    The comparison of the clean frames, but for what a test gives.
    """
    return compare(source, target, mapped, a_mapping(mapped))


def with_entry(source: str, **settings: object) -> MappedObject:
    """
    The object with other *settings* of one entry.
    """
    return a_compared_object(
        *(
            replace(entry, **settings) if entry.source == source else entry  # type: ignore[arg-type]
            for entry in ENTRIES
        )
    )


def totals_of(found: Comparison, field: str = NET) -> dict[tuple[str, int], Total]:
    """
    The totals of one field by currency and year.
    """
    return {
        (t.currency, t.year or 0): t for t in found.verdict.totals if t.field == field
    }


def own_differences(found: Comparison) -> list[str]:
    """
    The totals that are differences themselves.
    """
    return [d.source_field for d in found.differences if d.damage is Damage.TOTAL]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "Net__c", "1000.01"),
        (0, "Net__c", None),
        (0, "Net__c", "no number"),
        (0, "CurrencyIsoCode", "USD"),
        (0, "CurrencyIsoCode", None),
        (0, "Date__c", "2025-01-31"),
        (0, "Date__c", None),
    ],
)
def test_a_total_follows_from_what_is_named(
    row: int, column: str, value: str | None
) -> None:
    """A cell or record that differs has its name; its total is not counted again."""
    found = compared(target=planted(COPY, row, column, value))
    assert any(t.source != t.target for t in found.verdict.totals)
    assert own_differences(found) == []
    assert 0 < found.verdict.differences <= 2
    assert all(t.unexplained == 0 == t.agreed for t in found.verdict.totals)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_lost_and_doubled_records_explain_their_totals(missing: int) -> None:
    """One record fewer and another one twice: two differences, whatever they held."""
    rest = COPY.with_row_index("row").filter(pl.col("row") != missing).drop("row")
    again = rest.head(1).with_columns(Id=pl.lit("a0Z000000000009AAA"))
    found = compared(target=pl.concat([rest, again]))
    assert (found.verdict.differences, own_differences(found)) == (2, [])


def test_an_agreed_loss_explains_its_total_to_the_last_digit() -> None:
    """No difference, and the page can say how much was agreed."""
    mapped = with_entry(NET, loses="digits after the second")
    source = planted(SOURCE, 0, NET, "1000.005")
    found = compared(source, planted(COPY, 0, "Net__c", "1000.01"), mapped)
    assert found.verdict.differences == 0
    total = totals_of(found)["EUR", 2024]
    assert (total.source, total.target) == (Decimal("1000.005"), Decimal("1000.01"))
    assert (total.agreed, total.unexplained) == (Decimal("0.005"), Decimal(0))


def test_an_agreed_loss_does_not_explain_another_record() -> None:
    """One cell agreed, one named: the total is split between them exactly."""
    mapped = with_entry(NET, loses="digits after the second")
    source = planted(SOURCE, 0, NET, "1000.005")
    target = planted(planted(COPY, 0, "Net__c", "1000.01"), 2, "Net__c", "3")
    target = planted(target, 2, "Date__c", "2024-01-01")
    found = compared(source, target, mapped)
    assert (found.verdict.differences, own_differences(found)) == (2, [])
    assert totals_of(found)["EUR", 2024].agreed == Decimal("0.005")
    assert totals_of(found)["EUR", 2025].agreed == 0


@pytest.mark.parametrize(
    ("rule", "made", "agreed"),
    [
        (ValueRule(default="5"), "5", Decimal(5)),
        (ValueRule(map={"0": "12.5"}), "12.5", Decimal("12.5")),
    ],
)
def test_a_value_rule_explains_its_total(
    rule: ValueRule, made: str, agreed: Decimal
) -> None:
    """What the rule makes of each record is what the total may differ by."""
    mapped = with_entry(NET, rule=rule)
    source = planted(SOURCE, 2, NET, None if rule.default else "0")
    found = compared(source, planted(COPY, 2, "Net__c", made), mapped)
    assert (found.verdict.differences, own_differences(found)) == (0, [])
    (total,) = [t for t in totals_of(found).values() if t.source != t.target]
    assert (total.agreed, total.unexplained) == (agreed, Decimal(0))


def test_an_instant_in_another_zone_stays_in_its_year() -> None:
    """The same moment in two notations is one year, so nothing moves."""
    entries = [e for e in ENTRIES if e.source != "ONB2__Date__c"]
    mapped = a_compared_object(*entries)
    clean = a_source(mapped)
    source = planted(clean, 0, "CreatedDate", "2025-01-01T00:30:00.000+0100")
    target = a_copy(clean, mapped)
    target = planted(target, 0, "Origin_Created_Date__c", "2024-12-31T23:30:00.000Z")
    found = compared(source, target, mapped)
    assert found.verdict.differences == 0
    assert all(t.source == t.target for t in found.verdict.totals)


def test_a_date_that_reads_the_clock_groups_nothing() -> None:
    """Today's date of the source says nothing about the year of the copy."""
    mapped = with_entry("ONB2__Date__c", volatile=True)
    extract = SOURCE.select("Id", "ONB2__Date__c")
    today = SOURCE.with_columns(ONB2__Date__c=pl.lit("2031-05-05"))
    found = compare(today, COPY, mapped, a_mapping(mapped), extract)
    assert found.verdict.differences == 0
    assert {year for _, year in totals_of(found)} == {2024, 2025}


# -- A pairing that is wrong ----------------------------------------------------------


def exchanged(mapped: MappedObject) -> tuple[ColumnPair, ...]:
    """
    The pairs with net and total under each other's target.
    """
    pairs = column_pairs(mapped)
    columns = {p.path: (p.column, p.target) for p in pairs if p.path in {NET, TOTAL}}
    others = {NET: columns[TOTAL], TOTAL: columns[NET]}
    return tuple(
        replace(p, column=others[p.path][0], target=others[p.path][1])
        if p.path in others
        else p
        for p in pairs
    )


def test_totals_see_columns_that_both_verbs_exchange(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every cell found equal, both amounts exchanged: each total names its field."""
    monkeypatch.setattr(objects_module, "column_pairs", exchanged)
    copy = COPY.with_columns(Net__c=pl.col("Total__c"), Total__c=pl.col("Net__c"))
    found = compared(target=copy)
    assert found.verdict.by_field == ()
    assert set(own_differences(found)) == {
        f"SUM({field}) {currency}" for field in (NET, TOTAL) for currency in _SEEN
    }
    assert found.verdict.differences == len(found.differences) == 4
    assert all(d.target_field in {"Net__c", "Total__c"} for d in found.differences)


def test_totals_see_a_column_that_both_verbs_forget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing compared and nothing copied: the sum of the source has no counterpart."""

    def without_net(mapped: MappedObject) -> tuple[ColumnPair, ...]:
        return tuple(p for p in column_pairs(mapped) if p.path != NET)

    monkeypatch.setattr(objects_module, "column_pairs", without_net)
    copy = COPY.with_columns(Net__c=pl.lit(None, pl.String))
    assert own_differences(compared(target=copy)) == [
        f"SUM({NET}) EUR",
        f"SUM({NET}) USD",
    ]


_SEEN = ("EUR", "USD")
_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["0", "-0.00", "1E3", "+7", "EUR", "2024-02-29", "2025-01-01"]),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
)
_COLUMNS = (
    "Net__c",
    "Total__c",
    "CurrencyIsoCode",
    "Date__c",
    "Origin_Id__c",
    "Note__c",
)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(_COLUMNS), _TEXTS)),
    st.sampled_from(["", "digits"]),
)
def test_no_damage_of_cells_makes_a_total_of_its_own(
    damage: list[tuple[int, str, str | None]], loses: str
) -> None:
    """However cells differ, what they account for is the difference of the totals."""
    target = COPY
    for row, column, text in damage:
        target = planted(target, row, column, text)
    found = compared(target=target, mapped=with_entry(NET, loses=loses))
    assert own_differences(found) == []
    differs = any(t.source - t.target for t in found.verdict.totals)
    assert (
        not differs
        or found.verdict.differences
        or any(t.agreed for t in found.verdict.totals)
    )
    for total in found.verdict.totals:
        assert total.field in {ApiName(NET), ApiName(TOTAL)}
        assert not total.unexplained
