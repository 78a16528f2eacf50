"""
A small object as source and as mdapi files, for every client to deploy.
"""

from __future__ import annotations

import io
import zipfile

NS = "http://soap.sforce.com/2006/04/metadata"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
FIELDS = {
    "Amount__c": (
        "<externalId>false</externalId><label>Amount</label><precision>18</precision>"
        "<scale>2</scale><type>Currency</type>"
    ),
    "Origin_Id__c": (
        "<caseSensitive>true</caseSensitive><externalId>true</externalId>"
        "<label>Origin Id</label><length>18</length><type>Text</type>"
        "<unique>true</unique>"
    ),
}
_OBJECT = (
    "<deploymentStatus>Deployed</deploymentStatus>{fields}<label>Paper</label>"
    "<nameField><label>Name</label><type>Text</type></nameField>"
    "<pluralLabel>Papers</pluralLabel><sharingModel>Private</sharingModel>"
)
_RIGHTS = (
    "".join(
        f"<fieldPermissions><editable>true</editable><field>Paper__c.{name}</field>"
        "<readable>true</readable></fieldPermissions>"
        for name in FIELDS
    )
    + "<hasActivationRequired>false</hasActivationRequired><label>Papers</label>"
    "<objectPermissions><allowCreate>true</allowCreate><allowDelete>true</allowDelete>"
    "<allowEdit>true</allowEdit><allowRead>true</allowRead>"
    "<modifyAllRecords>false</modifyAllRecords><object>Paper__c</object>"
    "<viewAllRecords>true</viewAllRecords></objectPermissions>"
)


def document(kind: str, inside: str) -> str:
    """
    A metadata file of type *kind*.
    """
    return f'{_HEAD}<{kind} xmlns="{NS}">{inside}</{kind}>\n'


def source_project() -> dict[str, str]:
    """
    The files of an sf project with `Paper__c` and the permission set `Papers`.
    """
    base = "force-app/main/default"
    paper = f"{base}/objects/Paper__c"
    files = {
        "sfdx-project.json": (
            '{"packageDirectories":[{"path":"force-app","default":true}],'
            '"sourceApiVersion":"66.0"}'
        ),
        f"{paper}/Paper__c.object-meta.xml": document(
            "CustomObject", _OBJECT.format(fields="")
        ),
        f"{base}/permissionsets/Papers.permissionset-meta.xml": document(
            "PermissionSet", _RIGHTS
        ),
    }
    for name, inside in FIELDS.items():
        full = f"<fullName>{name}</fullName>{inside}"
        files[f"{paper}/fields/{name}.field-meta.xml"] = document("CustomField", full)
    return files


def mdapi_project() -> dict[str, str]:
    """
    The same as Metadata API files with package.xml.
    """
    fields = "".join(
        f"<fields><fullName>{name}</fullName>{inside}</fields>"
        for name, inside in FIELDS.items()
    )
    types = (
        "<types><members>Paper__c</members><name>CustomObject</name></types>"
        "<types><members>Papers</members><name>PermissionSet</name></types>"
        "<version>66.0</version>"
    )
    return {
        "package.xml": document("Package", types),
        "objects/Paper__c.object": document(
            "CustomObject", _OBJECT.format(fields=fields)
        ),
        "permissionsets/Papers.permissionset": document("PermissionSet", _RIGHTS),
    }


def zipped(files: dict[str, str], root: str = "") -> bytes:
    """
    *files* as a zip, below the folder *root*.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{root}{name}", text)
    return packed.getvalue()
