"""
Describe JSON to definitions: the schema of an org that somebody described.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from migrator.emulator.schema.describes import MAX_SHORT_AREA
from migrator.emulator.schema.schema import (
    ChildRelationship,
    FieldDef,
    ObjectDef,
    PicklistValue,
    Schema,
)


def field_from_describe(raw: Mapping[str, Any]) -> FieldDef:
    """
    Read the definition in one entry of a describe's `fields`.
    """
    is_long = raw["type"] == "textarea" and raw.get("length", 0) > MAX_SHORT_AREA
    return FieldDef(
        name=raw["name"],
        label=raw["label"],
        type=raw["type"],
        length=raw.get("length") or 0,
        precision=raw.get("precision") or 0,
        scale=raw.get("scale") or 0,
        nillable=bool(raw.get("nillable", True)),
        unique=bool(raw.get("unique")),
        external_id=bool(raw.get("externalId")),
        case_sensitive=bool(raw.get("caseSensitive")) and not is_long,
        id_lookup=bool(raw.get("idLookup")),
        createable=bool(raw.get("createable")),
        updateable=bool(raw.get("updateable")),
        permissionable=bool(raw.get("permissionable")),
        custom=bool(raw.get("custom")),
        name_field=bool(raw.get("nameField")),
        auto_number=bool(raw.get("autoNumber")),
        calculated=bool(raw.get("calculated")),
        formula=raw.get("calculatedFormula"),
        default_value=_default_of(raw),
        picklist_values=_picklist_of(raw),
        restricted_picklist=bool(raw.get("restrictedPicklist")),
        reference_to=tuple(raw.get("referenceTo") or ()),
        relationship_name=raw.get("relationshipName"),
        relationship_order=raw.get("relationshipOrder"),
        delete_constraint=_constraint_of(raw),
        extra_type_info=raw.get("extraTypeInfo"),
        html_formatted=bool(raw.get("htmlFormatted")),
        compound_field_name=raw.get("compoundFieldName"),
        inline_help_text=raw.get("inlineHelpText"),
        mask=raw.get("mask"),
        mask_type=raw.get("maskType"),
        raw=raw,
    )


def _default_of(raw: Mapping[str, Any]) -> str | None:
    value = raw.get("defaultValueFormula")
    if value is None:
        value = raw.get("defaultValue")
    return str(value).lower() if isinstance(value, bool) else value


def _picklist_of(raw: Mapping[str, Any]) -> tuple[PicklistValue, ...]:
    return tuple(
        PicklistValue(
            value=each["value"],
            label=each.get("label") or each["value"],
            active=bool(each.get("active", True)),
            default=bool(each.get("defaultValue")),
        )
        for each in raw.get("picklistValues") or ()
    )


def _constraint_of(raw: Mapping[str, Any]) -> str:
    if raw.get("restrictedDelete"):
        return "Restrict"
    return "Cascade" if raw.get("cascadeDelete") else "SetNull"


def object_from_describe(raw: Mapping[str, Any]) -> ObjectDef:
    """
    Read the definition in a describe answer. Sharing is not in a describe: custom
    objects are Private, details are controlled by their master, standard ones public.
    """
    fields = tuple(field_from_describe(each) for each in raw["fields"])
    custom = bool(raw.get("custom"))
    sharing = "Private" if custom else "ReadWrite"
    if any(each.is_master_detail for each in fields):
        sharing = "ControlledByParent"
    label = raw.get("label") or raw["name"]
    return ObjectDef(
        name=raw["name"],
        label=label,
        label_plural=raw.get("labelPlural") or label,
        key_prefix=raw.get("keyPrefix"),
        fields=fields,
        custom=custom,
        sharing_model=sharing,
        custom_setting=bool(raw.get("customSetting")),
        createable=bool(raw.get("createable", True)),
        updateable=bool(raw.get("updateable", True)),
        deletable=bool(raw.get("deletable", True)),
        queryable=bool(raw.get("queryable", True)),
        child_relationships=_children_from(raw),
        raw=raw,
    )


def _children_from(raw: Mapping[str, Any]) -> tuple[ChildRelationship, ...]:
    return tuple(
        ChildRelationship(
            child=each["childSObject"],
            field=each["field"],
            relationship_name=each.get("relationshipName"),
            cascade_delete=bool(each.get("cascadeDelete")),
            restricted_delete=bool(each.get("restrictedDelete")),
        )
        for each in raw.get("childRelationships") or ()
    )


def name_children(schema: Schema) -> None:
    """
    Give each loaded reference field the child relationship name its parent knows.
    """
    for parent in list(schema):
        for each in parent.child_relationships:
            child = schema.get(each.child)
            field = child.find(each.field) if child else None
            if child and field and each.relationship_name:
                named = replace(field, child_relationship_name=each.relationship_name)
                schema.add_field(child.name, named)
