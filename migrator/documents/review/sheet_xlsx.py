"""
The mapping as a workbook that consultants edit.

Every cell is written as text, never as a formula, number or link. What may be edited is
unlocked and coloured; a hidden last column keeps what the row said when it was made, so
that an import can tell an edit from a change of the mapping in between.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from migrator.model.finding import Level
from migrator.model.kinds.table import KINDS
from migrator.model.mapping import Status
from migrator.model.review import Review, ReviewEntry, ReviewObject
from migrator.model.sheet import EDITABLE, OBJECT_EDITABLE, as_shown, settings_of
from migrator.model.treatment import Treatment

SUMMARY, OBJECTS, LOG, LISTS = "Summary", "Objects", "Change log", "Lists"
MAX_SHEET_NAME = 31
LEFT_OUT = "Records left out"
LINE_HEIGHT, MAX_LINES = 15, 12
_LOCKED_BEFORE = ("source", "source label", "source type")
_LOCKED_AFTER = ("status", "approved by", "findings", "data")
BASE = "made from"
COLUMNS = (*_LOCKED_BEFORE, *EDITABLE, *_LOCKED_AFTER, BASE)
_WIDTHS = (
    *(34, 26, 24, 12, 30, 18, 44, 24, 30, 22, 30, 24, 14, 24),
    *(12, 22, 60, 44, 4),
)
OBJECT_COLUMNS = ("source", "target", *OBJECT_EDITABLE, "status of rows", BASE)
_OBJECT_WIDTHS = (34, 30, 24, 24, 18, 30, 30, 70, 40, 4)
_HELP = {
    "rule": "Another value than the source's, in braces:\n{constant: Archive}\n"
    "{map: {Open: Paid}, otherwise: keep}\n{default: none}\n{truncate: 40}\n"
    '{concatenate: [FieldA, FieldB], separator: ", "}\n{owners: {005...: 005...}}',
    "original_target": "A field that keeps the source's value beside it.",
    "original_type": "Of that field; Text(255) when empty.",
    "labels": "In other languages: {de: Rechnung, fr: Facture}",
    "plural_labels": "In other languages: {de: Rechnungen, fr: Factures}",
    "rows": "Records to leave out, one rule a line:\n{field: ONB2__Status__c, is: "
    "[Draft]} because drafts were never issued\nis, is_not: [texts]; before, after: "
    "2019-12-31; blank, not_blank: true. Counts once it is approved.",
}
"""What a column's heading says when it is pointed at."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def render_workbook(review: Review) -> bytes:
    """
    Return the bytes of `review/mapping.xlsx`: a summary, a sheet an object, a change
    log.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"created": _EPOCH, "comments": review.digest})
    styles = _Styles.of(book)
    names = sheet_names([str(each.mapped.target) for each in review.objects])
    _summary(book, styles, review, names)
    _objects(book, styles, review)
    types = _types(review)
    for each, name in zip(review.objects, names, strict=True):
        _object(book, styles, each, name, len(types))
    _log(book, styles, review)
    _lists(book, types)
    book.close()
    return content.getvalue()


def sheet_names(names: Sequence[str]) -> tuple[str, ...]:
    """
    *names* as sheet names: without signs Excel forbids, short enough, each once.
    """
    taken = {name.casefold() for name in (SUMMARY, OBJECTS, LOG, LISTS, "History")}
    made = []
    for name in names:
        plain = _FORBIDDEN.sub("_", name)[:MAX_SHEET_NAME] or "Object"
        found, number = plain, 2
        while found.casefold() in taken:
            end = f"~{number}"
            found, number = plain[: MAX_SHEET_NAME - len(end)] + end, number + 1
        taken.add(found.casefold())
        made.append(found)
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Styles:
    """
    The looks of cells; a style also says whether a cell may be edited.
    """

    head: Any
    locked: Any
    edit: Any
    title: Any
    soft: Any
    number: Any
    by_level: dict[Level | None, Any]
    by_status: dict[Status, Any]

    @classmethod
    def of(cls, book: Any) -> _Styles:
        base = {
            "valign": "top",
            "text_wrap": True,
            "border": 1,
            "border_color": "#DDDDDD",
        }
        colours = {
            None: "#1D2227",
            Level.INFO: "#55606B",
            Level.WARNING: "#7A5200",
            Level.BLOCKER: "#A3201D",
        }
        states = {
            Status.APPROVED: "#17663D",
            Status.CHANGED: "#7A5200",
            Status.PROPOSED: "#55606B",
        }
        head = {"bold": True, "bg_color": "#E7E4DA", "border": 1, "valign": "top"}
        return cls(
            head=book.add_format(head),
            locked=book.add_format({**base, "bg_color": "#F7F7F7"}),
            edit=book.add_format({**base, "bg_color": "#FFF8DC", "locked": False}),
            title=book.add_format({"bold": True, "font_size": 16}),
            soft=book.add_format({"font_color": "#55606B", "text_wrap": True}),
            number=book.add_format({**base, "align": "right"}),
            by_level={
                level: book.add_format(
                    {**base, "bg_color": "#F7F7F7", "font_color": colour}
                )
                for level, colour in colours.items()
            },
            by_status={
                status: book.add_format(
                    {**base, "bg_color": "#F7F7F7", "font_color": colour}
                )
                for status, colour in states.items()
            },
        )


def _summary(book: Any, styles: _Styles, review: Review, names: Sequence[str]) -> None:
    sheet = book.add_worksheet(SUMMARY)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 1, 32)
    sheet.set_column(2, 12, 11)
    sheet.write_string(0, 0, f"Mapping of {review.namespace}", styles.title)
    lines = (
        f"Migration {review.migration_id}, mapping {review.digest}",
        "Edit the yellow cells, save, then: migrator review import FILE",
        "Approve with: migrator review approve --by NAME",
    )
    for number, line in enumerate(lines, start=1):
        sheet.write_string(number, 0, line, styles.soft)
        sheet.set_row(number, 16)
    words = [each.value for each in Treatment]
    head = ("Source", "Target", "Fields", "Approved", "Blockers", "Warnings", *words)
    head = (*head, LEFT_OUT)
    for column, word in enumerate(head):
        sheet.write_string(5, column, word, styles.head)
    for row, (each, name) in enumerate(zip(review.objects, names, strict=True), 6):
        sheet.write_string(row, 0, str(each.mapped.source), styles.locked)
        sheet.write_url(
            row, 1, f"internal:'{name}'!A1", styles.locked, str(each.mapped.target)
        )
        for column, figure in enumerate(_figures(each), start=2):
            sheet.write_number(row, column, figure, styles.number)
        rules = "; ".join(rule.reason for rule in each.mapped.rows)
        sheet.write_string(row, len(head) - 1, as_shown(rules)[:32_767], styles.locked)
    sheet.freeze_panes(6, 1)
    sheet.protect("", _ALLOWED)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _objects(book: Any, styles: _Styles, review: Review) -> None:
    """
    Write what may be edited about the objects themselves, one row each.
    """
    sheet = book.add_worksheet(OBJECTS)
    _head(sheet, styles, OBJECT_COLUMNS, _OBJECT_WIDTHS)
    for row, each in enumerate(review.objects, start=1):
        mapped = each.mapped
        settings = settings_of(mapped)
        base = {"object": mapped.source, "field": "", **settings}
        states = (f"{rule.name} {rule.status.value}" for rule in each.rules)
        texts = (
            (str(mapped.source), styles.locked),
            (str(mapped.target), styles.locked),
            *((settings[word], styles.edit) for word in OBJECT_EDITABLE),
            ("\n".join(states), styles.locked),
            (json.dumps(base, ensure_ascii=True), styles.locked),
        )
        _cells(sheet, row, texts, _OBJECT_WIDTHS)
    sheet.freeze_panes(1, 1)
    sheet.protect("", _ALLOWED)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _head(
    sheet: Any, styles: _Styles, columns: Sequence[str], widths: Sequence[int]
) -> None:
    for column, (word, width) in enumerate(zip(columns, widths, strict=True)):
        hidden = {"hidden": True} if word == BASE else {}
        sheet.set_column(column, column, width, None, hidden)
        sheet.write_string(0, column, word, styles.head)
        if word in _HELP:
            sheet.write_comment(0, column, _HELP[word], {"x_scale": 3, "y_scale": 1.5})


def _cells(
    sheet: Any, row: int, texts: Sequence[tuple[str, Any]], widths: Sequence[int]
) -> None:
    """
    One row of text; it is as high as its longest visible cell needs.
    """
    visible = list(zip(texts, widths, strict=True))[:-1]
    lines = max(_lines(text, width) for (text, _), width in visible)
    sheet.set_row(row, LINE_HEIGHT * min(lines, MAX_LINES))
    for column, (text, style) in enumerate(texts):
        sheet.write_string(row, column, as_shown(text)[:32_767], style)


def _figures(each: ReviewObject) -> tuple[int, ...]:
    found = [f for entry in each.entries for f in entry.findings] + list(each.findings)
    return (
        len(each.entries),
        sum(entry.status is Status.APPROVED for entry in each.entries),
        sum(f.level is Level.BLOCKER for f in found),
        sum(f.level is Level.WARNING for f in found),
        *(each.treatments[word.value] for word in Treatment),
    )


_ALLOWED = {
    "autofilter": True,
    "sort": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
_VALIDATED = {"treatment", "type"}


def _object(
    book: Any, styles: _Styles, each: ReviewObject, name: str, types: int
) -> None:
    sheet = book.add_worksheet(name)
    _head(sheet, styles, COLUMNS, _WIDTHS)
    for row, entry in enumerate(each.entries, start=1):
        _row(sheet, styles, row, entry)
    last = max(len(each.entries), 1)
    _drop_downs(sheet, last, types)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(1, 1)
    sheet.protect("", _ALLOWED)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _row(sheet: Any, styles: _Styles, row: int, each: ReviewEntry) -> None:
    entry = each.entry
    findings = "\n".join(f"{f.level.value}: {f.message}" for f in each.findings)
    settings = settings_of(entry)
    signed = f"{entry.by}, {entry.on[:10]}" if entry.by else ""
    texts = (
        (str(entry.source), styles.locked),
        (each.source_label, styles.locked),
        (each.basis, styles.locked),
        *((settings[word], styles.edit) for word in EDITABLE),
        (_status(each), styles.by_status[each.status]),
        (signed, styles.locked),
        (findings, styles.by_level[each.worst]),
        ("; ".join(each.profile), styles.locked),
        (_base(each), styles.locked),
    )
    _cells(sheet, row, texts, _WIDTHS)
    if findings:
        size = {"x_scale": 2.5, "y_scale": min(1 + len(findings) / 200, 4)}
        sheet.write_comment(row, 0, as_shown(findings)[:30_000], size)


def _lines(text: str, width: int) -> int:
    """
    About how many lines *text* takes in a column; not every program works it out.
    """
    return sum(1 + len(line) // width for line in text.split("\n"))


def _status(each: ReviewEntry) -> str:
    return f"{each.status.value}: {each.reason}" if each.reason else each.status.value


def _base(each: ReviewEntry) -> str:
    content = {"object": each.object, "field": each.entry.source}
    return json.dumps({**content, **settings_of(each.entry)}, ensure_ascii=True)


def _drop_downs(sheet: Any, last: int, types: int) -> None:
    """
    Treatments are a closed list; types a list of suggestions, for there are many more.
    """
    column = COLUMNS.index("treatment")
    sheet.data_validation(
        1,
        column,
        last,
        column,
        {
            "validate": "list",
            "source": [each.value for each in Treatment],
            "error_title": "Treatment",
            "error_message": "Choose one of the list.",
        },
    )
    column = COLUMNS.index("type")
    suggestions = f"='{LISTS}'!$A$1:$A${max(types, 1)}"
    sheet.data_validation(
        1,
        column,
        last,
        column,
        {"validate": "list", "source": suggestions, "show_error": False},
    )


def _types(review: Review) -> tuple[str, ...]:
    used = {str(each.entry.type) for each in review.entries if each.entry.type}
    plain = {
        kind.value
        for kind, row in KINDS.items()
        if row.is_own_field and not row.arguments
    }
    return tuple(sorted(used | plain | {"Text(255)", "Currency(18, 2)"}))


def _log(book: Any, styles: _Styles, review: Review) -> None:
    """
    Who approved what and when, the latest first; what changed since says so.
    """
    sheet = book.add_worksheet(LOG)
    head = ("when", "who", "git author", "entry", "status", "note", "basis")
    for column, (word, width) in enumerate(
        zip(head, (22, 22, 36, 54, 40, 40, 30), strict=True)
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, word, styles.head)
    signed = [each for each in review.entries if each.entry.on]
    signed.sort(key=lambda each: each.entry.on, reverse=True)
    for row, each in enumerate(signed, start=1):
        entry = each.entry
        texts = (entry.on, entry.by, entry.author, each.key, _status(each), entry.note)
        for column, text in enumerate((*texts, entry.basis)):
            sheet.write_string(row, column, as_shown(text), styles.locked)
    sheet.autofilter(0, 0, max(len(signed), 1), len(head) - 1)
    sheet.freeze_panes(1, 0)
    sheet.protect("", _ALLOWED)


def _lists(book: Any, types: Sequence[str]) -> None:
    sheet = book.add_worksheet(LISTS)
    for row, text in enumerate(types):
        sheet.write_string(row, 0, text)
    sheet.hide()
    sheet.protect("")
