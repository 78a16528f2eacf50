"""
Small metadata packages, valid by default, and a client that deploys them.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import abc
from dataclasses import dataclass
from typing import Any

import httpx

from migrator.emulator.server import RunningOrg

NS = "http://soap.sforce.com/2006/04/metadata"
VERSION = "66.0"


def xml(root: str, body: str) -> str:
    """
    A metadata file with the root element *root*.
    """
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<{root} xmlns="{NS}">\n{body}\n</{root}>\n'


def elements(**values: object) -> str:
    """
    One element a value; booleans in lower case, None left out, dunder-free names.
    """
    made = []
    for name, value in values.items():
        if value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        made.append(f"<{name}>{text}</{name}>")
    return "\n".join(made)


def a_field(name: str = "Note__c", kind: str = "Text", **more: object) -> str:
    """
    A `fields` element, a Text(80) unless told otherwise.
    """
    values: dict[str, object] = {"fullName": name, "label": name.removesuffix("__c")}
    if kind == "Text" and "formula" not in more:
        values["length"] = 80
    values |= {"type": kind} | more
    return f"<fields>\n{elements(**values)}\n</fields>"


def an_object(*fields: str, **more: object) -> str:
    """
    The .object file of a complete custom object with *fields*.
    """
    values: dict[str, object] = {
        "deploymentStatus": "Deployed",
        "enableBulkApi": True,
        "enableSharing": True,
        "enableStreamingApi": True,
        "label": "Paper",
        "nameField": "<label>Number</label><type>Text</type>",
        "pluralLabel": "Papers",
        "sharingModel": "Private",
    } | more
    return xml("CustomObject", elements(**values) + "\n" + "\n".join(fields))


def a_manifest(version: str = VERSION, **members: list[str]) -> str:
    """
    A package.xml that lists *members* by type.
    """
    types = "\n".join(
        "<types>"
        + "".join(f"<members>{name}</members>" for name in names)
        + f"<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    return xml("Package", f"{types}\n<version>{version}</version>")


def a_zip(files: abc.Mapping[str, str | bytes]) -> bytes:
    """
    The files as a zip.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def object_package(*fields: str, name: str = "Paper__c", **more: object) -> bytes:
    """
    A package with one object.
    """
    return a_zip(
        {
            "package.xml": a_manifest(CustomObject=[name]),
            f"objects/{name}.object": an_object(*fields, **more),
        }
    )


def field_package(owner: str, *fields: str, names: list[str]) -> bytes:
    """
    A package with *fields* (called *names*) for an object that exists.
    """
    members = [f"{owner}.{name}" for name in names]
    return a_zip(
        {
            "package.xml": a_manifest(CustomField=members),
            f"objects/{owner}.object": xml("CustomObject", "\n".join(fields)),
        }
    )


def a_permission_set(body: str, label: str = "Paper Reader") -> str:
    """
    A .permissionset file with the lines in *body*.
    """
    return xml("PermissionSet", f"{body}\n<label>{label}</label>")


def object_line(name: str, **more: object) -> str:
    """
    An objectPermissions line: everything but the view and modify all rights.
    """
    values = {
        "allowCreate": True,
        "allowDelete": True,
        "allowEdit": True,
        "allowRead": True,
        "modifyAllRecords": False,
        "object": name,
        "viewAllRecords": False,
    } | more
    return f"<objectPermissions>{elements(**values)}</objectPermissions>"


def field_line(name: str, *, editable: bool = True, readable: bool = True) -> str:
    """
    A fieldPermissions line.
    """
    values = elements(editable=editable, field=name, readable=readable)
    return f"<fieldPermissions>{values}</fieldPermissions>"


@dataclass(frozen=True, kw_only=True)
class Client:
    """
    Requests to a running org as its running user.
    """

    running: RunningOrg
    version: str = VERSION

    @property
    def base(self) -> str:
        """
        The versioned root.
        """
        return f"{self.running.url}/services/data/v{self.version}"

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """
        One request below the versioned root.
        """
        headers = {"Authorization": f"Bearer {self.running.token}"}
        headers |= more.pop("headers", {})
        url = f"{self.base}{path}"
        # Plain HTTP: reading the certificates for each request would cost the most.
        return httpx.request(
            method,
            url,
            headers=headers,
            timeout=30,
            verify=False,  # noqa: S501
            **more,
        )

    def start_deploy(self, data: bytes, **options: object) -> httpx.Response:
        """
        POST deployRequest.
        """
        given = {"singlePackage": True, "rollbackOnError": True} | options
        body = json.dumps({"deployOptions": given})
        files = {
            "json": (None, body, "application/json"),
            "file": ("deploy.zip", data, "application/zip"),
        }
        return self.call("POST", "/metadata/deployRequest", files=files)

    def deploy(self, data: bytes, **options: object) -> dict[str, Any]:
        """
        The finished DeployResult of a package.
        """
        answer = self.start_deploy(data, **options)
        assert answer.status_code == 201, answer.text
        return self.finished(answer.json()["id"])

    def finished(self, deployment_id: str) -> dict[str, Any]:
        """
        The DeployResult once the deployment is done.
        """
        path = f"/metadata/deployRequest/{deployment_id}?includeDetails=true"
        for _ in range(1_000):
            result: dict[str, Any] = self.call("GET", path).json()["deployResult"]
            if result["done"]:
                return result
            time.sleep(0.01)
        raise AssertionError(f"deployment {deployment_id} never ended")

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        The records of a short query.
        """
        answer = self.call("GET", "/query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def assign(self, permission_set: str) -> None:
        """
        Give the running user a permission set.
        """
        found = self.query(
            f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'"  # noqa: S608
        )
        info = httpx.get(
            f"{self.running.url}/services/oauth2/userinfo",
            headers={"Authorization": f"Bearer {self.running.token}"},
            verify=False,  # noqa: S501
        ).json()
        body = {"AssigneeId": info["user_id"], "PermissionSetId": found[0]["Id"]}
        answer = self.call("POST", "/sobjects/PermissionSetAssignment", json=body)
        assert answer.status_code == 201, answer.text


def problems(result: abc.Mapping[str, Any]) -> list[str]:
    """
    What a deployment complained about.
    """
    failures = result["details"]["componentFailures"]
    return [str(failure["problem"]) for failure in failures]
