"""
A describe with what only the metadata tells: formulas, roll-ups, help, old values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model.describe import (
    FieldDefinition,
    FieldDescribe,
    ObjectDescribe,
    PicklistValue,
)


def revealed(
    described: ObjectDescribe, definitions: Iterable[FieldDefinition]
) -> ObjectDescribe:
    """
    *described* with the *definitions* of its fields added where it is silent.
    """
    known = {each.name.casefold(): each for each in definitions}
    fields = tuple(
        _revealed(field, known[field.name.casefold()])
        if field.name.casefold() in known
        else field
        for field in described.fields
    )
    return replace(described, fields=fields)


def _revealed(field: FieldDescribe, definition: FieldDefinition) -> FieldDescribe:
    return replace(
        field,
        calculated_formula=field.calculated_formula or definition.formula or None,
        help_text=field.help_text or definition.help_text or None,
        summary=definition.summary,
        picklist_values=_with_inactive(field.picklist_values, definition.values),
    )


def _with_inactive(
    described: tuple[PicklistValue, ...], defined: tuple[PicklistValue, ...]
) -> tuple[PicklistValue, ...]:
    """
    Values that records may still hold although nobody can choose them any more.
    """
    seen = {each.value for each in described}
    return (*described, *(each for each in defined if each.value not in seen))
