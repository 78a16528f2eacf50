"""
The fields of a describe, 57 keys each, from one line of facts per field.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

FACTS = Path(__file__).resolve().parent / "facts"
BLANK_FIELD: dict[str, Any] = json.loads(
    (FACTS / "shape.json").read_text(encoding="utf-8")
)["field"]
CURRENCIES = {
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound",
    "USD": "U.S. Dollar",
}
SYSTEM: dict[str, Any] = {
    "createable": False,
    "nillable": False,
    "permissionable": False,
    "updateable": False,
}
DEFAULTED: dict[str, Any] = {"defaultedOnCreate": True}


def text(length: int) -> dict[str, Any]:
    """
    Return the attributes of a text of *length* characters; three bytes are kept for
    each.
    """
    return {"length": length, "byteLength": 3 * length}


def number(kind: str, precision: int, scale: int) -> dict[str, Any]:
    """
    Return the attributes of a number with *precision* digits, *scale* after the point.
    """
    return {
        "type": kind,
        "soapType": "xsd:double",
        "precision": precision,
        "scale": scale,
        "groupable": False,
    }


def long_text(length: int) -> dict[str, Any]:
    """
    Return the attributes of a text area: over 255 characters it can only be read.
    """
    area = {"type": "textarea", "extraTypeInfo": "plaintextarea", **text(length)}
    if length <= 255:
        return area
    closed = ("aggregatable", "filterable", "groupable", "sortable")
    return area | dict.fromkeys(closed, False)


def rich_text(length: int) -> dict[str, Any]:
    """
    Return the attributes of a rich text area.
    """
    rich = {"extraTypeInfo": "richtextarea", "htmlFormatted": True}
    return long_text(length) | rich


def encrypted(length: int) -> dict[str, Any]:
    """
    Return the attributes of a text that is shown masked.
    """
    masked = {"type": "encryptedstring", "mask": "*", "maskType": "all", **text(length)}
    closed = ("aggregatable", "filterable", "groupable", "sortable")
    return masked | dict.fromkeys(closed, False)


def multi_select(lines: int) -> dict[str, Any]:
    """
    Return the attributes of a multi-select picklist: its precision is the number of
    lines.
    """
    shown = {"type": "multipicklist", "precision": lines}
    closed = ("aggregatable", "groupable", "sortable")
    return shown | dict.fromkeys(closed, False) | {"length": 4099, "byteLength": 4099}


def location_fields(entry: dict[str, Any], scale: int) -> list[dict[str, Any]]:
    """
    Return a location: a compound that nobody writes, and its two numbers.
    """
    compound = BLANK_FIELD | {
        "name": entry["name"],
        "label": entry["label"],
        "type": "location",
        "soapType": "urn:location",
        "custom": True,
        "displayLocationInDecimal": True,
        "queryByDistance": True,
        "createable": False,
        "updateable": False,
        "inlineHelpText": entry.get("help"),
    }
    stem = str(entry["name"]).removesuffix("__c")
    parts = [
        BLANK_FIELD
        | number("double", scale + 3, scale)
        | {
            "name": f"{stem}__{part}__s",
            "label": f"{entry['label']} ({part})",
            "custom": True,
            "compoundFieldName": entry["name"],
        }
        for part in ("Latitude", "Longitude")
    ]
    closed = ("aggregatable", "groupable", "sortable")
    return [*parts, compound | dict.fromkeys(closed, False)]


def valid_for(positions: list[int]) -> str:
    """
    Return the bit map of the controlling values at *positions*, the first bit the
    highest.
    """
    size = max(positions) // 8 + 1
    bits = bytearray(size)
    for each in positions:
        bits[each // 8] |= 0x80 >> each % 8
    return base64.b64encode(bits).decode("ascii")


def picklist_values(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Return the values of a picklist, active ones first, inactive ones after them.
    """
    valid = entry.get("valid", {})
    active = [(value, True) for value in entry.get("values", [])]
    inactive = [(value, False) for value in entry.get("inactive", [])]
    return [
        {
            "active": is_active,
            "defaultValue": False,
            "label": value,
            "validFor": valid_for(valid[value]) if value in valid else None,
            "value": value,
        }
        for value, is_active in active + inactive
    ]


_LONG_KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "TextArea": long_text,
    "LongTextArea": long_text,
    "Html": rich_text,
    "EncryptedText": encrypted,
    "MultiselectPicklist": multi_select,
}


def simple_type(kind: str, numbers: list[int]) -> dict[str, Any]:
    """
    Return the attributes of the field type *kind*, with its length or precision in
    *numbers*.
    """
    if kind in {"Number", "Currency", "Percent"}:
        api = {"Number": "double", "Currency": "currency", "Percent": "percent"}
        return number(api[kind], *numbers)
    if kind in _LONG_KINDS:
        return _LONG_KINDS[kind](*(numbers or [255]))
    if kind == "Int":
        return {"type": "int", "soapType": "xsd:int", "digits": numbers[0]}
    if kind == "Checkbox":
        return {
            "type": "boolean",
            "soapType": "xsd:boolean",
            "aggregatable": False,
            "defaultValue": False,
            "nillable": False,
            **DEFAULTED,
        }
    if kind in {"Date", "DateTime", "Time"}:
        soap = f"xsd:{kind[0].lower()}{kind[1:]}"
        return {"type": kind.lower(), "soapType": soap, "groupable": kind == "Date"}
    lengths = {"Text": 1300, "Email": 80, "Phone": 40, "Url": 255, "Picklist": 255}
    api_type = "string" if kind == "Text" else kind.lower()
    return {"type": api_type, **text(*(numbers or [lengths[kind]]))}


def reference(entry: dict[str, Any], kind: str, target: str) -> dict[str, Any]:
    """
    Return the attributes of a lookup or master-detail field of *entry* that names
    *target*.
    """
    name = entry["name"]
    found: dict[str, Any] = {
        "type": "reference",
        "soapType": "tns:ID",
        "length": 18,
        "byteLength": 18,
        "referenceTo": [target],
        "relationshipName": re.sub(r"__c$", "__r", name).removesuffix("Id"),
        "searchPrefilterable": True,
    }
    if kind == "MasterDetail":
        found |= {"cascadeDelete": True, "nillable": False, "permissionable": False}
        found |= {"relationshipOrder": 0, "updateable": False}
    return found


def calculation(entry: dict[str, Any], kind: str) -> dict[str, Any]:
    """
    Return what a formula or a roll-up changes: nobody may write it, nobody defaults it.
    """
    if not entry.get("rollup") and "formula" not in entry:
        return {}
    found: dict[str, Any] = {
        "calculated": True,
        "calculatedFormula": entry.get("formula"),
        "createable": False,
        "updateable": False,
        "htmlFormatted": entry.get("html", False),
    }
    if kind in {"Number", "Currency", "Percent"} and "formula" in entry:
        found["formulaTreatNullNumberAsZero"] = True
    if kind == "Checkbox":
        found["defaultValue"] = None
    if kind == "Text":
        found["groupable"] = False
    return found


def options(entry: dict[str, Any]) -> dict[str, Any]:
    """
    Return what the facts say about one field beyond its type.
    """
    found: dict[str, Any] = {"inlineHelpText": entry.get("help")}
    if "values" in entry:
        found["picklistValues"] = picklist_values(entry)
        found["restrictedPicklist"] = entry.get("restricted", False)
        found["controllerName"] = entry.get("controller")
        found["dependentPicklist"] = "controller" in entry
    if "length" in entry:
        found |= text(entry["length"])
    if "default" in entry:
        found |= {"defaultValueFormula": entry["default"], **DEFAULTED}
    if entry.get("external"):
        found |= {"externalId": True, "idLookup": True}
    if entry.get("unique"):
        found["unique"] = True
    if entry.get("required"):
        found |= {"nillable": False, "permissionable": False}
    if entry.get("idLookup"):
        found["idLookup"] = True
    if entry.get("readonly"):
        found |= {"createable": False, "updateable": False}
    return found


def parse_type(declared: str) -> tuple[str, str]:
    """
    `Currency(18, 2)` as its kind and what stands in the brackets.
    """
    match = re.fullmatch(r"(\w+)(?:\((.+)\))?", declared)
    if match is None:
        raise SystemExit(f"{FACTS}: type {declared!r}: expected Kind(details)")
    return match[1], match[2] or ""


def field(entry: dict[str, Any]) -> dict[str, Any]:
    """
    Return the describe of one field of the facts, with all 57 keys.
    """
    kind, inner = parse_type(entry["type"])
    if kind in {"Lookup", "MasterDetail"}:
        typed = reference(entry, kind, inner)
    else:
        typed = simple_type(kind, [int(part) for part in inner.split(",") if part])
    named = {"name": entry["name"], "label": entry["label"]}
    custom = {"custom": entry["name"].endswith("__c")}
    return (
        BLANK_FIELD | typed | custom | named | calculation(entry, kind) | options(entry)
    )


def own_fields(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Return the describes of an object's own fields; a location is three of them.
    """
    found = []
    for entry in entries:
        kind, inner = parse_type(entry["type"])
        if kind == "Location":
            found += location_fields(entry, int(inner))
        else:
            found.append(field(entry))
    return found


def name_field(api_name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """
    Return the describe of an object's name field: a text, an auto number or a compound.
    """
    entry = facts["name"]
    kind, inner = parse_type(entry["type"])
    described = BLANK_FIELD | {
        "name": entry.get("api", "Name"),
        "label": entry["label"],
        "nameField": True,
        "permissionable": False,
        "idLookup": api_name.endswith("__c") or "api" in entry,
    }
    if kind == "AutoNumber":
        return described | SYSTEM | DEFAULTED | text(30) | {"autoNumber": True}
    if entry.get("compound"):
        return described | SYSTEM | text(int(inner))
    optional = not entry.get("required")
    standard = {"nillable": optional, "defaultedOnCreate": optional}
    return described | text(int(inner)) | standard


def owner_field(facts: dict[str, Any], *, custom: bool) -> dict[str, Any]:
    """
    Return the describe of OwnerId: custom objects and orders may belong to a queue.
    """
    shared = custom or facts.get("queue", False)
    entry = {"name": "OwnerId", "label": "Owner ID", "type": "Lookup(User)"}
    described = field(entry) | {
        "nillable": False,
        "permissionable": False,
        "searchPrefilterable": False,
        **DEFAULTED,
    }
    if not shared:
        return described
    target = {"referenceTo": ["Group", "User"], "polymorphicForeignKey": True}
    return described | target | {"namePointing": True}


def currency_field(name: str = "CurrencyIsoCode") -> dict[str, Any]:
    """
    Return the describe of a record's currency in an org with several of them.
    """
    values = [
        {
            "active": True,
            "defaultValue": False,
            "label": label,
            "validFor": None,
            "value": code,
        }
        for code, label in CURRENCIES.items()
    ]
    label = "Currency ISO Code" if name == "CurrencyIsoCode" else "Default Currency"
    return (
        BLANK_FIELD
        | {"name": name, "label": label, "type": "picklist", "permissionable": False}
        | {"picklistValues": values, "restrictedPicklist": True}
        | DEFAULTED
        | text(3)
    )


def audit_fields() -> list[dict[str, Any]]:
    """
    Return the describes of who made and changed a record, and when.
    """
    found = []
    for stem, label in (("Created", "Created"), ("LastModified", "Last Modified")):
        date = {"name": f"{stem}Date", "label": f"{label} Date", "type": "DateTime"}
        by = {"name": f"{stem}ById", "label": f"{label} By ID", "type": "Lookup(User)"}
        found += [field(date), field(by) | {"searchPrefilterable": False}]
    stamp = {"name": "SystemModstamp", "label": "System Modstamp", "type": "DateTime"}
    return [described | SYSTEM | DEFAULTED for described in [*found, field(stamp)]]


def visit_fields(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Return the describes of the last activity (with activities) and last view (with a
    tab).
    """
    wanted = []
    if facts.get("activities"):
        wanted.append(("LastActivityDate", "Last Activity Date", "Date"))
    if facts.get("tab"):
        wanted.append(("LastViewedDate", "Last Viewed Date", "DateTime"))
        wanted.append(("LastReferencedDate", "Last Referenced Date", "DateTime"))
    optional = SYSTEM | {"nillable": True}
    return [
        field({"name": name, "label": label, "type": kind}) | optional
        for name, label, kind in wanted
    ]


def system_head(api_name: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Return the describes that stand before an object's own fields: Id to SystemModstamp.
    """
    custom = api_name.endswith("__c")
    label = "Record ID" if custom else f"{facts['label']} ID"
    record_id = field({"name": "Id", "label": label, "type": "Text(18)"}) | SYSTEM
    record_id |= {"type": "id", "soapType": "tns:ID", "byteLength": 18, **DEFAULTED}
    head = [record_id | {"idLookup": True}]
    if custom and not facts.get("detail"):
        head.append(owner_field(facts, custom=True))
    if not facts.get("user"):
        deleted = {"name": "IsDeleted", "label": "Deleted", "type": "Checkbox"}
        head.append(field(deleted) | SYSTEM)
    if facts.get("merge"):
        entry = {"name": "MasterRecordId", "label": "Master Record ID"}
        master = field(entry | {"type": f"Lookup({api_name})"}) | SYSTEM
        head.append(master | {"nillable": True, "searchPrefilterable": False})
    head += [name_field(api_name, facts), currency_field()]
    return head


def object_fields(api_name: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Every field of one object, in the order in which an org answers.
    """
    own = own_fields(facts["fields"])
    tail = [*audit_fields(), *visit_fields(facts)]
    head = system_head(api_name, facts)
    if api_name.endswith("__c"):
        return [*head, *tail, *own]
    if facts.get("user"):
        return [*head, *own, currency_field("DefaultCurrencyIsoCode"), *tail]
    return [*head, *own, owner_field(facts, custom=False), *tail]
