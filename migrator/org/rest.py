"""
The REST calls every other client is made of, with Salesforce's errors told apart.
"""

from __future__ import annotations

import json as json_text
from collections import abc
from dataclasses import dataclass, replace
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from migrator.errors import LoginRefused, MigratorError, OrgRefused, OrgUnreachable
from migrator.org.transport import ApiUsage, PatientSession

SIGN_IN_AGAIN = (
    "get a new session id, for instance with `sf org auth show-access-token`, set "
    "SF_ACCESS_TOKEN to it, and run the same command again"
)
_BROKEN_HINT = "check the address; if it is right, run the same command again"
_LOGIN_CODES = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"})
_SERVER_TROUBLE = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One request; *path* is below `/services/data/vNN.0` unless it starts with `/`.
    """

    method: str
    path: str
    params: abc.Mapping[str, str] | None = None
    content: bytes | BinaryIO | None = None
    """A file is sent from its beginning to its end, as often as it takes."""
    headers: abc.Mapping[str, str] | None = None
    repeatable: bool = False
    """True when sending it twice does no harm; GET always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    An answer of the org.
    """

    status: int
    headers: abc.Mapping[str, str]
    content: bytes
    where: str
    """Method, path and address, for messages."""

    def json(self) -> Any:
        """
        Return the parsed body, numbers with a fraction as Decimal.

        Raises OrgUnreachable when it is not JSON.
        """
        try:
            return json_text.loads(self.content, parse_float=Decimal)
        except ValueError as error:
            raise OrgUnreachable(
                f"{self.where}: expected JSON, got {self._looks}", hint=_BROKEN_HINT
            ) from error

    def object(self) -> dict[str, Any]:
        """
        Return the body as a JSON object; OrgUnreachable when it is something else.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise self.unusable("a JSON object")
        return body

    def array(self) -> list[Any]:
        """
        Return the body as a JSON array; OrgUnreachable when it is something else.
        """
        body = self.json()
        if not isinstance(body, list):
            raise self.unusable("a JSON array")
        return body

    def unusable(self, expected: str) -> OrgUnreachable:
        """
        Return the error that says that *expected* was not in this reply.
        """
        return OrgUnreachable(
            f"{self.where}: expected {expected}, got something else", hint=_BROKEN_HINT
        )

    @property
    def _looks(self) -> str:
        start = self.content[:200].lstrip().lower()
        if not start:
            return "nothing"
        if start.startswith((b"<!doctype html", b"<html")):
            return "an HTML page"
        return "something else, or only a part"


class RestClient:
    """
    Requests to one org, repeated while it is busy where that does no harm.

    Errors: LoginRefused for a session the org does not know, OrgRefused with
    Salesforce's code for a refusal, OrgUnreachable when there is no usable answer
    ("safe to run again"), Stopped when the daily API calls are used up.
    """

    def __init__(self, session: PatientSession, api_version: str) -> None:
        self._session = session
        self.api_version = api_version

    @property
    def address(self) -> str:
        """
        Scheme and host of the org.
        """
        return self._session.address

    @property
    def usage(self) -> ApiUsage | None:
        """
        The API calls of the day as last reported; None before the first report.
        """
        return self._session.usage

    @property
    def session_id(self) -> str:
        """
        The token in use, for calls that carry it in their body.
        """
        return self._session.signature.reveal()

    def renew(self, used: str) -> bool:
        """
        Return True when the token *used*, which the org no longer knows, has a
        successor.
        """
        return self._session.renew(used)

    def get(
        self,
        path: str,
        *,
        params: abc.Mapping[str, str] | None = None,
        headers: abc.Mapping[str, str] | None = None,
    ) -> Reply:
        """
        Return the reply to a GET.
        """
        return self.send(Call(method="GET", path=path, params=params, headers=headers))

    def post(self, path: str, body: Any, *, repeatable: bool = False) -> Reply:
        """
        Return the reply to a POST of *body* as JSON; sent again only if *repeatable*.
        """
        return self.send(_with_json("POST", path, body, repeatable=repeatable))

    def patch(self, path: str, body: Any, *, repeatable: bool = False) -> Reply:
        """
        Return the reply to a PATCH of *body* as JSON; sent again only if *repeatable*.
        """
        return self.send(_with_json("PATCH", path, body, repeatable=repeatable))

    def put(self, path: str, content: bytes | Path, content_type: str) -> Reply:
        """
        Return the reply to a PUT of *content*, or of the file there, sent once.
        """
        headers = {"Content-Type": content_type}
        call = Call(method="PUT", path=path, headers=headers)
        if isinstance(content, bytes):
            return self.send(replace(call, content=content))
        with content.open("rb") as file:
            return self.send(replace(call, content=file))

    def delete(self, path: str) -> Reply:
        """
        Return the reply to a DELETE, sent once.
        """
        return self.send(Call(method="DELETE", path=path))

    def send(self, call: Call) -> Reply:
        """
        Return the reply to *call*; an answer that is an error is raised.
        """
        reply = self.exchange(call)
        if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(reply)
        return reply

    def exchange(self, call: Call) -> Reply:
        """
        Return the reply to *call*, whatever its status.
        """
        path = call.path
        if not path.startswith("/"):
            path = f"/services/data/v{self.api_version}/{path}"
        response = self._session.request(
            call.method,
            self.address + path,
            repeatable=call.repeatable,
            params=call.params,
            data=call.content,
            headers=dict(call.headers or {}),
        )
        return Reply(
            status=response.status_code,
            headers=response.headers,
            content=response.content,
            where=f"{call.method} {path.split('?')[0]} on {self.address}",
        )

    def close(self) -> None:
        """
        Give the connections back.
        """
        self._session.close()


def refusal(reply: Reply) -> MigratorError:
    """
    Return the error that *reply*, which is no success, stands for.
    """
    try:
        body = json_text.loads(reply.content)
    except ValueError:
        body = None
    code, message = _first_error(body)
    if reply.status == HTTPStatus.UNAUTHORIZED or code in _LOGIN_CODES:
        return LoginRefused(
            f"the org did not accept the session id ({reply.where}): "
            f"{message or 'session expired or invalid'}",
            hint=SIGN_IN_AGAIN,
            code=code or "INVALID_SESSION_ID",
        )
    if reply.status in _SERVER_TROUBLE:
        return OrgUnreachable(
            f"{reply.where}: HTTP {reply.status} {code}".rstrip(),
            hint="run the same command again: that is safe",
        )
    if code:
        return OrgRefused(f"{reply.where}: {code}: {message}", code=code)
    return OrgRefused(
        f"{reply.where}: HTTP {reply.status} without Salesforce's error message",
        hint="check that the address is a Salesforce org's own",
        code=f"HTTP_{reply.status}",
    )


def _first_error(body: Any) -> tuple[str, str]:
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return "", ""
    code = first.get("errorCode") or first.get("error") or ""
    message = first.get("message") or first.get("error_description") or ""
    return str(code), str(message)


def _with_json(method: str, path: str, body: Any, *, repeatable: bool) -> Call:
    return Call(
        method=method,
        path=path,
        content=json_text.dumps(body, ensure_ascii=False).encode("utf-8"),
        headers={"Content-Type": "application/json; charset=UTF-8"},
        repeatable=repeatable,
    )
