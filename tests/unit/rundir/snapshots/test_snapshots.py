"""
The extract on disk: whole or not there, exact, private, and sorted on request.
"""

from __future__ import annotations

import random
import stat
from pathlib import Path

import polars as pl
import pytest

from migrator.errors import RunDirectoryError
from migrator.model.names import ApiName
from migrator.rundir.snapshots import Extract, ExtractMeta, Taken

NAME = ApiName("ONB2__Invoice__c")
COLUMNS = ("Id", "A__c")


def taken() -> Taken:
    """
    What an org might have said.
    """
    return Taken(
        columns=COLUMNS,
        soql="SELECT Id, A__c FROM ONB2__Invoice__c",
        api_version="66.0",
        count_at_start=3,
        max_system_modstamp="2026-01-01T00:00:00.000Z",
        taken_at="2026-01-02T00:00:00+00:00",
    )


def a_frame(*rows: tuple[str, str | None]) -> pl.DataFrame:
    """
    A page as the org's client gives it.
    """
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def an_extract(folder: Path, *frames: pl.DataFrame) -> Extract:
    """
    An extract of one object, complete.
    """
    extract = Extract(folder)
    extract.begin()
    write(extract, *frames)
    extract.finish()
    return extract


def write(extract: Extract, *frames: pl.DataFrame) -> ExtractMeta:
    """
    *frames* as the extract of the object.
    """
    return extract.switch(NAME, list(extract.write(NAME, frames, COLUMNS)), taken())


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    """
    Any text survives, and a blank is null.
    """
    frame = a_frame(("1", " a\r\n\u00a0ü,\"'"), ("2", ""), ("3", None))
    extract = an_extract(tmp_path, frame, a_frame(("4", "#N/A")))
    assert extract.rows(NAME) == 4
    assert extract.columns(NAME) == COLUMNS
    assert extract.frame(NAME)["A__c"].to_list() == [
        " a\r\n\u00a0ü,\"'",
        None,
        None,
        "#N/A",
    ]
    assert extract.frame(NAME, ["Id"]).columns == ["Id"]
    extract.check(NAME)


def test_files_are_private(tmp_path: Path) -> None:
    """
    Every file is readable by its owner alone.
    """
    an_extract(tmp_path, a_frame(("1", "a")))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(list(tmp_path.iterdir())) == 3
    assert modes == {0o600}


def test_an_object_without_records_is_complete(tmp_path: Path) -> None:
    """
    No part at all is a whole extract of nothing, with its columns.
    """
    extract = an_extract(tmp_path)
    assert extract.is_complete(NAME)
    assert extract.frame(NAME).columns == list(COLUMNS)
    assert extract.frame(NAME).height == 0


def test_a_killed_extract_leaves_the_old_one(tmp_path: Path) -> None:
    """
    Parts that were never named are dropped by the next run, not read.
    """
    extract = an_extract(tmp_path, a_frame(("1", "old")))
    extract.begin()
    writing = extract.write(NAME, [a_frame(("1", "new")), a_frame()], COLUMNS)
    next(writing)
    again = Extract(tmp_path)
    assert again.is_open
    assert again.frame(NAME)["A__c"].to_list() == ["old"]
    write(again, a_frame(("1", "newer")))
    assert again.frame(NAME)["A__c"].to_list() == ["newer"]
    assert len(list(tmp_path.glob("*.parquet"))) == 1


def test_an_open_generation_is_gone_on_with(tmp_path: Path) -> None:
    """
    A killed run's number is used again; a finished one's is not.
    """
    extract = Extract(tmp_path)
    assert extract.begin() == extract.begin() == 1
    extract.finish()
    assert extract.begin() == 2


def test_a_changed_part_is_noticed(tmp_path: Path) -> None:
    """
    The hash in the description is held against the file.
    """
    extract = an_extract(tmp_path, a_frame(("1", "a")))
    (part,) = tmp_path.glob("*.parquet")
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(RunDirectoryError) as caught:
        extract.check(NAME)
    assert part.name in caught.value.message


def test_a_missing_extract_names_the_next_command(tmp_path: Path) -> None:
    """
    The error says which object and what to run.
    """
    with pytest.raises(RunDirectoryError) as caught:
        Extract(tmp_path).rows(NAME)
    assert NAME in caught.value.message
    assert "migrator extract" in caught.value.hint


def test_columns_are_observed_over_all_parts(tmp_path: Path) -> None:
    """
    Lengths after the text rule, digits in any notation, blanks, values.
    """
    extract = an_extract(
        tmp_path,
        a_frame(("1", " ab\r\nc "), ("2", "1.50"), ("3", None), ("4", "  ")),
        a_frame(("5", "1.2345E2"), ("6", "0.00"), ("7", "-9.1226E-3")),
    )
    seen = extract.observe(NAME, ["Id", "A__c"], ["Id"])
    told = seen["A__c"]
    assert (told.rows, told.blanks, told.has_line_breaks) == (7, 2, True)
    assert told.max_length == len("-9.1226E-3")
    assert (told.max_scale, told.max_integer_digits) == (7, 3)
    assert told.values == ()
    assert seen["Id"].values == ("1", "2", "3", "4", "5", "6", "7")
    assert seen["Id"].has_line_breaks is False


@pytest.mark.parametrize(("with_case", "repeats"), [(False, 2), (True, 1)])
def test_repetitions_are_counted_over_all_parts(
    tmp_path: Path, *, with_case: bool, repeats: int
) -> None:
    """
    Blanks repeat nothing; capitals count only where the source tells them apart.
    """
    extract = an_extract(
        tmp_path,
        a_frame(("1", "x"), ("2", "y"), ("3", None), ("4", "")),
        a_frame(("5", " x"), ("6", "Y"), ("7", None), ("8", "z")),
    )
    seen = extract.observe(NAME, ["A__c"], uniques={"A__c": with_case})
    assert seen["A__c"].repeats == repeats


@pytest.mark.parametrize("max_bytes", [500, 5_000, 10_000_000])
def test_ranges_are_sorted_over_all_frames(tmp_path: Path, max_bytes: int) -> None:
    """
    However small the memory, the frames in a row are one sorted table.
    """
    chance = random.Random(7)
    pairs: list[tuple[str, str | None]] = [
        (f"{n:05}", chance.choice([None, "p1", "p2", f"p{n % 97}"]))
        for n in range(2_000)
    ]
    chance.shuffle(pairs)
    pages = [a_frame(*pairs[n : n + 300]) for n in range(0, 2_000, 300)]
    extract = an_extract(tmp_path, *pages)
    frames = list(extract.sorted_frames(NAME, ["A__c", "Id"], max_bytes=max_bytes))
    assert (len(frames) > 1) == (max_bytes < 10_000_000)
    rows = [row for frame in frames for row in frame.select("A__c", "Id").rows()]
    assert rows == sorted(
        ((parent, id_) for id_, parent in pairs), key=lambda r: (r[0] or "", r[1])
    )
    assert not list(tmp_path.glob(".sort.*"))


def test_records_can_be_left_out_while_the_files_keep_them(tmp_path: Path) -> None:
    """
    Counts, frames and sorted frames do without them; the extract itself has them all.
    """
    extract = an_extract(tmp_path, a_frame(("1", "c"), ("2", "b")), a_frame(("3", "a")))
    less = extract.without({NAME: pl.Series("Id", ["2"])})
    assert (extract.rows(NAME), less.rows(NAME)) == (3, 2)
    assert less.frame(NAME, ["A__c"])["A__c"].to_list() == ["c", "a"]
    for size in (1, 1_000_000):
        found = pl.concat(less.sorted_frames(NAME, ["A__c", "Id"], max_bytes=size))
        assert found["Id"].to_list() == ["3", "1"]
    none = extract.without({NAME: pl.Series("Id", ["1", "2", "3"])})
    assert none.rows(NAME) == 0
    assert all(f.is_empty() for f in none.sorted_frames(NAME, ["A__c"], max_bytes=1))
    assert extract.frame(NAME).height == 3
    less.check(NAME)
