"""
The records as received from the org: Parquet parts, named only when they are safe.

An object's records lie in `<Object>.<nnnnn>.parquet` (zstd, every column text, null
for blank) and are described by `<Object>.json`. The JSON is the switch: it is renamed
into place when every part it names has been written, synced and hashed. Parts that no
JSON names are what a killed run left, or what a newer extract replaced, and are
removed. An object is therefore always there whole, the old one until the new one is.

`generation.json` tells a finished extract from a killed one: objects of an open
generation are kept by the next run, everything else is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections import abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from migrator.errors import RunDirectoryError
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rundir.layout import PRIVATE_FILE, PRIVATE_FOLDER
from migrator.rundir.snapshots.observation import observe
from migrator.rundir.snapshots.partition import BUCKET_BYTES, Partition, gathered

Frame = pl.DataFrame
"""Records, for those who pass them on without looking."""
PART_BYTES = 8_000_000
"""About the most that a part takes in memory when it is read again."""
SCRATCH = ".sort."
"""How the names of folders begin in which records are sorted."""
_GENERATION = "generation.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractPart:
    """
    One file of an object's extract.
    """

    file: str
    rows: int
    size: int
    """Bytes on disk."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractMeta:
    """
    What `<Object>.json` says about one object's extract.
    """

    object: ApiName
    generation: int
    columns: tuple[str, ...]
    """SOQL paths, in the order of the files' columns."""
    soql: str
    api_version: str
    count_at_start: int
    max_system_modstamp: str
    """As the org wrote it; empty when there are no records."""
    taken_at: str
    """When the extract was complete, ISO 8601 in UTC."""
    parts: tuple[ExtractPart, ...]

    @property
    def rows(self) -> int:
        """
        Records in all parts.
        """
        return sum(part.rows for part in self.parts)

    @property
    def size(self) -> int:
        """
        Bytes on disk in all parts.
        """
        return sum(part.size for part in self.parts)

    @property
    def key(self) -> str:
        """
        A name for these very records, by their content.
        """
        named = f"{self.columns}{[part.sha256 for part in self.parts]}"
        return hashlib.sha256(named.encode("utf-8")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    What the org said about an object while its records were read.
    """

    columns: tuple[str, ...]
    soql: str
    api_version: str
    count_at_start: int
    max_system_modstamp: str
    taken_at: str


class Extract:
    """
    The extract of one org, in `.migrator/<org id>/extract/`.
    """

    def __init__(
        self, folder: Path, left_out: abc.Mapping[ApiName, pl.Series] | None = None
    ) -> None:
        self._folder = folder
        self._left_out = dict(left_out or {})

    def without(self, left_out: abc.Mapping[ApiName, pl.Series]) -> Extract:
        """
        Return the same extract as if the records of *left_out*, ids by object, were not
        in it.

        The files stay whole: they are the backup of everything.
        """
        return Extract(self._folder, left_out)

    def begin(self) -> int:
        """
        Return the number of the generation to write: the open one, or a new one.
        """
        number, is_open = self._generation()
        if not is_open:
            number += 1
            self._write_generation(number, is_open=True)
        return number

    def finish(self) -> None:
        """
        Close the open generation: every object of it is complete.
        """
        number, _ = self._generation()
        self._write_generation(number, is_open=False)

    @property
    def is_open(self) -> bool:
        """
        True when a run was killed before it had read every object.
        """
        return self._generation()[1]

    def is_complete(self, name: ApiName) -> bool:
        """
        Return True when the object *name* has a whole extract, of whatever age.
        """
        return self._meta_file(name).is_file()

    def meta(self, name: ApiName) -> ExtractMeta:
        """
        Return the description of *name*'s extract; RunDirectoryError when there is
        none.
        """
        path = self._meta_file(name)
        try:
            return _read_meta(path.read_bytes())
        except FileNotFoundError as error:
            raise RunDirectoryError(
                f"there is no extract of {name}", hint="migrator extract --org ORG"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunDirectoryError(
                f"{path} does not describe an extract",
                hint="migrator extract --org ORG",
            ) from error

    def columns(self, name: ApiName) -> tuple[str, ...]:
        """
        Return the SOQL paths in the extract of *name*.
        """
        return self.meta(name).columns

    def rows(self, name: ApiName) -> int:
        """
        How many records the extract of *name* holds.
        """
        return self.meta(name).rows - len(self._left_out.get(name, ()))

    def write(
        self, name: ApiName, frames: Iterable[pl.DataFrame], columns: Sequence[str]
    ) -> Iterator[ExtractPart]:
        """
        Each of *frames* as a new part of *name*, synced but named by no JSON yet.

        An empty text becomes null, as the org means it.
        """
        self._folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        self._remove_unnamed(name)
        first = self._next_number(name)
        for number, frame in enumerate(gathered(frames, PART_BYTES), first):
            path = self._folder / f"{name}.{number:05}.parquet"
            shaped = frame.select(_blank_is_null(column) for column in columns)
            yield _write_part(path, shaped)

    def switch(
        self, name: ApiName, parts: Sequence[ExtractPart], taken: Taken
    ) -> ExtractMeta:
        """
        Make *parts* the extract of *name*, then removes the parts it replaces.
        """
        meta = ExtractMeta(
            object=name,
            generation=self._generation()[0],
            columns=taken.columns,
            soql=taken.soql,
            api_version=taken.api_version,
            count_at_start=taken.count_at_start,
            max_system_modstamp=taken.max_system_modstamp,
            taken_at=taken.taken_at,
            parts=tuple(parts),
        )
        _sync_folder(self._folder)
        self._write_json(self._meta_file(name), asdict(meta) | {"rows": meta.rows})
        self._remove_unnamed(name)
        return meta

    def check(self, name: ApiName) -> None:
        """
        Raise RunDirectoryError when a part is missing or not the one that was hashed.
        """
        for part in self.meta(name).parts:
            path = self._folder / part.file
            if not path.is_file() or _sha256(path) != part.sha256:
                raise RunDirectoryError(
                    f"{path} is missing or has changed since it was extracted",
                    hint="migrator extract --org ORG",
                )

    def frames(
        self, name: ApiName, columns: Sequence[str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """
        Yield the records part by part, all columns or those given.
        """
        gone = self._left_out.get(name)
        wanted = list(columns) if columns is not None else None
        for part in self.meta(name).parts:
            file = self._folder / part.file
            if gone is None or gone.is_empty():
                yield pl.read_parquet(file, columns=wanted)
                continue
            read = None if wanted is None else list(dict.fromkeys(["Id", *wanted]))
            kept = pl.read_parquet(file, columns=read).join(
                gone.to_frame("Id"), on="Id", how="anti", maintain_order="left"
            )
            yield kept if wanted is None else kept.select(wanted)

    def frame(
        self, name: ApiName, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """
        All records of *name* in one frame; for big objects use `frames`.
        """
        frames = list(self.frames(name, columns))
        if not frames:
            wanted = columns if columns is not None else self.columns(name)
            return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        return pl.concat(frames)

    def observe(
        self,
        name: ApiName,
        columns: Sequence[str],
        picklists: Sequence[str] = (),
        uniques: abc.Mapping[str, bool] | None = None,
    ) -> dict[str, Observed]:
        """
        Return what the records show about each of *columns*, one part in memory at a
        time.

        The distinct values are collected for *picklists* only, at most
        `MAX_DISTINCT_VALUES` of each. Repetitions are counted for *uniques*, compared
        with case where they say True; that takes eight bytes a cell.
        """
        return observe(self.frames(name, columns), columns, picklists, uniques)

    def sorted_frames(
        self,
        name: ApiName,
        by: Sequence[str],
        *,
        max_bytes: int = BUCKET_BYTES,
        columns: Sequence[str] | None = None,
        marks: pl.Series | None = None,
    ) -> Iterator[pl.DataFrame]:
        """
        Yield the records sorted over all frames by the columns *by*, ascending, null
        first.

        A range partition: cut points are drawn from a sample, every part is split once
        into files of one range each, and one range after the other is sorted in memory.
        Memory holds one range and one part, however many records there are. Sorted by
        nothing (*by* empty) they come as they lie, in frames of that size. They hold
        all columns, or those given, *by* among them. With *marks*, a number for each
        record in its order, only records with another one than 0, which stands in a
        column of the same name.
        """
        if not by:
            yield from gathered(self._marked(name, columns, marks), max_bytes)
            return
        # What a killed run has left: only one run at a time has the lock.
        for left in self._folder.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        partition = Partition(
            read=lambda only: self._marked(name, only or columns, marks),
            rows=self.rows(name) if marks is None else int((marks != 0).sum()),
            by=tuple(by),
            max_bytes=max_bytes,
        )
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=SCRATCH) as folder:
            yield from partition.sorted_frames(Path(folder))

    # -- Inside -----------------------------------------------------------------------

    def _marked(
        self, name: ApiName, columns: Sequence[str] | None, marks: pl.Series | None
    ) -> Iterator[pl.DataFrame]:
        """
        As `frames`, without the records that *marks* has a 0 for.
        """
        if marks is None:
            yield from self.frames(name, columns)
            return
        start = 0
        for frame in self.frames(name, columns):
            piece = marks.slice(start, frame.height)
            start += frame.height
            chosen = frame.with_columns(piece).filter(piece != 0)
            if not chosen.is_empty():
                yield chosen

    def _meta_file(self, name: ApiName) -> Path:
        return self._folder / f"{name}.json"

    def _part_files(self, name: ApiName) -> list[Path]:
        return sorted(self._folder.glob(f"{name}.[0-9]*.parquet"))

    def _next_number(self, name: ApiName) -> int:
        numbers = [int(path.name.split(".")[-2]) for path in self._part_files(name)]
        return max(numbers, default=0) + 1

    def _remove_unnamed(self, name: ApiName) -> None:
        named = set()
        if self.is_complete(name):
            named = {part.file for part in self.meta(name).parts}
        for path in self._part_files(name):
            if path.name not in named:
                path.unlink()

    def _generation(self) -> tuple[int, bool]:
        path = self._folder / _GENERATION
        if not path.is_file():
            return 0, False
        try:
            raw = json.loads(path.read_bytes())
            return int(raw["number"]), bool(raw["open"])
        except (ValueError, KeyError, TypeError) as error:
            raise RunDirectoryError(
                f"{path} cannot be read",
                hint="remove it and run: migrator extract --org ORG",
            ) from error

    def _write_generation(self, number: int, *, is_open: bool) -> None:
        self._write_json(
            self._folder / _GENERATION, {"number": number, "open": is_open}
        )

    def _write_json(self, path: Path, content: dict[str, object]) -> None:
        text = json.dumps(content, indent=1) + "\n"
        temporary = path.with_name(f".{path.name}.new")
        with _private_file(temporary) as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(self._folder)


def _private_file(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.fdopen(os.open(path, flags, PRIVATE_FILE), "wb")


def _write_part(path: Path, frame: pl.DataFrame) -> ExtractPart:
    with _private_file(path) as file:
        # Level 1 without statistics: a quarter quicker, and hardly larger.
        frame.write_parquet(
            file, compression="zstd", compression_level=1, statistics=False
        )
        file.flush()
        os.fsync(file.fileno())
    return ExtractPart(
        file=path.name,
        rows=frame.height,
        size=path.stat().st_size,
        sha256=_sha256(path),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """
    Make renames and new names in *folder* survive a power cut.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_meta(content: bytes) -> ExtractMeta:
    raw = json.loads(content)
    raw.pop("rows", None)
    parts = tuple(ExtractPart(**part) for part in raw.pop("parts"))
    columns = tuple(raw.pop("columns"))
    return ExtractMeta(columns=columns, parts=parts, **raw)


def _blank_is_null(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String)
    return pl.when(text != "").then(text).alias(column)
