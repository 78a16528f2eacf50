"""
Narrow records by ranges of their keys: every one in its range, in the order it came.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from migrator.rundir.snapshots import IdRanges, id_bounds, ranges


def a_frame(*keys: str | None) -> pl.DataFrame:
    """
    Records with *keys*, numbered.
    """
    return pl.DataFrame(
        {"key": list(keys), "number": list(range(len(keys)))},
        schema={"key": pl.String, "number": pl.Int64},
    )


@pytest.mark.parametrize("waiting", [1, 3, 1000])
def test_each_record_is_in_its_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    """
    The bound itself belongs to the range it begins; no key is before all others.
    """
    monkeypatch.setattr(ranges, "_WAITING", waiting)
    found = IdRanges(tmp_path / "r", pl.Series(["c", "f"]), "key")
    found.add("one", a_frame("a", "c", "z", None))
    found.add("one", a_frame("f", "b"))
    found.add("other", a_frame("d"))
    keys = [
        [key for frame in found.frames("one", number) for key in frame["key"]]
        for number in range(len(found))
    ]
    assert keys == [["a", None, "b"], ["c"], ["z", "f"]]
    assert not found.frames("other", 0)
    assert [f["key"].to_list() for f in found.frames("other", 1)] == [["d"]]
    found.drop("one")
    assert not any(found.frames("one", number) for number in range(3))
    assert len(list((tmp_path / "r").glob("*.arrow"))) == 1
    found.close()
    assert not (tmp_path / "r").exists()


def test_few_records_never_touch_the_disk(tmp_path: Path) -> None:
    """
    One range holds them all.
    """
    bounds = id_bounds([a_frame("a", "b")["key"]], 2)
    found = IdRanges(tmp_path / "r", bounds, "key")
    found.add("one", a_frame("b", "a"))
    assert len(found) == 1
    assert [frame["key"].to_list() for frame in found.frames("one", 0)] == [["b", "a"]]
    found.drop("one")
    assert not found.frames("one", 0)
    found.close()
    assert not (tmp_path / "r").exists()


def test_ranges_hold_about_as_many_records_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The bounds are drawn from a sample of the keys, whatever their order.
    """
    monkeypatch.setattr(ranges, "RANGE_RECORDS", 1_000)
    keys = [f"{number * 7919 % 10_000:05}" for number in range(10_000)]
    bounds = id_bounds(
        (pl.Series(keys[n : n + 500]) for n in range(0, 10_000, 500)), 10_000
    )
    assert len(bounds) == 9
    owners = bounds.search_sorted(pl.Series(keys), side="right")
    assert max(owners.value_counts()["count"]) < 2_000
