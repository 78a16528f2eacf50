"""
What the data say beside a decision: counts in words, candidates to skip.
"""

from __future__ import annotations

import pytest

from migrator.model.finding import Level
from migrator.model.records import Observed
from migrator.model.treatment import Treatment
from migrator.rules.review.review import data_findings, profile_words
from tests.builders.describes import a_described
from tests.builders.mappings import a_field, a_skipped
from tests.builders.reviews import INVOICE


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (Observed(), ["no records"]),
        (Observed(rows=3, blanks=3), ["always empty (3 records)"]),
        (
            Observed(rows=1000, blanks=1, distinct=999, max_length=7),
            ["1 of 1,000 blank (< 1 %)", "999 distinct values", "longest text 7"],
        ),
        (
            Observed(rows=1000, blanks=999, distinct=1),
            ["999 of 1,000 blank (> 99 %)", "always the same value (1 times)"],
        ),
        (
            Observed(rows=5, distinct=1000, is_more=True, has_line_breaks=True),
            [
                "never blank (5 records)",
                "more than 1,000 distinct values",
                "has line breaks",
            ],
        ),
    ],
)
def test_a_profile_is_told_in_words(observed: Observed, words: list[str]) -> None:
    """A share of 0 or 100 per cent is exact, never rounded."""
    field = a_described("ONB2__Note__c", length=40)
    assert list(profile_words(observed, field)) == words


def test_values_outside_the_picklist_are_counted() -> None:
    """Of those that the extract collected."""
    field = a_described("ONB2__State__c", "picklist", values=("Open", "Paid"))
    seen = Observed(rows=3, distinct=3, values=("Open", "Void", "Lost"))
    assert "2 values outside the picklist" in profile_words(seen, field)


def test_numbers_are_told_by_their_digits() -> None:
    """What decides precision and scale."""
    field = a_described("ONB2__Total__c", "currency", precision=18, scale=2)
    seen = Observed(rows=2, distinct=2, max_integer_digits=6, max_scale=5)
    assert "6 digits, 5 decimals" in profile_words(seen, field)


@pytest.mark.parametrize(
    ("observed", "type_", "codes"),
    [
        (Observed(rows=9, blanks=9), "Text(40)", ["always-empty"]),
        (Observed(rows=9, distinct=1), "Text(40)", ["always-the-same"]),
        (Observed(rows=9, blanks=1, distinct=1), "Text(40)", []),
        (Observed(rows=9, distinct=9, odd_emails=2), "Email", ["no-email"]),
        (Observed(rows=9, distinct=9, odd_emails=2), "Text(80)", []),
        (Observed(rows=9, distinct=9, na_literals=1), "Text(40)", ["not-available"]),
        (Observed(), "Text(40)", []),
    ],
)
def test_the_data_suggest_decisions(
    observed: Observed, type_: str, codes: list[str]
) -> None:
    """Only what a reviewer can act on."""
    found = list(data_findings(INVOICE, a_field(type_=type_), observed))
    assert [each.code for each in found] == codes
    assert all(each.level is not Level.BLOCKER for each in found)


def test_nothing_is_suggested_for_what_is_skipped() -> None:
    """That has been decided."""
    entry = a_skipped()
    assert entry.treatment is Treatment.SKIP
    assert not list(data_findings(INVOICE, entry, Observed(rows=9, blanks=9)))
