"""
The Salesforce CLI signs in, deploys, retrieves and moves records.
"""

from __future__ import annotations

import base64
import csv
import os
from collections import abc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Ended, Shell
from tests.clients.projects import FIELDS, source_project

pytestmark = pytest.mark.clients("node", "sf")

Write = Callable[[Path, abc.Mapping[str, str]], Path]
_AMOUNT = "force-app/main/default/objects/Paper__c/fields/Amount__c.field-meta.xml"


class Sf:
    """
    The CLI in a project folder, signed in.
    """

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def __call__(self, line: str, *more: str | Path, **options: Any) -> Ended:
        """The end of `sf line more --json`."""
        return self.shell.run("sf", *line.split(), *more, "--json", **options)

    def result(self, line: str, *more: str | Path, **options: Any) -> Any:
        """The result that `sf line more --json` printed."""
        return self(line, *more, **options).json()["result"]


@pytest.fixture(scope="module")
def sf(shell: Shell, write: Write) -> Sf:
    """Signed in with the access token of the environment."""
    write(shell.folder, source_project())
    found = Sf(shell)
    found(
        "org login access-token --no-prompt --alias emu --set-default --instance-url",
        shell.running.url,
    )
    return found


@pytest.fixture(scope="module")
def granted(sf: Sf) -> Sf:
    """With `Paper__c` deployed over SOAP and its permission set assigned."""
    deployed = sf.result("project deploy start -d force-app -w 2")
    assert (deployed["status"], deployed["numberComponentErrors"]) == ("Succeeded", 0)
    sf("org assign permset --name Papers")
    return sf


def test_validation_changes_nothing_and_deploys_quickly(sf: Sf) -> None:
    """A validation with tests leaves no object, its quick deploy does."""
    command = "project deploy validate -d force-app --test-level RunLocalTests -w 2"
    validated = sf.result(command)
    assert validated["checkOnly"] is True
    assert "Paper__c" not in sf.shell.org.schema
    sf("project deploy quick -w 2 --job-id", validated["id"])
    paper = sf.shell.org.schema.get("Paper__c")
    assert paper is not None
    assert {each.name for each in paper.fields} > set(FIELDS)


def test_a_deployment_over_rest_succeeds(sf: Sf) -> None:
    """The other wire, the same ends: checked, then done; its report is read by id."""
    rest = {"SF_ORG_METADATA_REST_DEPLOY": "true"}
    before = sf.shell.org.schema.version
    command = "project deploy validate -d force-app --test-level RunLocalTests -w 2"
    checked = sf.result(command, env=rest)
    assert (checked["status"], checked["checkOnly"]) == ("Succeeded", True)
    assert sf.shell.org.schema.version == before
    done = sf.result("project deploy start -d force-app -w 2", env=rest)
    assert done["status"] == "Succeeded"
    report = sf.result("project deploy report --job-id", done["id"])
    assert report["numberComponentsDeployed"] == done["numberComponentsDeployed"]


def test_a_failure_names_line_and_column(sf: Sf) -> None:
    """The mistake is shown in the local file where it is; nothing is changed."""
    path = sf.shell.folder / _AMOUNT
    good, before = path.read_text(), sf.shell.org.schema.get("Paper__c")
    path.write_text(good.replace("<precision>18</precision>", ""))
    try:
        failed = sf("project deploy start -d force-app -w 2", code=1).json()["result"]
    finally:
        path.write_text(good)
    (failure,) = [
        each
        for each in failed["details"]["componentFailures"]
        if each["fullName"] == "Paper__c.Amount__c"
    ]
    assert "precision" in failure["problem"]
    assert failure["componentType"] == "CustomField"
    assert int(failure["lineNumber"]) > 1
    assert int(failure["columnNumber"]) > 0
    assert sf.shell.org.schema.get("Paper__c") == before


def test_retrieved_source_deploys_again(granted: Sf) -> None:
    """Object, fields and permission set come back as source that deploys."""
    folder = granted.shell.folder / "back"
    folder.mkdir()
    members = "--metadata CustomObject:Paper__c --metadata PermissionSet:Papers"
    granted(f"project retrieve start {members} --output-dir", folder)
    names = {path.name for path in folder.rglob("*-meta.xml")}
    assert names == {
        "Paper__c.object-meta.xml",
        "Papers.permissionset-meta.xml",
        *(f"{name}.field-meta.xml" for name in FIELDS),
    }
    again = granted.result("project deploy start -w 2 -d", folder)
    assert again["status"] == "Succeeded"


def test_describe_and_query_show_what_is_granted(granted: Sf) -> None:
    """Fields by describe; records through a relationship in a query."""
    described = granted.result("sobject describe --sobject Paper__c")
    assert {each["name"] for each in described["fields"]} > set(FIELDS)
    soql = "SELECT Name, ONB2__Account__r.Name FROM ONB2__Invoice__c LIMIT 2"
    found = granted.result("data query --query", soql)
    assert found["totalSize"] == 2
    shown = granted.shell.run("sf", "data", "query", "--query", soql).stdout
    assert found["records"][0]["Name"] in shown


def test_records_travel_in_bulk(granted: Sf) -> None:
    """Import, upsert with a refused row, export and delete; then one row is left."""
    folder = granted.shell.folder
    _csv(folder / "in.csv", "Origin_Id__c,Name,Amount__c", "A1,One,1.50", "A2,Two,2.25")
    _csv(folder / "up.csv", "Origin_Id__c,Amount__c", "A1,7.5", "A3,not a number")
    line = "--sobject Paper__c --line-ending LF --wait 2 --file"
    granted(f"data import bulk {line}", "in.csv")
    upserted = granted(f"data upsert bulk -i Origin_Id__c {line}", "up.csv", code=1)
    assert upserted.code == 1
    rows = [("A1", "One", "7.5"), ("A2", "Two", "2.25")]
    fields = ("Origin_Id__c", "Name", "Amount__c")
    assert granted.shell.rows("Paper__c", *fields) == rows
    soql = "SELECT Id, Origin_Id__c FROM Paper__c ORDER BY Origin_Id__c"
    export = "data export bulk --wait 2 --result-format csv --output-file out.csv -q"
    granted(export, soql)
    with (folder / "out.csv").open(newline="") as file:
        exported = list(csv.DictReader(file))
    assert [each["Origin_Id__c"] for each in exported] == ["A1", "A2"]
    _csv(folder / "gone.csv", "Id", exported[0]["Id"])
    granted(f"data delete bulk {line}", "gone.csv")
    assert granted.shell.rows("Paper__c", *fields) == rows[1:]


def test_a_file_is_attached(granted: Sf) -> None:
    """The file's bytes are in the store, linked to the record."""
    folder = granted.shell.folder
    (folder / "bill.txt").write_bytes(b"total: 7\n")
    record = granted.result("data create record -s Paper__c -v", "Name=Filed")["id"]
    granted("data create file --file bill.txt --parent-id", record)
    links = granted.shell.rows(
        "ContentDocumentLink", "LinkedEntityId", "ContentDocumentId"
    )
    (document,) = [document for entity, document in links if entity == record]
    fields = ("ContentDocumentId", "ContentSize", "VersionData")
    versions = granted.shell.rows("ContentVersion", *fields)
    assert (document, "9", base64.b64encode(b"total: 7\n").decode()) in versions


def test_a_permission_set_is_assigned_once(granted: Sf) -> None:
    """The fixture's assignment is in the store; limits are shown to this user."""
    org = granted.shell.org
    sets = dict(granted.shell.rows("PermissionSet", "Name", "Id"))
    pairs = granted.shell.rows(
        "PermissionSetAssignment", "PermissionSetId", "AssigneeId"
    )
    assert pairs.count((sets["Papers"], org.users.running_id)) == 1
    limits = {each["name"] for each in granted.result("org list limits")}
    assert "DailyApiRequests" in limits


def _csv(path: Path, *lines: str) -> None:
    path.write_text(os.linesep.join(lines) + os.linesep, newline="")
