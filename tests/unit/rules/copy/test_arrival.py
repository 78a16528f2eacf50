"""
What arrives is what a slow, plain reference says, whatever was there.

The reference goes row by row and cell by cell. Each of its rules names where Salesforce
documents it; those nobody documents are marked [K] with the point that `probe` asks.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.rules.copy.convert import Conversion, Cutter, convert, rest_records
from migrator.rules.probe import POINTS
from tests.builders.frames import a_converted_object, an_extract_frame
from tests.builders.mappings import an_entry

MAPPED = a_converted_object(
    an_entry("T__c", "LongTextArea(32000)"),
    an_entry("N__c", "Number(18, 9)"),
    an_entry("W__c", "Number(18, 0)"),
    an_entry("D__c", "Date"),
    an_entry("S__c", "DateTime"),
)
CONVERSION = Conversion(mapped=MAPPED)
ODD = ["#N/A", "#n/a", "=1+1", "-", "\x00", "\r", "\r\n", '"', '""', ",", " ", "\u00a0"]
TEXTS = st.lists(
    st.one_of(st.sampled_from(ODD), st.text(st.characters(codec="utf-8"), max_size=8)),
    max_size=4,
).map("".join)
DIGITS = st.integers(0, 10**9 - 1)
SPELLINGS = st.sampled_from(
    [
        str,
        lambda text: f"{Decimal(text):E}",
        lambda text: str(Decimal(text).normalize()),
        lambda text: f"{Decimal(text).scaleb(3):f}E-3",
        lambda text: re.sub(r"^([+-]?)0\.", r"\1.", text),
        lambda text: re.sub(r"^([+-]?)", r"\g<1>000", text),
    ]
)
SIGNS = st.sampled_from(["", "-", "+"])
NUMBERS = st.builds(
    lambda sign, whole, fraction, spelling: spelling(f"{sign}{whole}.{fraction:09}"),
    SIGNS,
    DIGITS,
    DIGITS,
    SPELLINGS,
)
WHOLE = st.builds(
    lambda sign, whole, spelling: spelling(f"{sign}{whole}"),
    SIGNS,
    st.integers(0, 10**18 - 1),
    SPELLINGS,
)
DATES = st.one_of(
    st.dates(date(1700, 1, 1), date(4000, 12, 31)),
    st.sampled_from([date(2000, 2, 29), date(1900, 2, 28), date(2024, 12, 31)]),
).map(date.isoformat)
INSTANTS = st.one_of(
    st.datetimes(datetime(1700, 1, 1), datetime(4000, 12, 31)),  # noqa: DTZ001
    st.sampled_from(
        [datetime(2000, 2, 29, 23, 59, 59), datetime(1970, 1, 1)]  # noqa: DTZ001
    ),
).map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000Z")
Row = tuple[str, str | None, str | None, str | None, str | None]
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | NUMBERS,
        st.none() | WHOLE,
        st.none() | DATES,
        st.none() | INSTANTS,
    ),
    min_size=1,
    max_size=6,
)


def text_arrives(cell: str) -> str | None:
    """
    A text as the org stores it.
    """
    # A file has one kind of line break (Bulk API 2.0 guide, "lineEnding"); what the org
    # makes of another one: [K], probe point text-crlf-in-file. A line feed in a quoted
    # cell arrives: [K], probe point text-line-feed.
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    # Strings are stored without outer white space (SOAP API guide, "string"). Which
    # characters that is: [K], probe point text-trim; for long texts: [K], probe point
    # text-trim-long. A no-break space is content: [K], probe point text-trim-in-file.
    text = text.strip(" \t\n\r\x0b\x0c")
    # A string field is never empty, only null (SOAP API guide, "null values"); what is
    # left of blanks: [K], probe point text-only-blanks.
    return text or None


def number_arrives(cell: str | None) -> Decimal | None:
    """
    A number: exact, up to 18 digits (Object reference, "Number").

    That all of them come back: [K], probe point number-18-digits.
    """
    return None if cell is None else Decimal(cell)


def instant_arrives(cell: str | None) -> datetime | None:
    """
    A point in time, in UTC (Bulk API 2.0 guide, "Valid Date Format").

    Fractions of a second are none of it: [K], probe point datetime-fraction.
    """
    if cell is None:
        return None
    return datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC)


def sent_cells(texts: list[dict[str, str | None]]) -> dict[str, dict[str, str | None]]:
    """
    The records of load files as the org reads them.

    `#N/A` in a cell sets null (Bulk API 2.0 guide, "Valid CSV Record Rows"), whatever
    the type and whatever the field's default: [K], probe point na-cell-text, [K], probe
    point na-cell-number, and [K], probe point na-cell-date.
    """
    return {
        str(row["Origin_Id__c"]): {
            name: None if cell == "#N/A" else cell for name, cell in row.items()
        }
        for row in texts
    }


@settings(deadline=None, max_examples=150)
@given(ROWS)
def test_what_arrives_is_what_the_reference_says(rows: list[Row]) -> None:
    """Any text, number or date: the same, and each record exactly once."""
    frame = an_extract_frame(
        T__c=[row[0] or None for row in rows],
        N__c=[row[1] for row in rows],
        W__c=[row[2] for row in rows],
        D__c=[row[3] for row in rows],
        S__c=[row[4] for row in rows],
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
        # A literal #N/A cannot be said in a file (the guide as above): it goes by REST,
        # where it is a text like any other: [K], probe point na-by-rest.
        assert found.setdefault(str(row["Origin_Id__c"]), row) is row
    assert len(found) == len(rows)
    for key, (text, number, whole, day, instant) in zip(frame["Id"], rows, strict=True):
        arrived = found[key]
        assert arrived["T__c"] == text_arrives(text)
        assert number_arrives(arrived["N__c"]) == number_arrives(number)
        assert number_arrives(arrived["W__c"]) == number_arrives(whole)
        # Whether the org takes an exponent is not asked: [K], probe point
        # number-exponent.
        assert "E" not in (arrived["N__c"] or "") + (arrived["W__c"] or "")
        # A date is YYYY-MM-DD, without a zone (the guide, "Valid Date Format").
        assert arrived["D__c"] == day
        assert instant_arrives(arrived["S__c"]) == instant_arrives(instant)


def test_the_reference_is_not_the_conversion() -> None:
    """A record with a literal null mark keeps it, which no file could have said."""
    frame = an_extract_frame(
        T__c=["#N/A"], N__c=["1E2"], W__c=[None], D__c=[None], S__c=[None]
    )
    (row,) = rest_records(convert(frame, CONVERSION).rest_rows)
    assert (row["T__c"], row["N__c"], row["D__c"]) == ("#N/A", "100", None)
    assert row["Origin_Id__c"] == frame["Id"][0]


def test_what_nobody_documents_is_asked_by_the_probe() -> None:
    """Each rule above that is marked [K] names a point that exists."""
    text = " ".join(Path(__file__).read_text("utf-8").replace("#", " ").split())
    marked = re.findall(r"\[K\], probe point ([a-z0-9-]+)", text)
    assert len(marked) > 10
    assert set(marked) <= {point.id for point in POINTS}
