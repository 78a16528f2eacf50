"""
The element tables of the metadata types that the emulated org accepts.

They stand in `element_tables.txt`, made out of the complex types of the Metadata API
schema. One word an element: `name`, then `*` when it may repeat, `!` when it must be
there, and `:type` unless it is plain text. `any` is a type that is kept without a look
inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["ENUMS", "PAGE", "TYPES", "ElementRule", "element_rules"]

PAGE: Final = Path(__file__).with_suffix(".txt")


def _read(kind: str) -> dict[str, list[str]]:
    """
    Read the words below each heading `kind Name` of the page.
    """
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(("  ", "#")):
            head, _, name = line.partition(" ")
            words = found.setdefault(name, []) if head == kind else []
        elif not line.startswith("#"):
            words += line.split()
    return found


TYPES: Final[dict[str, list[str]]] = _read("type")
ENUMS: Final = {name: frozenset(values) for name, values in _read("enum").items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRule:
    """
    What the schema says about one element of a type.
    """

    name: str
    type_name: str
    repeats: bool
    required: bool


def _parse_rule(word: str) -> ElementRule:
    head, _, type_name = word.partition(":")
    return ElementRule(
        name=head.rstrip("*!"),
        type_name=type_name or "string",
        repeats="*" in head,
        required="!" in head,
    )


@cache
def element_rules(type_name: str) -> dict[str, ElementRule]:
    """
    Return the rules of *type_name* by element name.
    """
    rules = map(_parse_rule, TYPES[type_name])
    return {rule.name: rule for rule in rules}
