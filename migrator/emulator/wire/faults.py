"""
Configured faults at the HTTP boundary, and the address that changes them.

`POST /emulator/faults` takes a plan (YAML or JSON), `{"release": true}` or
`{"lose": true}`;
`GET /emulator/faults` tells how many requests are held.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import yaml
from starlette.responses import JSONResponse, Response

from migrator.emulator.errors import SalesforceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from migrator.emulator.org.faults import Faults, RequestRule

__all__ = ["FaultMiddleware"]

ADMIN_PATH: Final = "/emulator/faults"
_HOLD_STEP_S: Final = 0.02
_ANSWERS: Final = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    503: ("SERVER_UNAVAILABLE", "Server is currently unavailable"),
}
_SOAP: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault>'
    "<faultcode>sf:%s</faultcode><faultstring>%s: %s</faultstring>"
    "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
)


class ConnectionBroken(Exception):
    """
    The answer ends here; the server closes the connection.
    """


class FaultMiddleware:
    """
    The outermost layer: strikes requests as the org's *faults* say.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Pass the request on, unless a rule has something else in mind.
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == ADMIN_PATH:
            await self._administer(scope, receive, send)
        elif self._is_expired(scope):
            await _answer(401)(scope, receive, send)
        else:
            rules = self.faults.striking(scope["method"], scope["path"])
            await self._strike(rules, scope, receive, send)

    def _is_expired(self, scope: Scope) -> bool:
        if scope["path"].startswith("/services/Soap/"):
            return False  # its session is in the envelope
        return bool(self.faults.expired_tokens & {_authorization(scope)})

    async def _strike(
        self, rules: list[RequestRule], scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer = send
        for rule in rules:
            if rule.delay:
                await asyncio.sleep(rule.delay)
            if rule.hold == "before" and not await self._held():
                _abort(send)
                return
            if rule.expire_token and _authorization(scope):
                self.faults.expired_tokens.add(_authorization(scope))
                await _answer(401, scope["path"])(scope, receive, send)
                return
            if rule.respond is not None:
                await _answer(rule.respond, scope["path"])(scope, receive, send)
                return
            answer = self._spoil(rule, answer)
        if any(rule.repeat for rule in rules):
            body = await _body(receive)
            await self.app(scope, _delivering(body), _nowhere)
            receive = _delivering(body)
        if any(rule.truncate or rule.reset_after for rule in rules):
            scope = _without_compression(scope)
        try:
            await self.app(scope, receive, answer)
        except ConnectionBroken:
            _abort(send)

    def _spoil(self, rule: RequestRule, send: Send) -> Send:
        if rule.hold == "after":
            return self._sending_held(send)
        if rule.reset_after is not None:
            return _sending_part(send, rule.reset_after)
        if rule.truncate is not None:
            return _sending_truncated(send, rule.truncate)
        return send

    def _sending_held(self, send: Send) -> Send:
        async def held(message: Message) -> None:
            if message["type"] == "http.response.start" and not await self._held():
                raise ConnectionBroken
            await send(message)

        return held

    async def _held(self) -> bool:
        """
        Wait for the release; False when the request is lost, or the org stops.
        """
        self.faults.held += 1
        try:
            # The release comes from another thread: an asyncio.Event cannot hear it.
            while not self.faults.is_released:  # noqa: ASYNC110
                await asyncio.sleep(_HOLD_STEP_S)
        finally:
            self.faults.held -= 1
        return not (self.faults.closed or self.faults.lost)

    async def _administer(self, scope: Scope, receive: Receive, send: Send) -> None:
        status: dict[str, Any] = {}
        code = 200
        if scope["method"] == "POST":
            try:
                self._command(await _body(receive))
            except (SalesforceError, yaml.YAMLError, TypeError) as error:
                code, status = 400, {"error": str(error)}
        status["held"] = self.faults.held
        await JSONResponse(status, status_code=code)(scope, receive, send)

    def _command(self, body: bytes) -> None:
        text = body.decode()
        data = yaml.safe_load(text)
        if isinstance(data, dict) and data.get("release"):
            self.faults.release()
        elif isinstance(data, dict) and data.get("lose"):
            self.faults.lose()
        else:
            self.faults.replace(text)


def _authorization(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return bytes(headers.get(b"authorization", b"")).decode("latin-1")


def _without_compression(scope: Scope) -> Scope:
    kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    return {**scope, "headers": kept}


def _answer(status: int, path: str = "") -> Response:
    code, message = _ANSWERS.get(status, ("UNKNOWN_EXCEPTION", "Configured fault"))
    if path.startswith("/services/Soap/"):
        # SOAP knows one status for every fault; a 503 comes from before the API.
        shown = 500 if status != 503 else status
        return Response(_SOAP % (code, code, message), shown, media_type="text/xml")
    return JSONResponse([{"message": message, "errorCode": code}], status_code=status)


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _delivering(body: bytes) -> Receive:
    """
    Deliver a request's *body* as a whole.
    """

    async def deliver() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return deliver


async def _nowhere(message: Message) -> None:
    """
    Lose an answer.
    """
    del message


def _sending_part(send: Send, limit: int) -> Send:
    left = limit

    async def part(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.start" and limit == 0:
            raise ConnectionBroken
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            if len(body) >= left:
                await send({**message, "body": body[:left], "more_body": True})
                # Let the bytes leave before the connection is cut.
                await asyncio.sleep(_HOLD_STEP_S)
                raise ConnectionBroken
            left -= len(body)
        await send(message)

    return part


def _sending_truncated(send: Send, how: str | int) -> Send:
    start: list[Message] = []
    body = bytearray()

    async def truncated(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        kept = _cut(bytes(body), how)
        length = (b"content-length", str(len(kept)).encode())
        headers = [pair for pair in start[0]["headers"] if pair[0] != length[0]]
        await send({**start[0], "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": kept})

    return truncated


def _cut(body: bytes, how: str | int) -> bytes:
    if how == "cell":
        return body[: body.rindex(b",")]
    return body[: max(0, len(body) - int(how))]


def _abort(send: Send) -> None:
    """
    Cut the connection under the answer (uvicorn's transport, where it is).
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionBroken(json.dumps("no transport to cut"))
    transport.abort()
