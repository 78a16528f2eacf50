"""
Planted damage: each kind is found, at exactly its cell, and nothing else is.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import Bug
from migrator.model.mapping import LineBreaks, MappedObject, TextRule
from migrator.model.verdict import Damage
from migrator.rules.reconcile import Comparison, compare, one_frame, target_columns
from tests.builders.frames import (
    ENTRIES,
    IDS,
    LINES,
    PARENTS,
    a_compared_object,
    a_copy,
    a_source,
    planted,
)
from tests.builders.mappings import a_mapping, an_entry

MAPPED = a_compared_object()
SOURCE = a_source(MAPPED)
COPY = a_copy(SOURCE, MAPPED)
CELLS = 15
"""Compared per record: every mapped cell but the key itself."""
PARENT = "Invoice__r.Origin_Id__c"


def compared(
    source: pl.DataFrame = SOURCE,
    target: pl.DataFrame = COPY,
    mapped: MappedObject = MAPPED,
    rule: TextRule | None = None,
    extract: pl.DataFrame | None = None,
) -> Comparison:
    """
    The comparison of the clean frames, but for what a test gives.
    """
    return compare(source, target, mapped, a_mapping(mapped, text=rule), extract)


def losing(source: str, loses: str) -> MappedObject:
    """
    The mapping with an agreed loss on one field.
    """
    changed = [replace(e, loses=loses) if e.source == source else e for e in ENTRIES]
    return a_compared_object(*changed)


def test_a_clean_copy_has_no_difference_and_was_compared() -> None:
    """Three records, each mapped cell of them, nothing explained away."""
    verdict = compared().verdict
    assert (verdict.source_records, verdict.target_records) == (3, 3)
    assert verdict.cells_compared == 3 * CELLS
    assert (verdict.differences, verdict.normalised, verdict.by_field) == (0, 0, ())


@pytest.mark.parametrize(
    ("row", "column", "value", "damage"),
    [
        pytest.param(0, "Total__c", "1234.57", Damage.VALUE, id="one cent"),
        pytest.param(0, "Total__c", "1234.5600000001", Damage.VALUE, id="tiny"),
        pytest.param(0, "Total__c", "1234.5", Damage.VALUE, id="digit cut"),
        pytest.param(0, "Total__c", "-1234.56", Damage.VALUE, id="sign"),
        pytest.param(1, "Total__c", "0", Damage.VALUE, id="rounded to zero"),
        pytest.param(2, "Rate__c", "999999999999999998", Damage.VALUE, id="18th digit"),
        pytest.param(2, "Rate__c", "1E18", Damage.VALUE, id="float's 18th digit"),
        pytest.param(0, "Rate__c", "123456789.12345679", Damage.VALUE, id="9th place"),
        pytest.param(0, "Net__c", "abc", Damage.VALUE, id="no number"),
        pytest.param(0, PARENT, PARENTS[1], Damage.PARENT, id="other parent"),
        pytest.param(0, PARENT, None, Damage.PARENT, id="no parent"),
        pytest.param(0, PARENT, PARENTS[0][:15], Damage.PARENT, id="15 characters"),
        pytest.param(0, PARENT, PARENTS[0].lower(), Damage.PARENT, id="id case"),
        pytest.param(0, "Note__c", "two  words", Damage.VALUE, id="blank added"),
        pytest.param(0, "Note__c", "twowords", Damage.VALUE, id="blank lost"),
        pytest.param(0, "Note__c", "two words ", Damage.VALUE, id="outer blank gained"),
        pytest.param(0, "Note__c", "two\u00a0words", Damage.VALUE, id="no-break space"),
        pytest.param(0, "Note__c", "Two words", Damage.VALUE, id="case"),
        pytest.param(
            0, "Address__c", LINES.replace("\n", " "), Damage.VALUE, id="line break"
        ),
        pytest.param(
            0, "Address__c", LINES.replace("\n", "\r\n"), Damage.VALUE, id="gained CR"
        ),
        pytest.param(
            0, "Address__c", LINES.replace("🧾", "?"), Damage.VALUE, id="emoji"
        ),
        pytest.param(
            0, "Address__c", LINES.replace("ß", "ss"), Damage.VALUE, id="umlaut"
        ),
        pytest.param(0, "Date__c", "2024-02-01", Damage.VALUE, id="a day later"),
        pytest.param(
            0,
            "Origin_Created_Date__c",
            "2024-01-02T04:04:05.000Z",
            Damage.VALUE,
            id="an hour later",
        ),
        pytest.param(0, "CurrencyIsoCode", "USD", Damage.VALUE, id="currency"),
        pytest.param(0, "Paid__c", "false", Damage.VALUE, id="boolean"),
        pytest.param(0, "Status__c", "open", Damage.VALUE, id="picklist case"),
        pytest.param(0, "Net__c", None, Damage.EMPTY, id="null for a value"),
        pytest.param(0, "Note__c", "", Damage.EMPTY, id="empty for a value"),
        pytest.param(2, "Total__c", "0", Damage.VALUE, id="zero for null"),
        pytest.param(1, "Address__c", "x", Damage.VALUE, id="a value for null"),
        pytest.param(0, "Name", "RE-2024-0001 ", Damage.VALUE, id="name"),
        pytest.param(0, "Origin_Owner_Name__c", "Anne Ol", Damage.VALUE, id="owner"),
        pytest.param(0, "Invoice_Id__c", PARENTS[1], Damage.VALUE, id="id sibling"),
    ],
)
def test_one_damaged_cell_is_found_at_exactly_that_cell(
    row: int, column: str, value: str | None, damage: Damage
) -> None:
    """The difference names record, field and kind; every other cell stays clean."""
    found = compared(target=planted(COPY, row, column, value))
    (difference,) = found.differences
    field = "Invoice__c" if column == PARENT else column
    assert (difference.origin_id, difference.damage) == (IDS[row], damage)
    assert difference.target_field == field
    assert difference.target_value == (value or "")
    assert found.verdict.differences == 1
    assert found.verdict.by_field == ((difference.source_field, 1),)


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, "Net__c", "1E3"),
        (0, "Net__c", "1.0e+3"),
        (0, "Net__c", "1000"),
        (0, "Net__c", "1000."),
        (0, "Net__c", "001000.000000"),
        (0, "Net__c", "+1000.0"),
        (1, "Total__c", "-1E-2"),
        (1, "Total__c", "-.01"),
        (2, "Net__c", "-0.00"),
        (2, "Net__c", "0E-9"),
        (2, "Rate__c", "9.99999999999999999E17"),
        (1, "Address__c", ""),
        (0, "Origin_Created_Date__c", "2024-01-02T03:04:05Z"),
        (0, "Origin_Created_Date__c", "2024-01-02T03:04:05.000+0000"),
        (0, "Origin_Created_Date__c", "2024-01-02T05:34:05.000+02:30"),
        (0, "Paid__c", "TRUE"),
    ],
)
def test_another_spelling_of_the_same_value_is_no_difference(
    row: int, column: str, value: str
) -> None:
    """Values are compared, not notations; and it is not called normalised either."""
    verdict = compared(target=planted(COPY, row, column, value)).verdict
    assert (verdict.differences, verdict.normalised) == (0, 0)


def test_a_lost_record_is_named() -> None:
    """A record without a copy is one difference, its cells are not compared."""
    found = compared(target=COPY.filter(pl.col("Origin_Id__c") != IDS[1]))
    (difference,) = found.differences
    assert (difference.damage, difference.origin_id) == (Damage.MISSING, IDS[1])
    assert found.verdict.cells_compared == 2 * CELLS


def test_a_surplus_record_is_named() -> None:
    """A copy whose origin is not in the source was not made by this copy."""
    found = compared(source=SOURCE.filter(pl.col("Id") != IDS[2]))
    (difference,) = found.differences
    assert (difference.damage, difference.origin_id) == (Damage.SURPLUS, IDS[2])


def test_a_copy_without_origin_goes_by_its_own_id() -> None:
    """Without an origin id a target record belongs to nobody: surplus, and a loss."""
    found = compared(target=planted(COPY, 0, "Origin_Id__c", None))
    assert [(d.damage, d.origin_id) for d in found.differences] == [
        (Damage.MISSING, IDS[0]),
        (Damage.SURPLUS, COPY["Id"][0]),
    ]


def test_each_further_copy_of_a_record_is_a_duplicate() -> None:
    """Two copies too many are two differences, found although both are clean."""
    target = pl.concat([COPY, COPY.head(1), COPY.head(1)])
    found = compared(target=target)
    assert [(d.damage, d.origin_id) for d in found.differences] == [
        (Damage.DUPLICATE, IDS[0])
    ] * 2
    assert found.verdict.target_records == 5


def test_a_source_record_read_twice_is_a_duplicate() -> None:
    """A page read twice must not pass as two records."""
    found = compared(source=pl.concat([SOURCE, SOURCE.head(1)]))
    assert [d.damage for d in found.differences] == [Damage.DUPLICATE]


def test_an_origin_id_of_another_case_is_another_record() -> None:
    """Salesforce ids are case-sensitive: one missing, one surplus."""
    found = compared(target=planted(COPY, 0, "Origin_Id__c", IDS[0].lower()))
    assert [d.damage for d in found.differences] == [Damage.MISSING, Damage.SURPLUS]


def test_swapped_parents_are_found_on_both_records() -> None:
    """Totals and counts stay right when two lines change their invoices."""
    target = planted(planted(COPY, 0, PARENT, PARENTS[1]), 1, PARENT, PARENTS[0])
    found = compared(target=target)
    assert [(d.damage, d.origin_id) for d in found.differences] == [
        (Damage.PARENT, IDS[0]),
        (Damage.PARENT, IDS[1]),
    ]


def test_swapped_columns_are_found_on_every_record_that_shows_it() -> None:
    """Two amounts in each other's column differ wherever they are not equal."""
    swapped = COPY.with_columns(Total__c=COPY["Net__c"], Net__c=COPY["Total__c"])
    found = compared(target=swapped)
    assert dict(found.verdict.by_field) == {"ONB2__Total__c": 3, "ONB2__Net__c": 3}


def test_the_order_of_records_does_not_matter() -> None:
    """Records are joined by id, never by position."""
    assert compared(target=COPY.reverse()).verdict.differences == 0


# -- The text rule --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        (" \t two words\n", "two words"),
        (" \r\n ", None),
        ("\u00a0two", "\u00a0two"),
    ],
)
def test_what_the_text_rule_explains_is_counted(source: str, target: str) -> None:
    """Line breaks and outer blanks are normalised once, in the report by number."""
    given = planted(SOURCE, 0, "ONB2__Note__c", source)
    verdict = compared(given, planted(COPY, 0, "Note__c", target)).verdict
    assert verdict.differences == 0
    assert verdict.normalised == (source != target)


@pytest.mark.parametrize(
    ("source", "target"),
    [(" two words", "two words"), ("\u00a0two", "two"), ("a\r\nb", "ab")],
)
def test_what_no_rule_allows_is_a_difference(source: str, target: str) -> None:
    """Without `trim` a lost blank is damage; a no-break space is no blank."""
    rule = TextRule(line_breaks=LineBreaks.LF, trim=False)
    given = planted(SOURCE, 0, "ONB2__Note__c", source)
    found = compared(given, planted(COPY, 0, "Note__c", target), rule=rule)
    assert found.verdict.differences == 1


def test_the_text_rule_is_for_text_alone() -> None:
    """A picklist value is what it is, blanks included."""
    given = planted(SOURCE, 0, "ONB2__Status__c", "Open ")
    assert compared(given).verdict.differences == 1


# -- Agreed losses --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "differs"),
    [
        ("1.005", "1.00", False),
        ("1.005", "1.01", False),
        ("1.015", "1.02", False),
        ("-1.009", "-1", False),
        ("1.001", "1.01", True),
        ("1.005", "1.02", True),
        ("1.005", None, True),
        ("1.005", "x", True),
    ],
)
def test_an_agreed_loss_of_digits_is_counted(
    source: str, target: str | None, *, differs: bool
) -> None:
    """Cut or rounded at the target's scale is agreed; any other digit is not."""
    mapped = losing("ONB2__Net__c", "digits after the second")
    given = planted(SOURCE, 0, "ONB2__Net__c", source)
    verdict = compared(given, planted(COPY, 0, "Net__c", target), mapped).verdict
    assert verdict.differences == differs
    assert [(each.field, each.cells) for each in verdict.losses] == [
        ("ONB2__Net__c", int(not differs))
    ]


@pytest.mark.parametrize(
    ("target", "differs"),
    [("x" * 40, False), ("x" * 39, True), ("x" * 39 + "y", True)],
)
def test_an_agreed_loss_of_length_is_counted(target: str, *, differs: bool) -> None:
    """Exactly the characters beyond the field's length may be gone."""
    mapped = losing("ONB2__Note__c", "characters after the 40th")
    given = planted(SOURCE, 0, "ONB2__Note__c", "x" * 50)
    verdict = compared(given, planted(COPY, 0, "Note__c", target), mapped).verdict
    assert verdict.differences == differs


def test_without_an_agreement_the_same_loss_is_a_difference() -> None:
    """What the type explains is damage until the mapping says `loses:`."""
    given = planted(SOURCE, 0, "ONB2__Net__c", "1.005")
    verdict = compared(given, planted(COPY, 0, "Net__c", "1.01")).verdict
    assert (verdict.differences, verdict.losses) == (1, ())


# -- Fields that read the clock -------------------------------------------------------


def a_volatile_copy() -> tuple[MappedObject, pl.DataFrame, pl.DataFrame]:
    """
    A mapping with a clock-reading formula, today's source and the extract.
    """
    overdue = an_entry("Overdue__c", "Number(18, 0)", volatile=True)
    mapped = a_compared_object(*ENTRIES, overdue)
    today = SOURCE.with_columns(Overdue__c=pl.lit("9"))
    extract = SOURCE.with_columns(Overdue__c=pl.lit("3"))
    return mapped, today, extract


def test_a_clock_reading_formula_is_compared_with_the_extract() -> None:
    """Nine days overdue today, three when it was copied: three is right."""
    mapped, today, extract = a_volatile_copy()
    copy = a_copy(extract, mapped)
    verdict = compared(today, copy, mapped, extract=extract).verdict
    assert (verdict.differences, verdict.snapshot_cells) == (0, 3)


def test_a_damaged_snapshot_is_a_difference() -> None:
    """Today's value in the copy is not what was extracted."""
    mapped, today, extract = a_volatile_copy()
    found = compared(today, a_copy(today, mapped), mapped, extract=extract)
    assert dict(found.verdict.by_field) == {"Overdue__c": 3}


def test_without_the_extract_the_verdict_says_what_was_not_compared() -> None:
    """Neither a false alarm nor silence."""
    mapped, today, extract = a_volatile_copy()
    found = compared(today, a_copy(extract, mapped), mapped)
    assert found.verdict.cells_compared == 3 * CELLS
    (left,) = found.verdict.not_compared
    assert (left.field, left.cells) == ("Overdue__c", found.verdict.target_records)


# -- Totals ---------------------------------------------------------------------------


def test_totals_are_exact_by_currency_and_year() -> None:
    """The year is the invoice date's, the amounts are decimals."""
    totals = {
        (t.field, t.currency, t.year): (t.source, t.target)
        for t in compared(target=planted(COPY, 0, "Total__c", "1E3")).verdict.totals
    }
    assert totals == {
        ("ONB2__Total__c", "EUR", 2024): (Decimal("1234.56"), Decimal(1000)),
        ("ONB2__Total__c", "USD", 2024): (Decimal("-0.01"), Decimal("-0.01")),
        ("ONB2__Net__c", "EUR", 2024): (Decimal(1000), Decimal(1000)),
        ("ONB2__Net__c", "EUR", 2025): (Decimal(0), Decimal(0)),
        ("ONB2__Net__c", "USD", 2024): (Decimal(7), Decimal(7)),
    }


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("0.00001", "1234.56789", "1234.56790"),
        ("999999999999999999", "1E-18", "999999999999999999.000000000000000001"),
        (
            "99999999999999999999.000000000000000009",
            "99999999999999999999.000000000000000009",
            "199999999999999999998.000000000000000018",
        ),
        ("+1", "-.5", "0.5"),
    ],
)
def test_a_total_loses_no_digit_however_wide(
    first: str, second: str, expected: str
) -> None:
    """Any number of digits and places adds up exactly, in whatever notation."""
    wide = planted(SOURCE, 0, "ONB2__Net__c", first)
    wide = planted(wide, 2, "ONB2__Net__c", second)
    wide = wide.with_columns(ONB2__Date__c=pl.lit("2024-01-01"))
    (total,) = [
        t
        for t in compared(wide, a_copy(wide, MAPPED)).verdict.totals
        if t.field == "ONB2__Net__c" and t.currency == "EUR"
    ]
    assert total.source == total.target == Decimal(expected)


def test_groups_count_the_records_of_each_currency() -> None:
    """What the org's own aggregates are held against."""
    groups = {group.currency: group for group in compared().sums.source}
    assert {c: g.records for c, g in groups.items()} == {"EUR": 2, "USD": 1}
    assert groups["EUR"].sums["ONB2__Net__c"] == Decimal(1000)  # type: ignore[index]


def test_an_org_with_one_currency_has_totals_too() -> None:
    """Without CurrencyIsoCode everything is one group with an empty name."""
    mapped = a_compared_object(*(e for e in ENTRIES if e.source != "CurrencyIsoCode"))
    verdict = compared(a_source(mapped), a_copy(SOURCE, mapped), mapped).verdict
    assert {total.currency for total in verdict.totals} == {""}


# -- Edges ----------------------------------------------------------------------------


def test_a_column_that_was_not_read_is_a_bug_not_a_pass() -> None:
    """Fewer columns must never mean fewer differences."""
    with pytest.raises(Bug, match="Rate__c"):
        compared(target=COPY.drop("Rate__c"))


def test_no_records_at_all_compare_to_nothing() -> None:
    """Zero cells compared is visible in the verdict."""
    verdict = compared(SOURCE.clear(), COPY.clear()).verdict
    assert (verdict.cells_compared, verdict.differences, verdict.totals) == (0, 0, ())


def test_one_frame_joins_pages_in_the_columns_asked_for() -> None:
    """Pages may be empty or carry their columns in another order."""
    pages = [COPY.head(2), COPY.clear(), COPY.tail(1).select(reversed(COPY.columns))]
    assert one_frame(pages, COPY.columns).equals(COPY)
    assert one_frame([], ["Id"]).columns == ["Id"]


def test_more_differences_than_can_be_named_are_all_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wholly broken copy must not fill the memory."""
    monkeypatch.setattr("migrator.rules.reconcile.objects.MOST_NAMED", 2)
    empty = COPY.with_columns(pl.lit(None, pl.String).alias("Name"))
    found = compared(target=empty)
    assert (len(found.differences), found.verdict.differences) == (2, 3)


NUMBERS = st.decimals(
    min_value=-(10**17), max_value=10**17, places=None, allow_nan=False
).filter(lambda d: len(d.as_tuple().digits) <= 18)


@given(
    values=st.lists(NUMBERS, min_size=3, max_size=3),
    spell=st.sampled_from(["{:f}", "{:E}", "{:+f}", "00{:f}"]),
)
def test_numbers_in_any_notation_are_equal(values: list[Decimal], spell: str) -> None:
    """However a number is written, it is the number."""
    written = [spell.format(abs(v) if spell.startswith("00") else v) for v in values]
    exact = [f"{abs(v) if spell.startswith('00') else v:f}" for v in values]
    source = SOURCE.with_columns(ONB2__Rate__c=pl.Series(exact))
    target = COPY.with_columns(Rate__c=pl.Series(written))
    assert compared(source, target).verdict.differences == 0


@given(
    row=st.integers(0, 2),
    column=st.sampled_from(
        [c for c in target_columns(MAPPED) if c not in {"Id", "Origin_Id__c"}]
    ),
    value=st.none() | st.text(min_size=1) | NUMBERS.map(str),
)
def test_any_changed_cell_is_the_only_difference(
    row: int, column: str, value: str | None
) -> None:
    """Either the cell means the same as before, or exactly this cell is reported."""
    before = COPY[column][row]
    found = compared(target=planted(COPY, row, column, value))
    if _means_the_same(before, value, column):
        assert found.verdict.differences == 0
    else:
        assert [d.origin_id for d in found.differences] == [IDS[row]]
        assert found.verdict.differences == 1


def _means_the_same(before: str | None, value: str | None, column: str) -> bool:
    if before == value:
        return True
    if column in {"Total__c", "Net__c", "Rate__c"} and before and value:
        try:
            return value.isascii() and Decimal(before) == Decimal(value)
        except ArithmeticError:
            return False
    return False
