"""
The sheet of a mapping: everything there as text, and back without a change.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.documents.review.sheet_csv import read_review_csv, render_review_csv
from migrator.documents.review.sheet_reading import read_workbook
from migrator.documents.review.sheet_xlsx import (
    COLUMNS,
    LOG,
    OBJECTS,
    SUMMARY,
    render_workbook,
    sheet_names,
)
from migrator.errors import InputError
from migrator.model.mapping import FieldMapping, Status
from migrator.model.review import Review
from migrator.model.sheet import EDITABLE, SheetRow, as_shown, settings_of
from tests.builders.describes import a_described
from tests.builders.reviews import of_fields, the_sample

ODD = ["=1+1", "+49 30", "-", "@x", "'=a", "_x0041_", "\ta", "1e5", "007", "http://a.b"]
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
) | st.sampled_from(ODD)


def _with(review: Review, **changes: str) -> Review:
    """The same, with *changes* made to the last field."""
    (part,) = review.objects
    *others, last = part.entries
    entry = replace(last.entry, **changes)  # type: ignore[arg-type]
    return replace(
        review,
        objects=(replace(part, entries=(*others, replace(last, entry=entry))),),
    )


def _entry(review: Review) -> FieldMapping:
    return review.objects[0].entries[-1].entry


PLAIN = of_fields(a_described("ONB2__Note__c", length=40))


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_any_text_comes_back_from_a_workbook(why: str, label: str) -> None:
    """As a cell can hold it, and the hidden cell knows it to the last sign."""
    review = _with(PLAIN, why=why, label=label)
    row = read_workbook(render_workbook(review), file="m.xlsx")[-1]
    _require_unchanged(row, _entry(review))


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_any_text_comes_back_from_csv(why: str, label: str) -> None:
    """The same for a CSV file."""
    review = _with(PLAIN, why=why, label=label)
    row = read_review_csv(render_review_csv(review), file="m.csv")[-1]
    _require_unchanged(row, _entry(review))


def _require_unchanged(row: SheetRow, entry: FieldMapping) -> None:
    wanted = settings_of(entry)
    assert {name: row.base[name] for name in EDITABLE} == wanted
    assert row.cells == {name: as_shown(text) for name, text in wanted.items()}
    assert row.problems == {}


@pytest.fixture(scope="module")
def book() -> Any:
    """The workbook of the sample, as openpyxl reads it."""
    return openpyxl.load_workbook(io.BytesIO(render_workbook(the_sample())))


def test_there_is_a_sheet_for_each_object(book: Any) -> None:
    """Between the summary and the change log."""
    names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    assert names[:2] == [SUMMARY, OBJECTS]
    assert names[-1] == LOG
    assert names[2:-1] == [
        "Invoice__c",
        "InvoiceLineItem__c",
        "TaxDetail__c",
        "Balance__c",
    ]


def test_no_cell_is_a_formula_or_a_link(book: Any) -> None:
    """Whatever a label begins with."""
    review = _with(PLAIN, why="=1+1", label="@SUM(A1)", help="http://example.com")
    for each in (book, openpyxl.load_workbook(io.BytesIO(render_workbook(review)))):
        for sheet in each.worksheets[1:]:
            for row in sheet.iter_rows():
                assert all(cell.data_type in {"s", "n"} for cell in row)
                assert all(cell.hyperlink is None for cell in row)


def test_only_what_may_be_edited_is_unlocked(book: Any) -> None:
    """And coloured; the rest of the sheet is protected."""
    sheet = book["Invoice__c"]
    assert sheet.protection.sheet
    for cell, word in zip(sheet[2], COLUMNS, strict=True):
        assert cell.protection.locked is (word not in EDITABLE), word
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref
    assert sheet.column_dimensions["S"].hidden


def test_treatment_and_type_drop_down(book: Any) -> None:
    """Treatments as a closed list, types as suggestions."""
    found = {
        str(each.sqref): each.formula1
        for each in book["Balance__c"].data_validations.dataValidation
    }
    assert found["D2:D36"] == '"copy,freeze,parent,lookup,snapshot,system,skip"'
    assert found["F2:F36"].startswith("=Lists!") or "Lists" in found["F2:F36"]


def test_findings_are_comments_too(book: Any) -> None:
    """Whoever points at a field reads what is wrong with it."""
    comments = [cell.comment for cell in book["Invoice__c"]["A"] if cell.comment]
    assert any("decimals" in comment.text for comment in comments)


def test_the_change_log_says_who_approved(book: Any) -> None:
    """The latest first."""
    assert book[LOG].max_row == 1
    (part,) = PLAIN.objects
    signed = tuple(
        replace(
            each,
            status=Status.APPROVED,
            entry=replace(each.entry, by="Eva", on=f"2026-11-{day:02}T10:00:00Z"),
        )
        for day, each in enumerate(part.entries, start=1)
    )
    review = replace(PLAIN, objects=(replace(part, entries=signed),))
    made = openpyxl.load_workbook(io.BytesIO(render_workbook(review)))[LOG]
    times = [str(row[0].value) for row in made.iter_rows(min_row=2)]
    assert times == sorted(times, reverse=True)
    assert made["B2"].value == "Eva"


def _tampered(column: str, value: Any) -> SheetRow:
    made = openpyxl.load_workbook(io.BytesIO(render_workbook(PLAIN)))
    sheet = made["Invoice__c"]
    sheet.cell(sheet.max_row, COLUMNS.index(column) + 1).value = value
    content = io.BytesIO()
    made.save(content)
    return read_workbook(content.getvalue(), file="m.xlsx")[-1]


def test_a_formula_is_named_and_not_worked_out() -> None:
    """The person who typed it meant something else."""
    row = _tampered("why", "=A1")
    assert "formula" in row.problems["why"]


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (5.0, "5"), (True, "true"), (None, "")]
)
def test_numbers_and_blanks_are_texts(value: Any, text: str) -> None:
    """Spreadsheet programs guess; the mapping has texts."""
    assert _tampered("label", value).cells["label"] == text


@pytest.mark.parametrize("content", [b"", b"PK nonsense", b"<html>"])
def test_what_is_no_workbook_is_said_in_one_sentence(content: bytes) -> None:
    """Never a traceback of a library."""
    with pytest.raises(InputError, match=r"m\.xlsx"):
        read_workbook(content, file="m.xlsx")


def test_a_workbook_of_somebody_else_is_refused() -> None:
    """It has no row that we made."""
    content = io.BytesIO()
    openpyxl.Workbook().save(content)
    with pytest.raises(InputError, match="no sheet"):
        read_workbook(content.getvalue(), file="m.xlsx")


def test_a_bomb_is_not_unpacked() -> None:
    """A small file that would become a large one."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * 201_000_000)
    with pytest.raises(InputError, match="larger than any mapping"):
        read_workbook(content.getvalue(), file="m.xlsx")


def test_csv_with_semicolons_is_read() -> None:
    """As spreadsheet programs of some countries write it."""
    text = (
        'object;source;why;made from\nA;B;new;"{""object"": ""A"", ""field"": ""B""}"\n'
    )
    (row,) = read_review_csv(text, file="m.csv")
    assert (row.object, row.field, row.cells) == ("A", "B", {"why": "new"})


def test_csv_of_something_else_is_refused() -> None:
    """The header is missed by name."""
    with pytest.raises(InputError, match="made from"):
        read_review_csv("a,b\n1,2\n", file="m.csv")


def test_sheet_names_are_legal_and_different() -> None:
    """31 signs, each name once whatever its case."""
    names = sheet_names(["A" * 40, "a" * 41, "x/y", "Summary", ""])
    assert len({name.casefold() for name in names}) == 5
    assert all(0 < len(name) <= 31 and "/" not in name for name in names)
    assert json.dumps(names[2]) == '"x_y"'
