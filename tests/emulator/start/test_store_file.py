"""
An org with a store file is the same org when it is started again.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from migrator.emulator.server import (
    OrgSettings,
    RunningOrg,
    SettingsError,
    start_org,
)
from tests.builders.packages import Client
from tests.emulator.bulk.test_bulk_ingest import paper_package
from tests.emulator.conftest import BASE, TODAY, add_archive


@pytest.fixture
def settings(tmp_path: Path) -> OrgSettings:
    """A small org in a file."""
    return OrgSettings(invoices=3, today=TODAY, store=tmp_path / "org.sqlite")


def total(running: RunningOrg, query: str) -> int:
    """How many records a query finds."""
    headers = {"Authorization": f"Bearer {running.token}"}
    url = f"{running.url}{BASE}/query"
    answer = httpx.get(url, params={"q": query}, headers=headers).json()
    number: int = answer["totalSize"]
    return number


def test_records_definitions_rights_and_counters_survive(
    settings: OrgSettings,
) -> None:
    """What was deployed and written is there, and ids go on behind the old ones."""
    with start_org(settings) as running:
        client = Client(running=running)
        assert client.deploy(paper_package())["status"] == "Succeeded"
        client.assign("Loader")
        body = {"Name": "first"}
        first = client.call("POST", "/sobjects/Paper__c", json=body).json()["id"]
        describe = client.call("GET", "/sobjects/Paper__c/describe").json()
        org_id = running.org.id
    with start_org(settings) as running:
        client = Client(running=running)
        assert running.org.id == org_id
        assert total(running, "SELECT COUNT() FROM Paper__c") == 1
        assert total(running, "SELECT COUNT() FROM ONB2__Invoice__c") == 3
        again = client.call("GET", "/sobjects/Paper__c/describe").json()
        assert again == describe
        second = client.call("POST", "/sobjects/Paper__c", json=body).json()["id"]
        assert second > first
        # A component that is there already is unchanged when it is deployed again.
        metadata = client.deploy(paper_package())["details"]["componentSuccesses"]
        assert not any(each["created"] for each in metadata)


def test_every_definition_is_kept_exactly(settings: OrgSettings) -> None:
    """Objects compare equal, the describe's own attributes as well."""
    with start_org(settings) as running:
        add_archive(running.org)
        before = {each.name: each for each in running.org.schema}
    with start_org(settings) as running:
        after = {each.name: each for each in running.org.schema}
        assert after == before
        assert all(dict(after[name].raw) == dict(before[name].raw) for name in before)


def test_an_org_that_was_killed_goes_on(tmp_path: Path) -> None:
    """What was answered is there; no id is given twice."""
    store = tmp_path / "org.sqlite"
    command = [sys.executable, "-m", "migrator", "emulator", "serve", "--invoices", "1"]
    process = subprocess.Popen(
        [*command, "--store", str(store)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    url, token = (process.stdout.readline().split("=", 1)[1].strip() for _ in range(2))
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{url}{BASE}/sobjects/Account"
    made = httpx.post(address, json={"Name": "a"}, headers=headers).json()["id"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with start_org(OrgSettings(store=store)) as running:
        assert running.org.store.get("Account", made) is not None
        headers = {"Authorization": f"Bearer {running.token}"}
        url = f"{running.url}{BASE}/sobjects/Account"
        next_id = httpx.post(url, json={"Name": "b"}, headers=headers).json()["id"]
        assert next_id > made


def test_what_kind_of_org_it_is_comes_from_the_file(settings: OrgSettings) -> None:
    """Options that build a new org do not change an old one."""
    path = settings.store
    with start_org(OrgSettings(store=path, invoices=1, is_sandbox=True)):
        pass
    with start_org(OrgSettings(store=path, invoices=50)) as running:
        assert running.org.settings.is_sandbox
        assert total(running, "SELECT COUNT() FROM ONB2__Invoice__c") == 1


def test_a_store_of_another_version_is_refused(settings: OrgSettings) -> None:
    """Loudly, before anything is written to it."""
    with start_org(settings):
        pass
    assert settings.store
    file = sqlite3.connect(settings.store)
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(SettingsError, match="a store of version 99"):
        start_org(settings)


def test_what_is_no_store_is_refused(settings: OrgSettings) -> None:
    """A text file, another database, a store that another org has open."""
    assert settings.store
    settings.store.write_text("not a database, but long enough to look like one" * 50)
    with pytest.raises(SettingsError, match="not a store"):
        start_org(settings)
    settings.store.unlink()
    file = sqlite3.connect(settings.store)
    file.execute("CREATE TABLE mine (a)")
    file.close()
    with pytest.raises(SettingsError, match="not a store"):
        start_org(settings)
    settings.store.unlink()
    with start_org(settings), pytest.raises(SettingsError, match="in use"):
        start_org(settings)


def test_an_org_that_could_not_be_built_leaves_a_blank_file(
    settings: OrgSettings, tmp_path: Path
) -> None:
    """The next start builds it, with the mistake mended."""
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "Account.csv").write_text("Name,Phome\nx,1\n", "utf-8")
    wanted = replace(settings, records=folder, invoices=0)
    with pytest.raises(SettingsError, match="no columns Phome"):
        start_org(wanted)
    (folder / "Account.csv").write_text("Name,Phone\nx,1\n", "utf-8")
    with start_org(wanted) as running:
        assert total(running, "SELECT COUNT() FROM Account WHERE Name = 'x'") == 1
