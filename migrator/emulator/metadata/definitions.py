"""
From metadata to definitions: what a deployed object or field is to the org.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from migrator.emulator.org.permissions import ObjectRight
from migrator.emulator.schema.schema import FieldDef, ObjectDef, PicklistValue

if TYPE_CHECKING:
    from migrator.emulator.metadata.xml_tree import Node

__all__ = ["field_rights", "make_fields", "make_object", "merged", "object_rights"]

# metadata FieldType -> (describe type, fixed length); the lengths of describe.
_DESCRIBE: Final[dict[str, tuple[str, int]]] = {
    "AutoNumber": ("string", 30),
    "Checkbox": ("boolean", 0),
    "Currency": ("currency", 0),
    "Date": ("date", 0),
    "DateTime": ("datetime", 0),
    "Email": ("email", 80),
    "EncryptedText": ("encryptedstring", 0),
    "Html": ("textarea", 32_768),
    "Location": ("location", 0),
    "LongTextArea": ("textarea", 0),
    "Lookup": ("reference", 18),
    "MasterDetail": ("reference", 18),
    "MultiselectPicklist": ("multipicklist", 4_099),
    "Number": ("double", 0),
    "Percent": ("percent", 0),
    "Phone": ("phone", 40),
    "Picklist": ("picklist", 255),
    "Summary": ("double", 0),
    "Text": ("string", 0),
    "TextArea": ("textarea", 255),
    "Time": ("time", 0),
    "Url": ("url", 255),
}
_DATE_CALL: Final = re.compile(r"DATE\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)")
_FORMULA_TEXT_LENGTH: Final = 1_300
_TEXT_AREAS: Final = frozenset({"Html", "LongTextArea", "TextArea"})


def make_object(full_name: str, node: Node) -> ObjectDef:
    """
    The object *full_name* with its name field; fields are added by the caller.
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
    The object-level elements without children, as Tooling and deploy ask for them.
    """
    found: dict[str, object] = {}
    for child in node.children:
        if not child.children:
            is_flag = child.content in {"true", "false"}
            found[child.name] = child.content == "true" if is_flag else child.content
    return found


def make_fields(node: Node) -> tuple[FieldDef, ...]:
    """
    The field that *node* defines; a location brings its two parts along.
    """
    kind, name = node.text("type"), node.text("fullName")
    type_name, length = _DESCRIBE[kind]
    required = node.flag("required") or kind == "MasterDetail"
    computed = node.has("formula") or kind == "Summary"
    writable = not computed and kind not in {"AutoNumber", "Location"}
    field = FieldDef(
        name=name,
        label=node.text("label"),
        type=type_name,
        length=_length(node, kind, length),
        precision=node.number("precision") or node.number("visibleLines") or 0
        if kind in {"Number", "Currency", "Percent", "MultiselectPicklist"}
        else 18 * (kind == "Summary"),
        scale=node.number("scale") or 0,
        nillable=not required and kind != "Checkbox",
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
        default_value=_default(node, kind),
        inline_help_text=node.text("inlineHelpText") or None,
        description=node.text("description") or None,
        metadata=object_metadata(node) | _named_value_set(node),
    )
    field = _with_kind(field, node, kind)
    return (field, *_location_parts(field)) if kind == "Location" else (field,)


def _named_value_set(node: Node) -> dict[str, object]:
    value_set = node.first("valueSet")
    name = value_set.text("valueSetName") if value_set else ""
    return {"valueSetName": name} if name else {}


def _is_updateable(node: Node, kind: str) -> bool:
    return kind != "MasterDetail" or node.flag("reparentableMasterDetail")


def _length(node: Node, kind: str, length: int) -> int:
    if node.has("formula"):
        return _FORMULA_TEXT_LENGTH if kind == "Text" else 0
    return node.number("length") or length


def _default(node: Node, kind: str) -> str | None:
    text = node.text("defaultValue").strip()
    if kind == "Checkbox":
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


def _with_kind(field: FieldDef, node: Node, kind: str) -> FieldDef:
    """What only some types have: areas, picklists, references, masks."""
    if kind in _TEXT_AREAS:
        rich = kind == "Html"
        info = "richtextarea" if rich else "plaintextarea"
        return replace(field, extra_type_info=info, html_formatted=rich)
    if kind in {"Picklist", "MultiselectPicklist"}:
        value_set = node.first("valueSet")
        restricted = value_set is not None and value_set.flag("restricted")
        return replace(
            field, picklist_values=_values(node), restricted_picklist=restricted
        )
    if kind in {"Lookup", "MasterDetail"}:
        child = node.text("relationshipName")
        is_master = kind == "MasterDetail"
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
    if kind == "EncryptedText":
        mask = "*" if node.text("maskChar") == "asterisk" else "X"
        return replace(field, mask=mask, mask_type=node.text("maskType"))
    return field


def merged(field: FieldDef, before: FieldDef) -> FieldDef:
    """
    A deployed picklist with the values it had before: a deploy adds, never removes.
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
    The object permissions of a permission set.
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
    The field permissions of a permission set: (readable, editable).
    """
    return {
        line.text("field"): (line.flag("readable"), line.flag("editable"))
        for line in node.all("fieldPermissions")
    }
