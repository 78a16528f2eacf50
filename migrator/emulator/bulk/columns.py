"""
The columns of an ingest job: header names matched with what the user may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from migrator.emulator.bulk.csv_text import (
    CsvRefused,
    are_plain_numbers,
    deserialize_problem,
    needs_reading,
)
from migrator.emulator.bulk.ingest_job import Column
from migrator.emulator.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.emulator.bulk.ingest_job import IngestJob
    from migrator.emulator.org.org import Org
    from migrator.emulator.schema.schema import FieldDef, ObjectDef

__all__ = ["cell_problems", "match_columns", "row_values"]

NULL_CELL: Final = "#N/A"
_READABLE_TEXTS: Final = 5_000


def match_columns(org: Org, job: IngestJob, header: list[str]) -> list[Column]:
    """
    Match the columns of *job*'s file; CsvRefused for a name the user cannot write to.
    """
    target = org.schema.get(job.object_name)
    assert target is not None
    columns = [_match(org, job, target, name) for name in header]
    seen: set[str] = set()
    for column in columns:
        if column.key.lower() in seen:
            raise CsvRefused(f"InvalidBatch : Duplicate field name : {column.header}")
        seen.add(column.key.lower())
    if job.operation in {"delete", "hardDelete"} and seen != {"id"}:
        raise CsvRefused(
            "InvalidBatch : A delete needs the column Id and no other column"
        )
    return columns


def _match(org: Org, job: IngestJob, target: ObjectDef, name: str) -> Column:
    if "." in name:
        key = _relationship_key(org, target, name)
        if key is not None:
            return Column(header=name, key=key, field=None)
    found = target.find(name)
    if found is None or not org.permissions.may_read(job.user, target, found):
        raise CsvRefused(f"InvalidBatch : Field name not found : {name}")
    return Column(header=name, key=found.name, field=found)


def _relationship_key(org: Org, target: ObjectDef, name: str) -> str | None:
    """
    Spell the DML path of `Rel__r.Key__c` or, polymorphic only, of `Type:Rel.Key`.
    """
    object_name, _, path = name.rpartition(":")
    relationship, _, key = path.partition(".")
    reference = target.find_relationship(relationship)
    if reference is None or bool(object_name) != (len(reference.reference_to) > 1):
        return None
    parent = org.schema.get(object_name or reference.reference_to[0])
    found = parent.find(key) if parent is not None else None
    if found is None or not (found.external_id or found.id_lookup):
        return None
    return f"{reference.relationship_name}.{found.name}"


def row_values(columns: Iterable[Column], cells: list[str]) -> list[str | None]:
    """
    Make a row for DML: empty cells as they are, `#N/A` as an explicit null.

    In a relationship column `#N/A` is a key like any other.
    """
    if NULL_CELL not in cells:
        return list(cells)
    return [
        None if text == NULL_CELL and column.field else text
        for column, text in zip(columns, cells, strict=True)
    ]


def cell_problems(
    columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> dict[int, SalesforceError]:
    """
    Find by row the refusal of its first cell that cannot be read as its field's type.
    """
    problems: dict[int, SalesforceError] = {}
    for index, column in enumerate(columns):
        if column.field is None or not needs_reading(column.field):
            continue
        cells = [row[index] for row in rows]
        bad = _unreadable(column, column.field, cells)
        if not bad:
            continue
        for at, text in enumerate(cells):
            if text in bad and at not in problems:
                problems[at] = SalesforceError(
                    "INVALID_FIELD",
                    f"Failed to deserialize field at col {index}. Due to, {bad[text]}",
                    fields=(column.field.name,),
                )
    return problems


def _unreadable(column: Column, target: FieldDef, cells: list[str]) -> dict[str, str]:
    """
    Say what is wrong with the texts in *cells*; sound ones are remembered for a while.
    """
    bad: dict[str, str] = {}
    fresh = set(cells) - column.readable
    if target.is_numeric and are_plain_numbers(fresh - {""}):
        return bad
    if len(column.readable) > _READABLE_TEXTS:
        column.readable.clear()
    for text in fresh:
        problem = text not in {"", NULL_CELL} and deserialize_problem(target, text)
        if problem:
            bad[text] = problem
        else:
            column.readable.add(text)
    return bad
