"""
The pace of asking again.
"""

from __future__ import annotations

import pytest

from migrator.errors import Stopped
from migrator.org.polling import Pace


def test_waits_grow_to_a_limit() -> None:
    """Often at first, every ten seconds at last, and no wait before the first."""
    waits: list[float] = []
    rounds = Pace(sleep=waits.append).rounds("job")
    next(rounds)
    assert waits == []
    for _ in range(20):
        next(rounds)
    assert waits[:3] == pytest.approx([0.1, 0.15, 0.225])
    assert max(waits) == waits[-1] == 10.0


def test_a_job_that_never_ends_is_given_up() -> None:
    """After a day: stopped, named, safe to go on waiting."""
    pace = Pace(sleep=lambda _: None)
    with pytest.raises(Stopped, match="ingest job 750x"):
        for _ in pace.rounds("ingest job 750x"):
            pass


def test_what_is_expected_is_asked_for_shortly_before() -> None:
    """One long wait, then short ones; what takes no time is asked for at once."""
    waits: list[float] = []
    rounds = Pace(sleep=waits.append).rounds("job", expected_s=8.0)
    for _ in range(3):
        next(rounds)
    assert waits == pytest.approx([6.8, 0.4, 0.6])
    late: list[float] = []
    next(Pace(sleep=late.append).rounds("job", expected_s=-3.0))
    assert not late
