"""
Killed before and after every request it makes, and at any moment: always completed.

A seeded few of the moments are tried here; `make kill` tries them all.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from migrator.emulator.server import RunningOrg
from tests.pipeline.deployed_org import Copying, copying, deployed_org
from tests.pipeline.killing import (
    SEED,
    WHENS,
    Calm,
    Moment,
    assert_completed,
    calm_run,
    kill,
)

__all__ = ["copying", "deployed_org"]

_CHANCE = random.Random(SEED)
_SURE = 0.9
"""The share of the requests that every run makes: it asks more or less often."""


@pytest.fixture(scope="module")
def calm(deployed_org: tuple[Path, RunningOrg]) -> Calm:
    """What an undisturbed copy does and leaves."""
    return calm_run(Copying(*deployed_org))


@pytest.mark.parametrize(
    ("place", "when"), [(_CHANCE.uniform(0, _SURE), when) for when in WHENS * 2]
)
def test_a_copy_killed_at_any_request_is_completed(
    copying: Copying, calm: Calm, place: float, when: str
) -> None:
    """Nothing is missing, nothing is double, at most one part is sent again."""
    jobs = len(copying.jobs())
    number = 1 + int(place * calm.requests)
    assert kill(copying, calm, Moment(number=number, when=when))
    assert_completed(copying, calm, jobs)


@pytest.mark.parametrize("share", [_CHANCE.uniform(0.2, 1)])
def test_a_copy_killed_at_any_moment_is_completed(
    copying: Copying, calm: Calm, share: float
) -> None:
    """The same, wherever the program happens to be, on disk or between two lines."""
    jobs = len(copying.jobs())
    kill(copying, calm, Moment(share=share))
    assert_completed(copying, calm, jobs)
