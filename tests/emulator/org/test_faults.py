"""
Configured trouble happens where the plan says, and nowhere else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.faults import Faults
from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import Client
from tests.emulator.bulk.test_bulk_ingest import load, paper_package, results
from tests.emulator.bulk.test_bulk_query import complete, page


@pytest.fixture(scope="module")
def org() -> Iterator[Client]:
    """An org with Paper__c, shared by the module."""
    with start_org(OrgSettings(invoices=25)) as running:
        client = Client(running=running)
        assert client.deploy(paper_package())["status"] == "Succeeded"
        client.assign("Loader")
        yield client


@pytest.fixture
def client(org: Client) -> Iterator[Client]:
    """The org with no fault left from another test."""
    plan(org, "{}")
    yield org
    plan(org, "{}")


def plan(client: Client, text: str, status: int = 200) -> None:
    """Put a plan in force."""
    answer = httpx.post(
        f"{client.running.url}/emulator/faults",
        content=text.encode(),
        verify=False,  # noqa: S501
    )
    assert answer.status_code == status, answer.text


def held(client: Client) -> int:
    """How many requests wait."""
    url = f"{client.running.url}/emulator/faults"
    number: int = httpx.get(url, verify=False).json()["held"]  # noqa: S501
    return number


def test_the_nth_request_is_answered_with_503(client: Client) -> None:
    """Only the second match, once."""
    plan(client, "requests: [{path: /limits, nth: 2, respond: 503}]")
    codes = [client.call("GET", "/limits").status_code for _ in range(3)]
    assert codes == [200, 503, 200]


def test_a_soap_request_fails_in_the_shape_of_soap(client: Client) -> None:
    """A fault with the code, as any other SOAP refusal."""
    plan(client, "requests: [{path: /Soap/, nth: 1, respond: 401}]")
    answer = httpx.post(
        f"{client.running.url}/services/Soap/m/66.0",
        content=b"<x/>",
        verify=False,  # noqa: S501
    )
    assert answer.status_code == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.text


def test_a_connection_is_reset_before_and_within_an_answer(client: Client) -> None:
    """The client sees a broken connection, not a short answer."""
    for size in (0, 10):
        plan(
            client,
            f"requests: [{{path: /limits, nth: 1, reset_after: {size}}}]",
        )
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.call("GET", "/limits")
        assert client.call("GET", "/limits").status_code == 200


def test_an_answer_is_delayed(client: Client) -> None:
    """The request takes at least as long as the plan says."""
    plan(client, "requests: [{path: /limits, delay: 0.2}]")
    began = time.monotonic()
    assert client.call("GET", "/limits").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_token_that_has_expired_stays_so(client: Client) -> None:
    """401 INVALID_SESSION_ID from the chosen request on; a new token is good."""
    plan(client, "requests: [{path: /limits, nth: 2, expire_token: true}]")
    codes = [client.call("GET", "/limits").status_code for _ in range(3)]
    assert codes == [200, 401, 401]
    signed_in = httpx.post(
        f"{client.running.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        verify=False,  # noqa: S501
    )
    assert client.call("GET", "/limits").status_code == 401
    reply = httpx.get(
        f"{client.running.url}/services/data/v66.0/limits",
        headers={"Authorization": f"Bearer {signed_in.json()['access_token']}"},
        verify=False,  # noqa: S501
    )
    assert reply.status_code == 200
    plan(client, "")


def test_a_page_loses_its_last_cell_and_keeps_its_count(client: Client) -> None:
    """The body is shorter than announced in records, not in bytes."""
    job = complete(client, "SELECT Id, Name FROM ONB2__Invoice__c")
    whole = page(client, job)
    plan(client, "requests: [{path: /results, nth: 1, truncate: cell}]")
    cut = page(client, job)
    assert cut.status_code == 200
    assert cut.headers["Sforce-NumberOfRecords"] == "25"
    assert whole.content.startswith(cut.content)
    assert whole.content[len(cut.content) :].count(b",") == 1
    assert page(client, job).content == whole.content


@pytest.mark.parametrize(("when", "happened"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("end", ["release", "lose"])
def test_a_request_is_held_before_or_after_it_took_effect(
    client: Client, when: str, happened: int, end: str
) -> None:
    """The test may look at the org, kill the client, or lose the request."""
    path = "/jobs/ingest"
    plan(client, f"requests: [{{hold: {{request: 1, when: {when}}}, path: ingest}}]")
    jobs = client.running.services.ingest
    before = len(jobs.all())
    answers: list[int] = []

    def send() -> None:
        body = {"object": "Paper__c", "operation": "insert"}
        with suppress(httpx.TransportError):
            answers.append(client.call("POST", path, json=body).status_code)

    thread = threading.Thread(target=send)
    thread.start()
    for _ in range(200):
        if held(client):
            break
        time.sleep(0.01)
    time.sleep(0.05)
    assert held(client) == 1
    assert answers == []
    assert len(jobs.all()) - before == happened
    plan(client, f"{end}: true")
    thread.join(5)
    assert answers == ([200] if end == "release" else [])
    assert len(jobs.all()) - before == (1 if end == "release" else happened)


def rows(number: int, prefix: str) -> str:
    """A file of *number* keys."""
    keys = "\n".join(f"{prefix}-{each:04}" for each in range(number))
    return f"Key__c\n{keys}\n"


def test_a_job_fails_with_unprocessed_rows(client: Client) -> None:
    """What was committed stays, the rest is unprocessed, the sum is right."""
    plan(
        client,
        'bulk: [{object: Paper__c, fail_job_after: 400, message: "TooManyLockFailure'
        ' : 10 of 10"}]',
    )
    job = load(client, rows(1_000, "broken"))
    assert job["state"] == "Failed"
    assert job["errorMessage"] == "TooManyLockFailure : 10 of 10"
    counts = [
        len(results(client, job, kind))
        for kind in ("successfulResults", "failedResults", "unprocessedrecords")
    ]
    assert counts == [400, 0, 600]
    assert load(client, rows(10, "fine"))["state"] == "JobComplete"


def test_rows_fail_with_a_lock_error_once(client: Client) -> None:
    """Every seventh row fails, and passes when it is sent again."""
    plan(client, "bulk: [{object: Paper__c, lock_rows: {every: 7}}]")
    job = load(client, rows(20, "lock"))
    bad = results(client, job, "failedResults")
    assert len(bad) == 2
    assert all(row["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:") for row in bad)
    again = "Key__c\n" + "".join(f"{row['Key__c']}\n" for row in bad)
    assert load(client, again)["numberRecordsFailed"] == 0


def test_chosen_rows_fail_with_a_lock_error(client: Client) -> None:
    """By the value of a column."""
    plan(
        client,
        "bulk: [{lock_rows: {column: Key__c, values: [pick-0003]}, operation: insert}]",
    )
    job = load(client, rows(5, "pick"))
    (bad,) = results(client, job, "failedResults")
    assert bad["Key__c"] == "pick-0003"


def test_a_batch_is_tried_again_and_then_given_up(client: Client) -> None:
    """Two failures are retries, more than twenty fail the job."""
    plan(client, "bulk: [{object: Paper__c, fail_batch: 0, times: 2}]")
    job = load(client, rows(3, "retry"))
    assert (job["state"], job["retries"]) == ("JobComplete", 2)
    plan(client, "bulk: [{object: Paper__c, fail_batch: 0, times: 99}]")
    job = load(client, rows(3, "giveup"))
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 0)
    assert len(results(client, job, "unprocessedrecords")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "requests: [{pfad: /x}]",
        "bulk: [{table: x}]",
        "faults: []",
        "- a",
        "requests: [{hold: {request: 1, when: later}}]",
        "requests: [{path: '['}]",
        "requests: [{delay: soon}]",
        "bulk: [none]",
    ],
)
def test_a_plan_with_a_mistake_is_refused(client: Client, text: str) -> None:
    """Neither by file nor by request does a typo mean no fault at all."""
    plan(client, text, status=400)
    with pytest.raises(SalesforceError):
        Faults(text)


def test_a_plan_can_come_with_the_settings() -> None:
    """Faults are in force from the first request."""
    text = "requests: [{path: /limits, nth: 1, respond: 503}]"
    with start_org(OrgSettings(invoices=1, faults=text)) as running:
        client = Client(running=running)
        assert client.call("GET", "/limits").status_code == 503
        assert client.call("GET", "/limits").status_code == 200
