"""
Automatic numbers: in Name and in fields of their own, once each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.builders.schemas import a_field, an_object
from tests.emulator.conftest import BASE, FULL, Caller, grant


def numbered(running_org: Callable[..., Caller], **attributes: Any) -> Caller:
    """An org with `Note__c`, whose Serial__c is an automatic number."""
    caller = running_org()
    serial = a_field(
        "Serial__c",
        length=30,
        createable=False,
        updateable=False,
        auto_number=True,
        **attributes,
    )
    caller.org.definitions.create_object(an_object("Note__c", serial))
    grant(caller.org, "Notes", {"Note__c": FULL})
    return caller


def serials(caller: Caller) -> list[str]:
    """The numbers given so far."""
    query = "SELECT Serial__c FROM Note__c ORDER BY Id"
    found = caller.http.get(f"{BASE}/query", params={"q": query}).json()
    return [each["Serial__c"] for each in found["records"]]


def send(caller: Caller, *names: str) -> list[str]:
    """Create a record for each name in one call; their ids."""
    records = [{"attributes": {"type": "Note__c"}, "Name": name} for name in names]
    answer = caller.http.post(f"{BASE}/composite/sobjects", json={"records": records})
    return [each["id"] for each in answer.json()]


def test_each_new_record_gets_the_next_number_in_its_format(
    running_org: Callable[..., Caller],
) -> None:
    """Within a call and behind it, from the starting number, dates filled in."""
    caller = numbered(
        running_org,
        auto_number_format="N-{YYYY}{MM}-{000}",
        metadata={"startingNumber": 7},
    )
    first, _ = send(caller, "a", "b")
    caller.http.delete(f"{BASE}/sobjects/Note__c/{first}")
    send(caller, "c")
    assert serials(caller) == ["N-202603-008", "N-202603-009"]


def test_a_number_cannot_be_given(running_org: Callable[..., Caller]) -> None:
    """Field security refuses it by name."""
    caller = numbered(running_org)
    body = {"Serial__c": "X"}
    answer = caller.http.post(f"{BASE}/sobjects/Note__c", json=body)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_the_storage_count_follows_inserts_deletes_and_rollbacks(
    running_org: Callable[..., Caller],
) -> None:
    """The kept count is what a count of the records gives."""
    caller = numbered(running_org)
    store = caller.org.store
    first, *_ = send(caller, "a", "b", "c")
    caller.http.delete(f"{BASE}/sobjects/Note__c/{first}")
    bad = [
        {"attributes": {"type": "Note__c"}, "Name": "d"},
        {"attributes": {"type": "Note__c"}, "Name": "x" * 100},
    ]
    body = {"records": bad, "allOrNone": True}
    caller.http.post(f"{BASE}/composite/sobjects", json=body)
    assert store.count("Note__c") == len(list(store.select("Note__c"))) == 2
    assert store.count_ever("Note__c") == 3
