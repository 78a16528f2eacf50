"""
Bulk jobs against a local org: whole pages or none, and every record accounted for.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.errors import OrgRefused, OrgUnreachable
from migrator.model.names import ApiName
from migrator.model.records import JobState, Operation
from migrator.org import bulk
from tests.pipeline.signed_in import sign_in, with_archive

INVOICE = ApiName("ONB2__Invoice__c")
TARGET = ApiName("Invoice__c")
KEY = ApiName("Origin_Id__c")
COLUMNS = ("Id", "Name", "ONB2__Account__r.Name", "ONB2__GrandTotal__c")
SOQL = f"SELECT {', '.join(COLUMNS)} FROM {INVOICE}"  # noqa: S608


def load_file(*rows: tuple[str, str, str]) -> bytes:
    """
    Name, Note and origin id of each record as a load file.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("Name", "Note__c", KEY), *rows])
    return text.getvalue().encode()


def test_pages_hold_what_a_plain_query_tells(local_org: RunningOrg) -> None:
    """The same records with the same text, over several pages."""
    with sign_in(local_org) as org:
        pages = list(org.bulk.query_frames(SOQL, COLUMNS, max_records=23))
        told = org.soql.query(f"SELECT Id, Name FROM {INVOICE}")  # noqa: S608
    assert [page.records for page in pages] == [23, 23, 14]
    frame = pl.concat([page.frame for page in pages])
    assert set(frame.dtypes) == {pl.String()}
    assert dict(frame.select("Id", "Name").rows()) == {r["Id"]: r["Name"] for r in told}


@pytest.mark.parametrize(
    "fault",
    [
        "{path: /results, truncate: cell, times: 2}",
        "{path: /results, truncate: 1, times: 2}",
        "{path: /results, truncate: 300, nth: 2, times: 1}",
        "{path: /results, reset_after: 500, times: 2}",
        "{path: /results, respond: 503, nth: 3, times: 1}",
        "{path: '/jobs/query$', respond: 503, times: 1}",
        "{path: '/jobs/query/[^/]+$', reset_after: 5, times: 1}",
    ],
)
def test_damaged_pages_are_read_again(local_org: RunningOrg, fault: str) -> None:
    """Whatever happens on the way, the records are all there once."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace(f"requests: [{fault}]")
        pages = list(org.bulk.query_frames(SOQL, COLUMNS, max_records=23))
    ids = pl.concat([page.frame for page in pages]).get_column("Id")
    assert ids.n_unique() == len(ids) == 60


def test_a_page_that_stays_damaged_is_never_accepted(local_org: RunningOrg) -> None:
    """Cut after a complete cell, every time."""
    with sign_in(local_org) as org:
        local_org.org.faults.replace("requests: [{path: /results, truncate: cell}]")
        with pytest.raises(OrgUnreachable, match="damaged"):
            list(org.bulk.query_frames(SOQL, COLUMNS))


def test_a_query_of_what_is_not_there_is_refused(local_org: RunningOrg) -> None:
    """In the org's words, naming the column."""
    with sign_in(local_org) as org, pytest.raises(OrgRefused, match="Nothing__c"):
        list(org.bulk.query_frames("SELECT Id, Nothing__c FROM Account", ("Id",)))


def test_every_record_of_a_job_is_accounted_for(local_org: RunningOrg) -> None:
    """Good ones are there, a bad one comes back with its origin id and code."""
    rows = (
        ("A", 'two\nlines, "quoted"', "a01000000000001AAA"),
        ("B", "x" * 41, "a01000000000002AAA"),
        ("C", "#N/A", "a01000000000003AAA"),
    )
    with with_archive(sign_in(local_org)) as org:
        job = org.bulk.create_ingest(TARGET, Operation.INSERT)
        org.bulk.upload(job, load_file(*rows))
        org.bulk.close_upload(job)
        org.bulk.close_upload(job)
        seen: list[int] = []
        ended = org.bulk.await_ingest(job, lambda info: seen.append(info.processed))
        (failure,) = org.bulk.failures(job, TARGET)
        stored = org.soql.query(f"SELECT Name, Note__c FROM {TARGET} ORDER BY Name")  # noqa: S608
    assert (ended.state, ended.processed, ended.failed) == (JobState.JOB_COMPLETE, 3, 1)
    assert seen[-1] == 3
    assert (failure.origin_id, failure.code) == (rows[1][2], "STRING_TOO_LONG")
    assert failure.fields == ("Note__c",)
    assert stored == [
        {"Name": "A", "Note__c": 'two\nlines, "quoted"'},
        {"Name": "C", "Note__c": None},
    ]


def test_records_the_org_never_looked_at_are_failures(local_org: RunningOrg) -> None:
    """The job broke down in the middle; nothing is lost without a word."""
    rows = [(f"N{n}", "", f"a01{n:012d}AAA") for n in range(450)]
    with with_archive(sign_in(local_org)) as org:
        local_org.org.faults.replace(
            f"bulk: [{{object: {TARGET}, fail_job_after: 200}}]"
        )
        job = org.bulk.create_ingest(TARGET, Operation.UPSERT, KEY)
        org.bulk.upload(job, load_file(*rows))
        org.bulk.close_upload(job)
        ended = org.bulk.await_ingest(job)
        failures = org.bulk.failures(job, TARGET)
        stored = org.soql.query(f"SELECT Origin_Id__c FROM {TARGET}")  # noqa: S608
    assert ended.state is JobState.FAILED
    assert {each.code for each in failures} == {"UNPROCESSED"}
    left = {each.origin_id for each in failures}
    assert left.isdisjoint(row["Origin_Id__c"] for row in stored)
    assert len(left) + len(stored) == 450


def test_a_job_whose_answer_was_lost_is_found(local_org: RunningOrg) -> None:
    """The org made it, nobody heard: found by object and time, then abandoned."""
    since = datetime.now(UTC) - timedelta(minutes=5)
    with with_archive(sign_in(local_org)) as org:
        local_org.org.faults.replace(
            "requests: [{method: POST, path: /jobs/ingest, reset_after: 5, times: 1}]"
        )
        with pytest.raises(OrgUnreachable):
            org.bulk.create_ingest(TARGET, Operation.INSERT)
        (found,) = org.bulk.find_jobs(TARGET, since)
        assert [job.id for job in org.bulk.find_open_jobs(TARGET)] == [found.id]
        org.bulk.abort(found.id)
        org.bulk.abort(found.id)
        assert org.bulk.job(found.id).state is JobState.ABORTED
        assert org.bulk.find_open_jobs(TARGET) == []
        assert org.bulk.find_jobs(TARGET, since + timedelta(hours=1)) == []
        assert org.bulk.find_jobs(INVOICE, since) == []


def test_a_few_records_travel_without_a_load_file(local_org: RunningOrg) -> None:
    """Inserted, refused as duplicates, changed by their external id."""
    key = "a01000000000009AAA"
    with with_archive(sign_in(local_org)) as org:
        row = {"Name": "A", "Note__c": "#N/A", KEY: key}
        assert org.collections.insert_rows(TARGET, [row]) == []
        (again,) = org.collections.insert_rows(TARGET, [row])
        assert (again.origin_id, again.code) == (key, "DUPLICATE_VALUE")
        assert org.collections.upsert_rows(TARGET, KEY, [row | {"Name": "B"}]) == []
        stored = org.soql.query(f"SELECT Name, Note__c FROM {TARGET}")  # noqa: S608
    assert stored == [{"Name": "B", "Note__c": "#N/A"}]


def test_pages_come_several_at_a_time_and_in_order(
    local_org: RunningOrg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listed pages hold the records that the locators lead to, in that order."""
    monkeypatch.setattr(bulk, "FIRST_RECORDS", 7)
    monkeypatch.setattr(bulk, "PAGE_BYTES", 1)
    with sign_in(local_org) as org:
        listed = list(org.bulk.query_frames(SOQL, COLUMNS))
        walked = list(org.bulk.query_frames(SOQL, COLUMNS, max_records=7))
    assert [page.records for page in listed] == [page.records for page in walked]
    assert len(listed) > bulk.AHEAD
    for one, other in zip(listed, walked, strict=True):
        assert one.frame.equals(other.frame)


def test_without_a_list_of_pages_the_locators_are_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An org of a version before the list gives the same records page by page."""
    monkeypatch.setattr(bulk, "FIRST_RECORDS", 7)
    settings = OrgSettings(invoices=20, min_version=50, max_version=57)
    with start_org(settings) as running, sign_in(running) as org:
        pages = list(org.bulk.query_frames(SOQL, COLUMNS))
        assert org.facts.api_version == "57.0"
        assert sum(page.records for page in pages) == org.soql.count(INVOICE)
