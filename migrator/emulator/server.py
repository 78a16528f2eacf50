"""
Running an org: in a background thread for tests, in the foreground for the CLI.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from migrator.emulator.app import build_app
from migrator.emulator.errors import SettingsError
from migrator.emulator.org.org import Org
from migrator.emulator.org.settings import OrgSettings
from migrator.emulator.start.build import build_org
from migrator.emulator.start.services import Services

if TYPE_CHECKING:
    from migrator.emulator.certificates import Certificates

__all__ = ["OrgSettings", "RunningOrg", "SettingsError", "serve", "start_org"]

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


def _server(services: Services, certificates: Certificates | None) -> _Server:
    config = uvicorn.Config(
        build_app(services),
        ssl_certfile=certificates.certificate if certificates else None,
        ssl_keyfile=certificates.key if certificates else None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        # Clients sleep five seconds between two looks at a job and come back on the
        # same connection.
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=65_536,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    """
    Open a listening socket on the loopback address only.
    """
    # Named as TCP so that asyncio sends at once (TCP_NODELAY): 40 ms a reply else.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_HOST, port))
    return listener


class RunningOrg:
    """
    A served org: *url*, *token*, *org* and the *services* that work on it; a context
    manager that stops it.

    *authority* is the file clients of an HTTPS org have to trust.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self.org = org = services.org
        self.token = org.users.token
        self._listener = _listen(org.settings.port)
        self.url = _url(org, self._listener)
        self._folder = tempfile.TemporaryDirectory(prefix="emulated-org-")
        certificates = _certificates(org.settings, Path(self._folder.name))
        self.authority = certificates.authority if certificates else None
        self._server = _server(services, certificates)
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
        Return the running org itself.
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
        self._folder.cleanup()
        self.services.close()


def _url(org: Org, listener: socket.socket) -> str:
    scheme = "https" if org.settings.tls else "http"
    return f"{scheme}://{_HOST}:{listener.getsockname()[1]}"


def _certificates(settings: OrgSettings, folder: Path) -> Certificates | None:
    """
    Make what HTTPS needs, None for plain HTTP. Raises SettingsError without the extra.
    """
    if not settings.tls:
        return None
    # Only who asks for HTTPS needs trustme, and waits for the cryptography under it.
    try:
        from migrator.emulator.certificates import make_certificates  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError(
            "HTTPS needs the package trustme: pip install 'migrator[tls]'"
        ) from None
    return make_certificates(folder)


def start_org(settings: OrgSettings) -> RunningOrg:
    """
    Start an org on 127.0.0.1, ready to answer when this returns.
    """
    return RunningOrg(build_org(settings))


def serve(settings: OrgSettings) -> None:
    """
    Serve until SIGTERM or SIGINT, idle time or (if asked) the end of stdin.

    Prints `URL=http://127.0.0.1:PORT` and `TOKEN=...` when ready, then how to
    connect the sf CLI and Python.
    """
    with tempfile.TemporaryDirectory(prefix="emulated-org-") as folder:
        certificates = _certificates(settings, Path(folder))
        services = build_org(settings)
        org = services.org
        _collect_seldom()
        listener = _listen(settings.port)
        server = _server(services, certificates)
        lines = _announcement(org, _url(org, listener), certificates)
        announce = threading.Thread(target=_announce, args=(server, lines))
        _run(services, server, listener, announce)


def _collect_seldom() -> None:
    """
    Spare the garbage collector: what an org is made of stays as long as it does, and
    the rows of a job hold no cycles, which would be looked for a quarter of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _run(
    services: Services,
    server: _Server,
    listener: socket.socket,
    announce: threading.Thread,
) -> None:
    org = services.org
    settings = org.settings
    threads = [announce]
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
        services.close()


def _announce(server: _Server, lines: list[str]) -> None:
    server.ready.wait()
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _announcement(org: Org, url: str, certificates: Certificates | None) -> list[str]:
    """
    Compose address, token, and the commands that connect other clients.
    """
    token = org.users.token
    sf = f"sf org login access-token --instance-url {url} --no-prompt --alias emulated"
    lines = [f"URL={url}", f"TOKEN={token}"]
    if certificates is None:
        python = (
            "import requests; print(requests.get("
            f"'{url}/services/data/v66.0/limits', "
            "headers={'Authorization': 'Bearer ' + __import__('os').environ"
            "['SF_ACCESS_TOKEN']}).json())"
        )
        trust = ""
    else:
        lines.append(f"CA={certificates.authority}")
        python = (
            "import os; from simple_salesforce import Salesforce; "
            f"sf = Salesforce(instance_url='{url}', "
            "session_id=os.environ['SF_ACCESS_TOKEN'], version='66.0'); "
            "print(sf.query('SELECT Name FROM Organization')['records'])"
        )
        authority = certificates.authority
        trust = f" NODE_EXTRA_CA_CERTS={authority} REQUESTS_CA_BUNDLE={authority}"
    return [
        *lines,
        "",
        "# To connect other clients:",
        f"export SF_ACCESS_TOKEN='{token}'{trust}",
        sf,
        f'python -c "{python}"',
    ]


def _watch_idle(server: _Server, org: Org) -> None:
    """
    End the server when no request came for `idle_minutes`.
    """
    server.ready.wait()
    # Building an org may take longer than it may be idle.
    org.last_request = time.monotonic()
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
