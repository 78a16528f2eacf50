"""
What every test has: no network but this machine, and the command line in-process.
"""

from __future__ import annotations

import socket
from collections import abc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner

from migrator.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
# A machine that does two things at once is no defect: no test is judged by the clock.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave the machine in no test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        inet = self.family in {socket.AF_INET, socket.AF_INET6}
        if inet and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need the public metadata collection say why they were skipped."""
    if SHARED_DATA.is_dir():
        return
    reason = pytest.mark.skip(reason="the public metadata collection is not beside us")
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(reason)


@dataclass(frozen=True)
class Ended:
    """
    How a command ended.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """
        Everything it printed.
        """
        return self.stdout + self.stderr


Invoke = Callable[..., Ended]


@pytest.fixture
def invoke() -> Invoke:
    """
    Runs `migrator` with the given arguments, in this process.
    """

    def run(*arguments: object, env: abc.Mapping[str, str] | None = None) -> Ended:
        words = [str(argument) for argument in arguments]
        result = CliRunner().invoke(main, words, env=env)
        unforeseen = result.exception
        if unforeseen and not isinstance(unforeseen, SystemExit):
            raise unforeseen
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run
