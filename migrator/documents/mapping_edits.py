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
from dataclasses import dataclass, field
from typing import Any

import yaml

from migrator.documents.yaml_text import scalar
from migrator.errors import MappingError
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.review import Edit


@dataclass(slots=True)
class _Spot:
    """
    Where one setting stands, as positions in the text.
    """

    key: int
    start: int
    end: int
    column: int


@dataclass(slots=True)
class _Place:
    """
    The settings of one object or entry, in the order of the file.
    """

    spots: dict[str, _Spot] = field(default_factory=dict)
    is_flow: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    start: int
    end: int
    order: int
    text: str


_ORDER = {
    False: [each.name for each in dataclasses.fields(FieldMapping)],
    True: [each.name for each in dataclasses.fields(MappedObject)],
}


def edited(text: str, edits: Iterable[Edit], *, file: str) -> str:
    """
    *text*, a mapping that was read without mistakes, with the *edits* made.

    Raises MappingError when an entry is written in braces, which leave no line to edit.
    """
    places = dict(_places(text))
    splices: list[_Splice] = []
    wanted: dict[tuple[str, str], list[Edit]] = {}
    for edit in edits:
        key = (edit.object.casefold(), (edit.field or "").casefold())
        wanted.setdefault(key, []).append(edit)
    for key, group in wanted.items():
        place = places[key]
        if place.is_flow:
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


def _splices(text: str, place: _Place, edits: Sequence[Edit]) -> Iterator[_Splice]:
    order = _ORDER[edits[0].field is None]
    for edit in sorted(edits, key=lambda each: order.index(each.setting)):
        spot = place.spots.get(edit.setting)
        if spot is None:
            if edit.value is not None:
                yield _insertion(text, place, edit, order)
        elif edit.value is None:
            yield _removal(text, place, spot)
        else:
            yield _replacement(text, spot, edit.value)


def _replacement(text: str, spot: _Spot, value: str) -> _Splice:
    blank = "" if text[spot.start - 1 : spot.start].isspace() else " "
    return _Splice(spot.start, spot.end, 0, blank + scalar(value))


def _insertion(text: str, place: _Place, edit: Edit, order: Sequence[str]) -> _Splice:
    """
    A line below the nearest setting that comes before in the usual order.
    """
    position = order.index(edit.setting)
    before = [name for name in order[:position] if name in place.spots]
    spot = place.spots[before[-1]] if before else next(iter(place.spots.values()))
    end, ending = _line_end(text, spot), _ending(text)
    assert edit.value is not None
    line = f"{' ' * spot.column}{edit.setting}: {scalar(edit.value)}"
    if end > 0 and text[end - 1] != "\n":
        return _Splice(end, end, position, ending + line)
    return _Splice(end, end, position, line + ending)


def _removal(text: str, place: _Place, spot: _Spot) -> _Splice:
    """
    The setting's lines out; after the dash of a list item the next setting moves up.
    """
    end = _line_end(text, spot)
    line = text.rfind("\n", 0, spot.key) + 1
    if text[line : spot.key].strip():
        following = [s.key for s in place.spots.values() if s.key > spot.key]
        return _Splice(spot.key, min(following, default=end), 0, "")
    return _Splice(line, end, 0, "")


def _line_end(text: str, spot: _Spot) -> int:
    """
    Behind the line break of the line that *spot* ends in.
    """
    found = text.find("\n", spot.end)
    return len(text) if found < 0 else found + 1


def _ending(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


# -- Marks ----------------------------------------------------------------------------

_Event = Any
"""An event of PyYAML, whose classes share no typed attributes."""


def _places(text: str) -> Iterator[tuple[tuple[str, str], _Place]]:
    """
    Every object (with an empty field name) and every entry, by casefolded names.
    """
    mark = len(text) - len(text.removeprefix("\ufeff"))
    events: Iterator[_Event] = iter(yaml.parse(text[mark:], yaml.CSafeLoader))
    walk = _Walk(events, text=text, shift=mark)
    for mapped, entries in walk.objects():
        owner = mapped.source.casefold()
        yield (owner, ""), mapped
        for entry in entries:
            yield (owner, entry.source.casefold()), entry


class _Walk:
    """
    One pass over the events of a valid mapping.
    """

    def __init__(self, events: Iterator[_Event], *, text: str, shift: int) -> None:
        self._events = events
        self._text = text
        self._shift = shift

    def objects(self) -> Iterator[tuple[_Place, list[_Place]]]:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                break
        for key in self._keys():
            if key.value == "objects":
                for start in self._items(next(self._events)):
                    yield self._object(start)
            else:
                self._value_end(next(self._events))

    def _object(self, start: _Event) -> tuple[_Place, list[_Place]]:
        place, entries = _Place(is_flow=bool(start.flow_style)), []
        for key in self._keys():
            value = next(self._events)
            if key.value == "fields":
                entries = [self._entry(each) for each in self._items(value)]
                place.spots["fields"] = self._spot(key, value, key.end_mark)
            else:
                self._note(place, key, value)
        return place, entries

    def _entry(self, start: _Event) -> _Place:
        place = _Place(is_flow=bool(start.flow_style))
        for key in self._keys():
            self._note(place, key, next(self._events))
        return place

    def _note(self, place: _Place, key: _Event, value: _Event) -> None:
        spot = self._spot(key, value, self._value_end(value))
        place.spots[key.value] = spot
        if key.value == "source":
            place.source = value.value

    def _spot(self, key: _Event, value: _Event, end: Any) -> _Spot:
        start = value.start_mark.index + self._shift
        # Behind a folded or literal text the mark is where the next line begins.
        written = self._text[start : end.index + self._shift].rstrip()
        return _Spot(
            key=key.start_mark.index + self._shift,
            start=start,
            end=start + len(written),
            column=key.start_mark.column,
        )

    def _keys(self) -> Iterator[_Event]:
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            yield event

    def _items(self, start: _Event) -> Iterator[_Event]:
        if not isinstance(start, yaml.SequenceStartEvent):
            return
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield event

    def _value_end(self, event: _Event) -> Any:
        """
        The mark behind the last scalar or bracket of the value that *event* begins.
        """
        last: Any = event.end_mark
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            begin: Any = event.start_mark
            end: Any = event.end_mark
            # The end of a block is where the next token begins, comments behind.
            is_end = isinstance(event, yaml.CollectionEndEvent)
            if not (is_end and end.index == begin.index):
                last = end
            if depth == 0:
                return last
            event = next(self._events)
