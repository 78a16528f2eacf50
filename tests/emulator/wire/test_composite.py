"""
Composite, batch and parent-to-child subqueries.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

from typing import Any

from tests.emulator.conftest import BASE, Caller, error_of


def send(
    caller: Caller, *wanted: dict[str, Any], all_or_none: bool = False
) -> list[dict[str, Any]]:
    """The answers of a composite call."""
    body = {"allOrNone": all_or_none, "compositeRequest": list(wanted)}
    answer = caller.http.post(f"{BASE}/composite", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["compositeResponse"]
    return found


def a_bill(**values: Any) -> dict[str, Any]:
    """A subrequest that inserts a bill."""
    return {
        "method": "POST",
        "url": f"{BASE}/sobjects/Bill__c",
        "referenceId": "bill",
        "body": values,
    }


def test_later_requests_use_earlier_answers(archive_org: Caller) -> None:
    """A bill, its line by the reference, and a query that finds both."""
    line = {
        "method": "POST",
        "url": f"{BASE}/sobjects/Line__c",
        "referenceId": "line",
        "body": {"Bill__c": "@{bill.id}"},
    }
    query = {
        "method": "GET",
        "url": f"{BASE}/query?q=SELECT Name FROM Bill__c WHERE Id = '@{{bill.id}}'",
        "referenceId": "found",
    }
    made, child, found = send(archive_org, a_bill(Name="7 & 8"), line, query)
    assert (made["httpStatusCode"], child["httpStatusCode"]) == (201, 201)
    assert made["httpHeaders"]["Location"].endswith(made["body"]["id"])
    assert found["body"]["records"][0]["Name"] == "7 & 8"
    parent = archive_org.value("Line__c", child["body"]["id"], "Bill__c")
    assert parent == made["body"]["id"]


def test_one_failure_undoes_all_when_asked(archive_org: Caller) -> None:
    """With allOrNone the good row is halted; without it, it stays."""
    wrong = a_bill(Nonsense__c="x") | {"referenceId": "wrong"}
    good, bad = send(archive_org, a_bill(Name="gone"), wrong, all_or_none=True)
    assert good["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert bad["httpStatusCode"] == 400
    assert archive_org.records("SELECT Id FROM Bill__c") == []
    good, bad = send(archive_org, a_bill(Name="kept"), wrong)
    assert (good["httpStatusCode"], bad["httpStatusCode"]) == (201, 400)
    assert len(archive_org.records("SELECT Id FROM Bill__c")) == 1


def test_a_batch_says_what_failed(shared_org: Caller) -> None:
    """Independent requests, each with its status."""
    wanted = [
        {"method": "GET", "url": "v66.0/query?q=SELECT COUNT() FROM Account"},
        {"method": "GET", "url": "v66.0/sobjects/Nonsense__c"},
    ]
    body = {"batchRequests": wanted}
    answer = shared_org.http.post(f"{BASE}/composite/batch", json=body).json()
    assert answer["hasErrors"] is True
    assert [each["statusCode"] for each in answer["results"]] == [200, 404]
    assert answer["results"][0]["result"]["totalSize"] > 0


def test_malformed_composites_are_refused(shared_org: Caller) -> None:
    """No list, too many, a name twice, a reference to nothing."""
    many = [a_bill() | {"referenceId": f"r{n}"} for n in range(26)]
    for body in ({}, {"compositeRequest": many}, {"compositeRequest": [a_bill()] * 2}):
        answer = shared_org.http.post(f"{BASE}/composite", json=body)
        assert answer.status_code == 400
        assert error_of(answer)[0]
    (found,) = send(shared_org, a_bill(Name="@{nobody.id}"))
    assert "Invalid reference specified" in found["body"][0]["message"]


def test_children_come_with_their_parents(archive_org: Caller) -> None:
    """A subquery per parent; null where there are no children."""
    bill = archive_org.create("Bill__c", Name="with")
    archive_org.create("Bill__c", Name="without")
    archive_org.create("Line__c", Bill__c=bill)
    lines_of = "(SELECT Id, Bill__r.Name FROM Lines__r)"
    query = f"SELECT Name, {lines_of} FROM Bill__c ORDER BY Name"
    found = archive_org.records(query)
    lines = found[0]["Lines__r"]
    assert (lines["totalSize"], lines["done"]) == (1, True)
    assert lines["records"][0]["Bill__r"]["Name"] == "with"
    assert found[1] == {"Name": "without", "Lines__r": None}
    code, message = archive_org.refusal(
        "SELECT (SELECT Id FROM Nobody__r) FROM Bill__c"
    )
    assert code == "INVALID_TYPE"
    assert "Didn't understand relationship 'Nobody__r' in FROM part" in message


def test_columns_describe_a_query(archive_org: Caller) -> None:
    """Plain columns, parents as join columns, aggregates marked."""
    soql = "SELECT Id, Customer__r.Name FROM Bill__c"
    parameters = {"q": soql, "columns": "true"}
    found = archive_org.http.get(f"{BASE}/query", params=parameters).json()
    names = [each["columnName"] for each in found["columnMetadata"]]
    assert names == ["Id", "Customer__r"]
    assert found["columnMetadata"][1]["joinColumns"][0]["columnName"] == "Name"
    assert (found["entityName"], found["idSelected"]) == ("Bill__c", True)
