"""
Date literals (TODAY, LAST_N_DAYS:n ...) as half-open ranges of days.

SOQL and SOSL Reference, "Date Formats and Date Literals".
"""

from __future__ import annotations

from datetime import date, timedelta


def period(literal: str, today: date) -> tuple[date, date] | None:
    """
    Find the first day of *literal* and the day after its last; None when unknown.
    """
    name, _, count = literal.partition(":")
    if not count:
        return _named(name, today)
    return _counted(name, int(count), today)


def _starts(today: date) -> dict[str, date]:
    """
    Find the first days of the current week (from Sunday), month, quarter and year.
    """
    month = today.replace(day=1)
    return {
        "WEEK": today - timedelta(days=(today.weekday() + 1) % 7),
        "MONTH": month,
        "QUARTER": _months(month, -((today.month - 1) % 3)),
        "YEAR": today.replace(month=1, day=1),
    }


def _moved(unit: str, start: date, count: int) -> date:
    if unit == "WEEK":
        return start + timedelta(days=7 * count)
    return _months(start, count * {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit])


def _named(name: str, today: date) -> tuple[date, date] | None:
    day = timedelta(days=1)
    known = {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "LAST_90_DAYS": (today - 90 * day, today + day),
        "NEXT_90_DAYS": (today + day, today + 91 * day),
    }
    for unit, start in _starts(today).items():
        for offset, which in ((-1, "LAST"), (0, "THIS"), (1, "NEXT")):
            first = _moved(unit, start, offset)
            known[f"{which}_{unit}"] = (first, _moved(unit, start, offset + 1))
    return known.get(name)


def _counted(name: str, count: int, today: date) -> tuple[date, date] | None:
    day = timedelta(days=1)
    known = {
        "LAST_N_DAYS": (today - count * day, today + day),
        "NEXT_N_DAYS": (today + day, today + (count + 1) * day),
        "N_DAYS_AGO": (today - count * day, today - (count - 1) * day),
    }
    for unit, start in _starts(today).items():
        before, after = _moved(unit, start, -count), _moved(unit, start, 1)
        known[f"LAST_N_{unit}S"] = (before, start)
        known[f"NEXT_N_{unit}S"] = (after, _moved(unit, start, count + 1))
        known[f"N_{unit}S_AGO"] = (before, _moved(unit, start, 1 - count))
    return known.get(name)


def _months(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    return first.replace(year=first.year + years, month=month + 1)
