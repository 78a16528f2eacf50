"""
Whether a target type takes every value of the described source field.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.describe import FieldDescribe
from migrator.model.target import FieldType, Kind
from migrator.rules.limits import MAX_PICKLIST_VALUE, MAX_TEXT

_FIXED_LENGTHS = {
    Kind.TEXT_AREA: MAX_TEXT,
    Kind.EMAIL: 80,
    Kind.PHONE: 40,
    Kind.URL: 255,
    Kind.PICKLIST: MAX_PICKLIST_VALUE,
    # Each value may have 255 characters and 100 of them may be chosen.
    Kind.MULTISELECT_PICKLIST: 100 * (MAX_PICKLIST_VALUE + 1),
}
_TEXT = {Kind.TEXT, Kind.TEXT_AREA, Kind.LONG_TEXT_AREA, Kind.HTML, Kind.NAME}
_NUMBERS = {Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT}

_KINDS: dict[str, set[Kind]] = {
    "boolean": {Kind.CHECKBOX},
    "int": _NUMBERS,
    "long": _NUMBERS,
    "double": _NUMBERS,
    "currency": _NUMBERS,
    "percent": _NUMBERS,
    "date": {Kind.DATE},
    "datetime": {Kind.DATE_TIME},
    "time": {Kind.TIME},
    "email": {Kind.EMAIL},
    "phone": {Kind.PHONE},
    "url": {Kind.URL},
    "picklist": {Kind.PICKLIST},
    "combobox": {Kind.PICKLIST},
    "multipicklist": {Kind.MULTISELECT_PICKLIST},
}
"""By describe type: the kinds that keep its values as they are, besides text."""


def what_is_lost(field: FieldDescribe, chosen: FieldType) -> Iterator[str]:
    """
    What *chosen* has no room for, as half sentences; nothing when all of it fits.

    The length of a formula's text is not judged: the describe gives the largest case
    for every one, and the conversion checks each value.
    """
    allowed = _KINDS.get(field.type, set()) | _TEXT
    if chosen.kind not in allowed:
        yield f"{chosen.kind.value} does not hold values of the type {field.type}"
        return
    room = capacity(chosen)
    if room is not None and field.length > room and not field.calculated:
        yield f"{chosen} has room for {room} characters, the source for {field.length}"
    if chosen.is_number and (chosen.scale or 0) < field.scale:
        yield f"{chosen} keeps {chosen.scale} decimals, the source has {field.scale}"


def capacity(chosen: FieldType) -> int | None:
    """
    How many characters a value of the type *chosen* may have; None when not counted.
    """
    if chosen.kind in _FIXED_LENGTHS:
        return _FIXED_LENGTHS[chosen.kind]
    return chosen.length if chosen.kind in _TEXT else None
