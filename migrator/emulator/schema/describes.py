"""
Definitions as describe JSON: 57 keys a field, 45 at top level.

Key names and the values by type: SOAP API Developer Guide, DescribeSObjectResult.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import (
    ANY_OBJECT,
    ChildRelationship,
    FieldDef,
    ObjectDef,
    Schema,
)

# Longer text areas cannot be filtered, sorted or grouped.
MAX_SHORT_AREA = 255
MASTER_RECORD_TYPE = "012000000000000AAA"
_GLOBAL_KEYS = [
    "activateable",
    "associateEntityType",
    "associateParentEntity",
    "createable",
    "custom",
    "customSetting",
    "deepCloneable",
    "deletable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "mergeable",
    "mruEnabled",
    "name",
    "queryable",
    "replicateable",
    "retrieveable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
]
_TOP_KEYS = [
    "actionOverrides",
    "activateable",
    "associateEntityType",
    "associateParentEntity",
    "childRelationships",
    "compactLayoutable",
    "createable",
    "custom",
    "customSetting",
    "deepCloneable",
    "defaultImplementation",
    "deletable",
    "deprecatedAndHidden",
    "extendedBy",
    "extendsInterfaces",
    "feedEnabled",
    "fields",
    "hasSubtypes",
    "implementedBy",
    "implementsInterfaces",
    "isInterface",
    "isSubtype",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "listviewable",
    "lookupLayoutable",
    "mergeable",
    "mruEnabled",
    "name",
    "namedLayoutInfos",
    "networkScopeFieldName",
    "queryable",
    "recordTypeInfos",
    "replicateable",
    "retrieveable",
    "searchLayoutable",
    "searchable",
    "sobjectDescribeOption",
    "supportedScopes",
    "triggerable",
    "undeletable",
    "updateable",
    "urls",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """
    Whose describe it is: what the user may see and write.
    """

    version: str
    may_read: Callable[[ObjectDef, FieldDef], bool]
    may_create: Callable[[ObjectDef, FieldDef], bool]
    may_update: Callable[[ObjectDef, FieldDef], bool]
    may_use: Callable[[ObjectDef, str], bool]


def describe_field(field: FieldDef) -> dict[str, Any]:
    """
    Write the 57 keys of one field, before field-level security narrows them.
    """
    described = _identity_keys(field) | _type_keys(field) | _reference_keys(field)
    described |= {key: value for key, value in field.raw.items() if key in described}
    return dict(sorted(described.items()))


def _identity_keys(field: FieldDef) -> dict[str, Any]:
    is_boolean = field.holds is Holds.FLAG
    default: Any = None
    if is_boolean and not field.calculated:
        default = field.default_value == "true"
    return {
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound_field_name,
        "controllerName": None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": default,
        "defaultValueFormula": None if is_boolean else field.default_value,
        "defaultedOnCreate": is_boolean or field.default_value is not None,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type_info,
        "idLookup": field.id_lookup or field.external_id,
        "inlineHelpText": field.inline_help_text,
        "label": field.label,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable and not is_boolean,
        "permissionable": field.permissionable,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _type_keys(field: FieldDef) -> dict[str, Any]:
    known = field.api
    is_short = field.type != "textarea" or field.length <= MAX_SHORT_AREA
    return {
        "aggregatable": is_short and known.aggregatable,
        "byteLength": field.length * known.octets,
        "digits": known.digits,
        "displayLocationInDecimal": bool(
            field.metadata.get("displayLocationInDecimal")
        ),
        "encrypted": False,
        "filterable": is_short and known.filterable,
        "formulaTreatNullNumberAsZero": _treats_null_as_zero(field),
        "groupable": is_short
        and known.groupable
        and (not field.calculated or known.holds is Holds.FLAG),
        "highScaleNumber": False,
        "htmlFormatted": field.html_formatted,
        "length": field.length,
        "mask": field.mask,
        "maskType": field.mask_type,
        "picklistValues": [
            {
                "active": each.active,
                "defaultValue": each.default,
                "label": each.label,
                "validFor": None,
                "value": each.value,
            }
            for each in field.picklist_values
            if each.active
        ],
        "precision": field.precision,
        "queryByDistance": field.type == "location",
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference",
        "soapType": known.soap,
        "sortable": is_short and known.sortable,
        "type": field.type,
    }


def _treats_null_as_zero(field: FieldDef) -> bool:
    """
    Tell whether a formula takes blanks as zero: as its metadata says, else if it is a
    number.
    """
    stated = field.metadata.get("formulaTreatBlanksAs")
    if stated:
        return str(stated) == "BlankAsZero"
    return bool(field.formula) and field.is_numeric


def _reference_keys(field: FieldDef) -> dict[str, Any]:
    polymorphic = len(field.reference_to) > 1
    cascades = field.is_master_detail or field.delete_constraint == "Cascade"
    return {
        "cascadeDelete": cascades,
        "filteredLookupInfo": None,
        "namePointing": polymorphic,
        "polymorphicForeignKey": polymorphic,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": field.relationship_order,
        "restrictedDelete": field.delete_constraint == "Restrict",
        "writeRequiresMasterRead": bool(field.metadata.get("writeRequiresMasterRead")),
    }


def describe_object(
    schema: Schema, definition: ObjectDef, view: View
) -> dict[str, Any]:
    """
    Write the whole describe of an object as the user of *view* gets it (45 keys).
    """
    described = _object_keys(definition) | {
        key: value for key, value in definition.raw.items() if key in _TOP_KEYS
    }
    described |= _rights_keys(definition, view)
    described["fields"] = [
        _narrowed(definition, _with_targets(schema, each), view)
        for each in definition.fields
        if view.may_read(definition, each)
    ]
    described["childRelationships"] = _child_relationships(schema, definition, view)
    described["urls"] = _urls(definition, view.version)
    if not described.get("recordTypeInfos"):
        described["recordTypeInfos"] = [_master_record_type(definition, view.version)]
    return {key: described[key] for key in _TOP_KEYS}


def describe_brief(definition: ObjectDef, view: View) -> dict[str, Any]:
    """
    Write the entry of an object in describe global.
    """
    described = _object_keys(definition) | dict(definition.raw)
    described |= _rights_keys(definition, view)
    brief = {key: described.get(key) for key in _GLOBAL_KEYS}
    brief["urls"] = {
        key: value
        for key, value in _urls(definition, view.version).items()
        if key not in {"uiDetailTemplate", "uiEditTemplate", "uiNewRecord"}
    }
    return brief


def _with_targets(schema: Schema, field: FieldDef) -> FieldDef:
    """
    Point a reference to any object at those that there are.
    """
    if ANY_OBJECT not in field.reference_to:
        return field
    names = tuple(each.name for each in schema if not each.setup)
    return replace(field, reference_to=names)


def _narrowed(definition: ObjectDef, field: FieldDef, view: View) -> dict[str, Any]:
    described = describe_field(field)
    described["createable"] = view.may_create(definition, field)
    described["updateable"] = view.may_update(definition, field)
    return described


def _rights_keys(definition: ObjectDef, view: View) -> dict[str, Any]:
    return {
        "name": definition.name,
        "label": definition.label,
        "labelPlural": definition.label_plural,
        "createable": definition.createable and view.may_use(definition, "create"),
        "updateable": definition.updateable and view.may_use(definition, "edit"),
        "deletable": definition.deletable and view.may_use(definition, "delete"),
        "undeletable": definition.deletable and view.may_use(definition, "delete"),
    }


def _object_keys(definition: ObjectDef) -> dict[str, Any]:
    described: dict[str, Any] = dict.fromkeys(_TOP_KEYS, False)
    nothing = [
        "associateEntityType",
        "associateParentEntity",
        "defaultImplementation",
        "extendedBy",
        "extendsInterfaces",
        "implementedBy",
        "implementsInterfaces",
        "listviewable",
        "lookupLayoutable",
        "networkScopeFieldName",
    ]
    usual = [
        "compactLayoutable",
        "layoutable",
        "replicateable",
        "retrieveable",
        "searchLayoutable",
        "searchable",
        "triggerable",
        "mruEnabled",
    ]
    described |= dict.fromkeys(nothing)
    described |= dict.fromkeys(usual, not definition.setup)
    described |= {
        "actionOverrides": [],
        "custom": definition.custom,
        "customSetting": definition.custom_setting,
        "keyPrefix": definition.key_prefix,
        "namedLayoutInfos": [],
        "queryable": definition.queryable,
        "replicateable": True,
        "retrieveable": True,
        "recordTypeInfos": [],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {definition.label_plural.lower()}", "name": "everything"},
            {"label": f"My {definition.label_plural.lower()}", "name": "mine"},
        ],
    }
    return described


def _child_relationships(
    schema: Schema, definition: ObjectDef, view: View
) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in definition.child_relationships:
        if each.child not in schema:
            found[each.child, each.field] = _child_entry(each)
    for child, field in schema.children_of(definition.name):
        if view.may_use(child, "read") and view.may_read(child, field):
            cascades = field.is_master_detail or field.delete_constraint == "Cascade"
            entry = ChildRelationship(
                child=child.name,
                field=field.name,
                relationship_name=field.child_relationship_name,
                cascade_delete=cascades,
                restricted_delete=field.delete_constraint == "Restrict",
            )
            found[child.name, field.name] = _child_entry(entry)
    return [found[key] for key in sorted(found)]


def _child_entry(each: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": each.cascade_delete,
        "childSObject": each.child,
        "deprecatedAndHidden": False,
        "field": each.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": each.relationship_name,
        "restrictedDelete": each.restricted_delete,
    }


def _urls(definition: ObjectDef, version: str) -> dict[str, str]:
    base = f"/services/data/v{version}/sobjects/{definition.name}"
    ui = "https://orgname.my.salesforce.com"
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "uiDetailTemplate": f"{ui}/{{ID}}",
        "uiEditTemplate": f"{ui}/{{ID}}/e",
        "describe": f"{base}/describe",
        "uiNewRecord": f"{ui}/{definition.key_prefix}/e",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
        "defaultValues": f"{base}/defaultValues?recordTypeId&fields",
    }


def _master_record_type(definition: ObjectDef, version: str) -> dict[str, Any]:
    layout = f"/services/data/v{version}/sobjects/{definition.name}/describe/layouts/"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": layout + MASTER_RECORD_TYPE},
    }
