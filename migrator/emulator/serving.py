"""
Running an org: in a background thread for tests, in the foreground for the CLI.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import uvicorn

from migrator.emulator.app import build_app
from migrator.emulator.engine.building import build_org
from migrator.emulator.engine.org import Org, OrgSettings

__all__ = ["OrgSettings", "RunningOrg", "serve", "start_org"]

_HOST = "127.0.0.1"
_READY_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.2


class _Server(uvicorn.Server):
    """
    A uvicorn server that says when it is ready.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """
        Leave signals alone: `serve` handles them, and they are a normal end.
        """
        return contextlib.nullcontext()

    def stop(self) -> None:
        """
        Ask for the end; requests under way are answered first.
        """
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """
        Listen, then tell who waits for it.
        """
        await super().startup(sockets=sockets)
        self.ready.set()


def _server(org: Org) -> _Server:
    config = uvicorn.Config(
        build_app(org),
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=65_536,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    """
    A listening socket on the loopback address only.
    """
    # Named as TCP so that asyncio sends at once (TCP_NODELAY): 40 ms a reply else.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_HOST, port))
    return listener


class RunningOrg:
    """
    A served org: *url*, *token*, *org*; a context manager that stops it.
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.token = org.token
        self._listener = _listen(org.settings.port)
        self.url = f"http://{_HOST}:{self._listener.getsockname()[1]}"
        self._server = _server(org)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listener]},
            name="emulated-org",
            daemon=True,
        )
        self._thread.start()
        if not self._server.ready.wait(_READY_WITHIN_S):
            message = f"the org did not get ready on {self.url}"
            raise RuntimeError(message)

    def __enter__(self) -> Self:
        """
        The running org itself.
        """
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Stop serving.
        """
        self.stop()

    def stop(self) -> None:
        """
        Stop serving and give the storage back.
        """
        self.org.faults.close()
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=5)
        self._listener.close()
        self.org.close()


def start_org(settings: OrgSettings) -> RunningOrg:
    """
    A running org on 127.0.0.1, ready to answer when this returns.
    """
    return RunningOrg(build_org(settings))


def serve(settings: OrgSettings) -> None:
    """
    Serve until SIGTERM or SIGINT, idle time or (if asked) the end of stdin.

    Prints `URL=http://127.0.0.1:PORT` and `TOKEN=...` when ready.
    """
    org = build_org(settings)
    listener = _listen(settings.port)
    server = _server(org)
    threads = [threading.Thread(target=_announce, args=(server, org, listener))]
    threads.append(threading.Thread(target=_watch_idle, args=(server, org)))
    if settings.end_with_stdin:
        threads.append(threading.Thread(target=_watch_stdin, args=(server,)))
    for thread in threads:
        thread.daemon = True
        thread.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop())
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        org.close()


def _announce(server: _Server, org: Org, listener: socket.socket) -> None:
    server.ready.wait()
    port = listener.getsockname()[1]
    sys.stdout.write(f"URL=http://{_HOST}:{port}\nTOKEN={org.token}\n")
    sys.stdout.flush()


def _watch_idle(server: _Server, org: Org) -> None:
    """
    End the server when no request came for `idle_minutes`.
    """
    server.ready.wait()
    allowed_s = org.settings.idle_minutes * 60
    while not server.should_exit:
        if time.monotonic() - org.last_request > allowed_s:
            server.should_exit = True
        time.sleep(_LOOK_EVERY_S)


def _watch_stdin(server: _Server) -> None:
    """
    End the server when whoever started it is gone.
    """
    descriptor = sys.stdin.fileno()
    while os.read(descriptor, 4096):
        pass
    server.should_exit = True
