"""
A local org and a migration directory, driven through the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Ended, Invoke

API = "/services/data/v66.0"
INVOICES = 60


@dataclass(frozen=True)
class Client:
    """
    Plain REST calls to the local org, for tampering and for looking.
    """

    url: str
    token: str

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """
        The JSON reply of one call that must succeed; None when there is none.
        """
        reply = httpx.request(
            method,
            f"{self.url}{API}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        Every record that *soql* selects.
        """
        reply = httpx.get(
            f"{self.url}{API}/query",
            params={"q": soql},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )
        assert reply.is_success, reply.text
        answer = reply.json()
        records = list(answer["records"])
        while not answer["done"]:
            answer = self.request("GET", answer["nextRecordsUrl"].removeprefix(API))
            records += answer["records"]
        return records

    def one(self, soql: str) -> dict[str, Any]:
        """
        The only record that *soql* selects.
        """
        (record,) = self.query(soql)
        return record


@dataclass(frozen=True)
class Journey:
    """
    One migration directory and the org it works with.
    """

    root: Path
    org: RunningOrg
    invoke: Invoke

    @property
    def client(self) -> Client:
        """
        The org by plain REST.
        """
        return Client(self.org.url, self.org.token)

    def run(self, verb: str, *words: object, code: int = 0) -> Ended:
        """
        `migrator VERB ...` in this directory, which must end with *code*.
        """
        environ = {"SF_ACCESS_TOKEN": self.org.token}
        ended = self.invoke("-C", self.root, verb, *words, env=environ)
        assert ended.code == code, ended.text
        return ended

    def online(self, verb: str, *words: object, code: int = 0) -> Ended:
        """
        The same for a verb that needs the org.
        """
        return self.run(verb, "--org", self.org.url, *words, code=code)

    def planned(self) -> Journey:
        """
        Everything up to the mapping.
        """
        self.run("init")
        self.online("describe")
        self.online("extract")
        self.run("plan")
        return self

    def deployed(self) -> Journey:
        """
        Everything up to the new objects in the org.
        """
        self.planned()
        self.run("generate")
        self.online("deploy", "--execute", "--allow-unreviewed")
        return self

    def copied(self) -> Journey:
        """
        Everything up to the copied records.
        """
        self.deployed()
        self.online("copy", "--execute", "--allow-unreviewed")
        return self


@pytest.fixture
def local_org() -> Iterator[RunningOrg]:
    """A fresh org with the package and a few invoices."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=INVOICES
    )
    with start_org(settings) as running:
        yield running


@pytest.fixture
def journey(tmp_path: Path, local_org: RunningOrg, invoke: Invoke) -> Journey:
    """A migration directory that nothing has been done in yet."""
    return Journey(tmp_path / "run", local_org, invoke)
