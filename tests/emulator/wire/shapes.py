"""
Two answers compared by shape: keys, types, codes; values only where they are codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

# Values of these keys are part of the shape.
_CODES = frozenset(
    [
        "concurrencyMode",
        "columnDelimiter",
        "contentType",
        "done",
        "error",
        "errorCode",
        "jobType",
        "lineEnding",
        "operation",
        "state",
        "statusCode",
        "success",
    ]
)
Facts = dict[str, set[str]]


def facts_of(value: Any, names: Mapping[str, str] | None = None) -> Facts:
    """
    The paths of *value* with the types (or codes) at each; *names* renames keys.
    """
    found: Facts = {}
    for path, kind in _walk(value, "$", names or {}):
        found.setdefault(path, set()).add(kind)
    return found


def _walk(value: Any, path: str, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield path, "object"
        for key, inner in value.items():
            under = f"{path}.{names.get(key, key)}"
            if key in _CODES and isinstance(inner, str | bool):
                yield under, f"={inner}"
            else:
                yield from _walk(inner, under, names)
    elif isinstance(value, list):
        yield path, "array"
        for inner in value:
            yield from _walk(inner, f"{path}[]", names)
    else:
        yield path, _kind(value)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def xml_value(data: bytes) -> Any:
    """
    An XML document as nested dicts of lists, so that it can be compared as well.
    """
    return _element(etree.fromstring(data))


def _element(node: etree._Element) -> Any:
    children = list(node.iterchildren("*"))
    if not children:
        return node.text or ""
    found: dict[str, list[Any]] = {}
    for each in children:
        found.setdefault(str(each.tag), []).append(_element(each))
    return found


def disagreements(recorded: Facts, given: Facts, *, whole: bool) -> Iterator[str]:
    """
    What *given* lacks or shows otherwise; of a *whole* recording also what it adds.
    """
    for path, kinds in recorded.items():
        mine = given.get(path)
        if mine is None:
            if kinds != {"null"}:
                yield f"{path}: missing"
        elif not _alike(kinds, mine):
            yield f"{path}: {_shown(mine)} for {_shown(kinds)}"
    if whole:
        optional = {path.rpartition(".")[0] for path in recorded}
        for path in given.keys() - recorded.keys():
            if path.rpartition(".")[0] in optional:
                yield f"{path}: added"


def _alike(recorded: set[str], given: set[str]) -> bool:
    if recorded & given:
        return True
    # A field without a value says nothing about its type.
    return recorded == {"null"} or given == {"null"}


def _shown(kinds: set[str]) -> str:
    return "/".join(sorted(kinds))
