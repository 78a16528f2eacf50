"""
The extract against a local org: whole, resumable, and never less than everything.
"""

from __future__ import annotations

import json
from typing import Any

from tests.pipeline.deployed_org import Copying, copying, deployed_org, invoked

__all__ = ["copying", "deployed_org"]

NAMES = (
    "ONB2__Invoice__c",
    "ONB2__InvoiceLineItem__c",
    "ONB2__TaxDetail__c",
    "ONB2__Balance__c",
)


def words(copying: Copying) -> tuple[str, ...]:
    """
    The arguments of an extract.
    """
    return ("-C", str(copying.root), "--json", "extract", "--org", copying.org.url)


def extract(copying: Copying, *, code: int = 0) -> str:
    """
    What `migrator extract` says, ending with *code*.
    """
    ended = invoked(*words(copying), env=copying.environ)
    assert ended.code == code, ended.text
    return ended.text


def meta(copying: Copying, name: str) -> dict[str, Any]:
    """
    The description of the extract of the object *name*.
    """
    (path,) = copying.root.glob(f".migrator/*/extract/{name}.json")
    found = json.loads(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_every_record_of_every_object_is_there(copying: Copying) -> None:
    """
    Rows, parts and hashes are described, and the newest change is known.
    """
    extract(copying)
    for name in NAMES:
        told = meta(copying, name)
        assert told["rows"] == len(copying.stored(name)) > 0
        assert told["rows"] == sum(part["rows"] for part in told["parts"])
        assert told["count_at_start"] == told["rows"]
        assert told["max_system_modstamp"] == max(
            str(row["SystemModstamp"]) for row in copying.stored(name)
        )


def test_a_killed_extract_keeps_what_was_whole(copying: Copying) -> None:
    """
    Finished objects of the killed run are kept, the unfinished one is read again.
    """
    before = {name: meta(copying, name)["generation"] for name in NAMES}
    copying.kill_at(
        "requests: [{path: '/jobs/query/[^/]+/results', "
        "hold: {request: 3, when: before}}]",
        words(copying),
    )
    halfway = {name: meta(copying, name) for name in NAMES}
    newer = [n for n in NAMES if halfway[n]["generation"] > before[n]]
    assert newer == list(NAMES[:2])
    extract(copying)
    after = {name: meta(copying, name) for name in NAMES}
    for name in newer:
        assert after[name] == halfway[name]
    assert {told["generation"] for told in after.values()} == {before[NAMES[0]] + 1}
    named = {part["file"] for told in after.values() for part in told["parts"]}
    files = {path.name for path in copying.root.glob(".migrator/*/extract/*.parquet")}
    assert files == named


def test_a_record_that_comes_while_reading_is_in(copying: Copying) -> None:
    """
    The count is asked again, and what was read is what is there now.
    """
    faults = copying.org.org.faults
    faults.replace(
        "requests: [{method: POST, path: '/jobs/query$', "
        "hold: {request: 1, when: before}}]"
    )
    with copying.started(words(copying)) as process:
        copying.wait_until_held(process)
        count = len(copying.stored(NAMES[0]))
        with copying.org.org.lock:
            row = dict(next(iter(copying.org.org.store.select(NAMES[0]))))
            new = row | {"Id": "a0I5g00000ZZZZZEAA", "Name": "late"}
            copying.org.org.store.insert_many(NAMES[0], [new])
        faults.release()
        assert process.wait(timeout=60) == 0
    told = meta(copying, NAMES[0])
    assert (told["count_at_start"], told["rows"]) == (count, count + 1)
    with copying.org.org.lock:
        copying.org.org.store.delete(NAMES[0], ["a0I5g00000ZZZZZEAA"])


def test_a_field_out_of_sight_stops_the_extract(copying: Copying) -> None:
    """
    One field that the user does not see is named, and nothing is read.
    """
    client = copying.client
    hidden = client.one(
        "SELECT Id, ParentId, PermissionsRead, PermissionsEdit FROM FieldPermissions "
        "WHERE Field = 'ONB2__Invoice__c.ONB2__DiscountMessage__c' AND "
        "Parent.Name = 'JustOn_Full_Access'"
    )
    client.request("DELETE", f"/sobjects/FieldPermissions/{hidden['Id']}")
    try:
        assert "ONB2__DiscountMessage__c" in extract(copying, code=3)
    finally:
        client.request(
            "POST",
            "/sobjects/FieldPermissions",
            {
                "ParentId": hidden["ParentId"],
                "SobjectType": "ONB2__Invoice__c",
                "Field": "ONB2__Invoice__c.ONB2__DiscountMessage__c",
                "PermissionsRead": True,
                "PermissionsEdit": True,
            },
        )
    extract(copying)


def throw_away(copying: Copying, record: str, *, is_deleted: bool) -> None:
    """
    Puts a balance into the recycle bin, or takes it out again.
    """
    store = copying.org.org.store
    with copying.org.org.lock, store.transaction():
        store.update("ONB2__Balance__c", record, {"IsDeleted": is_deleted})


def test_deleted_records_are_counted_and_left_out(copying: Copying) -> None:
    """A finding names the object and how many the recycle bin has."""
    one = copying.stored("ONB2__Balance__c")[0]["Id"]
    before = len(copying.stored("ONB2__Balance__c"))
    throw_away(copying, one, is_deleted=True)
    try:
        ended = invoked(*words(copying), env=copying.environ)
    finally:
        throw_away(copying, one, is_deleted=False)
    document = json.loads(ended.stdout)
    found = [each for each in document["findings"] if each["code"] == "deleted-records"]
    (message,) = [x["message"] for x in found if x["object"] == "ONB2__Balance__c"]
    assert "1 deleted records" in message
    assert meta(copying, "ONB2__Balance__c")["rows"] == before - 1
