"""
Which columns are read of an object, and the SOQL that reads them.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.names import ApiName
from migrator.rules.extract.name_paths import name_path

MAX_SOQL = 100_000
"""Characters in one query (SOQL reference, "SOQL SELECT Syntax": statement limit)."""


def extract_columns(
    described: ObjectDescribe,
    describes: abc.Mapping[ApiName, ObjectDescribe],
    migrated: Sequence[ApiName],
) -> tuple[str, ...]:
    """
    Return the SOQL paths to read of *described*: its fields, then names of referred
    records.

    References to migrated objects need no name: those records are copied themselves.
    """
    readable = [each for each in described.fields if each.row.in_bulk]
    names = (
        path
        for each in readable
        if each.type == "reference"
        for path in _name_paths(each, describes, migrated)
    )
    return tuple(dict.fromkeys([*(each.name for each in readable), *names]))


def select_statement(columns: Sequence[str], name: ApiName) -> str:
    """
    Return the query for *columns* of the object *name*; without ORDER BY, which would
    keep the org from reading in chunks.

    Raises ValueError when it is longer than the platform takes.
    """
    soql = f"SELECT {', '.join(columns)} FROM {name}"  # noqa: S608 - API names
    if len(soql) > MAX_SOQL:
        raise ValueError(
            f"the query for {name} has {len(soql):,} characters; "
            f"{MAX_SOQL:,} are allowed"
        )
    return soql


def _name_paths(
    field: FieldDescribe,
    describes: abc.Mapping[ApiName, ObjectDescribe],
    migrated: Sequence[ApiName],
) -> Iterator[str]:
    if any(name in migrated for name in field.reference_to):
        return
    if all(_is_in_sight(name, describes) for name in field.reference_to):
        path = name_path(field, describes)
        if path:
            yield path


def _is_in_sight(
    name: ApiName, describes: abc.Mapping[ApiName, ObjectDescribe]
) -> bool:
    """
    Return True when the running user can probably step to *name*; packaged and
    customer's objects that were not described are out of his sight.
    """
    return name in describes or "__" not in name
