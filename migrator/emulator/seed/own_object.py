"""
An object of the customer's own that already has the name an archive would take.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from migrator.emulator.seed.plans import plain
from migrator.emulator.seed.rows import Made, Row, yes
from migrator.emulator.seed.texts import HARD_TEXTS

OWN_OBJECT = "Invoice__c"
OWN_DESCRIPTION = "Invoices of our web shop, kept by hand."
OWN_RECORDS = 25
OWN_CHILD_OF_ACCOUNT: dict[str, Any] = {
    "cascadeDelete": False,
    "childSObject": OWN_OBJECT,
    "deprecatedAndHidden": False,
    "field": "Customer__c",
    "junctionIdListNames": [],
    "junctionReferenceTo": [],
    "relationshipName": "Invoices__r",
    "restrictedDelete": False,
}
"""The entry that Account's describe gets when this object exists."""

_FALSE = (
    "aiPredictionField autoNumber calculated cascadeDelete caseSensitive custom "
    "defaultedOnCreate dependentPicklist deprecatedAndHidden displayLocationInDecimal "
    "encrypted externalId formulaTreatNullNumberAsZero highScaleNumber htmlFormatted "
    "idLookup nameField namePointing polymorphicForeignKey queryByDistance "
    "restrictedDelete restrictedPicklist searchPrefilterable unique "
    "writeRequiresMasterRead"
)
_TRUE = (
    "aggregatable createable filterable groupable nillable permissionable sortable "
    "updateable"
)
_NULL = (
    "calculatedFormula compoundFieldName controllerName defaultValue "
    "defaultValueFormula extraTypeInfo filteredLookupInfo inlineHelpText mask maskType "
    "referenceTargetField relationshipName relationshipOrder"
)
_ZERO = "byteLength digits length precision scale"
_OBJECT_FALSE = (
    "activateable customSetting deepCloneable deprecatedAndHidden feedEnabled "
    "hasSubtypes isInterface isSubtype mergeable mruEnabled searchLayoutable searchable"
)
_OBJECT_TRUE = (
    "compactLayoutable createable custom deletable layoutable queryable replicateable "
    "retrieveable triggerable undeletable updateable"
)
_OBJECT_NULL = (
    "associateEntityType associateParentEntity defaultImplementation extendedBy "
    "extendsInterfaces implementedBy implementsInterfaces listviewable "
    "lookupLayoutable networkScopeFieldName"
)
_OBJECT_EMPTY = (
    "actionOverrides childRelationships namedLayoutInfos recordTypeInfos "
    "supportedScopes"
)
_SYSTEM = {
    "createable": False,
    "defaultedOnCreate": True,
    "nillable": False,
    "permissionable": False,
    "updateable": False,
}


def own_invoice_describe() -> dict[str, Any]:
    """
    Make the describe of `Invoice__c`: 45 keys, 57 per field, a keyPrefix of its own.
    """
    described: dict[str, Any] = dict.fromkeys(_OBJECT_FALSE.split(), False)
    described |= dict.fromkeys(_OBJECT_TRUE.split(), True)
    described |= dict.fromkeys(_OBJECT_NULL.split())
    described |= {key: [] for key in _OBJECT_EMPTY.split()}
    described |= {
        "fields": [*_system_fields(), *_own_fields()],
        "keyPrefix": "a1X",
        "label": "Shop Invoice",
        "labelPlural": "Shop Invoices",
        "name": OWN_OBJECT,
        "sobjectDescribeOption": "FULL",
        "urls": {"sobject": f"/services/data/v66.0/sobjects/{OWN_OBJECT}"},
    }
    return {key: described[key] for key in sorted(described)}


def own_invoice_records(seed: int) -> list[Row]:
    """
    Make twenty-five rows of `Invoice__c`, keyed `OwnInvoice:0` to `OwnInvoice:24`.
    """
    rng = Random(seed)  # noqa: S311 - the seed of a fixture
    shape: Row = {each["name"]: None for each in own_invoice_describe()["fields"]}
    del shape["Id"]
    rows = []
    for number in range(OWN_RECORDS):
        day = date(2022, 1, 3) + timedelta(days=31 * number)
        made = Made(created=day, changed=day, owner=f"@User:{number % 3}")
        values = {
            "_key": f"OwnInvoice:{number}",
            "Name": f"SHOP-{number + 1:04d}",
            "Amount__c": plain(Decimal(rng.randrange(100, 999_999)) / 100),
            "Due_Date__c": (day + timedelta(days=14)).isoformat(),
            "Customer__c": f"@Account:{number % 10}" if number % 4 else None,
            "Paid__c": yes(when=number % 3 > 0),
            "Note__c": HARD_TEXTS[number % len(HARD_TEXTS)],
        }
        rows.append(shape | made.columns() | values)
    return rows


def _field(name: str, label: str, kind: str, **attributes: Any) -> dict[str, Any]:
    """
    Make a field's 57 keys: defaults, what its *kind* brings, then *attributes*.
    """
    found: dict[str, Any] = dict.fromkeys(_FALSE.split(), False)
    found |= dict.fromkeys(_TRUE.split(), True)
    found |= dict.fromkeys(_NULL.split())
    found |= dict.fromkeys(_ZERO.split(), 0)
    found |= {"name": name, "label": label, "type": kind, "soapType": "xsd:string"}
    found |= {"picklistValues": [], "referenceTo": []}
    found |= {"custom": name.endswith("__c")} | _KINDS.get(kind, {}) | attributes
    if kind in {"string", "picklist"}:
        found["byteLength"] = 3 * found["length"]
    return {key: found[key] for key in sorted(found)}


_ID = {"length": 18, "byteLength": 18, "soapType": "tns:ID"}
_KINDS: dict[str, dict[str, Any]] = {
    "id": {**_ID, **_SYSTEM, "idLookup": True},
    "reference": _ID,
    "boolean": {
        "soapType": "xsd:boolean",
        "aggregatable": False,
        "defaultedOnCreate": True,
        "defaultValue": False,
        "nillable": False,
    },
    "currency": {
        "soapType": "xsd:double",
        "groupable": False,
        "precision": 18,
        "scale": 2,
    },
    "date": {"soapType": "xsd:date"},
    "datetime": {"soapType": "xsd:dateTime", "groupable": False},
}


def _system_fields() -> list[dict[str, Any]]:
    by: dict[str, Any] = {"referenceTo": ["User"], **_SYSTEM}
    owner = by | {"createable": True, "updateable": True, "relationshipName": "Owner"}
    owner |= {"referenceTo": ["Group", "User"], "namePointing": True}
    name: dict[str, Any] = {"length": 80, "nameField": True, "idLookup": True}
    code: dict[str, Any] = {"length": 3, "restrictedPicklist": True}
    code["picklistValues"] = [
        {
            "active": True,
            "defaultValue": False,
            "label": value,
            "validFor": None,
            "value": value,
        }
        for value in ("CHF", "EUR", "GBP", "USD")
    ]
    free = {"permissionable": False, "defaultedOnCreate": True}
    return [
        _field("Id", "Record ID", "id"),
        _field("OwnerId", "Owner ID", "reference", polymorphicForeignKey=True, **owner),
        _field("IsDeleted", "Deleted", "boolean", **_SYSTEM),
        _field("Name", "Shop Invoice", "string", **name, **free),
        _field("CurrencyIsoCode", "Currency ISO Code", "picklist", **code, **free),
        _field("CreatedDate", "Created Date", "datetime", **_SYSTEM),
        _field(
            "CreatedById",
            "Created By ID",
            "reference",
            relationshipName="CreatedBy",
            **by,
        ),
        _field("LastModifiedDate", "Last Modified Date", "datetime", **_SYSTEM),
        _field(
            "LastModifiedById",
            "Last Modified By ID",
            "reference",
            relationshipName="LastModifiedBy",
            **by,
        ),
        _field("SystemModstamp", "System Modstamp", "datetime", **_SYSTEM),
    ]


def _own_fields() -> list[dict[str, Any]]:
    customer = {"referenceTo": ["Account"], "relationshipName": "Customer__r"}
    return [
        _field("Amount__c", "Amount", "currency"),
        _field("Due_Date__c", "Due Date", "date"),
        _field(
            "Customer__c",
            "Customer",
            "reference",
            searchPrefilterable=True,
            **customer,
        ),
        _field("Paid__c", "Paid", "boolean"),
        _field("Note__c", "Note", "string", length=120),
    ]
