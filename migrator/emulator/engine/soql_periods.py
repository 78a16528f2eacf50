"""
Date literals (TODAY, LAST_N_DAYS:n ...) as half-open ranges of days.

SOQL and SOSL Reference, "Date Formats and Date Literals".
"""

from __future__ import annotations

from datetime import date, timedelta


def period(literal: str, today: date) -> tuple[date, date] | None:
    """
    The first day of *literal* and the day after its last; None when unknown.
    """
    name, _, count = literal.partition(":")
    if count:
        return _counted(name, int(count), today)
    day = timedelta(days=1)
    month = today.replace(day=1)
    year = today.replace(month=1, day=1)
    week = today - timedelta(days=(today.weekday() + 1) % 7)
    known = {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "THIS_WEEK": (week, week + 7 * day),
        "LAST_WEEK": (week - 7 * day, week),
        "THIS_MONTH": (month, _months(month, 1)),
        "LAST_MONTH": (_months(month, -1), month),
        "THIS_YEAR": (year, _months(year, 12)),
        "LAST_YEAR": (_months(year, -12), year),
        "NEXT_YEAR": (_months(year, 12), _months(year, 24)),
    }
    return known.get(name)


def _counted(name: str, count: int, today: date) -> tuple[date, date] | None:
    day = timedelta(days=1)
    month = today.replace(day=1)
    year = today.replace(month=1, day=1)
    known = {
        "LAST_N_DAYS": (today - count * day, today + day),
        "NEXT_N_DAYS": (today + day, today + (count + 1) * day),
        "N_DAYS_AGO": (today - count * day, today - (count - 1) * day),
        "LAST_N_MONTHS": (_months(month, -count), month),
        "LAST_N_YEARS": (_months(year, -12 * count), year),
    }
    return known.get(name)


def _months(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    return first.replace(year=first.year + years, month=month + 1)
