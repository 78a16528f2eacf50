"""
From metadata to definitions: what a deployed object or field is to the org.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from migrator.emulator.org.permissions import ObjectRight
from migrator.emulator.schema.field_types import CUSTOM_TYPES, Holds, api_type
from migrator.emulator.schema.schema import FieldDef, ObjectDef, PicklistValue

if TYPE_CHECKING:
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.schema.field_types import CustomType

__all__ = ["field_rights", "make_fields", "make_object", "merged", "object_rights"]

_DATE_CALL: Final = re.compile(r"DATE\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")
_FORMULA_TEXT_LENGTH: Final = 1_300


def make_object(full_name: str, node: Node) -> ObjectDef:
    """
    Make the object *full_name* with its name field; the caller adds the other fields.
    """
    name_field = node.first("nameField")
    assert name_field is not None
    numbered = name_field.text("type") == "AutoNumber"
    name = FieldDef(
        name="Name",
        label=name_field.text("label"),
        type="string",
        length=80,
        createable=not numbered,
        updateable=not numbered,
        permissionable=False,
        custom=False,
        name_field=True,
        id_lookup=True,
        auto_number=numbered,
        auto_number_format=name_field.text("displayFormat") or None,
    )
    return ObjectDef(
        name=full_name,
        label=node.text("label"),
        label_plural=node.text("pluralLabel"),
        key_prefix=None,
        fields=(name,),
        sharing_model=node.text("sharingModel"),
        description=node.text("description") or None,
        metadata=object_metadata(node),
    )


def object_metadata(node: Node) -> dict[str, object]:
    """
    Gather the object-level elements without children, for Tooling and deploy.
    """
    found: dict[str, object] = {}
    for child in node.children:
        if not child.children:
            is_flag = child.content in {"true", "false"}
            found[child.name] = child.content == "true" if is_flag else child.content
    return found


def make_fields(node: Node) -> tuple[FieldDef, ...]:
    """
    Make the field that *node* defines; a location brings its two parts along.
    """
    kind, name = node.text("type"), node.text("fullName")
    known = CUSTOM_TYPES[kind]
    required = node.flag("required") or kind == "MasterDetail"
    computed = node.has("formula") or kind == "Summary"
    writable = not computed and kind not in {"AutoNumber", "Location"}
    field = FieldDef(
        name=name,
        label=node.text("label"),
        type=known.api,
        length=_length(node, known),
        precision=_precision(node, known),
        scale=node.number("scale") or 0,
        nillable=not required and not _is_flag(known),
        unique=node.flag("unique"),
        external_id=node.flag("externalId"),
        case_sensitive=node.flag("caseSensitive"),
        id_lookup=node.flag("externalId"),
        createable=writable,
        updateable=writable and _is_updateable(node, kind),
        permissionable=not required,
        auto_number=kind == "AutoNumber",
        auto_number_format=node.text("displayFormat") or None,
        calculated=computed,
        formula=node.text("formula") or None,
        default_value=_default(node, known),
        inline_help_text=node.text("inlineHelpText") or None,
        description=node.text("description") or None,
        metadata=object_metadata(node) | _named_value_set(node),
    )
    field = _with_type(field, node, known)
    return (field, *_location_parts(field)) if kind == "Location" else (field,)


def _named_value_set(node: Node) -> dict[str, object]:
    value_set = node.first("valueSet")
    name = value_set.text("valueSetName") if value_set else ""
    return {"valueSetName": name} if name else {}


def _is_updateable(node: Node, kind: str) -> bool:
    return kind != "MasterDetail" or node.flag("reparentableMasterDetail")


def _length(node: Node, known: CustomType) -> int:
    if node.has("formula"):
        return _FORMULA_TEXT_LENGTH if known.word == "Text" else 0
    return node.number("length") or known.length


def _precision(node: Node, known: CustomType) -> int:
    """
    Count the digits of a number; describe tells the height of a list in the same place.
    """
    if known.word == "Summary":
        return 18
    if known.has_digits:
        return node.number("precision") or 0
    return (known.is_list_box and node.number("visibleLines")) or 0


def _is_flag(known: CustomType) -> bool:
    return api_type(known.api).holds is Holds.FLAG


def _default(node: Node, known: CustomType) -> str | None:
    text = node.text("defaultValue").strip()
    if _is_flag(known):
        return text.lower() or None
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    for value in _values(node):
        if value.default:
            return value.value
    day = _DATE_CALL.fullmatch(text)
    if day:
        year, month, number = map(int, day.groups())
        return f"{year:04}-{month:02}-{number:02}"
    is_number = text.replace(".", "", 1).removeprefix("-").isdecimal()
    return text if is_number else None


def _values(node: Node) -> tuple[PicklistValue, ...]:
    value_set = node.first("valueSet")
    definition = value_set.first("valueSetDefinition") if value_set else None
    if definition is None:
        return ()
    return tuple(
        PicklistValue(
            value=each.text("fullName"),
            label=each.text("label", each.text("fullName")),
            active=each.flag("isActive", default=True),
            default=each.flag("default"),
        )
        for each in definition.all("value")
    )


def _with_type(field: FieldDef, node: Node, known: CustomType) -> FieldDef:
    """
    Add what only some types have: areas, picklists, references, masks.
    """
    if known.is_area:
        info = "richtextarea" if known.is_rich else "plaintextarea"
        return replace(field, extra_type_info=info, html_formatted=known.is_rich)
    if known.is_picklist:
        value_set = node.first("valueSet")
        restricted = value_set is not None and value_set.flag("restricted")
        return replace(
            field, picklist_values=_values(node), restricted_picklist=restricted
        )
    if known.is_relationship:
        child = node.text("relationshipName")
        is_master = known.word == "MasterDetail"
        order = node.number("relationshipOrder") or 0
        return replace(
            field,
            reference_to=(node.text("referenceTo"),),
            relationship_name=f"{field.name.removesuffix('__c')}__r",
            child_relationship_name=f"{child}__r" if child else None,
            relationship_order=order if is_master else None,
            delete_constraint="Cascade"
            if is_master
            else node.text("deleteConstraint") or "SetNull",
        )
    if known.word == "EncryptedText":
        mask = "*" if node.text("maskChar") == "asterisk" else "X"
        return replace(field, mask=mask, mask_type=node.text("maskType"))
    return field


def merged(field: FieldDef, before: FieldDef) -> FieldDef:
    """
    Add the values a picklist had before to a deployed one: a deploy never removes any.
    """
    named = {each.value.casefold() for each in field.picklist_values}
    kept = (
        each for each in before.picklist_values if each.value.casefold() not in named
    )
    return replace(field, picklist_values=(*field.picklist_values, *kept))


def _location_parts(field: FieldDef) -> tuple[FieldDef, ...]:
    stem = field.name.removesuffix("__c")
    return tuple(
        FieldDef(
            name=f"{stem}__{part}__s",
            label=f"{field.label} ({part})",
            type="double",
            precision=field.scale + 3,
            scale=field.scale,
            compound_field_name=field.name,
        )
        for part in ("Latitude", "Longitude")
    )


def object_rights(node: Node) -> dict[str, ObjectRight]:
    """
    Read the object permissions of a permission set.
    """
    return {
        line.text("object"): ObjectRight(
            read=line.flag("allowRead"),
            create=line.flag("allowCreate"),
            edit=line.flag("allowEdit"),
            delete=line.flag("allowDelete"),
            view_all=line.flag("viewAllRecords"),
            modify_all=line.flag("modifyAllRecords"),
        )
        for line in node.all("objectPermissions")
    }


def field_rights(node: Node) -> dict[str, tuple[bool, bool]]:
    """
    Read the field permissions of a permission set: (readable, editable).
    """
    return {
        line.text("field"): (line.flag("readable"), line.flag("editable"))
        for line in node.all("fieldPermissions")
    }
