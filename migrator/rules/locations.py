"""
Geolocations: one field to make, two numbers to write.

The compound is read-only and no bulk query reads it ("Compound Field Considerations
and Limitations"), so its entry makes the field and the entries of its two parts carry
the values, to `X__Latitude__s` and `X__Longitude__s` of the field that was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.finding import Level
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import (
    LOCATION_PARTS,
    PART_SUFFIX,
    ApiName,
    location_part,
)
from migrator.model.target import FieldType, Kind
from migrator.rules.draft import Draft, Scene
from migrator.rules.field_kinds import Remark
from migrator.rules.limits import MAX_LOCATION_SCALE

_WHOLE_DIGITS = 3
"""Degrees go up to 180."""


def location_of(
    field: FieldDescribe, described: ObjectDescribe
) -> FieldDescribe | None:
    """
    The location that *field* is the latitude or longitude of, if both are described.
    """
    if field.compound_field is None or not field.name.endswith(PART_SUFFIX):
        return None
    whole = described.field(field.compound_field)
    if whole is None or whole.type != "location":
        return None
    parts = _parts(whole, described)
    return whole if field.name in [each.name for each in parts] else None


def location_type(field: FieldDescribe, scene: Scene) -> FieldType | None:
    """
    The type for the location *field*; None when its parts are not both described.

    Its decimals are those of its parts, and as many as the records need.
    """
    parts = _parts(field, scene.describe)
    if not parts:
        return None
    needed = max(field.scale, *(_needed_scale(each, scene) for each in parts))
    return FieldType(
        kind=Kind.LOCATION,
        scale=min(needed, MAX_LOCATION_SCALE),
        decimal=field.shown_in_decimal,
    )


def part_type(
    field: FieldDescribe, location: FieldDescribe, scene: Scene
) -> tuple[FieldType, tuple[Remark, ...]]:
    """
    The type of one part of *location*, and what its records do not fit into.
    """
    whole = location_type(location, scene)
    assert whole is not None
    made = number_of(whole)
    if _needed_scale(field, scene) <= MAX_LOCATION_SCALE:
        return made, ()
    remark = Remark(
        level=Level.BLOCKER,
        code="digits-do-not-fit",
        message=f"The records hold more than the {MAX_LOCATION_SCALE} decimals of a "
        "location.",
        remedy=f"set {location.name} to skip and the two parts to Number, or write "
        "what may be lost under `loses:`",
    )
    return made, (remark,)


def number_of(location: FieldType) -> FieldType:
    """
    The type of the latitude and longitude of a *location*.
    """
    scale = location.scale or 0
    return FieldType(kind=Kind.NUMBER, precision=scale + _WHOLE_DIGITS, scale=scale)


def _parts(
    location: FieldDescribe, described: ObjectDescribe
) -> tuple[FieldDescribe, ...]:
    """
    Both parts of *location*, or none.
    """
    names = (location_part(location.name, part) for part in LOCATION_PARTS)
    found = tuple(field for name in names if (field := described.field(name)))
    return found if len(found) == len(LOCATION_PARTS) else ()


def _needed_scale(part: FieldDescribe, scene: Scene) -> int:
    seen = scene.seen(part.name)
    return max(part.scale, seen.max_scale if seen else 0)


# -- Names ----------------------------------------------------------------------------


def alone(drafts: Iterable[Draft], kept: Table[ApiName, FieldMapping]) -> list[Draft]:
    """
    *drafts* in which parts whose location somebody decided not to make are numbers
    of their own.
    """
    gone = {source for source, entry in kept.items() if not entry.is_location}
    return [
        replace(each, location=None, why="the same value, as a number of its own")
        if each.location in gone
        else each
        for each in drafts
    ]


def part_target(source: ApiName, location: ApiName) -> ApiName:
    """
    Where the part *source* goes when its location is made as *location*.
    """
    last = source.split("__")[-2]
    part = next(each for each in LOCATION_PARTS if each.casefold() == last.casefold())
    return location_part(location, part)


# -- Check ----------------------------------------------------------------------------


def check_location(mapped: MappedObject, entry: FieldMapping) -> Iterator[Remark]:
    """
    What is wrong with a location or with a part of one.
    """
    if entry.is_location:
        yield from _unfilled(mapped, entry)
    elif entry.target and entry.target.endswith(PART_SUFFIX):
        yield from _misplaced(mapped, entry)


def _unfilled(mapped: MappedObject, entry: FieldMapping) -> Iterator[Remark]:
    assert entry.target is not None
    filled = {name.casefold() for each in mapped.fields for name in each.targets}
    for part in LOCATION_PARTS:
        name = location_part(entry.target, part)
        if name.casefold() not in filled:
            yield _blocker(
                f"Nothing fills {name}, and {entry.target} cannot be written itself.",
                f"give an entry the target {name}, or set this one to skip",
            )


def _misplaced(mapped: MappedObject, entry: FieldMapping) -> Iterator[Remark]:
    for each in mapped.fields:
        if not (each.is_location and each.target and each.type):
            continue
        parts = [location_part(each.target, part) for part in LOCATION_PARTS]
        if entry.target in parts:
            if entry.type != number_of(each.type):
                yield _blocker(
                    f"A part of {each.target} is {number_of(each.type)}, not "
                    f"{entry.type}.",
                    "write that type",
                )
            return
    yield _blocker(
        f"{entry.target} belongs to no location that is made.",
        "give it a target of its own, ending with __c",
    )


def _blocker(message: str, remedy: str) -> Remark:
    return Remark(
        level=Level.BLOCKER, code="location-part", message=message, remedy=remedy
    )
