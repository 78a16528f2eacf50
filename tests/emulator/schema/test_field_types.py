"""
One row a field type: the tables agree, and a new number is a row and nothing else.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.emulator.schema.field_types import (
    API_TYPES,
    CUSTOM_TYPES,
    FILE_TYPES,
    ApiType,
    CustomType,
    Holds,
)
from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    an_object,
    field_line,
    object_line,
    problems,
)

API_ROW = ApiType(
    word="temperature",
    metadata="Temperature",
    holds=Holds.NUMBER,
    soap="xsd:double",
    groupable=False,
)
CUSTOM_ROW = CustomType(
    word="Temperature",
    api="temperature",
    own="precision scale defaultValue",
    needs="precision scale",
    has_digits=True,
)


def test_the_tables_name_each_other() -> None:
    """Every metadata type has an API type, and the other way round."""
    assert {each.api for each in CUSTOM_TYPES.values()} <= set(API_TYPES)
    assert {each.metadata for each in API_TYPES.values()} <= set(CUSTOM_TYPES)
    assert set(FILE_TYPES.values()) <= set(CUSTOM_TYPES)
    assert all(word == each.word for word, each in API_TYPES.items())
    assert all(word == each.word for word, each in CUSTOM_TYPES.items())


@pytest.mark.parametrize("word", CUSTOM_TYPES)
def test_a_type_takes_what_it_needs(word: str) -> None:
    """An element that must be there is one of its own."""
    row = CUSTOM_TYPES[word]
    assert set(row.needs.split()) <= row.elements


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An org whose tables have one more row each, with a field of that type."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(API_TYPES, API_ROW.word, API_ROW)
        patch.setitem(CUSTOM_TYPES, CUSTOM_ROW.word, CUSTOM_ROW)
        with start_org(OrgSettings(invoices=1)) as running:
            made = Client(running=running)
            result = made.deploy(_package(precision=5, scale=2))
            assert result["status"] == "Succeeded", problems(result)
            made.assign("Weather")
            yield made


def _package(**elements: object) -> bytes:
    lines = (
        field_line("Day__c.High__c"),
        "<label>Weather</label>",
        object_line("Day__c", viewAllRecords=True),
    )
    rights = a_permission_set("\n".join(lines)).replace(
        "<label>Paper Reader</label>", ""
    )
    members = a_manifest(CustomObject=["Day__c"], PermissionSet=["Weather"])
    high = a_field("High__c", "Temperature", **elements)
    return a_zip(
        {
            "package.xml": members,
            "objects/Day__c.object": an_object(high, label="Day"),
            "permissionsets/Weather.permissionset": rights,
        }
    )


def test_a_new_number_is_checked(client: Client) -> None:
    """Its digits must be there, and there is a most of them."""
    wanting = problems(client.deploy(_package(precision=5)))
    assert wanting == ["Must specify 'scale' for a CustomField of type Temperature"]
    foreign = problems(client.deploy(_package(precision=5, scale=2, length=9)))
    assert foreign == ["Can not specify 'length' for a CustomField of type Temperature"]
    (large,) = problems(client.deploy(_package(precision=19, scale=2)))
    assert large.startswith("The sum of length and decimal places")


def test_a_new_number_is_described(client: Client) -> None:
    """Its type, its digits, and what queries may do with it; and it is read back."""
    fields = client.call("GET", "/sobjects/Day__c/describe").json()["fields"]
    (field,) = (each for each in fields if each["name"] == "High__c")
    told = ("type", "soapType", "precision", "scale", "groupable", "aggregatable")
    expected = ["temperature", "xsd:double", 5, 2, False, True]
    assert [field[name] for name in told] == expected
    soql = (
        "SELECT DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName"
    )
    shown = client.query(f"{soql} = 'Day__c' AND QualifiedApiName = 'High__c'")
    assert shown[0]["DataType"] == "Temperature(3, 2)"


def test_a_new_number_is_kept_and_asked_for(client: Client) -> None:
    """Cut, refused when too large, compared and added up as a number."""
    for value in (9.5, 10.129, -3):
        body = {"Name": "day", "High__c": value}
        assert client.call("POST", "/sobjects/Day__c", json=body).status_code == 201
    refused = client.call("POST", "/sobjects/Day__c", json={"High__c": 1000})
    assert refused.json()[0]["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"
    found = client.query(
        "SELECT High__c FROM Day__c WHERE High__c > 9 ORDER BY High__c"
    )
    assert [each["High__c"] for each in found] == [9.5, 10.12]
    (total,) = client.query("SELECT SUM(High__c) total FROM Day__c")
    assert total["total"] == 16.62
    query = {"q": "SELECT Id FROM Day__c WHERE High__c = 'warm'"}
    answer = client.call("GET", "/query", params=query)
    assert "must be of type double and should not be enclosed" in answer.text
    assert _in_bulk(client) == [["-3.0"], ["9.5"], ["10.12"]]


def _in_bulk(client: Client) -> list[list[str]]:
    body = {
        "operation": "query",
        "query": "SELECT High__c FROM Day__c ORDER BY High__c",
    }
    path = f"/jobs/query/{client.call('POST', '/jobs/query', json=body).json()['id']}"
    for _ in range(1_000):
        if client.call("GET", path).json()["state"] == "JobComplete":
            break
        time.sleep(0.01)
    text = client.call("GET", f"{path}/results").text
    _header, *rows = csv.reader(io.StringIO(text, newline=""))
    return rows


def test_a_new_number_is_ingested(client: Client) -> None:
    """A cell that is no number is the reader's refusal, its echo a double."""
    job = _ingested(client, "Name,High__c\nmild,warm\nhot,38.5\n")
    failed = client.call("GET", f"{job}/failedResults").text
    assert "'warm' is not a valid value for the type xsd:double" in failed
    (record,) = client.query("SELECT Id, High__c FROM Day__c WHERE Name = 'hot'")
    assert record["High__c"] == 38.5
    client.call("DELETE", f"/sobjects/Day__c/{record['Id']}")


def _ingested(client: Client, text: str) -> str:
    body: dict[str, Any] = {"object": "Day__c", "operation": "insert"}
    made = client.call("POST", "/jobs/ingest", json=body).json()["id"]
    path = f"/jobs/ingest/{made}"
    kind = {"Content-Type": "text/csv"}
    client.call("PUT", f"{path}/batches", content=text.encode(), headers=kind)
    client.call("PATCH", path, json={"state": "UploadComplete"})
    for _ in range(1_000):
        if client.call("GET", path).json()["state"] == "JobComplete":
            break
        time.sleep(0.01)
    return path
