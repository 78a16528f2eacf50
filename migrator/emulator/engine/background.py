"""
Work that the org does by itself: one thread at a time, in the order of arrival.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Worker"]


class Worker:
    """
    Runs what it is given, in order, in a thread that ends when nothing is left.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[], None]) -> None:
        """
        Queue *work*; it must not raise.
        """
        with self._lock:
            self._waiting.append(work)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._drain, name=self._name, daemon=True
                )
                self._thread.start()

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                work = self._waiting.popleft()
            work()
