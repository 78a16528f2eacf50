"""
Sorting more records than memory holds: a range partition on disk.

Cut points are drawn from a sample, every frame is split once into files of one range
each, and one range after the other is sorted in memory. Neither polars' nor DuckDB's
own sort of millions of wide records keeps memory small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

BUCKET_BYTES = 24_000_000
"""How much of a frame is sorted in memory at once; about 32 MB as a load file."""
SAMPLED = 16
"""One key of so many is looked at to find the cut points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """
    Records to be sorted over all frames, ascending, null first.
    """

    read: Callable[[Sequence[str] | None], Iterator[pl.DataFrame]]
    """The frames, all columns or those given; they are read up to three times."""
    rows: int
    by: tuple[str, ...]
    """The columns; all records with the same first one are in one frame."""
    max_bytes: int
    """About the size of a sorted frame."""

    def sorted_frames(self, scratch: Path) -> Iterator[pl.DataFrame]:
        """
        Yield the frames, one range of keys each; *scratch* is an empty folder to work
        in.
        """
        ranges = self._ranges(-(-self._memory() // self.max_bytes))
        if not ranges:
            frames = list(self.read(None))
            yield from [pl.concat(frames).sort(self.by)] if frames else []
            return
        for files in self._split(ranges, scratch):
            frames = [pl.read_ipc(file) for file in files]
            yield pl.concat(frames).sort(self.by, nulls_last=False)
            for file in files:
                file.unlink()

    def _memory(self) -> int:
        """
        About how many bytes all records take in memory.
        """
        for frame in self.read(None):
            if frame.height:
                return int(frame.estimated_size() / frame.height * self.rows)
        return 0

    def _ranges(self, count: int) -> list[str]:
        """
        Return the lower bounds of every range but the first; empty when one is enough.
        """
        if count < 2:
            return []
        sample = [
            frame.select(self._key).to_series().gather_every(SAMPLED)
            for frame in self.read([self.by[0]])
        ]
        keys = pl.concat(sample).sort()
        bounds = keys.gather([len(keys) * i // count for i in range(1, count)])
        return [str(bound) for bound in bounds.unique().sort()]

    def _split(self, ranges: list[str], folder: Path) -> list[list[Path]]:
        pieces: list[list[Path]] = [[] for _ in range(len(ranges) + 1)]
        bounds = pl.Series(ranges)
        for number, frame in enumerate(self.read(None)):
            keys = frame.select(self._key).to_series()
            owner = bounds.search_sorted(keys, side="right")
            for (index,), piece in frame.group_by(owner.alias("owner")):
                file = folder / f"{index}.{number}.arrow"
                piece.write_ipc(file, compression="uncompressed")
                pieces[int(str(index))].append(file)
        return [files for files in pieces if files]

    @property
    def _key(self) -> pl.Expr:
        return pl.col(self.by[0]).fill_null("")


def gathered(frames: Iterable[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    """
    *frames* in pieces of some *size* bytes, small ones put together.
    """
    waiting: list[pl.DataFrame] = []
    total = 0
    for frame in frames:
        width = frame.estimated_size() / max(1, frame.height)
        for piece in _equal_slices(frame, size):
            more = int(width * piece.height)
            if waiting and total + more > size:
                yield pl.concat(waiting)
                waiting, total = [], 0
            waiting.append(piece)
            total += more
            # A piece keeps the whole frame in memory: it does not wait for more.
            if total >= size // 2:
                yield pl.concat(waiting)
                waiting, total = [], 0
    if waiting:
        yield pl.concat(waiting)


def _equal_slices(frame: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """
    *frame* in slices of at most *size* bytes each, none much smaller than the others.
    """
    if frame.is_empty():
        yield frame
        return
    count = max(1, math.ceil(frame.estimated_size() / size))
    yield from frame.iter_slices(math.ceil(frame.height / count))
