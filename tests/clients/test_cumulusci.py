"""
CumulusCI extracts packaged records, deploys an object and loads records into it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import abc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.conftest import Ended, Shell
from tests.clients.installing import client
from tests.clients.projects import mdapi_project

pytestmark = pytest.mark.clients("cumulusci")

_PROJECT = """
minimum_cumulusci_version: '4.0.0'
project:
  name: Papers
  package:
    name: Papers
    api_version: '66.0'
  git:
    default_branch: main
"""
_EXTRACT = """
Invoices:
  sf_object: ONB2__Invoice__c
  table: invoices
  api: rest
  fields:
    Id: sf_id
    Name: name
    ONB2__GrandTotal__c: amount
"""
_LOAD = """
Papers:
  sf_object: Paper__c
  table: papers
  api: rest
  fields:
    Name: name
    Amount__c: amount
    Origin_Id__c: origin
"""


class Cci:
    """
    The `cci` command in a project, over HTTPS.
    """

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        org, url = shell.org, shell.running.url
        connection = {
            "access_token": shell.running.token,
            "instance_url": url,
            "id": f"{url}/id/{org.id}/{org.users.running_id}",
            "username": "admin@example.org",
            "org_id": org.id,
        }
        self.env = {
            "CUMULUSCI_KEY": "0123456789abcdef",
            "CUMULUSCI_ORG_emu": json.dumps(connection),
            "CUMULUSCI_SYSTEM_CERTS": "False",
        }

    def task(self, name: str, *options: str) -> Ended:
        """The end of `cci task run name`."""
        command = client("cumulusci").folder / "bin" / "cci"
        line = ("task", "run", name, "--org", "emu", *options)
        return self.shell.run(command, *line, env=self.env)


@pytest.fixture(scope="module")
def cci(tls_shell: Shell, write: Callable[[Path, abc.Mapping[str, str]], Path]) -> Cci:
    """A project under git, as CumulusCI wants it."""
    files = {"cumulusci.yml": _PROJECT, "extract.yml": _EXTRACT, "load.yml": _LOAD}
    files |= {f"src/{name}": text for name, text in mdapi_project().items()}
    write(tls_shell.folder, files)
    for line in ("init -q -b main", "add .", "commit -q -m start"):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        tls_shell.run("git", *identity, *line.split())
    return Cci(tls_shell)


def test_records_are_extracted(cci: Cci) -> None:
    """Every invoice of the org is in the database, with its amount."""
    database = ("--database_url", "sqlite:///out.db", "--inject_namespaces", "False")
    cci.task("extract_dataset", "--mapping", "extract.yml", *database)
    with sqlite3.connect(cci.shell.folder / "out.db") as connection:
        found = dict(connection.execute("SELECT name, amount FROM invoices"))
    connection.close()
    stored = dict(cci.shell.rows("ONB2__Invoice__c", "Name", "ONB2__GrandTotal__c"))
    assert len(found) == len(stored) > 0
    assert {name: float(amount) for name, amount in found.items()} == {
        name: float(amount) for name, amount in stored.items()
    }


def test_metadata_and_records_are_loaded(cci: Cci) -> None:
    """Checked only, then deployed over REST and granted, then three records."""
    cci.task("deploy", "--path", "src", "--check_only", "True")
    assert "Paper__c" not in cci.shell.org.schema
    cci.task("deploy", "--path", "src", "--rest_deploy", "True")
    assert "Paper__c" in cci.shell.org.schema
    cci.task("assign_permission_sets", "--api_names", "Papers")
    with sqlite3.connect(cci.shell.folder / "in.db") as connection:
        columns = "id INTEGER PRIMARY KEY, name TEXT, amount TEXT, origin TEXT"
        connection.execute(f"CREATE TABLE papers ({columns})")
        rows = [("One", "1.5", "A1"), ("Two", "2", "A2"), ("Drei", None, "A3")]
        line = "INSERT INTO papers (name, amount, origin) VALUES (?, ?, ?)"
        connection.executemany(line, rows)
    connection.close()
    database = ("--database_url", "sqlite:///in.db", "--inject_namespaces", "False")
    quiet = ("--set_recently_viewed", "False")
    cci.task("load_dataset", "--mapping", "load.yml", *database, *quiet)
    stored = cci.shell.rows("Paper__c", "Name", "Amount__c", "Origin_Id__c")
    assert stored == sorted(rows, key=repr)
