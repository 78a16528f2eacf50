"""
What is stored is what is meant: whatever made a copy stale, the next `copy` mends it.

Every case leaves records behind that are there and are not what the source says; then
the plain verb runs, and the comparison, which shares no line with it, finds nothing.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from migrator.steps.reconcile import repair as repair_step
from tests.conftest import Ended
from tests.pipeline.deployed_org import (
    Copying,
    by_target,
    copying,
    deployed_org,
    invoked,
    without_faults,
)

__all__ = ["copying", "deployed_org"]

INVOICE, BALANCE = "ONB2__Invoice__c", "ONB2__Balance__c"
TEXT = "ONB2__DiscountMessage__c"
RULES = """    rows:
      - exclude: {{field: ONB2__Status__c, is: [{status}]}}
        why: not wanted
"""


def now(minutes: int = 0) -> str:
    """
    The moment, or *minutes* later, as the org writes it.
    """
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def put(copying: Copying, name: str, record_id: str, **values: Any) -> None:
    """
    *values* into a source record, somebody else's just now.
    """
    stamps = {"LastModifiedDate": now(), "SystemModstamp": now()}
    with copying.org.org.lock:
        copying.org.org.store.update(name, record_id, stamps | values)


def unseen(copying: Copying, name: str, record_id: str, **values: Any) -> None:
    """
    *values* that change without their record changing: calculated, or looked up.
    """
    with copying.org.org.lock:
        copying.org.org.store.update(name, record_id, values)


def copied(copying: Copying, *words: str, code: int = 0) -> dict[str, dict[str, Any]]:
    """
    What `migrator copy --execute` with *words* says of each target object.
    """
    ended = invoked(*copying.words, *words, env=copying.environ)
    assert ended.code == code, ended.text
    return by_target(ended)


def reconciled(copying: Copying, *words: str, code: int = 0) -> Ended:
    """
    `migrator reconcile` with *words*, which must end with *code*.
    """
    command = ("-C", copying.root, "--json", "reconcile", "--org", copying.org.url)
    ended = invoked(*command, "--allow-unreviewed", *words, env=copying.environ)
    assert ended.code == code, ended.text[-4000:]
    return ended


def assert_the_same(copying: Copying) -> None:
    """
    The comparison finds nothing, after it has looked at something.
    """
    assert json.loads(reconciled(copying).stdout)["differences"] == 0
    report = copying.root / "report" / "reconciliation.json"
    objects = json.loads(report.read_text("utf-8"))["objects"]
    assert sum(each["cells_compared"] for each in objects) > 1000


def copy_of(copying: Copying, target: str, origin_id: str) -> dict[str, Any]:
    """
    The record of *target* made from *origin_id*.
    """
    rows = copying.stored(target)
    (found,) = (row for row in rows if row["Origin_Id__c"] == origin_id)
    return found


def with_entry(copying: Copying, source: str, lines: str) -> str:
    """
    Writes *lines* into the invoice's entry of *source*; the mapping as it was before.
    """
    file = copying.root / "mapping.yaml"
    text = file.read_text("utf-8")
    at = text.index(f"      - source: {source}\n", text.index(f"source: {INVOICE}"))
    at = text.index("\n", at) + 1
    file.write_text(text[:at] + lines + text[at:], "utf-8")
    approve(copying, source)
    return text


def approve(copying: Copying, field: str) -> None:
    """
    A person agrees to the invoice's entry, or rule, called *field*.
    """
    who = ("--by", "Eva", "--note", "wanted so", "--object", INVOICE, "--field", field)
    ended = invoked("-C", copying.root, "review", "--approve", *who)
    assert ended.code == 0, ended.text


def with_rows(copying: Copying, status: str) -> str:
    """
    Leaves invoices of *status* out, approved; the mapping as it was before.
    """
    file = copying.root / "mapping.yaml"
    text = file.read_text("utf-8")
    head = "    audit: text-copy\n"
    at = text.index(head, text.index(f"source: {INVOICE}")) + len(head)
    after = re.sub(r"^    rows:\n(?:      .*\n)+", "", text[at:], count=1)
    rule = RULES.format(status=status)
    file.write_text(text[:at] + rule + after, "utf-8")
    approve(copying, "rows[1]")
    return text


def write_mapping(copying: Copying, text: str) -> None:
    """
    *text* as the mapping.
    """
    (copying.root / "mapping.yaml").write_text(text, "utf-8")


# -- A4: references --------------------------------------------------------------------


def test_a_link_cleared_in_the_source_is_cleared_in_the_copy(copying: Copying) -> None:
    """An empty cell says nothing to the org: the copy has to say null itself."""
    copied(copying)
    rows = [x for x in copying.stored(BALANCE) if x["ONB2__Invoice__c"]]
    cleared = str(rows[0]["Id"])
    put(copying, BALANCE, cleared, ONB2__Invoice__c=None)
    assert copied(copying)["Balance__c"]["updated"] == 1
    assert copy_of(copying, "Balance__c", cleared)["Invoice__c"] is None
    assert_the_same(copying)


def test_a_link_within_an_object_is_cleared_too(copying: Copying) -> None:
    """The second pass says null where the source has none any more."""
    copied(copying)
    rows = [x for x in copying.stored(INVOICE) if x["ONB2__CanceledWith__c"]]
    cleared = str(rows[0]["Id"])
    put(copying, INVOICE, cleared, ONB2__CanceledWith__c=None)
    copied(copying)
    assert copy_of(copying, "Invoice__c", cleared)["CanceledWith__c"] is None
    assert_the_same(copying)
    put(copying, INVOICE, cleared, ONB2__CanceledWith__c=rows[1]["Id"])
    copied(copying)
    assert_the_same(copying)


def test_a_link_moved_while_the_second_pass_was_out_of_reach(copying: Copying) -> None:
    """The record's own values arrived, its link did not: the next copy sets it."""
    copied(copying)
    rows = [x for x in copying.stored(INVOICE) if x["ONB2__CanceledWith__c"]]
    others = [x["Id"] for x in copying.stored(INVOICE)]
    moved = str(rows[0]["Id"])
    other = next(
        x for x in others if x not in {moved, rows[0]["ONB2__CanceledWith__c"]}
    )
    put(copying, INVOICE, moved, ONB2__CanceledWith__c=other)
    # The first job renews the record, the second is the second pass.
    out = "{method: POST, path: '/jobs/ingest$', nth: 2, times: 9, respond: 503}"
    copying.org.org.faults.replace(f"requests: [{out}]")
    copied(copying, code=4)
    without_faults(copying.org)
    copied(copying)
    assert_the_same(copying)


# -- A5, A6: the mapping ---------------------------------------------------------------


def test_children_find_the_parents_that_a_rule_had_left_out(copying: Copying) -> None:
    """A rule taken back brings the invoices, and their balances' links with them."""
    states = {x["Id"]: x["ONB2__Status__c"] for x in copying.stored(INVOICE)}
    used = [x["ONB2__Invoice__c"] for x in copying.stored(BALANCE)]
    status = next(states[x] for x in used if x and states[x] != "Draft")
    before = with_rows(copying, status)
    copied(copying)
    write_mapping(copying, before)
    copied(copying)
    assert_the_same(copying)


def test_a_mapping_changed_and_changed_back_half_way(copying: Copying) -> None:
    """Records of the withdrawn rule are renewed, and the mapping is the old one."""
    copied(copying)
    before = with_entry(copying, TEXT, "        rule: {constant: withdrawn}\n")
    # The renewal has arrived; what follows has not.
    out = "{method: POST, path: '/jobs/ingest$', nth: 2, times: 9, respond: 503}"
    copying.org.org.faults.replace(f"requests: [{out}]")
    copied(copying, code=4)
    without_faults(copying.org)
    assert "withdrawn" in {
        x["DiscountMessage__c"] for x in copying.stored("Invoice__c")
    }
    write_mapping(copying, before)
    copied(copying)
    assert_the_same(copying)


def test_a_mapping_changed_and_changed_back_while_a_job_ran(copying: Copying) -> None:
    """Killed before its results were read: what the job did is found out."""
    copied(copying)
    before = with_entry(copying, TEXT, "        rule: {constant: withdrawn}\n")
    copying.kill_at(
        "requests: [{method: GET, path: '/failedResults', "
        "hold: {request: 1, when: before}}]"
    )
    write_mapping(copying, before)
    copied(copying)
    assert_the_same(copying)


# -- A7: calculated values -------------------------------------------------------------


def test_a_total_that_moved_while_the_first_copy_was_broken_off(
    copying: Copying,
) -> None:
    """The object had arrived, and was not finished when the run ended."""
    out = "{method: POST, path: '/jobs/ingest$', nth: 2, times: 9, respond: 503}"
    copying.org.org.faults.replace(f"requests: [{out}]")
    copied(copying, code=4)
    without_faults(copying.org)
    moved = str(copying.stored(INVOICE)[7]["Id"])
    unseen(copying, INVOICE, moved, ONB2__GrandTotal__c="4711.5")
    copied(copying, "--refresh")
    assert_the_same(copying)


def test_a_total_that_moved_while_the_library_was_renewed(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the records does not hang on who worked it out."""
    copied(copying)
    moved = str(copying.stored(INVOICE)[7]["Id"])
    unseen(copying, INVOICE, moved, ONB2__GrandTotal__c="4712.5")
    monkeypatch.setattr(pl, "__version__", "99.0.0")
    assert copied(copying, "--refresh")["Invoice__c"]["updated"] == 1
    assert_the_same(copying)


# -- A8: values that read the clock ----------------------------------------------------


def a_day_passes(copying: Copying) -> None:
    """
    Every invoice is overdue for one day more.
    """
    for row in copying.stored(INVOICE):
        days = str(int(float(row["ONB2__DaysOverdue__c"] or 0)) + 1)
        unseen(copying, INVOICE, str(row["Id"]), ONB2__DaysOverdue__c=days)


def test_the_documented_cut_over_reaches_nothing_to_say(copying: Copying) -> None:
    """Copied on one day, refreshed on another: not all of it is sent again for that."""
    copied(copying)
    a_day_passes(copying)
    changed = str(copying.stored(INVOICE)[3]["Id"])
    put(copying, INVOICE, changed, **{TEXT: "changed since"})
    assert copied(copying, "--refresh")["Invoice__c"]["updated"] == 1
    assert_the_same(copying)
    a_day_passes(copying)
    assert copied(copying)["Invoice__c"]["updated"] == 0
    assert_the_same(copying)


def test_an_extract_of_another_day_changes_no_verdict(copying: Copying) -> None:
    """The backup is newer than the copy; the copy is what it was."""
    copied(copying)
    a_day_passes(copying)
    ended = invoked(
        "-C", copying.root, "extract", "--org", copying.org.url, env=copying.environ
    )
    assert ended.code == 0, ended.text
    assert_the_same(copying)


def test_a_day_passes_between_a_killed_copy_and_the_next(copying: Copying) -> None:
    """Half of it was copied yesterday: both halves are compared with their own day."""
    out = "{method: POST, path: '/jobs/ingest$', nth: 3, times: 9, respond: 503}"
    copying.org.org.faults.replace(f"requests: [{out}]")
    copied(copying, code=4)
    without_faults(copying.org)
    a_day_passes(copying)
    copied(copying, "--refresh")
    assert_the_same(copying)


# -- A9: a repair that is none ---------------------------------------------------------


def test_what_a_repair_will_not_mend_the_copy_does(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many for a repair: the command that it names mends every one of them."""
    monkeypatch.setattr(repair_step, "MOST_RECORDS", 5)
    copied(copying)
    renamed(copying, "-Renamed")
    try:
        mended_by_copy(copying)
    finally:
        # The org is that of the other tests, too, and of the extract they begin with.
        renamed(copying, "")


def renamed(copying: Copying, ending: str) -> None:
    """
    All users get another last name.
    """
    store = copying.org.org.store
    with copying.org.org.lock:
        for row in list(store.select("User")):
            name = f"{str(row['Name']).removesuffix('-Renamed')}{ending}"
            store.update("User", str(row["Id"]), {"Name": name})


def mended_by_copy(copying: Copying) -> None:
    """
    What the repair refuses, the command that it names mends.
    """
    reconciled(copying, code=3)
    ended = reconciled(copying, "--repair", "--execute", code=3)
    named = re.search(r"migrator (copy[^\n]*?) --org", ended.text)
    assert named, ended.text
    options = named.group(1).split()[1:]
    copied(copying, *(each for each in options if each != "--execute"))
    assert_the_same(copying)


def test_a_copy_that_somebody_else_changed_is_mended(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many for a repair, and the source never changed."""
    monkeypatch.setattr(repair_step, "MOST_RECORDS", 5)
    copied(copying)
    with copying.org.org.lock:
        copying.org.org.store.fill("Invoice__c", "DiscountMessage__c", "not ours")
    mended_by_copy(copying)


# -- A10: jobs that are forgotten ------------------------------------------------------


def forget_jobs(copying: Copying) -> None:
    """
    The org no longer knows any job: their results live seven days.
    """
    for job in copying.jobs():
        deadline = time.monotonic() + 30
        path = f"/jobs/ingest/{job['id']}"
        while copying.client.request("GET", path)["state"] == "InProgress":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        copying.client.request("DELETE", path)
    assert not copying.jobs()


RUNNING = (
    "requests: [{method: PATCH, path: '/jobs/ingest/', "
    "hold: {request: 2, when: after}}]"
)
"""A job is closed, and nobody was told."""


def test_a_job_that_the_org_forgot_does_not_stop_the_copy(copying: Copying) -> None:
    """What is stored decides what is still to be sent."""
    copying.kill_at(RUNNING)
    forget_jobs(copying)
    copied(copying)
    assert_the_same(copying)


def test_a_job_that_the_org_forgot_does_not_stop_an_unload(copying: Copying) -> None:
    """Everything of ours goes, what the forgotten job made too."""
    copying.kill_at(RUNNING)
    forget_jobs(copying)
    words = ("unload", "--org", copying.org.url, "--execute")
    ended = invoked("-C", copying.root, *words, env=copying.environ)
    assert ended.code == 0, ended.text
    assert not copying.stored("Invoice__c")
    assert not copying.stored("InvoiceLineItem__c")


def test_a_job_that_the_org_forgot_does_not_stop_a_repair(copying: Copying) -> None:
    """The repair mends what it came for."""
    copied(copying)
    changed = str(copying.stored(INVOICE)[3]["Id"])
    put(copying, INVOICE, changed, **{TEXT: "on its way"})
    copying.kill_at(RUNNING.replace("request: 2", "request: 1"))
    forget_jobs(copying)
    damaged = copying.stored("Balance__c")[0]
    unseen(copying, "Balance__c", damaged["Id"], Reference__c="damaged")
    reconciled(copying, "--repair", "--execute")
    assert_the_same(copying)


# -- A13: two directories --------------------------------------------------------------


def another_directory(copying: Copying, tmp_path: Path) -> Copying:
    """
    A clone of the customer's repository: everything but the state of the org.
    """
    root = tmp_path / "clone"
    shutil.copytree(copying.root, root, ignore=shutil.ignore_patterns(".migrator"))
    return Copying(root, copying.org)


def test_records_another_directory_made_are_looked_at(
    copying: Copying, tmp_path: Path
) -> None:
    """They are there, and made by another mapping: not one of them is `There`."""
    copied(copying)
    other = another_directory(copying, tmp_path)
    with_entry(other, TEXT, "        rule: {constant: of the second}\n")
    found = copied(other)
    invoices = found["Invoice__c"]
    assert (invoices["already_there"], invoices["updated"]) == (0, invoices["records"])
    lines = found["InvoiceLineItem__c"]
    assert lines["already_there"] == lines["records"], "these are the same"
    assert_the_same(other)
    # And the first one sees that somebody else has been there.
    assert copied(copying)["Invoice__c"]["updated"] == invoices["records"]
    assert_the_same(copying)


def test_records_that_came_while_we_looked_are_looked_at(
    copying: Copying, tmp_path: Path
) -> None:
    """An insert meets records that another directory made after ours had counted."""
    other = another_directory(copying, tmp_path)
    with_entry(other, TEXT, "        rule: {constant: of the second}\n")
    hold = "{method: POST, path: '/jobs/ingest$', hold: {request: 1, when: before}}"
    copying.org.org.faults.replace(f"requests: [{hold}]")
    with other.started() as process:
        other.wait_until_held(process)
        copying.org.org.faults.replace(None)
        # The faults of a plan that is gone hold nobody but who is held already.
        copied(copying)
        copying.org.org.faults.release()
        assert process.wait(timeout=60) == 0
    assert_the_same(other)


# -- A14: freshness --------------------------------------------------------------------


def test_a_change_with_an_older_stamp_is_seen(copying: Copying) -> None:
    """A long transaction commits late, with the time at which it began."""
    copied(copying)
    newest, other, *_ = copying.stored(INVOICE)
    began = now(minutes=-5)
    put(copying, INVOICE, str(newest["Id"]), **{TEXT: "in time"})
    copied(copying)
    late = {TEXT: "late", "LastModifiedDate": began, "SystemModstamp": began}
    unseen(copying, INVOICE, str(other["Id"]), **late)
    copied(copying)
    found = copy_of(copying, "Invoice__c", str(other["Id"]))
    assert found["DiscountMessage__c"] == "late"
    assert_the_same(copying)


def test_a_change_under_stamps_of_the_future_is_seen(copying: Copying) -> None:
    """A clock that was ahead once does not hide what comes after."""
    first, other, *_ = copying.stored(INVOICE)
    unseen(copying, INVOICE, str(first["Id"]), SystemModstamp=now(minutes=100))
    copied(copying)
    put(copying, INVOICE, str(other["Id"]), **{TEXT: "since"})
    copied(copying)
    found = copy_of(copying, "Invoice__c", str(other["Id"]))
    assert found["DiscountMessage__c"] == "since"
    assert_the_same(copying)
