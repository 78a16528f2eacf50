"""
SFDMU, an independent migrator, copies invoices into an object of our own.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.conftest import Shell
from tests.clients.installing import client
from tests.clients.projects import source_project

pytestmark = pytest.mark.clients("node", "sf", "sfdmu")

_MAPPING = """ObjectName,FieldName,Target
ONB2__Invoice__c,,Paper__c
ONB2__Invoice__c,Name,Origin_Id__c
ONB2__Invoice__c,ONB2__GrandTotal__c,Amount__c
"""


@pytest.fixture(scope="module")
def ready(shell: Shell, write: Callable[[Path, abc.Mapping[str, str]], Path]) -> Shell:
    """The plug-in linked, `Paper__c` deployed and granted by the CLI."""
    write(shell.folder, source_project())
    plugin = client("sfdmu").folder / "node_modules" / "sfdmu"
    shell.run("sf", "plugins", "link", plugin, "--no-install")
    url = shell.running.url
    for line in (
        f"org login access-token --no-prompt --alias emu --set-default -r {url}",
        "project deploy start -d force-app -w 2",
        "org assign permset --name Papers",
    ):
        shell.run("sf", *line.split())
    return shell


def test_invoices_are_copied_into_an_own_object(
    ready: Shell, write: Callable[[Path, abc.Mapping[str, str]], Path]
) -> None:
    """Every invoice the user sees stands in the new object with its amount."""
    org = {
        "instanceUrl": ready.running.url,
        "accessToken": ready.running.token,
    }
    plan = {
        "orgs": [{"name": "source"} | org, {"name": "target"} | org],
        "objects": [
            {
                "query": "SELECT Name, ONB2__GrandTotal__c FROM ONB2__Invoice__c",
                "operation": "Upsert",
                "externalId": "Name",
                "useFieldMapping": True,
            }
        ],
    }
    files = {"export.json": json.dumps(plan), "FieldMapping.csv": _MAPPING}
    write(ready.folder / "plan", files)
    line = "sfdmu run --sourceusername source --targetusername target --noprompt -p"
    ready.run("sf", *line.split(), ready.folder / "plan")
    wanted = dict(ready.rows("ONB2__Invoice__c", "Name", "ONB2__GrandTotal__c"))
    assert wanted
    assert dict(ready.rows("Paper__c", "Origin_Id__c", "Amount__c")) == wanted
