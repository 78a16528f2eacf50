"""
Which source column belongs to which target column, read off the mapping's own words.

The copy reads the same words in code of its own. Whatever one of the two readings gets
wrong shows as a difference; nothing here may be asked of `model` but plain settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.field_type import ID_TYPE, NAME_TYPE, ORIGINAL_TYPE, FieldType
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    OwnerChoice,
)
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment

_OWNER = ApiName("OwnerId")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPair:
    """
    One pair of columns to compare.
    """

    entry: FieldMapping
    path: str
    """The source column."""
    column: str
    """The target column."""
    target: ApiName
    type: FieldType
    is_parent: bool = False
    is_ruled: bool = False
    """True when a value rule decides what the target has to hold."""


def kept_entries(mapped: MappedObject) -> tuple[FieldMapping, ...]:
    """
    Return the entries whose values the target has to hold.
    """
    return tuple(e for e in mapped.fields if e.treatment is not Treatment.SKIP)


def column_pairs(mapped: MappedObject) -> tuple[ColumnPair, ...]:
    """
    Every pair of columns that *mapped* promises, in its order.
    """
    pairs = [pair for entry in kept_entries(mapped) for pair in _pairs(entry)]
    return (*pairs, *_owner_pairs(mapped))


def source_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    Return the SOQL paths that the source frame must have, `Id` first.
    """
    asked = (str(rule.exclude.field) for rule in mapped.rows)
    pairs = column_pairs(mapped)
    paths = (pair.path for pair in pairs)
    joined = (
        str(name)
        for pair in pairs
        if pair.is_ruled and pair.entry.rule
        for name in pair.entry.rule.concatenate
    )
    return tuple(dict.fromkeys(["Id", *paths, *asked, *joined]))


def target_columns(mapped: MappedObject) -> tuple[str, ...]:
    """
    Return the SOQL paths that the target frame must have, `Id` and `Origin_Id__c`
    first.
    """
    columns = (pair.column for pair in column_pairs(mapped))
    return tuple(dict.fromkeys(["Id", str(ORIGIN_ID), *columns]))


def _pairs(entry: FieldMapping) -> Iterator[ColumnPair]:
    """
    Yield the field itself, then its siblings: id, name and original.
    """
    # A location holds nothing itself: its two parts are entries of their own.
    if entry.target and entry.type and entry.type.kind is not Kind.LOCATION:
        is_parent = entry.treatment is Treatment.PARENT
        yield ColumnPair(
            entry=entry,
            path=str(entry.source),
            column=_parent_path(entry.target) if is_parent else entry.target,
            target=entry.target,
            type=entry.type,
            is_parent=is_parent,
            is_ruled=entry.rule is not None and not entry.rule.owners,
        )
    siblings = (
        (str(entry.source), entry.id_target, ID_TYPE),
        (entry.name_source, entry.name_target, NAME_TYPE),
        (
            str(entry.source),
            entry.original_target,
            entry.original_type or ORIGINAL_TYPE,
        ),
    )
    for path, target, type_ in siblings:
        if path and target:
            yield ColumnPair(
                entry=entry, path=path, column=target, target=target, type=type_
            )


def _parent_path(reference: ApiName) -> str:
    """
    Where a query finds the origin id of the record that *reference* points at.
    """
    return f"{reference.removesuffix('__c')}__r.{ORIGIN_ID}"


def _owner_pairs(mapped: MappedObject) -> Iterator[ColumnPair]:
    """
    Yield the real owner, where a rule says who it is.
    """
    entry = mapped.entry(_OWNER)
    if mapped.owner is OwnerChoice.KEEP and entry and entry.rule and entry.rule.owners:
        yield ColumnPair(
            entry=entry,
            path=_OWNER,
            column=_OWNER,
            target=_OWNER,
            type=ID_TYPE,
            is_ruled=True,
        )
