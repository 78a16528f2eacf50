"""
retrieve() and checkRetrieveStatus() of the SOAP Metadata API.

The WSDL calls the argument `retrieveRequest`; the sf CLI sends `request` and leaves
includeZip out. Both are taken, as the platform does.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.retrieve import RetrieveRequest

if TYPE_CHECKING:
    from migrator.emulator.metadata.retrieve import Retrievals
    from migrator.emulator.metadata.xml_tree import Node

__all__ = ["retrieve_status", "start_retrieve"]


def start_retrieve(retrievals: Retrievals, call: Node) -> dict[str, Any]:
    """
    Start a retrieve and return its AsyncResult. Raises MISSING_ARGUMENT without a
    request.
    """
    given = call.first("retrieveRequest") or call.first("request")
    if given is None:
        raise SalesforceError("MISSING_ARGUMENT", "retrieveRequest is missing")
    package = given.first("unpackaged")
    members = [
        (types.text("name").strip(), member.content.strip())
        for types in (package.all("types") if package else ())
        for member in types.all("members")
    ]
    if given.has("packageNames") or given.has("specificFiles"):
        raise SalesforceError(
            "UNKNOWN_EXCEPTION", "Not emulated: retrieve of packages or single files"
        )
    request = RetrieveRequest(
        members=tuple(members),
        version=given.text("apiVersion").strip() or "66.0",
        single_package=given.text("singlePackage").strip().lower() in {"true", "1"},
    )
    found = retrievals.start(request)
    return {"done": False, "id": found.id, "state": "Queued"}


def retrieve_status(retrievals: Retrievals, call: Node) -> dict[str, Any]:
    """
    Return the RetrieveResult, in the order of the WSDL.
    """
    found = retrievals.get(call.text("asyncProcessId").strip())
    with_zip = call.text("includeZip").strip().lower() not in {"false", "0"}
    return {
        "done": True,
        "fileProperties": found.properties,
        "id": found.id,
        "messages": found.messages,
        "status": "Succeeded",
        "success": True,
        "zipFile": base64.b64encode(found.zip).decode() if with_zip else "",
    }
