"""
Files and attachments: versions, documents, links and their bytes.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

import httpx
import pytest

from tests.emulator.conftest import BASE, Caller, error_of

CONTENT = b"%PDF-1.7 \x00\xff bytes\r\n"


def upload(caller: Caller, **values: str) -> str:
    """The id of a version uploaded in two parts, the bytes first."""
    entity = json.dumps({"PathOnClient": "bill 7.pdf"} | values)
    answer = caller.http.post(
        f"{BASE}/sobjects/ContentVersion",
        files=[
            ("VersionData", ("bill 7.pdf", CONTENT, "application/pdf")),
            ("entity_content", (None, entity, "application/json")),
        ],
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def version(caller: Caller, record_id: str) -> dict[str, object]:
    """The fields of a version that the platform fills in."""
    fields = (
        "ContentDocumentId, Title, FileExtension, ContentSize, Checksum, IsLatest, "
        "VersionNumber, VersionData"
    )
    where = f"WHERE Id = '{record_id}'"
    return caller.records(f"SELECT {fields} FROM ContentVersion {where}")[0]


def test_an_uploaded_version_has_a_document_and_its_bytes(archive_org: Caller) -> None:
    """Name, size and MD5 are the platform's; the value of the blob is its address."""
    record_id = upload(archive_org)
    found = version(archive_org, record_id)
    address = f"{BASE}/sobjects/ContentVersion/{record_id}/VersionData"
    document = found.pop("ContentDocumentId")
    assert str(document).startswith("069")
    assert found == {
        "Title": "bill 7",
        "FileExtension": "pdf",
        "ContentSize": len(CONTENT),
        "Checksum": hashlib.md5(CONTENT, usedforsecurity=False).hexdigest(),
        "IsLatest": True,
        "VersionNumber": "1",
        "VersionData": address,
    }
    assert archive_org.http.get(address).content == CONTENT


def test_a_second_version_follows_the_first(archive_org: Caller) -> None:
    """A version of a known document becomes its latest."""
    first = upload(archive_org)
    document = version(archive_org, first)["ContentDocumentId"]
    second = upload(archive_org, ContentDocumentId=str(document))
    assert version(archive_org, first)["IsLatest"] is False
    assert version(archive_org, second)["VersionNumber"] == "2"


def test_files_are_linked_once(archive_org: Caller) -> None:
    """A second link of the same two is refused in the platform's words."""
    bill = archive_org.create("Bill__c", Name="1")
    document = version(archive_org, upload(archive_org))["ContentDocumentId"]
    link = {"ContentDocumentId": document, "LinkedEntityId": bill, "ShareType": "V"}
    archive_org.create("ContentDocumentLink", **link)
    code, message = archive_org.insert_error("ContentDocumentLink", **link)
    assert code == "DUPLICATE_VALUE"
    assert message == (
        f"Document with ID: {str(document)[:15]} is already linked with the entity "
        f"with ID: {bill[:15]}"
    )
    links = f"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '{bill}'"
    assert len(archive_org.records(links)) == 1
    archive_org.http.delete(f"{BASE}/sobjects/Bill__c/{bill}")
    assert archive_org.records(links) == []


def test_first_publish_location_links_the_record(archive_org: Caller) -> None:
    """The record the version is published to is linked, beside the owner."""
    bill = archive_org.create("Bill__c", Name="1")
    document = version(archive_org, upload(archive_org, FirstPublishLocationId=bill))
    where = f"WHERE ContentDocumentId = '{document['ContentDocumentId']}'"
    links = archive_org.records(
        f"SELECT LinkedEntityId FROM ContentDocumentLink {where}"
    )
    assert {each["LinkedEntityId"] for each in links} == {
        bill,
        archive_org.org.users.running_id,
    }


@pytest.mark.parametrize("where", ["", " WHERE ShareType = 'V'"])
def test_links_are_not_listed_without_a_filter(shared_org: Caller, where: str) -> None:
    """The implementation restriction of ContentDocumentLink."""
    code, message = shared_org.refusal(f"SELECT Id FROM ContentDocumentLink{where}")
    assert code == "MALFORMED_QUERY"
    assert message.startswith("Implementation restriction: ContentDocumentLink")


def test_an_attachment_keeps_its_body(archive_org: Caller) -> None:
    """Base64 in JSON is the other way; the length is computed."""
    bill = archive_org.create("Bill__c", Name="1")
    body = base64.b64encode(CONTENT).decode()
    made = archive_org.create("Attachment", ParentId=bill, Name="a.pdf", Body=body)
    assert archive_org.value("Attachment", made, "BodyLength") == len(CONTENT)
    answer = archive_org.http.get(f"{BASE}/sobjects/Attachment/{made}/Body")
    assert answer.content == CONTENT
    query = (
        f"SELECT Id, (SELECT Name FROM Attachments) FROM Bill__c WHERE Id = '{bill}'"
    )
    children = archive_org.records(query)[0]["Attachments"]
    assert children["totalSize"] == 1
    assert children["records"][0]["Name"] == "a.pdf"


def test_file_storage_shrinks_with_what_is_stored(
    running_org: Callable[..., Caller],
) -> None:
    """Whole megabytes of versions and attachments, in the limits."""
    caller = running_org()
    before = caller.http.get(f"{BASE}/limits").json()["FileStorageMB"]["Remaining"]
    data = base64.b64encode(bytes(2 * 1_048_576)).decode()
    caller.create("ContentVersion", PathOnClient="a.bin", VersionData=data)
    after = caller.http.get(f"{BASE}/limits").json()["FileStorageMB"]["Remaining"]
    assert before - after == 2


def test_a_version_without_content_is_refused(shared_org: Caller) -> None:
    """Bytes that are none, and a multipart body without its JSON."""
    address = f"{BASE}/sobjects/ContentVersion"
    wrong = {"PathOnClient": "x", "VersionData": "no base64!"}
    missing = shared_org.http.post(address, json={"PathOnClient": "x"})
    assert error_of(missing)[0] == "REQUIRED_FIELD_MISSING"
    assert _is_refused(shared_org.http.post(address, json=wrong))
    blob = ("x.pdf", CONTENT, "application/pdf")
    assert _is_refused(shared_org.http.post(address, files={"VersionData": blob}))


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and bool(error_of(answer)[0])
