"""
Narrow records of several kinds, brought together by ranges of their ids.

What is wanted, what is stored and what is known of a record come from three places,
each in an order of its own, and together they are more than memory should hold. So each
is split at the same ids as it comes, and one range after the other is looked at. Few
records are one range, which never touches the disk.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from migrator.rundir.layout import PRIVATE_FOLDER

RANGE_RECORDS = 250_000
"""About so many records of the extract are looked at at once."""
_WAITING = 200_000
"""So many records wait to be split together: few files, each worth its name."""
_SAMPLED = 16


def id_bounds(keys: Iterable[pl.Series], records: int) -> pl.Series:
    """
    Return the lower bounds of every range but the first, for *records* that have
    *keys*.
    """
    count = -(-records // RANGE_RECORDS)
    if count < 2:
        return pl.Series(dtype=pl.String)
    sample = pl.concat([each.gather_every(_SAMPLED) for each in keys]).sort()
    places = [len(sample) * number // count for number in range(1, count)]
    return sample.gather(places).unique().sort()


class IdRanges:
    """
    Frames of several kinds with a column *key*, split at *bounds*; in *folder*, which
    is made for them, without what a killed run has left there, and removed by `close`.
    """

    def __init__(self, folder: Path, bounds: pl.Series, key: str) -> None:
        # Only one run at a time has the lock.
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._bounds = bounds
        self._key = key
        self._waiting: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._pieces: dict[tuple[str, int], list[Path]] = defaultdict(list)
        self._made = 0

    def __len__(self) -> int:
        """
        How many ranges there are.
        """
        return len(self._bounds) + 1

    def add(self, kind: str, frame: pl.DataFrame) -> None:
        """
        One more frame of *kind*.
        """
        if frame.is_empty():
            return
        waiting = self._waiting[kind]
        waiting.append(frame)
        if len(self) > 1 and sum(each.height for each in waiting) >= _WAITING:
            self._split(kind)

    def frames(self, kind: str, number: int) -> list[pl.DataFrame]:
        """
        Return the frames of *kind* in range *number*, in the order in which they came.
        """
        if len(self) == 1:
            return self._waiting[kind]
        self._split(kind)
        return [pl.read_ipc(path) for path in self._pieces[kind, number]]

    def drop(self, kind: str) -> None:
        """
        Forgets all frames of *kind*.
        """
        self._waiting.pop(kind, None)
        for each in [pair for pair in self._pieces if pair[0] == kind]:
            for path in self._pieces.pop(each):
                path.unlink()

    def close(self) -> None:
        """
        Remove what lies on disk.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self._folder.parent.rmdir()  # the last one of them

    def _split(self, kind: str) -> None:
        waiting = self._waiting.pop(kind, [])
        if not waiting:
            return
        frame = pl.concat(waiting)
        owner = self._bounds.search_sorted(frame[self._key].fill_null(""), side="right")
        self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        split = frame.group_by(owner.alias("owner"), maintain_order=True)
        for (number,), piece in split:
            self._made += 1
            path = self._folder / f"{self._made:06}.arrow"
            piece.write_ipc(path, compression="uncompressed")
            self._pieces[kind, int(str(number))].append(path)
