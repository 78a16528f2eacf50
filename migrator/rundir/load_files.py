"""
Load files on their way to the org: written once, sent from disk, removed.

Memory holds one stretch of a file, however large the file becomes. Nothing here is
needed after a crash: the next run makes its load files anew, and clears the folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from migrator.model.limits import ID_LENGTH
from migrator.model.names import ApiName
from migrator.model.records import Operation, Stretch, UploadPart
from migrator.rundir.layout import PRIVATE_FILE, PRIVATE_FOLDER


class LoadFiles:
    """
    The folder *folder* with the load files of one run; a context manager.

    Whoever opens it holds the lock of the journal beside it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def __enter__(self) -> Self:
        """
        Return the folder, empty and readable by its owner alone.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=PRIVATE_FOLDER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Remove what is left of it.
        """
        shutil.rmtree(self._folder, ignore_errors=True)

    def writer(self, target: ApiName, operation: Operation) -> LoadWriter:
        """
        Return what puts the load files of one object and one operation there.
        """
        return LoadWriter(self, target, operation)

    def append(self, path: Path | None, lines: bytes) -> Path:
        """
        Return the file at *path*, or a new one, with *lines* at its end.
        """
        if path is None:
            self._made += 1
            path = self._folder / f"{self._made:06}.csv"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(path, flags, PRIVATE_FILE), "wb") as file:
            file.write(lines)
        return path


class LoadWriter:
    """
    Makes upload parts of stretches, numbered from 1.
    """

    def __init__(self, files: LoadFiles, target: ApiName, operation: Operation) -> None:
        self._files = files
        self._target = target
        self._operation = operation
        self._number = 0
        self._path: Path | None = None
        self._rows = 0
        self._ids: list[str] = []
        self._digests: list[bytes] = []

    def parts(self, stretches: Iterable[Stretch]) -> Iterator[UploadPart]:
        """
        Yield the parts that are complete once *stretches* are written.
        """
        for each in stretches:
            if each.is_first:
                yield from self.last()
            self._path = self._files.append(self._path, each.lines)
            self._rows += each.rows
            self._ids.append(each.origin_ids)
            self._digests.append(each.digests)

    def last(self) -> Iterator[UploadPart]:
        """
        Yield the part begun so far, if there is one; the next stretch begins another.
        """
        if self._path is None:
            return
        self._number += 1
        ids = "".join(self._ids)
        part = UploadPart(
            object=self._target,
            operation=self._operation,
            number=self._number,
            rows=self._rows,
            content=self._path,
            first_id=ids[:ID_LENGTH],
            last_id=ids[-ID_LENGTH:],
            origin_ids=ids,
            digests=b"".join(self._digests),
        )
        self._path, self._rows, self._ids, self._digests = None, 0, [], []
        yield part
