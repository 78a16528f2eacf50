"""
The org's time.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

from migrator.emulator.schema.values import datetime_text

__all__ = ["Clock"]


class Clock:
    """
    The org's time: real, or running on from noon of a fixed day.
    """

    def __init__(self, today: date | None) -> None:
        self._today = today
        self._started = time.monotonic()

    def now(self) -> datetime:
        """
        Tell the time in UTC.
        """
        if self._today is None:
            return datetime.now(UTC)
        noon = datetime(
            self._today.year, self._today.month, self._today.day, 12, tzinfo=UTC
        )
        # The fixed day never ends, however long the org runs.
        passed = min(time.monotonic() - self._started, 43_000)
        return noon + timedelta(seconds=passed)

    def today(self) -> date:
        """
        Tell the day in UTC.
        """
        return self.now().date()

    def stamp(self) -> str:
        """
        Tell the time as datetimes are stored.
        """
        return datetime_text(self.now())
