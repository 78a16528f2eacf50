"""
Definitions as JSON and back: objects, fields and deployed components.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from migrator.emulator.metadata.components import StoredComponent
from migrator.emulator.metadata.xml_tree import Node
from migrator.emulator.schema.schema import (
    ChildRelationship,
    FieldDef,
    ObjectDef,
    PicklistValue,
)

__all__ = ["from_json", "to_json"]

_CLASSES: dict[str, type] = {
    each.__name__: each
    for each in (
        ChildRelationship,
        FieldDef,
        Node,
        ObjectDef,
        PicklistValue,
        StoredComponent,
    )
}
_KIND = "="


def to_json(value: Any) -> str:
    """
    Write *value* as JSON text; what a definition leaves at its default is left out.
    """
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """
    Make the value that `to_json` made *text* of.
    """
    return json.loads(text, object_hook=_made)


def _plain(value: Any) -> Any:
    if type(value).__name__ in _CLASSES:
        stated = {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if each.init and not _is_default(each, getattr(value, each.name))
        }
        return {_KIND: type(value).__name__} | stated
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return {_KIND: "tuple", "of": [_plain(each) for each in value]}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | Decimal):
        return {_KIND: type(value).__name__, "of": str(value)}
    return value


def _is_default(each: Field[Any], value: Any) -> bool:
    if each.default is not MISSING:
        return bool(value == each.default) and type(value) is type(each.default)
    return each.default_factory is not MISSING and not value


def _made(found: dict[str, Any]) -> Any:
    kind = found.pop(_KIND, None)
    if kind is None:
        return found
    if kind == "tuple":
        return tuple(found["of"])
    if kind == "datetime":
        return datetime.fromisoformat(found["of"])
    if kind == "Decimal":
        return Decimal(found["of"])
    return _CLASSES[kind](**found)
