"""
The refresh before the cut-over: everything that changed is found, the rest is not sent.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Invoke
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import Copying, by_target, invoked

INVOICES = 200
SOURCE, TARGET = "ONB2__Invoice__c", "Invoice__c"
LONELY = "ONB2__Balance__c"


def test_all_that_changed_is_found_and_nothing_else_is_sent(
    tmp_path: Any, invoke: Invoke
) -> None:
    """Five of a hundred changed, one new, three deleted, one only recalculated."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=INVOICES
    )
    with start_org(settings) as running:
        Journey(tmp_path / "run", running, invoke).copied()
        copying = Copying(tmp_path / "run", running)
        invoices = _sorted(copying, SOURCE)
        changed = invoices[: INVOICES // 20]
        _change(copying, changed, {"ONB2__DiscountMessage__c": "since"})
        _add(copying, invoices[-1], 2)
        gone = [str(row["Id"]) for row in _sorted(copying, LONELY)[:3]]
        recalculated = invoices[50]["Id"]
        org = running.org
        with org.lock:
            org.store.delete(LONELY, gone)
            org.store.update(SOURCE, recalculated, {"ONB2__GrandTotal__c": "4711.5"})
        jobs = len(copying.jobs())
        ended = invoked(*copying.words, "--refresh", env=copying.environ)
        assert ended.code == 3, "a person has to decide about vanished records"
        found = by_target(ended)
        assert found[TARGET]["updated"] == len(changed) + 1
        assert found[TARGET]["inserted"] == 2
        assert found["InvoiceLineItem__c"]["updated"] == 0
        assert found["InvoiceLineItem__c"]["inserted"] == 0
        sent = copying.jobs()[jobs:]
        records = sum(job["numberRecordsProcessed"] for job in sent)
        assert records <= 2 * (len(changed) + 1 + 2), "the rest was sent again"
        assert "3 records that ONB2__Balance__c does not have" in ended.text
        copies = {row["Origin_Id__c"]: row for row in copying.stored(TARGET)}
        assert copies[recalculated]["GrandTotal__c"] == "4711.5"
        assert {copies[r["Id"]]["DiscountMessage__c"] for r in changed} == {"since"}
        words = ("-C", copying.root, "reconcile", "--org", running.url)
        verdict = invoked(*words, "--allow-unreviewed", env=copying.environ)
        assert verdict.code == 3, "vanished records must keep the certificate away"
        assert "3 differences" in verdict.text.replace("\n", " "), verdict.text


def _sorted(copying: Copying, name: str) -> list[dict[str, Any]]:
    return sorted(copying.stored(name), key=lambda row: str(row["Id"]))


def _change(
    copying: Copying, rows: list[dict[str, Any]], values: dict[str, Any]
) -> None:
    org = copying.org.org
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    stamps = {"LastModifiedDate": now, "SystemModstamp": now}
    with org.lock:
        for row in rows:
            org.store.update(SOURCE, str(row["Id"]), stamps | values)


def _add(copying: Copying, model: dict[str, Any], count: int) -> None:
    org = copying.org.org
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    stamps = {"LastModifiedDate": now, "SystemModstamp": now, "CreatedDate": now}
    links = {"ONB2__CanceledWith__c": None, "ONB2__RelatedInvoice__c": None}
    with org.lock:
        definition = org.schema.get(SOURCE)
        assert definition is not None
        assert definition.key_prefix is not None
        ids = [org.ids.next(definition.key_prefix) for _ in range(count)]
        rows = [model | stamps | links | {"Id": each} for each in ids]
        org.store.insert_many(SOURCE, rows)
