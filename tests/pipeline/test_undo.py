"""
Deploy, take it back, deploy again: what stays taken in the org, and the way out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migrator.documents.bundle import make_bundle
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
