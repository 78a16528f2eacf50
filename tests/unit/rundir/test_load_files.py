"""
Load files on disk: whole, private, and gone afterwards.
"""

from __future__ import annotations

from pathlib import Path

from migrator.model.names import ApiName
from migrator.model.records import Operation, Stretch
from migrator.rundir.load_files import LoadFiles

TARGET = ApiName("Invoice__c")
IDS = tuple(f"a0X{number:012}AAA" for number in range(3))


def a_stretch(number: int, *, is_first: bool) -> Stretch:
    """
    One record, after the header when a file begins with it.
    """
    head = b'"Origin_Id__c"\n' if is_first else b""
    lines = head + f'"{IDS[number]}"\n'.encode()
    return Stretch(lines=lines, rows=1, origin_ids=IDS[number], is_first=is_first)


def test_stretches_become_numbered_files(tmp_path: Path) -> None:
    """A part is complete when the next one begins, or when asked for the last."""
    with LoadFiles(tmp_path / "load") as files:
        writer = files.writer(TARGET, Operation.INSERT)
        assert not list(writer.parts([a_stretch(0, is_first=True)]))
        rest = [a_stretch(1, is_first=False), a_stretch(2, is_first=True)]
        (one,) = writer.parts(rest)
        (other,) = writer.last()
        assert not list(writer.last())
        assert isinstance(one.content, Path)
        assert isinstance(other.content, Path)
        assert one.content.read_text("utf-8").splitlines() == [
            '"Origin_Id__c"',
            f'"{IDS[0]}"',
            f'"{IDS[1]}"',
        ]
        assert (one.number, one.rows, one.first_id, one.last_id) == (1, 2, *IDS[:2])
        assert (other.number, other.rows, other.origin_ids) == (2, 1, IDS[2])
        assert one.content.stat().st_mode & 0o777 == 0o600
        assert one.content.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_stays_behind(tmp_path: Path) -> None:
    """Neither what this run has begun, nor what a killed one has left."""
    folder = tmp_path / "load"
    folder.mkdir()
    (folder / "000009.csv").write_bytes(b"left")
    with LoadFiles(folder) as files:
        assert not list(folder.iterdir())
        writer = files.writer(TARGET, Operation.INSERT)
        assert not list(writer.parts([a_stretch(0, is_first=True)]))
        assert list(folder.iterdir())
    assert not folder.exists()
