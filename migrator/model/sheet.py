"""
A reviewer's sheet: one row a field, and which of its cells may be edited.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.labels import Labels
from migrator.model.mapping import FieldMapping, MappedObject, RowRule
from migrator.model.value_rule import ValueRule

_OF_VALUES = ("rule", "original_target", "original_type", "labels")
EDITABLE = ("treatment", "target", "type", "why", "label", "help", "loses", *_OF_VALUES)
"""The settings of a field that a sheet may change, in the order of its columns."""
OBJECT_EDITABLE = (
    *("label", "plural_label", "name_label"),
    *("labels", "plural_labels", "rows"),
)
"""The same of an object."""
STRUCTURED = {"rule", "labels", "plural_labels", "rows"}
"""Those whose cells hold more than one text, spelled as in the mapping."""
BECAUSE = " because "
"""In a cell of `rows`, between a condition and its reason; one rule a line."""
_PLAIN = re.compile(r"[^\W\d_](?:[\w .-]*\w)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """
    One row as somebody hands it back.
    """

    place: str
    """Where it stands, for messages: `Invoice!7`."""
    object: str
    field: str
    """Empty for the row of an object."""
    base: abc.Mapping[str, str]
    """The settings when the sheet was made."""
    cells: abc.Mapping[str, str]
    """The settings as they stand in the sheet now."""
    problems: abc.Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By setting, why a cell cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """
    One cell that is not taken over.
    """

    place: str
    setting: str
    reason: str


def settings_of(entry: FieldMapping | MappedObject) -> dict[str, str]:
    """
    Return the editable settings of a field's or an object's *entry* as a sheet shows
    them; empty for none.
    """
    if isinstance(entry, MappedObject):
        return _object_settings(entry)
    return {
        "treatment": entry.treatment.value,
        "target": entry.target or "",
        "type": str(entry.type) if entry.type else "",
        "why": entry.why,
        "label": entry.label,
        "help": entry.help,
        "loses": entry.loses,
        "rule": spelled(dict(_rule(entry.rule))) if entry.rule else "",
        "original_target": entry.original_target or "",
        "original_type": str(entry.original_type) if entry.original_type else "",
        "labels": _labels(entry.labels),
    }


def _object_settings(mapped: MappedObject) -> dict[str, str]:
    return {
        "label": mapped.label,
        "plural_label": mapped.plural_label,
        "name_label": mapped.name_label,
        "labels": _labels(mapped.labels),
        "plural_labels": _labels(mapped.plural_labels),
        "rows": "\n".join(map(row_text, mapped.rows)),
    }


def row_text(rule: RowRule) -> str:
    """
    *rule* on one line: `{field: Status__c, is: [Draft]} because drafts ...`.
    """
    condition = rule.exclude
    given: dict[str, object] = {"field": str(condition.field)}
    for name in condition.operators:
        value = getattr(condition, "is_" if name == "is" else name)
        given[name] = value if isinstance(value, tuple | bool) else str(value)
    return f"{spelled(given)}{BECAUSE}{rule.why}"


def _rule(rule: ValueRule) -> Iterator[tuple[str, object]]:
    for each in dataclasses.fields(rule):
        value = getattr(rule, each.name)
        if value and value != each.default:
            yield each.name, value


def _labels(labels: Labels) -> str:
    return spelled(dict(labels.pairs)) if labels else ""


def spelled(value: object) -> str:
    """
    *value* in brackets and braces, with quotes where a sign could be mistaken.
    """
    if isinstance(value, dict):
        pairs = (f"{spelled(key)}: {spelled(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(spelled, value))}]"
    if isinstance(value, bool | int):
        return str(value).lower()
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def as_shown(text: str) -> str:
    """
    *text* as a cell can hold it: one kind of line break, no control characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign if sign in "\n\t" or sign >= " " else "�" for sign in lines)
