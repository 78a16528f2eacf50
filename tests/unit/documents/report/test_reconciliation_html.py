"""
The reconciliation page: what it says, what it must not say, and how it is built.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree, html

from migrator.documents.report.reconciliation_html import render_verdict
from migrator.documents.templates import make_environment
from migrator.model.verdict import Verdict
from migrator.rundir.layout import shipped_folder
from tests.builders.verdicts import (
    SECRET,
    a_clean_verdict,
    a_damaged_verdict,
    a_total,
    an_open_verdict,
)

ENVIRONMENT = make_environment([shipped_folder("templates")])
CLEAN = render_verdict(a_clean_verdict(), ENVIRONMENT)
DAMAGED = render_verdict(a_damaged_verdict(), ENVIRONMENT)


def shown(page: str) -> str:
    """
    The words of *page* with single blanks, without the style sheet.
    """
    body = html.fromstring(page).find("body")
    assert body is not None
    return words_of(body)


def words_of(element: etree._Element) -> str:
    """
    The text of *element* and all in it.
    """
    return " ".join("".join(map(str, element.itertext())).split())


def rows_of(page: str) -> list[str]:
    """
    Every table row of *page* as its cells' words.
    """
    rows = html.fromstring(page).iter("tr")
    return [" ".join(words_of(cell) for cell in row) for row in rows]


def test_a_clean_page_says_how_much_was_compared() -> None:
    """Zero differences means something only beside the number of cells."""
    words = shown(CLEAN)
    assert "0 differences 411,100 cells of 6,500 records were read again" in words
    assert "but for 12 cells whose loss the mapping agrees to" in words
    assert "What differs" not in words


def test_a_page_with_differences_names_records_fields_and_kinds() -> None:
    """The banner counts them all, the list names them."""
    words = shown(DAMAGED)
    assert "1,003 differences" in words
    assert "0 differences" not in words
    rows = rows_of(DAMAGED)
    field = "ONB2__GrandTotal__c → GrandTotal__c"
    assert f"a0A000000000001AAA {field} different value" in rows
    assert "a0B000000000002AAA the whole record missing record" in rows
    assert "all records SUM(ONB2__PosTotalNet__c) EUR different total" in rows
    assert "1,000 more are in the private file" in words


def test_no_record_value_reaches_the_page() -> None:
    """Values belong to the private file alone."""
    assert SECRET not in DAMAGED
    assert "=1+1" not in DAMAGED


def test_nothing_compared_is_never_shown_as_success() -> None:
    """Two empty objects agree about nothing."""
    empty = [replace(o, cells_compared=0) for o in a_clean_verdict().objects]
    page = render_verdict(replace(a_clean_verdict(), objects=tuple(empty)), ENVIRONMENT)
    assert "Nothing was compared" in shown(page)
    assert "0 differences" not in shown(page)
    assert 'class="banner good"' not in page


def test_what_was_not_compared_is_never_shown_as_success() -> None:
    """No difference is no proof while something is open; the page says what and how
    much, and greets with a warning.
    """
    page = render_verdict(an_open_verdict(), ENVIRONMENT)
    words = shown(page)
    assert 'class="banner good"' not in page
    assert "0 differences, and not everything was compared" in words
    assert "1,200 cells could not be compared" in words
    assert "1,200 cells not compared; it reads the clock" in words
    assert "Balance__c was made by this migration" in words


def test_who_when_where_and_by_which_mapping_is_said() -> None:
    """An auditor can tie the page to an org, a person, a moment and a mapping."""
    words = shown(CLEAN)
    for said in (
        "Muster & Söhne <GmbH> 00D000000000001EAA",
        "2026-11-22 19:30 UTC by archive@example.com",
        "m7k2p9",
        a_clean_verdict().mapping_digest,
        "A person has agreed to every entry.",
    ):
        assert said in words


@pytest.mark.parametrize(
    ("unreviewed", "said"),
    [
        (1, "1 mapping entry had not been reviewed by anyone."),
        (1037, "1,037 mapping entries had not been reviewed by anyone."),
    ],
)
def test_unreviewed_entries_are_said_plainly(unreviewed: int, said: str) -> None:
    """A rehearsal must not look like an approved migration."""
    page = render_verdict(
        replace(a_clean_verdict(), unreviewed=unreviewed), ENVIRONMENT
    )
    assert said in shown(page)
    assert "A person has agreed" not in shown(page)


def test_totals_are_grouped_exact_and_judged() -> None:
    """One differing year shows in the sum and in its year."""
    rows = rows_of(DAMAGED)
    assert "ONB2__GrandTotal__c EUR 2024 10.00 10.01 differs" in rows
    assert "ONB2__GrandTotal__c EUR 1,234,577.80 1,234,577.81 differs" in rows
    assert "ONB2__TotalNet__c CHF 2,074,902.20 2,074,902.20 equal" in rows
    assert "ONB2__TotalNet__c CHF 2023 1,037,451.10 1,037,451.10 equal" in rows
    assert (
        "ONB2__PosTotalNet__c EUR \N{MINUS SIGN}0.00001 \N{MINUS SIGN}0.00001 equal"
        in rows
    )


def test_a_total_that_differs_as_agreed_is_good() -> None:
    """Agreed to the last digit in one year, a cent more in another: its own word."""
    verdict = a_clean_verdict()
    agreed = replace(
        a_total("ONB2__Fee__c", "EUR", 2023, "1.005", "1.01"), agreed=Decimal("0.005")
    )
    more = replace(agreed, year=2024, target=Decimal("1.02"))
    unexplained = replace(agreed, year=2025, unexplained=Decimal("0.01"))
    totals = (agreed, more, unexplained)
    first = replace(verdict.objects[0], totals=totals)
    page = render_verdict(replace(verdict, objects=(first,)), ENVIRONMENT)
    rows = rows_of(page)
    assert "ONB2__Fee__c EUR 2023 1.005 1.010 as agreed" in rows
    assert "ONB2__Fee__c EUR 2024 1.005 1.020 differs" in rows
    assert "ONB2__Fee__c EUR 2025 1.005 1.010 differs" in rows
    assert "ONB2__Fee__c EUR 3.015 3.040 differs" in rows


@pytest.mark.parametrize("page", [CLEAN, DAMAGED], ids=["clean", "damaged"])
def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    """No script, no address, no import: it opens the same in ten years."""
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?:", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("page", [CLEAN, DAMAGED], ids=["clean", "damaged"])
def test_every_table_can_be_read_aloud(page: str) -> None:
    """Headers have a scope, sections a heading, and there is one h1."""
    tree = html.fromstring(page)
    assert len(tree.findall(".//h1")) == 1
    assert tree.get("lang") == "en"
    assert all(th.get("scope") in {"col", "row"} for th in tree.iter("th"))
    ids = {each.get("id") for each in tree.iter() if each.get("id")}
    labels = [each.get("aria-labelledby") for each in tree.iter("section")]
    assert set(labels) <= ids
    assert len(ids) == len([e for e in tree.iter() if e.get("id")])
    for table in tree.iter("table"):
        widths = {
            len(row.findall("th") + row.findall("td")) for row in table.iter("tr")
        }
        assert len(widths) == 1


def test_names_from_the_org_are_text_and_not_markup() -> None:
    """An org's name is somebody's free text."""
    evil = replace(a_clean_verdict(), org_name="<script>alert(1)</script>")
    page = render_verdict(evil, ENVIRONMENT)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_same_verdict_gives_the_same_bytes() -> None:
    """Nothing of the page depends on when or where it is printed."""
    verdict: Verdict = a_damaged_verdict()
    assert render_verdict(verdict, ENVIRONMENT) == DAMAGED
