"""
Who sees what: field-level security, object permissions, records of others.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from migrator.emulator.org.permissions import ObjectRight
from tests.builders.schemas import an_object
from tests.emulator.conftest import (
    BASE,
    BILL_FIELDS,
    FULL,
    Caller,
    add_archive,
    error_of,
    grant,
    signed_in,
)

_INVOICE = "ONB2__Invoice__c"


def _line(caller: Caller, object_name: str, where: str) -> str:
    """The id of one permission line of the running user."""
    row = caller.records(f"SELECT Id FROM {object_name} WHERE {where} LIMIT 1")[0]
    return str(row["Id"])


def test_a_new_object_does_not_exist_until_it_is_granted(
    running_org: Callable[..., Caller],
) -> None:
    """Describe, SOQL and insert deny it; a set must be granted and assigned."""
    caller = running_org()
    caller.org.definitions.create_object(an_object("Bill__c", *BILL_FIELDS))
    address = f"{BASE}/sobjects/Bill__c/describe"
    before = caller.http.get(address)
    listed = caller.http.get(f"{BASE}/sobjects").json()["sobjects"]
    refusal = caller.refusal("SELECT Id FROM Bill__c")
    grant(caller.org, "Archive", {"Bill__c": FULL})
    after = caller.http.get(address)
    assert (before.status_code, error_of(before)[0]) == (404, "NOT_FOUND")
    assert "Bill__c" not in {each["name"] for each in listed}
    assert refusal[0] == "INVALID_TYPE"
    assert after.status_code == 200
    assert {"Amount__c", "OwnerId"} <= {each["name"] for each in after.json()["fields"]}


def test_a_granted_set_counts_only_when_assigned(archive_org: Caller) -> None:
    """Taking the assignment away hides the object; assigning it shows it again."""
    assignment = _line(
        archive_org,
        "PermissionSetAssignment",
        "PermissionSet.Name = 'Archive'",
    )
    values = archive_org.http.get(
        f"{BASE}/sobjects/PermissionSetAssignment/{assignment}"
    ).json()
    address = f"{BASE}/sobjects/PermissionSetAssignment"
    archive_org.http.delete(f"{address}/{assignment}").raise_for_status()
    hidden = archive_org.refusal("SELECT Id FROM Bill__c")
    pair = {name: values[name] for name in ("AssigneeId", "PermissionSetId")}
    archive_org.create("PermissionSetAssignment", **pair)
    assert hidden[0] == "INVALID_TYPE"
    assert archive_org.records("SELECT Id FROM Bill__c") == []


def test_a_record_that_is_not_seen_cannot_be_referred_to(
    running_org: Callable[..., Caller],
) -> None:
    """There, but another user's: the parent is not accessible."""
    caller = running_org()
    add_archive(caller.org, replace(FULL, view_all=False))
    other = caller.records("SELECT Id FROM User WHERE IsActive = true")
    owner = next(x["Id"] for x in other if x["Id"] != caller.org.users.running_id)
    (bill,) = caller.org.rows.add("Bill__c", [{"Name": "B", "OwnerId": owner}])
    code, _ = caller.insert_error("Line__c", Bill__c=bill, Origin_Id__c="x")
    assert code == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"


def test_a_second_assignment_is_a_duplicate(archive_org: Caller) -> None:
    """The sentence of a real org, with ids of fifteen characters."""
    row = archive_org.records(
        "SELECT AssigneeId, PermissionSetId FROM PermissionSetAssignment LIMIT 1"
    )[0]
    assert archive_org.insert_error("PermissionSetAssignment", **row) == (
        "DUPLICATE_VALUE",
        (
            f"Duplicate PermissionSetAssignment.  Assignee: {row['AssigneeId'][:15]}; "
            f"Permission Set: {row['PermissionSetId'][:15]}"
        ),
    )


def test_a_field_without_permission_is_no_such_column(
    running_org: Callable[..., Caller],
) -> None:
    """Deleting one FieldPermissions row hides the field everywhere but in Tooling."""
    caller = running_org()
    field = "ONB2__Status__c"
    line = _line(caller, "FieldPermissions", f"Field = '{_INVOICE}.{field}'")
    caller.http.delete(f"{BASE}/sobjects/FieldPermissions/{line}").raise_for_status()
    described = caller.http.get(f"{BASE}/sobjects/{_INVOICE}/describe").json()
    code, message = caller.refusal(f"SELECT {field} FROM {_INVOICE}")
    through_parent = caller.refusal(
        f"SELECT ONB2__Invoice__r.{field} FROM ONB2__InvoiceLineItem__c"
    )
    tooling = caller.query(
        "SELECT DeveloperName FROM CustomField WHERE DeveloperName = 'Status' "
        f"AND NamespacePrefix = 'ONB2' "
        f"AND EntityDefinition.QualifiedApiName = '{_INVOICE}'",
        "tooling/query",
    )
    assert field not in {each["name"] for each in described["fields"]}
    assert code == through_parent[0] == "INVALID_FIELD"
    assert f"No such column '{field}'" in message
    assert tooling["totalSize"] == 1


def test_a_readable_field_can_still_be_closed_for_writing(archive_org: Caller) -> None:
    """Describe says so, and writing it is refused by name."""
    line = _line(archive_org, "FieldPermissions", "Field = 'Bill__c.Note__c'")
    archive_org.http.patch(
        f"{BASE}/sobjects/FieldPermissions/{line}", json={"PermissionsEdit": False}
    ).raise_for_status()
    described = archive_org.http.get(f"{BASE}/sobjects/Bill__c/describe").json()
    note = next(each for each in described["fields"] if each["name"] == "Note__c")
    code, message = archive_org.insert_error("Bill__c", Note__c="x")
    assert (note["createable"], note["updateable"]) == (False, False)
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert "Unable to create/update fields: Note__c." in message


def test_package_records_are_read_only_for_the_running_user(
    running_org: Callable[..., Caller],
) -> None:
    """The seeded set reads everything of the package and changes nothing."""
    caller = running_org()
    record_id = caller.records(f"SELECT Id FROM {_INVOICE} LIMIT 1")[0]["Id"]
    answer = caller.http.patch(
        f"{BASE}/sobjects/{_INVOICE}/{record_id}", json={"ONB2__Status__c": "Open"}
    )
    assert answer.status_code == 403
    assert error_of(answer)[0] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_without_view_all_only_owned_records_are_seen(
    running_org: Callable[..., Caller],
) -> None:
    """Sixty of a hundred invoices, and only the lines of those."""
    caller = running_org(invoices=100)
    every_line = caller.query("SELECT COUNT() FROM ONB2__InvoiceLineItem__c")
    for name in (_INVOICE, "ONB2__InvoiceLineItem__c"):
        line = _line(caller, "ObjectPermissions", f"SobjectType = '{name}'")
        caller.http.patch(
            f"{BASE}/sobjects/ObjectPermissions/{line}",
            json={"PermissionsViewAllRecords": False},
        ).raise_for_status()
    owners = {
        row["OwnerId"] for row in caller.records(f"SELECT OwnerId FROM {_INVOICE}")
    }
    some_lines = caller.query("SELECT COUNT() FROM ONB2__InvoiceLineItem__c")
    orphans = caller.query(
        "SELECT COUNT() FROM ONB2__InvoiceLineItem__c "
        "WHERE ONB2__Invoice__r.Name = null"
    )
    assert caller.query(f"SELECT COUNT() FROM {_INVOICE}")["totalSize"] == 60
    assert owners == {caller.org.users.running_id}
    assert 0 < some_lines["totalSize"] < every_line["totalSize"]
    assert orphans["totalSize"] == 0


@pytest.mark.parametrize("modify_all", [False, True])
def test_records_of_others_need_modify_all(
    running_org: Callable[..., Caller], *, modify_all: bool
) -> None:
    """View All shows a private record, Modify All lets it be changed."""
    caller = running_org()
    right = ObjectRight(
        read=True,
        create=True,
        edit=True,
        delete=True,
        view_all=True,
        modify_all=modify_all,
    )
    add_archive(caller.org, right)
    record_id = caller.create("Bill__c")
    other = caller.records("SELECT Id FROM User WHERE Username LIKE 'user1@%'")[0]["Id"]
    address = f"{BASE}/sobjects/Bill__c/{record_id}"
    _assign_archive(caller, other)
    caller.http.patch(address, json={"OwnerId": other}).raise_for_status()
    changed = caller.http.patch(address, json={"Name": "mine"})
    assert caller.value("Bill__c", record_id, "OwnerId") == other
    assert changed.status_code == (204 if modify_all else 403)


def _assign_archive(caller: Caller, user_id: str) -> None:
    set_id = _line(caller, "PermissionSet", "Name = 'Archive'")
    caller.create("PermissionSetAssignment", PermissionSetId=set_id, AssigneeId=user_id)


def test_owners_must_be_able_to_read(archive_org: Caller) -> None:
    """TRANSFER_REQUIRES_READ on insert and on update, until the user may read."""
    other = archive_org.records("SELECT Id FROM User WHERE Username LIKE 'user1@%'")[0]
    mine = archive_org.create("Bill__c")
    code, message = archive_org.insert_error("Bill__c", OwnerId=other["Id"])
    assert (code, message) == (
        "TRANSFER_REQUIRES_READ",
        "The new owner must have read permission",
    )
    moved = archive_org.http.patch(
        f"{BASE}/sobjects/Bill__c/{mine}", json={"OwnerId": other["Id"]}
    )
    assert error_of(moved)[0] == "TRANSFER_REQUIRES_READ"
    _assign_archive(archive_org, other["Id"])
    assert archive_org.create("Bill__c", OwnerId=other["Id"])


def test_inactive_users_cannot_become_owners(archive_org: Caller) -> None:
    """INACTIVE_OWNER_OR_USER without the permission for it."""
    inactive = archive_org.records("SELECT Id FROM User WHERE IsActive = false")[0]
    code, _ = archive_org.insert_error("Bill__c", OwnerId=inactive["Id"])
    assert code == "INACTIVE_OWNER_OR_USER"


def test_audit_fields_open_with_their_permission(archive_org: Caller) -> None:
    """With Create Audit Fields, insert takes CreatedDate; update never does."""
    set_id = _line(archive_org, "PermissionSet", "Name = 'Archive'")
    archive_org.http.patch(
        f"{BASE}/sobjects/PermissionSet/{set_id}",
        json={"PermissionsCreateAuditFields": True},
    ).raise_for_status()
    stamp = "2019-05-06T07:08:09.000+0000"
    record_id = archive_org.create("Bill__c", CreatedDate=stamp)
    changed = archive_org.http.patch(
        f"{BASE}/sobjects/Bill__c/{record_id}", json={"CreatedDate": stamp}
    )
    assert archive_org.value("Bill__c", record_id, "CreatedDate") == stamp
    assert error_of(changed)[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_another_user_has_his_own_rights(archive_org: Caller) -> None:
    """A user without permission sets sees the setup objects and nothing else."""
    token = archive_org.org.users.sign_in("user1@example.org")
    other = signed_in(archive_org.running, token)
    refused = other.refusal("SELECT Id FROM Bill__c")
    users = other.query("SELECT COUNT() FROM User")["totalSize"]
    other.http.close()
    assert refused[0] == "INVALID_TYPE"
    assert users > 1


def test_rights_are_not_for_everybody_to_give(archive_org: Caller) -> None:
    """Assigning a permission set needs the permission for it."""
    row = archive_org.records("SELECT Id FROM PermissionSet LIMIT 1")[0]
    token = archive_org.org.users.sign_in("user1@example.org")
    other = signed_in(archive_org.running, token)
    me = other.http.get("/services/oauth2/userinfo").json()["user_id"]
    code, _ = other.insert_error(
        "PermissionSetAssignment", AssigneeId=me, PermissionSetId=row["Id"]
    )
    other.http.close()
    assert code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_object_permissions_depend_on_each_other(archive_org: Caller) -> None:
    """Without Read there is no Edit; the sentence names what is missing."""
    line = _line(archive_org, "ObjectPermissions", "SobjectType = 'Bill__c'")
    answer = archive_org.http.patch(
        f"{BASE}/sobjects/ObjectPermissions/{line}",
        json={"PermissionsRead": False, "PermissionsCreate": False},
    )
    code, message = error_of(answer)
    assert code == "FIELD_INTEGRITY_EXCEPTION"
    assert message == "Permission Edit Bill__c depends on permission(s): Read Bill__c"
