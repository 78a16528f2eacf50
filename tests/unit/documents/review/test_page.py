"""
The page of a mapping: all of it there, nothing from elsewhere, nothing that acts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import html

from migrator.documents.review.page import render_review
from migrator.documents.templates import make_environment
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rules.review.review import Seen
from tests.builders.describes import a_described
from tests.builders.reviews import INVOICE, of_fields, the_sample
from tests.conftest import ROOT

ENVIRONMENT = make_environment([ROOT / "templates"])
EVIL = "<script>alert(1)</script>\" onload='x' {{ 7 * 7 }}"


def _tree(page: str) -> Any:
    return html.fromstring(page)


def test_every_field_has_its_row() -> None:
    """Found by the id that links name, in the order of the mapping."""
    review = the_sample()
    page = _tree(render_review(review, ENVIRONMENT))
    rows = page.xpath("//tr[@id]/@id")
    assert rows == [each.key for each in review.entries]
    assert len(page.xpath("//table[@data-object]")) == len(review.objects)


def test_the_same_mapping_gives_the_same_page() -> None:
    """No clock, no order of chance."""
    assert render_review(the_sample(), ENVIRONMENT) == render_review(
        the_sample(), ENVIRONMENT
    )


def test_nothing_is_loaded_from_elsewhere() -> None:
    """One file: no address of any network, and a policy that lets nothing in."""
    page = render_review(the_sample(), ENVIRONMENT)
    tree = _tree(page)
    assert not tree.xpath("//@src | //link | //img | //iframe | //object | //form")
    assert all(link.startswith("#") for link in tree.xpath("//@href"))
    assert not re.search(r"https?://", page)
    (policy,) = tree.xpath("//meta[@http-equiv]/@content")
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline'; script-src 'sha256-" in policy


def test_texts_of_the_mapping_do_nothing() -> None:
    """Labels and help come from an org and are shown as they are."""
    plain = a_described("ONB2__Note__c", length=40)
    field = replace(plain, label=EVIL, help_text=EVIL)
    page = render_review(of_fields(field), ENVIRONMENT)
    tree = _tree(page)
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//@onload")
    row = tree.get_element_by_id(f"{INVOICE}.ONB2__Note__c")
    assert EVIL[:20] in row.text_content()


def test_what_the_extract_shows_stands_beside_the_field() -> None:
    """In words with counts."""
    observed = Observed(
        rows=200, blanks=50, max_length=12, distinct=1, na_literals=2, odd_emails=3
    )
    field = a_described("ONB2__Note__c", length=40)
    seen = Seen(columns={(INVOICE, "ONB2__Note__c"): observed}, records={INVOICE: 200})
    page = _tree(render_review(of_fields(field, seen=seen), ENVIRONMENT))
    text = page.get_element_by_id(f"{INVOICE}.ONB2__Note__c").text_content()
    for words in (
        "50 of 200 blank (25 %)",
        "always the same value (150 times)",
        "longest text 12",
        "2 cells hold the text #N/A",
        "3 are no e-mail addresses",
    ):
        assert words in text
    assert "200 records" in page.text_content()


def test_samples_are_shown_on_demand_only() -> None:
    """What a record holds is on no page by default."""
    place = (INVOICE, "ONB2__Note__c")
    seen = Seen(columns={place: Observed(rows=1)}, samples={place: ("Xxxxxx 99",)})
    review = of_fields(a_described("ONB2__Note__c", length=40), seen=seen)
    assert "Xxxxxx 99" not in render_review(review, ENVIRONMENT)
    assert "Xxxxxx 99" in render_review(review, ENVIRONMENT, with_samples=True)


def test_an_object_without_fields_is_shown() -> None:
    """An empty table is no division by zero."""
    review = of_fields()
    assert ApiName("Id") in [each.entry.source for each in review.entries]
    assert "Invoice" in render_review(review, ENVIRONMENT)
