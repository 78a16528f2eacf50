"""
A mapping planned anew, written over the file that people have put comments into.

The file is taken apart into one block for each object's head and each entry, with the
comments above it, and each block into one piece for each setting. What means the same
keeps its bytes; what changed is printed anew, and the comments around it stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.documents.mapping.marks import Place, line_end, line_ending, marked_places
from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.write import render_mapping
from migrator.errors import MappingError
from migrator.model.mapping import FieldMapping, MappedObject, Mapping, is_rule
from migrator.model.names import ApiName

_OBJECTS = re.compile(r"^objects:[ \t]*(#[^\n]*)?\r?\n", re.MULTILINE)
_Key = tuple[str, str]
_TOP: _Key = ("", "")
"""What stands above the first object."""
_FOOT: _Key = ("", "end")
"""Comments below the last entry."""
_OPENING = re.compile(r"[ -]*\w+:[ \t]*(?P<comment>#[^\r\n]*)?\r?\n")
"""The line of a setting whose value is a list or a table below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """
    The lines of one setting.
    """

    setting: str
    lead: str
    """Blank lines and comments above it."""
    body: str
    tail: str
    """What stands behind the value in its last line: a comment, if anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """
    One object's head or one entry, with what stands above it.
    """

    text: str
    pieces: tuple[_Piece, ...] = ()


_Blocks = dict[_Key, _Block]
_Renewal = Callable[[_Block, _Block, set[str]], str]


def rewritten(
    text: str, before: Mapping, after: Mapping, *, templates: Sequence[Path]
) -> str:
    """
    Return the text of *after*, with the comments and the layout of *text*, which is
    *before*.

    Where the two cannot be put together, as with another indentation, *after* is
    printed from nothing.
    """
    plain = render_mapping(after, templates=templates)
    old, new = _blocks(text), _blocks(plain)
    if old is None or new is None:
        return plain
    ending = line_ending(text)
    for renewal in (_renewed_settings, _renewed_block):
        joined = _joined(old, new, _changed(before, after), renewal)
        joined = joined.replace("\r\n", "\n").replace("\n", ending)
        if _says(joined, after):
            return joined
    return plain


def _says(text: str, mapping: Mapping) -> bool:
    try:
        return parse_mapping(text, file="mapping.yaml") == mapping
    except MappingError:
        return False


def _joined(
    old: _Blocks, new: _Blocks, changed: dict[_Key, set[str]], renewal: _Renewal
) -> str:
    made = []
    for key, block in new.items():
        earlier = old.get(key)
        if earlier is None:
            made.append(block.text)
        elif key in changed:
            made.append(renewal(earlier, block, changed[key]))
        else:
            made.append(earlier.text)
    return "".join(made)


# -- Taking apart ---------------------------------------------------------------------


def _blocks(text: str) -> _Blocks | None:
    """
    *text* cut into blocks, in its order; None when heads and entries are entangled.
    """
    objects = _OBJECTS.search(text)
    if objects is None:
        return None
    at = objects.end()
    found: _Blocks = {_TOP: _Block(text=text[:at])}
    for key, place in marked_places(text):
        if is_rule(key[1]):
            continue
        last = max(place.spots.values(), key=lambda spot: spot.end)
        is_head = not key[1]
        if place.is_flow or (is_head and "fields" not in place.spots):
            return None
        if is_head and last is not place.spots["fields"]:
            return None
        end = line_end(text, last)
        pieces = tuple(_pieces(text, place, at))
        found[key] = _Block(text=text[at:end], pieces=pieces)
        at = end
    foot = text[at:]
    if not all(
        line.lstrip().startswith("#") for line in foot.split("\n") if line.strip()
    ):
        return None
    return {**found, _FOOT: _Block(text=foot)}


def _pieces(text: str, place: Place, at: int) -> Iterator[_Piece]:
    for setting, spot in sorted(place.spots.items(), key=lambda each: each[1].key):
        begin = text.rfind("\n", 0, spot.key) + 1
        end = line_end(text, spot)
        yield _Piece(
            setting=setting,
            lead=text[at:begin],
            body=text[begin:end],
            tail=text[spot.end : end].strip(),
        )
        at = end


# -- Putting together -----------------------------------------------------------------


def _renewed_block(old: _Block, new: _Block, _changed: set[str]) -> str:
    """
    Return the *new* block below the comments that stood above the *old* one.
    """
    return _split(old.text)[0] + _split(new.text)[1]


def _split(block: str) -> tuple[str, str]:
    lines = _lines(block)
    count = 0
    while count < len(lines) and lines[count].lstrip("\ufeff").strip()[:1] in {"", "#"}:
        count += 1
    return "".join(lines[:count]), "".join(lines[count:])


def _renewed_settings(old: _Block, new: _Block, changed: set[str]) -> str:
    """
    Return the *old* block with the *changed* settings as the *new* one prints them.
    """
    if not old.pieces:
        return _renewed_block(old, new, changed)
    printed = {each.setting: each for each in new.pieces}
    made: list[tuple[str, str]] = []
    for each in old.pieces:
        if each.setting not in changed and each.setting in printed:
            made.append((each.setting, each.lead + each.body))
        else:
            made.append((each.setting, _renewed_piece(each, printed.get(each.setting))))
    order = [each.setting for each in new.pieces]
    there = {setting for setting, _ in made}
    for position, each in enumerate(new.pieces):
        if each.setting not in there:
            earlier = set(order[:position])
            places = [n for n, (setting, _) in enumerate(made) if setting in earlier]
            made.insert(max(places, default=-1) + 1, (each.setting, each.body))
    return "".join(text for _, text in made)


def _renewed_piece(old: _Piece, new: _Piece | None) -> str:
    """
    Return the *new* lines with the comments of the *old* ones; only these when it has
    gone.
    """
    body = new.body if new else ""
    inner = list(_inner_comments(old.body))
    if old.tail and len(_lines(body)) == 1:
        body = f"{body.rstrip()}  {old.tail}\n"
    elif old.tail:
        inner.append(old.tail)
    indent = old.body[: len(old.body) - len(old.body.lstrip())]
    return old.lead + "".join(f"{indent}{line}\n" for line in inner) + body


def _inner_comments(body: str) -> Iterator[str]:
    """
    Yield the comments inside a list or table; in a text of several lines # is a sign.
    """
    opening = _OPENING.match(body)
    if opening is None:
        return
    if opening["comment"]:
        yield opening["comment"]
    for line in _lines(body[opening.end() :]):
        if line.lstrip().startswith("#"):
            yield line.strip()


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


# -- What changed ---------------------------------------------------------------------


def _changed(before: Mapping, after: Mapping) -> dict[_Key, set[str]]:
    """
    Which settings of which object or entry the two mappings say differently.
    """
    found: dict[_Key, set[str]] = {}
    if replace(before, objects=()) != replace(after, objects=()):
        found[_TOP] = {"objects"}
    for mapped in after.objects:
        earlier = before.object(mapped.source)
        if earlier is None:
            continue
        owner = mapped.source.casefold()
        found[owner, ""] = _settings(_head(earlier), _head(mapped))
        for entry in mapped.fields:
            was = earlier.entry(ApiName(entry.source))
            if was is not None:
                found[owner, entry.source.casefold()] = _settings(was, entry)
    return {key: settings for key, settings in found.items() if settings}


def _settings(
    old: FieldMapping | MappedObject, new: FieldMapping | MappedObject
) -> set[str]:
    names = type(new).__dataclass_fields__
    return {name for name in names if getattr(old, name) != getattr(new, name)}


def _head(mapped: MappedObject) -> MappedObject:
    return replace(mapped, fields=())
