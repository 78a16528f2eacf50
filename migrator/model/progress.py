"""
How a step says how far it is, without knowing who listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """
    One piece of long work in progress.
    """

    def advance(self, count: int) -> None:
        """
        *count* more units are done and confirmed.
        """

    def refuse(self, count: int) -> None:
        """
        *count* of the units done so far were refused by the org.
        """

    def expect(self, total: int) -> None:
        """
        Take note that the work has *total* units.
        """


class Progress(Protocol):
    """
    What a step reports to: a bar on a terminal, plain lines in CI, nothing in tests.
    """

    def task(
        self, title: str, total: int | None = None
    ) -> AbstractContextManager[Task]:
        """
        Return a piece of work of *total* units (None while unknown), open until it is
        left.
        """

    def note(self, text: str) -> None:
        """
        One line worth keeping: a decision taken, a retry, a count.
        """


class _SilentTask:
    def advance(self, count: int) -> None:
        del count

    def refuse(self, count: int) -> None:
        del count

    def expect(self, total: int) -> None:
        del total


class Silent:
    """
    The listener that hears nothing.
    """

    @contextmanager
    def task(self, title: str, total: int | None = None) -> Iterator[Task]:
        """
        Lend a task nobody watches.
        """
        del title, total
        yield _SilentTask()

    def note(self, text: str) -> None:
        """
        Drop the line.
        """
        del text
