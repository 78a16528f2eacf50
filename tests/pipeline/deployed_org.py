"""
One org with the target objects deployed, made once and emptied for every test.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, abc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from migrator.cli.main import main
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import ROOT, Ended
from tests.pipeline.conftest import Client, Journey

INVOICES = 40
PAIRS = {
    "ONB2__Invoice__c": "Invoice__c",
    "ONB2__InvoiceLineItem__c": "InvoiceLineItem__c",
    "ONB2__TaxDetail__c": "TaxDetail__c",
    "ONB2__Balance__c": "Balance__c",
}
PARENTS = (
    ("InvoiceLineItem__c", "Invoice__c", "Invoice__c"),
    ("TaxDetail__c", "InvoiceLineItem__c", "InvoiceLineItem__c"),
    ("Balance__c", "Invoice__c", "Invoice__c"),
    ("Invoice__c", "CanceledWith__c", "Invoice__c"),
)
"""(child, reference, parent); the last one is filled by the second pass."""


def invoked(*arguments: object, env: abc.Mapping[str, str] | None = None) -> Ended:
    """
    `migrator` with *arguments*, in this process.
    """
    result = CliRunner().invoke(main, [str(each) for each in arguments], env=env)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@dataclass(frozen=True)
class Copying:
    """
    A migration directory ready to copy, and the org it copies in.
    """

    root: Path
    org: RunningOrg

    @property
    def client(self) -> Client:
        """
        The org by plain REST.
        """
        return Client(self.org.url, self.org.token)

    @property
    def words(self) -> tuple[str, ...]:
        """
        The arguments of a copy that writes.
        """
        options = ("--org", self.org.url, "--execute", "--allow-unreviewed")
        return ("-C", str(self.root), "--json", "copy", *options)

    @property
    def environ(self) -> dict[str, str]:
        """
        The sign-in.
        """
        return {"SF_ACCESS_TOKEN": self.org.token}

    def copy(self, *, code: int = 0) -> dict[str, dict[str, Any]]:
        """
        What `migrator copy --execute` says of each target object.
        """
        ended = invoked(*self.words, env=self.environ)
        assert ended.code == code, ended.text
        return by_target(ended)

    def refused(self, *words: str, code: int) -> str:
        """
        What a copy that ends with *code* before it has begun says.
        """
        ended = invoked(*(words or self.words), env=self.environ)
        assert ended.code == code, ended.text
        return ended.text

    @contextmanager
    def started(self, words: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[bytes]]:
        """
        The copy, or *words*, in a process of its own, killed at the end if need be.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "migrator", *(words or self.words)],
            cwd=ROOT,
            env=os.environ | self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=30)

    def kill_at(self, faults: str, words: tuple[str, ...] = ()) -> None:
        """
        Starts a copy, or *words*, and kills it when a request is held as *faults* say.
        """
        self.org.org.faults.replace(faults)
        with self.started(words) as process:
            self.wait_until_held(process)
        assert process.returncode == -signal.SIGKILL
        without_faults(self.org)

    def wait_until_held(self, process: subprocess.Popen[bytes]) -> None:
        """
        Returns when the org keeps a request of *process* waiting.
        """
        deadline = time.monotonic() + 60
        while not self.org.org.faults.held:
            assert process.poll() is None, "the copy ended before it was held"
            assert time.monotonic() < deadline, "no request was held"
            time.sleep(0.02)

    def stored(self, name: str) -> list[dict[str, Any]]:
        """
        The live records of the object *name*, whoever may see them.
        """
        with self.org.org.lock:
            return [dict(row) for row in self.org.org.store.select(name)]

    def assert_complete(self) -> None:
        """
        Every source record is there exactly once, with its parent.
        """
        for source, target in PAIRS.items():
            wanted = {row["Id"] for row in self.stored(source)}
            found = Counter(row["Origin_Id__c"] for row in self.stored(target))
            assert wanted, source
            assert set(found) == wanted, target
            assert set(found.values()) == {1}, target
        for child, field, parent in PARENTS:
            origins = {row["Id"]: row["Origin_Id__c"] for row in self.stored(parent)}
            mine = {
                row["Id"]: row[f"ONB2__{field}"]
                for row in self.stored(f"ONB2__{child}")
            }
            assert any(mine.values()), f"{child}.{field}"
            for row in self.stored(child):
                linked = origins.get(row[field])
                assert linked == mine[row["Origin_Id__c"]], f"{child}.{field}"

    def jobs(self, name: str = "") -> list[dict[str, Any]]:
        """
        The ingest jobs the org has had, those for the object *name* only.
        """
        jobs = self.client.request("GET", "/jobs/ingest")["records"]
        return [job for job in jobs if not name or job["object"] == name]


def by_target(ended: Ended) -> dict[str, dict[str, Any]]:
    """
    The objects of the JSON that a copy printed; empty when it printed none.
    """
    if not ended.stdout.strip():
        return {}
    document = json.loads(ended.stdout)
    return {each["target"]: each for each in document.get("objects", ())}


@pytest.fixture(scope="module")
def deployed_org(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, RunningOrg]]:
    """An org with the target objects deployed, and the directory that did it."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=INVOICES
    )
    root = tmp_path_factory.mktemp("deployed") / "run"
    with start_org(settings) as running:
        Journey(root, running, invoked).deployed()
        yield root, running


@pytest.fixture
def copying(deployed_org: tuple[Path, RunningOrg], tmp_path: Path) -> Iterator[Copying]:
    """A directory that has copied nothing, and an org that has received nothing."""
    template, running = deployed_org
    root = tmp_path / "run"
    shutil.copytree(template, root)
    without_faults(running)
    emptied(running)
    yield Copying(root, running)
    without_faults(running)


def without_faults(running: RunningOrg) -> None:
    """
    Lets held requests go on, then takes the faults away.
    """
    faults = running.org.faults
    faults.release()
    deadline = time.monotonic() + 10
    while faults.held:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    faults.replace(None)


def emptied(running: RunningOrg) -> None:
    """
    Removes what was copied.
    """
    org = running.org
    with org.lock:
        for target in PAIRS.values():
            org.store.delete(
                target, [str(row["Id"]) for row in org.store.select(target)]
            )
