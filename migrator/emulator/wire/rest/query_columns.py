"""
`/query?columns=true`: the columns of a query instead of its records.

An undocumented parameter that the sf CLI and other clients send to lay out a table;
keys as in the CLI's own types. [K]
"""

from __future__ import annotations

from typing import Any

from migrator.emulator.schema.field_types import Holds, api_type
from migrator.emulator.schema.schema import FieldDef, Schema
from migrator.emulator.soql.query import QueryResult

_TEXTS = frozenset({Holds.TEXT, Holds.EMAIL, Holds.CHOICE, Holds.CHOICES})


def query_columns(schema: Schema, result: QueryResult) -> dict[str, Any]:
    """
    Describe *result*'s columns, parents nested as join columns.
    """
    columns: list[dict[str, Any]] = []
    is_aggregate = result.features.aggregate
    for path, field in zip(result.columns, result.fields, strict=True):
        _place(columns, path.split("."), field, is_aggregate=is_aggregate)
    for name, child in result.children:
        inner: list[dict[str, Any]] = []
        for each in child:
            _place(inner, list(each.names), each.field, is_aggregate=False)
        columns.append(_column(name, None, aggregate=True) | {"joinColumns": inner})
    definition = schema.get(result.object_name)
    return {
        "columnMetadata": columns,
        "entityName": result.object_name,
        "groupBy": result.features.group_by,
        "idSelected": "Id" in result.columns,
        "keyPrefix": definition.key_prefix if definition else None,
    }


def _place(
    columns: list[dict[str, Any]],
    path: list[str],
    field: FieldDef,
    *,
    is_aggregate: bool,
) -> None:
    """
    Add a column under the relationships of its path.
    """
    for name in path[:-1]:
        found = next((each for each in columns if each["columnName"] == name), None)
        if found is None:
            found = _column(name, None, aggregate=False)
            columns.append(found)
        columns = found["joinColumns"]
    columns.append(
        _column(path[-1], field, aggregate=is_aggregate and not field.custom)
    )


def _column(name: str, field: FieldDef | None, *, aggregate: bool) -> dict[str, Any]:
    known = api_type(field.type) if field else None
    reference = field.relationship_name if field else None
    return {
        "aggregate": aggregate,
        "apexType": known.apex if known else "String",
        "booleanType": bool(known and known.holds is Holds.FLAG),
        "columnName": name,
        "custom": bool(field and field.custom),
        "displayName": name,
        "foreignKeyName": reference,
        "insertable": bool(field and field.createable),
        "joinColumns": [],
        "numberType": bool(field and field.is_numeric),
        "textType": bool(known and known.holds in _TEXTS),
        "updatable": bool(field and field.updateable),
    }
