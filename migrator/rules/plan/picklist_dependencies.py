"""
Dependent picklists: which values a controlling field allows, for people to read.

An archive takes every pair of values, so the dependency is told, not made: both fields
would have to be restricted, and a deployment cannot take a dependency away again.
"""

from __future__ import annotations

import base64
import binascii

from migrator.model.describe import FieldDescribe, ObjectDescribe

_MOST_TOLD = 20
"""A controlling field may have 200 values; a finding is no table."""
_CHECKBOX = ("false", "true")


def dependency(field: FieldDescribe, described: ObjectDescribe) -> str:
    """
    Return a sentence, after a blank, with the values of *field* that each value of its
    controlling field allows; empty when *described* does not tell.
    """
    assert field.controller is not None
    controller = described.field(field.controller)
    if controller is None:
        return ""
    allowed = _allowed(field, _controlling(controller))
    if not allowed:
        return ""
    told = [
        f"{value}: {', '.join(found)}"
        for value, found in list(allowed.items())[:_MOST_TOLD]
    ]
    more = len(allowed) - len(told)
    return f" It allows {'; '.join(told)}{f'; and {more} more' if more else ''}."


def _controlling(controller: FieldDescribe) -> tuple[str, ...]:
    if controller.type == "boolean":
        return _CHECKBOX
    return tuple(each.value for each in controller.picklist_values)


def _allowed(
    field: FieldDescribe, controlling: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """
    By controlling value, the values of *field* it allows.
    """
    positions = {
        each.value: valid_positions(each.valid_for) for each in field.picklist_values
    }
    found = {
        value: tuple(name for name, places in positions.items() if place in places)
        for place, value in enumerate(controlling)
    }
    return {value: names for value, names in found.items() if names}


def valid_positions(valid_for: str) -> frozenset[int]:
    """
    Which entries of the controlling field a `validFor` names, counted from 0.

    It is a bitmap in base64, the most significant bit first (SOAP API developer guide,
    DescribeSObjectResult, "Dependent picklists"). Nothing for what is no base64.
    """
    try:
        bitmap = base64.b64decode(valid_for, validate=True)
    except (binascii.Error, ValueError):
        return frozenset()
    return frozenset(
        8 * number + bit
        for number, byte in enumerate(bitmap)
        for bit in range(8)
        if byte & (128 >> bit)
    )
