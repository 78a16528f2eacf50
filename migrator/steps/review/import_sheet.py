"""
`review import`: the edits of a sheet, and exactly those, in `mapping.yaml`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from pathlib import Path

from migrator.documents.mapping.edits import edited
from migrator.documents.mapping.read import parse_mapping
from migrator.documents.review.sheet_csv import read_review_csv
from migrator.documents.review.sheet_reading import read_workbook
from migrator.errors import Bug, DecisionNeeded, InputError
from migrator.model.field_type import FieldType
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.review import Edit
from migrator.model.sheet import STRUCTURED, SheetRow, settings_of
from migrator.rules.review.sheet import read_edits
from migrator.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """
    What the sheet changed.
    """

    edits: tuple[Edit, ...]
    diff: tuple[str, ...]
    """Of `mapping.yaml`, as unified diff lines."""


def import_sheet(workspace: Workspace, *, file: Path) -> ImportOutcome:
    """
    Return the edits of *file*, a sheet that `review` made, written into `mapping.yaml`.

    All of them or none: raises DecisionNeeded naming each cell that does not fit the
    mapping any more, MappingError when the edited mapping would be wrong, InputError
    when *file* is no such sheet.
    """
    rows = _read(file)
    mapping = workspace.mapping
    found = read_edits(mapping, rows)
    if found.refusals:
        lines = [f"{r.place}, {r.setting}: {r.reason}" for r in found.refusals]
        raise DecisionNeeded(
            "\n".join([f"{len(lines)} cell(s) of {file.name} do not fit:", *lines]),
            hint="make a new sheet with `migrator review` and edit that; nothing was "
            "written",
        )
    shown = workspace.run.shown(workspace.run.mapping_file)
    before = workspace.mapping_text
    edits = (*found.edits, *found.follow_ups)
    after = edited(before, edits, file=shown)
    _require_exact(mapping, parse_mapping(after, file=shown), edits)
    if after != before:
        workspace.replace_mapping(after)
    return ImportOutcome(edits=found.edits, diff=_diff(before, after, shown))


def _read(file: Path) -> tuple[SheetRow, ...]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {(error.strerror or str(error)).lower()}"
        ) from error
    if file.suffix.casefold() != ".csv":
        return read_workbook(content, file=file.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file.name}: byte {error.start} is not UTF-8",
            hint="save it as CSV in UTF-8",
        ) from error
    return read_review_csv(text, file=file.name)


def _require_exact(before: Mapping, after: Mapping, edits: tuple[Edit, ...]) -> None:
    """
    Raise Bug when the edited text says anything but *before* with the *edits*.
    """
    wanted: dict[tuple[str, str], dict[str, Edit]] = {}
    for edit in edits:
        group = wanted.setdefault((edit.object, edit.field or ""), {})
        group[edit.setting] = edit
    for old, new in zip(before.objects, after.objects, strict=True):
        if len(old.fields) != len(new.fields):
            raise Bug("an import would change more than its cells; nothing was written")
        _require_entry(old, new, wanted.get((old.source, ""), {}))
        for one, other in zip(old.fields, new.fields, strict=True):
            _require_entry(one, other, wanted.get((old.source, one.source), {}))


def _require_entry(
    before: FieldMapping | MappedObject,
    after: FieldMapping | MappedObject,
    edits: dict[str, Edit],
) -> None:
    """
    Hold the edited settings against the sheet and all others against *before*; what a
    structured cell says is written as it was read.
    """
    shown = settings_of(after)
    for each in fields(after):
        edit = edits.get(each.name)
        if each.name == "fields" or (edit and edit.value and each.name in STRUCTURED):
            continue
        if edit is None:
            is_right = getattr(before, each.name) == getattr(after, each.name)
        elif each.name in shown:
            is_right = shown[each.name] == _spelled(each.name, edit.value or "")
        else:
            is_right = getattr(after, each.name) == each.default
        if not is_right:
            raise Bug(
                f"an import would get {before.source}.{each.name} wrong; nothing was "
                "written"
            )


def _spelled(setting: str, value: str) -> str:
    """
    *value* as the mapping would print it: types have one spelling.
    """
    if setting not in {"type", "original_type"} or not value:
        return value
    return str(FieldType.parse(value))


def _diff(before: str, after: str, shown: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), shown, shown, lineterm="", n=1
    )
    return tuple(lines)
