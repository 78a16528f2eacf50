"""
The check of geolocations: each is filled by its two parts.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.codes import check as codes
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.table import Kind
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import LOCATION_PARTS, PART_SUFFIX, location_part

_WHOLE_DIGITS = 3
"""Degrees go up to 180."""


def number_of(location: FieldType) -> FieldType:
    """
    Return the type of the latitude and longitude of a *location*.
    """
    scale = location.scale or 0
    return FieldType(kind=Kind.NUMBER, precision=scale + _WHOLE_DIGITS, scale=scale)


def check_location(mapped: MappedObject, entry: FieldMapping) -> Iterator[Finding]:
    """
    Yield what is wrong with a location or with a part of one.
    """
    if entry.is_location:
        yield from _unfilled(mapped, entry)
    elif entry.target and entry.target.endswith(PART_SUFFIX):
        yield from _misplaced(mapped, entry)


def _unfilled(mapped: MappedObject, entry: FieldMapping) -> Iterator[Finding]:
    assert entry.target is not None
    filled = {name.casefold() for each in mapped.fields for name in each.targets}
    for part in LOCATION_PARTS:
        name = location_part(entry.target, part)
        if name.casefold() not in filled:
            yield codes.LOCATION_PART_MISSING(part=name, location=entry.target)


def _misplaced(mapped: MappedObject, entry: FieldMapping) -> Iterator[Finding]:
    for each in mapped.fields:
        if not (each.is_location and each.target and each.type):
            continue
        parts = [location_part(each.target, part) for part in LOCATION_PARTS]
        if entry.target in parts:
            if entry.type != number_of(each.type):
                yield codes.LOCATION_PART_TYPE(
                    location=each.target,
                    expected=number_of(each.type),
                    type=entry.type,
                )
            return
    yield codes.LOCATION_PART_ALONE(part=entry.target)
