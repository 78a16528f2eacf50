"""
Damage done to a copy by hand, found by the comparison and mended by the repair.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Ended
from tests.pipeline.deployed_org import Copying, copying, deployed_org, invoked
from tests.pipeline.killing import state_of

__all__ = ["copying", "deployed_org"]


@pytest.fixture
def copied(copying: Copying) -> Copying:
    """Everything copied."""
    copying.copy()
    return copying


def reconciled(copied: Copying, *words: str, code: int) -> Ended:
    """
    `migrator reconcile` with *words*, which must end with *code*.
    """
    command = ("-C", copied.root, "--json", "reconcile", "--org", copied.org.url)
    rehearsal = () if "--execute" in words else ("--allow-unreviewed",)
    ended = invoked(*command, *words, *rehearsal, env=copied.environ)
    assert ended.code == code, ended.text
    return ended


def repaired(copied: Copying, code: int = 0) -> dict[str, Any]:
    """
    What `reconcile --repair --execute` says, by target object.
    """
    words = ("--repair", "--execute", "--allow-unreviewed")
    ended = reconciled(copied, *words, code=code)
    return {each["target"]: each for each in json.loads(ended.stdout)["repaired"]}


def damage(copied: Copying, name: str, record: dict[str, Any], **values: Any) -> None:
    """
    Other *values* in a copied record, whoever put them there.
    """
    org = copied.org.org
    with org.lock:
        org.store.update(name, record["Id"], values)


def plant_four(copied: Copying) -> None:
    """
    A cent too much, a line dropped, a line under another invoice, a digit cut.
    """
    invoices = copied.stored("Invoice__c")
    cent = Decimal(invoices[0]["GrandTotal__c"]) + Decimal("0.01")
    damage(copied, "Invoice__c", invoices[0], GrandTotal__c=str(cent))
    dropped, moved, *_ = copied.stored("InvoiceLineItem__c")
    stranger = next(x for x in invoices if x["Id"] != moved["Invoice__c"])
    damage(copied, "InvoiceLineItem__c", moved, Invoice__c=stranger["Id"])
    tax = copied.stored("TaxDetail__c")
    mine = [x["Id"] for x in tax if x["InvoiceLineItem__c"] == dropped["Id"]]
    cut = next(x for x in tax if x["Id"] not in mine and len(x["Amount__c"] or "") > 2)
    damage(copied, "TaxDetail__c", cut, Amount__c=cut["Amount__c"][:-1])
    store = copied.org.org.store
    with copied.org.org.lock:
        store.delete("TaxDetail__c", mine)
        store.delete("InvoiceLineItem__c", [dropped["Id"]])


def test_four_kinds_of_damage_are_mended_and_nothing_else_is_sent(
    copied: Copying,
) -> None:
    """The state is that of the copy again; the org heard of four records."""
    before = state_of(copied)
    plant_four(copied)
    reconciled(copied, code=3)
    said = reconciled(copied, "--repair", code=3)
    assert state_of(copied) != before, "nothing is written without --execute"
    foreseen = {x["target"]: x for x in json.loads(said.stdout)["repaired"]}
    done = repaired(copied)
    assert done == foreseen
    assert done["Invoice__c"]["cells"] == done["TaxDetail__c"]["cells"] == 1
    assert done["InvoiceLineItem__c"]["inserted"] == 1
    assert done["InvoiceLineItem__c"]["updated"] == 1
    assert state_of(copied) == before
    report = copied.root / "report" / "reconciliation"
    found = json.loads(report.with_suffix(".json").read_text("utf-8"))
    assert found["differences"] == 0
    mended = {each["target"]: each for each in found["repaired"]}
    assert mended["InvoiceLineItem__c"] == {
        "target": "InvoiceLineItem__c",
        "inserted": 1,
        "updated": 1,
    }
    assert "Repaired before this" in report.with_suffix(".html").read_text("utf-8")


def test_a_repair_with_nothing_to_do_does_nothing(copied: Copying) -> None:
    """No journal entry, no sentence in the report."""
    assert repaired(copied) == {}
    assert json.loads(reconciled(copied, code=0).stdout)["differences"] == 0


def test_an_unapproved_mapping_mends_nothing(copied: Copying) -> None:
    """The guards are those of the copy."""
    plant_four(copied)
    before = state_of(copied)
    ended = reconciled(copied, "--repair", "--execute", code=3)
    assert "not approved" in ended.text
    assert state_of(copied) == before


def test_a_reference_within_an_object_is_set_again(copied: Copying) -> None:
    """An invoice without its cancellation, and one that is lost with its own."""
    before = state_of(copied)
    hanging, lost, *_ = (x for x in copied.stored("Invoice__c") if x["CanceledWith__c"])
    damage(copied, "Invoice__c", hanging, CanceledWith__c=None)
    store = copied.org.org.store
    with copied.org.org.lock:
        for name in ("InvoiceLineItem__c", "Balance__c"):
            for row in list(store.select(name)):
                if row["Invoice__c"] == lost["Id"]:
                    gone = [
                        str(x["Id"])
                        for x in list(store.select("TaxDetail__c"))
                        if x["InvoiceLineItem__c"] == row["Id"]
                    ]
                    store.delete("TaxDetail__c", gone)
                    store.delete(name, [str(row["Id"])])
        store.delete("Invoice__c", [lost["Id"]])
    assert repaired(copied)["Invoice__c"]["inserted"] == 1
    assert state_of(copied) == before


def test_what_nobody_sent_is_named_and_left_alone(copied: Copying) -> None:
    """A surplus record stays, and the certificate is not given."""
    body = {"Name": "stranger", "Origin_Id__c": "a0X000000000000AAA"}
    copied.client.request("POST", "/sobjects/Balance__c", body)
    ended = reconciled(copied, "--repair", code=3)
    words = " ".join(ended.text.split())
    assert "1 records of Balance__c that the source does not have" in words
    assert repaired(copied, code=3) == {}


def test_a_detail_under_another_master_cannot_be_moved(copied: Copying) -> None:
    """The report says so instead of sending what the org would refuse."""
    mapping = copied.root / "mapping.yaml"
    text = mapping.read_text("utf-8")
    changed = re.sub(
        r"(- source: ONB2__Invoice__c\n.*\n\s+type: )Lookup",
        r"\1MasterDetail",
        text,
        count=1,
    )
    assert changed != text
    mapping.write_text(changed, "utf-8")
    plant_four(copied)
    ended = reconciled(copied, "--repair", code=3)
    assert "a master-detail cannot be moved" in " ".join(ended.text.split())


def test_writing_needs_the_word_repair(copied: Copying) -> None:
    """`reconcile --execute` alone is a misunderstanding, not a write."""
    assert "--repair" in reconciled(copied, "--execute", code=2).text
