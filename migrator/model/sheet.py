"""
A reviewer's sheet: one row a field, and which of its cells may be edited.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as Table
from dataclasses import dataclass

from migrator.model.mapping import FieldMapping

EDITABLE = ("treatment", "target", "type", "why", "label", "help", "loses")
"""The settings that a sheet may change, in the order of its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """
    One row as somebody hands it back.
    """

    place: str
    """Where it stands, for messages: `Invoice!7`."""
    object: str
    field: str
    base: Table[str, str]
    """The settings when the sheet was made."""
    cells: Table[str, str]
    """The settings as they stand in the sheet now."""
    problems: Table[str, str] = dataclasses.field(default_factory=dict)
    """By setting, why a cell cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """
    One cell that is not taken over.
    """

    place: str
    setting: str
    reason: str


def settings_of(entry: FieldMapping) -> dict[str, str]:
    """
    The editable settings of *entry* as a sheet shows them; empty for none.
    """
    return {
        "treatment": entry.treatment.value,
        "target": entry.target or "",
        "type": str(entry.type) if entry.type else "",
        "why": entry.why,
        "label": entry.label,
        "help": entry.help,
        "loses": entry.loses,
    }


def as_shown(text: str) -> str:
    """
    *text* as a cell can hold it: one kind of line break, no control characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign if sign in "\n\t" or sign >= " " else "�" for sign in lines)
