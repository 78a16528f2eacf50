"""
What is still to be sent, from what is wanted, what is stored and what is known of it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from migrator.model.job import Basis, SentRecords
from migrator.rules.copy.convert import (
    Judged,
    Mark,
    Pending,
    Sides,
    judged,
    keys_of,
    known_records,
    pending,
    read_records,
    stored_records,
    wanted_records,
    worth_noting,
)
from migrator.rules.copy.convert.digest import packed
from tests.builders.frames import an_id

T1, T2, T3 = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))
DIGESTS = {"old": 7, "new": 8, "other": 9}


def wanted(**records: str) -> pl.DataFrame:
    """
    The records r1, r2 ... with the digests called old, new or other.
    """
    ids = pl.Series([an_id(int(name[1:])) for name in records])
    digests = [DIGESTS[each] for each in records.values()]
    return wanted_records(
        ids, pl.DataFrame({"digest": pl.Series(digests, dtype=pl.UInt64)}), 0
    )


def stored_frame(**records: str) -> pl.DataFrame:
    """
    The records r1, r2 ... as the org shows them, with their times of change.
    """
    return pl.DataFrame(
        {
            "Origin_Id__c": [an_id(int(name[1:])) for name in records],
            "SystemModstamp": list(records.values()),
        },
        schema={"Origin_Id__c": pl.String, "SystemModstamp": pl.String},
    )


def known(*, turn: int = 1, until: str = T2, **records: str) -> pl.DataFrame:
    """
    One turn of the journal that has sent the records r1, r2 ... with such digests.
    """
    numbers = pl.Series([DIGESTS[each] for each in records.values()], dtype=pl.UInt64)
    sent = SentRecords(
        turn=turn,
        origin_ids="".join(an_id(int(name[1:])) for name in records),
        digests=packed(numbers),
        basis=Basis(method="m"),
        until=until,
    )
    return known_records(sent, links=False, is_usable=True)


def doubted(*, turn: int, **records: str) -> pl.DataFrame:
    """
    One turn that knows nothing any more of the records r1, r2 ....
    """
    ids = "".join(an_id(int(name[1:])) for name in records)
    sent = SentRecords(turn=turn, origin_ids=ids, digests=b"", links=b"")
    return known_records(sent, links=False, is_usable=True)


def read(stamp: str = T2, **records: str) -> pl.DataFrame:
    """
    The records r1, r2 ... as they were read back, with such digests.
    """
    numbers = [DIGESTS[each] for each in records.values()]
    digests = pl.DataFrame({"digest": pl.Series(numbers, dtype=pl.UInt64)})
    return read_records(stored_frame(**dict.fromkeys(records, stamp)), digests)


def marks(found: Judged) -> list[Mark]:
    """
    What each record waits for, in the order of the extract.
    """
    return [Mark(each) for each in found.marks.sort("row")["mark"].to_list()]


def test_each_record_is_missing_stale_unknown_or_there() -> None:
    """
    Stored is not enough: what was sent has to be what is wanted.
    """
    found = judged(
        Sides(
            wanted=[wanted(r1="new", r2="new", r3="new", r4="new")],
            stored=[stored_frame(r2=T1, r3=T2, r4=T1, r9=T1).pipe(stored_records)],
            known=[known(r2="old", r3="new")],
        )
    )
    assert marks(found) == [Mark.MISSING, Mark.STALE, Mark.THERE, Mark.UNKNOWN]
    assert (found.stored, found.surplus, found.doubted) == (4, 1, "")
    assert found.unknown.to_list() == [an_id(4)]


def test_the_last_turn_counts_also_when_it_knows_less() -> None:
    """
    Sent, sent again, doubted: record by record the newest word.
    """
    found = judged(
        Sides(
            wanted=[wanted(r1="new", r2="new", r3="new")],
            stored=[stored_records(stored_frame(r1=T1, r2=T1, r3=T1))],
            known=[
                known(turn=1, r1="old", r2="new", r3="new"),
                known(turn=2, r1="new"),
                doubted(turn=3, r3=""),
            ],
        )
    )
    assert marks(found) == [Mark.THERE, Mark.THERE, Mark.UNKNOWN]


@pytest.mark.parametrize(
    ("until", "mark"),
    [
        (T2, Mark.THERE),
        ("2026-01-02T00:00:00.000+0000", Mark.THERE),
        (T1, Mark.UNKNOWN),
        ("", Mark.UNKNOWN),
        ("soon", Mark.UNKNOWN),
    ],
)
def test_a_record_that_somebody_else_changed_is_doubted(until: str, mark: Mark) -> None:
    """
    What the org changed after our job had ended was not changed by us.
    """
    found = judged(
        Sides(
            wanted=[wanted(r1="new")],
            stored=[stored_records(stored_frame(r1=T2))],
            known=[known(r1="new", until=until)],
        )
    )
    assert marks(found) == [mark]
    assert found.doubted == ("" if mark is Mark.THERE else an_id(1))


def test_a_later_job_of_ours_explains_a_later_change() -> None:
    """
    The second pass writes after the load, and says nothing about the values.
    """
    links = SentRecords(turn=2, origin_ids=an_id(1), links=b"\1" * 8, until=T3)
    found = judged(
        Sides(
            wanted=[wanted(r1="new")],
            stored=[stored_records(stored_frame(r1=T3))],
            known=[
                known(r1="new", until=T1),
                known_records(links, links=False, is_usable=True),
            ],
        )
    )
    assert marks(found) == [Mark.THERE]


def test_what_is_read_back_takes_the_place_of_what_was_sent() -> None:
    """
    Equal is there, other is stale, and a record that was known stays as it was judged.
    """
    found = judged(
        Sides(
            wanted=[wanted(r1="new", r2="new", r3="new")],
            stored=[stored_records(stored_frame(r1=T1, r2=T1, r3=T1))],
            known=[known(r3="new")],
            read=[read(r1="new", r2="other", r3="other")],
        )
    )
    assert marks(found) == [Mark.THERE, Mark.STALE, Mark.THERE]


def test_digests_of_another_method_say_nothing() -> None:
    """
    A library that computes otherwise makes every record unknown, and none equal.
    """
    sent = SentRecords(
        turn=1, origin_ids=an_id(1), digests=(8).to_bytes(8, "little"), until=T2
    )
    found = judged(
        Sides(
            wanted=[wanted(r1="new")],
            stored=[stored_records(stored_frame(r1=T1))],
            known=[known_records(sent, links=False, is_usable=False)],
        )
    )
    assert marks(found) == [Mark.UNKNOWN]


def test_of_a_sample_only_its_records_count() -> None:
    """
    The others wait for nothing, and none of them is surplus.
    """
    found = judged(
        Sides(
            wanted=[wanted(r1="new", r2="new")],
            stored=[stored_records(stored_frame(r1=T1))],
            known=[known(r1="new")],
        ),
        keys_of(pl.Series([an_id(2)])),
    )
    whole = pending(2, [found])
    assert whole.marks is not None
    assert whole.marks.to_list() == [Mark.NOTHING, Mark.MISSING]
    assert whole.surplus == 0


def test_ranges_come_together_in_the_order_of_the_extract() -> None:
    """
    Each record is found under its own row, whichever range it was judged in.
    """
    first = wanted_records(
        pl.Series([an_id(5)]), pl.DataFrame({"digest": [8]}, {"digest": pl.UInt64}), 2
    )
    second = wanted(r1="new", r2="new")
    stored = [stored_records(stored_frame(r2=T1, r5=T1))]
    sides = [
        Sides(wanted=[each], stored=stored, known=[known(r2="new")])
        for each in (first, second)
    ]
    whole = pending(3, map(judged, sides))
    assert whole.marks is not None
    assert whole.marks.to_list() == [Mark.MISSING, Mark.THERE, Mark.UNKNOWN]
    assert [whole.count(mark) for mark in Mark] == [0, 1, 0, 1, 1]
    assert whole.only(Mark.THERE).to_list() == [0, Mark.THERE, 0]  # type: ignore[union-attr]


def test_an_empty_target_has_everything_missing() -> None:
    """
    Nothing is asked, and every record is taken.
    """
    whole = Pending(marks=None, records=2)
    frame = pl.DataFrame({"Id": [an_id(1), an_id(2)]})
    assert whole.take(frame, Mark.MISSING).equals(frame)
    assert whole.take(frame, Mark.STALE).is_empty()
    assert (whole.count(Mark.MISSING), whole.count(Mark.THERE)) == (2, 0)


def test_what_was_read_is_noted_unless_its_day_is_not_known() -> None:
    """
    Values that read the clock are equal or the record is left unknown.
    """
    ours = wanted(r1="new", r2="new").with_columns(
        pl.Series("clock", [1, 2], dtype=pl.UInt64)
    )
    theirs = read(r1="new", r2="new").with_columns(
        pl.Series("clock", [1, 3], dtype=pl.UInt64)
    )
    found = worth_noting(theirs, [ours])
    assert found.ids == an_id(1)
    assert found.digests == (8).to_bytes(8, "little")
    assert datetime.fromisoformat(found.until) == datetime(2026, 1, 2, tzinfo=UTC)
    assert worth_noting(read(r1="old"), [wanted(r1="new")]).ids == an_id(1)
