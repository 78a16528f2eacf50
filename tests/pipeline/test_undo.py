"""
Deploy, take it back, deploy again: what stays taken in the org, and the way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from migrator.documents.metadata.bundle import make_bundle
from migrator.model.names import ApiName
from migrator.org.session import Org
from tests.pipeline.conftest import INVOICES, Journey
from tests.pipeline.signed_in import sign_in

ADVICE = "Erase it in Setup > Object Manager > Deleted Objects"


@pytest.fixture
def org(journey: Journey) -> Iterator[Org]:
    """The journey's org through its own client."""
    signed_in = sign_in(journey.org)
    yield signed_in
    signed_in.close()


def _undone(journey: Journey, org: Org) -> None:
    """What `undo/` holds, sent as any deployment tool would send it."""
    folder = journey.root / "undo"
    files = {
        name: (folder / name).read_bytes()
        for name in ("package.xml", "destructiveChanges.xml")
    }
    report = org.deployment.deploy(make_bundle(files), check_only=False)
    assert report.success, report
    assert report.errors == report.warnings == ()


def _ours(org: Org) -> list[str]:
    wanted = {"Invoice__c", "InvoiceLineItem__c", "TaxDetail__c", "Balance__c"}
    return sorted(wanted & set(org.tooling.custom_object_names()))


def test_undo_leaves_nothing_of_the_archive(journey: Journey, org: Org) -> None:
    """Objects, tabs, app and permission sets are gone; the package is not touched."""
    journey.deployed()
    assert len(_ours(org)) == 4
    _undone(journey, org)
    assert _ours(org) == []
    gone = {
        "CustomApplication": "Invoice_Archive",
        "CustomPermission": "Invoice_Archive_Unseal",
        "PermissionSet": "Invoice_Archive_Loader",
    }
    for kind, name in gone.items():
        assert org.deployment.read_components(kind, [name]) == {}
    assert org.soql.count(ApiName("ONB2__Invoice__c")) == INVOICES


def test_names_of_child_relationships_stay_taken_and_the_way_out_is_said(
    journey: Journey, org: Org
) -> None:
    """
    Fifteen days long: the second deployment is refused, with one advice for all of
    its components, and other names in the mapping let it pass.
    """
    journey.deployed()
    _undone(journey, org)
    refused = journey.online("deploy", "--execute", "--allow-unreviewed", code=1)
    taken = refused.text.count("There is already a Child Relationship named")
    assert taken > 1
    assert refused.text.count(ADVICE) == 1
    assert f"({taken} components)" in refused.text
    mapping = journey.root / "mapping.yaml"
    text = mapping.read_text("utf-8")
    assert "relationship_name: " in text
    renamed = text.replace("relationship_name: ", "relationship_name: Second_")
    mapping.write_text(renamed, "utf-8")
    assert journey.online("deploy", "--execute", "--allow-unreviewed").code == 0
    assert len(_ours(org)) == 4


def test_undo_is_never_part_of_a_deployment(journey: Journey) -> None:
    """The manifest that deploys names nothing that removes."""
    journey.run("init")
    journey.online("describe")
    journey.run("plan")
    journey.run("generate")
    below = [path.name for path in (journey.root / "force-app").rglob("*")]
    assert not any("destructive" in name for name in below)
    assert (journey.root / "undo" / "destructiveChanges.xml").is_file()
    package = (journey.root / "undo" / "package.xml").read_text("utf-8")
    assert "<members>" not in package


def _assigned_to_another(journey: Journey) -> str:
    """The Reader given to a second user; gives the assignment's id."""
    find = journey.client.one
    me = find("SELECT Id FROM User WHERE Username = 'admin@example.org'")["Id"]
    other = find(f"SELECT Id FROM User WHERE Id != '{me}' LIMIT 1")["Id"]  # noqa: S608
    reader = "SELECT Id FROM PermissionSet WHERE Name = 'Invoice_Archive_Reader'"
    body = {"AssigneeId": other, "PermissionSetId": find(reader)["Id"]}
    path = "/sobjects/PermissionSetAssignment"
    return str(journey.client.request("POST", path, body)["id"])


def _empty(journey: Journey) -> None:
    org = journey.org.org
    with org.lock:
        for name in ("Invoice__c", "InvoiceLineItem__c", "TaxDetail__c", "Balance__c"):
            rows = [str(row["Id"]) for row in org.store.select(name)]
            org.store.delete(name, rows)


def test_undo_waits_for_records_and_assignments(journey: Journey, org: Org) -> None:
    """
    Refused with both named as long as there are any, then everything goes, and at once:
    a developer org gives the relationship names free for the next deployment.
    """
    journey.copied()
    held = _assigned_to_another(journey)
    refused = journey.online("deploy", "--undo", "--execute", code=3).text
    assert f"Invoice__c: holds {INVOICES:,} record(s)" in refused
    assert "Balance__c: holds" in refused
    assert "unload --org ORG --execute" in refused
    assert "Invoice_Archive_Reader: still assigned to " in refused
    assert f"PermissionSetAssignment --record-id {held}" in refused
    assert len(_ours(org)) == 4
    _empty(journey)
    refused = journey.online("deploy", "--undo", "--execute", code=3).text
    assert "holds" not in refused
    assert "still assigned" in refused
    journey.client.request("DELETE", f"/sobjects/PermissionSetAssignment/{held}")
    assert "components removed" in journey.online("deploy", "--undo", "--execute").text
    assert _ours(org) == []
    journey.online("deploy", "--execute", "--allow-unreviewed")
    assert len(_ours(org)) == 4


def test_without_execute_undo_only_says_what_stands_in_its_way(
    journey: Journey, org: Org
) -> None:
    """Validated by the org, records named as findings, nothing gone."""
    journey.deployed()
    unseen = journey.online("deploy", "--undo").text
    assert "can be removed; nothing was written" in unseen
    assert "Balance__c: admin@example.org does not see it" in unseen
    org.access.assign("Invoice_Archive_Loader", org.facts.user_id)
    clear = journey.online("deploy", "--undo").text
    assert "warning" not in clear
    body = {"Name": "stranger", "Origin_Id__c": "a0X000000000000AAA"}
    journey.client.request("POST", "/sobjects/Balance__c", body)
    assert "Balance__c: holds 1 record(s)" in journey.online("deploy", "--undo").text
    assert len(_ours(org)) == 4


def test_what_was_deployed_and_never_used_goes_again(
    journey: Journey, org: Org
) -> None:
    """Nobody sees the new objects yet: the verb gives itself the sight to count."""
    journey.deployed()
    journey.online("deploy", "--undo", "--execute")
    assert _ours(org) == []
    nothing = journey.online("deploy", "--undo", "--execute").text
    assert "No CustomObject named: Invoice__c found" in nothing


def _planned_without_balances(journey: Journey) -> None:
    """The mapping of a deployed archive, made anew for one object less."""
    for name, old in (
        ("migration.yaml", r"^ *- ONB2__Balance__c\n"),
        ("mapping.yaml", r"(?s)\n *- source: ONB2__Balance__c\n.*"),
    ):
        file = journey.root / name
        text, count = re.subn(old, "", file.read_text("utf-8"), flags=re.MULTILINE)
        assert count == 1, name
        file.write_text(text, "utf-8")
    journey.run("plan")
    journey.run("generate")


def test_undo_takes_what_an_earlier_mapping_made(journey: Journey, org: Org) -> None:
    """Refused while the object holds a record; then it goes, and is named."""
    journey.deployed()
    org.access.assign("Invoice_Archive_Loader", org.facts.user_id)
    body = {"Name": "old", "Origin_Id__c": "a0X000000000000AAA"}
    journey.client.request("POST", "/sobjects/Balance__c", body)
    _planned_without_balances(journey)
    destructive = journey.root / "undo" / "destructiveChanges.xml"
    assert "Balance__c" not in destructive.read_text("utf-8")
    refused = journey.online("deploy", "--undo", "--execute", code=3).text
    assert "Balance__c: holds 1 record(s)" in refused
    assert len(_ours(org)) == 4
    _empty(journey)
    said = journey.online("deploy", "--undo", "--execute").text
    assert "CustomObject Balance__c was deployed by this migration earlier" in said
    assert _ours(org) == []
    assert not any(each.startswith("Balance") for each in _tabs(org))


def _tabs(org: Org) -> list[str]:
    return org.deployment.list_names("CustomTab")


def test_undo_takes_permission_sets_and_app_of_an_earlier_name(
    journey: Journey, org: Org
) -> None:
    """The archive was deployed under another prefix before."""
    journey.deployed()
    file = journey.root / "migration.yaml"
    text = file.read_text("utf-8")
    renamed = re.sub(r"(?m)^( +)prefix: .*$", r"\1prefix: New", text)
    renamed = renamed.replace("always_prefix: false", "always_prefix: true")
    assert renamed != text
    file.write_text(renamed, "utf-8")
    (journey.root / "mapping.yaml").unlink()
    journey.run("plan")
    journey.run("generate")
    journey.online("deploy", "--execute", "--allow-unreviewed")
    assert len([each for each in _tabs(org) if each.startswith("New_")]) == 4
    journey.online("deploy", "--undo", "--execute")
    assert _ours(org) == []
    left = org.deployment.list_names("PermissionSet")
    assert not any("Archive" in each for each in left)
    assert org.deployment.list_names("CustomApplication") == []


def test_undo_leaves_what_somebody_else_has_made(journey: Journey, org: Org) -> None:
    """Another migration's objects stay, records or not."""
    journey.deployed()
    file = journey.root / "migration.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        re.sub(r"^id: .*$", "id: ffffffff", text, flags=re.MULTILINE), "utf-8"
    )
    refused = journey.online("deploy", "--undo", "--execute", code=3).text
    assert "was not made by this migration" in refused
    assert len(_ours(org)) == 4
