"""
The quick ways of reading cells say what the plain ones say.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.emulator.bulk.csv_text import are_plain_numbers, deserialize_problem
from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.schema import FieldDef
from migrator.emulator.schema.values import Memo, parse, parser
from tests.builders.schemas import a_field

FIELDS = (
    a_field("Amount__c", "currency", precision=6, scale=2),
    a_field("Rate__c", "double", precision=3, scale=3),
    a_field("Number__c", "int", length=4),
    a_field("Sent__c", "datetime"),
    a_field("Note__c", length=5),
    a_field("Paid__c", "boolean"),
)
_SPELLED = st.sampled_from(
    [
        "", " ", "-0", "-0.00", "0.5", "00.5", "+1", "1.", "1.10", "12.345", "99999.1",
        "1e2", "1_0", "NaN", "٣", "10000", "2026-03-02T10:20:30.000Z",
        "2026-03-02T10:20:30.000z", "2026-13-02T10:20:30.000Z", "2026-03-02T10:20Z",
        " ab\r\nc ", "abcdef", "a\x00b", "\u00a0ab",
    ]
)  # fmt: skip
_TEXTS = _SPELLED | st.text("0123456789.-+e \n", max_size=9) | st.text(max_size=7)


def outcome(read: Any, value: object) -> object:
    """What *read* gives for *value*, or the error it raises."""
    try:
        return read(value)
    except SalesforceError as error:
        return (error.code, error.message, error.fields)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.type)
@given(value=_TEXTS | st.none() | st.booleans() | st.integers())
def test_a_quick_parser_agrees_with_parse(field: FieldDef, value: object) -> None:
    """The same stored value or the same error, for any value."""
    assert outcome(parser(field), value) == outcome(lambda v: parse(field, v), value)


@given(texts=st.lists(_TEXTS, max_size=4))
def test_numbers_found_plain_at_once_are_readable_one_by_one(texts: list[str]) -> None:
    """A line break inside a cell does not make two numbers of it."""
    if texts and are_plain_numbers(texts):
        assert [deserialize_problem(FIELDS[0], text) for text in texts] == [None] * len(
            texts
        )


def test_a_memo_asks_again_after_an_error_and_forgets_long_texts() -> None:
    """What raised is not remembered as a value; long texts take no memory."""
    asked = []

    def make(text: str) -> str:
        asked.append(text)
        if text == "bad":
            raise ValueError
        return text

    memo = Memo(make)
    for text in ("a", "a", "x" * 100, "x" * 100):
        assert memo[text] == text
    for _ in range(2):
        with pytest.raises(ValueError):
            memo["bad"]
    assert asked == ["a", "x" * 100, "x" * 100, "bad", "bad"]
