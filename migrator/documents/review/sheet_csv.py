"""
The mapping as one CSV file for those without a spreadsheet program of that kind.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from migrator.documents.review.sheet_reading import parsed_base
from migrator.errors import InputError
from migrator.model.review import Review, ReviewEntry, ReviewObject
from migrator.model.sheet import (
    EDITABLE,
    OBJECT_EDITABLE,
    SheetRow,
    as_shown,
    settings_of,
)

_BASE = "made from"
_SETTINGS = tuple(dict.fromkeys((*EDITABLE, *OBJECT_EDITABLE)))
HEADER = ("object", "source", *_SETTINGS, "status", "findings", _BASE)
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a cell begins that spreadsheet programs take for a formula, and our own mark."""


def render_review_csv(review: Review) -> str:
    """
    One line an object, without a source, and one line a field; cells that could act
    get an apostrophe in front.
    """
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(HEADER)
    for mapped in review.objects:
        writer.writerow(_tamed(text) for text in _object_texts(mapped))
        for each in mapped.entries:
            writer.writerow(_tamed(text) for text in _texts(each))
    return made.getvalue()


def read_review_csv(text: str, *, file: str) -> tuple[SheetRow, ...]:
    """
    Return the rows of a file that `render_review_csv` made; comma or semicolon between.

    Raises InputError when the header is another.
    """
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        if reader.fieldnames is None or _BASE not in reader.fieldnames:
            raise InputError(
                f"{file} has no column {_BASE!r}",
                hint="make a new one: migrator review --csv",
            )
        return tuple(_rows(reader))
    except csv.Error as error:
        raise InputError(f"{file} is no CSV: {error}") from error


def _rows(reader: csv.DictReader[str]) -> Iterator[SheetRow]:
    for row in reader:
        base = parsed_base(_plain(row.get(_BASE) or ""))
        if base is not None:
            yield SheetRow(
                place=f"line {reader.line_num}",
                object=base["object"],
                field=base["field"],
                base=base,
                cells={
                    word: as_shown(_plain(row[word] or ""))
                    for word in (EDITABLE if base["field"] else OBJECT_EDITABLE)
                    if word in row
                },
            )


def _object_texts(each: ReviewObject) -> tuple[str, ...]:
    settings = settings_of(each.mapped)
    base = {"object": each.mapped.source, "field": "", **settings}
    return (
        each.mapped.source,
        "",
        *(as_shown(settings.get(word, "")) for word in _SETTINGS),
        "",
        as_shown("; ".join(f"{f.level.value}: {f.message}" for f in each.findings)),
        json.dumps(base, ensure_ascii=True),
    )


def _texts(each: ReviewEntry) -> tuple[str, ...]:
    settings = settings_of(each.entry)
    base = {"object": each.object, "field": each.entry.source, **settings}
    return (
        each.object,
        each.entry.source,
        *(as_shown(settings.get(word, "")) for word in _SETTINGS),
        each.status.value,
        as_shown("; ".join(f"{f.level.value}: {f.message}" for f in each.findings)),
        json.dumps(base, ensure_ascii=True),
    )


def _tamed(text: str) -> str:
    return f"'{text}" if text.startswith(_ACTIVE) else text


def _plain(text: str) -> str:
    return text.removeprefix("'")
