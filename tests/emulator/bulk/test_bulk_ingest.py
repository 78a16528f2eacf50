"""
Ingest jobs: states, bytes that fail whole jobs, cells, row failures and results.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.emulator.bulk import ingest as bulk_jobs
from migrator.emulator.bulk.csv_text import (
    CsvRefused,
    check_csv,
    csv_rows,
    java_double,
)
from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    an_object,
    field_line,
    object_line,
)

FIELDS = ["Key__c", "Amount__c", "Day__c", "At__c", "Paid__c", "Parent__c", "Text__c"]


def paper_package() -> bytes:
    """An object with one field of each interesting kind, and who may use it."""
    fields = [
        a_field("Key__c", externalId=True, unique=True, length=18),
        a_field("Amount__c", "Number", precision=18, scale=2, defaultValue=7),
        a_field("Day__c", "Date"),
        a_field("At__c", "DateTime"),
        a_field("Paid__c", "Checkbox", defaultValue="true"),
        a_field(
            "Parent__c", "Lookup", referenceTo="Paper__c", relationshipName="Papers"
        ),
        a_field("Text__c", "LongTextArea", length=1000, visibleLines=3),
        a_field("Hidden__c"),
    ]
    lines = [field_line(f"Paper__c.{name}") for name in FIELDS]
    return a_zip(
        {
            "package.xml": a_manifest(
                CustomObject=["Paper__c"], PermissionSet=["Loader"]
            ),
            "objects/Paper__c.object": an_object(*fields),
            "permissionsets/Loader.permissionset": a_permission_set(
                "\n".join([*lines]), label="Loader</label>" + object_line("Paper__c")
            ).replace("</objectPermissions></label>", "</objectPermissions>"),
        }
    )


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An org where the running user may load Paper__c records."""
    with start_org(OrgSettings(invoices=3)) as running:
        made = Client(running=running)
        result = made.deploy(paper_package())
        assert result["status"] == "Succeeded", result["details"]
        made.assign("Loader")
        yield made


def create(client: Client, operation: str = "insert", **more: object) -> dict[str, Any]:
    """An open job."""
    body = {"object": "Paper__c", "operation": operation} | more
    answer = client.call("POST", "/jobs/ingest", json=body)
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def upload(client: Client, job: dict[str, Any], data: str | bytes) -> httpx.Response:
    """PUT the data of a job."""
    content = data.encode() if isinstance(data, str) else data
    return client.call(
        "PUT",
        f"/jobs/ingest/{job['id']}/batches",
        content=content,
        headers={"Content-Type": "text/csv"},
    )


def change(client: Client, job: dict[str, Any], state: str) -> httpx.Response:
    """PATCH the state of a job."""
    return client.call("PATCH", f"/jobs/ingest/{job['id']}", json={"state": state})


def finished(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    for _ in range(2_000):
        now: dict[str, Any] = client.call("GET", f"/jobs/ingest/{job['id']}").json()
        if now["state"] in {"JobComplete", "Failed", "Aborted"}:
            return now
        time.sleep(0.005)
    raise AssertionError(now)


def load(
    client: Client, data: str | bytes, operation: str = "insert", **more: object
) -> dict[str, Any]:
    """A job from the first request to its end."""
    job = create(client, operation, **more)
    assert upload(client, job, data).status_code == 201
    assert change(client, job, "UploadComplete").status_code == 200
    return finished(client, job)


def results(client: Client, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    """The rows of a result file."""
    answer = client.call("GET", f"/jobs/ingest/{job['id']}/{kind}/")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def stored(client: Client, key: str, columns: str = "Id") -> dict[str, Any]:
    """One record by its key."""
    soql = f"SELECT {columns} FROM Paper__c WHERE Key__c = '{key}'"  # noqa: S608
    (record,) = client.query(soql)
    return record


def test_a_job_shows_the_documented_fields_in_each_state(client: Client) -> None:
    """ContentUrl stands only on an open job, the counts on every later one."""
    job = create(client)
    assert job["id"].startswith("750")
    assert len(job["id"]) == 18
    assert job["state"] == "Open"
    assert job["apiVersion"] == 66.0
    url = f"services/data/v66.0/jobs/ingest/{job['id']}/batches"
    assert job["contentUrl"] == url
    assert job["createdDate"].endswith(".000+0000")
    assert upload(client, job, "Key__c\nshape\n").content == b""
    changed = change(client, job, "UploadComplete").json()
    assert changed["state"] == "UploadComplete"
    assert "contentUrl" not in changed
    done = finished(client, job)
    assert done["state"] == "JobComplete"
    assert done["jobType"] == "V2Ingest"
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (1, 0)
    assert "contentUrl" not in done
    assert "errorMessage" not in done


def test_a_job_really_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after UploadComplete nothing is done yet."""
    monkeypatch.setattr(client.running.services.ingest, "latency_s", 0.3)
    job = create(client)
    upload(client, job, "Key__c\nwaits\n")
    change(client, job, "UploadComplete")
    state = client.call("GET", f"/jobs/ingest/{job['id']}").json()["state"]
    assert state in {"UploadComplete", "InProgress"}
    refused = client.call("GET", f"/jobs/ingest/{job['id']}/successfulResults")
    assert refused.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert finished(client, job)["state"] == "JobComplete"


def test_some_rows_fail_and_the_job_is_complete(client: Client) -> None:
    """Success + failed + unprocessed is what was uploaded."""
    data = "Key__c,Amount__c\npart-1,1\npart-2,x\npart-3,3\npart-1,4\n"
    job = load(client, data)
    assert job["state"] == "JobComplete"
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (4, 2)
    good = results(client, job, "successfulResults")
    bad = results(client, job, "failedResults")
    rest = results(client, job, "unprocessedrecords")
    assert {row["Key__c"] for row in good} == {"part-1", "part-3"}
    assert len(good) + len(bad) + len(rest) == 4
    assert {row["sf__Created"] for row in good} == {"true"}
    errors = {row["Amount__c"]: row["sf__Error"] for row in bad}
    assert errors["x"] == (
        "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'x' is not a "
        "valid value for the type xsd:double:Amount__c --"
    )
    assert errors["4.0"].startswith("DUPLICATE_VALUE:")
    assert errors["4.0"].endswith(" --")


def test_an_upsert_creates_and_updates(client: Client) -> None:
    """sf__Created tells one from the other."""
    assert load(client, "Key__c\nups-1\n")["numberRecordsFailed"] == 0
    data = "Key__c,Text__c\nups-1,old\nups-2,new\n"
    job = load(client, data, "upsert", externalIdFieldName="Key__c")
    assert job["externalIdFieldName"] == "Key__c"
    rows = results(client, job, "successfulResults")
    made = {row["Key__c"]: row["sf__Created"] for row in rows}
    assert made == {"ups-1": "false", "ups-2": "true"}


def test_an_update_ignores_empty_cells_and_clears_with_na(client: Client) -> None:
    """An empty cell is not supplied, #N/A is null."""
    load(client, "Key__c,Text__c,Day__c\nupd-1,kept,2026-01-31\n")
    record = stored(client, "upd-1")
    data = f"Id,Text__c,Day__c\n{record['Id']},,#N/A\n"
    job = load(client, data, "update")
    assert job["numberRecordsFailed"] == 0, results(client, job, "failedResults")
    after = stored(client, "upd-1", "Text__c, Day__c")
    assert (after["Text__c"], after["Day__c"]) == ("kept", None)


def test_an_empty_cell_takes_the_default_on_insert(client: Client) -> None:
    """#N/A suppresses it."""
    load(client, "Key__c,Amount__c\ndef-1,\ndef-2,#N/A\n")
    assert stored(client, "def-1", "Amount__c, Paid__c")["Amount__c"] == 7
    assert stored(client, "def-1", "Amount__c, Paid__c")["Paid__c"] is True
    assert stored(client, "def-2", "Amount__c")["Amount__c"] is None


def test_a_record_cannot_lose_its_owner(client: Client) -> None:
    """An explicit null is refused, an empty cell leaves the loading user."""
    job = load(client, "Key__c,OwnerId\nown-1,#N/A\nown-2,\n")
    (bad,) = results(client, job, "failedResults")
    assert bad["sf__Error"] == (
        "INVALID_CROSS_REFERENCE_KEY:Owner ID: owner cannot be blank:OwnerId --"
    )
    assert stored(client, "own-2", "OwnerId")["OwnerId"].startswith("005")


ROWS = {
    "update-without-id": (
        "update",
        "Key__c,Text__c\na,b\n",
        "MISSING_ARGUMENT:Id not specified in an update call: --",
    ),
    "upsert-without-key": (
        "upsert",
        "Text__c\nb\n",
        "MISSING_ARGUMENT:Key__c not specified: --",
    ),
    "audit-field": (
        "insert",
        "Key__c,CreatedDate\nq,2020-01-01T00:00:00Z\n",
        (
            "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: "
            "CreatedDate. Please check the security settings of this field and verify "
            "that it is read/write for your profile or permission set.:CreatedDate --"
        ),
    ),
    "id-on-insert": (
        "insert",
        "Id,Key__c\na00000000000000AAA,z\n",
        "INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --",
    ),
    "unknown-id": (
        "update",
        "Id,Key__c\na00000000000000AAA,z\n",
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --",
    ),
    "long-key": (
        "insert",
        f"Key__c\n{'k' * 19}\n",
        (
            f"STRING_TOO_LONG:Key: data value too large: {'k' * 19} (max length=18)"
            ":Key__c --"
        ),
    ),
    "boolean": (
        "insert",
        "Key__c,Paid__c\nbool,maybe\n",
        (
            "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'maybe' is "
            "not a valid value for the type xsd:boolean:Paid__c --"
        ),
    ),
    "date": (
        "insert",
        "Key__c,Day__c\nday,2026-01-31+02:00\n",
        (
            "INVALID_FIELD:Failed to deserialize field at col 1. Due to, "
            "'2026-01-31+02:00' is not a valid value for the type xsd:date:Day__c --"
        ),
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_row_is_refused(client: Client, case: str) -> None:
    """sf__Error has code, sentence and fields; the job is complete."""
    operation, data, sentence = ROWS[case]
    more = {"externalIdFieldName": "Key__c"} if operation == "upsert" else {}
    job = load(client, data, operation, **more)
    assert job["state"] == "JobComplete"
    (bad,) = results(client, job, "failedResults")
    assert bad["sf__Error"] == sentence


def test_a_parent_is_found_by_its_external_id(client: Client) -> None:
    """One level of relationship, resolved row by row; a strange key fails its row."""
    load(client, "Key__c\nmum\n")
    data = "Key__c,Parent__r.Key__c\nkid-1,mum\nkid-2,nobody\nkid-3,#N/A\nkid-4,\n"
    job = load(client, data)
    bad = results(client, job, "failedResults")
    assert {row["Key__c"] for row in bad} == {"kid-2", "kid-3"}
    mother = stored(client, "mum")["Id"]
    assert stored(client, "kid-1", "Parent__c")["Parent__c"] == mother
    assert stored(client, "kid-4", "Parent__c")["Parent__c"] is None


def test_the_platform_trims_what_bulk_does_not(client: Client) -> None:
    """Blanks around a value survive the CSV and vanish in the record."""
    job = load(client, 'Key__c,Text__c\ntrim,"  a b  "\n')
    (row,) = results(client, job, "successfulResults")
    assert row["Text__c"] == "  a b  "
    assert stored(client, "trim", "Text__c")["Text__c"] == "a b"


def test_results_echo_numbers_and_dates_reformatted(client: Client) -> None:
    """What comes back is not what was sent, and headers take the schema's case."""
    data = "Key__c,amount__C,At__c\necho,912260031,2026-01-31T12:00:00+02:00\n"
    job = load(client, data)
    answer = client.call("GET", f"/jobs/ingest/{job['id']}/successfulResults")
    head, line = answer.text.splitlines()
    assert head == '"sf__Id","sf__Created",Key__c,Amount__c,At__c'
    assert line.endswith(',"true","echo","9.12260031E8","2026-01-31T10:00:00.000Z"')


def test_a_miscased_header_loses_its_values_in_failed_results(client: Client) -> None:
    """The column is there, its cells are empty."""
    job = load(client, "Key__c,text__c,Day__c\ncase,hello,nope\n")
    (row,) = results(client, job, "failedResults")
    assert row["text__c"] == ""
    assert row["Day__c"] == "nope"


WHOLE = {
    "unknown": (
        "Key__c,Gone__c\na,b\n",
        "InvalidBatch : Field name not found : Gone__c",
    ),
    "hidden": (
        "Key__c,Hidden__c\na,b\n",
        "InvalidBatch : Field name not found : Hidden__c",
    ),
    "relationship": (
        "Key__c,Parent__r.Name__c\na,b\n",
        "InvalidBatch : Field name not found : Parent__r.Name__c",
    ),
    "two-levels": (
        "Key__c,Parent__r.Parent__r.Key__c\na,b\n",
        "InvalidBatch : Field name not found : Parent__r.Parent__r.Key__c",
    ),
    "byte-order-mark": (
        "\ufeffKey__c\na\n",
        "InvalidBatch : Field name not found : \ufeffKey__c",
    ),
    "quoted-byte-order-mark": (
        '\ufeff"Key__c"\na\n',
        (
            "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with "
            "quote should be within a quote"
        ),
    ),
    "blank-after-quote": (
        'Key__c,Text__c\n"a" ,b\n',
        (
            "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with "
            "quote should be within a quote"
        ),
    ),
    "crlf": (
        "Key__c\r\na\r\n",
        (
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding "
            "setting is LF"
        ),
    ),
    "crlf-in-quotes": (
        'Key__c,Text__c\na,"b\r\nc"\n',
        (
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding "
            "setting is LF"
        ),
    ),
    "ragged": (
        "Key__c,Text__c\na\n",
        "InvalidBatch : Row 1 has 1 columns, the header has 2",
    ),
    "twice": (
        "Key__c,KEY__C\na,b\n",
        "InvalidBatch : Duplicate field name : KEY__C",
    ),
    "long-field": (
        f"Key__c,Text__c\na,{'x' * 131_073}\n",
        ("InvalidBatch : Failed to parse CSV. field larger than field limit (131072)"),
    ),
    "long-record": (
        "Key__c,Text__c,Day__c,At__c\n" + ",".join(["x" * 100_001] * 4) + "\n",
        "InvalidBatch : Row 1 is too long, maximum is 400000 characters",
    ),
    "empty": ("", "InvalidBatch : Records not found"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_bytes_can_fail_a_whole_job(client: Client, case: str) -> None:
    """Nothing is processed, and all of the upload is unprocessed."""
    data, sentence = WHOLE[case]
    job = load(client, data)
    assert (job["state"], job["errorMessage"]) == ("Failed", sentence)
    assert job["numberRecordsProcessed"] == 0
    rest = client.call("GET", f"/jobs/ingest/{job['id']}/unprocessedrecords")
    assert rest.content == data.encode()


def test_crlf_is_fine_when_the_job_says_so(client: Client) -> None:
    """The same bytes pass, and LF bytes then fail."""
    job = load(client, "Key__c\r\ncrlf-1\r\n", lineEnding="CRLF")
    assert job["state"] == "JobComplete"
    job = load(client, "Key__c\ncrlf-2\n", lineEnding="CRLF")
    assert job["errorMessage"].endswith("Current LineEnding setting is CRLF")


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("TAB", "\t"),
        ("PIPE", "|"),
        ("SEMICOLON", ";"),
        ("CARET", "^"),
        ("BACKQUOTE", "`"),
    ],
)
def test_each_delimiter_works(client: Client, name: str, mark: str) -> None:
    """Upload and results use the delimiter of the job."""
    data = f"Key__c{mark}Text__c\n{name}{mark}a,b\n"
    job = load(client, data, columnDelimiter=name)
    answer = client.call("GET", f"/jobs/ingest/{job['id']}/successfulResults")
    assert answer.text.splitlines()[0].split(mark)[2:] == ["Key__c", "Text__c"]
    assert stored(client, name, "Text__c")["Text__c"] == "a,b"


def test_a_delete_takes_ids_only(client: Client) -> None:
    """Another column fails the job."""
    load(client, "Key__c\ndel-1\n")
    record = stored(client, "del-1")["Id"]
    job = load(client, f"Id,Key__c\n{record},del-1\n", "delete")
    assert job["state"] == "Failed"
    job = load(client, f"Id\n{record}\n", "delete")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (1, 0)
    assert client.query("SELECT Id FROM Paper__c WHERE Key__c = 'del-1'") == []


BODIES = [
    ({"object": "Gone__c", "operation": "insert"}, "INVALIDENTITY"),
    ({"object": "Paper__c", "operation": "merge"}, "INVALIDJOB"),
    ({"object": "Paper__c", "operation": "upsert"}, "INVALIDJOB"),
    (
        {
            "object": "Paper__c",
            "operation": "upsert",
            "externalIdFieldName": "Text__c",
        },
        "INVALIDJOB",
    ),
    ({"object": "Paper__c", "operation": "hardDelete"}, "FEATURENOTENABLED"),
    (
        {"object": "Paper__c", "operation": "insert", "columnDelimiter": "COLON"},
        "INVALIDJOB",
    ),
    (
        {"object": "Paper__c", "operation": "insert", "lineEnding": "CR"},
        "INVALIDJOB",
    ),
    (
        {"object": "Paper__c", "operation": "insert", "contentType": "XML"},
        "INVALIDJOB",
    ),
    (
        {"object": "Paper__c", "operation": "insert", "concurrency": "Serial"},
        "JSON_PARSER_ERROR",
    ),
]


@pytest.mark.parametrize(("body", "code"), BODIES)
def test_a_job_is_refused_at_once(
    client: Client, body: dict[str, str], code: str
) -> None:
    """The error array names the code, and there is no job."""
    before = len(client.call("GET", "/jobs/ingest").json()["records"])
    answer = client.call("POST", "/jobs/ingest", json=body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert len(client.call("GET", "/jobs/ingest").json()["records"]) == before


def test_an_upload_happens_once_and_as_csv(client: Client) -> None:
    """A second PUT, another type and a closed job are refused."""
    job = create(client)
    path = f"/jobs/ingest/{job['id']}/batches"
    wrong = client.call("PUT", path, json={})
    assert wrong.status_code == 415
    assert upload(client, job, "Key__c\nonce\n").status_code == 201
    again = upload(client, job, "Key__c\ntwice\n")
    assert again.status_code == 400
    assert "make sure you only do 'PUT' once" in again.json()[0]["message"]
    change(client, job, "UploadComplete")
    closed = upload(client, job, "Key__c\nlate\n")
    assert closed.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    finished(client, job)
    assert stored(client, "once")


def test_a_chunked_body_is_taken(client: Client) -> None:
    """No length need be announced."""
    job = create(client)
    answer = client.call(
        "PUT",
        f"/jobs/ingest/{job['id']}/batches/",
        content=iter([b"Key__c\nchu", b"nked\n"]),
        headers={"Content-Type": "text/csv; charset=UTF-8"},
    )
    assert answer.status_code == 201
    change(client, job, "UploadComplete")
    assert finished(client, job)["numberRecordsProcessed"] == 1


def test_an_upload_above_the_limit_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job stays open and empty."""
    monkeypatch.setattr("migrator.emulator.wire.bulk_api.jobs.MAX_UPLOAD_BYTES", 20)
    job = create(client)
    assert upload(client, job, "Key__c\n" + "x" * 20).status_code == 413
    assert upload(client, job, "Key__c\nfits\n").status_code == 201


def test_another_api_version_cannot_read_a_job(client: Client) -> None:
    """409, not the job."""
    job = create(client)
    other = Client(running=client.running, version="60.0")
    answer = other.call("GET", f"/jobs/ingest/{job['id']}")
    assert answer.status_code == 409
    assert client.call("GET", f"/jobs/ingest/{job['id'][:15]}").status_code == 200
    assert client.call("GET", "/jobs/ingest/750000000000000AAA").status_code == 404


def test_a_job_is_aborted_and_deleted(client: Client) -> None:
    """An aborted job keeps its data as unprocessed until it is deleted."""
    job = create(client)
    upload(client, job, "Key__c\naborted\n")
    path = f"/jobs/ingest/{job['id']}"
    assert client.call("DELETE", path).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert change(client, job, "Aborted").json()["state"] == "Aborted"
    assert results(client, job, "unprocessedrecords") == [{"Key__c": "aborted"}]
    assert change(client, job, "UploadComplete").status_code == 400
    assert client.call("DELETE", path).status_code == 204
    assert client.call("GET", path).status_code == 404


def test_a_running_job_can_be_aborted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is committed has its results, the rest is unprocessed."""
    monkeypatch.setattr(bulk_jobs, "BATCH_ROWS", 200)
    monkeypatch.setattr(client.running.services.ingest, "latency_s", 0.05)
    job = create(client)
    keys = "".join(f"abort-{number:04}\n" for number in range(2_000))
    upload(client, job, f"Key__c\n{keys}")
    change(client, job, "UploadComplete")
    for _ in range(500):
        now = client.call("GET", f"/jobs/ingest/{job['id']}").json()
        if now["numberRecordsProcessed"]:
            break
        time.sleep(0.01)
    assert change(client, job, "Aborted").json()["state"] == "Aborted"
    good = results(client, job, "successfulResults")
    rest = results(client, job, "unprocessedrecords")
    assert 0 < len(good) < 2_000
    assert len(good) + len(rest) == 2_000
    soql = "SELECT COUNT() FROM Paper__c WHERE Key__c LIKE 'abort-%'"
    counted = client.call("GET", "/query", params={"q": soql}).json()
    assert counted["totalSize"] == len(good)


def test_job_and_data_can_come_in_one_request(client: Client) -> None:
    """The multipart form starts at UploadComplete."""
    files = {
        "job": (None, '{"object":"Paper__c","operation":"insert"}', "application/json"),
        "content": ("content", "Key__c\nmulti\n", "text/csv"),
    }
    job = client.call("POST", "/jobs/ingest", files=files).json()
    assert job["state"] == "UploadComplete"
    assert finished(client, job)["state"] == "JobComplete"
    assert stored(client, "multi")


def test_results_come_in_no_promised_order(client: Client) -> None:
    """Positions of input and output do not match, every row is there."""
    keys = [f"order-{number:03}" for number in range(50)]
    job = load(client, "Key__c\n" + "\n".join(keys) + "\n")
    came = [row["Key__c"] for row in results(client, job, "successfulResults")]
    assert came != keys
    assert sorted(came) == keys


def test_batches_hold_ten_thousand_rows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job of several batches processes all of them."""
    monkeypatch.setattr(bulk_jobs, "BATCH_ROWS", 400)
    keys = [f"batch-{number:04}" for number in range(1_000)]
    job = load(client, "Key__c\n" + "\n".join(keys) + "\n")
    assert job["numberRecordsProcessed"] == 1_000
    assert len(results(client, job, "successfulResults")) == 1_000


CELLS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    table=st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5
        )
    )
)
def test_any_quoted_table_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]
) -> None:
    """Whatever the text: read back exactly, or refused for its line breaks."""
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    path.write_bytes(buffer.getvalue().encode())
    if "\r\n" in buffer.getvalue():
        with pytest.raises(CsvRefused, match="LineEnding is invalid"):
            check_csv(path, ",", "LF")
        return
    check_csv(path, ",", "LF")
    assert list(csv_rows(path, ",")) == table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("912260031", "9.12260031E8"),
        ("100", "100.0"),
        ("0", "0.0"),
        ("0.001", "0.001"),
        ("0.0001", "1.0E-4"),
        ("-12345678", "-1.2345678E7"),
        ("9999999.5", "9999999.5"),
        ("1E10", "1.0E10"),
    ],
)
def test_numbers_are_shown_as_java_prints_doubles(text: str, shown: str) -> None:
    """Scientific from ten million on and below a thousandth."""
    assert java_double(text) == shown


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    """There is not even a header."""
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(CsvRefused, match="Records not found"):
        check_csv(path, ",", "LF")
