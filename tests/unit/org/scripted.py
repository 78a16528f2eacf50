"""
A tiny HTTP server that answers what a test tells it to, and remembers what it heard.
"""

from __future__ import annotations

import json
import threading
from collections import abc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from migrator.org.rest import RestClient
from migrator.org.transport import BearerAuth, Patience, PatientSession

TOKEN = "00Dplanted!token.never.shown"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    One answer; *cut* announces more bytes than it sends, then hangs up.
    """

    status: int = 200
    body: bytes = b""
    headers: abc.Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


def told(value: Any, status: int = 200, **headers: str) -> Answer:
    """
    *value* as a JSON answer.
    """
    return Answer(status=status, body=json.dumps(value).encode(), headers=headers)


def refused(status: int, code: str, message: str = "no") -> Answer:
    """
    An error in Salesforce's shape.
    """
    return told([{"errorCode": code, "message": message}], status)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """
    One request as it arrived.
    """

    method: str
    path: str
    headers: abc.Mapping[str, str]
    body: bytes


class Scripted:
    """
    A server on 127.0.0.1 that gives *answers* in turn, the last one for ever.
    """

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.heard: list[Heard] = []
        self.waits: list[float] = []
        self._answers = list(answers)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.01)
        )
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def rest(self, *, tries: int = 3) -> RestClient:
        """
        A client of this server whose waits are noted in `waits`, not slept.
        """
        return RestClient(self.session(tries=tries), "66.0")

    def session(self, *, tries: int = 3) -> PatientSession:
        """
        A session for this server.
        """
        patience = Patience(tries=tries, sleep=self.waits.append, jitter=lambda: 1.0)
        return PatientSession(
            self.address, BearerAuth(TOKEN), timeout_s=5, patience=patience
        )

    def stop(self) -> None:
        """
        Hang up for good.
        """
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self) -> Answer:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                script.heard.append(
                    Heard(
                        method=self.command,
                        path=self.path,
                        headers=dict(self.headers),
                        body=self.rfile.read(length),
                    )
                )
                answer = script._next()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) + answer.cut))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Nothing: tests read `heard`."""

        return Handler


@contextmanager
def scripted(*answers: Answer) -> Iterator[Scripted]:
    """
    A running `Scripted`, stopped afterwards.
    """
    server = Scripted(answers)
    try:
        yield server
    finally:
        server.stop()
