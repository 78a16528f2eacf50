"""
Two mappings compared by meaning: what is decided otherwise, wherever it stands.

The order of entries, comments, quotes and layout mean nothing, nor do findings, which
follow from the rest. Of an approval its name, status and note count, not its digest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from migrator.model.mapping import MappedObject, Mapping
from migrator.model.review import Change, MappingChange

_LEFT_OUT = {
    "source",
    "findings",
    "fields",
    "objects",
    "approved",
    "version",
    "digest",
    "basis",
    "author",
    "on",
}


def differences(old: Mapping, new: Mapping) -> tuple[MappingChange, ...]:
    """
    Return what *new* says otherwise than *old*, in the order of *new*.
    """
    return tuple(_all(old, new))


def _all(old: Mapping, new: Mapping) -> Iterator[MappingChange]:
    yield from _settings(old, new)
    before = {each.source.casefold(): each for each in old.objects}
    for each in new.objects:
        earlier = before.pop(each.source.casefold(), None)
        if earlier is None:
            yield MappingChange(
                change=Change.ADDED, object=each.source, new=str(each.target)
            )
        else:
            yield from _settings(earlier, each, each.source)
            yield from _fields(earlier, each)
    for gone in before.values():
        yield MappingChange(
            change=Change.REMOVED, object=gone.source, old=str(gone.target)
        )


def _fields(old: MappedObject, new: MappedObject) -> Iterator[MappingChange]:
    before = {each.source.casefold(): each for each in old.fields}
    for each in new.fields:
        earlier = before.pop(each.source.casefold(), None)
        if earlier is None:
            yield MappingChange(
                change=Change.ADDED,
                object=new.source,
                field=each.source,
                new=_entry(each.treatment.value, each.target, each.type),
            )
        else:
            yield from _settings(earlier, each, new.source, each.source)
    for gone in before.values():
        yield MappingChange(
            change=Change.REMOVED,
            object=new.source,
            field=gone.source,
            old=_entry(gone.treatment.value, gone.target, gone.type),
        )


def _entry(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part is not None)


def _settings(
    old: object, new: object, owner: str = "", field: str = ""
) -> Iterator[MappingChange]:
    assert dataclasses.is_dataclass(new)
    for each in dataclasses.fields(new):
        if not each.init or each.name in _LEFT_OUT:
            continue
        before, after = getattr(old, each.name), getattr(new, each.name)
        if dataclasses.is_dataclass(after) and hasattr(after, "trim"):
            yield from _settings(before, after, owner, field)
        elif before != after and (each.name != "rows" or _text(before) != _text(after)):
            yield MappingChange(
                change=Change.CHANGED,
                object=owner,
                field=field,
                setting=each.name,
                old=_text(before),
                new=_text(after),
            )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
