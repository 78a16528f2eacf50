"""
A mapping planned anew, written over the file that people have put comments into.

The file is taken apart into one block for each object's head and each entry, with the
comments above it. What means the same keeps its block to the byte; what changed is
printed anew below its comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from migrator.documents.mapping_marks import line_end, line_ending, marked_places
from migrator.documents.mapping_yaml import parse_mapping, render_mapping
from migrator.errors import MappingError
from migrator.model.mapping import MappedObject, Mapping

_OBJECTS = re.compile(r"^objects:[ \t]*(#[^\n]*)?\r?\n", re.MULTILINE)
_Key = tuple[str, str]
_Blocks = dict[_Key, str]
_TOP: _Key = ("", "")
"""What stands above the first object."""


def rewritten(
    text: str, before: Mapping, after: Mapping, *, templates: Sequence[Path]
) -> str:
    """
    The text of *after*, with the comments and the layout of *text*, which is *before*.

    Where the two cannot be put together, as with another indentation, *after* is
    printed from nothing.
    """
    plain = render_mapping(after, templates=templates)
    old, new = _blocks(text), _blocks(plain)
    if old is None or new is None:
        return plain
    same = set(_unchanged(before, after))
    ending = line_ending(text)
    made = [
        old[key]
        if key in same and key in old
        else _renewed(block, old.get(key), ending)
        for key, block in new.items()
    ]
    joined = "".join(made)
    try:
        is_right = parse_mapping(joined, file="mapping.yaml") == after
    except MappingError:
        return plain
    return joined if is_right else plain


def _blocks(text: str) -> _Blocks | None:
    """
    *text* cut into blocks, in its order; None when heads and entries are entangled.
    """
    objects = _OBJECTS.search(text)
    if objects is None:
        return None
    at = objects.end()
    found: _Blocks = {_TOP: text[:at]}
    for key, place in marked_places(text):
        last = max(place.spots.values(), key=lambda spot: spot.end)
        is_head = not key[1]
        if place.is_flow or (is_head and "fields" not in place.spots):
            return None
        end = line_end(text, last)
        if is_head and last is not place.spots["fields"]:
            return None
        found[key] = text[at:end]
        at = end
    if found and text[at:].strip():
        return None
    return found


def _renewed(block: str, old: str | None, ending: str) -> str:
    """
    The printed *block* below the comments that stood above the *old* one.
    """
    lead, body = _split(block)
    if old is not None:
        lead = _split(old)[0]
    return (lead + body).replace("\r\n", "\n").replace("\n", ending)


def _split(block: str) -> tuple[str, str]:
    lines = block.splitlines(keepends=True)
    count = 0
    while count < len(lines) and lines[count].lstrip("\ufeff").strip()[:1] in {"", "#"}:
        count += 1
    return "".join(lines[:count]), "".join(lines[count:])


def _unchanged(before: Mapping, after: Mapping) -> Iterator[_Key]:
    """
    The keys of what both mappings say alike.
    """
    if replace(before, objects=()) == replace(after, objects=()):
        yield _TOP
    for mapped in after.objects:
        earlier = before.object(mapped.source)
        if earlier is None:
            continue
        owner = mapped.source.casefold()
        if _head(earlier) == _head(mapped):
            yield owner, ""
        for entry in mapped.fields:
            if earlier.entry(entry.source) == entry:
                yield owner, entry.source.casefold()


def _head(mapped: MappedObject) -> MappedObject:
    return replace(mapped, fields=())
