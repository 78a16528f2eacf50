"""
Killed at a named moment and run again: everything there, nothing twice.
"""

from __future__ import annotations

import pytest

from tests.pipeline.deployed_org import Copying, copying, deployed_org

__all__ = ["copying", "deployed_org"]

MOMENTS = {
    "before the first job is created": ("POST", "/jobs/ingest$", 1, "before"),
    "when a job is created and nobody was told": ("POST", "/jobs/ingest$", 1, "after"),
    "before an upload": ("PUT", "/batches$", 2, "before"),
    "when an upload is done and nobody was told": ("PUT", "/batches$", 2, "after"),
    "before an upload is closed": ("PATCH", "/jobs/ingest/", 2, "before"),
    "when a job runs and nobody was told": ("PATCH", "/jobs/ingest/", 2, "after"),
    "before the failures are read": ("GET", "/failedResults", 3, "before"),
    "when the last failures are read": ("GET", "/unprocessedrecords", 4, "after"),
    "in the second pass": ("POST", "/jobs/ingest$", 5, "after"),
    "while the stored records are asked for": ("GET", "/results", 1, "before"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_copy_is_completed_by_the_same_command(
    copying: Copying, moment: str
) -> None:
    """
    Whatever the org had heard by then, no record is missing and none is double.
    """
    method, path, nth, when = MOMENTS[moment]
    copying.kill_at(
        f"requests: [{{method: {method}, path: '{path}', "
        f"hold: {{request: {nth}, when: {when}}}}}]"
    )
    copying.copy()
    copying.assert_complete()
    assert {job["state"] for job in copying.jobs()} <= {"JobComplete", "Aborted"}


def test_a_copy_killed_again_and_again_ends_complete(copying: Copying) -> None:
    """
    Each run comes a little further, and none does harm.
    """
    for nth in (12, 24, 30, 36):
        copying.kill_at(f"requests: [{{hold: {{request: {nth}, when: after}}}}]")
    copying.copy()
    copying.assert_complete()


def test_a_lost_create_is_looked_up_and_made_good_in_the_same_run(
    copying: Copying,
) -> None:
    """
    The job that nobody was told of is aborted, and another one brings the records.
    """
    before = len(copying.jobs("Invoice__c"))
    copying.org.org.faults.replace(
        "requests: [{method: POST, path: '/jobs/ingest$', nth: 1, reset_after: 0}, "
        "{method: POST, path: '/jobs/ingest$', nth: 2, respond: 503}]"
    )
    copying.copy()
    copying.assert_complete()
    states = [job["state"] for job in copying.jobs("Invoice__c")[before:]]
    assert states.count("Aborted") == 1
    assert set(states) == {"Aborted", "JobComplete"}


def test_a_second_run_at_the_same_time_is_refused(copying: Copying) -> None:
    """
    Two runs never write at once: the second ends with 4 and names the first.
    """
    copying.org.org.faults.replace(
        "requests: [{method: POST, path: '/jobs/ingest$', "
        "hold: {request: 1, when: before}}]"
    )
    with copying.started() as process:
        copying.wait_until_held(process)
        assert f"process {process.pid}" in copying.refused(code=4)
        copying.org.org.faults.release()
        assert process.wait(timeout=60) == 0
    copying.assert_complete()
