"""
Metadata as the org gives it back: readMetadata, listMetadata, describeMetadata.

Deployed components come back as they were deployed, in the order of the schema;
objects the seed made (standard and packaged ones) are written from their definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.catalog import field_kind
from migrator.emulator.metadata.package import CHILDREN, FOLDERS
from migrator.emulator.metadata.standard_values import standard_values
from migrator.emulator.metadata.xml_tree import escape
from migrator.emulator.schema.describes import describe_field
from migrator.emulator.schema.field_types import CUSTOM_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from migrator.emulator.metadata.components import Components
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org
    from migrator.emulator.schema.field_types import CustomType
    from migrator.emulator.schema.schema import FieldDef, ObjectDef, PicklistValue

__all__ = [
    "describe_metadata",
    "file_properties",
    "list_metadata",
    "read_metadata",
    "read_stored",
]

_READABLE: Final = frozenset(
    {
        "CustomApplication",
        "CustomField",
        "CustomObject",
        "CustomPermission",
        "CustomTab",
        "GlobalValueSet",
        "Layout",
        "ListView",
        "PermissionSet",
        "StandardValueSet",
        "ValidationRule",
    }
)
_LISTED: Final = (
    frozenset(kind for _, kind in FOLDERS.values())
    | frozenset(CHILDREN.values())
    | {"GlobalValueSet"}
)


def read_metadata(
    org: Org, components: Components, kind: str, full_name: str
) -> str | None:
    """
    Write the XML of one component's children, None when the org does not have it.
    """
    if kind not in _READABLE:
        raise SalesforceError("UNKNOWN_EXCEPTION", f"Not emulated: readMetadata {kind}")
    if kind == "CustomObject":
        owner = org.schema.get(full_name)
        return _read_object(components, owner) if owner is not None else None
    if kind == "CustomField":
        owner_name, _, name = full_name.partition(".")
        owner = org.schema.get(owner_name)
        found = owner.find(name) if owner is not None else None
        if owner is None or found is None or not _is_component(found):
            return None
        text = _read_field(components, owner, found)
        return f"<fullName>{owner.name}.{found.name}</fullName>{text}"
    if kind == "StandardValueSet":
        return _read_standard_values(org, full_name)
    return read_stored(components, kind, full_name)


def _is_component(field: FieldDef) -> bool:
    """
    Tell custom fields from others; the two parts of a location are none of their own.
    """
    return field.custom and field.compound_field_name is None


def _read_standard_values(org: Org, name: str) -> str | None:
    values = standard_values(org.schema, name)
    if not values:
        return None
    return f"<fullName>{name}</fullName><sorted>false</sorted>" + "".join(
        _value("standardValue", each) for each in values
    )


def read_stored(components: Components, kind: str, full_name: str) -> str | None:
    """
    Write the XML of a deployed component's children, None when it never was.
    """
    stored = components.get(kind, full_name)
    if stored is None:
        return None
    text = _ordered(stored.node, stored.full_name)
    if kind == "PermissionSet" and not stored.node.has("hasActivationRequired"):
        text = _inserted(text, "<hasActivationRequired>false</hasActivationRequired>")
    return text


def _inserted(text: str, element: str) -> str:
    """
    Insert one more *element* into the XML of children, before `label` where it belongs.
    """
    before, _, after = text.partition("<label>")
    return f"{before}{element}<label>{after}"


def _ordered(node: Node, full_name: str = "") -> str:
    """
    Write the children as the schema orders them: fullName, then by name.
    """
    name = full_name or node.text("fullName")
    first = f"<fullName>{escape(name)}</fullName>" if name else ""
    rest = sorted(
        (child for child in node.children if child.name != "fullName"),
        key=lambda child: child.name,
    )
    return first + "".join(map(_whole, rest))


def _whole(node: Node) -> str:
    inside = _ordered(node) if node.children else escape(node.content)
    return f"<{node.name}>{inside}</{node.name}>"


def _read_object(components: Components, owner: ObjectDef) -> str:
    fields = [
        f"<fields><fullName>{each.name}</fullName>"
        f"{_read_field(components, owner, each)}</fields>"
        for each in owner.fields
        if _is_component(each)
    ]
    stored = components.get("CustomObject", owner.name)
    elements = dict(_object_elements(owner))
    if stored is not None:
        elements = {
            child.name: _whole(child)
            for child in stored.node.children
            if child.name not in CHILDREN
        }
    elements["fields"] = "".join(fields)
    for element in ("listViews", "validationRules"):
        elements[element] = _parts(components, owner.name, element)
    body = "".join(elements[name] for name in sorted(elements))
    return f"<fullName>{owner.name}</fullName>{body}"


def _parts(components: Components, owner: str, element: str) -> str:
    """
    Write the list views or validation rules of an object, as parts of it.
    """
    inside = f"{owner.lower()}."
    found = components.all(CHILDREN[element])
    own = (each for each in found if each.full_name.lower().startswith(inside))
    texts = (_ordered(each.node, each.full_name[len(inside) :]) for each in own)
    return "".join(f"<{element}>{text}</{element}>" for text in texts)


def _object_elements(owner: ObjectDef) -> Iterator[tuple[str, str]]:
    values: dict[str, Any] = {
        "deploymentStatus": "Deployed" if owner.custom else None,
        "description": owner.description,
        "label": owner.label,
        "pluralLabel": owner.label_plural,
        "sharingModel": owner.sharing_model,
    }
    for name, value in values.items():
        if value is not None:
            yield name, _element(name, value)
    name_field = next((each for each in owner.fields if each.name_field), None)
    if owner.custom and name_field is not None:
        numbered = name_field.auto_number
        kind = _element("type", "AutoNumber" if numbered else "Text")
        shape = name_field.auto_number_format if numbered else None
        text = (
            (_element("displayFormat", shape) if shape else "")
            + _element("label", name_field.label)
            + kind
        )
        yield "nameField", f"<nameField>{text}</nameField>"


def _element(name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _read_field(components: Components, owner: ObjectDef, field: FieldDef) -> str:
    stored = components.get("CustomField", f"{owner.name}.{field.name}")
    if stored is not None:
        text = _ordered(stored.node)
        own = f"<fullName>{escape(stored.node.text('fullName'))}</fullName>"
        return text.removeprefix(own)
    values = _field_elements(field) | _special_elements(owner, field)
    return "".join(
        _element(name, values[name])
        if name != "valueSet"
        else f"<valueSet>{values[name]}</valueSet>"
        for name in sorted(values)
        if values[name] is not None
    )


def _field_elements(field: FieldDef) -> dict[str, Any]:
    kind = field_kind(field)
    known = CUSTOM_TYPES[kind]
    computed = field.calculated or kind in {"AutoNumber", "Summary"}
    child = (field.child_relationship_name or "").removesuffix("__r")
    is_lookup = known.is_relationship
    has_length = known.lengths is not None and not field.calculated
    return {
        "defaultValue": field.default_value if kind == "Checkbox" else None,
        "deleteConstraint": field.delete_constraint if kind == "Lookup" else None,
        "deprecated": False if field.namespace else None,
        "description": field.description,
        "displayFormat": field.auto_number_format,
        "externalId": None if computed else field.external_id,
        "formula": field.formula,
        "inlineHelpText": field.inline_help_text,
        "label": field.label,
        "length": field.length if has_length else None,
        "precision": field.precision if known.has_digits else None,
        "referenceTo": field.reference_to[0] if is_lookup else None,
        "relationshipName": child.rpartition("__")[2] or None if is_lookup else None,
        "relationshipOrder": field.relationship_order,
        "scale": field.scale if known.has_digits else None,
        "type": kind,
        "unique": field.unique or None,
        "valueSet": _value_set(field) if field.picklist_values else None,
        "visibleLines": _visible_lines(field, known),
    }


def _special_elements(owner: ObjectDef, field: FieldDef) -> dict[str, Any]:
    """
    Return what only locations and encrypted texts have.
    """
    if field.type == "encryptedstring":
        return {
            "maskChar": "X" if field.mask == "X" else "asterisk",
            "maskType": field.mask_type or "all",
        }
    if field.type != "location":
        return {}
    parts = (e for e in owner.fields if e.compound_field_name == field.name)
    shown = describe_field(field)["displayLocationInDecimal"]
    return {
        "displayLocationInDecimal": shown,
        "scale": max((each.scale for each in parts), default=field.scale),
    }


def _visible_lines(field: FieldDef, known: CustomType) -> int | None:
    stated = field.metadata.get("visibleLines")
    if stated:
        return int(stated)
    # A describe tells the height of a list as its precision.
    return (known.is_list_box and field.precision) or known.shown_lines


def _value_set(field: FieldDef) -> str:
    restricted = _element("restricted", field.restricted_picklist)
    named = field.metadata.get("valueSetName")
    if named:
        return restricted + _element("valueSetName", named)
    values = "".join(_value("value", each) for each in field.picklist_values)
    return (
        f"{restricted}<valueSetDefinition><sorted>false</sorted>{values}"
        "</valueSetDefinition>"
    )


def _value(element: str, each: PicklistValue) -> str:
    inside = (
        _element("fullName", each.value)
        + _element("default", each.default)
        + ("" if each.active else _element("isActive", value=False))
        + _element("label", each.label)
    )
    return f"<{element}>{inside}</{element}>"


def list_metadata(
    org: Org, components: Components, kind: str
) -> Iterator[dict[str, Any]]:
    """
    Yield the FileProperties of every component of a type, in the order of the WSDL.
    """
    if kind == "CustomObject":
        for each in org.schema:
            if not each.setup:
                yield file_properties(
                    org, components, kind, each.name, f"objects/{each.name}.object"
                )
    elif kind == "CustomField":
        for owner in org.schema:
            for field in owner.fields:
                if _is_component(field):
                    name = f"{owner.name}.{field.name}"
                    yield file_properties(
                        org, components, kind, name, f"objects/{owner.name}.object"
                    )
    elif kind in _LISTED:
        for stored in components.all(kind):
            yield file_properties(
                org, components, kind, stored.full_name, stored.file_name
            )
    else:
        raise SalesforceError("INVALID_TYPE", f"Not emulated: listMetadata {kind}")


def file_properties(
    org: Org, components: Components, kind: str, full_name: str, file_name: str
) -> dict[str, Any]:
    """
    Return the FileProperties of one component, in the order of the WSDL.
    """
    stored = components.get(kind, full_name)
    now = org.clock.now()
    user = org.users.get(org.users.running_id)
    namespace = full_name.rpartition(".")[2].split("__")
    managed = namespace[0] if len(namespace) > 2 else None
    return {
        "createdById": user.id,
        "createdByName": user.name,
        "createdDate": _stamp(stored.created if stored else now),
        "fileName": file_name,
        "fullName": full_name,
        "id": components.component_id(kind, full_name) or "",
        "lastModifiedById": user.id,
        "lastModifiedByName": user.name,
        "lastModifiedDate": _stamp(stored.modified if stored else now),
        "manageableState": "installed" if managed else "unmanaged",
        "namespacePrefix": managed,
        "type": kind,
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def describe_metadata() -> dict[str, Any]:
    """
    Return the DescribeMetadataResult: the types that can be deployed here.
    """
    return {
        "metadataObjects": [
            {
                "childXmlNames": sorted(CHILDREN.values())
                if kind == "CustomObject"
                else None,
                "directoryName": folder,
                "inFolder": False,
                "metaFile": False,
                "suffix": suffix.removeprefix("."),
                "xmlName": kind,
            }
            for folder, (suffix, kind) in sorted(FOLDERS.items())
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }
