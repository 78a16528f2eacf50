"""
REST API: versions, describe, queries, limits.

REST API Developer Guide, "Reference"; sObject rows are in `sobjects`, collections in
`collections`.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import SalesforceError, not_emulated
from migrator.emulator.org.org import Org
from migrator.emulator.schema.describes import describe_brief, describe_object
from migrator.emulator.soql.query import QueryResult
from migrator.emulator.start.services import Services
from migrator.emulator.wire.json_text import answer
from migrator.emulator.wire.rest import collections, composite, sobjects
from migrator.emulator.wire.rest.query_columns import query_columns
from migrator.emulator.wire.views import view_of, visible_object

_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = [
    "tooling",
    "metadata",
    "query",
    "queryAll",
    "sobjects",
    "limits",
    "composite",
    "jobs",
]
_REFUSED = [
    "search",
    "parameterizedSearch",
    "composite/tree",
    "composite/graph",
    "analytics",
    "chatter",
    "connect",
    "recent",
    "process",
    "quickActions",
    "actions",
    "tooling/composite",
    "tooling/executeAnonymous",
    "tooling/jobs/query",
    "tooling/runTestsAsynchronous",
    "tooling/runTestsSynchronous",
]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PAGE, SMALLEST_PAGE = 2_000, 200
_BASE = "/services/data/v{version}"


def routes(services: Services) -> list[BaseRoute]:
    """
    Return the REST resources of an org.
    """
    org = services.org
    queries = Queries(services)

    def versions(_request: Request) -> Response:
        settings = org.settings
        offered = range(settings.min_version, settings.max_version + 1)
        return answer([_version(number) for number in offered])

    def resources(request: Request) -> Response:
        version = request.path_params["version"]
        base = f"/services/data/v{version}"
        listed = {name: f"{base}/{name}" for name in _RESOURCES}
        listed["identity"] = f"{request.base_url}id/{org.id}/{request.state.user.id}"
        return answer(listed)

    def limits(_request: Request) -> Response:
        with org.lock:
            return answer(org.limits.as_json())

    def record_count(request: Request) -> Response:
        return answer(_record_count(org, request))

    def describe_global(request: Request) -> Response:
        return answer(_describe_global(org, request))

    def describe(request: Request) -> Response:
        return _describe(org, request)

    def refused(request: Request) -> Response:
        raise not_emulated(request.url.path)

    def get(path: str, handler: Any) -> list[Route]:
        return [
            Route(path, handler, methods=["GET"]),
            Route(f"{path}/", handler, methods=["GET"]),
        ]

    return [
        *get("/services/data", versions),
        *get(_BASE, resources),
        *get(f"{_BASE}/limits", limits),
        *get(f"{_BASE}/limits/recordCount", record_count),
        *get(f"{_BASE}/query", queries.start),
        *get(f"{_BASE}/queryAll", queries.start_all),
        *get(f"{_BASE}/query/{{locator}}", queries.more),
        *get(f"{_BASE}/queryAll/{{locator}}", queries.more),
        *get(f"{_BASE}/sobjects", describe_global),
        *get(f"{_BASE}/sobjects/{{name}}/describe", describe),
        *collections.routes(org),
        *composite.routes(org, _subrequests(services, queries)),
        *sobjects.routes(services),
        *(Route(f"{_BASE}/{name}", refused, methods=_METHODS) for name in _REFUSED),
    ]


def _subrequests(services: Services, queries: Queries) -> composite.Table:
    """
    Return what a composite request may hold, by path and method.
    """
    org = services.org

    def plain(handler: Any) -> composite.Handler:
        return lambda request, _body: handler(request)

    def describe(request: Request) -> Response:
        return _describe(org, request)

    return {
        "/query": {"GET": plain(queries.start)},
        "/queryAll": {"GET": plain(queries.start_all)},
        "/sobjects/{name}/describe": {"GET": plain(describe)},
        **collections.handlers(org),
        **sobjects.handlers(services),
    }


def _version(number: int) -> dict[str, str]:
    """
    Name an API version: Spring '26 is 66.0, three releases a year.
    """
    year, season = divmod(number - 66, 3)
    shown = 26 + year + (1 if season == 2 else 0)
    return {
        "label": f"{_SEASONS[season]} '{shown}",
        "url": f"/services/data/v{number}.0",
        "version": f"{number}.0",
    }


def _describe_global(org: Org, request: Request) -> dict[str, Any]:
    user = request.state.user
    with org.lock:
        view = view_of(org, user, request.path_params["version"])
        return {
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [
                describe_brief(each, view)
                for each in org.schema
                if view.may_use(each, "read")
            ],
        }


def _describe(org: Org, request: Request) -> Response:
    user = request.state.user
    with org.lock:
        definition = visible_object(org, user, request.path_params["name"])
        changed = org.definitions.changed_at()
        if _not_modified(request, changed):
            return Response(status_code=304)
        view = view_of(org, user, request.path_params["version"])
        described = describe_object(org.schema, definition, view)
    stamp = format_datetime(changed, usegmt=True)
    tag = f'"{zlib.crc32(f"{definition.name}{stamp}".encode()):08x}"'
    return answer(described, headers={"ETag": tag, "Last-Modified": stamp})


def _not_modified(request: Request, changed: datetime) -> bool:
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return changed <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def _record_count(org: Org, request: Request) -> dict[str, Any]:
    """
    Count whole tables: sharing does not narrow them.
    """
    user = request.state.user
    wanted = request.query_params.get("sObjects", "")
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    with org.lock:
        found = [org.schema.get(name) for name in names] if names else list(org.schema)
        return {
            "sObjects": [
                {"count": org.store.count(each.name), "name": each.name}
                for each in found
                if each and org.permissions.may_use(user, each, "read")
            ]
        }


class Queries:
    """
    SOQL queries and their open cursors; the oldest give way, as in the org.
    """

    def __init__(self, services: Services) -> None:
        self._org = services.org
        self._queries = services.queries
        self._cursors = services.cursors

    def start(self, request: Request) -> Response:
        """
        Answer with the first page of a query.
        """
        return self._run(request, include_deleted=False)

    def start_all(self, request: Request) -> Response:
        """
        Answer with the first page of a query that shows deleted records too.
        """
        return self._run(request, include_deleted=True)

    def _run(self, request: Request, *, include_deleted: bool) -> Response:
        text = request.query_params.get("q")
        if text is None:
            raise SalesforceError("MALFORMED_QUERY", "missing parameter: q")
        result = self._queries.run(
            request.state.user, text, include_deleted=include_deleted
        )
        if request.query_params.get("columns") == "true":
            with self._org.lock:
                return answer(query_columns(self._org.schema, result))
        if result.features.count_only:
            body = {"totalSize": result.total_size, "done": True, "records": []}
            return answer(body)
        size = _page_size(request)
        if result.total_size <= size:
            return answer(self._page(request, result, 0, size, ""))
        key = self._cursors.open(result, size)
        return answer(self._page(request, result, 0, size, key))

    def more(self, request: Request) -> Response:
        """
        Answer with a further page: the locator is `<cursor>-<first row>`.
        """
        locator = request.path_params["locator"]
        key, result, start, size = self._cursors.at(locator)
        return answer(self._page(request, result, start, size, key))

    def _page(
        self, request: Request, result: QueryResult, start: int, size: int, key: str
    ) -> dict[str, Any]:
        version = request.path_params["version"]
        end = start + size
        done = end >= result.total_size
        page: dict[str, Any] = {"totalSize": result.total_size, "done": done}
        if not done:
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{key}-{end}"
        page["records"] = result.json_records(start, size, version=version)
        return page


def _page_size(request: Request) -> int:
    options = request.headers.get("Sforce-Query-Options", "")
    name, _, number = options.partition("=")
    if name.strip().lower() == "batchsize" and number.strip().isdigit():
        return min(max(int(number), SMALLEST_PAGE), PAGE)
    return PAGE
