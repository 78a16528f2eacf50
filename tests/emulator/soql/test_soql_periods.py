"""
Date literals: the first day of each, and the day after its last.
"""

from __future__ import annotations

from datetime import date

import pytest

from migrator.emulator.soql.periods import period
from tests.emulator.conftest import Caller

# A Wednesday in the first quarter, so that weeks, quarters and years all turn.
_DAY = date(2026, 2, 11)


@pytest.mark.parametrize(
    ("literal", "first", "after"),
    [
        ("TODAY", (2026, 2, 11), (2026, 2, 12)),
        ("YESTERDAY", (2026, 2, 10), (2026, 2, 11)),
        ("LAST_90_DAYS", (2025, 11, 13), (2026, 2, 12)),
        ("NEXT_90_DAYS", (2026, 2, 12), (2026, 5, 13)),
        ("THIS_WEEK", (2026, 2, 8), (2026, 2, 15)),
        ("NEXT_WEEK", (2026, 2, 15), (2026, 2, 22)),
        ("LAST_MONTH", (2026, 1, 1), (2026, 2, 1)),
        ("NEXT_MONTH", (2026, 3, 1), (2026, 4, 1)),
        ("THIS_QUARTER", (2026, 1, 1), (2026, 4, 1)),
        ("LAST_QUARTER", (2025, 10, 1), (2026, 1, 1)),
        ("NEXT_YEAR", (2027, 1, 1), (2028, 1, 1)),
        ("LAST_N_DAYS:7", (2026, 2, 4), (2026, 2, 12)),
        ("NEXT_N_DAYS:7", (2026, 2, 12), (2026, 2, 19)),
        ("N_DAYS_AGO:7", (2026, 2, 4), (2026, 2, 5)),
        ("LAST_N_WEEKS:2", (2026, 1, 25), (2026, 2, 8)),
        ("NEXT_N_WEEKS:2", (2026, 2, 15), (2026, 3, 1)),
        ("LAST_N_MONTHS:3", (2025, 11, 1), (2026, 2, 1)),
        ("NEXT_N_MONTHS:2", (2026, 3, 1), (2026, 5, 1)),
        ("N_MONTHS_AGO:2", (2025, 12, 1), (2026, 1, 1)),
        ("LAST_N_QUARTERS:2", (2025, 7, 1), (2026, 1, 1)),
        ("LAST_N_YEARS:2", (2024, 1, 1), (2026, 1, 1)),
        ("N_YEARS_AGO:1", (2025, 1, 1), (2026, 1, 1)),
    ],
)
def test_a_period_has_its_days(
    literal: str, first: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    """As the SOQL reference describes them, weeks from Sunday."""
    assert period(literal, _DAY) == (date(*first), date(*after))


def test_every_period_can_be_asked(shared_org: Caller) -> None:
    """In the query language, with and without a number; fiscal ones are not known."""
    start = "SELECT COUNT() FROM ONB2__Invoice__c WHERE CreatedDate"
    for literal in ("THIS_QUARTER", "LAST_90_DAYS", "LAST_N_WEEKS:3", "N_YEARS_AGO:1"):
        shared_org.query(f"{start} = {literal}")
    assert shared_org.refusal(f"{start} = THIS_FISCAL_YEAR")[0] in {
        "INVALID_FIELD",
        "MALFORMED_QUERY",
    }
