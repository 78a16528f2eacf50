"""
simple-salesforce, the Python client, over HTTPS with the org's own authority.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.clients.conftest import Shell
from tests.clients.projects import FIELDS, mdapi_project, zipped

pytestmark = pytest.mark.clients("zeep")

_SIGN_IN = """
import json, os, time
from simple_salesforce import Salesforce
sf = Salesforce(
    instance_url=os.environ["URL"], session_id=os.environ["TOKEN"], version="66.0"
)
"""
_DEPLOY = """
started = sf.deploy("paper.zip", sandbox=False, rollbackOnError=True)
while True:
    status = sf.checkDeployStatus(started["asyncId"])
    if status["state"] not in ("Pending", "InProgress", "Queued"):
        break
    time.sleep(0.05)
found = sf.query("SELECT Id FROM PermissionSet WHERE Name = 'Papers'")["records"]
user = sf.restful("../../oauth2/userinfo")["user_id"]
line = {"PermissionSetId": found[0]["Id"], "AssigneeId": user}
sf.PermissionSetAssignment.create(line)
print(json.dumps(status))
"""
_RECORDS = """
rows = [{"Origin_Id__c": f"A{n}", "Name": f"N{n}", "Amount__c": n} for n in range(5)]
inserted = sf.bulk2.Paper__c.insert(records=rows)
again = [
    {"Origin_Id__c": "A0", "Amount__c": "70"}, {"Origin_Id__c": "A9", "Name": "new"}
]
upserted = sf.bulk2.Paper__c.upsert(records=again, external_id_field="Origin_Id__c")
pages = list(sf.bulk2.Paper__c.query("SELECT Origin_Id__c, Amount__c FROM Paper__c"))
everything = sf.query_all("SELECT Id, ONB2__Account__r.Name FROM ONB2__Invoice__c")
described = sf.Paper__c.describe()
print(json.dumps({
    "inserted": inserted, "upserted": upserted, "lines": len("".join(pages).split()),
    "invoices": len(everything["records"]), "total": everything["totalSize"],
    "fields": [each["name"] for each in described["fields"]],
}))
"""


def _run(shell: Shell, script: str) -> Any:
    env = {"URL": shell.running.url, "TOKEN": shell.running.token}
    return shell.run(sys.executable, "-c", _SIGN_IN + script, env=env).json()


@pytest.fixture(scope="module")
def deployed(tls_shell: Shell) -> Shell:
    """With `Paper__c` deployed by the client and granted."""
    (tls_shell.folder / "paper.zip").write_bytes(zipped(mdapi_project()))
    status = _run(tls_shell, _DEPLOY)
    assert status["state"] == "Succeeded"
    assert status["deployment_detail"]["errors"] == []
    return tls_shell


def test_records_are_written_and_read_in_bulk(deployed: Shell) -> None:
    """Insert, upsert, query and describe; the store holds what was sent."""
    found = _run(deployed, _RECORDS)
    assert [each["numberRecordsProcessed"] for each in found["inserted"]] == [5]
    assert [each["numberRecordsFailed"] for each in found["upserted"]] == [0]
    assert found["lines"] == 1 + 6
    assert found["invoices"] == found["total"] > 0
    assert set(FIELDS) < set(found["fields"])
    amounts = dict(deployed.rows("Paper__c", "Origin_Id__c", "Amount__c"))
    expected = {"A0": "70", "A1": "1", "A2": "2", "A3": "3", "A4": "4", "A9": None}
    assert amounts == expected
