"""
Geolocations: one field to make, two numbers to write.

The compound is read-only and no bulk query reads it ("Compound Field Considerations
and Limitations"), so its entry makes the field and the entries of its two parts carry
the values, to `X__Latitude__s` and `X__Longitude__s` of the field that was made.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable
from dataclasses import replace

from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.table import Kind
from migrator.model.limits import MAX_LOCATION_SCALE
from migrator.model.mapping import FieldMapping
from migrator.model.names import LOCATION_PARTS, PART_SUFFIX, ApiName, location_part
from migrator.rules.check.locations import number_of
from migrator.rules.plan.draft import Draft, Scene


def location_of(
    field: FieldDescribe, described: ObjectDescribe
) -> FieldDescribe | None:
    """
    Return the location that *field* is the latitude or longitude of, if both are
    described.
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
    Return the type for the location *field*; None when its parts are not both
    described.

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
) -> tuple[FieldType, tuple[Finding, ...]]:
    """
    Return the type of one part of *location*, and what its records do not fit into.
    """
    whole = location_type(location, scene)
    assert whole is not None
    made = number_of(whole)
    if _needed_scale(field, scene) <= MAX_LOCATION_SCALE:
        return made, ()
    too_many = codes.LOCATION_DIGITS_DO_NOT_FIT(
        scale=MAX_LOCATION_SCALE, location=location.name
    )
    return made, (too_many,)


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


def alone(
    drafts: Iterable[Draft], kept: abc.Mapping[ApiName, FieldMapping]
) -> list[Draft]:
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
