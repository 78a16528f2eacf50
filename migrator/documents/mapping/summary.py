"""
What a mapping comes to in figures, for `status`: read as every verb reads it, and not
checked, which would take many times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrator.documents.yaml_text import read_tree
from migrator.model.finding import Level
from migrator.model.mapping import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSummary:
    """
    How many decisions a mapping holds, and how many people have made.
    """

    entries: int
    """Of fields, and rules of `rows:`."""
    approved: int
    """Those with an approval; whether it still fits, only `review check` can tell."""
    blockers: int
    """Kept in the file by `plan`."""


def summarize_mapping(text: str, *, file: str) -> MappingSummary:
    """
    Return the figures of *text*; MappingError when it is no YAML. What has another
    shape than a mapping is not counted.
    """
    objects = list(_parts(read_tree(text, file=file).content, "objects"))
    rules = [each for part in objects for each in _parts(part, "rows")]
    fields = [each for part in objects for each in _parts(part, "fields")]
    entries = [*rules, *fields]
    findings = (f for part in (*objects, *fields) for f in _parts(part, "findings"))
    return MappingSummary(
        entries=len(entries),
        approved=sum(map(_is_signed, entries)),
        blockers=sum(each.get("level") == Level.BLOCKER for each in findings),
    )


def _is_signed(entry: dict[str, Any]) -> bool:
    """
    Return True for an approval that `review approve` gave: written by hand it has no
    digest.
    """
    return entry.get("status") == Status.APPROVED and bool(entry.get("digest"))


def _parts(around: object, name: str) -> Iterator[dict[str, Any]]:
    inside = around.get(name) if isinstance(around, dict) else None
    if isinstance(inside, list):
        yield from (each for each in inside if isinstance(each, dict))
