"""
The rows of the definition tables, from schema and rights (Tooling API guide).

CustomObject, CustomField and CustomTab show what exists, whatever field-level security
says; EntityDefinition, FieldDefinition and EntityParticle what the user may see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrator.emulator.metadata.components import Components
from migrator.emulator.org.org import Org
from migrator.emulator.org.users import User
from migrator.emulator.schema.describes import MAX_SHORT_AREA, describe_field
from migrator.emulator.schema.schema import FieldDef, ObjectDef

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    What rows are made of: the org, what was deployed to it, and who asks.
    """

    org: Org
    components: Components
    user: User


def developer_name(api_name: str) -> str:
    """
    Strip a name of its namespace and suffix.
    """
    parts = api_name.split("__")
    return parts[-2] if len(parts) > 1 else api_name


def custom_objects(source: Source) -> Iterator[Row]:
    """
    Yield one row for each custom object.
    """
    for each in source.org.schema:
        if each.custom:
            yield {
                "Id": each.durable_id,
                "DeveloperName": developer_name(each.name),
                "NamespacePrefix": each.namespace,
                "Description": each.description,
                "ManageableState": _state(each.namespace),
                "Language": "en_US",
            }


def _state(namespace: str | None) -> str:
    return "installed" if namespace else "unmanaged"


def custom_fields(source: Source) -> Iterator[Row]:
    """
    Yield one row for each custom field, hidden ones included.
    """
    org = source.org
    for owner in org.schema:
        for field in owner.fields:
            # A geolocation is one custom field, its two parts are none.
            if field.custom and field.compound_field_name is None:
                yield {
                    "Id": org.definitions.field_id(owner.name, field.name),
                    "DeveloperName": developer_name(field.name),
                    "NamespacePrefix": field.namespace,
                    "TableEnumOrId": owner.durable_id or owner.name,
                    "FullName": f"{owner.name}.{field.name}",
                    "EntityDefinitionId": owner.durable_id or owner.name,
                    "Description": field.description,
                    "InlineHelpText": field.inline_help_text,
                    "Length": field.length or None,
                    "Precision": field.precision or None,
                    "Scale": field.scale if field.precision else None,
                    "ManageableState": _state(field.namespace),
                }


def entities(source: Source) -> Iterator[Row]:
    """
    Yield one row for each object that the user may read.
    """
    for each in _readable(source):
        yield {
            "Id": each.durable_id or each.name,
            "DurableId": each.durable_id or each.name,
            "QualifiedApiName": each.name,
            "DeveloperName": developer_name(each.name),
            "NamespacePrefix": each.namespace,
            "Label": each.label,
            "PluralLabel": each.label_plural,
            "MasterLabel": each.label,
            "KeyPrefix": each.key_prefix,
            "InternalSharingModel": each.sharing_model,
            "ExternalSharingModel": each.sharing_model,
            "IsCustomizable": each.custom,
            "IsQueryable": each.queryable,
            "IsCustomSetting": each.custom_setting,
        }


def _readable(source: Source) -> Iterator[ObjectDef]:
    rights = source.org.permissions
    for each in source.org.schema:
        if rights.may_use(source.user, each, "read"):
            yield each


def _seen(source: Source) -> Iterator[tuple[ObjectDef, FieldDef]]:
    rights = source.org.permissions
    for owner in _readable(source):
        for field in owner.fields:
            if rights.may_read(source.user, owner, field):
                yield owner, field


def field_definitions(source: Source) -> Iterator[Row]:
    """
    Yield one row for each field that the user may read; parts of a compound have none.
    """
    for owner, field in _seen(source):
        if field.compound_field_name in {None, field.name}:
            yield _field_definition(source.org, owner, field)


def particles(source: Source) -> Iterator[Row]:
    """
    Yield one row for each field with a value of its own, parts of a compound included.
    """
    for owner, field in _seen(source):
        if field.is_stored:
            yield _particle(source.org, owner, field)


def _durable_id(org: Org, owner: ObjectDef, field: FieldDef) -> str:
    own = (
        org.definitions.field_id(owner.name, field.name)[:15]
        if field.custom
        else field.name
    )
    return f"{owner.durable_id[:15] if owner.durable_id else owner.name}.{own}"


def _particle(org: Org, owner: ObjectDef, field: FieldDef) -> Row:
    described = describe_field(field)
    compound = owner.find(field.compound_field_name or "")
    return {
        "Id": _durable_id(org, owner, field),
        "DurableId": _durable_id(org, owner, field),
        "QualifiedApiName": field.name,
        "Name": field.name,
        "DeveloperName": developer_name(field.name),
        "NamespacePrefix": field.namespace,
        "Label": field.label,
        "MasterLabel": field.label,
        "EntityDefinitionId": owner.durable_id or owner.name,
        "FieldDefinitionId": _durable_id(org, owner, compound or field),
        "DataType": field.type,
        "IsApiFilterable": described["filterable"],
        "IsApiGroupable": described["groupable"],
        "IsApiSortable": described["sortable"],
        "IsAutonumber": field.auto_number,
        "IsComponent": compound is not None,
        "IsCreatable": described["createable"],
        "IsFieldHistoryTracked": bool(field.metadata.get("trackHistory")),
        "IsUpdatable": described["updateable"],
        **{name: described[key] for name, key in _PARTICLE_KEYS.items()},
    }


def _of_describe(names: str) -> dict[str, str]:
    """
    Name the column of each key: `nillable` is IsNillable, `+length` is Length.
    """
    found = {}
    for each in names.split():
        key = each.removeprefix("+")
        shown = key[0].upper() + key[1:]
        found[shown if each != key else f"Is{shown}"] = key
    return found


_PARTICLE_KEYS = _of_describe(
    "+extraTypeInfo +byteLength +length +digits +precision +scale +mask +maskType "
    "+defaultValueFormula +inlineHelpText +relationshipName +relationshipOrder "
    "+referenceTargetField calculated caseSensitive defaultedOnCreate "
    "dependentPicklist deprecatedAndHidden encrypted htmlFormatted idLookup nameField "
    "namePointing nillable permissionable unique writeRequiresMasterRead"
)


def _field_definition(org: Org, owner: ObjectDef, field: FieldDef) -> Row:
    described = describe_field(field)
    return {
        "Id": _durable_id(org, owner, field),
        "DurableId": _durable_id(org, owner, field),
        "QualifiedApiName": field.name,
        "DeveloperName": developer_name(field.name),
        "NamespacePrefix": field.namespace,
        "FullName": f"{owner.name}.{field.name}",
        "EntityDefinitionId": owner.durable_id or owner.name,
        "Label": field.label,
        "MasterLabel": field.label,
        "DataType": _shown_type(field),
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "IsNillable": field.nillable,
        "IsIndexed": field.external_id or field.unique or bool(field.reference_to),
        "IsCalculated": field.calculated,
        "IsFieldHistoryTracked": bool(field.metadata.get("trackHistory")),
        "IsApiFilterable": described["filterable"],
        "RelationshipName": field.relationship_name,
        "Description": field.description,
    }


def _shown_type(field: FieldDef) -> str:
    """
    Spell the data type as Setup prints it: `Text(40)`, `Currency(16, 2)`.
    """
    if field.type == "reference":
        kind = "Master-Detail" if field.is_master_detail else "Lookup"
        return f"{kind}({','.join(field.reference_to)})"
    if field.calculated:
        return f"Formula ({field.type.title()})" if field.formula else "Roll-Up Summary"
    if field.is_numeric and field.precision:
        name = _setup_name(field)
        return f"{name}({field.precision - field.scale}, {field.scale})"
    if field.type == "string":
        return "Auto Number" if field.auto_number else f"Text({field.length})"
    if field.type == "textarea":
        long = field.length > MAX_SHORT_AREA
        return f"Long Text Area({field.length})" if long else "Text Area(255)"
    return _setup_name(field)


def _setup_name(field: FieldDef) -> str:
    return field.api.setup or field.type.title()


def custom_tabs(source: Source) -> Iterator[Row]:
    """
    Yield one row for each tab of an object.
    """
    org = source.org
    for name, (tab_id, motif) in org.definitions.tabs.items():
        owner = org.schema.get(name)
        if owner:
            yield {
                "Id": tab_id,
                "DeveloperName": developer_name(owner.name),
                "NamespacePrefix": owner.namespace,
                "MasterLabel": owner.label_plural,
                "Motif": motif,
                "Type": "customObject",
                "FullName": owner.name,
            }
