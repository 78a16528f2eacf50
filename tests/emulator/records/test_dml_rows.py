"""
Rows in, rows changed, rows gone: keys, parents, duplicates, collections.
"""

from __future__ import annotations

from typing import Any

import httpx

from migrator.emulator.records.dml import apply_rows
from tests.builders.schemas import a_field, an_object
from tests.emulator.conftest import BASE, FULL, Caller, error_of, grant


def _put(caller: Caller, key: str, **values: Any) -> httpx.Response:
    address = f"{BASE}/sobjects/Bill__c/Origin_Id__c/{key}"
    return caller.http.patch(address, json=values)


def test_upsert_creates_then_updates(archive_org: Caller) -> None:
    """201 with created true, then 200 with created false and the same id."""
    first = _put(archive_org, "A1", Name="one")
    second = _put(archive_org, "A1", Name="two")
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    found = archive_org.http.get(f"{BASE}/sobjects/Bill__c/Origin_Id__c/A1").json()
    assert found["Name"] == "two"


def test_case_sensitive_keys_differ_by_case(archive_org: Caller) -> None:
    """`a1` and `A1` are two records where the key is case-sensitive."""
    assert _put(archive_org, "A1").status_code == 201
    assert _put(archive_org, "a1").status_code == 201


def test_an_ambiguous_key_lists_the_records(archive_org: Caller) -> None:
    """300 with the addresses of all records of a key that is not unique."""
    ids = [archive_org.create("Bill__c", Group__c="same") for _ in range(2)]
    answer = archive_org.http.get(f"{BASE}/sobjects/Bill__c/Group__c/same")
    assert answer.status_code == 300
    assert answer.json() == [f"{BASE}/sobjects/Bill__c/{each}" for each in ids]


def test_a_field_that_is_no_key_is_not_found(archive_org: Caller) -> None:
    """Only external ids and indexed fields address a record."""
    answer = archive_org.http.get(f"{BASE}/sobjects/Bill__c/Amount__c/1")
    assert answer.status_code == 404
    assert error_of(answer)[1] == (
        "Provided external ID field does not exist or is not accessible: Amount__c"
    )


def test_duplicates_name_the_record_that_is_there(archive_org: Caller) -> None:
    """The sentence carries the field and the id of the first record."""
    first = archive_org.create("Bill__c", Origin_Id__c="A1")
    assert archive_org.insert_error("Bill__c", Origin_Id__c="A1") == (
        "DUPLICATE_VALUE",
        "duplicate value found: Origin_Id__c duplicates value on record with id: "
        + first[:15],
    )


def test_unique_ignores_case_unless_said_otherwise(archive_org: Caller) -> None:
    """Line's key is unique without being case-sensitive."""
    bill = archive_org.create("Bill__c")
    archive_org.create("Line__c", Bill__c=bill, Origin_Id__c="a0X")
    code, _ = archive_org.insert_error("Line__c", Bill__c=bill, Origin_Id__c="A0x")
    assert code == "DUPLICATE_VALUE"


def test_parents_are_found_by_external_id(archive_org: Caller) -> None:
    """A nested object names the parent; an unknown one is said in so many words."""
    bill = archive_org.create("Bill__c", Origin_Id__c="A1")
    line = archive_org.create("Line__c", Bill__r={"Origin_Id__c": "A1"})
    assert archive_org.value("Line__c", line, "Bill__c") == bill
    assert archive_org.insert_error("Line__c", Bill__r={"Origin_Id__c": "A2"}) == (
        "INVALID_FIELD",
        (
            "Foreign key external ID: A2 not found for field Origin_Id__c in entity "
            "Bill__c"
        ),
    )


def test_dotted_columns_name_parents_too(archive_org: Caller) -> None:
    """The spelling of Bulk CSV: `Bill__r.Origin_Id__c`."""
    bill = archive_org.create("Bill__c", Origin_Id__c="A1")
    org = archive_org.org
    user = org.users.get(org.users.running_id)
    rows = [{"Bill__r.Origin_Id__c": key} for key in ("A1", "A9")]
    good, bad = apply_rows(org, user, "insert", "Line__c", rows)
    assert good.success
    assert archive_org.value("Line__c", str(good.id), "Bill__c") == bill
    assert bad.errors[0].code == "INVALID_FIELD"


def test_required_fields_are_listed(archive_org: Caller) -> None:
    """On insert, and on an update that empties one."""
    sentence = "Required fields are missing: [Bill__c]"
    expected = ("REQUIRED_FIELD_MISSING", sentence)
    assert archive_org.insert_error("Line__c") == expected
    bill = archive_org.create("Bill__c")
    line = archive_org.create("Line__c", Bill__c=bill)
    emptied = archive_org.http.patch(
        f"{BASE}/sobjects/Line__c/{line}", json={"Bill__c": None}
    )
    assert error_of(emptied) == expected


def test_restricted_parents_cannot_be_deleted(archive_org: Caller) -> None:
    """DELETE_FAILED names what hangs on the record; nothing changes."""
    bill = archive_org.create("Bill__c", Name="R-1")
    line = archive_org.create("Line__c", Name="L-1", Bill__c=bill)
    address = f"{BASE}/sobjects/Bill__c/{bill}"
    refused = archive_org.http.delete(address)
    assert error_of(refused) == (
        "DELETE_FAILED",
        (
            "Your attempt to delete R-1 could not be completed because it is "
            "associated with the following lines.: L-1\n"
        ),
    )
    archive_org.http.delete(f"{BASE}/sobjects/Line__c/{line}").raise_for_status()
    assert archive_org.http.delete(address).status_code == 204
    assert archive_org.http.get(address).status_code == 404


def test_details_go_with_their_master(archive_org: Caller) -> None:
    """Master-detail cascades; an optional lookup is emptied."""
    org = archive_org.org
    detail = a_field(
        "Bill2__c",
        "reference",
        length=18,
        nillable=False,
        permissionable=False,
        updateable=False,
        reference_to=("Bill__c",),
        relationship_name="Bill2__r",
        relationship_order=0,
    )
    org.definitions.create_object(
        an_object("Part__c", detail, sharing_model="ControlledByParent")
    )
    grant(org, "Parts", {"Part__c": FULL})
    account = archive_org.create("Account", Name="Muster AG")
    bill = archive_org.create("Bill__c", Customer__c=account)
    part = archive_org.create("Part__c", Bill2__c=bill)
    described = archive_org.http.get(f"{BASE}/sobjects/Part__c/describe").json()
    archive_org.http.delete(f"{BASE}/sobjects/Account/{account}").raise_for_status()
    assert archive_org.value("Bill__c", bill, "Customer__c") is None
    archive_org.http.delete(f"{BASE}/sobjects/Bill__c/{bill}").raise_for_status()
    assert archive_org.http.get(f"{BASE}/sobjects/Part__c/{part}").status_code == 404
    assert "OwnerId" not in {field["name"] for field in described["fields"]}


def test_collections_answer_row_by_row(archive_org: Caller) -> None:
    """Good rows stay when others fail; errors carry statusCode."""
    kind = {"type": "Bill__c"}
    records = [
        {"attributes": kind, "Origin_Id__c": "A1"},
        {"attributes": kind, "Mail__c": "x"},
        {"attributes": kind, "Origin_Id__c": "A1"},
    ]
    answer = archive_org.http.post(
        f"{BASE}/composite/sobjects", json={"allOrNone": False, "records": records}
    ).json()
    assert [each["success"] for each in answer] == [True, False, False]
    assert answer[1]["errors"] == [
        {
            "statusCode": "INVALID_EMAIL_ADDRESS",
            "message": "Mail: invalid email address: x",
            "fields": ["Mail__c"],
        }
    ]
    assert answer[2]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert archive_org.query("SELECT COUNT() FROM Bill__c")["totalSize"] == 1


def test_all_or_none_holds_for_records_of_several_objects(
    archive_org: Caller,
) -> None:
    """One bad record undoes those of other objects, a bad id every delete."""
    url = f"{BASE}/composite/sobjects"
    records = [
        {"attributes": {"type": "Account"}, "Name": "mixed"},
        {"attributes": {"type": "Bill__c"}, "Mail__c": "x"},
    ]
    body = {"allOrNone": True, "records": records}
    codes = [
        each["errors"][0]["statusCode"]
        for each in archive_org.http.post(url, json=body).json()
    ]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_EMAIL_ADDRESS"]
    mixed = "SELECT COUNT() FROM Account WHERE Name = 'mixed'"
    assert archive_org.query(mixed)["totalSize"] == 0
    del records[1]["Mail__c"]
    answer = archive_org.http.post(url, json=body).json()
    assert [each["success"] for each in answer] == [True, True]
    ids = ",".join([*(each["id"] for each in answer), "zzz5g0000000001AAA"])
    deleted = archive_org.http.delete(url, params={"ids": ids, "allOrNone": "true"})
    assert [each["success"] for each in deleted.json()] == [False] * 3
    assert archive_org.query(mixed)["totalSize"] == 1


def test_all_or_none_takes_everything_back(archive_org: Caller) -> None:
    """The innocent rows say that they were rolled back."""
    kind = {"type": "Bill__c"}
    records = [{"attributes": kind}, {"attributes": kind, "Mail__c": "x"}]
    answer = archive_org.http.post(
        f"{BASE}/composite/sobjects", json={"allOrNone": True, "records": records}
    ).json()
    assert answer[0] == {
        "success": False,
        "errors": [
            {
                "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "message": "Record rolled back because not all records were valid and "
                "the request was using AllOrNone header",
                "fields": [],
            }
        ],
    }
    assert archive_org.query("SELECT COUNT() FROM Bill__c")["totalSize"] == 0


def test_collections_update_upsert_and_delete(archive_org: Caller) -> None:
    """The other three verbs, with the refusals of recorded answers."""
    address = f"{BASE}/composite/sobjects"
    kind = {"type": "Bill__c"}
    upserted = archive_org.http.patch(
        f"{address}/Bill__c/Origin_Id__c",
        json={"records": [{"attributes": kind, "Origin_Id__c": key} for key in "ABB"]},
    ).json()
    assert [each["success"] for each in upserted] == [True, False, False]
    assert upserted[0]["created"] is True
    assert upserted[1]["errors"][0]["message"] == "Duplicate external id specified: B"
    record_id = upserted[0]["id"]
    updated = archive_org.http.patch(
        address,
        json={
            "records": [
                {"attributes": kind, "Id": record_id, "Name": "new"},
                {"attributes": kind, "Name": "lost"},
            ]
        },
    ).json()
    assert updated[0] == {"id": record_id, "success": True, "errors": []}
    assert updated[1]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    deleted = archive_org.http.delete(address, params={"ids": f"{record_id},nonsense"})
    assert [each["success"] for each in deleted.json()] == [True, False]


def test_collections_have_a_size(archive_org: Caller) -> None:
    """None and more than 200 are refused as a whole."""
    address = f"{BASE}/composite/sobjects"
    none = archive_org.http.post(address, json={"records": []})
    assert error_of(none) == (
        "REQUIRED_FIELD_MISSING",
        "At least 1 record is required",
    )
    records = [{"attributes": {"type": "Bill__c"}}] * 201
    many = archive_org.http.post(address, json={"records": records})
    assert error_of(many)[0] == "EXCEEDED_ID_LIMIT"


def test_storage_can_be_full(running_org: Any) -> None:
    """Beyond the data storage an insert is refused."""
    caller = running_org(storage_mb=0)
    code, _ = caller.insert_error("Account", Name="One too many")
    assert code == "STORAGE_LIMIT_EXCEEDED"


def test_unknown_ids_are_told_from_deleted_ones(archive_org: Caller) -> None:
    """404 for both, with different codes."""
    bill = archive_org.create("Bill__c")
    archive_org.http.delete(f"{BASE}/sobjects/Bill__c/{bill}").raise_for_status()
    gone = archive_org.http.patch(f"{BASE}/sobjects/Bill__c/{bill}", json={})
    never = archive_org.http.patch(
        f"{BASE}/sobjects/Bill__c/{bill[:12]}zzz", json={"Name": "x"}
    )
    assert (gone.status_code, error_of(gone)[0]) == (404, "ENTITY_IS_DELETED")
    assert (never.status_code, error_of(never)[0]) == (404, "NOT_FOUND")


def test_a_persons_name_is_made_of_its_parts(archive_org: Caller) -> None:
    """Contact.Name cannot be written and is not the id either."""
    record_id = archive_org.create("Contact", FirstName="Eva", LastName="Muster")
    assert archive_org.value("Contact", record_id, "Name") == "Eva Muster"
