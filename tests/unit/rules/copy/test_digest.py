"""
Digests of what is sent: the same for the same cells, from either side, and no other.
"""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.copy.convert import Aspect, Conversion, convert
from migrator.rules.copy.convert.digest import method, packed, unpacked
from tests.builders.frames import a_converted_object, an_extract_frame, an_id
from tests.builders.mappings import an_entry

ENTRIES = (
    an_entry("Amount__c", "Currency(16, 2)"),
    an_entry("Text__c", "LongTextArea(500)"),
    an_entry("Flag__c", "Checkbox"),
    an_entry("When__c", "DateTime"),
    an_entry("Parent__c", "Lookup(Parent__c)", treatment=Treatment.PARENT),
    an_entry("Days__c", "Number(8, 0)", volatile=True),
    an_entry("Next__c", "Lookup(New__c)", treatment=Treatment.PARENT),
)
CONVERSION = Conversion(
    mapped=a_converted_object(*ENTRIES), deferred=frozenset({ApiName("Next__c")})
)
VALUES = Aspect(conversion=CONVERSION, mapping="m", extract="e")
LINKS = Aspect(conversion=CONVERSION, mapping="m", extract="e", of_links=True)
RECORD: dict[str, str | None] = {
    "Amount__c": "12.5",
    "Text__c": "a text",
    "Flag__c": "true",
    "When__c": "2026-01-01T10:00:00.000Z",
    "Parent__c": an_id(7),
    "Days__c": "3",
    "Next__c": an_id(8),
}


def a_frame(*records: dict[str, str | None]) -> pl.DataFrame:
    """
    An extract of *records*, each the usual one with other values.
    """
    rows = [RECORD | each for each in records]
    return an_extract_frame(**{name: [row[name] for row in rows] for name in RECORD})


def value(**other: str | None) -> int:
    """
    The digest of the values of the usual record with *other* ones.
    """
    (found,) = VALUES.wanted(a_frame(other))["digest"].to_list()
    return int(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Amount__c", "12.51"),
        ("Amount__c", None),
        ("Text__c", "a text."),
        ("Text__c", None),
        ("Flag__c", "false"),
        ("When__c", "2026-01-01T10:00:01.000Z"),
        ("Parent__c", an_id(9)),
        ("Parent__c", None),
    ],
)
def test_another_cell_is_another_digest(name: str, text: str | None) -> None:
    """
    Whatever is sent otherwise counts.
    """
    assert value(**{name: text}) != value()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Amount__c", "12.50"),
        ("Amount__c", "1.25E1"),
        ("Text__c", "  a text\r\n"),
        ("Flag__c", "TRUE"),
        ("Days__c", "4"),
        ("Next__c", None),
    ],
)
def test_the_same_cell_spelled_otherwise_is_the_same_digest(
    name: str, text: str | None
) -> None:
    """
    What the platform makes one of is one; the clock and the second pass are apart.
    """
    assert value(**{name: text}) == value()


def test_another_mapping_is_another_digest() -> None:
    """
    Nothing made by another mapping is taken for equal.
    """
    other = Aspect(conversion=CONVERSION, mapping="n", extract="e")
    frame = a_frame({})
    assert other.wanted(frame)["digest"].to_list() != [value()]


def test_whole_cells_are_told_from_the_same_letters_cut_otherwise() -> None:
    """
    A letter moved from one field to the next is a change.
    """
    mapped = a_converted_object(
        an_entry("A__c", "Text(9)"), an_entry("B__c", "Text(9)")
    )
    aspect = Aspect(conversion=Conversion(mapped=mapped), mapping="m", extract="e")
    frame = an_extract_frame(
        A__c=["ab", "a", "a", None], B__c=["c", "bc", None, "a"]
    ).with_columns(pl.lit(an_id(1)).alias("Id"), pl.lit("n").alias("Name"))
    assert aspect.wanted(frame)["digest"].n_unique() == 4


AMOUNTS = st.decimals(-999, 999, places=2, allow_nan=False).map(str)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=60)
@given(st.lists(st.tuples(AMOUNTS, TEXTS), min_size=2, max_size=6))
def test_a_digest_does_not_hang_on_the_records_beside_it(
    rows: list[tuple[str, str]],
) -> None:
    """
    Columns in their usual state take a short cut, and it ends at the same place.
    """
    records: list[dict[str, str | None]] = [
        {"Amount__c": amount, "Text__c": text or None} for amount, text in rows
    ]
    frame = a_frame(*records)
    together = VALUES.wanted(frame)["digest"].to_list()
    alone = [VALUES.wanted(piece)["digest"].item() for piece in frame.iter_slices(1)]
    assert together == alone
    assert convert(frame, CONVERSION, mapping="m").frame["digest"].to_list() == [
        digest
        for digest, (_, text) in zip(together, rows, strict=True)
        if text.strip().upper() != "#N/A"
    ]


@settings(max_examples=60)
@given(st.lists(st.tuples(AMOUNTS, TEXTS), min_size=1, max_size=4))
def test_what_is_stored_as_it_was_sent_has_the_same_digest(
    rows: list[tuple[str, str]],
) -> None:
    """
    The org's spelling of numbers and times is seen through, in values and links.
    """
    records: list[dict[str, str | None]] = [
        {"Amount__c": amount, "Text__c": text or None} for amount, text in rows
    ]
    frame = a_frame(*records)
    made = convert(frame, CONVERSION)
    plain = pl.concat([made.frame, made.rest_rows]).with_columns(
        pl.all().replace({"#N/A": None, "": None})
    )
    stored = plain.with_columns(
        pl.col("Amount__c").cast(pl.Float64).map_elements("{:E}".format, pl.String),
        pl.col("When__c").str.replace("Z", "+0000"),
        pl.lit(an_id(8)).alias("Next__r.Origin_Id__c"),
    )
    wanted = dict(zip(frame["Id"], VALUES.wanted(frame)["digest"], strict=True))
    found = dict(
        zip(stored["Origin_Id__c"], VALUES.stored(stored)["digest"], strict=True)
    )
    literal = {x["Origin_Id__c"] for x in made.rest_rows.to_dicts()}
    assert {k: v for k, v in found.items() if k not in literal} == {
        k: v for k, v in wanted.items() if k not in literal
    }
    assert LINKS.stored(stored)["digest"].to_list() == (
        LINKS.wanted(frame)["digest"].to_list()
    )


def test_no_link_is_a_digest_of_its_own() -> None:
    """
    A record without references of the second pass is told from one with.
    """
    frame = a_frame({"Next__c": None}, {}, {"Next__c": an_id(9)})
    found = LINKS.wanted(frame)["digest"].to_list()
    assert found[0] == 1
    assert len(set(found)) == 3


def test_digests_are_packed_and_unpacked() -> None:
    """
    As many as there were, one for all, or none known.
    """
    numbers = pl.Series("digest", [0, 1, 2**64 - 1], dtype=pl.UInt64)
    assert unpacked(packed(numbers), 3).equals(numbers)
    assert unpacked((5).to_bytes(8, "little"), 3).to_list() == [5, 5, 5]
    assert unpacked(b"", 2).to_list() == [None, None]


def test_another_process_computes_the_same() -> None:
    """
    The journal outlives the process; what it knows is of use to the next one.
    """
    asked = "from migrator.rules.copy.convert.digest import method; print(method())"
    ended = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == method()
