"""
Samples and their removal: what this migration has put there, and nothing else.
"""

from __future__ import annotations

import pytest

from tests.pipeline.deployed_org import (
    INVOICES,
    PAIRS,
    Copying,
    by_target,
    copying,
    deployed_org,
    invoked,
)

__all__ = ["copying", "deployed_org"]

SAMPLE = 5
UNLOADER = "Invoice_Archive_Unloader"


def unloaded(copying: Copying, *words: str, code: int = 0) -> dict[str, dict[str, int]]:
    """
    What `migrator unload` says of each target object.
    """
    command = ("-C", copying.root, "--json", "unload", "--org", copying.org.url, *words)
    ended = invoked(*command, env=copying.environ)
    assert ended.code == code, ended.text
    return by_target(ended)


def test_a_sample_hangs_together_and_goes_again(copying: Copying) -> None:
    """Some invoices with all their children; unloaded, the whole copy may follow."""
    ended = invoked(*copying.words, "--limit", SAMPLE, env=copying.environ)
    assert ended.code == 0, ended.text
    invoices = copying.stored("Invoice__c")
    assert len(invoices) == SAMPLE
    chosen = {row["Origin_Id__c"] for row in invoices}
    lines = copying.stored("InvoiceLineItem__c")
    assert {row["Origin_Id__c"] for row in lines} == {
        row["Id"]
        for row in copying.stored("ONB2__InvoiceLineItem__c")
        if row["ONB2__Invoice__c"] in chosen
    }
    assert "unload" in copying.refused(code=3)
    assert unloaded(copying)["Invoice__c"]["ours"] == SAMPLE
    assert unloaded(copying, "--execute")["Invoice__c"]["removed"] == SAMPLE
    assert not any(copying.stored(target) for target in PAIRS.values())
    copying.copy()
    copying.assert_complete()


def test_only_our_own_records_are_removed(copying: Copying) -> None:
    """A stranger's record stays, also one that took our origin id before us."""
    copying.copy()  # gives the user the right to write there
    unloaded(copying, "--execute")
    first = min(row["Id"] for row in copying.stored("ONB2__Balance__c"))
    for origin_id in ("a0X000000000000AAA", first):
        body = {"Name": "stranger", "Origin_Id__c": origin_id}
        copying.client.request("POST", "/sobjects/Balance__c", body)
    copying.copy(code=3)
    unloaded(copying, "--execute")
    (stranger, other) = copying.stored("Balance__c")
    assert {stranger["Origin_Id__c"], other["Origin_Id__c"]} == {
        "a0X000000000000AAA",
        first,
    }
    assert not copying.stored("Invoice__c")


def test_records_sent_by_rest_are_counted_and_removed(copying: Copying) -> None:
    """What no load file can hold is ours as well, and stands in the status."""
    one = min(row["Id"] for row in copying.stored("ONB2__Invoice__c"))
    values = {"ONB2__DiscountMessage__c": "#N/A"}
    org = copying.org.org
    with org.lock:
        before = org.store.get("ONB2__Invoice__c", one)
        assert before is not None
        org.store.update("ONB2__Invoice__c", one, values)
    copying.copy()
    said = invoked("-C", copying.root, "status").text
    assert f"copied      {INVOICES:>10,}  Invoice__c" in said
    assert unloaded(copying, "--execute")["Invoice__c"]["removed"] == INVOICES
    with org.lock:
        org.store.update(
            "ONB2__Invoice__c",
            one,
            {"ONB2__DiscountMessage__c": before["ONB2__DiscountMessage__c"]},
        )


def test_status_has_no_proof_of_what_is_gone(copying: Copying) -> None:
    """The reconciliation of an org is told until records are taken out or added."""
    copying.copy()
    status = ("-C", copying.root, "status")
    assert "reconcile --org ORG" in invoked(*status).text
    words = ("-C", copying.root, "reconcile", "--org", copying.org.url)
    ended = invoked(*words, "--allow-unreviewed", env=copying.environ)
    assert ended.code == 0, ended.text
    said = invoked(*status).text
    assert "reconciled  0 differences" in said
    assert "no proof" not in said
    assert "migrator -C" not in said
    unloaded(copying, "--execute")
    said = invoked(*status).text
    assert "before records were copied or removed: no proof of what is there" in said
    assert "copy --org ORG --execute" in said


def holders(copying: Copying, name: str) -> list[dict[str, object]]:
    """
    Who has the permission set called *name*.
    """
    soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = "
    return copying.client.query(f"{soql}'{name}'")


def test_the_right_to_delete_is_given_back(copying: Copying) -> None:
    """The user has it while records go, not before and not after."""
    copying.copy()
    assert not holders(copying, UNLOADER)
    one = copying.stored("Balance__c")[0]["Id"]
    with pytest.raises(AssertionError, match="INSUFFICIENT_ACCESS"):
        copying.client.request("DELETE", f"/sobjects/Balance__c/{one}")
    unloaded(copying, "--execute")
    assert not copying.stored("Invoice__c")
    assert not holders(copying, UNLOADER)
    assert holders(copying, "Invoice_Archive_Loader")


def test_without_the_right_to_delete_nothing_is_touched(copying: Copying) -> None:
    """An org without the Unloader gets a refusal that says where it comes from."""
    copying.copy()
    named = "SELECT Id FROM PermissionSet WHERE Name = "
    found = copying.client.one(f"{named}'{UNLOADER}'")
    path = f"/sobjects/PermissionSet/{found['Id']}"
    copying.client.request("PATCH", path, {"Name": "Somebody_Elses"})
    command = ("-C", copying.root, "unload", "--org", copying.org.url, "--execute")
    ended = invoked(*command, env=copying.environ)
    copying.client.request("PATCH", path, {"Name": UNLOADER})
    assert ended.code == 3, ended.text
    assert "may not delete" in ended.text
    assert "migrator deploy" in ended.text
    assert len(copying.stored("Invoice__c")) == INVOICES
