"""
jsforce, the JavaScript client: Bulk 2.0, metadata, rows with children.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.conftest import Shell
from tests.clients.installing import client
from tests.clients.projects import mdapi_project, zipped

pytestmark = pytest.mark.clients("node", "jsforce")

_SCRIPT = """
const fs = require("fs");
const jsforce = require("jsforce");
const conn = new jsforce.Connection({
  instanceUrl: process.env.URL, accessToken: process.env.SF_ACCESS_TOKEN,
  version: "66.0",
});
async function all(stream) {
  const rows = [];
  await new Promise((done, failed) => stream.on("record", (row) => rows.push(row))
    .on("end", done).on("error", failed));
  return rows;
}
async function main() {
  conn.metadata.pollInterval = 50;
  conn.bulk2.pollInterval = 100;
  const zip = fs.readFileSync("paper.zip");
  const deployed = await conn.metadata.deploy(zip, {
    rollbackOnError: true, singlePackage: true,
  }).complete(true);
  const user = (await conn.identity()).user_id;
  const sets = await conn.query("SELECT Id FROM PermissionSet WHERE Name = 'Papers'");
  await conn.sobject("PermissionSetAssignment").create({
    PermissionSetId: sets.records[0].Id, AssigneeId: user,
  });
  const read = await conn.metadata.read("CustomObject", "Paper__c");
  const listed = await conn.metadata.list([{ type: "CustomObject" }], "66.0");
  const input = [...Array(300).keys()].map(
    (n) => ({ Origin_Id__c: "A" + n, Name: 'N "' + n + '"', Amount__c: n }));
  const loaded = await conn.bulk2.loadAndWaitForResults({
    object: "Paper__c", operation: "insert", input, pollInterval: 100,
  });
  const rows = await all(await conn.bulk2.query(
    "SELECT Id, Origin_Id__c, Amount__c FROM Paper__c", { pollInterval: 100 }));
  const upserted = await conn.sobject("Paper__c").upsert(
    [{ Origin_Id__c: "A0", Amount__c: 70 }, { Origin_Id__c: "B0" }], "Origin_Id__c");
  const parents = await conn.query(
    "SELECT Id, (SELECT Id FROM ONB2__InvoiceLineItems__r) " +
    "FROM ONB2__Invoice__c LIMIT 3");
  const described = await conn.sobject("Paper__c").describe();
  let refused = "";
  try { await conn.query("SELECT Nonsense__c FROM Account"); }
  catch (error) { refused = error.errorCode; }
  console.log(JSON.stringify({
    status: deployed.status, successes: deployed.details.componentSuccesses.length,
    fields: read.fields.map((field) => field.fullName), listed: listed.length,
    loaded: loaded.successfulResults.length, failed: loaded.failedResults.length,
    rows: rows.length, upserted: upserted.map((each) => each.success),
    parents: parents.records.length, keys: Object.keys(described.fields[0]).length,
    children: parents.records[0].ONB2__InvoiceLineItems__r.totalSize, refused,
  }));
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


def _run(shell: Shell) -> Any:
    (shell.folder / "paper.zip").write_bytes(zipped(mdapi_project()))
    (shell.folder / "run.js").write_text(_SCRIPT)
    modules = str(client("jsforce").folder / "node_modules")
    env = {"URL": shell.running.url, "NODE_PATH": modules}
    return shell.run("node", "run.js", env=env).json()


def test_records_and_metadata_go_both_ways(shell: Shell) -> None:
    """Deployed, granted, loaded, read back: 301 records stand in the store."""
    found = _run(shell)
    assert (found["status"], found["failed"]) == ("Succeeded", 0)
    assert found["successes"] >= 4
    assert {"Amount__c", "Origin_Id__c"} <= set(found["fields"])
    assert found["loaded"] == found["rows"] == 300
    assert found["upserted"] == [True, True]
    assert found["keys"] == 57
    assert (found["parents"], found["refused"]) == (3, "INVALID_FIELD")
    assert found["children"] > 0
    stored = dict(shell.rows("Paper__c", "Origin_Id__c", "Amount__c"))
    assert len(stored) == 301
    assert (stored["A0"], stored["A299"], stored["B0"]) == ("70", "299", None)
