"""
Whether an extract has what the org changed lately.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from migrator.rules.copy.convert import Recent, is_same

SINCE = datetime(2026, 1, 2, tzinfo=UTC)
OLD, T1, T2, T3 = (f"2026-01-{day}T10:00:00.000Z" for day in ("01", "02", "03", "04"))
EXTRACT = (("a", OLD), ("b", T1), ("c", T2), ("d", T2))


def frames(*records: tuple[str, str]) -> list[pl.DataFrame]:
    """
    An extract of *records*, (id, time of change), a part each.
    """
    return [
        pl.DataFrame({"Id": [key], "SystemModstamp": [stamp]}) for key, stamp in records
    ]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ((("c", T2), ("d", T2), ("b", T1)), True),
        ((("d", T2), ("c", T2.replace("Z", "+0000")), ("b", T1)), True),
        ((("c", T3), ("d", T2), ("b", T1)), False),
        ((("c", T2), ("d", T2), ("a", T1)), False),
        ((("c", T2), ("d", T2), ("b", T1), ("a", T1)), False),
        ((("c", T2), ("d", T2)), False),
        ((), False),
    ],
)
def test_each_record_has_to_have_its_time(
    theirs: tuple[tuple[str, str], ...], *, expected: bool
) -> None:
    """
    A later time, another record, one more and one less are all seen.
    """
    newest = tuple((stamp, key) for key, stamp in theirs)
    found = Recent(records=len(theirs), newest=newest)
    assert is_same(found, frames(*EXTRACT), SINCE) is expected


def test_of_many_the_newest_are_compared_and_all_are_counted() -> None:
    """
    In which order records of one time come is the org's own affair.
    """
    newest = ((T2, "d"), (T1, "x"))
    assert not is_same(Recent(records=3, newest=newest), frames(*EXTRACT), SINCE)
    both = ((T2, "d"), (T2, "c"), (T1, "x"))
    more = (*EXTRACT, ("y", T1))
    assert is_same(Recent(records=4, newest=both), frames(*more), SINCE)
    assert not is_same(Recent(records=5, newest=both), frames(*more), SINCE)


def test_nothing_changed_lately_is_the_same_as_nothing() -> None:
    """
    Old records, and none at all.
    """
    nothing = Recent(records=0, newest=())
    assert is_same(nothing, frames(("a", OLD)), SINCE)
    assert is_same(nothing, [], SINCE)
