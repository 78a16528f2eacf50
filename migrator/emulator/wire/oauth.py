"""
Identity: user info, the identity URL and a small token endpoint.

OAuth endpoints in the Identity and Access Management guide.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.engine.org import Org
from migrator.emulator.engine.permissions import User
from migrator.emulator.errors import SalesforceError, not_found
from migrator.emulator.wire.json_text import answer

_GRANTS = frozenset({"password", "client_credentials"})


def routes(org: Org) -> list[BaseRoute]:
    """
    The identity resources of *org*.
    """

    def userinfo(request: Request) -> Response:
        return answer(_userinfo(org, request))

    def identity(request: Request) -> Response:
        return answer(_identity(org, request))

    async def token(request: Request) -> Response:
        form = await request.form()
        grant = str(form.get("grant_type", ""))
        username = str(form.get("username", ""))
        return _token(org, _base(request), grant, username)

    return [
        Route("/services/oauth2/userinfo", userinfo, methods=["GET", "POST"]),
        Route("/services/oauth2/token", token, methods=["POST"]),
        Route("/id/{org_id}/{user_id}", identity, methods=["GET"]),
    ]


def _userinfo(org: Org, request: Request) -> dict[str, Any]:
    user: User = request.state.user
    base = _base(request)
    return {
        "sub": f"{base}/id/{org.id}/{user.id}",
        "user_id": user.id,
        "organization_id": org.id,
        "preferred_username": user.username,
        "nickname": user.username.partition("@")[0],
        "name": user.name,
        "email": user.username,
        "email_verified": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "de_DE",
        "zoneinfo": "Europe/Berlin",
        "active": True,
        "urls": _urls(base, org, user),
    }


def _identity(org: Org, request: Request) -> dict[str, Any]:
    user: User = request.state.user
    if request.path_params["user_id"][:15] != user.id[:15]:
        raise not_found()
    base = _base(request)
    return {
        "id": f"{base}/id/{org.id}/{user.id}",
        "asserted_user": True,
        "user_id": user.id,
        "organization_id": org.id,
        "username": user.username,
        "display_name": user.name,
        "email": user.username,
        "active": True,
        "user_type": "STANDARD",
        "urls": _urls(base, org, user),
    }


def _token(org: Org, base: str, grant: str, username: str) -> Response:
    """
    A token for the running user, or for the one a password grant names.
    """
    if grant not in _GRANTS:
        return _refusal("unsupported_grant_type", "grant type not supported")
    try:
        access = org.sign_in(username) if grant == "password" else org.token
    except SalesforceError as error:
        return _refusal(error.code, error.message)
    user = org.authenticate(access)
    return answer(
        {
            "access_token": access,
            "instance_url": base,
            "id": f"{base}/id/{org.id}/{user.id}",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
            "signature": "",
            "scope": "api",
        }
    )


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _refusal(error: str, description: str) -> Response:
    return answer({"error": error, "error_description": description}, 400)


def _urls(base: str, org: Org, user: User) -> dict[str, str]:
    data = f"{base}/services/data/v{{version}}"
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{org.id}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{org.id}",
        "partner": f"{base}/services/Soap/u/{{version}}/{org.id}",
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "query": f"{data}/query/",
        "tooling_rest": f"{base}/services/data/v{{version}}/tooling/",
        "profile": f"{base}/{user.id}",
    }
