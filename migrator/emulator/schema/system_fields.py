"""
The fields that the platform itself gives to objects: id, owner, name, audit, currency.

Object Reference for the Salesforce Platform, "System Fields".
"""

from __future__ import annotations

from migrator.emulator.schema.schema import FieldDef, ObjectDef, PicklistValue

__all__ = [
    "CURRENCIES",
    "currency_field",
    "name_field",
    "system_fields",
    "with_system_fields",
]

# Conversion rates of the currencies of every org here.
CURRENCIES = {"EUR": "1", "USD": "1.08", "CHF": "0.95", "GBP": "0.86"}


def _plain(name: str, kind: str, label: str, length: int = 0) -> FieldDef:
    return FieldDef(
        name=name,
        label=label,
        type=kind,
        length=length,
        nillable=False,
        createable=False,
        updateable=False,
        permissionable=False,
        custom=False,
        id_lookup=name == "Id",
        raw={"defaultedOnCreate": True},
    )


def _user(name: str, label: str, *, writable: bool = False) -> FieldDef:
    return FieldDef(
        name=name,
        label=label,
        type="reference",
        length=18,
        nillable=False,
        createable=writable,
        updateable=writable,
        permissionable=False,
        custom=False,
        reference_to=("Group", "User") if writable else ("User",),
        relationship_name=name.removesuffix("Id"),
        raw={"defaultedOnCreate": True},
    )


def system_fields(*, owned: bool) -> list[FieldDef]:
    """
    Make id, owner, deletion mark and audit fields, in the order a describe has them.
    """
    fields = [_plain("Id", "id", "Record ID", 18)]
    if owned:
        fields.append(_user("OwnerId", "Owner ID", writable=True))
    return [
        *fields,
        _plain("IsDeleted", "boolean", "Deleted"),
        _plain("CreatedDate", "datetime", "Created Date"),
        _user("CreatedById", "Created By ID"),
        _plain("LastModifiedDate", "datetime", "Last Modified Date"),
        _user("LastModifiedById", "Last Modified By ID"),
        _plain("SystemModstamp", "datetime", "System Modstamp"),
    ]


def with_system_fields(definition: ObjectDef) -> list[FieldDef]:
    """
    Put the platform's own fields in front of those of a custom object.
    """
    own = {each.name.lower() for each in definition.fields}
    owned = not definition.master_fields
    system = system_fields(owned=owned)
    places = {each.name: each for each in system}
    at = list(places).index("IsDeleted") + 1
    system[at:at] = [name_field(), currency_field()]
    given_name = [each for each in definition.fields if each.name_field]
    front = [each for each in system if each.name.lower() not in own]
    if given_name and "name" in own:
        front.insert(at, given_name[0])
    rest = [each for each in definition.fields if each not in front]
    return [*front, *rest]


def name_field() -> FieldDef:
    """
    Make the name field of an object whose records are named by whoever writes them.
    """
    return FieldDef(
        name="Name",
        label="Name",
        type="string",
        length=80,
        name_field=True,
        id_lookup=True,
        permissionable=False,
        custom=False,
    )


def currency_field() -> FieldDef:
    """
    Make CurrencyIsoCode, which every object of a multi-currency org has.
    """
    return FieldDef(
        name="CurrencyIsoCode",
        label="Currency ISO Code",
        type="picklist",
        length=3,
        permissionable=False,
        custom=False,
        restricted_picklist=True,
        picklist_values=tuple(
            PicklistValue(value=code, label=code) for code in sorted(CURRENCIES)
        ),
        raw={"defaultedOnCreate": True},
    )
