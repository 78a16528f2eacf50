"""
The HTTP application of an Org: routes, sign-in, error shape, limits, compression.

Every wire module gives `routes(services)`, a list of starlette's BaseRoutes with full
paths (`/services/data/v{version}/jobs/ingest`). Handlers are plain functions
`(Request) -> Response` (run in a thread); a module that must stream a body in uses
`async def`. Before a handler of `/services/data/v...` runs, the version is checked
and the token is resolved: `request.state.user` (org.users.User) and
`request.path_params["version"]` (`66.0`) are there and the API call is counted.
SalesforceError raised anywhere becomes Salesforce's JSON error array.
`/services/Soap/` brings its session id in the envelope: there the handler calls
`org.users.authenticate(session_id)` and `org.limits.count_call()` itself.
"""

from __future__ import annotations

import re
import time

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from migrator.emulator.errors import SalesforceError, invalid_session, not_found
from migrator.emulator.org.org import Org
from migrator.emulator.start.services import Services
from migrator.emulator.wire.bulk_api import jobs, version_one
from migrator.emulator.wire.faults import FaultMiddleware
from migrator.emulator.wire.json_text import answer, error_answer
from migrator.emulator.wire.rest import deploy_requests, oauth, resources, tooling
from migrator.emulator.wire.rest.sobjects import refused_entries
from migrator.emulator.wire.soap import metadata, partner

MAX_QUERY_STRING = 16_384
# Versions that Salesforce has retired (410) and the oldest it still serves.
RETIRED_BELOW, OLDEST = 31, 31
_VERSIONED = re.compile(r"/services/data/v(\d{2,3})\.0(/.*)?")
_PLAIN = re.compile(r"/services/data/?")


def build_app(services: Services) -> ASGIApp:
    """
    Build the application that answers for an org.

    Mounts the modules of `wire`, each by its `routes`.
    """
    org = services.org
    routes: list[BaseRoute] = [*oauth.routes(org)]
    for module in (tooling, jobs, deploy_requests, metadata, partner, resources):
        routes += module.routes(services)
    routes += version_one.routes()
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(GZipMiddleware, minimum_size=500, compresslevel=1),
            Middleware(Gate, org=org),
        ],
        exception_handlers={
            SalesforceError: _salesforce_error,
            HTTPException: _http_error,
        },
    )
    # Outside of Starlette's own layers: only there can a connection be cut.
    return FaultMiddleware(app, org.faults)


def _salesforce_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SalesforceError)
    return answer(refused_entries(error), error.status)


def _http_error(request: Request, error: Exception) -> Response:
    """
    Say Starlette's own 404 and 405 in Salesforce's words.
    """
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return error_answer(
            SalesforceError(
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}",
                status=405,
            )
        )
    return error_answer(not_found())


def _unexpected(error: Exception) -> Response:
    return error_answer(
        SalesforceError(
            "UNKNOWN_EXCEPTION",
            f"An unexpected error occurred: {type(error).__name__}",
            status=500,
        )
    )


class Gate:
    """
    What stands before every REST resource: version, token, quota; and the header
    `Sforce-Limit-Info` on its answer.
    """

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self.app = app
        self.org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Let the request through, or answer it with what is wrong.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.org.last_request = time.monotonic()
        send = self._with_limits(send)
        if scope["path"].startswith("//"):
            # Clients that end the instance URL with a slash; the platform bears it.
            scope["path"] = "/" + scope["path"].lstrip("/")
        try:
            self._check(scope)
        except SalesforceError as error:
            await error_answer(error)(scope, receive, send)
            return
        await self._run(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Run the application; what it did not foresee is an answer, too.
        """
        started = False

        async def watching(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watching)
        except Exception as error:
            if started:
                raise
            await _unexpected(error)(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        path = scope["path"]
        if len(scope.get("query_string", b"")) > MAX_QUERY_STRING:
            raise SalesforceError("URI_TOO_LONG", "URI Too Long", status=414)
        if path.startswith("/services/data"):
            match = _VERSIONED.fullmatch(path)
            if match is None:
                if _PLAIN.fullmatch(path):
                    return
                raise not_found()
            self._check_version(int(match.group(1)))
        elif not path.startswith(("/services/oauth2/userinfo", "/id/")):
            return
        user = self.org.users.authenticate(bearer_token(scope))
        self.org.limits.count_call()
        scope.setdefault("state", {})["user"] = user

    def _check_version(self, number: int) -> None:
        if number < RETIRED_BELOW:
            raise SalesforceError("GONE", "API version is not supported", status=410)
        if number > self.org.settings.max_version:
            raise not_found()

    def _with_limits(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("Sforce-Limit-Info", self.org.limits.header())
            await send(message)

        return sending


def bearer_token(scope: Scope) -> str | None:
    """
    Read the access token of a request; raises INVALID_SESSION_ID when it has none.
    """
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, token = value.decode("latin-1").partition(" ")
            if kind.lower() in {"bearer", "oauth"}:
                return str(token.strip())
    raise invalid_session()
