"""
A bad day: all that can go wrong goes wrong now and then, and the copy ends whole.

The sessions are short, too: a connected app signs in, and signs in again whenever the
org no longer knows the token, in the middle of a run and for SOAP as for REST.
"""

from __future__ import annotations

import shutil

import pytest

from migrator.steps.copy import jobs as sending
from tests.pipeline.deployed_org import (
    Copying,
    copying,
    deployed_org,
    emptied,
    invoked,
)

__all__ = ["copying", "deployed_org"]

RUNS = 12
"""So many runs at the most: each comes further."""
LATENCY = "latency: {queue: 0.05, batch: 0.05, spread: 0.5, seed: 7}"
"""On a good day, too: how often a job is asked for depends on it."""

APP = {
    "SF_CLIENT_ID": "connected-app",
    "SF_CLIENT_SECRET": "only-a-local-org-takes-this",
}


def plan(every: int = 33, session: int = 45) -> str:
    """
    Three in a hundred requests busy, a new session every *session* requests; resets,
    cut pages, locks, slow and failing jobs.
    """
    busy = [f"  - {{nth: {n}, respond: 503}}" for n in range(20, 600, every)]
    ends = [f"  - {{nth: {n}, expire_token: true}}" for n in range(7, 600, session)]
    return "\n".join(
        [
            LATENCY,
            "requests:",
            "  - {path: /oauth2/token, nth: 9999, respond: 503}",  # counts them
            *busy,
            *ends,
            "  - {path: /services/Soap/, nth: 2, expire_token: true}",
            "  - {path: /results, nth: 3, reset_after: 700}",
            "  - {path: /results, nth: 5, truncate: cell}",
            "  - {path: /failedResults, nth: 2, truncate: 3}",
            "  - {method: PUT, path: /batches, nth: 3, reset_after: 0}",
            "  - {method: PATCH, path: /jobs/ingest/, nth: 2, reset_after: 0}",
            "  - {path: /jobs/ingest/, nth: 9, delay: 0.3}",
            "bulk:",
            "  - {object: InvoiceLineItem__c, lock_rows: {every: 9}}",
            "  - {object: Invoice__c, fail_batch: 0, times: 3}",
            "  - {object: TaxDetail__c, fail_job_after: 20, "  # noqa: ISC004
            "message: 'TooManyLockFailure : too many locks'}",
        ]
    )


def calls_of_a_calm_copy(copying: Copying) -> int:
    """
    How many API calls a copy takes on a good day; afterwards nothing is copied.
    """
    limits = copying.org.org.limits
    limits.used_calls = 0
    copying.org.org.faults.replace(f"{LATENCY}\n")
    copying.copy()
    copying.org.org.faults.replace(None)
    calm = limits.used_calls
    emptied(copying.org)
    for state in copying.root.glob(".migrator"):
        shutil.rmtree(state)
    limits.used_calls = 0
    return calm


def test_a_bad_day_ends_with_a_whole_copy(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run ends complete or with 4; the last one has 0 differences."""
    monkeypatch.setattr(sending, "PAUSE_S", 0.01)
    monkeypatch.delenv("SF_ACCESS_TOKEN", raising=False)
    calm = calls_of_a_calm_copy(copying)
    copying.org.org.faults.replace(plan())
    codes = []
    for _ in range(RUNS):
        codes.append(invoked(*copying.words, env=APP).code)
        if codes[-1] == 0:
            break
    assert codes[-1] == 0, codes
    assert set(codes[:-1]) <= {4}, codes
    assert copying.org.org.limits.used_calls <= 1.5 * calm
    sign_ins, *_ = copying.org.org.faults.seen
    assert sign_ins >= len(codes) + 4
    copying.org.org.faults.replace(None)
    copying.assert_complete()
    words = ("-C", copying.root, "reconcile", "--org", copying.org.url)
    verdict = invoked(*words, "--allow-unreviewed", env=APP)
    assert verdict.code == 0, verdict.text
