"""
Describes: the shape of real ones, for loaded and for deployed objects.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders.schemas import a_field, an_object
from tests.conftest import SHARED_DATA
from tests.emulator.conftest import BASE, BILL_FIELDS, Caller, grant


def _describe(caller: Caller, name: str) -> dict[str, Any]:
    answer = caller.http.get(f"{BASE}/sobjects/{name}/describe")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _fields(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in described["fields"]}


@pytest.mark.shared_data
def test_describes_have_the_keys_of_real_ones(archive_org: Caller) -> None:
    """45 keys at top level, 57 a field, for loaded, standard and new objects."""
    folder = SHARED_DATA / "describes" / "cumulusci"
    real = json.loads((folder / "Account_PersonAccount.json").read_text())
    for name in ("ONB2__Invoice__c", "Organization", "Bill__c"):
        described = _describe(archive_org, name)
        assert set(described) == set(real)
        assert set(described["urls"]) >= set(real["urls"]) - {"listviews"}
        for field in described["fields"]:
            assert set(field) == set(real["fields"][0])
        for child in described["childRelationships"]:
            assert set(child) == set(real["childRelationships"][0])
        for record_type in described["recordTypeInfos"]:
            assert set(record_type) == set(real["recordTypeInfos"][0])


@pytest.mark.shared_data
def test_real_describes_can_be_the_schema(running_org: Callable[..., Caller]) -> None:
    """An org of other people's describes answers with the same fields."""
    folder = SHARED_DATA / "describes" / "cumulusci"
    caller = running_org(describes=folder, invoices=0)
    real = json.loads((folder / "Opportunity.json").read_text())
    described = _describe(caller, "Opportunity")
    assert set(_fields(described)) == {field["name"] for field in real["fields"]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Origin_Id__c",
            {
                "type": "string",
                "length": 18,
                "byteLength": 54,
                "externalId": True,
                "idLookup": True,
                "unique": True,
                "caseSensitive": True,
                "soapType": "xsd:string",
                "nillable": True,
                "createable": True,
                "permissionable": True,
            },
        ),
        (
            "Amount__c",
            {
                "type": "currency",
                "precision": 18,
                "scale": 2,
                "length": 0,
                "byteLength": 0,
                "soapType": "xsd:double",
                "groupable": False,
                "aggregatable": True,
            },
        ),
        (
            "Paid__c",
            {
                "type": "boolean",
                "nillable": False,
                "defaultedOnCreate": True,
                "defaultValue": True,
                "aggregatable": False,
                "soapType": "xsd:boolean",
            },
        ),
        (
            "Note__c",
            {
                "type": "textarea",
                "length": 1000,
                "filterable": False,
                "sortable": False,
                "groupable": False,
            },
        ),
        (
            "Customer__c",
            {
                "type": "reference",
                "referenceTo": ["Account"],
                "relationshipName": "Customer__r",
                "relationshipOrder": None,
                "byteLength": 18,
                "soapType": "tns:ID",
                "restrictedDelete": False,
            },
        ),
    ],
)
def test_a_deployed_field_describes_itself(
    archive_org: Caller, name: str, expected: dict[str, Any]
) -> None:
    """Attributes by type, as a real org shows them."""
    field = _fields(_describe(archive_org, "Bill__c"))[name]
    assert {key: field[key] for key in expected} == expected


def test_a_new_object_has_its_system_fields_and_prefix(archive_org: Caller) -> None:
    """Id, owner, name, currency and audit fields; a prefix nobody else has."""
    bill, line = (_describe(archive_org, name) for name in ("Bill__c", "Line__c"))
    system = {"Id", "OwnerId", "Name", "CurrencyIsoCode", "CreatedDate", "IsDeleted"}
    assert system <= set(_fields(bill))
    assert bill["keyPrefix"] != line["keyPrefix"]
    record_id = archive_org.create("Bill__c")
    assert record_id.startswith(bill["keyPrefix"])
    assert _fields(bill)["CreatedDate"]["createable"] is False


def test_children_are_known_to_their_parent(archive_org: Caller) -> None:
    """ChildRelationships carries the name given in the metadata, and the rule."""
    children = _describe(archive_org, "Bill__c")["childRelationships"]
    files = {"Attachment", "ContentDocumentLink", "ContentVersion"}
    assert files < {each["childSObject"] for each in children}
    assert [each for each in children if each["childSObject"] not in files] == [
        {
            "cascadeDelete": False,
            "childSObject": "Line__c",
            "deprecatedAndHidden": False,
            "field": "Bill__c",
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": "Lines__r",
            "restrictedDelete": True,
        }
    ]
    account = _describe(archive_org, "Account")["childRelationships"]
    names = {each["relationshipName"] for each in account}
    assert "Bills__r" in names
    assert any((name or "").startswith("ONB2__") for name in names)


def test_global_describe_lists_visible_objects(shared_org: Caller) -> None:
    """Every entry has the keys of its own describe."""
    listed = shared_org.http.get(f"{BASE}/sobjects").json()
    by_name = {each["name"]: each for each in listed["sobjects"]}
    described = _describe(shared_org, "ONB2__Invoice__c")
    brief = by_name["ONB2__Invoice__c"]
    assert listed["maxBatchSize"] == 200
    assert brief["keyPrefix"] == described["keyPrefix"]
    assert set(brief) <= set(described) | {"urls"}


def test_an_unchanged_describe_is_not_sent_again(archive_org: Caller) -> None:
    """304 for If-Modified-Since, until schema or rights change."""
    address = f"{BASE}/sobjects/Bill__c/describe"
    headers = archive_org.http.get(address).headers
    stamp = headers["Last-Modified"]
    assert headers["ETag"]
    since = {"If-Modified-Since": stamp}
    assert archive_org.http.get(address, headers=since).status_code == 304
    archive_org.org.definitions.create_field("Bill__c", a_field("Later__c"))
    assert archive_org.http.get(address, headers=since).status_code == 200


def test_tooling_finds_what_describe_hides(archive_org: Caller) -> None:
    """CustomObject and CustomField by name, joined by TableEnumOrId."""
    found = archive_org.query(
        "SELECT Id, DeveloperName, NamespacePrefix FROM CustomObject "
        "WHERE DeveloperName = 'Invoice' AND NamespacePrefix = 'ONB2'",
        "tooling/query",
    )
    durable_id = found["records"][0]["Id"]
    fields = archive_org.query(
        f"SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = '{durable_id}'",
        "tooling/query",
    )
    assert found["entityTypeName"] == "CustomObject"
    assert (found["size"], found["totalSize"]) == (1, 1)
    assert durable_id.startswith("01I")
    assert fields["totalSize"] > 100


def test_tooling_sees_a_field_that_nobody_may_see(archive_org: Caller) -> None:
    """A field just created is in CustomField and not in describe."""
    field_id = archive_org.org.definitions.create_field("Bill__c", a_field("Secret__c"))
    found = archive_org.query(
        "SELECT Id FROM CustomField WHERE DeveloperName = 'Secret'", "tooling/query"
    )
    assert [row["Id"] for row in found["records"]] == [field_id]
    assert "Secret__c" not in _fields(_describe(archive_org, "Bill__c"))


def test_full_names_are_for_one_row_only(shared_org: Caller) -> None:
    """FullName over several rows is refused as in the Tooling API."""
    answer = shared_org.http.get(
        f"{BASE}/tooling/query", params={"q": "SELECT FullName FROM CustomField"}
    )
    assert answer.status_code == 400
    assert "no more than one row" in answer.json()[0]["message"]


def test_a_deleted_object_is_gone(archive_org: Caller) -> None:
    """Describe, records and permission lines go together; the name is free again."""
    org = archive_org.org
    org.definitions.delete_object("Line__c")
    assert archive_org.http.get(f"{BASE}/sobjects/Line__c/describe").status_code == 404
    lines = archive_org.query(
        "SELECT COUNT() FROM ObjectPermissions WHERE SobjectType = 'Line__c'"
    )
    assert lines["totalSize"] == 0
    org.definitions.create_object(an_object("Line__c", *BILL_FIELDS))
    grant(org, "Again", {})


def test_a_deleted_field_is_gone(archive_org: Caller) -> None:
    """The column leaves describe and SOQL, other values stay."""
    record_id = archive_org.create("Bill__c", Name="kept", Group__c="x")
    archive_org.org.definitions.delete_field("Bill__c", "Group__c")
    assert "Group__c" not in _fields(_describe(archive_org, "Bill__c"))
    assert archive_org.value("Bill__c", record_id, "Name") == "kept"
