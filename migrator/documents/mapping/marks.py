"""
Where each setting of a mapping stands in its text.

The positions are PyYAML's marks: text can be changed without being written anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from migrator.model.mapping import rule_name


@dataclass(slots=True)
class Spot:
    """
    Where one setting stands, as positions in the text.
    """

    key: int
    start: int
    end: int
    column: int


@dataclass(slots=True)
class Place:
    """
    The settings of one object or entry, in the order of the file.
    """

    spots: dict[str, Spot] = field(default_factory=dict)
    is_flow: bool = False
    source: str = ""


def line_end(text: str, spot: Spot) -> int:
    """
    Behind the line break of the line that *spot* ends in.
    """
    found = text.find("\n", spot.end)
    return len(text) if found < 0 else found + 1


def line_ending(text: str) -> str:
    """
    How the lines of *text* end, judged by the first.
    """
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


_Event = Any
"""An event of PyYAML, whose classes share no typed attributes."""


def marked_places(text: str) -> Iterator[tuple[tuple[str, str], Place]]:
    """
    Every object (with an empty field name), the rules of its `rows:` (`rows[1]`) and
    every entry, by casefolded names.
    """
    mark = len(text) - len(text.removeprefix("\ufeff"))
    events: Iterator[_Event] = iter(yaml.parse(text[mark:], yaml.CSafeLoader))
    walk = _Walk(events, text=text, shift=mark)
    for mapped, rules, entries in walk.objects():
        owner = mapped.source.casefold()
        yield (owner, ""), mapped
        for number, rule in enumerate(rules, start=1):
            yield (owner, rule_name(number)), rule
        for entry in entries:
            yield (owner, entry.source.casefold()), entry


def top_place(text: str) -> Place:
    """
    Return the settings of the document itself, from `version` to `objects`.
    """
    mark = len(text) - len(text.removeprefix("\ufeff"))
    events: Iterator[_Event] = iter(yaml.parse(text[mark:], yaml.CSafeLoader))
    return _Walk(events, text=text, shift=mark).top()


def _is_block(event: _Event) -> bool:
    return isinstance(event, yaml.SequenceStartEvent) and not event.flow_style


class _Walk:
    """
    One pass over the events of a valid mapping.
    """

    def __init__(self, events: Iterator[_Event], *, text: str, shift: int) -> None:
        self._events = events
        self._text = text
        self._shift = shift

    def objects(self) -> Iterator[tuple[Place, list[Place], list[Place]]]:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                break
        for key in self._keys():
            if key.value == "objects":
                for start in self._items(next(self._events)):
                    yield self._object(start)
            else:
                self._value_end(next(self._events))

    def top(self) -> Place:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                return self._entry(event)
        return Place()

    def _object(self, start: _Event) -> tuple[Place, list[Place], list[Place]]:
        place = Place(is_flow=bool(start.flow_style))
        rules: list[Place] = []
        entries: list[Place] = []
        for key in self._keys():
            value = next(self._events)
            if key.value == "fields":
                entries = [self._entry(each) for each in self._items(value)]
                place.spots["fields"] = self._spot(key, key, key.end_mark)
            elif key.value == "rows" and _is_block(value):
                begin = value.start_mark.index + self._shift
                rules = [self._entry(each) for each in self._items(value)]
                ends = (spot.end for rule in rules for spot in rule.spots.values())
                spot = self._spot(key, key, key.end_mark)
                place.spots["rows"] = replace(
                    spot, start=begin, end=max(ends, default=spot.end)
                )
            else:
                self._note(place, key, value)
        return place, rules, entries

    def _entry(self, start: _Event) -> Place:
        place = Place(is_flow=bool(start.flow_style))
        for key in self._keys():
            self._note(place, key, next(self._events))
        return place

    def _note(self, place: Place, key: _Event, value: _Event) -> None:
        spot = self._spot(key, value, self._value_end(value))
        place.spots[key.value] = spot
        if key.value == "source":
            place.source = value.value

    def _spot(self, key: _Event, value: _Event, end: Any) -> Spot:
        start = value.start_mark.index + self._shift
        # Behind a folded or literal text the mark is where the next line begins.
        written = self._text[start : end.index + self._shift].rstrip()
        return Spot(
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
        Return the mark behind the last scalar or bracket of the value that *event*
        begins.
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
