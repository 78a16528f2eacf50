"""
Running an org: in a background thread for tests, in the foreground for the CLI.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from migrator.emulator.engine.org import Org, OrgSettings

__all__ = ["OrgSettings", "RunningOrg", "serve", "start_org"]


class RunningOrg:
    """
    A served org: *url*, *token*, *org*; a context manager that stops it.
    """

    url: str
    token: str
    org: Org

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """
        Stop serving and give the storage back.
        """
        raise NotImplementedError


def start_org(settings: OrgSettings) -> RunningOrg:
    """
    A running org on 127.0.0.1, ready to answer when this returns.
    """
    raise NotImplementedError


def serve(settings: OrgSettings) -> None:
    """
    Serve until SIGTERM or SIGINT, idle time or (if asked) the end of stdin.

    Prints `URL=http://127.0.0.1:PORT` and `TOKEN=...` when ready.
    """
    raise NotImplementedError
