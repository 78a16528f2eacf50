"""
Edits of `mapping.yaml` at the marks: what nobody edits keeps its bytes.

Writing the file anew would lose comments, order and the layout somebody chose. Here
each edit replaces the text of one value, puts in one line or takes one out; everything
else, line ends included, stays as it is. That the edited text means exactly what was
asked for is the caller's to check, by reading it again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from migrator.documents.mapping_marks import (
    Place,
    Spot,
    line_end,
    line_ending,
    marked_places,
)
from migrator.documents.yaml_text import scalar
from migrator.errors import MappingError
from migrator.model.mapping import FieldMapping, MappedObject, RowRule, is_rule
from migrator.model.review import Edit


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    start: int
    end: int
    order: int
    text: str


def _order(name: str) -> list[str]:
    """
    The usual order of settings in what *name* names: a field, a rule, else the object.
    """
    kind: type[FieldMapping | MappedObject | RowRule] = FieldMapping
    if not name:
        kind = MappedObject
    elif is_rule(name):
        kind = RowRule
    return [each.name for each in dataclasses.fields(kind)]


def edited(text: str, edits: Iterable[Edit], *, file: str) -> str:
    """
    *text*, a mapping that was read without mistakes, with the *edits* made.

    Raises MappingError when an entry is written in braces, which leave no line to edit.
    """
    places = dict(marked_places(text))
    splices: list[_Splice] = []
    wanted: dict[tuple[str, str], list[Edit]] = {}
    for edit in edits:
        key = (edit.object.casefold(), (edit.field or "").casefold())
        wanted.setdefault(key, []).append(edit)
    for key, group in wanted.items():
        place = places.get(key)
        if place is None or place.is_flow:
            name = ".".join(part for part in (group[0].object, group[0].field) if part)
            raise MappingError(
                [f"{file}: {name} is written in braces; expected one line a setting"],
                hint="write the entry as `migrator plan` does, one line a setting",
            )
        splices += _splices(text, place, group)
    return _spliced(text, splices)


def _spliced(text: str, splices: Sequence[_Splice]) -> str:
    parts, at = [], 0
    for each in sorted(splices):
        parts += [text[at : each.start], each.text]
        at = each.end
    return "".join([*parts, text[at:]])


def _splices(text: str, place: Place, edits: Sequence[Edit]) -> Iterator[_Splice]:
    order = _order(edits[0].field or "")
    for edit in sorted(edits, key=lambda each: order.index(each.setting)):
        spot = place.spots.get(edit.setting)
        if spot is None:
            if edit.value is not None:
                yield _insertion(text, place, edit, order)
        elif edit.value is None:
            yield _removal(text, place, spot)
        else:
            yield _replacement(text, spot, edit.value)


def _replacement(text: str, spot: Spot, value: str) -> _Splice:
    blank = "" if text[spot.start - 1 : spot.start].isspace() else " "
    return _Splice(spot.start, spot.end, 0, blank + scalar(value))


def _insertion(text: str, place: Place, edit: Edit, order: Sequence[str]) -> _Splice:
    """
    A line below the nearest setting that comes before in the usual order.
    """
    position = order.index(edit.setting)
    before = [name for name in order[:position] if name in place.spots]
    spot = place.spots[before[-1]] if before else next(iter(place.spots.values()))
    end, ending = line_end(text, spot), line_ending(text)
    assert edit.value is not None
    line = f"{' ' * spot.column}{edit.setting}: {scalar(edit.value)}"
    if end > 0 and text[end - 1] != "\n":
        return _Splice(end, end, position, ending + line)
    return _Splice(end, end, position, line + ending)


def _removal(text: str, place: Place, spot: Spot) -> _Splice:
    """
    The setting's lines out; after the dash of a list item the next setting moves up.
    """
    end = line_end(text, spot)
    line = text.rfind("\n", 0, spot.key) + 1
    if text[line : spot.key].strip():
        following = [s.key for s in place.spots.values() if s.key > spot.key]
        return _Splice(spot.key, min(following, default=end), 0, "")
    return _Splice(line, end, 0, "")
