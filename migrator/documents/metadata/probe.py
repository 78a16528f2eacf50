"""
What the probe deploys, tries out and takes back, as Metadata API files.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Sequence

import jinja2

from migrator.documents.metadata.files import encoded_layout
from migrator.documents.templates import render
from migrator.model.names import ApiName
from migrator.model.probe import PROBE_MARKER
from migrator.model.target import Behavior, Layout, LayoutItem, LayoutSection

PARENT = ApiName("Migrator_Probe__c")
LINE = ApiName("Migrator_Probe_Line__c")
DETAIL = ApiName("Migrator_Probe_Detail__c")
PROBE_OBJECTS = (LINE, DETAIL, PARENT)
"""Children first, as they are taken back."""
PROBE_SET = "Migrator_Probe"
AUDIT_SET = "Migrator_Probe_Audit"
PROBE_SETS = (PROBE_SET, AUDIT_SET)
PROBE_LAYOUT = "Migrator Probe Layout"
"""The name that the platform gives an object's first layout."""

Files = dict[str, bytes]
Types = Sequence[tuple[str, Sequence[str]]]
FieldXml = abc.Mapping[str, str | Sequence[str]]
"""The elements of a trial field, in the order of the schema; a list is a value set."""


class ProbePrinter:
    """
    Prints the probe's files for one API version.
    """

    def __init__(self, environment: jinja2.Environment, api_version: str) -> None:
        self._environment = environment
        self._api_version = api_version

    def objects(self) -> Files:
        """
        Return the three objects and the permission set.
        """
        types: Types = [
            ("CustomObject", sorted(PROBE_OBJECTS)),
            ("PermissionSet", [PROBE_SET]),
        ]
        files = self._package(types)
        for name in PROBE_OBJECTS:
            files[f"objects/{name}.object"] = self._print(f"objects/{name}.object")
        return files | self._permission_set(PROBE_SET)

    def audit_set(self) -> Files:
        """
        Return the permission set for audit fields and inactive owners.
        """
        files = self._package([("PermissionSet", [AUDIT_SET])])
        return files | self._permission_set(AUDIT_SET)

    def required_field_set(self) -> Files:
        """
        Return a permission set that names the required field of the line: to be
        refused.
        """
        files = self._package([("PermissionSet", [PROBE_SET])])
        made = self._permission_set(PROBE_SET)
        wrong = {
            path: content.replace(b"Loose_Probe__c", b"Probe__c")
            for path, content in made.items()
        }
        return files | wrong

    def fields(self, owner: ApiName, fields: Sequence[FieldXml]) -> Files:
        """
        *fields* as additions to the object *owner*.
        """
        members = [f"{owner}.{each['fullName']}" for each in fields]
        files = self._package([("CustomField", members)])
        files[f"objects/{owner}.object"] = self._print("fields", fields=fields)
        return files

    def layout(self, name: str) -> Files:
        """
        Return a layout called *name*, percent-encoded where names are.
        """
        member = f"{PARENT}-{encoded_layout(name)}"
        item = LayoutItem(field=ApiName("Name"), behavior=Behavior.REQUIRED)
        section = LayoutSection(label="Probe", left=(item,), right=())
        layout = Layout(name=name, sections=(section,))
        files = self._package([("Layout", [member])])
        text = render(self._environment, "metadata/layout.xml.j2", {"layout": layout})
        files[f"layouts/{member}.layout"] = text.encode()
        return files

    def without(self, types: Types) -> Files:
        """
        Return what takes the components *types* (type and full names) away.
        """
        doomed = self._package(types)["package.xml"]
        return self._package(()) | {"destructiveChanges.xml": doomed}

    def _package(self, types: Types) -> Files:
        values = {"types": types, "api_version": self._api_version}
        text = render(self._environment, "metadata/package.xml.j2", values)
        return {"package.xml": text.encode()}

    def _permission_set(self, name: str) -> Files:
        path = f"permissionsets/{name}.permissionset"
        return {path: self._print(path)}

    def _print(self, name: str, **values: object) -> bytes:
        template = f"probe/{name}.xml.j2"
        text = render(self._environment, template, {"marker": PROBE_MARKER, **values})
        return text.encode()
