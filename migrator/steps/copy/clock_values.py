"""
The values that read the clock, as they were when they were copied.

Such a value is another one every day, without its record changing. So it is no reason
to send a record again; and what the copy holds is compared with the day of its copy,
which the extract of today cannot tell any more. Of each record the values it was sent
with are kept beside the extract, in a folder of the same form.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from migrator.model.mapping import MappedObject
from migrator.rules.copy.convert import (
    KEY,
    Aspect,
    Frame,
    copied_values,
    keys_of,
    known_records,
    with_keys,
)
from migrator.rundir.journal import Journal
from migrator.rundir.snapshots import Extract, IdRanges, Taken, id_bounds

_NOW, _KEPT, _KNOWN = "now", "kept", "known"


def clock_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    Return the source's columns that are kept, `Id` first; empty when no value reads the
    clock.
    """
    paths = [str(entry.source) for entry in mapped.carried if entry.volatile]
    return ("Id", *dict.fromkeys(paths)) if paths else ()


def has_clock_values(copied: Extract, mapped: MappedObject) -> bool:
    """
    Return True when *copied* has the values that are kept of *mapped*.
    """
    name = mapped.source
    return copied.is_complete(name) and copied.columns(name) == clock_columns(mapped)


def keep_clock_values(
    journal: Journal, extract: Extract, copied: Extract, aspect: Aspect, folder: Path
) -> None:
    """
    Keep what the records of one object hold now in *copied*, when something has
    been sent since they were kept last.

    They are in place before the journal says so: a run killed between the two does the
    same once more.
    """
    mapped = aspect.conversion.mapped
    columns, last = clock_columns(mapped), journal.last_turn(mapped.target)
    if not columns or last <= journal.kept_turn(mapped.target):
        return
    name = mapped.source
    keys = (keys_of(frame["Id"]) for frame in extract.frames(name, ["Id"]))
    ranges = IdRanges(folder, id_bounds(keys, extract.rows(name)), KEY)
    for frame in extract.frames(name, columns):
        ranges.add(_NOW, with_keys(frame))
    if has_clock_values(copied, mapped):
        for frame in copied.frames(name):
            ranges.add(_KEPT, with_keys(frame))
    current = []
    for sent in journal.sent_records(mapped.target):
        ranges.add(_KNOWN, known_records(sent, links=False, is_usable=True))
        if sent.digests and sent.basis.extract == aspect.extract:
            current.append(sent.turn)
    parts = list(copied.write(name, _merged(ranges, current), columns))
    copied.switch(name, parts, _taken(columns))
    ranges.close()
    journal.record_kept_values(mapped.target, last)


def _merged(ranges: IdRanges, current: list[int]) -> Iterator[Frame]:
    for number in range(len(ranges)):
        frame = copied_values(
            ranges.frames(_NOW, number),
            ranges.frames(_KEPT, number),
            ranges.frames(_KNOWN, number),
            current,
        )
        if not frame.is_empty():
            yield frame


def _taken(columns: tuple[str, ...]) -> Taken:
    return Taken(
        columns=columns,
        soql="",
        api_version="",
        count_at_start=0,
        max_system_modstamp="",
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
