"""
A workbook that somebody edited, back to rows.

Nothing in it is trusted: neither its size, nor what its cells claim to be.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl

from migrator.documents.review.sheet_xlsx import BASE
from migrator.errors import InputError
from migrator.model.sheet import EDITABLE, OBJECT_EDITABLE, SheetRow, as_shown

MAX_BYTES = 20_000_000
MAX_UNPACKED = 200_000_000


def read_workbook(content: bytes, *, file: str) -> tuple[SheetRow, ...]:
    """
    Return the rows of every sheet of fields, whatever else the workbook holds.

    Raises InputError when *content* is no workbook, too large, or not one of ours.
    """
    _require_small(content, file)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    # openpyxl raises whatever the damaged part makes it raise.
    except Exception as error:
        raise InputError(
            f"{file} cannot be read as a workbook ({type(error).__name__})",
            hint="save it as .xlsx, or make a new one: migrator review",
        ) from error
    rows = [row for sheet in book.worksheets for row in _rows(sheet)]
    if not rows:
        raise InputError(
            f"{file} has no sheet that `migrator review` made",
            hint="keep the header line and the hidden last column",
        )
    return tuple(rows)


def _require_small(content: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile as error:
        raise InputError(
            f"{file} is no .xlsx workbook", hint="save it as .xlsx and try again"
        ) from error
    if len(content) > MAX_BYTES or unpacked > MAX_UNPACKED:
        raise InputError(f"{file} is larger than any mapping; it is not read")


def _rows(sheet: Any) -> Iterator[SheetRow]:
    head = {
        str(cell.value).strip().casefold(): cell.column - 1
        for cell in next(iter(sheet.iter_rows(max_row=1)), ())
        if cell.value is not None
    }
    if BASE not in head:
        return
    for number, row in enumerate(sheet.iter_rows(min_row=2), start=2):
        made = _sheet_row(f"{sheet.title}!{number}", row, head)
        if made is not None:
            yield made


def _sheet_row(place: str, row: Sequence[Any], head: dict[str, int]) -> SheetRow | None:
    base = parsed_base(_cell(row[head[BASE]])[0])
    if base is None:
        return None
    cells: dict[str, str] = {}
    problems: dict[str, str] = {}
    for word in EDITABLE if base["field"] else OBJECT_EDITABLE:
        if word in head:
            cells[word], problem = _cell(row[head[word]])
            if problem:
                problems[word] = problem
    return SheetRow(
        place=place,
        object=base["object"],
        field=base["field"],
        base=base,
        cells=cells,
        problems=problems,
    )


def parsed_base(text: str) -> dict[str, str] | None:
    """
    Return the hidden cell of a row; None when it is none of ours.
    """
    try:
        content = json.loads(text)
    except ValueError:
        return None
    if not isinstance(content, dict) or not {"object", "field"} <= content.keys():
        return None
    return {str(key): str(value) for key, value in content.items()}


def _cell(cell: Any) -> tuple[str, str]:
    """
    Return the text of *cell*, and why it cannot be taken when it cannot.
    """
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        return "", "holds a formula; expected the text itself"
    if cell.data_type == "e":
        return "", "holds an error of the spreadsheet program"
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), ""
    return as_shown(str(value)), ""
