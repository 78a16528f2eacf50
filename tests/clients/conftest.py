"""
Orgs for the clients of other authors, and the clients as processes.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import abc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migrator.emulator.org.org import Org
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from tests.clients.installing import client, environment

_WITHIN_S = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a client that is not installed say how to install it."""
    for item in items:
        marker = item.get_closest_marker("clients")
        missing = [
            name for name in (marker.args if marker else ()) if not _is_there(name)
        ]
        if missing:
            names = " ".join(missing)
            reason = f"python -m tests.clients.install {names} was not run"
            item.add_marker(pytest.mark.skip(reason=reason))


def _is_there(name: str) -> bool:
    return client(name).is_installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """
    How a client's process ended.
    """

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.stdout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """
    Runs clients in a folder, each with a home of its own there.
    """

    folder: Path
    running: RunningOrg

    @property
    def org(self) -> Org:
        """The org behind the server."""
        return self.running.org

    def run(
        self,
        *arguments: str | Path,
        code: int | None = 0,
        env: abc.Mapping[str, str] | None = None,
    ) -> Ended:
        """The end of a process, which must be *code* (None: any)."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        own = {"HOME": str(home), "SF_ACCESS_TOKEN": self.running.token}
        if self.running.authority:
            trusted = str(self.running.authority)
            own |= {"REQUESTS_CA_BUNDLE": trusted, "NODE_EXTRA_CA_CERTS": trusted}
        done = subprocess.run(
            [str(each) for each in arguments],
            cwd=self.folder,
            env=environment() | own | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )
        ended = Ended(code=done.returncode, stdout=done.stdout, stderr=done.stderr)
        assert code is None or ended.code == code, ended
        return ended

    def python(self, name: str, script: str, **env: str) -> Any:
        """What *script* prints as JSON in the virtual environment of a client."""
        interpreter = client(name).folder / "bin" / "python"
        given = {"URL": self.running.url, "TOKEN": self.running.token} | env
        ended = self.run(interpreter, "-c", script, env=given)
        return ended.json()

    def rows(self, object_name: str, *fields: str) -> list[tuple[Any, ...]]:
        """Values of live records straight from the store, sorted."""
        with self.org.lock:
            found = self.org.store.select(object_name)
            rows = [
                tuple(row[field] for field in fields)
                for row in found
                if not row["IsDeleted"]
            ]
        return sorted(rows, key=repr)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An org over plain HTTP."""
    yield from _shell(tmp_path_factory, tls=False)


@pytest.fixture(scope="module")
def tls_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An org over HTTPS, for the clients that insist on it."""
    yield from _shell(tmp_path_factory, tls=True)


def _shell(factory: pytest.TempPathFactory, *, tls: bool) -> Iterator[Shell]:
    folder = factory.mktemp("client")
    with start_org(OrgSettings(invoices=30, tls=tls)) as running:
        yield Shell(folder=folder, running=running)


@pytest.fixture(scope="module")
def write() -> Callable[[Path, abc.Mapping[str, str]], Path]:
    """Writes files by relative name under a folder."""

    def writing(folder: Path, files: abc.Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return folder

    return writing


def words(values: Sequence[object]) -> str:
    """Values as one line of a CSV."""
    return ",".join(map(str, values)) + os.linesep
