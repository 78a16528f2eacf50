"""
Two jobs that run at the same time contend for one parent, as in a real org.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable

import pytest

from tests.emulator.conftest import BASE, Caller, add_archive

JOBS = f"{BASE}/jobs/ingest"
SLOW = "latency: {batch: 0.8}"


@pytest.fixture
def open_org(running_org: Callable[..., Caller]) -> Callable[[str], Caller]:
    """An org under a plan, with an account and the bills B1 and B2."""

    def start(faults: str) -> Caller:
        caller = running_org()
        add_archive(caller.org)
        load(caller, "Bill__c", "Origin_Id__c\nB1\nB2\n")
        caller.http.post("/emulator/faults", content=faults.encode())
        return caller

    return start


def upload(caller: Caller, name: str, data: str) -> str:
    """An open job with its data; its address."""
    body = {"object": name, "operation": "insert"}
    one = f"{JOBS}/{caller.http.post(JOBS, json=body).json()['id']}"
    kind = {"Content-Type": "text/csv"}
    caller.http.put(f"{one}/batches", content=data, headers=kind)
    return one


def close(caller: Caller, one: str) -> str:
    """Hand the job over to the org."""
    caller.http.patch(one, json={"state": "UploadComplete"})
    return one


def load(caller: Caller, name: str, data: str) -> list[str]:
    """A job from its beginning to its end; the errors of its rows."""
    return finish(caller, close(caller, upload(caller, name, data)))


def finish(caller: Caller, one: str) -> list[str]:
    """Wait for the end of a job; the errors of its rows."""
    while caller.http.get(one).json()["state"] != "JobComplete":
        time.sleep(0.02)
    text = caller.http.get(f"{one}/failedResults").text
    return [row["sf__Error"] for row in csv.DictReader(io.StringIO(text))]


def lines(prefix: str, bill: str) -> str:
    """Two line items of a bill."""
    rows = "".join(f"{prefix}{number},{bill}\n" for number in range(2))
    return f"Origin_Id__c,Bill__r.Origin_Id__c\n{rows}"


def side_by_side(
    caller: Caller, first: tuple[str, str], second: tuple[str, str]
) -> list[list[str]]:
    """The row errors of two jobs, the second begun in the middle of the first."""
    addresses = [upload(caller, *each) for each in (first, second)]
    close(caller, addresses[0])
    while not caller.http.get(addresses[0]).json()["numberRecordsProcessed"]:
        time.sleep(0.01)
    close(caller, addresses[1])
    return [finish(caller, each) for each in addresses]


def test_the_second_job_on_a_parent_cannot_lock_it(
    open_org: Callable[[str], Caller],
) -> None:
    """Only the rows of that parent fail, and they pass when sent again alone."""
    caller = open_org(SLOW)
    both = f"{lines('y', 'B1')}z,B2\n"
    first, second = side_by_side(
        caller, ("Line__c", lines("x", "B1")), ("Line__c", both)
    )
    assert first == []
    assert len(second) == 2
    assert all(
        each.startswith("UNABLE_TO_LOCK_ROW:unable to obtain") for each in second
    )
    assert load(caller, "Line__c", lines("y", "B1")) == []


def test_jobs_on_different_parents_do_not_meet(
    open_org: Callable[[str], Caller],
) -> None:
    """The locks are those of records, not of objects."""
    caller = open_org(SLOW)
    first, second = side_by_side(
        caller, ("Line__c", lines("x", "B1")), ("Line__c", lines("y", "B2"))
    )
    assert first == second == []


def test_an_optional_lookup_locks_nothing(open_org: Callable[[str], Caller]) -> None:
    """Bills of one customer load side by side."""
    caller = open_org(SLOW)
    body = {"Name": "Customer"}
    account = caller.http.post(f"{BASE}/sobjects/Account", json=body).json()["id"]
    one, other = (
        ("Bill__c", f"Origin_Id__c,Customer__c\n{key},{account}\n") for key in "pq"
    )
    first, second = side_by_side(caller, one, other)
    assert first == second == []


def test_without_locks_jobs_run_one_after_another(
    open_org: Callable[[str], Caller],
) -> None:
    """`locks: false` in the plan."""
    caller = open_org(f"{SLOW}\nlocks: false")
    began = time.monotonic()
    first, second = side_by_side(
        caller, ("Line__c", lines("x", "B1")), ("Line__c", lines("y", "B1"))
    )
    assert first == second == []
    assert time.monotonic() - began >= 1.6
