"""
Asking again and again until a job has ended, often at first and rarely later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.errors import Stopped

EARLY = 0.85
"""The share of the expected time after which the first question is asked."""
OFTEN = 0.05
"""The share of the expected time between two questions from then on, at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    How long to wait between two questions; *sleep* is given by tests.
    """

    first_s: float = 0.1
    growth: float = 1.5
    longest_s: float = 10.0
    give_up_s: float = 86_400.0
    """A Bulk job ends within a day, or never (Bulk API 2.0 guide, "Limits")."""
    sleep: Callable[[float], None] = time.sleep

    def rounds(self, what: str, *, expected_s: float = 0.0) -> Iterator[None]:
        """
        One turn per question, with a growing wait before every turn but the first.

        What is *expected_s* away from its end is first asked for shortly before, and
        then often: few questions, and little time lost after the end. Raises Stopped
        when *what* has not ended after `give_up_s` of waiting.
        """
        waited, wait = 0.0, self.first_s
        early = min(expected_s * EARLY, self.longest_s)
        if early > self.first_s:
            self.sleep(early)
            waited, wait = early, max(self.first_s, expected_s * OFTEN)
        while True:
            yield
            if waited > self.give_up_s:
                raise Stopped(
                    f"{what} has not ended after {waited / 3600:.0f} hours of waiting",
                    hint="run the same command again to go on waiting",
                )
            self.sleep(wait)
            waited += wait
            wait = min(wait * self.growth, self.longest_s)
