"""
Deployments, readings of metadata, Tooling and permissions against a local org.
"""

from __future__ import annotations

import pytest

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import OrgRefused
from migrator.model.names import ApiName
from tests.pipeline.signed_in import LOADER, MARKER, a_bundle, sign_in, with_archive

INVOICE = ApiName("ONB2__Invoice__c")
TARGET = ApiName("Invoice__c")


def test_a_validation_leaves_nothing_behind(local_org: RunningOrg) -> None:
    """It succeeds, tells what would be made, and the object is not there."""
    with sign_in(local_org) as org:
        report = org.deployment.deploy(a_bundle(), check_only=True)
        assert report.success
        assert "CustomObject:Invoice__c" in report.created
        assert TARGET not in org.tooling.custom_object_names()


def test_what_was_deployed_can_be_read_back(local_org: RunningOrg) -> None:
    """Descriptions with their marker; what does not exist is left out."""
    with with_archive(sign_in(local_org)) as org:
        objects = org.deployment.read_components(
            "CustomObject", [TARGET, "Nothing__c", INVOICE]
        )
        sets = org.deployment.read_components("PermissionSet", [LOADER, "Nobody"])
    assert set(objects) == {TARGET, INVOICE}
    assert objects[TARGET].description.endswith(MARKER)
    assert objects[TARGET].fields[ApiName("Note__c")].endswith(MARKER)
    assert MARKER not in objects[INVOICE].description
    assert list(sets) == [LOADER]
    assert sets[LOADER].description.endswith(MARKER)


def test_a_refused_deployment_names_file_and_line(local_org: RunningOrg) -> None:
    """Two mistakes, both told, nothing stays."""
    broken = a_bundle(**{"<length>40</length>": "<length>4000</length>"})
    with sign_in(local_org) as org:
        report = org.deployment.deploy(broken, check_only=False)
        assert not report.success
        assert TARGET not in org.tooling.custom_object_names()
    problem = next(each for each in report.errors if "Note__c" in each.full_name)
    assert problem.file == "objects/Invoice__c.object"
    assert problem.line
    assert problem.problem


def test_a_broken_zip_is_told_as_a_whole(local_org: RunningOrg) -> None:
    """No component can be blamed."""
    with sign_in(local_org) as org:
        report = org.deployment.deploy(b"no zip", check_only=True)
    assert not report.success
    assert report.message


def test_a_deployment_survives_a_busy_org(local_org: RunningOrg) -> None:
    """Starting and asking are both repeated."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace(
            "requests: [{path: deployRequest, respond: 503, times: 2}]"
        )
        assert org.deployment.deploy(a_bundle(), check_only=True).success


def test_tooling_sees_what_a_describe_hides(local_org: RunningOrg) -> None:
    """Fields deployed without a permission are there, and nobody sees them."""
    with sign_in(local_org) as org:
        assert org.deployment.deploy(a_bundle(), check_only=False).success
        assert org.tooling.custom_fields(TARGET) == ("Note__c", "Origin_Id__c")
        with pytest.raises(OrgRefused):
            org.describe(TARGET)
        assert org.access.assign(LOADER, org.facts.user_id)
        seen = {field["name"] for field in org.describe(TARGET)["fields"]}
        assert {"Note__c", "Origin_Id__c"} <= seen


def test_tooling_keeps_objects_of_the_same_name_apart() -> None:
    """The customer's Invoice__c and the package's ONB2__Invoice__c."""
    with (
        start_org(OrgSettings(own_objects=True, invoices=1)) as running,
        sign_in(running) as org,
    ):
        assert {TARGET, INVOICE} <= set(org.tooling.custom_object_names())
        own = org.tooling.custom_fields(TARGET)
        packaged = org.tooling.custom_fields(INVOICE)
        both = org.tooling.custom_fields_of([INVOICE, TARGET, ApiName("Account")])
    assert both[TARGET] == own
    assert both[INVOICE] == packaged
    assert both[ApiName("Account")]
    assert len(both[ApiName("Account")]) < len(packaged)
    assert own
    assert not any(name.startswith("ONB2__") for name in own)
    assert "ONB2__Account__c" in packaged


def test_an_assignment_is_made_once(local_org: RunningOrg) -> None:
    """Twice is as good; a permission set that is not there is refused by name."""
    with with_archive(sign_in(local_org)) as org:
        assert not org.access.assign(LOADER, org.facts.user_id)
        with pytest.raises(OrgRefused, match="Nobody"):
            org.access.assign("Nobody", org.facts.user_id)


def test_rights_are_those_of_all_permission_sets(local_org: RunningOrg) -> None:
    """Seen before and after the assignment."""
    with sign_in(local_org) as org:
        user = org.facts.user_id
        held = org.access.held_sets
        before = org.access.object_permissions(held(user), [TARGET, INVOICE])
        assert before[INVOICE].read
        assert before[INVOICE].view_all
        assert not before[TARGET].read
        with_archive(org)
        after = org.access.object_permissions(held(user), [TARGET])[TARGET]
        assert (after.read, after.view_all, after.create, after.edit) == (True,) * 4
        nobody = held("005000000000000AAA")
        assert org.access.object_permissions(nobody, [TARGET]) == {
            TARGET: type(after)()
        }


def test_record_counts_and_the_licence_are_told(local_org: RunningOrg) -> None:
    """Objects without a count and packages that are not there are absent."""
    with sign_in(local_org) as org:
        assert org.access.record_counts([INVOICE])[INVOICE] == 60
        licence = org.access.package_license("ONB2")
        assert licence is not None
        assert licence.status == "Active"
        assert org.access.package_license("NOPE") is None
