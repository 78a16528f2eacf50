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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from migrator.model.names import ApiName


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    What the org said about an object while its records were read.
    """

    soql: str
    api_version: str
    count_at_start: int
    max_system_modstamp: str
    taken_at: str


class Extract:
    """
    The extract of one org, in `.migrator/<org id>/extract/`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> int:
        """
        The number of the generation to write: the open one, or a new one.
        """
        raise NotImplementedError

    def finish(self) -> None:
        """
        Closes the open generation: every object of it is complete.
        """
        raise NotImplementedError

    def is_complete(self, name: ApiName) -> bool:
        """
        True when the object *name* has a whole extract, of whatever age.
        """
        raise NotImplementedError

    def meta(self, name: ApiName) -> ExtractMeta:
        """
        The description of *name*'s extract; RunDirectoryError when there is none.
        """
        raise NotImplementedError

    def columns(self, name: ApiName) -> tuple[str, ...]:
        """
        The SOQL paths in the extract of *name*.
        """
        return self.meta(name).columns

    def rows(self, name: ApiName) -> int:
        """
        How many records the extract of *name* holds.
        """
        return self.meta(name).rows

    def write(
        self, name: ApiName, frames: Iterable[pl.DataFrame], columns: Sequence[str]
    ) -> tuple[ExtractPart, ...]:
        """
        *frames* as new parts of *name*, one file each, not yet named by its JSON.
        """
        raise NotImplementedError

    def switch(
        self, name: ApiName, parts: tuple[ExtractPart, ...], taken: Taken
    ) -> ExtractMeta:
        """
        Makes *parts* the extract of *name* and removes the parts it replaces.
        """
        raise NotImplementedError

    def check(self, name: ApiName) -> None:
        """
        Raises RunDirectoryError when a part is missing or not the one that was hashed.
        """
        raise NotImplementedError

    def frames(
        self, name: ApiName, columns: Sequence[str] | None = None
    ) -> Iterator[pl.DataFrame]:
        """
        The records part by part, all columns or those given.
        """
        raise NotImplementedError

    def frame(
        self, name: ApiName, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """
        All records of *name* in one frame; for big objects use `frames`.
        """
        raise NotImplementedError
