"""
The package's end: its licence runs out, or it is uninstalled when nothing needs it.
"""

from __future__ import annotations

from collections.abc import Callable

from migrator.emulator.schema.values import datetime_text
from tests.builders.packages import Client, a_manifest, a_zip, problems
from tests.builders.schemas import a_field
from tests.emulator.conftest import BASE, Caller, add_archive, error_of

QUERY = "SELECT Id FROM ONB2__Invoice__c"


def test_objects_disappear_with_the_licence(
    running_org: Callable[..., Caller],
) -> None:
    """Describe, query, rows and global list do not know them; own records stay."""
    caller = running_org()
    add_archive(caller.org)
    caller.create("Bill__c", Name="kept")
    record = caller.records(QUERY)[0]["Id"]
    (licence,) = caller.records("SELECT Id FROM PackageLicense")
    ended = datetime_text(caller.org.clock.now())
    with caller.org.lock:
        caller.org.rows.touch(
            "PackageLicense", licence["Id"], {"ExpirationDate": ended}
        )
    describe = caller.http.get(f"{BASE}/sobjects/ONB2__Invoice__c/describe")
    row = caller.http.get(f"{BASE}/sobjects/ONB2__Invoice__c/{record}")
    assert [error_of(each)[0] for each in (describe, row)] == ["NOT_FOUND"] * 2
    assert caller.refusal(QUERY)[0] == "INVALID_TYPE"
    listed = caller.http.get(f"{BASE}/sobjects").json()["sobjects"]
    names = {each["name"] for each in listed}
    assert "Bill__c" in names
    assert not any(name.startswith("ONB2__") for name in names)
    assert len(caller.records("SELECT Id FROM Bill__c")) == 1


def test_an_org_can_start_after_the_end(running_org: Callable[..., Caller]) -> None:
    """The setting says in how many days the licence ends."""
    assert running_org(licence_days=0).refusal(QUERY)[0] == "INVALID_TYPE"
    assert running_org(licence_days=1).records(QUERY)


UNINSTALL = {
    "package.xml": a_manifest(),
    "destructiveChanges.xml": a_manifest(InstalledPackage=["ONB2"]),
}


def test_uninstalling_waits_for_what_depends_on_it(
    running_org: Callable[..., Caller],
) -> None:
    """Lookups from outside are named, nothing changes; without them all is gone."""
    caller = running_org()
    add_archive(caller.org)
    caller.org.definitions.create_field(
        "Bill__c",
        a_field(
            "Source__c",
            "reference",
            length=18,
            reference_to=("ONB2__Invoice__c",),
            relationship_name="Source__r",
        ),
    )
    client = Client(running=caller.running)
    refused = client.deploy(a_zip(UNINSTALL))
    assert refused["status"] == "Failed"
    (problem,) = problems(refused)
    assert problem.startswith("Cannot uninstall ONB2: ")
    assert problem.endswith("refer to it: Bill__c.Source__c, Order.ON_Invoice__c")
    assert caller.records(QUERY)
    caller.org.definitions.delete_field("Bill__c", "Source__c")
    caller.org.definitions.delete_field("Order", "ON_Invoice__c")
    assert client.deploy(a_zip(UNINSTALL))["status"] == "Succeeded"
    assert caller.refusal(QUERY)[0] == "INVALID_TYPE"
    assert caller.records("SELECT Id FROM PackageLicense") == []
    assert not any(each.namespace == "ONB2" for each in caller.org.schema)
    assert "Bill__c" in caller.org.schema
