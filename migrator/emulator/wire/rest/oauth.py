"""
Identity: user info, the identity URL and a small token endpoint.

OAuth endpoints in the Identity and Access Management guide.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import SalesforceError, not_found
from migrator.emulator.org.org import Org
from migrator.emulator.org.users import User
from migrator.emulator.wire.json_text import answer

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def routes(org: Org) -> list[BaseRoute]:
    """
    Return the identity resources of *org*.
    """

    def userinfo(request: Request) -> Response:
        return answer(_userinfo(org, request))

    def identity(request: Request) -> Response:
        return answer(_identity(org, request))

    async def token(request: Request) -> Response:
        form = await request.form()
        given = {name: str(value) for name, value in form.items()}
        return await run_in_threadpool(_token, org, _base(request), given)

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
        "address": {"country": "DE"},
        "is_app_installed": True,
        "is_salesforce_integration_user": False,
        "updated_at": org.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "utcOffset": 3_600_000,
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


def _token(org: Org, base: str, form: Mapping[str, str]) -> Response:
    """
    Answer with a token for the running user, or for the one that the grant names.
    """
    grant = form.get("grant_type", "")
    try:
        access = _granted(org, grant, form)
    except SalesforceError as error:
        return _refusal(error.code, error.message)
    user = org.users.authenticate(access)
    body = {
        "access_token": access,
        "instance_url": base,
        "id": f"{base}/id/{org.id}/{user.id}",
        "token_type": "Bearer",
        "issued_at": str(int(time.time() * 1000)),
        "signature": _signature(org, user),
        "scope": "api",
    }
    if grant == _JWT:
        # The JWT bearer flow signs nothing (OAuth 2.0 JWT Bearer Flow).
        del body["signature"]
    return answer(body)


def _granted(org: Org, grant: str, form: Mapping[str, str]) -> str:
    """
    Grant an access token. Secrets and signatures are not checked.
    """
    if grant == "password":
        try:
            return org.users.sign_in(form.get("username", ""))
        except SalesforceError:
            text = "authentication failure"
            raise SalesforceError("invalid_grant", text) from None
    if grant == "client_credentials":
        return org.users.sign_in(org.users.get(org.users.running_id).username)
    if grant == "refresh_token":
        if form.get("refresh_token") != org.users.refresh_token:
            raise SalesforceError("invalid_grant", "expired access/refresh token")
        return org.users.sign_in(org.users.get(org.users.running_id).username)
    if grant == _JWT:
        return org.users.sign_in(_subject(form.get("assertion", "")))
    raise SalesforceError("unsupported_grant_type", "grant type not supported")


def _subject(assertion: str) -> str:
    """
    Read the username in a JWT that has not expired.
    """
    parts = assertion.split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        expires, subject = float(claims["exp"]), str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise SalesforceError("invalid_grant", "invalid assertion") from None
    if expires < time.time():
        raise SalesforceError("invalid_grant", "expired assertion")
    return subject


def _signature(org: Org, user: User) -> str:
    digest = hashlib.sha256(f"{org.id}/{user.id}".encode()).digest()
    return base64.b64encode(digest).decode()


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
