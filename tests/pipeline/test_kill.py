"""
Killed before and after every request it makes, and at any moment: always completed.

A seeded few of the moments are tried here; `MIGRATOR_EVERY_KILL=1` tries them all,
which takes a quarter of an hour.
"""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Any

import pytest

from tests.pipeline.deployed_org import Copying, copying, deployed_org

__all__ = ["copying", "deployed_org"]

EVERY = bool(os.environ.get("MIGRATOR_EVERY_KILL"))
REQUESTS = 150
"""More than the happy run makes; those beyond its end are no moments."""
SEED = 20261122
NUMBERED = [(n, when) for n in range(1, REQUESTS + 1) for when in ("before", "after")]
CHANCES = list(range(100))


def some(moments: list[Any], count: int) -> list[Any]:
    """
    The *moments* in the seed's order: all when every one is asked for, else *count*.
    """
    return random.Random(SEED).sample(moments, len(moments) if EVERY else count)


def assert_little_is_repeated(copying: Copying, jobs_before: int) -> None:
    """
    The org has processed each record once, those of at most one part twice.
    """
    jobs = copying.jobs()[jobs_before:]
    loads = [job for job in jobs if job["operation"] == "insert"]
    processed = sum(job["numberRecordsProcessed"] for job in loads)
    stored = sum(
        len(copying.stored(name)) for name in {str(job["object"]) for job in loads}
    )
    largest = max(job["numberRecordsProcessed"] for job in loads)
    assert processed <= stored + largest


@pytest.mark.parametrize(("number", "when"), some(NUMBERED, 6))
def test_a_copy_killed_at_any_request_is_completed(
    copying: Copying, number: int, when: str
) -> None:
    """Nothing is missing, nothing is double, at most one part is sent again."""
    copying.org.org.limits.used_calls = 0
    jobs = len(copying.jobs())
    plan = f"requests: [{{hold: {{request: {number}, when: {when}}}}}]"
    copying.org.org.faults.replace(plan)
    with copying.started() as process:
        deadline = time.monotonic() + 60
        while not copying.org.org.faults.held and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        if process.poll() is not None:
            pytest.skip(f"the copy makes fewer than {number} requests")
    assert process.returncode == -signal.SIGKILL
    copying.org.org.faults.release()
    while copying.org.org.faults.held:
        time.sleep(0.01)
    copying.org.org.faults.replace(None)
    copying.copy()
    copying.assert_complete()
    assert_little_is_repeated(copying, jobs)


@pytest.mark.parametrize("seed", some(CHANCES, 2))
def test_a_copy_killed_at_any_moment_is_completed(copying: Copying, seed: int) -> None:
    """The same, wherever the program happens to be, on disk or between two lines."""
    copying.org.org.limits.used_calls = 0
    chance = random.Random(seed)
    with copying.started() as process:
        time.sleep(chance.uniform(0.3, 6.0))
        process.send_signal(signal.SIGKILL)
    copying.copy()
    copying.assert_complete()
