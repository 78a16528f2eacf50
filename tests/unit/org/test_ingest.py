"""
Ingest jobs: what the org says about each record, and what a lost answer leaves.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from migrator.errors import OrgRefused, OrgUnreachable
from migrator.model.names import ApiName
from migrator.model.records import JobState, Operation, RowFailure
from migrator.org.ingest import IngestJobs, parse_row_error
from migrator.org.polling import Pace
from tests.unit.org.scripted import Answer, Scripted, refused, scripted, told

TARGET = ApiName("Invoice__c")
USER = "0055g0000000001AAA"
BUSY = Answer(status=503)


def client(org: Scripted) -> IngestJobs:
    """
    A client that does not sleep.
    """
    return IngestJobs(org.rest(), user_id=USER, pace=Pace(sleep=org.waits.append))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [A__c]:A__c --",
            (
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [A__c]",
                ("A__c",),
            ),
        ),
        (
            "DUPLICATE_VALUE:Origin_Id__c is on record with id: a015g000001:--",
            (
                "DUPLICATE_VALUE",
                "Origin_Id__c is on record with id: a015g000001",
                (),
            ),
        ),
        ("TOO_LONG:long:A__c, B__c --", ("TOO_LONG", "long", ("A__c", "B__c"))),
        ("LOCK_ROW:unable: 1 records:--", ("LOCK_ROW", "unable: 1 records", ())),
        ("CODE:one: two words --", ("CODE", "one: two words", ())),
        ("something else", ("", "something else", ())),
        ("", ("", "", ())),
    ],
)  # fmt: skip
def test_a_row_error_is_taken_apart(text: str, expected: tuple[Any, ...]) -> None:
    """`CODE:message:fields --`; colons in the message stay there."""
    assert parse_row_error(text) == expected


def test_refused_and_unprocessed_records_are_both_failures() -> None:
    """Joined on the echoed Origin_Id__c, whatever case its header has."""
    failed = (
        b'"sf__Id","sf__Error",Name,ORIGIN_ID__C\n'
        b'"","STRING_TOO_LONG:long:Name --","a\nb","a01A"\n'
    )
    left = b'Name,Origin_Id__c\n"x","a01B"\n'
    with scripted(Answer(body=failed), Answer(body=left)) as org:
        assert client(org).failures("750x", TARGET) == [
            RowFailure(
                object=TARGET,
                origin_id="a01A",
                code="STRING_TOO_LONG",
                message="long",
                fields=(ApiName("Name"),),
            ),
            RowFailure(
                object=TARGET,
                origin_id="a01B",
                code="UNPROCESSED",
                message="the job ended before the org looked at this record",
            ),
        ]
        assert [h.path.rsplit("/", 2)[1] for h in org.heard] == [
            "failedResults",
            "unprocessedrecords",
        ]


def test_results_cut_short_are_asked_for_again() -> None:
    """A quote left open, then the whole file."""
    whole = b'"sf__Id","sf__Error",Origin_Id__c\n"","X:y:--","a01A"\n'
    cut = Answer(body=whole[:-8])
    with scripted(cut, Answer(body=whole), Answer(body=b"")) as org:
        (failure,) = client(org).failures("750x", TARGET)
        assert failure.origin_id == "a01A"


def test_results_that_stay_damaged_are_no_empty_list() -> None:
    """No failure may get lost with a damaged file."""
    with (
        scripted(Answer(body=b'"sf__Id","sf__Er')) as org,
        pytest.raises(OrgUnreachable, match="damaged"),
    ):
        client(org).failures("750x", TARGET)


def test_creating_is_not_repeated_when_the_answer_is_lost() -> None:
    """It may have happened; `find_jobs` tells."""
    with scripted(BUSY) as org:
        with pytest.raises(OrgUnreachable):
            client(org).create_ingest(TARGET, Operation.INSERT)
        assert len(org.heard) == 1


def test_an_upsert_names_its_key() -> None:
    """LF, comma, CSV and the external id are all said."""
    with scripted(told({"id": "750x", "state": "Open"})) as org:
        job = client(org).create_ingest(
            TARGET, Operation.UPSERT, ApiName("Origin_Id__c")
        )
        assert job == "750x"
        assert json.loads(org.heard[0].body) == {
            "object": "Invoice__c",
            "operation": "upsert",
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
            "externalIdFieldName": "Origin_Id__c",
        }


@pytest.mark.parametrize("state", ["UploadComplete", "InProgress", "JobComplete"])
def test_closing_an_upload_twice_is_harmless(state: str) -> None:
    """The refusal of the second close is checked against the job."""
    now = told({"id": "750x", "state": state})
    with scripted(refused(400, "INVALIDJOBSTATE"), now) as org:
        client(org).close_upload("750x")
        assert [h.method for h in org.heard] == ["PATCH", "GET"]


def test_a_refused_close_of_an_open_job_is_an_error() -> None:
    """Then the org meant it."""
    with (
        scripted(refused(400, "X"), told({"id": "750x", "state": "Open"})) as org,
        pytest.raises(OrgRefused),
    ):
        client(org).close_upload("750x")


def test_aborting_a_job_that_has_ended_is_harmless() -> None:
    """Ended is ended; a running job that cannot be aborted is an error."""
    ended = told({"id": "750x", "state": "JobComplete"})
    with scripted(refused(400, "INVALIDJOBSTATE"), ended) as org:
        client(org).abort("750x")
    running = told({"id": "750x", "state": "InProgress"})
    with scripted(refused(400, "X"), running) as org, pytest.raises(OrgRefused):
        client(org).abort("750x")


def test_waiting_tells_every_answer_and_ends_at_a_final_state() -> None:
    """Failed is an end as well; the counts come along."""
    answers = [
        {"id": "750x", "state": "InProgress", "numberRecordsProcessed": 200},
        {
            "id": "750x",
            "state": "Failed",
            "numberRecordsProcessed": 400,
            "numberRecordsFailed": 3,
            "errorMessage": "TooManyLockFailure",
        },
    ]
    told_counts = []
    with scripted(*map(told, answers)) as org:
        job = client(org).await_ingest(
            "750x", lambda info: told_counts.append(info.processed)
        )
    assert told_counts == [200, 400]
    assert (job.state, job.failed) == (JobState.FAILED, 3)
    assert job.error_message == "TooManyLockFailure"


def entry(job: str, **other: str) -> dict[str, str]:
    """
    One line of the org's list of jobs, ours unless *other* says something else.
    """
    mine = {
        "id": job,
        "object": "Invoice__c",
        "createdById": USER,
        "createdDate": "2026-11-22T10:00:00.000+0000",
        "jobType": "V2Ingest",
        "state": "Open",
    }
    return mine | other


def test_jobs_made_since_are_found_and_others_are_not() -> None:
    """Same user, object and kind, made at or after the moment, oldest first."""
    listed = [
        entry("late", createdDate="2026-11-22T11:00:00.000+0000"),
        entry("soon"),
        entry("before", createdDate="2026-11-22T09:59:59.999+0000"),
        entry("other object", object="Line__c"),
        entry("other user", createdById="005000000000009AAA"),
        entry("a query", jobType="V2Query"),
    ]
    first = {"done": False, "nextRecordsUrl": "/n", "records": listed[:1]}
    second = {"done": True, "records": listed[1:]}
    since = datetime(2026, 11, 22, 10, tzinfo=UTC)
    with scripted(told(first), told(second)) as org:
        found = client(org).find_jobs(TARGET, since)
    assert [job.id for job in found] == ["soon", "late"]


def test_open_jobs_are_those_that_have_not_ended() -> None:
    """Whenever they were made."""
    listed = [entry("a"), entry("b", state="JobComplete"), entry("c", state="Aborted")]
    with scripted(told({"done": True, "records": listed})) as org:
        assert [job.id for job in client(org).find_open_jobs(TARGET)] == ["a"]
