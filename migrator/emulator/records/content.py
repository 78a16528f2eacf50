"""
Files: what the platform itself adds when content is written.

Object Reference: ContentVersion, ContentDocument, ContentDocumentLink, Attachment.
A new ContentVersion without a document makes one, linked to its owner and to
`FirstPublishLocationId`; with a document it becomes its latest version.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from migrator.emulator.org.own_rows import OwnRows
from migrator.emulator.org.store import Store
from migrator.emulator.org.users import User
from migrator.emulator.records.columns import Draft

_SHARE_TYPES = frozenset({"V", "C", "I"})
_VISIBILITIES = frozenset({"AllUsers", "InternalUsers", "SharedUsers"})


def check_content(store: Store, name: str, drafts: Iterable[Draft]) -> None:
    """
    Refuse what the platform refuses of file objects, before anything is written.
    """
    for draft in drafts:
        if name == "ContentVersion" and draft.is_new:
            _check_version(store, draft)
        elif name == "ContentDocumentLink" and draft.is_new:
            _check_link(store, draft)


def _check_version(store: Store, draft: Draft) -> None:
    values = draft.values
    missing = [
        each for each in ("VersionData", "PathOnClient") if values.get(each) is None
    ]
    if missing:
        listed = ", ".join(missing)
        draft.fail(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{listed}]",
            *missing,
        )
        return
    document = values.get("ContentDocumentId")
    if document and values.get("FirstPublishLocationId"):
        draft.fail(
            "INVALID_FIELD",
            "You cannot specify First Publish Location for a new version.",
            "FirstPublishLocationId",
        )
    _fill_version(store, values)


def _fill_version(store: Store, values: dict[str, Any]) -> None:
    data = base64.b64decode(values["VersionData"])
    path = PurePosixPath(str(values["PathOnClient"]).replace("\\", "/"))
    extension = path.suffix.removeprefix(".")
    values["Title"] = values.get("Title") or path.stem
    values["FileExtension"] = extension or None
    values["FileType"] = extension.upper() or "UNKNOWN"
    values["ContentSize"] = str(len(data))
    # MD5 because that is what the field holds in the platform.
    values["Checksum"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    values["IsLatest"] = 1
    document = values.get("ContentDocumentId")
    before = store.find("ContentVersion", "ContentDocumentId", [document or ""])
    values["VersionNumber"] = str(len(before) + 1)


def _check_link(store: Store, draft: Draft) -> None:
    values = draft.values
    values["ShareType"] = values.get("ShareType") or "V"
    values["Visibility"] = values.get("Visibility") or "AllUsers"
    for field, allowed in (
        ("ShareType", _SHARE_TYPES),
        ("Visibility", _VISIBILITIES),
    ):
        if values[field] not in allowed:
            draft.fail(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field}: bad value for restricted picklist field: {values[field]}",
                field,
            )
    document, entity = values["ContentDocumentId"], values["LinkedEntityId"]
    known = store.find("ContentDocumentLink", "ContentDocumentId", [document])
    if any(row["LinkedEntityId"] == entity and not row["IsDeleted"] for row in known):
        draft.fail(
            "DUPLICATE_VALUE",
            f"Document with ID: {document[:15]} is already linked with the entity "
            f"with ID: {entity[:15]}",
        )


def fill_attachment(values: dict[str, Any]) -> None:
    """
    Fill in the length of an attachment's body.
    """
    if values.get("Body") is not None:
        values["BodyLength"] = str(len(base64.b64decode(values["Body"])))


def finish_versions(
    store: Store, rows: OwnRows, user: User, drafts: Iterable[Draft]
) -> None:
    """
    Add documents and links of new versions; earlier ones are no longer the latest.
    """
    for draft in drafts:
        values = draft.values
        document = values.get("ContentDocumentId")
        if document:
            for row in store.find("ContentVersion", "ContentDocumentId", [document]):
                store.update("ContentVersion", str(row["Id"]), {"IsLatest": 0})
            rows.touch("ContentDocument", document, _document(values))
        else:
            values["ContentDocumentId"] = _new_document(rows, user, values)


def _document(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "LatestPublishedVersionId": values["Id"],
        "Title": values["Title"],
        "FileExtension": values["FileExtension"],
        "FileType": values["FileType"],
        "ContentSize": values["ContentSize"],
    }


def _new_document(rows: OwnRows, user: User, values: dict[str, Any]) -> str:
    owner = values.get("OwnerId") or user.id
    row = _document(values) | {"OwnerId": owner, "CreatedById": user.id}
    document = rows.add("ContentDocument", [row])[0]
    links = [(owner, "I")]
    first = values.get("FirstPublishLocationId")
    if first and first != owner:
        links.append((first, "I"))
    rows.add(
        "ContentDocumentLink",
        [
            {
                "ContentDocumentId": document,
                "LinkedEntityId": entity,
                "ShareType": share,
                "Visibility": "AllUsers",
            }
            for entity, share in links
        ],
    )
    return document
