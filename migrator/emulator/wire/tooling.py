"""
Tooling API queries: what exists, whatever the user's field-level security says.

The supported statement is `SELECT ... FROM X [WHERE ...] [LIMIT n]` over five
objects; they are derived from the schema at each call (Tooling API guide).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.engine.describes import describe_field
from migrator.emulator.engine.ids import to_18
from migrator.emulator.engine.org import Org
from migrator.emulator.engine.schema import FieldDef, ObjectDef
from migrator.emulator.engine.soql_scope import no_such_column, not_supported
from migrator.emulator.engine.soql_syntax import (
    Call,
    Comparison,
    Condition,
    FieldPath,
    Literal,
    Logical,
    Negation,
    Query,
    located,
    parse_query,
    unescaped,
)
from migrator.emulator.errors import SalesforceError, not_emulated, not_found
from migrator.emulator.wire.json_text import answer

Row = dict[str, Any]


def routes(org: Org) -> list[BaseRoute]:
    """
    The Tooling resources of *org*.
    """

    def query(request: Request) -> Response:
        text = request.query_params.get("q", "")
        with org.lock:
            return answer(_run(org, text, request.path_params["version"]))

    def describe(_request: Request) -> Response:
        # No source tracking, no Tooling describes: the real answer of an org that
        # does not know the object.
        raise not_found()

    base = "/services/data/v{version}/tooling"
    return [
        Route(f"{base}/query", query, methods=["GET"]),
        Route(f"{base}/query/", query, methods=["GET"]),
        Route(f"{base}/sobjects/{{name}}/describe", describe, methods=["GET"]),
    ]


def _run(org: Org, text: str, version: str) -> Row:
    query = parse_query(text)
    known = {name.lower(): name for name in _TABLES}
    name = known.get(query.object_name.lower())
    if name is None:
        message = not_supported(query.object_name)
        raise located(text, query.from_at, "INVALID_TYPE", message)
    if query.group_by or query.order_by or query.having:
        raise not_emulated("GROUP BY and ORDER BY in Tooling queries")
    columns = _TABLES[name][0]
    rows = [
        row
        for row in _TABLES[name][1](org)
        if query.where is None or _matches(query.where, row, columns, name, text)
    ]
    first = query.offset or 0
    rows = rows[first : None if query.limit is None else first + query.limit]
    if query.children:
        raise not_emulated("subqueries in Tooling queries")
    is_count = isinstance(query.items[0].expression, Call)
    records = [] if is_count else _records(query, rows, columns, name, text, version)
    return {
        "size": len(records),
        "totalSize": len(rows),
        "done": True,
        "queryLocator": None,
        "entityTypeName": name,
        "records": records,
    }


def _records(
    query: Query,
    rows: list[Row],
    columns: tuple[str, ...],
    name: str,
    text: str,
    version: str,
) -> list[Row]:
    chosen = [_column(each.expression, columns, name, text) for each in query.items]
    if set(chosen) & {"FullName", "Metadata"} and len(rows) > 1:
        raise SalesforceError(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query "
            "qualifications must specify no more than one row for retrieval. "
            f"Result size: {len(rows)}",
        )
    base = f"/services/data/v{version}/tooling/sobjects/{name}/"
    records = []
    for row in rows:
        key = row.get("Id") or row.get("DurableId")
        record: Row = {"attributes": {"type": name, "url": f"{base}{key}"}}
        for each in chosen:
            _place(record, each.split("."), row[each])
        records.append(record)
    return records


def _place(record: Row, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        record = record.setdefault(part, {"attributes": {"type": part}})
    record[path[-1]] = value


def _column(
    expression: FieldPath | Call, columns: tuple[str, ...], name: str, text: str
) -> str:
    wanted = expression.text.lower() if isinstance(expression, FieldPath) else ""
    for each in columns:
        if each.lower() == wanted:
            return each
    shown = expression.text if isinstance(expression, FieldPath) else expression.name
    raise located(text, expression.at, "INVALID_FIELD", no_such_column(shown, name))


def _matches(
    condition: Condition, row: Row, columns: tuple[str, ...], name: str, text: str
) -> bool:
    if isinstance(condition, Logical):
        found = (_matches(each, row, columns, name, text) for each in condition.parts)
        return all(found) if condition.operator == "AND" else any(found)
    if isinstance(condition, Negation):
        return not _matches(condition.part, row, columns, name, text)
    return _compares(condition, row[_column(condition.left, columns, name, text)])


def _compares(comparison: Comparison, actual: Any) -> bool:
    value = comparison.value
    if isinstance(value, Query):
        raise not_emulated("semi-joins in Tooling queries")
    literals = value if isinstance(value, tuple) else (value,)
    wanted = [_plain(each) for each in literals]
    mine = to_18(actual).lower() if isinstance(actual, str) else actual
    operator = comparison.operator
    if operator in {"=", "IN"}:
        return mine in wanted
    if operator in {"!=", "NOT IN"}:
        return mine not in wanted
    if operator == "LIKE" and isinstance(mine, str):
        return _like(str(wanted[0]), mine)
    raise not_emulated(f"{operator} in Tooling queries")


def _like(pattern: str, text: str) -> bool:
    """
    LIKE with `%` at the ends only, which is what clients send here.
    """
    core = pattern.strip("%")
    if pattern.startswith("%") and pattern.endswith("%"):
        return core in text
    if pattern.startswith("%"):
        return text.endswith(core)
    return text.startswith(core) if pattern.endswith("%") else text == core


def _plain(literal: Literal) -> Any:
    if literal.kind == "string":
        text = unescaped(literal.text)
        return to_18(text).lower() if text else None
    if literal.kind == "boolean":
        return literal.text == "true"
    return None if literal.kind == "null" else literal.text


def _developer_name(api_name: str) -> str:
    parts = api_name.split("__")
    return parts[-2] if len(parts) > 1 else api_name


def _custom_objects(org: Org) -> Iterator[Row]:
    for each in org.schema:
        if each.custom:
            yield {
                "Id": each.durable_id,
                "DeveloperName": _developer_name(each.name),
                "NamespacePrefix": each.namespace,
                "Description": each.description,
                "ManageableState": _state(each.namespace),
                "Language": "en_US",
            }


def _state(namespace: str | None) -> str:
    return "installed" if namespace else "unmanaged"


def _custom_fields(org: Org) -> Iterator[Row]:
    for owner in org.schema:
        for field in owner.fields:
            # A geolocation is one custom field, its two parts are none.
            if field.custom and field.compound_field_name is None:
                yield {
                    "Id": org.field_id(owner.name, field.name),
                    "DeveloperName": _developer_name(field.name),
                    "NamespacePrefix": field.namespace,
                    "TableEnumOrId": owner.durable_id or owner.name,
                    "FullName": f"{owner.name}.{field.name}",
                    "EntityDefinitionId": owner.durable_id or owner.name,
                    "EntityDefinition.QualifiedApiName": owner.name,
                    "EntityDefinition.DeveloperName": _developer_name(owner.name),
                    "Description": field.description,
                    "InlineHelpText": field.inline_help_text,
                    "Length": field.length or None,
                    "Precision": field.precision or None,
                    "Scale": field.scale if field.precision else None,
                    "ManageableState": _state(field.namespace),
                }


def _entities(org: Org) -> Iterator[Row]:
    for each in org.schema:
        yield {
            "Id": None,
            "DurableId": each.durable_id or each.name,
            "QualifiedApiName": each.name,
            "DeveloperName": _developer_name(each.name),
            "NamespacePrefix": each.namespace,
            "Label": each.label,
            "PluralLabel": each.label_plural,
            "MasterLabel": each.label,
            "KeyPrefix": each.key_prefix,
            "InternalSharingModel": each.sharing_model,
            "ExternalSharingModel": each.sharing_model,
            "IsCustomizable": each.custom,
            "IsQueryable": each.queryable,
            "IsCustomSetting": each.custom_setting,
        }


def _field_definitions(org: Org) -> Iterator[Row]:
    for owner in org.schema:
        for field in owner.fields:
            yield _field_definition(org, owner, field)


def _field_definition(org: Org, owner: ObjectDef, field: FieldDef) -> Row:
    entity = owner.durable_id or owner.name
    own = org.field_id(owner.name, field.name)[:15] if field.custom else field.name
    described = describe_field(field)
    return {
        "Id": None,
        "DurableId": f"{entity[:15] if owner.durable_id else entity}.{own}",
        "QualifiedApiName": field.name,
        "DeveloperName": _developer_name(field.name),
        "NamespacePrefix": field.namespace,
        "FullName": f"{owner.name}.{field.name}",
        "EntityDefinitionId": entity,
        "EntityDefinition.QualifiedApiName": owner.name,
        "Label": field.label,
        "MasterLabel": field.label,
        "DataType": _shown_type(field),
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "IsNillable": field.nillable,
        "IsIndexed": field.external_id or field.unique or bool(field.reference_to),
        "IsCalculated": field.calculated,
        "IsFieldHistoryTracked": bool(field.metadata.get("trackHistory")),
        "IsApiFilterable": described["filterable"],
        "RelationshipName": field.relationship_name,
        "Description": field.description,
    }


def _shown_type(field: FieldDef) -> str:
    """
    The data type as Setup prints it: `Text(40)`, `Currency(16, 2)`.
    """
    if field.type == "reference":
        kind = "Master-Detail" if field.is_master_detail else "Lookup"
        return f"{kind}({','.join(field.reference_to)})"
    if field.calculated:
        return f"Formula ({field.type.title()})" if field.formula else "Roll-Up Summary"
    if field.is_numeric and field.precision:
        name = {"double": "Number"}.get(field.type, field.type.title())
        return f"{name}({field.precision - field.scale}, {field.scale})"
    if field.type == "string":
        return "Auto Number" if field.auto_number else f"Text({field.length})"
    if field.type == "textarea":
        long = field.length > 255
        return f"Long Text Area({field.length})" if long else "Text Area(255)"
    names = {"boolean": "Checkbox", "datetime": "Date/Time"}
    return names.get(field.type, field.type.title())


def _tabs(org: Org) -> Iterator[Row]:
    for name, (tab_id, motif) in org.tabs.items():
        owner = org.schema.get(name)
        if owner:
            yield {
                "Id": tab_id,
                "DeveloperName": _developer_name(owner.name),
                "NamespacePrefix": owner.namespace,
                "MasterLabel": owner.label_plural,
                "Motif": motif,
                "Type": "customObject",
                "FullName": owner.name,
            }


def _table(
    make: Callable[[Org], Iterator[Row]], columns: str
) -> tuple[tuple[str, ...], Callable[[Org], Iterator[Row]]]:
    return tuple(columns.split()), make


_TABLES = {
    "CustomObject": _table(
        _custom_objects,
        "Id DeveloperName NamespacePrefix Description ManageableState Language",
    ),
    "CustomField": _table(
        _custom_fields,
        "Id DeveloperName NamespacePrefix TableEnumOrId FullName EntityDefinitionId "
        "EntityDefinition.QualifiedApiName EntityDefinition.DeveloperName Description "
        "InlineHelpText Length Precision Scale ManageableState",
    ),
    "EntityDefinition": _table(
        _entities,
        "Id DurableId QualifiedApiName DeveloperName NamespacePrefix Label PluralLabel "
        "MasterLabel KeyPrefix InternalSharingModel ExternalSharingModel "
        "IsCustomizable IsQueryable IsCustomSetting",
    ),
    "FieldDefinition": _table(
        _field_definitions,
        "Id DurableId QualifiedApiName DeveloperName NamespacePrefix FullName "
        "EntityDefinitionId EntityDefinition.QualifiedApiName Label MasterLabel "
        "DataType Length Precision Scale IsNillable IsIndexed IsCalculated "
        "IsFieldHistoryTracked IsApiFilterable RelationshipName Description",
    ),
    "CustomTab": _table(
        _tabs, "Id DeveloperName NamespacePrefix MasterLabel Motif Type FullName"
    ),
}
