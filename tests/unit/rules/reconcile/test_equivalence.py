"""
When two texts stand for one value, and what an agreed loss explains.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.field_type import FieldType
from migrator.model.mapping import TextRule
from migrator.rules.reconcile.equivalence import (
    canonical_instant,
    canonical_number,
    is_agreed_loss,
)
from migrator.rules.reconcile.values import number_spelling


@given(st.from_regex(r"\A[+-]?([0-9]{1,25}\.?[0-9]{0,25}|\.[0-9]{1,25})\Z"))
def test_no_spelling_changes_the_number(text: str) -> None:
    """Neither the one of a whole column at once nor the exact one."""
    spelled = pl.DataFrame({"n": [text]}).select(number_spelling("n")).item()
    assert canonical_number(spelled) == canonical_number(text)
    assert Decimal(canonical_number(text)) == Decimal(text)


@given(st.text())
def test_what_is_no_number_stays_as_it_is(text: str) -> None:
    """Foreign digits and blanks are not guessed at."""
    if not any(c in "0123456789" for c in text):
        assert canonical_number(text) == text


@pytest.mark.parametrize("text", ["1e9999", "١٢", " 1", "1 ", "1_000", "NaN", "--1"])
def test_odd_numbers_are_left_alone(text: str) -> None:
    """Python would read some of these; Salesforce writes none of them."""
    assert canonical_number(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-31T02:30:00.000+01:00", "2024-03-31T01:30:00Z"),
        ("2024-01-01T00:30:00+0100", "2023-12-31T23:30:00Z"),
        ("2024-01-01T00:00:00.120Z", "2024-01-01T00:00:00.12Z"),
        ("2024-02-30T00:00:00Z", "2024-02-30T00:00:00Z"),
        ("2024-01-01", "2024-01-01"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_instants_are_spelled_in_utc(text: str, expected: str) -> None:
    """What is no date-time comes back unchanged."""
    assert canonical_instant(text) == expected


@pytest.mark.parametrize(
    ("type_", "source", "target", "agreed"),
    [
        ("Date", "2024-01-01T23:30:00.000Z", "2024-01-01", True),
        ("Date", "2024-01-01T23:30:00.000Z", "2024-01-02", False),
        ("DateTime", "2024-01-01T23:30:00.123Z", "2024-01-01T23:30:00.000Z", True),
        ("DateTime", "2024-01-01T23:30:01.123Z", "2024-01-01T23:30:00.000Z", False),
        ("Text(3)", "abcd", "abc", True),
        ("Text(3)", "ab cd", "ab", True),
        ("Text(3)", "abcd", "ab", False),
        ("Text(9)", "a\r\nb", "a b", True),
        ("LongTextArea(9)", "a\r\nb", "a b", False),
        ("LongTextArea(2)", "a\nbc", "a", True),
        ("TextArea", "x" * 300, "x" * 255, True),
        ("Email", "x" * 90, "x" * 80, True),
        ("Email", "x" * 90, "x" * 79, False),
        ("Phone", "1" * 90, "1" * 40, True),
        ("Html(99)", '<b style="x">1 &lt; 2</b>', "<b>1 &lt; 2</b>", True),
        ("Html(99)", "<b>1 &lt; 2</b>", "<b>1 &lt; 3</b>", False),
        ("Picklist", "a", "b", False),
        ("Checkbox", "true", "false", False),
        ("Number(18, 0)", "0.5", "1", True),
        ("Number(18, 0)", "0.5", "0", True),
        ("Number(18, 0)", "0.4", "1", False),
        ("Number(18, 2)", "1E-9", "0", True),
        ("Number(18, 2)", "1E-9", "0.0000000001", False),
    ],
)
def test_an_agreed_loss_explains_what_the_type_does_and_no_more(
    type_: str, source: str, target: str, *, agreed: bool
) -> None:
    """The promise "a difference beyond the type is still a difference"."""
    found = is_agreed_loss(source, target, FieldType.parse(type_), TextRule())
    assert found is agreed
