"""
sObject Collections: up to 200 records in one call, one result each.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.org import Org
from migrator.emulator.records.dml import (
    MOST_AT_ONCE,
    RowResult,
    apply_mixed,
    apply_rows,
    delete_rows,
)
from migrator.emulator.wire.json_text import answer, read_json
from migrator.emulator.wire.rest.sobjects import Handler, check_json

_BASE = "/services/data/v{version}/composite/sobjects"


def routes(org: Org) -> list[BaseRoute]:
    """
    Return the collection resources of *org*.
    """

    async def several(request: Request) -> Response:
        body = await request.body()
        work = {"POST": _insert, "PATCH": _update, "DELETE": _delete}[request.method]
        return await run_in_threadpool(work, org, request, body)

    async def upsert(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_upsert, org, request, body)

    every = ["POST", "PATCH", "DELETE"]
    return [
        Route(_BASE, several, methods=every),
        Route(f"{_BASE}/", several, methods=every),
        Route(f"{_BASE}/{{name}}/{{key}}", upsert, methods=["PATCH"]),
    ]


def handlers(org: Org) -> dict[str, dict[str, Handler]]:
    """
    Return the handlers of collections, by the path behind the version and by method.
    """
    return {
        "/composite/sobjects": {
            "POST": partial(_insert, org),
            "PATCH": partial(_update, org),
            "DELETE": partial(_delete, org),
        },
        "/composite/sobjects/{name}/{key}": {"PATCH": partial(_upsert, org)},
    }


def _records(request: Request, body: bytes) -> tuple[list[dict[str, Any]], bool]:
    check_json(request)
    data = read_json(body)
    records = data.get("records") if isinstance(data, dict) else None
    if not records:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if not isinstance(records, list) or not all(isinstance(x, dict) for x in records):
        raise SalesforceError(
            "JSON_PARSER_ERROR",
            "Cannot deserialize records: an array of objects is expected at "
            "[line:1, column:1]",
        )
    if len(records) > MOST_AT_ONCE:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            "record limit reached. cannot submit more than "
            f"{MOST_AT_ONCE} records into this call",
        )
    return records, bool(data.get("allOrNone"))


def _insert(org: Org, request: Request, body: bytes) -> Response:
    return _apply(org, request, body, "insert")


def _update(org: Org, request: Request, body: bytes) -> Response:
    return _apply(org, request, body, "update")


def _apply(org: Org, request: Request, body: bytes, operation: str) -> Response:
    records, all_or_none = _records(request, body)
    rows = [(_kind(each), each) for each in records]
    results = apply_mixed(
        org, request.state.user, operation, rows, all_or_none=all_or_none
    )
    return answer([result_entry(each) for each in results])


def _kind(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    if not kind:
        raise SalesforceError(
            "INVALID_FIELD",
            "Each record needs an attributes.type",
        )
    return str(kind)


def _upsert(org: Org, request: Request, body: bytes) -> Response:
    records, all_or_none = _records(request, body)
    results = apply_rows(
        org,
        request.state.user,
        "upsert",
        request.path_params["name"],
        records,
        request.path_params["key"],
        all_or_none=all_or_none,
    )
    return answer([result_entry(each, upsert=True) for each in results])


def _delete(org: Org, request: Request, _body: bytes) -> Response:
    listed = request.query_params.get("ids", "")
    ids = [each.strip() for each in listed.split(",") if each.strip()]
    if not ids:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "At least 1 id is required")
    if len(ids) > MOST_AT_ONCE:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            "record limit reached. cannot submit more than "
            f"{MOST_AT_ONCE} records into this call",
        )
    all_or_none = request.query_params.get("allOrNone", "").lower() == "true"
    results = delete_rows(org, request.state.user, ids, all_or_none=all_or_none)
    return answer([result_entry(each) for each in results])


def result_entry(result: RowResult, *, upsert: bool = False) -> dict[str, Any]:
    """
    Show one result as collections do: errors with `statusCode`.
    """
    entry: dict[str, Any] = {"id": result.id} if result.success else {}
    entry |= {
        "success": result.success,
        "errors": [
            {
                "statusCode": error.code,
                "message": error.message,
                "fields": list(error.fields),
            }
            for error in result.errors
        ],
    }
    if upsert and result.success:
        entry["created"] = result.created
    return entry
