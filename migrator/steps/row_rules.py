"""
Which records of an extract are copied: all but those that `rows:` leaves out.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from migrator.errors import DecisionNeeded
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.row_rule import Excluded
from migrator.rules.copy.convert import Series, changed_records, left_out, ruled_columns
from migrator.rules.copy.load_order import load_order
from migrator.rules.copy.row_rules import deciding_fields, restricted_targets
from migrator.rundir.snapshots import Extract


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    The records that are copied, and how many are not.
    """

    extract: Extract
    """As if the others were not in it; its files are untouched."""
    excluded: abc.Mapping[ApiName, tuple[Excluded, ...]]
    """By source object."""


def select_records(extract: Extract, mapping: Mapping) -> Selection:
    """
    Return what of *extract* is copied, parents decided before their children, if every
    rule of *mapping* holds.

    Raises DecisionNeeded when a rule asks for a field that was not extracted.
    """
    restricted = restricted_targets(mapping)
    gone: dict[ApiName, Series] = {}
    by_source: dict[ApiName, Series] = {}
    excluded: dict[ApiName, tuple[Excluded, ...]] = {}
    for mapped in load_order(mapping).objects:
        if mapped.target not in restricted:
            continue
        fields = deciding_fields(mapped, restricted)
        _require_extracted(extract, mapped, fields)
        frames = extract.frames(mapped.source, ["Id", *fields])
        found = left_out(frames, mapped, gone)
        gone[mapped.target] = by_source[mapped.source] = found.ids
        excluded[mapped.source] = found.excluded
    if not any(len(ids) for ids in gone.values()):
        return Selection(extract=extract, excluded=excluded)
    return Selection(extract=extract.without(by_source), excluded=excluded)


def foreseen(
    extract: Extract, mapping: Mapping
) -> abc.Mapping[ApiName, tuple[Excluded, ...]]:
    """
    How many records of *extract* are left out; empty where it cannot be told yet.
    """
    complete = all(extract.is_complete(each.source) for each in mapping.objects)
    if not complete or not restricted_targets(mapping):
        return {}
    try:
        return select_records(extract, mapping).excluded
    except (DecisionNeeded, ValueError):
        # The check of the mapping names both.
        return {}


def changed_by_rules(
    extract: Extract, mapping: Mapping
) -> dict[tuple[ApiName, ApiName], int]:
    """
    How many records of *extract* each value rule changes, by object and field.
    """
    found: dict[tuple[ApiName, ApiName], int] = {}
    for mapped in mapping.objects:
        columns = ruled_columns(mapped)
        there = columns and extract.is_complete(mapped.source)
        if there and set(columns) <= set(extract.columns(mapped.source)):
            frames = extract.frames(mapped.source, columns)
            counts = changed_records(frames, mapped, mapping.text)
            found |= {(mapped.source, name): count for name, count in counts.items()}
    return found


def _require_extracted(
    extract: Extract, mapped: MappedObject, fields: tuple[ApiName, ...]
) -> None:
    known = extract.columns(mapped.source)
    missing = [name for name in fields if name not in known]
    if missing:
        raise DecisionNeeded(
            f"{mapped.source}: `rows` asks for {', '.join(missing)}, which the extract "
            "does not have",
            hint="mend `rows` in mapping.yaml, or describe and extract again",
        )
