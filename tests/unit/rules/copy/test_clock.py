"""
Which day's values a record was copied with.
"""

from __future__ import annotations

import polars as pl

from migrator.model.job import SentRecords
from migrator.rules.copy.convert import copied_values, known_records, with_keys
from tests.builders.frames import an_id


def values(day: str, *numbers: int) -> list[pl.DataFrame]:
    """
    What the records *numbers* held on *day*.
    """
    ids = [an_id(number) for number in numbers]
    return [with_keys(pl.DataFrame({"Id": ids, "Days__c": [day] * len(ids)}))]


def sent(turn: int, *numbers: int, links: bytes | None = None) -> pl.DataFrame:
    """
    A turn that has sent the records *numbers*, or only their *links*.
    """
    records = SentRecords(
        turn=turn,
        origin_ids="".join(map(an_id, numbers)),
        digests=None if links else b"1" * 8,
        links=links,
    )
    return known_records(records, links=False, is_usable=True)


def test_each_record_keeps_the_day_it_was_sent_on() -> None:
    """
    Sent today: today's. Sent before, linked today: as kept. Not copied: nothing.
    """
    found = copied_values(
        values("today", 1, 2, 3, 4),
        values("before", 1, 2, 9),
        [sent(1, 1, 2, 9), sent(5, 2, 3), sent(6, 1, links=b"2" * 8)],
        current=[5, 6],
    )
    days = dict(zip(found["Id"], found["Days__c"], strict=True))
    assert days == {
        an_id(1): "before",
        an_id(2): "today",
        an_id(3): "today",
        an_id(9): "before",
    }


def test_nothing_copied_is_nothing_kept() -> None:
    """
    A range without records is an empty frame.
    """
    assert copied_values([], [], [], current=[]).is_empty()
