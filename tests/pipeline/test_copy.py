"""
The copy against a local org: complete, exact, and honest about what was refused.
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.rundir.snapshots import ranges
from migrator.steps.copy import jobs as sending
from migrator.steps.copy import one_object as copying_step
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

FIELD = "ONB2__DiscountMessage__c"
"""A long text of the source invoice."""


def some_invoices(copying: Copying, count: int) -> list[dict[str, Any]]:
    """
    The last source invoices by id: the first ones hold texts of every kind.
    """
    rows = sorted(copying.stored("ONB2__Invoice__c"), key=lambda row: str(row["Id"]))
    return rows[-count:]


def change(copying: Copying, record_id: str, text: str) -> None:
    """
    Puts *text* into a source invoice as it stands, somebody else's just now.
    """
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    values = {"LastModifiedDate": now, "SystemModstamp": now, FIELD: text}
    with copying.org.org.lock:
        copying.org.org.store.update("ONB2__Invoice__c", record_id, values)


def with_type(copying: Copying, type_: str, field: str = FIELD) -> None:
    """
    Gives the invoice's entry of *field* in mapping.yaml another type.
    """
    mapping = copying.root / "mapping.yaml"
    text = mapping.read_text("utf-8")
    start = text.index(f"- source: {field}\n")
    end = text.index("- source:", start + 1)
    entry = text[start:end]
    changed = re.sub("type: .*", f"type: {type_}", entry)
    assert changed != entry
    mapping.write_text(text[:start] + changed + text[end:], "utf-8")


def rows_of(path: Path) -> list[dict[str, str]]:
    """
    The rows of a CSV file.
    """
    text = path.read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def the_copy(copying: Copying, origin_id: str) -> dict[str, Any]:
    """
    The target invoice made from the source invoice *origin_id*.
    """
    (found,) = (
        row for row in copying.stored("Invoice__c") if row["Origin_Id__c"] == origin_id
    )
    return found


def refused_file(copying: Copying, name: str = "Invoice__c") -> Path:
    """
    Where refused records of the object *name* are listed.
    """
    return copying.root / "report" / "private" / f"failed-{name}.csv"


def test_every_record_arrives_and_a_second_run_sends_nothing(copying: Copying) -> None:
    """
    All inserted, then all there already, without another job.
    """
    first = copying.copy()
    copying.assert_complete()
    assert first["Invoice__c"]["inserted"] == INVOICES
    jobs = len(copying.jobs())
    second = copying.copy()
    assert len(copying.jobs()) == jobs
    for target in PAIRS.values():
        assert first[target]["already_there"] == first[target]["failed"] == 0
        assert second[target]["already_there"] == first[target]["inserted"] > 0
        assert second[target]["inserted"] == second[target]["updated"] == 0


def test_many_small_parts_make_the_same_copy(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Ranges and load files may be cut anywhere between two parents.
    """
    monkeypatch.setattr(copying_step, "PART_BYTES", 20_000)
    monkeypatch.setattr(copying_step, "RANGE_BYTES", 100_000)
    before = len(copying.jobs("InvoiceLineItem__c"))
    copying.copy()
    copying.assert_complete()
    assert len(copying.jobs("InvoiceLineItem__c")) > before + 5


def test_nothing_is_written_without_execute(copying: Copying) -> None:
    """
    The figures are those of a copy, and the org has heard of no job.
    """
    jobs = len(copying.jobs())
    words = [each for each in copying.words if each != "--execute"]
    ended = invoked(*words, env=copying.environ)
    assert ended.code == 0, ended.text
    assert by_target(ended)["Invoice__c"]["inserted"] == INVOICES
    assert len(copying.jobs()) == jobs
    assert copying.stored("Invoice__c") == []


def test_unapproved_entries_are_refused_unless_allowed(copying: Copying) -> None:
    """
    Nothing is written before a person has agreed.
    """
    words = [each for each in copying.words if each != "--allow-unreviewed"]
    assert "not approved" in copying.refused(*words, code=3)
    assert copying.stored("Invoice__c") == []


def test_locked_records_are_sent_again_by_themselves(copying: Copying) -> None:
    """
    A lock passes: the rest is not sent twice, and nothing is missing.
    """
    copying.org.org.faults.replace(
        "bulk: [{object: InvoiceLineItem__c, lock_rows: {every: 7}}]"
    )
    before = len(copying.jobs("InvoiceLineItem__c"))
    found = copying.copy()
    copying.assert_complete()
    assert len(copying.jobs("InvoiceLineItem__c")) == before + 2
    records = found["InvoiceLineItem__c"]["records"]
    assert found["InvoiceLineItem__c"]["inserted"] == records


def test_records_a_failing_job_never_reached_are_sent_again(copying: Copying) -> None:
    """
    A job that ends early leaves unprocessed records, and those alone go again.
    """
    copying.org.org.faults.replace(
        "bulk: [{object: TaxDetail__c, fail_job_after: 1, "
        "message: 'TooManyLockFailure : too many locks'}]"
    )
    copying.copy()
    copying.assert_complete()
    states = [job["state"] for job in copying.jobs("TaxDetail__c")]
    assert "Failed" in states


def test_a_lasting_lock_is_listed_and_the_next_run_sends_it_alone(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    One refused record does not stop the others; its file goes when it has arrived.
    """
    monkeypatch.setattr(sending, "PAUSE_S", 0.01)
    victim = some_invoices(copying, 1)[0]["Id"]
    copying.org.org.faults.replace(
        "bulk: [{object: Invoice__c, operation: insert, times: 99, "
        f"lock_rows: {{column: Origin_Id__c, values: [{victim}]}}}}]"
    )
    found = copying.copy(code=3)
    assert found["Invoice__c"]["failed"] == 1
    assert found["Invoice__c"]["inserted"] == INVOICES - 1
    path = refused_file(copying)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (row,) = rows_of(path)
    assert (row["Origin_Id__c"], row["code"]) == (victim, "UNABLE_TO_LOCK_ROW")
    assert row["Name"] == some_invoices(copying, 1)[0]["Name"]
    assert row["advice"]
    copying.org.org.faults.replace(None)
    again = copying.copy()
    assert again["Invoice__c"]["inserted"] == 1
    assert not path.exists()
    copying.assert_complete()


def test_a_job_that_cannot_pass_is_not_repeated(copying: Copying) -> None:
    """
    What the org will say again is said once: its records are listed with its words.
    """
    copying.org.org.faults.replace(
        "bulk: [{object: Balance__c, times: 99, fail_job_after: 0, "
        "message: 'ExceededQuota : no more today'}]"
    )
    before = len(copying.jobs("Balance__c"))
    found = copying.copy(code=3)
    assert len(copying.jobs("Balance__c")) == before + 1
    assert found["Balance__c"]["failed"] == found["Balance__c"]["records"]
    rows = rows_of(refused_file(copying, "Balance__c"))
    assert {row["message"] for row in rows} == {"ExceededQuota : no more today"}


def test_a_changed_source_record_is_renewed(copying: Copying) -> None:
    """
    The second run refreshes the extract and updates that record alone.
    """
    copying.copy()
    one = some_invoices(copying, 1)[0]["Id"]
    change(copying, one, "changed since")
    found = copying.copy()
    assert found["Invoice__c"]["updated"] == 1
    assert found["Invoice__c"]["inserted"] == 0
    assert the_copy(copying, one)["DiscountMessage__c"] == "changed since"
    copying.assert_complete()


def test_a_changed_mapping_renews_every_record(copying: Copying) -> None:
    """
    Records made by the old mapping are stale, once; of those that were sent by REST
    nothing is known, and they are read back.
    """
    copying.copy()
    with_type(copying, "LongTextArea(40000)")
    found = copying.copy()["Invoice__c"]
    assert found["updated"] + found["already_there"] == INVOICES
    assert found["updated"] > INVOICES // 2
    assert copying.copy()["Invoice__c"]["updated"] == 0
    copying.assert_complete()


def test_what_does_not_fit_stops_the_copy_before_its_first_write(
    copying: Copying,
) -> None:
    """
    The last object's blocker keeps the first object's records out of the org.
    """
    # A formula's text: the describe does not say how long it gets, the records do.
    records = some_invoices(copying, INVOICES)
    with_type(copying, "Text(2)", "ON_AddressLine__c")
    said = copying.refused(code=3)
    assert "ONB2__Invoice__c.ON_AddressLine__c" in said
    assert "longer than 2 characters" in said
    assert any(each["Id"] in said for each in records)
    assert not any(each["ON_AddressLine__c"] in said for each in records)
    assert copying.stored("Invoice__c") == []


def test_texts_that_load_files_cannot_hold_arrive(copying: Copying) -> None:
    """
    A literal null mark travels by REST; line breaks, quotes and formulas by file.
    """
    texts = ["#N/A", 'two\r\nlines, "quoted"', "=1+1", "\u00a0kept\u00a0"]
    rows = some_invoices(copying, len(texts))
    for row, text in zip(rows, texts, strict=True):
        change(copying, row["Id"], text)
    copying.copy()
    copying.assert_complete()
    found = [the_copy(copying, row["Id"])["DiscountMessage__c"] for row in rows]
    assert found == ["#N/A", 'two\nlines, "quoted"', "=1+1", "\u00a0kept\u00a0"]


def test_records_the_extract_does_not_know_are_left_alone(copying: Copying) -> None:
    """
    A surplus record is named as a blocker, not deleted; the others are copied.
    """
    copying.copy()
    copying.client.request(
        "POST",
        "/sobjects/Invoice__c",
        {"Name": "stranger", "Origin_Id__c": "a0X000000000000AAA"},
    )
    ended = invoked(*copying.words, env=copying.environ)
    assert ended.code == 3, ended.text
    assert "1 records that ONB2__Invoice__c does not have" in " ".join(
        ended.text.split()
    )
    assert len(copying.stored("Invoice__c")) == INVOICES + 1


@pytest.mark.parametrize(
    "fault",
    [
        "{path: /results, nth: 1, truncate: cell}",
        "{path: /failedResults, nth: 2, truncate: 3}",
        "{method: GET, path: /jobs/ingest/, nth: 2, respond: 503}",
        "{method: PUT, path: /batches, nth: 2, respond: 503}",
    ],
)
def test_a_damaged_answer_is_no_damaged_copy(copying: Copying, fault: str) -> None:
    """
    Cut pages and lost answers are asked for again, within the same run or the next.
    """
    copying.org.org.faults.replace(f"requests: [{fault}]")
    ended = invoked(*copying.words, env=copying.environ)
    assert ended.code in {0, 4}, ended.text
    copying.org.org.faults.replace(None)
    copying.copy()
    copying.assert_complete()


def test_a_lost_journal_costs_time_and_no_records(copying: Copying) -> None:
    """
    The org knows what is there: nothing is doubled, all is read back and equal.
    """
    copying.copy()
    (journal,) = copying.root.glob(".migrator/*/journal.sqlite")
    for path in journal.parent.glob("journal.sqlite*"):
        path.unlink()
    jobs = len(copying.jobs())
    found = copying.copy()
    assert len(copying.jobs()) == jobs
    for target in PAIRS.values():
        assert found[target]["already_there"] == found[target]["records"] > 0
    copying.assert_complete()


def test_the_state_of_many_records_is_found_range_by_range(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What does not fit into memory at once is found there, stale, or to be read back.
    """
    monkeypatch.setattr(ranges, "RANGE_RECORDS", 15)
    monkeypatch.setattr(ranges, "_WAITING", 10)
    first = copying.copy()
    one = some_invoices(copying, 1)[0]["Id"]
    change(copying, one, "changed since")
    found = copying.copy()
    assert found["Invoice__c"]["updated"] == 1
    for target in PAIRS.values():
        stale = target == "Invoice__c"
        assert found[target]["already_there"] == first[target]["records"] - stale
    for path in copying.root.glob(".migrator/*/journal.sqlite*"):
        path.unlink()
    with_type(copying, "LongTextArea(40000)")
    again = copying.copy()
    assert again["TaxDetail__c"]["already_there"] == again["TaxDetail__c"]["records"]
    copying.assert_complete()
    assert not list(copying.root.glob(".migrator/*/ranges"))


def test_a_forecast_notes_nothing(copying: Copying) -> None:
    """
    Without --execute what would be sent is said, and the journal stays as it was.
    """
    copying.copy()
    one = some_invoices(copying, 1)[0]["Id"]
    change(copying, one, "changed since")
    (journal,) = copying.root.glob(".migrator/*/journal.sqlite")
    with closing(sqlite3.connect(journal)) as db:
        before = db.execute("SELECT COUNT(*) FROM sent").fetchone()
    words = [each for each in copying.words if each != "--execute"]
    ended = invoked(*words, env=copying.environ)
    found = by_target(ended)["Invoice__c"]
    assert (found["updated"], found["already_there"]) == (1, INVOICES - 1)
    with closing(sqlite3.connect(journal)) as db:
        assert db.execute("SELECT COUNT(*) FROM sent").fetchone() == before


def test_a_detail_that_its_source_has_moved_is_named_every_time(
    copying: Copying,
) -> None:
    """
    It cannot follow: the copy says so and ends with 3, until the source is as it was.
    """
    mapping = copying.root / "mapping.yaml"
    text = mapping.read_text("utf-8")
    changed = re.sub(
        r"(- source: ONB2__Invoice__c\n.*\n\s+type: )Lookup",
        r"\1MasterDetail",
        text,
        count=1,
    )
    assert changed != text
    mapping.write_text(changed, "utf-8")
    copying.copy()
    line, *_ = copying.stored("ONB2__InvoiceLineItem__c")
    home = line["ONB2__Invoice__c"]
    away = next(x["Id"] for x in some_invoices(copying, 5) if x["Id"] != home)
    for _ in range(2):
        move(copying, line["Id"], away)
        for _ in range(2):
            said = " ".join(copying.refused(code=3).split())
            assert "1 records of InvoiceLineItem__c were sent" in said
        move(copying, line["Id"], home)
        copying.copy()
    copying.assert_complete()


def move(copying: Copying, line: str, invoice: str) -> None:
    """
    Puts a source line under another invoice, somebody else's just now.
    """
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    values = {"SystemModstamp": now, "ONB2__Invoice__c": invoice}
    with copying.org.org.lock:
        copying.org.org.store.update("ONB2__InvoiceLineItem__c", line, values)


COUNTED = {
    "describes of a target": ("GET", "/sobjects/TaxDetail__c/describe$", 1),
    "describes of a source": ("GET", "/sobjects/ONB2__TaxDetail__c/describe$", 1),
    "queries, of fields too": ("GET", "/query$", 22),
    "fields": ("GET", "/tooling/query$", 4),
    "record counts": ("GET", "/limits/recordCount$", 2),
    "limits": ("GET", "/limits$", 1),
    "components": ("POST", "/services/Soap/", 4),
}
"""At most so many of each kind, whatever the records, for four objects."""


def test_an_org_is_asked_nothing_twice(copying: Copying) -> None:
    """
    A second copy, which finds all in place, asks each question once.
    """
    copying.copy()
    rules = [
        f"{{method: {method}, path: '{path}', nth: 9999, respond: 503}}"
        for method, path, _ in COUNTED.values()
    ]
    copying.org.org.faults.replace(f"requests: [{', '.join(rules)}]")
    copying.copy()
    seen = dict(zip(COUNTED, copying.org.org.faults.seen, strict=True))
    assert all(seen.values()), seen
    assert {w for w, (_, _, most) in COUNTED.items() if seen[w] > most} == set(), seen
