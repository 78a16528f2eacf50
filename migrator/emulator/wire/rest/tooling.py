"""
Tooling API queries: the org's own definition, in the engine of every other query.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import not_found
from migrator.emulator.soql.query import QueryResult
from migrator.emulator.start.services import Services
from migrator.emulator.wire.json_text import answer

_PAGE = 2_000


def routes(services: Services) -> list[BaseRoute]:
    """
    Return the Tooling resources of an org.
    """

    def query(request: Request) -> Response:
        text = request.query_params.get("q", "")
        result = services.definition_queries.run(request.state.user, text)
        return answer(_page(services, request, result, 0, None))

    def more(request: Request) -> Response:
        locator = request.path_params["locator"]
        key, result, start, _size = services.cursors.at(locator)
        return answer(_page(services, request, result, start, key))

    def describe(_request: Request) -> Response:
        # No source tracking, no Tooling describes: the real answer of an org that
        # does not know the object.
        raise not_found()

    base = "/services/data/v{version}/tooling"
    return [
        Route(f"{base}/query", query, methods=["GET"]),
        Route(f"{base}/query/", query, methods=["GET"]),
        Route(f"{base}/query/{{locator}}", more, methods=["GET"]),
        Route(f"{base}/sobjects/{{name}}/describe", describe, methods=["GET"]),
    ]


def _page(
    services: Services,
    request: Request,
    result: QueryResult,
    start: int,
    key: str | None,
) -> dict[str, Any]:
    version = request.path_params["version"]
    end = start + _PAGE
    done = end >= result.total_size or result.features.count_only
    if not done and key is None:
        key = services.cursors.open(result, _PAGE)
    count_only = result.features.count_only
    records = [] if count_only else _records(result, start, version)
    page: dict[str, Any] = {
        "size": len(records),
        "totalSize": result.total_size,
        "done": done,
        "queryLocator": None if done else f"{key}-{end}",
        "entityTypeName": result.object_name,
        "records": records,
    }
    if not done:
        page["nextRecordsUrl"] = f"/services/data/v{version}/tooling/query/{key}-{end}"
    return page


def _records(result: QueryResult, start: int, version: str) -> list[dict[str, Any]]:
    found = result.json_records(
        start, _PAGE, version=version, resource="tooling/sobjects"
    )
    return list(found)
