"""
Work that the org does by itself, begun in the order of arrival.
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
    Runs what it is given, in order, in threads that end when nothing is left.

    *most* is how many pieces of work may run at a time.
    """

    def __init__(self, name: str, most: int = 1) -> None:
        self.most = most
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._running = 0

    def submit(self, work: Callable[[], None]) -> None:
        """
        Queue *work*; it must not raise.
        """
        with self._lock:
            self._waiting.append(work)
            if self._running < self.most:
                self._running += 1
                threading.Thread(
                    target=self._drain, name=self._name, daemon=True
                ).start()

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._running > self.most:
                    self._running -= 1
                    return
                work = self._waiting.popleft()
            work()
