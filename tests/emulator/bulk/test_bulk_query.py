"""
Query jobs: what is refused, the CSV, and pages that stay as they were.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    field_line,
    xml,
)

INVOICES = "SELECT Id, Name FROM ONB2__Invoice__c"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The default org with a few invoices, and a place on its accounts."""
    place = a_field("Place__c", "Location", scale=5, displayLocationInDecimal=True)
    data = a_zip(
        {
            "package.xml": a_manifest(
                CustomField=["Account.Place__c"], PermissionSet=["Places"]
            ),
            "objects/Account.object": xml("CustomObject", place),
            "permissionsets/Places.permissionset": a_permission_set(
                field_line("Account.Place__c")
            ),
        }
    )
    with start_org(OrgSettings(invoices=25)) as running:
        made = Client(running=running)
        assert made.deploy(data)["status"] == "Succeeded"
        made.assign("Places")
        yield made


def create(client: Client, query: str, **more: object) -> httpx.Response:
    """POST a query job."""
    body = {"operation": "query", "query": query} | more
    return client.call("POST", "/jobs/query", json=body)


def finished(client: Client, job_id: str) -> dict[str, Any]:
    """The job once it has ended."""
    for _ in range(2_000):
        job: dict[str, Any] = client.call("GET", f"/jobs/query/{job_id}").json()
        if job["state"] in {"JobComplete", "Failed", "Aborted"}:
            return job
        time.sleep(0.005)
    raise AssertionError(job)


def complete(client: Client, query: str, **more: object) -> dict[str, Any]:
    """A finished job."""
    answer = create(client, query, **more)
    assert answer.status_code == 200, answer.text
    return finished(client, answer.json()["id"])


def page(client: Client, job: dict[str, Any], **query: object) -> httpx.Response:
    """One page of results."""
    return client.call("GET", f"/jobs/query/{job['id']}/results", params=query)


def rows(text: str) -> list[list[str]]:
    """Header and rows of a CSV page."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_job_has_the_documented_fields(client: Client) -> None:
    """It waits in UploadComplete and counts its records in the end."""
    job = create(client, INVOICES).json()
    assert job["state"] == "UploadComplete"
    assert job["object"] == "ONB2__Invoice__c"
    assert job["id"].startswith("750")
    done = finished(client, job["id"])
    assert done["state"] == "JobComplete"
    assert done["jobType"] == "V2Query"
    assert done["numberRecordsProcessed"] == 25
    assert done["isPkChunkingSupported"] is True
    ordered = complete(client, f"{INVOICES} ORDER BY Name")
    assert ordered["isPkChunkingSupported"] is False


def test_the_last_locator_is_the_word_null(client: Client) -> None:
    """Also of an only page, with the count and the columns of the query."""
    answer = page(client, complete(client, INVOICES))
    assert answer.headers["Sforce-Locator"] == "null"
    assert answer.headers["Sforce-NumberOfRecords"] == "25"
    header, *records = rows(answer.text)
    assert header == ["Id", "Name"]
    assert len(records) == 25
    assert answer.text.startswith('"Id","Name"\n"')
    assert answer.text.endswith('"\n')
    assert "\r" not in answer.text


def test_pages_follow_their_locators(client: Client) -> None:
    """Each page has its header, a locator read twice gives the same bytes."""
    job = complete(client, INVOICES)
    found: list[list[str]] = []
    locator: str | None = None
    sizes = []
    while locator != "null":
        query = {"maxRecords": 10} | ({"locator": locator} if locator else {})
        answer = page(client, job, **query)
        assert answer.content == page(client, job, **query).content
        sizes.append(int(answer.headers["Sforce-NumberOfRecords"]))
        found += rows(answer.text)[1:]
        locator = answer.headers["Sforce-Locator"]
    assert sizes == [10, 10, 5]
    assert len({record[0] for record in found}) == 25


def test_result_pages_can_be_read_side_by_side(client: Client) -> None:
    """Five addresses at a time and where the next five are."""
    job = complete(client, INVOICES)
    path = f"/jobs/query/{job['id']}/resultPages"
    first = client.call("GET", path, params={"maxRecords": 4}).json()
    assert (len(first["resultPages"]), first["done"]) == (5, False)
    root = client.base.partition("/services/")[0]
    headers = {"Authorization": f"Bearer {client.running.token}"}
    last = httpx.get(
        root + first["nextRecordsUrl"],
        headers=headers,
        verify=False,  # noqa: S501
    ).json()
    assert (len(last["resultPages"]), last["done"]) == (2, True)
    ids = set()
    for entry in first["resultPages"] + last["resultPages"]:
        answer = httpx.get(
            root + entry["resultUrl"],
            headers=headers,
            verify=False,  # noqa: S501
        )
        ids |= {record[0] for record in rows(answer.text)[1:]}
    assert len(ids) == 25
    old = Client(running=client.running, version="60.0")
    assert old.call("GET", path).status_code == 409


REFUSED = [
    (
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "Aggregate Relationships not supported in Bulk Query",
    ),
    (
        "SELECT Id, Place__c FROM Account",
        "Selecting compound data not supported in Bulk Query",
    ),
    (
        "SELECT COUNT(Id) FROM Account",
        "Aggregate functions and GROUP BY not supported in Bulk Query",
    ),
    (
        "SELECT Name FROM Account GROUP BY Name",
        "Aggregate functions and GROUP BY not supported in Bulk Query",
    ),
    (
        "SELECT Id FROM Account LIMIT 5 OFFSET 5",
        "OFFSET not supported in Bulk Query",
    ),
    (
        "SELECT TYPEOF Owner WHEN User THEN Name END FROM Account",
        "TYPEOF is not supported in Bulk Query",
    ),
    (
        "SELECT FIELDS(ALL) FROM Account LIMIT 200",
        "The SOQL FIELDS function is not supported in Bulk Query",
    ),
]


@pytest.mark.parametrize(("query", "sentence"), REFUSED)
def test_a_query_is_refused(client: Client, query: str, sentence: str) -> None:
    """API_ERROR with the sentence, and no job."""
    answer = create(client, query)
    assert answer.status_code == 400
    assert answer.json() == [{"message": sentence, "errorCode": "API_ERROR"}]


def test_a_wrong_query_is_refused_like_any_query(client: Client) -> None:
    """The parser's and the schema's own errors."""
    answer = create(client, "SELECT FROM Account")
    assert answer.json()[0]["errorCode"] == "MALFORMED_QUERY"
    answer = create(client, "SELECT Gone__c FROM Account")
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"


def test_conditions_may_hold_semi_joins(client: Client) -> None:
    """Only the SELECT list must be without subqueries."""
    query = (
        "SELECT Id FROM Account WHERE Name != 'OFFSET 1' AND Id IN "
        "(SELECT ONB2__Account__c FROM ONB2__Invoice__c)"
    )
    assert complete(client, query)["numberRecordsProcessed"] > 0


def test_a_job_is_aborted_and_deleted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a finished job is deleted; another state is refused."""
    monkeypatch.setattr(client.running.services.bulk_queries, "latency_s", 0.3)
    job = create(client, INVOICES).json()
    path = f"/jobs/query/{job['id']}"
    assert page(client, job).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert client.call("DELETE", path).status_code == 400
    assert client.call("PATCH", path, json={"state": "Paused"}).status_code == 400
    assert client.call("PATCH", path, json={"state": "Aborted"}).status_code == 200
    assert client.call("DELETE", path).status_code == 204
    assert client.call("GET", path).status_code == 404


def test_a_job_has_the_rows_of_the_moment_it_was_created(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record made while the job waits is not in it."""
    monkeypatch.setattr(client.running.services.bulk_queries, "latency_s", 0.2)
    query = "SELECT Id, Name FROM Account"
    job = create(client, query).json()
    made = client.call("POST", "/sobjects/Account", json={"Name": "Late"})
    assert made.status_code == 201, made.text
    finished(client, job["id"])
    text = page(client, job).text
    assert '"Late"' not in text
    assert '"Late"' in page(client, complete(client, query)).text


def test_results_can_come_compressed(client: Client) -> None:
    """Asked for, the page travels as gzip."""
    answer = page(client, complete(client, INVOICES))
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.call(
        "GET",
        f"/jobs/query/{complete(client, INVOICES)['id']}/results",
        headers={"Accept-Encoding": "identity"},
    )
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


def test_a_strange_locator_is_refused(client: Client) -> None:
    """Locators are not made by clients."""
    job = complete(client, INVOICES)
    for locator in ("abc", "", "OTk5OTk"):
        answer = page(client, job, locator=locator, maxRecords=5)
        expected = 200 if not locator else 400
        assert answer.status_code == expected
    assert page(client, job, maxRecords=0).status_code == 400


def test_the_delimiter_and_line_ending_of_the_job_are_used(client: Client) -> None:
    """Header and rows follow the job."""
    job = complete(client, INVOICES, columnDelimiter="PIPE", lineEnding="CRLF")
    text = page(client, job).text
    assert text.startswith('"Id"|"Name"\r\n"')
    assert text.count("\r\n") == 26


def test_a_stopped_org_leaves_no_files() -> None:
    """What jobs took in and gave out goes with the org, not with the process."""
    with start_org(OrgSettings(invoices=1)) as running:
        services = running.services
        folders = (services.ingest.folder, services.bulk_queries.folder)
        complete(Client(running=running), INVOICES)
        assert any(folders[1].iterdir())
    assert not any(each.exists() for each in folders)
