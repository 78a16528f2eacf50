"""
The HTTP application of an Org: routes, sign-in, error shape, limits, compression.

Every wire module gives `routes(org) -> list[starlette.routing.BaseRoute]` with full
paths (`/services/data/v{version}/jobs/ingest`). Handlers are plain functions
`(Request) -> Response` (run in a thread); a module that must stream a body in uses
`async def`. Before a handler of `/services/data/v...` runs, the version is checked
and the token is resolved: `request.state.user` (permissions.User) and
`request.path_params["version"]` (`66.0`) are there, the API call is counted and
configured faults were raised. SalesforceError raised anywhere becomes Salesforce's
JSON error array. `/services/Soap/` brings its session id in the envelope: there the
handler calls `org.authenticate(session_id)` and `org.limits.count_call()` itself.
"""

from __future__ import annotations

from starlette.applications import Starlette

from migrator.emulator.engine.org import Org


def build_app(org: Org) -> Starlette:
    """
    The application that answers for *org*.

    Mounts `wire.rest`, `wire.oauth`, `wire.tooling`, `wire.bulk`,
    `wire.metadata_rest` and `wire.soap`, each by its `routes(org)`.
    """
    raise NotImplementedError
