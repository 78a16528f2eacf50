"""
From records of an extract to load files on disk, one lane for each kind of write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.model.job import Purpose
from migrator.model.records import Operation
from migrator.rules.copy.convert import (
    Conversion,
    Cutter,
    Frame,
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
    purpose: Purpose
    writer: LoadWriter
    cutter: Cutter
    special: list[Row] = field(default_factory=list)
    """Records met so far that no load file can hold."""

    @property
    def operation(self) -> Operation:
        """
        What its jobs do: only records that are not there are inserted.
        """
        return _operation(self.purpose)

    def consignments(self, frame: Frame) -> Iterator[Consignment]:
        """
        The load files that the records of *frame*, an extract's, complete.
        """
        if not frame.is_empty():
            parts = self.writer.parts(self.cutter.stretches(self._converted(frame)))
            yield from (Consignment(part=p, purpose=self.purpose) for p in parts)

    def last(self) -> Iterator[Consignment]:
        """
        The load file begun and not complete, when no more records come.
        """
        for part in self.writer.last():
            yield Consignment(part=part, purpose=self.purpose)

    def _converted(self, frame: Frame) -> Frame:
        if self.purpose is Purpose.LINK:
            return links(frame, self.conversion)
        converted = convert(frame, self.conversion, check=False)
        made, rest = converted.frame, converted.rest_rows
        if self.purpose is Purpose.RENEW:
            made = updatable(made, self.conversion)
            rest = updatable(rest, self.conversion)
        self.special.extend(rest_records(rest))
        return made


def a_lane(
    conversion: Conversion, purpose: Purpose, files: LoadFiles, *, max_bytes: int
) -> Lane:
    """
    The lane of *purpose* into the object of *conversion*, its load files in *files*
    and none larger than *max_bytes* unless a single record is.
    """
    target = conversion.mapped.target
    return Lane(
        conversion=conversion,
        purpose=purpose,
        writer=files.writer(target, _operation(purpose)),
        cutter=Cutter(conversion=conversion, max_bytes=max_bytes),
    )


def _operation(purpose: Purpose) -> Operation:
    return Operation.INSERT if purpose is Purpose.LOAD else Operation.UPSERT
