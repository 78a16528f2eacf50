"""
Fields and objects of the local org's schema, valid by default.
"""

from __future__ import annotations

from typing import Any

from migrator.emulator.schema.schema import FieldDef, ObjectDef


def a_field(name: str, kind: str = "string", **attributes: Any) -> FieldDef:
    """A custom field, valid by default."""
    usual: dict[str, Any] = {"label": name.removesuffix("__c").replace("_", " ")}
    if kind == "string":
        usual["length"] = 40
    return FieldDef(**{"name": name, "type": kind} | usual | attributes)


def an_object(name: str, *fields: FieldDef, **attributes: Any) -> ObjectDef:
    """A custom object with the given fields."""
    label = name.removesuffix("__c")
    usual: dict[str, Any] = {"label": label, "label_plural": f"{label}s"}
    usual |= {"key_prefix": None, "fields": fields}
    return ObjectDef(**{"name": name} | usual | attributes)
