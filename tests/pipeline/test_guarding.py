"""
The guards before reading and writing: every problem named, all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import DecisionNeeded, OrgRefused
from migrator.model.field_type import FieldType
from migrator.model.kinds.table import Kind
from migrator.model.names import ApiName
from migrator.model.target import (
    Application,
    CustomPermission,
    Layout,
    PermissionSet,
    Sharing,
    Target,
    TargetField,
    TargetObject,
)
from migrator.org.session import Org
from migrator.rundir.layout import shipped_folder
from migrator.steps.guards import (
    hidden_fields,
    require_full_sight,
    require_own_components,
    require_production_name,
)
from tests.pipeline.conftest import Client
from tests.pipeline.signed_in import LOADER, MARKER, sign_in, with_archive

INVOICE = ApiName("ONB2__Invoice__c")
LINE = ApiName("ONB2__InvoiceLineItem__c")
OBJECTS = (INVOICE, LINE)


@pytest.fixture
def running() -> Iterator[RunningOrg]:
    """An org with enough records for a shortfall to be no chance."""
    settings = OrgSettings(describes=shipped_folder("sample_describes"), invoices=150)
    with start_org(settings) as started:
        yield started


@pytest.fixture
def org(running: RunningOrg) -> Iterator[Org]:
    """The same, signed in."""
    with sign_in(running) as signed_in:
        yield signed_in


def tamper(running: RunningOrg, soql: str, change: dict[str, object] | None) -> None:
    """
    Change the records that *soql* finds, or delete them.
    """
    rest = Client(running.url, running.token)
    kind = soql.split(" FROM ")[1].split(maxsplit=1)[0]
    rows = rest.query(soql)
    assert rows
    for row in rows:
        path = f"/sobjects/{kind}/{row['Id']}"
        rest.request("DELETE" if change is None else "PATCH", path, change)


def test_a_user_who_sees_everything_may_go_on(org: Org) -> None:
    """View All on each object, every field, a licence: nothing to say."""
    require_full_sight(org, objects=OBJECTS, namespace="ONB2")


def test_everything_out_of_sight_is_told_at_once(running: RunningOrg, org: Org) -> None:
    """No View All, too few records, a hidden field: one message, each with a name."""
    tamper(
        running,
        f"SELECT Id FROM ObjectPermissions WHERE SobjectType = '{INVOICE}'",  # noqa: S608
        {"PermissionsViewAllRecords": False},
    )
    tamper(
        running,
        f"SELECT Id FROM FieldPermissions WHERE Field = '{LINE}.ONB2__Description__c'",  # noqa: S608
        None,
    )
    with pytest.raises(DecisionNeeded) as caught:
        require_full_sight(org, objects=OBJECTS)
    lines = caught.value.message.splitlines()
    assert any(INVOICE in line and "View All" in line for line in lines)
    assert any("own count is about 150" in line for line in lines)
    assert any(f"{LINE}.ONB2__Description__c" in line for line in lines)
    assert len(lines) == 3
    assert "admin@example.org" in caught.value.hint


def test_an_object_out_of_sight_is_told(running: RunningOrg, org: Org) -> None:
    """It is no crash of the guard."""
    tamper(
        running,
        f"SELECT Id FROM ObjectPermissions WHERE SobjectType = '{INVOICE}'",  # noqa: S608
        None,
    )
    with pytest.raises(DecisionNeeded) as caught:
        require_full_sight(org, objects=OBJECTS)
    assert f"{INVOICE}: admin@example.org cannot see it" in caught.value.message


def test_fields_are_compared_with_those_that_were_read(org: Org) -> None:
    """An extract that lacks a column is told, whatever a describe shows now."""
    read = [str(field["name"]) for field in org.describe(INVOICE)["fields"]]
    require_full_sight(org, objects=[INVOICE], seen_fields={INVOICE: read})
    short = [name.upper() for name in read if name != "ONB2__AccountName__c"]
    with pytest.raises(DecisionNeeded, match="ONB2__AccountName__c"):
        require_full_sight(org, objects=[INVOICE], seen_fields={INVOICE: short})


def test_a_geolocation_is_seen_by_its_parts(org: Org) -> None:
    """Reads name the latitude, Tooling names the whole."""
    field = org.tooling.custom_fields(INVOICE)[0]
    others = org.tooling.custom_fields(INVOICE)[1:]
    part = field.removesuffix("__c") + "__Latitude__s"
    assert hidden_fields(org, INVOICE, [*others, part]) == ()
    assert hidden_fields(org, INVOICE, others) == (field,)


def test_an_org_that_does_not_tell_its_fields_is_no_all_clear(org: Org) -> None:
    """Seen fields that Tooling does not list: nothing can be ruled out."""
    unknown = ApiName("ONB2__Elsewhere__c")
    with pytest.raises(OrgRefused, match="ONB2__Elsewhere__c"):
        hidden_fields(org, unknown, ["Id", "ONB2__Amount__c"])
    assert hidden_fields(org, unknown, ["Id"]) == ()


@pytest.mark.parametrize("status", ["Expired", "Suspended"])
def test_a_dead_licence_is_told(running: RunningOrg, org: Org, status: str) -> None:
    """Before records are missing."""
    running.org.store.fill("PackageLicense", "Status", status)
    with pytest.raises(DecisionNeeded, match=status):
        require_full_sight(org, objects=OBJECTS, namespace="ONB2")
    require_full_sight(org, objects=OBJECTS)


@pytest.mark.parametrize(
    ("production", "named", "passes"),
    [
        (False, None, True),
        (True, "Rehearsal", True),
        (True, None, False),
        (True, "rehearsal", False),
        (True, "", False),
    ],
)
def test_a_production_org_wants_its_exact_name(
    org: Org, named: str | None, *, production: bool, passes: bool
) -> None:
    """Any other org wants nothing."""
    org.facts = replace(org.facts, is_production=production)
    if passes:
        require_production_name(org, named)
        return
    with pytest.raises(DecisionNeeded, match="production") as caught:
        require_production_name(org, named)
    assert "--yes-production 'Rehearsal'" in caught.value.hint


def a_target(*fields: str) -> Target:
    """
    Invoice__c with *fields* and one permission set.
    """
    text = FieldType(kind=Kind.TEXT, length=18)
    made = TargetObject(
        name=ApiName("Invoice__c"),
        label="Invoice",
        plural_label="Invoices",
        name_label="Number",
        description=MARKER,
        sharing=Sharing.PRIVATE,
        fields=tuple(
            TargetField(name=ApiName(f), label=f, type=text, description=MARKER)
            for f in fields
        ),
        layout=Layout(name="Invoice Layout", sections=()),
    )
    loader = PermissionSet(
        name=LOADER, label=LOADER, description=MARKER, objects=(), fields=(), tabs=()
    )
    return Target(
        api_version="66.0",
        objects=(made,),
        permission_sets=(loader,),
        application=Application(name="App", label="App", description=MARKER, tabs=()),
        custom_permission=CustomPermission(
            name="Unseal", label="Unseal", description=MARKER
        ),
    )


def test_what_does_not_exist_is_nobodys(org: Org) -> None:
    """The first deployment."""
    require_own_components(org, a_target("Note__c").names, MARKER)


def test_what_carries_our_words_is_ours(org: Org) -> None:
    """Every later deployment; another migration is somebody else."""
    with_archive(org)
    require_own_components(org, a_target("Note__c", "Later__c").names, MARKER)
    with pytest.raises(DecisionNeeded) as caught:
        require_own_components(org, a_target().names, "[migrator ffffffff]")
    assert "custom object Invoice__c" in caught.value.message
    assert f"permission set {LOADER}" in caught.value.message
    assert "always_prefix" in caught.value.hint


def test_the_customers_own_object_is_never_touched() -> None:
    """It has the name a target would have, and not our words."""
    settings = OrgSettings(own_objects=True, invoices=1)
    with (
        start_org(settings) as running,
        sign_in(running) as org,
        pytest.raises(DecisionNeeded, match="custom object Invoice__c"),
    ):
        require_own_components(org, a_target().names, MARKER)
