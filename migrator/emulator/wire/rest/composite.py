"""
Composite and batch: up to 25 requests in one call.

REST API Developer Guide, "Composite" and "Batch". Later requests may use values of
earlier answers (`@{refAccount.id}`); with `allOrNone` one failure undoes them all.
The subrequests are rows, collections and queries; others are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import SalesforceError, not_emulated, not_found
from migrator.emulator.wire.json_text import answer, dumps, read_json
from migrator.emulator.wire.rest.sobjects import check_json, refused_entries

if TYPE_CHECKING:
    from migrator.emulator.org.org import Org

MOST = 25
_REFERENCE = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_VERSIONED = re.compile(r"/services/data/v(\d{2,3}\.0)(/.*)")
_BASE = "/services/data/v{version}/composite"
Handler = Callable[[Request, bytes], Response]
Table = Mapping[str, Mapping[str, Handler]]


@dataclass(frozen=True, slots=True)
class _Answered:
    """
    The answer to a subrequest.
    """

    status: int
    body: Any
    headers: dict[str, str]


class _HaltedError(Exception):
    """
    Leaves the transaction of an all-or-none call.
    """


def routes(org: Org, table: Table) -> list[BaseRoute]:
    """
    Return the resources `composite` and `composite/batch`; *table* has the handlers of
    subrequests by path template and method.
    """
    calls = _Calls(org, table)

    async def composite(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(calls.composite, request, body)

    async def batch(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(calls.batch, request, body)

    return [
        Route(_BASE, composite, methods=["POST"]),
        Route(f"{_BASE}/", composite, methods=["POST"]),
        Route(f"{_BASE}/batch", batch, methods=["POST"]),
        Route(f"{_BASE}/batch/", batch, methods=["POST"]),
    ]


class _Calls:
    """
    The two resources over the handlers of subrequests.
    """

    def __init__(self, org: Org, table: Table) -> None:
        self._org = org
        self._table = [(_pattern(path), methods) for path, methods in table.items()]

    def composite(self, request: Request, body: bytes) -> Response:
        """
        Run the subrequests in order; with allOrNone all of them or none.
        """
        data = _json(request, body)
        wanted = _listed(data, "compositeRequest")
        _check_ids(wanted)
        found: list[dict[str, Any]] = []
        with self._org.lock:
            try:
                with self._org.store.transaction():
                    failed = self._run(request, wanted, found)
                    _keep_unless(failed and data.get("allOrNone") is True)
            except _HaltedError:
                found = [_undone(each) for each in found]
        return answer({"compositeResponse": found})

    def _run(
        self,
        request: Request,
        wanted: list[dict[str, Any]],
        found: list[dict[str, Any]],
    ) -> bool:
        known: dict[str, Any] = {}
        failed = False
        for each in wanted:
            name = each["referenceId"]
            try:
                filled = _filled(each, known)
            except SalesforceError as error:
                got = _Answered(400, refused_entries(error), {})
            else:
                got = self._call(request, filled, filled.get("body"))
            if got.status < 400:
                known[name] = got.body
            failed = failed or got.status >= 400
            found.append(
                {
                    "body": got.body,
                    "httpHeaders": got.headers,
                    "httpStatusCode": got.status,
                    "referenceId": name,
                }
            )
        return failed

    def batch(self, request: Request, body: bytes) -> Response:
        """
        Run independent subrequests; with haltOnError none after a failure.
        """
        data = _json(request, body)
        results: list[dict[str, Any]] = []
        failed = False
        for each in _listed(data, "batchRequests"):
            if failed and data.get("haltOnError") is True:
                halted = "The request was halted because of an earlier failure."
                entry = {"errorCode": "BATCH_PROCESSING_HALTED", "message": halted}
                results.append({"statusCode": 412, "result": [entry]})
                continue
            url = str(each.get("url") or "")
            address = url if url.startswith("/") else f"/services/data/{url}"
            got = self._call(request, each | {"url": address}, each.get("richInput"))
            failed = failed or got.status >= 400
            results.append({"statusCode": got.status, "result": got.body})
        return answer({"hasErrors": failed, "results": results})

    def _call(self, outer: Request, wanted: dict[str, Any], body: Any) -> _Answered:
        try:
            response = self._handled(outer, wanted, body)
        except SalesforceError as error:
            return _Answered(error.status, refused_entries(error), {})
        text = bytes(response.body)
        headers = {
            name: response.headers[name]
            for name in ("ETag", "Last-Modified")
            if name in response.headers
        }
        if response.status_code == 201:
            record = read_json(text).get("id")
            headers["Location"] = f"{wanted['url']}/{record}"
        return _Answered(
            response.status_code, read_json(text) if text else None, headers
        )

    def _handled(self, outer: Request, wanted: dict[str, Any], body: Any) -> Response:
        method = str(wanted.get("method") or "").upper()
        address = urlsplit(str(wanted.get("url") or ""))
        match = _VERSIONED.fullmatch(address.path)
        if match is None:
            raise not_found()
        for pattern, methods in self._table:
            found = pattern.fullmatch(match[2].rstrip("/"))
            if found is None:
                continue
            if method not in methods:
                raise SalesforceError(
                    "METHOD_NOT_ALLOWED",
                    f"HTTP Method '{method}' not allowed",
                    status=405,
                )
            params = {key: unquote(value) for key, value in found.groupdict().items()}
            inner = _request(outer, method, address, params | {"version": match[1]})
            sent = b"" if body is None else dumps(body).encode()
            return methods[method](inner, sent)
        raise not_emulated(f"{address.path} inside composite")


def _keep_unless(undone: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if undone:
        raise _HaltedError


def _request(
    outer: Request, method: str, address: Any, params: dict[str, str]
) -> Request:
    """
    Make a subrequest as its handler expects it, signed in as the caller.
    """
    query = quote(address.query, safe="=&%+'(),*:@!/-._~")
    scope = dict(outer.scope) | {
        "method": method,
        "path": address.path,
        "raw_path": address.path.encode(),
        "query_string": query.encode(),
        "headers": [(b"content-type", b"application/json")],
        "path_params": params,
        "state": {"user": outer.state.user},
    }
    return Request(scope)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(:path)?\}", template)
    text = re.escape(parts[0])
    for name, is_path, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{name}>{'.+' if is_path else '[^/]+'}){re.escape(rest)}"
    return re.compile(text)


def _json(request: Request, body: bytes) -> dict[str, Any]:
    check_json(request)
    data = read_json(body)
    if not isinstance(data, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "A JSON object is expected")
    return data


def _listed(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    wanted = data.get(name)
    if not isinstance(wanted, list) or not all(isinstance(x, dict) for x in wanted):
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"{name} is missing")
    if len(wanted) > MOST:
        raise SalesforceError(
            "LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST}"
        )
    return wanted


def _check_ids(wanted: list[dict[str, Any]]) -> None:
    names = [each.get("referenceId") for each in wanted]
    for name in names:
        if not isinstance(name, str) or not name:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "referenceId is missing")
        if names.count(name) > 1:
            raise SalesforceError("INVALID_INPUT", f"Duplicate referenceId: {name}")


def _filled(each: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """
    Fill in the values of earlier answers in the place of a subrequest's references.
    """

    def value(match: re.Match[str]) -> str:
        name, path = match[1], match[2]
        found: Any = known.get(name)
        for key, place in _STEP.findall(path):
            if key:
                found = found.get(key) if isinstance(found, dict) else None
            else:
                rows = found if isinstance(found, list) else []
                found = rows[int(place)] if int(place) < len(rows) else None
        if found is None:
            raise SalesforceError(
                "PROCESSING_HALTED",
                f"Invalid reference specified. No value for {name}{path} found in "
                f"{name}",
            )
        return json.dumps(str(found))[1:-1]

    text = _REFERENCE.sub(value, dumps(each))
    filled: dict[str, Any] = read_json(text.encode())
    return filled


def _undone(found: dict[str, Any]) -> dict[str, Any]:
    """
    Replace the answer to a subrequest that another one's failure took back.
    """
    if found["httpStatusCode"] >= 400:
        return found
    entry = {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the "
        "same transaction failed.",
    }
    return found | {"body": [entry], "httpHeaders": {}, "httpStatusCode": 400}
