"""
What arrives is what a slow, plain reference says, whatever was there.

The reference goes row by row and cell by cell. Each of its rules names where Salesforce
documents it; those nobody documents are marked [K] with the point that `probe` asks.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.rules.conversion import Conversion, Cutter, convert, rest_records
from tests.unit.rules.test_conversion import a_frame, an_entry, an_object

MAPPED = an_object(
    an_entry("T__c", "LongTextArea(32000)"),
    an_entry("N__c", "Number(18, 9)"),
    an_entry("D__c", "Date"),
)
CONVERSION = Conversion(mapped=MAPPED)
ODD = ["#N/A", "#n/a", "=1+1", "-", "\x00", "\r", "\r\n", '"', '""', ",", " ", "\u00a0"]
TEXTS = st.lists(
    st.one_of(st.sampled_from(ODD), st.text(st.characters(codec="utf-8"), max_size=8)),
    max_size=4,
).map("".join)
DIGITS = st.integers(0, 10**9 - 1)
NUMBERS = st.builds(
    lambda sign, whole, fraction, spelling: spelling(f"{sign}{whole}.{fraction:09}"),
    st.sampled_from(["", "-", "+"]),
    DIGITS,
    DIGITS,
    st.sampled_from(
        [
            str,
            lambda text: f"{Decimal(text):E}",
            lambda text: str(Decimal(text).normalize()),
            lambda text: f"{Decimal(text).scaleb(3)}E-3",
        ]
    ),
)
DATES = st.one_of(
    st.dates(date(1700, 1, 1), date(4000, 12, 31)),
    st.sampled_from([date(2000, 2, 29), date(1900, 2, 28), date(2024, 12, 31)]),
).map(date.isoformat)
ROWS = st.lists(
    st.tuples(TEXTS, st.none() | NUMBERS, st.none() | DATES), min_size=1, max_size=6
)


def text_arrives(cell: str) -> str | None:
    """
    A text as the org stores it.
    """
    # One kind of line break in a file (Bulk API 2.0 guide, "lineEnding").
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    # Strings are stored without outer white space (SOAP API guide, "string"; which
    # characters that is: [K], probe point text-trim). A no-break space is content.
    text = text.strip(" \t\n\r\x0b\x0c")
    # A string field is never empty, only null (SOAP API guide, "null values").
    return text or None


def number_arrives(cell: str | None) -> Decimal | None:
    """
    A number: exact, up to 18 digits (Object reference, "Number").
    """
    return None if cell is None else Decimal(cell)


def sent_cells(texts: list[dict[str, str | None]]) -> dict[str, dict[str, str | None]]:
    """
    The records of load files as the org reads them.

    `#N/A` in a cell sets null (Bulk API 2.0 guide, "Valid CSV Record Rows").
    """
    return {
        str(row["Origin_Id__c"]): {
            name: None if cell == "#N/A" else cell for name, cell in row.items()
        }
        for row in texts
    }


@settings(deadline=None, max_examples=150)
@given(ROWS)
def test_what_arrives_is_what_the_reference_says(
    rows: list[tuple[str, str | None, str | None]],
) -> None:
    """Any text, number or date: the same, and each record exactly once."""
    frame = a_frame(
        T__c=[row[0] or None for row in rows],
        N__c=[row[1] for row in rows],
        D__c=[row[2] for row in rows],
    )
    converted = convert(frame, CONVERSION)
    assert not converted.findings
    loaded: list[dict[str, str | None]] = []
    lines = b""
    for each in Cutter(conversion=CONVERSION).stretches(converted.frame):
        lines += each.lines
    loaded += csv.DictReader(io.StringIO(lines.decode("utf-8"), newline=""))
    found = sent_cells(loaded)
    for row in rest_records(converted.rest_rows):
        # A literal #N/A cannot be said in a file (the guide as above): it goes by REST.
        assert found.setdefault(str(row["Origin_Id__c"]), row) is row
    assert len(found) == len(rows)
    for key, (text_cell, number, day) in zip(frame["Id"], rows, strict=True):
        arrived = found[key]
        assert arrived["T__c"] == text_arrives(text_cell)
        assert number_arrives(arrived["N__c"]) == number_arrives(number)
        assert "E" not in (arrived["N__c"] or "")
        # A date is YYYY-MM-DD, without a zone (the guide, "Valid Date Format").
        assert arrived["D__c"] == day


def test_the_reference_is_not_the_conversion() -> None:
    """A record with a literal null mark keeps it, which no file could have said."""
    frame = a_frame(T__c=["#N/A"], N__c=["1E2"], D__c=[None])
    (row,) = rest_records(convert(frame, CONVERSION).rest_rows)
    assert (row["T__c"], row["N__c"], row["D__c"]) == ("#N/A", "100", None)
    assert row["Origin_Id__c"] == frame["Id"][0]
