"""
Cells of a load file: exact, or a finding; tried with generated text and numbers.
"""

from __future__ import annotations

import csv
import io
import itertools
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.model.finding import Level
from migrator.model.mapping import FieldMapping
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.copy.convert import (
    RECORD_CHARACTERS,
    Conversion,
    Cutter,
    check_frame,
    cleared,
    convert,
    links,
    merged,
    rest_records,
    sort_columns,
)
from tests.builders.frames import a_converted_object, an_extract_frame, an_id
from tests.builders.mappings import an_entry


def cells(values: list[str | None], type_: str, *, loses: str = "") -> list[str]:
    """
    What becomes of *values* in a field of *type_*.
    """
    conversion = Conversion(
        mapped=a_converted_object(an_entry("A__c", type_, loses=loses))
    )
    converted = convert(an_extract_frame(A__c=values), conversion)
    return converted.frame["A__c"].to_list()


def codes(values: list[str | None], type_: str) -> list[str]:
    """
    The findings' codes for *values* in a field of *type_*.
    """
    conversion = Conversion(mapped=a_converted_object(an_entry("A__c", type_)))
    return [
        f.code for f in check_frame(an_extract_frame(A__c=values), conversion).findings
    ]


@pytest.mark.parametrize(
    ("given_number", "expected"),
    [
        ("150", "150"),
        ("1.5E2", "150"),
        ("9.12260031E8", "912260031"),
        ("-0.00", "0"),
        ("1E-2", "0.01"),
        ("-1.20", "-1.2"),
        ("+7.", "7"),
        (".5", "0.5"),
        ("123456789012345678", "123456789012345678"),
        ("0.10", "0.1"),
        ("00012.0", "12"),
        ("2.5e-1", "0.25"),
    ],
)
def test_a_number_is_written_plainly(given_number: str, expected: str) -> None:
    """
    Exponents, plus signs and needless zeros go, every digit stays.
    """
    assert cells([given_number], "Number(36, 18)") == [expected]


@st.composite
def spelled_numbers(draw: st.DrawFn) -> tuple[str, Decimal]:
    """
    A number of at most 18 digits in any notation, and its value.
    """
    digits = draw(st.text("0123456789", min_size=1, max_size=18))
    point = draw(st.integers(0, len(digits)))
    sign = draw(st.sampled_from(["", "-", "+"]))
    text = f"{sign}{digits[:point]}.{digits[point:]}"
    if draw(st.booleans()):
        text = text.removesuffix(".")
    exponent = draw(st.none() | st.integers(-20, 20))
    if exponent is not None:
        text += f"{draw(st.sampled_from('eE'))}{exponent}"
    return text, Decimal(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(spelled_numbers(), min_size=1, max_size=8), st.integers(0, 8))
def test_any_number_arrives_exactly_or_is_found(
    numbers: list[tuple[str, Decimal]], scale: int
) -> None:
    """
    A cell either has the value of its source or is counted in a finding.
    """
    mapped = a_converted_object(an_entry("A__c", f"Number(18, {scale})"))
    frame = an_extract_frame(A__c=[text for text, _ in numbers])
    converted = convert(frame, Conversion(mapped=mapped))
    places = [_places(value) for _, value in numbers]
    found = {each.code.word: each.cells for each in converted.checked.misfits}
    assert found.get("digits-lost", 0) == sum(p > scale for _, p in places)
    assert found.get("too-many-digits", 0) == sum(w > 18 - scale for w, _ in places)
    for (_, value), cell in zip(numbers, converted.frame["A__c"], strict=True):
        assert Decimal(cell) == value
        assert "e" not in cell.lower()


def _places(value: Decimal) -> tuple[int, int]:
    """
    Digits before and after the point that *value* needs.
    """
    whole, _, fraction = f"{abs(value):f}".partition(".")
    return len(whole.lstrip("0")), len(fraction.rstrip("0"))


_TEXTS = st.text().filter(lambda text: text.strip().upper() != "#N/A")


@settings(max_examples=200, deadline=None)
@given(st.lists(_TEXTS | st.none(), min_size=1, max_size=6))
def test_any_text_survives_the_load_file(texts: list[str | None]) -> None:
    """
    A CSV reader gets back the normalised text, or the null mark.
    """
    conversion = Conversion(
        mapped=a_converted_object(an_entry("A__c", "LongTextArea(32768)"))
    )
    converted = convert(an_extract_frame(A__c=texts), conversion)
    (content,) = load_files([converted.frame], Cutter(conversion=conversion))
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
    assert [row["A__c"] for row in rows] == [_stored(text) for text in texts]


def _stored(text: str | None) -> str:
    unified = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    return unified.strip(" \t\n\r\x0b\x0c") or "#N/A"


def test_a_no_break_space_is_content() -> None:
    """
    Only ASCII white space is trimmed.
    """
    assert cells([" \u00a0x\u00a0\t"], "Text(20)") == ["\u00a0x\u00a0"]


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("Text(3)", "four", "too-long"),
        ("TextArea", "x" * 256, "too-long"),
        ("Email", "x" * 81, "too-long"),
        ("Number(5, 2)", "1.234", "digits-lost"),
        ("Number(5, 2)", "1234", "too-many-digits"),
        ("Currency(18, 2)", "12,5", "not-a-number"),
        ("Currency(18, 2)", "1.5E", "not-a-number"),
        ("Currency(18, 2)", ".", "not-a-number"),
        ("Date", "2026-02-30", "not-a-date"),
        ("Date", "2026-02-03T10:00:00.000Z", "time-lost"),
        ("DateTime", "2026-02-03", "not-a-date-time"),
        ("DateTime", "2026-02-03T25:00:00.000Z", "not-a-date-time"),
        ("Time", "24:00:00.000Z", "not-a-time"),
        ("Checkbox", "yes", "not-a-checkbox"),
        ("Checkbox", None, "value-missing"),
        ("Lookup(Account)", "001000000000001", "not-an-id"),
    ],
)
def test_what_does_not_fit_blocks(type_: str, value: str | None, code: str) -> None:
    """
    Each kind of unfitting cell has its own finding, at the level that blocks.
    """
    assert codes([value], type_) == [code]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("Text(3)", "abc"),
        ("Number(5, 2)", "999.99"),
        ("Number(5, 2)", "1.20000"),
        ("Date", "2024-02-29"),
        ("DateTime", "2026-02-03T10:11:12.000Z"),
        ("DateTime", "2026-02-03T10:11:12.000+0000"),
        ("Time", "23:59:59.999Z"),
        ("Checkbox", "TRUE"),
        ("Lookup(Account)", "001000000000001AAA"),
        ("Percent(16, 2)", "19.00"),
    ],
)
def test_what_fits_is_not_remarked(type_: str, value: str) -> None:
    """
    Good cells make no finding.
    """
    assert codes([value, value], type_) == []
    if type_ != "Checkbox":
        assert codes([None, value], type_) == []


def test_a_finding_counts_and_names_records_without_values() -> None:
    """
    The message has the count, the field and example ids, never what the cell holds.
    """
    mapped = a_converted_object(an_entry("A__c", "Text(3)"))
    frame = an_extract_frame(A__c=["secret", "ok", "secret"])
    (finding,) = check_frame(frame, Conversion(mapped=mapped)).findings
    assert finding.level is Level.BLOCKER
    assert finding.message == (
        "2 cells for New__c.A__c: each is longer than 3 characters "
        f"(records {an_id(0)}, {an_id(2)})"
    )


def test_an_agreed_loss_is_cut_and_counted() -> None:
    """
    With `loses:` digits and characters are cut, counted, and no longer block.
    """
    assert cells(["1.239", "-1.239"], "Number(5, 2)", loses="digits") == [
        "1.23",
        "-1.23",
    ]
    assert cells(["abcdef"], "Text(3)", loses="the rest") == ["abc"]
    mapped = a_converted_object(an_entry("A__c", "Number(5, 2)", loses="digits"))
    checked = check_frame(
        an_extract_frame(A__c=["1.239", "1"]), Conversion(mapped=mapped)
    )
    assert checked.findings == ()
    assert [(loss.agreed, loss.cells) for loss in checked.losses] == [("digits", 1)]


def test_digits_before_the_point_cannot_be_agreed_to() -> None:
    """
    `loses:` covers digits after the point only.
    """
    mapped = a_converted_object(an_entry("A__c", "Number(5, 2)", loses="digits"))
    checked = check_frame(an_extract_frame(A__c=["12345"]), Conversion(mapped=mapped))
    assert [finding.code for finding in checked.findings] == ["too-many-digits"]


def test_findings_of_many_frames_add_up() -> None:
    """
    Frame by frame or all at once, the count is the same.
    """
    conversion = Conversion(mapped=a_converted_object(an_entry("A__c", "Text(3)")))
    frame = an_extract_frame(A__c=["long", "ok", "longer"])
    parts = [check_frame(frame.slice(n, 1), conversion) for n in range(3)]
    whole = check_frame(frame, conversion)
    assert merged(conversion.mapped, parts).findings == whole.findings != ()


def test_a_literal_null_mark_and_a_huge_record_travel_by_rest() -> None:
    """
    What a load file cannot say is kept apart, with real nulls.
    """
    conversion = Conversion(
        mapped=a_converted_object(
            *(an_entry(f"T{n}__c", "LongTextArea(131072)") for n in range(4)),
            an_entry("B__c", "Text(9)"),
        )
    )
    huge = "x" * (RECORD_CHARACTERS // 4)
    texts = {f"T{n}__c": ["a", huge, None] for n in range(4)}
    frame = an_extract_frame(**texts, B__c=[" #N/A ", None, "b"])
    converted = convert(frame, conversion)
    assert converted.frame["Origin_Id__c"].to_list() == [an_id(2)]
    literal, long = rest_records(converted.rest_rows)
    assert literal["B__c"] == "#N/A"
    assert long["B__c"] is None


def test_a_missing_name_blocks() -> None:
    """
    The name field is required, so a blank one is found before the load.
    """
    conversion = Conversion(mapped=a_converted_object())
    checked = check_frame(an_extract_frame(Name=["a", "  "]), conversion)
    assert [(f.field, f.code) for f in checked.findings] == [("Name", "value-missing")]


@pytest.mark.parametrize("type_", ["Text(9)", "Number(18, 2)", "Date", "Checkbox"])
def test_a_column_that_was_not_extracted_blocks(type_: str) -> None:
    """
    A mapping newer than the extract is noticed, whatever the type.
    """
    conversion = Conversion(mapped=a_converted_object(an_entry("B__c", type_)))
    (finding,) = check_frame(an_extract_frame(A__c=["x"]), conversion).findings
    assert finding.code == "not-extracted"
    assert "migrator extract" in finding.remedy


def a_parent(*, required: bool) -> FieldMapping:
    """
    A reference to the migrated object `Parent__c`.
    """
    return an_entry(
        "P__c",
        "Lookup(Parent__c)",
        treatment=Treatment.PARENT,
        required=required,
        id_target=None if required else "P_Id__c",
    )


def test_a_parent_travels_by_its_origin_id() -> None:
    """
    The column is the relationship; no parent is an empty cell, not the null mark.
    """
    conversion = Conversion(mapped=a_converted_object(a_parent(required=False)))
    converted = convert(an_extract_frame(P__c=[an_id(7), None]), conversion)
    assert converted.frame["P__r.Origin_Id__c"].to_list() == [an_id(7), ""]
    assert converted.frame["P_Id__c"].to_list() == [an_id(7), "#N/A"]
    assert "P__c" not in converted.frame.columns


@pytest.mark.parametrize(
    ("required", "found"),
    [
        (True, ("parent-missing", Level.BLOCKER)),
        (False, ("link-left-empty", Level.WARNING)),
    ],
)
def test_a_parent_out_of_reach_is_found(
    *, required: bool, found: tuple[str, Level]
) -> None:
    """
    A required parent that is not copied blocks; another is left empty, its id kept.
    """
    conversion = Conversion(
        mapped=a_converted_object(a_parent(required=required)),
        known={ApiName("Parent__c"): pl.Series([an_id(7)])},
    )
    converted = convert(an_extract_frame(P__c=[an_id(7), an_id(8)]), conversion)
    assert [(f.code, f.level) for f in converted.findings] == [found]
    assert converted.frame["P__r.Origin_Id__c"].to_list() == [an_id(7), ""]


def test_deferred_references_are_left_to_the_second_pass() -> None:
    """
    The load leaves them out; the second pass has them, and says where there is none.
    """
    conversion = Conversion(
        mapped=a_converted_object(a_parent(required=False)),
        deferred=frozenset({ApiName("P__c")}),
    )
    frame = an_extract_frame(P__c=[an_id(7), None])
    assert "P__r.Origin_Id__c" not in convert(frame, conversion).frame.columns
    made = links(frame, conversion, "m").drop("digest")
    assert made.rows() == [(an_id(0), an_id(7)), (an_id(1), "")]
    pieces = {name: piece.rows() for name, piece in cleared(made, conversion)}
    assert pieces == {
        "": [(an_id(0), an_id(7))],
        "P__r.Origin_Id__c ": [(an_id(1), "#N/A")],
    }


def test_columns_stand_in_the_promised_order() -> None:
    """
    The origin id, the name, the currency, then the mapping's order.
    """
    conversion = Conversion(
        mapped=a_converted_object(
            an_entry("B__c", "Text(9)"),
            an_entry("CurrencyIsoCode", "Standard", treatment=Treatment.SYSTEM),
            an_entry("A__c", "Text(9)"),
        )
    )
    frame = an_extract_frame(B__c=["b"], CurrencyIsoCode=["EUR"], A__c=["a"])
    made = convert(frame, conversion).frame
    assert made.columns == ["Origin_Id__c", "Name", "CurrencyIsoCode", "B__c", "A__c"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(0, 6),
    st.integers(200, 3_000),
    st.integers(1, 20),
)
def test_load_files_keep_siblings_together(
    parents: list[int], border: int, max_bytes: int, max_rows: int
) -> None:
    """
    Nothing is lost, limits hold, and a family is split only when it cannot fit.
    """
    conversion = Conversion(mapped=a_converted_object(a_parent(required=True)))
    frame = an_extract_frame(P__c=[an_id(1_000 + parent) for parent in parents])
    made = convert(frame, conversion).frame.sort("P__r.Origin_Id__c")
    is_low = pl.col("P__r.Origin_Id__c") < an_id(1_000 + border)
    cutter = Cutter(conversion=conversion, max_bytes=max_bytes, max_rows=max_rows)
    files = load_files([made.filter(is_low), made.filter(~is_low)], cutter)
    rows = [_rows(content) for content in files]
    assert sorted(r["Origin_Id__c"] for part in rows for r in part) == sorted(
        made["Origin_Id__c"].to_list()
    )
    for content, part in zip(files, rows, strict=True):
        lines = len(content) - content.index(b"\n") - 1
        assert len(part) <= max_rows
        assert lines <= max_bytes or len(part) == 1
    if not any(parents.count(each) > 1 for each in parents):
        assert_filled(rows, max_bytes, max_rows)
    for parent in set(parents):
        holders = [
            part
            for part in rows
            if any(r["P__r.Origin_Id__c"] == an_id(1_000 + parent) for r in part)
        ]
        count = parents.count(parent)
        assert len(holders) == 1 or count > max_rows or count * 70 > max_bytes


def assert_filled(
    files: list[list[dict[str, str]]], max_bytes: int, max_rows: int
) -> None:
    """
    No file could have taken the first record of the next one as well.
    """
    for one, other in itertools.pairwise(files):
        more = [*one, other[0]]
        size = sum(len(v) + 3 for row in more for v in row.values())
        assert len(more) > max_rows or size > max_bytes


def load_files(frames: list[pl.DataFrame], cutter: Cutter) -> list[bytes]:
    """
    The load files that *frames* fill, each checked against its announcement.
    """
    files: list[bytes] = []
    for frame in frames:
        for each in cutter.stretches(frame):
            if each.is_first:
                files.append(b"")
            files[-1] += each.lines
            assert len(each.origin_ids) == 18 * each.rows
    return files


def _rows(content: bytes) -> list[dict[str, str]]:
    text = content.decode()
    assert text.startswith('"Origin_Id__c",')
    assert text.endswith('"\n')
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_sort_follows_the_leading_parent() -> None:
    """
    Siblings are neighbours in the extract's sorted frames too.
    """
    conversion = Conversion(mapped=a_converted_object(a_parent(required=True)))
    assert sort_columns(conversion) == ("P__c", "Id")
    assert sort_columns(Conversion(mapped=a_converted_object())) == ()
