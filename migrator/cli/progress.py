"""
How far a verb is: one display for all its tasks, bars on a terminal, lines elsewhere.

Each task shows its records, how many a second, the time left and what the org refused;
below them stand the API calls of this run and those that the org has left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from rich import progress as rich_progress
from rich.text import Text

from migrator.model.progress import Task

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

EVERY_S = 10.0
"""How often a long task says a plain line."""


class Usage(Protocol):
    """
    The API calls of the day, as the org counts them.
    """

    @property
    def used(self) -> int:
        """
        Those made, by anybody.
        """

    @property
    def remaining(self) -> int:
        """
        Those left.
        """


class ApiCalls:
    """
    What *ask* knows of API calls, in words; nothing before the org has told.
    """

    def __init__(self, ask: Callable[[], Usage | None]) -> None:
        self._ask = ask
        first = ask()
        self._before = first.used if first else None

    def __str__(self) -> str:
        """
        `87 API calls, 99,913 left`, others' calls since the beginning among the 87.
        """
        now = self._ask()
        if now is None:
            return ""
        if self._before is None:
            self._before = now.used
        return f"{now.used - self._before:,} API calls, {now.remaining:,} left"


class BarProgress:
    """
    One bar a task, on a terminal.
    """

    def __init__(self, console: Console, calls: ApiCalls) -> None:
        self._console = console
        self._calls = calls
        self._bars: _Bars | None = None

    @contextmanager
    def task(self, title: str, total: int | None = None) -> Iterator[Task]:
        """
        Lend a bar that stays when it is done; tasks within tasks share the display.
        """
        if self._bars is not None:
            yield _Bar(self._bars, self._bars.add_task(title, total=total, refused=0))
            return
        with _Bars(self._console, self._calls) as self._bars:
            try:
                yield _Bar(
                    self._bars, self._bars.add_task(title, total=total, refused=0)
                )
            finally:
                self._bars.is_over = True
                self._bars.refresh()
        self._bars = None

    def note(self, text: str) -> None:
        """
        Print a line among the bars.
        """
        self._console.print(Text(f"  {text}", style="dim"), soft_wrap=True)


class _Bars(rich_progress.Progress):
    """
    The bars, and a line below them while any of them moves.
    """

    def __init__(self, console: Console, calls: ApiCalls) -> None:
        self._calls = calls
        self.is_over = False
        super().__init__(
            rich_progress.TextColumn("  {task.description:<32}"),
            rich_progress.BarColumn(bar_width=None),
            _Figures(),
            console=console,
            expand=True,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """
        Yield what is drawn several times a second.
        """
        yield from super().get_renderables()
        calls = str(self._calls)
        if calls and not self.is_over:
            yield Text(f"  {calls}", style="dim")


class _Figures(rich_progress.ProgressColumn):
    """
    Records, rate, time left or taken, refused records.
    """

    def render(self, task: rich_progress.Task) -> Text:
        """
        Return the figures of *task*.
        """
        told = Figures(
            done=int(task.completed),
            total=None if task.total is None else int(task.total),
            seconds=task.elapsed or 0.0,
            refused=int(task.fields["refused"]),
        )
        return Text(told.words, style="red" if told.refused else "")


class _Bar:
    def __init__(self, bars: _Bars, task: rich_progress.TaskID) -> None:
        self._bars = bars
        self._task = task
        self._refused = 0

    def advance(self, count: int) -> None:
        self._bars.advance(self._task, count)

    def refuse(self, count: int) -> None:
        self._refused += count
        self._bars.update(self._task, refused=self._refused)

    def expect(self, total: int) -> None:
        self._bars.update(self._task, total=total)


class LineProgress:
    """
    A line when a task ends, and one every few seconds while it runs.
    """

    def __init__(self, console: Console, calls: ApiCalls) -> None:
        self._console = console
        self._calls = calls

    @contextmanager
    def task(self, title: str, total: int | None = None) -> Iterator[Task]:
        """
        Lend a task that counts quietly and says the sum at the end.
        """
        line = _Line(title, self._say, total)
        yield line
        line.tell()

    def note(self, text: str) -> None:
        """
        Print the line itself.
        """
        self._print(text)

    def _say(self, text: str) -> None:
        calls = str(self._calls)
        self._print(f"{text}; {calls}" if calls else text)

    def _print(self, text: str) -> None:
        self._console.print(Text(f"  {text}"), soft_wrap=True)


@dataclass(slots=True)
class _Line:
    title: str
    say: Callable[[str], None]
    total: int | None
    done: int = 0
    refused: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def advance(self, count: int) -> None:
        self.done += count
        if time.monotonic() - self.told > EVERY_S:
            self.tell()

    def refuse(self, count: int) -> None:
        self.refused += count

    def expect(self, total: int) -> None:
        self.total = total

    def tell(self) -> None:
        self.told = time.monotonic()
        seconds = self.told - self.began
        figures = Figures(self.done, self.total, seconds, self.refused)
        self.say(f"{self.title}: {figures.words}")


@dataclass(frozen=True, slots=True)
class Figures:
    """
    How far one task is.
    """

    done: int
    total: int | None
    seconds: float
    refused: int = 0

    @property
    def words(self) -> str:
        """
        `187,144 of 250,000, 12,476/s, 5 s left, 3 refused`, `250,000 in 20 s` at last.
        """
        rate = self.done / self.seconds if self.seconds else 0.0
        words = [f"{self.done:,}"]
        if self.total and self.done < self.total:
            words = [f"{self.done:,} of {self.total:,}"]
            if rate:
                words.append(f"{_span((self.total - self.done) / rate)} left")
        else:
            words = [f"{self.done:,} in {_span(self.seconds)}"]
        if rate >= 1 and self.done > 1:
            words.insert(1, f"{rate:,.0f}/s")
        if self.refused:
            words.append(f"{self.refused:,} refused")
        return ", ".join(words)


def _span(seconds: float) -> str:
    """
    Return a span of time as one would say it: `0.4 s`, `12 s`, `3 min`, `2 h 05 min`.
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
