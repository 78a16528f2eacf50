"""
What a person reads while records move.
"""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from migrator.cli import progress
from migrator.cli.progress import ApiCalls, BarProgress, Figures, LineProgress
from migrator.org.transport import ApiUsage


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (Figures(0, 10, 0.0), "0 of 10"),
        (Figures(250, 1_000, 5.0), "250 of 1,000, 50/s, 15 s left"),
        (Figures(250, 1_000, 5.0, 3), "250 of 1,000, 50/s, 15 s left, 3 refused"),
        (Figures(1_000, 1_000, 4.0), "1,000 in 4.0 s, 250/s"),
        (Figures(1_000_000, None, 400.0), "1,000,000 in 7 min, 2,500/s"),
        (Figures(9_000, 1_000_000, 90.0), "9,000 of 1,000,000, 100/s, 2 h 45 min left"),
    ],
)
def test_figures_are_records_rate_time_left_and_failures(
    figures: Figures, words: str
) -> None:
    """In this order, whatever is known of them."""
    assert sorted(figures.words.split(", ")) == sorted(words.split(", "))


def test_plain_lines_say_the_calls_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line while it runs, one at the end, with this run's calls and those left."""
    monkeypatch.setattr(progress, "EVERY_S", -1.0)
    usages = iter([40, 47, 51])
    calls = ApiCalls(lambda: ApiUsage(used=next(usages), limit=1_000))
    text = io.StringIO()
    with LineProgress(Console(file=text, width=110), calls).task("copy It", 4) as task:
        task.refuse(1)
        task.advance(2)
    running, ended = text.getvalue().splitlines()
    assert running.startswith("  copy It: 2 of 4")
    assert running.endswith("1 refused; 7 API calls, 953 left")
    assert ended.endswith("1 refused; 11 API calls, 949 left")


def test_tasks_share_one_display_on_a_terminal() -> None:
    """A task within a task is another bar; the calls stand below while they move."""
    calls = ApiCalls(lambda: ApiUsage(used=1, limit=10))
    text = io.StringIO()
    console = Console(file=text, width=110, force_terminal=True)
    shown = BarProgress(console, calls)
    with shown.task("extract one", 2) as outer:
        with shown.task("check other", 3) as inner:
            inner.advance(3)
        outer.advance(2)
        outer.refuse(1)
    last = text.getvalue().rsplit("extract one", maxsplit=1)[1]
    assert "2 in" in last
    assert "1 refused" in last
    assert "check other" in last
    assert "API calls" not in last
    assert "0 API calls, 9 left" in text.getvalue()
