"""
The latency model of Bulk jobs: seeded, around its means, told by a plan of faults.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.faults import FaultPlan
from migrator.emulator.org.latency import Latency
from tests.emulator.conftest import BASE, Caller, add_archive


def test_waits_are_seeded_and_near_their_means() -> None:
    """The same job waits the same; rows make a batch slower; nothing costs nothing."""
    model = Latency(queue_s=2, batch_s=1, row_s=0.001, spread=0.25, seed=7)
    again = Latency(queue_s=2, batch_s=1, row_s=0.001, spread=0.25, seed=7)
    other = Latency(queue_s=2, batch_s=1, row_s=0.001, spread=0.25, seed=8)
    waits = [model.in_queue(f"750{number}") for number in range(50)]
    assert waits == [again.in_queue(f"750{number}") for number in range(50)]
    assert waits != [other.in_queue(f"750{number}") for number in range(50)]
    assert 1.5 <= min(waits) < max(waits) <= 2.5
    assert model.in_batch("750", 0, 10_000) > model.in_batch("750", 0, 0) * 5
    assert Latency().in_batch("750", 0, 10_000) == 0


def test_a_job_stays_in_the_queue(running_org: Callable[..., Caller]) -> None:
    """A job that waits is still UploadComplete; then it ends as ever."""
    caller = running_org(faults="latency: {queue: 0.4, spread: 0.1}")
    add_archive(caller.org)
    jobs = f"{BASE}/jobs/ingest"
    body = {"object": "Bill__c", "operation": "insert"}
    one = f"{jobs}/{caller.http.post(jobs, json=body).json()['id']}"
    kind = {"Content-Type": "text/csv"}
    caller.http.put(f"{one}/batches", content="Name\nx\n", headers=kind)
    started = time.monotonic()
    caller.http.patch(one, json={"state": "UploadComplete"})
    assert caller.http.get(one).json()["state"] == "UploadComplete"
    while caller.http.get(one).json()["state"] != "JobComplete":
        time.sleep(0.02)
    assert time.monotonic() - started >= 0.3


def test_an_unknown_word_is_refused() -> None:
    """A plan with a mistake says so before anything waits."""
    with pytest.raises(SalesforceError, match="unknown latency keys"):
        FaultPlan.from_yaml("latency: {queues: 1}")
