"""
Digests of stored records: the documented text, the same for every notation.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.model.treatment import Treatment
from migrator.rules.reconcile import record_digests, target_columns
from tests.builders.frames import IDS, LINES, PARENTS, a_compared_object
from tests.builders.mappings import an_entry

MAPPED = a_compared_object(
    an_entry("Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM),
    an_entry("ONB2__Rate__c", "Number(18, 9)", target="Rate__c"),
    an_entry("ONB2__Paid__c", "Checkbox", target="Paid__c"),
    an_entry("ONB2__Sent__c", "DateTime", target="Sent__c"),
    an_entry("ONB2__Address__c", "LongTextArea(32768)", target="Address__c"),
    an_entry(
        "ONB2__Invoice__c",
        "Lookup(Invoice__c)",
        target="Invoice__c",
        treatment=Treatment.PARENT,
    ),
)
RECORD: dict[str, str | None] = {
    "Id": "a0C000000000001AAA",
    "Origin_Id__c": IDS[0],
    "Invoice__r.Origin_Id__c": PARENTS[0],
    "Rate__c": "19.0",
    "Paid__c": "true",
    "Sent__c": "2024-02-29T12:00:00.000Z",
    "Address__c": LINES,
}
TEXT = f"""\
Address__c:{len(LINES.encode())}:{LINES}
Invoice__r.Origin_Id__c:18:{PARENTS[0]}
Origin_Id__c:18:{IDS[0]}
Paid__c:4:true
Rate__c:2:19
Sent__c:20:2024-02-29T12:00:00Z
"""


def digests(*records: dict[str, str | None]) -> list[str]:
    """
    The lines of the file for *records*.
    """
    columns = dict.fromkeys(target_columns(MAPPED), pl.String())
    frame = pl.DataFrame(list(records), schema=columns)
    return record_digests(frame, MAPPED).decode().splitlines()


def test_a_digest_is_that_of_the_documented_text() -> None:
    """Names in order, lengths in bytes, values in one spelling."""
    wanted = sha256(TEXT.encode()).hexdigest()
    assert digests({**RECORD}) == ["Origin_Id__c,sha256", f"{IDS[0]},{wanted}"]


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_cell_has_no_line(empty: str | None) -> None:
    """Null and the empty text are stored alike."""
    without = TEXT.replace("Rate__c:2:19\n", "")
    (_, line) = digests({**RECORD, "Rate__c": empty})
    assert line.endswith(sha256(without.encode()).hexdigest())


def test_records_are_listed_by_origin_whatever_their_order() -> None:
    """Two reads of the same records give the same file, strangers first."""
    others = [{**RECORD, "Origin_Id__c": each} for each in (IDS[2], None, IDS[1])]
    listed = digests(*others)
    assert [line.split(",")[0] for line in listed[1:]] == ["", IDS[1], IDS[2]]
    assert digests(*reversed(others)) == listed


def test_an_object_without_records_has_a_header_only() -> None:
    """A file says so, rather than none."""
    assert digests() == ["Origin_Id__c,sha256"]


@pytest.mark.parametrize(
    ("field", "spelled"),
    [
        ("Rate__c", "19"),
        ("Rate__c", "1.9E1"),
        ("Rate__c", "+019.000"),
        ("Sent__c", "2024-02-29T12:00:00.000+0000"),
        ("Sent__c", "2024-02-29T13:00:00+01:00"),
    ],
)
def test_a_notation_does_not_matter(field: str, spelled: str) -> None:
    """The same value in the org's other notations has the same digest."""
    assert digests({**RECORD, field: spelled}) == digests(RECORD)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=9),
    st.sampled_from(["f", "e", "E"]),
)
def test_every_notation_of_a_number_is_one_number(value: Decimal, how: str) -> None:
    """Also beside numbers that a whole column spells at once."""
    plain = digests({**RECORD, "Rate__c": format(value, "f")}, RECORD)
    assert digests({**RECORD, "Rate__c": format(value, how)}, RECORD) == plain


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_two_texts_have_two_digests(one: str, other: str) -> None:
    """No text can pass for another one, nor for a line of another field."""
    first = digests({**RECORD, "Address__c": one})
    assert (digests({**RECORD, "Address__c": other}) == first) == (one == other)
