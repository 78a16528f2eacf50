"""
Samples and their removal: what this migration has put there, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.emulator.engine.permissions import ObjectRight, User
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


@pytest.fixture
def deletable(copying: Copying, monkeypatch: pytest.MonkeyPatch) -> Copying:
    """The user may delete copied records, as no permission set of ours allows."""
    permissions = copying.org.org.permissions
    given = permissions.object_right

    def with_delete(user: User, name: str) -> ObjectRight:
        right = given(user, name)
        return replace(right, delete=True) if name in PAIRS.values() else right

    monkeypatch.setattr(permissions, "object_right", with_delete)
    return copying


def unloaded(copying: Copying, *words: str, code: int = 0) -> dict[str, dict[str, int]]:
    """
    What `migrator unload` says of each target object.
    """
    command = ("-C", copying.root, "--json", "unload", "--org", copying.org.url, *words)
    ended = invoked(*command, env=copying.environ)
    assert ended.code == code, ended.text
    return by_target(ended)


def test_a_sample_hangs_together_and_goes_again(deletable: Copying) -> None:
    """Some invoices with all their children; unloaded, the whole copy may follow."""
    ended = invoked(*deletable.words, "--limit", SAMPLE, env=deletable.environ)
    assert ended.code == 0, ended.text
    invoices = deletable.stored("Invoice__c")
    assert len(invoices) == SAMPLE
    chosen = {row["Origin_Id__c"] for row in invoices}
    lines = deletable.stored("InvoiceLineItem__c")
    assert {row["Origin_Id__c"] for row in lines} == {
        row["Id"]
        for row in deletable.stored("ONB2__InvoiceLineItem__c")
        if row["ONB2__Invoice__c"] in chosen
    }
    assert "unload" in deletable.refused(code=3)
    assert unloaded(deletable)["Invoice__c"]["ours"] == SAMPLE
    assert unloaded(deletable, "--execute")["Invoice__c"]["removed"] == SAMPLE
    assert not any(deletable.stored(target) for target in PAIRS.values())
    deletable.copy()
    deletable.assert_complete()


def test_only_our_own_records_are_removed(deletable: Copying) -> None:
    """A stranger's record stays, also one that took our origin id before us."""
    deletable.copy()  # gives the user the right to write there
    unloaded(deletable, "--execute")
    first = min(row["Id"] for row in deletable.stored("ONB2__Balance__c"))
    for origin_id in ("a0X000000000000AAA", first):
        body = {"Name": "stranger", "Origin_Id__c": origin_id}
        deletable.client.request("POST", "/sobjects/Balance__c", body)
    deletable.copy()
    unloaded(deletable, "--execute")
    (stranger, other) = deletable.stored("Balance__c")
    assert {stranger["Origin_Id__c"], other["Origin_Id__c"]} == {
        "a0X000000000000AAA",
        first,
    }
    assert not deletable.stored("Invoice__c")


def test_records_sent_by_rest_are_counted_and_removed(deletable: Copying) -> None:
    """What no load file can hold is ours as well, and stands in the status."""
    one = min(row["Id"] for row in deletable.stored("ONB2__Invoice__c"))
    values = {"ONB2__DiscountMessage__c": "#N/A"}
    org = deletable.org.org
    with org.lock:
        before = org.store.get("ONB2__Invoice__c", one)
        assert before is not None
        org.store.update("ONB2__Invoice__c", one, values)
    deletable.copy()
    said = invoked("-C", deletable.root, "status").text
    assert f"copied      {INVOICES:>10,}  Invoice__c" in said
    assert unloaded(deletable, "--execute")["Invoice__c"]["removed"] == INVOICES
    with org.lock:
        org.store.update(
            "ONB2__Invoice__c",
            one,
            {"ONB2__DiscountMessage__c": before["ONB2__DiscountMessage__c"]},
        )


def test_without_the_right_to_delete_nothing_is_touched(copying: Copying) -> None:
    """The Loader may not delete, and the refusal says who has to allow it."""
    copying.copy()
    command = ("-C", copying.root, "unload", "--org", copying.org.url, "--execute")
    ended = invoked(*command, env=copying.environ)
    assert ended.code == 3, ended.text
    assert "may not delete" in ended.text
    assert len(copying.stored("Invoice__c")) == INVOICES
