"""
A new org: standard objects, the package's describes, users, rights and records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from migrator.emulator.bulk.ingest import IngestJobs
from migrator.emulator.bulk.query import QueryJobs
from migrator.emulator.metadata.components import Components
from migrator.emulator.metadata.deploy import Deployments
from migrator.emulator.metadata.retrieve import Retrievals
from migrator.emulator.org.org import Org
from migrator.emulator.org.permissions import ObjectRight
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.schema.from_describe import (
    name_children,
    object_from_describe,
)
from migrator.emulator.schema.schema import ObjectDef
from migrator.emulator.schema.standard_objects import standard_objects
from migrator.emulator.schema.system_fields import CURRENCIES, currency_field
from migrator.emulator.schema.values import datetime_text, from_api_text
from migrator.emulator.seed import own_object, recipe
from migrator.emulator.soql.cursors import Cursors
from migrator.emulator.soql.query import Queries
from migrator.emulator.start.metadata_files import load_metadata
from migrator.emulator.start.presentation import load_presentation
from migrator.emulator.start.record_files import load_records
from migrator.emulator.start.services import Services
from migrator.emulator.start.store_file import StoreFile, kept_settings
from migrator.emulator.tooling.query import DefinitionQueries

RUNNING_USERNAME = "admin@example.org"
_HERE = Path(__file__).resolve()
_SAMPLES = (
    _HERE.parents[3] / "sample_describes",
    _HERE.parents[2] / "shipped" / "sample_describes",
)
_ADMIN_PERMISSIONS = (
    "ModifyMetadata",
    "CustomizeApplication",
    "AssignPermissionSets",
    "ManageProfilesPermissionsets",
    "ApiEnabled",
    "ViewSetup",
)
_PROFILES = ("Migration Administrator", "Standard User")


def build_org(settings: OrgSettings) -> Services:
    """
    Build a populated org as *settings* ask for, or the one that their store file holds.

    Raises SettingsError for a store or records that cannot be used.
    """
    kept = kept_settings(settings)
    if kept is not None:
        return _filled(kept, lambda services: services.store_file.load())
    described = _read_describes(settings)
    return _filled(settings, lambda services: _populate(services, described))


def _filled(settings: OrgSettings, fill: Callable[[Services], None]) -> Services:
    org = Org(settings)
    with ExitStack() as stack:
        stack.callback(org.store.close)
        services = _services(org)
        with org.lock:
            fill(services)
        stack.pop_all()
    return services


def _services(org: Org) -> Services:
    """
    Put together everything that works on *org*, each with the parts it uses.
    """
    components = Components(org)
    store_file = StoreFile(org, components)
    definitions = DefinitionQueries(org, components)
    queries = Queries(org, definitions)
    return Services(
        org=org,
        components=components,
        store_file=store_file,
        deployments=Deployments(org, components, store_file.transaction),
        retrievals=Retrievals(org, components),
        queries=queries,
        definition_queries=definitions,
        cursors=Cursors(org.ids, org.lock),
        ingest=IngestJobs(org),
        bulk_queries=QueryJobs(org, queries),
    )


def _populate(services: Services, described: dict[str, dict[str, Any]]) -> None:
    org, components = services.org, services.components
    settings = org.settings
    with org.store.transaction():
        _add_objects(org, described)
        if settings.metadata is not None:
            load_metadata(org, settings.metadata)
            load_presentation(org, components, settings.metadata)
        folder = _describes_folder(settings)
        if folder is not None and settings.package_installed:
            load_presentation(org, components, folder / "metadata")
        _add_system_rows(org)
        _seed(org, described)
        _add_users(org)
        _grant(org)
        if settings.records is not None:
            load_records(org, settings.records)
        services.store_file.save()


def _read_describes(settings: OrgSettings) -> dict[str, dict[str, Any]]:
    folder = _describes_folder(settings)
    described: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")) if folder else ():
        raw = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(raw, dict) and "fields" in raw:
            described[raw["name"]] = raw
    if not settings.package_installed:
        described = {
            name: raw for name, raw in described.items() if "__" not in name[:-3]
        }
    if settings.own_objects:
        described[own_object.OWN_OBJECT] = own_object.own_invoice_describe()
        _add_child(described)
    return described


def _describes_folder(settings: OrgSettings) -> Path | None:
    if settings.describes is not None:
        return settings.describes
    return next((each for each in _SAMPLES if each.is_dir()), None)


def _add_child(described: dict[str, dict[str, Any]]) -> None:
    """
    Tell Account of the customer's own child object.
    """
    account = described.get("Account")
    if account:
        children = [*account["childRelationships"], own_object.OWN_CHILD_OF_ACCOUNT]
        described["Account"] = account | {"childRelationships": children}


def _add_objects(org: Org, described: Mapping[str, dict[str, Any]]) -> None:
    for standard in standard_objects():
        if standard.name not in described:
            org.definitions.add_object(_with_currency(standard))
    for name, raw in described.items():
        definition = object_from_describe(raw)
        if name == "User":
            definition = replace(definition, setup=True, sharing_model="ReadWrite")
        if name == own_object.OWN_OBJECT:
            definition = replace(
                definition,
                description=own_object.OWN_DESCRIPTION,
                sharing_model="ReadWrite",
            )
        org.definitions.add_object(definition)
    name_children(org.schema)


def _with_currency(definition: ObjectDef) -> ObjectDef:
    if definition.setup:
        return definition
    return replace(definition, fields=(*definition.fields, currency_field()))


def _add_system_rows(org: Org) -> None:
    settings = org.settings
    organization = {
        "Id": org.id,
        "Name": settings.organization_name,
        "OrganizationType": settings.organization_type,
        "IsSandbox": int(settings.is_sandbox),
        "InstanceName": "DE0L",
        "DefaultLocaleSidKey": "de_DE",
        "LanguageLocaleKey": "en_US",
        "TimeZoneSidKey": "Europe/Berlin",
    }
    org.rows.add("Organization", [organization])
    org.rows.add(
        "Profile", [{"Name": name, "UserType": "Standard"} for name in _PROFILES]
    )
    org.rows.add("CurrencyType", map(_currency_row, CURRENCIES))
    if settings.package_installed:
        expires = org.clock.now() + timedelta(days=settings.licence_days)
        licence = {
            "NamespacePrefix": "ONB2",
            "Status": "Active",
            "AllowedLicenses": "-1",
            "UsedLicenses": "0",
            "IsProvisioned": 1,
            "ExpirationDate": datetime_text(expires),
        }
        org.rows.add("PackageLicense", [licence])


def _currency_row(code: str) -> dict[str, Any]:
    return {
        "IsoCode": code,
        "ConversionRate": CURRENCIES[code],
        "DecimalPlaces": "2",
        "IsActive": 1,
        "IsCorporate": int(code == "EUR"),
    }


def _seed(org: Org, described: Mapping[str, dict[str, Any]]) -> None:
    settings = org.settings
    today = org.clock.today()
    batches: Iterator[tuple[str, list[dict[str, str | None]]]] = recipe.seed_records(
        described, invoices=settings.invoices, seed=settings.seed, today=today
    )
    for object_name, rows in batches:
        _store_batch(org, object_name, rows)
    if settings.own_objects:
        own_rows = own_object.own_invoice_records(settings.seed)
        _store_batch(org, own_object.OWN_OBJECT, own_rows)


def _store_batch(org: Org, object_name: str, rows: list[dict[str, str | None]]) -> None:
    definition = org.schema.get(object_name)
    assert definition is not None
    fields = {each.name: each for each in definition.fields if each.is_stored}
    highest = -1

    def stored() -> Iterator[dict[str, Any]]:
        nonlocal highest
        for row in rows:
            number = int(str(row["_key"]).partition(":")[2])
            highest = max(highest, number)
            record: dict[str, Any] = {
                "Id": org.ids.numbered(_prefix(definition), number)
            }
            for name, value in row.items():
                if value is not None and name in fields:
                    record[name] = (
                        _resolved(org, value)
                        if value.startswith("@") and fields[name].reference_to
                        else from_api_text(fields[name], value)
                    )
            yield record

    org.store.insert_many(object_name, stored())
    org.ids.skip_to(_prefix(definition), highest + 1)


def _prefix(definition: ObjectDef) -> str:
    return definition.key_prefix or "a00"


def _resolved(org: Org, reference: str) -> str:
    """
    Find the record id of a symbolic key such as `@Invoice:17`.
    """
    word, _, number = reference[1:].partition(":")
    target = org.schema.get(recipe.KEY_OBJECTS[word])
    assert target is not None
    return org.ids.numbered(_prefix(target), int(number))


def _add_users(org: Org) -> None:
    """
    Add the running user, where the describes brought no seeded users.
    """
    if org.store.get("User", org.users.running_id):
        return
    org.ids.skip_to("005", 1)
    row = {
        "Id": org.users.running_id,
        "Username": RUNNING_USERNAME,
        "Name": "Ada Admin",
        "LastName": "Admin",
        "FirstName": "Ada",
        "Email": RUNNING_USERNAME,
        "Alias": "admin",
        "IsActive": 1,
        "ProfileId": org.ids.numbered("00e", 0),
        "UserType": "Standard",
        "CurrencyIsoCode": "EUR",
        "DefaultCurrencyIsoCode": "EUR",
    }
    org.rows.add("User", [row])


def _grant(org: Org) -> None:
    """
    Give the running user two permission sets: his profile's and the package's.
    """
    business = [each for each in org.schema if not each.setup]
    packaged = [each for each in business if each.namespace]
    ordinary = [each for each in business if not each.namespace]
    profile = org.ids.numbered("00e", 0)
    own, _ = org.permissions.save_permission_set(
        f"X{profile[:15]}",
        label=_PROFILES[0],
        description=None,
        objects={each.name: _ordinary_right() for each in ordinary},
        fields=_all_fields(ordinary),
        user_permissions=_ADMIN_PERMISSIONS,
        owned_by_profile=profile,
    )
    sets = [own]
    if packaged:
        full, _ = org.permissions.save_permission_set(
            "JustOn_Full_Access",
            label="JustOn Full Access",
            description="Everything of JustOn Billing & Invoice Management.",
            objects={
                each.name: ObjectRight(read=True, view_all=True) for each in packaged
            },
            fields=_all_fields(packaged),
        )
        sets.append(full)
    assigned = [
        {"PermissionSetId": each, "AssigneeId": org.users.running_id, "IsActive": 1}
        for each in sets
    ]
    org.rows.add("PermissionSetAssignment", assigned)


def _ordinary_right() -> ObjectRight:
    return ObjectRight(read=True, create=True, edit=True, delete=True, view_all=True)


def _all_fields(definitions: list[ObjectDef]) -> dict[str, tuple[bool, bool]]:
    return {
        f"{owner.name}.{field.name}": (True, field.createable or field.updateable)
        for owner in definitions
        for field in owner.fields
        if field.permissionable
    }
