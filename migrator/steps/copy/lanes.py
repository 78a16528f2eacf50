"""
From records of an extract to load files on disk, one lane for each kind of write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.model.job import Purpose
from migrator.model.records import Operation
from migrator.rules.copy.convert import (
    Conversion,
    Cutter,
    Frame,
    cleared,
    convert,
    links,
    rest_records,
    updatable,
)
from migrator.rundir.load_files import LoadFiles, LoadWriter
from migrator.steps.copy.jobs import Consignment

if TYPE_CHECKING:
    from migrator.org.collections import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """
    One kind of write to one object.
    """

    conversion: Conversion
    mapping: str
    """The digest of what the mapping says about the object."""
    purpose: Purpose
    files: LoadFiles
    max_bytes: int
    """No load file is larger, unless a single record is."""
    special: list[Row] = field(default_factory=list)
    """Records met so far that no load file can hold."""
    tracks: dict[str, _Track] = field(default_factory=dict)
    """The load files begun, by the references that their records lack."""

    @property
    def operation(self) -> Operation:
        """
        What its jobs do: only records that are not there are inserted.
        """
        is_new = self.purpose is Purpose.LOAD
        return Operation.INSERT if is_new else Operation.UPSERT

    def consignments(self, frame: Frame) -> Iterator[Consignment]:
        """
        Yield the load files that the records of *frame*, an extract's, complete.
        """
        if frame.is_empty():
            return
        for name, piece in self._pieces(frame):
            track = self.tracks.get(name) or self._new_track(name)
            for part in track.writer.parts(track.cutter.stretches(piece)):
                yield Consignment(part=part, purpose=self.purpose)

    def last(self) -> Iterator[Consignment]:
        """
        Yield the load files begun and not complete, when no more records come.
        """
        for track in self.tracks.values():
            for part in track.writer.last():
                yield Consignment(part=part, purpose=self.purpose)

    def _pieces(self, frame: Frame) -> Iterable[tuple[str, Frame]]:
        """
        Return the load file's records of *frame*, together those that have the same
        columns.
        """
        conversion = self.conversion
        if self.purpose is Purpose.LINK:
            return cleared(links(frame, conversion, self.mapping), conversion)
        found = convert(frame, conversion, check=False, mapping=self.mapping)
        if self.purpose is Purpose.LOAD:
            self.special.extend(rest_records(found.rest_rows))
            return [("", found.frame)]
        self.special.extend(rest_records(updatable(found.rest_rows, conversion)))
        return cleared(updatable(found.frame, conversion), conversion)

    def _new_track(self, name: str) -> _Track:
        track = _Track(
            writer=self.files.writer(self.conversion.mapped.target, self.operation),
            cutter=Cutter(conversion=self.conversion, max_bytes=self.max_bytes),
        )
        self.tracks[name] = track
        return track


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """
    A load file being written, and where it ends.
    """

    writer: LoadWriter
    cutter: Cutter
