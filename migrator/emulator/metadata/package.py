"""
An mdapi package: the zip read safely, package.xml, and the components in the files.

Limits (10,000 files, 39 MB packed, 600 MB unpacked) are those of the Metadata API
guide; names that leave the folder, links and encrypted entries are refused.
"""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from migrator.emulator.metadata.xml_tree import MetadataError, parse_metadata

if TYPE_CHECKING:
    from migrator.emulator.metadata.xml_tree import Node

__all__ = [
    "FOLDERS",
    "Component",
    "Manifest",
    "Package",
    "read_manifest",
    "read_package",
]

MAX_ZIP_BYTES: Final = 39 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 600 * 1024 * 1024
MAX_FILES: Final = 10_000

# folder -> (suffix, metadata type); the types this org accepts.
FOLDERS: Final[dict[str, tuple[str, str]]] = {
    "applications": (".app", "CustomApplication"),
    "customPermissions": (".customPermission", "CustomPermission"),
    "layouts": (".layout", "Layout"),
    "objectTranslations": (".objectTranslation", "CustomObjectTranslation"),
    "objects": (".object", "CustomObject"),
    "permissionsets": (".permissionset", "PermissionSet"),
    "tabs": (".tab", "CustomTab"),
}
# The parts of an .object file that are components of their own.
CHILDREN: Final = {
    "fields": "CustomField",
    "listViews": "ListView",
    "validationRules": "ValidationRule",
}
# InstalledPackage stands in destructive manifests only: it uninstalls the package.
TYPES: Final = (
    frozenset(kind for _, kind in FOLDERS.values())
    | set(CHILDREN.values())
    | {"InstalledPackage"}
)
DESTRUCTIVE: Final = (
    "destructiveChangesPre.xml",
    "destructiveChanges.xml",
    "destructiveChangesPost.xml",
)


class PackageRefused(Exception):
    """
    The package cannot be read at all: an error code and its sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """
    One component as deployed: `Invoice__c.Total__c` of type CustomField.
    """

    kind: str
    full_name: str
    file_name: str
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    A package.xml or destructiveChanges.xml: the members by type.
    """

    members: dict[str, dict[str, Node]]
    version: str

    def names(self, kind: str, full_name: str) -> bool:
        """
        Tell whether *full_name* of type *kind* is listed (or `*` is).
        """
        listed = self.members.get(kind, {})
        return full_name in listed or ("*" in listed and kind != "CustomField")


@dataclass(slots=True, kw_only=True)
class Package:
    """
    The files of a package by name, without the folder that holds them all.
    """

    root: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def read_package(data: bytes, *, single_package: bool) -> Package:
    """
    Read the files of the zip *data*.

    With *single_package* package.xml is at the top, else in one folder. Raises
    PackageRefused for what is no zip, is too large or tries to leave its folder.
    """
    if len(data) > MAX_ZIP_BYTES:
        raise PackageRefused("LIMIT_EXCEEDED", "Maximum size of request reached.")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = _read_entries(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise PackageRefused("INVALID_ZIP", f"Invalid zip file: {error}") from error
    if single_package:
        return Package(files=files)
    return _in_folder(files)


def _in_folder(files: dict[str, bytes]) -> Package:
    roots = sorted({name.split("/", 1)[0] for name in files if "/" in name})
    holding = [root for root in roots if f"{root}/package.xml" in files]
    if not holding:
        return Package(files=files)
    root = f"{holding[0]}/"
    inside = {
        name.removeprefix(root): data
        for name, data in files.items()
        if name.startswith(root)
    }
    return Package(root=root, files=inside)


def _read_entries(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise PackageRefused("LIMIT_EXCEEDED", f"Maximum number of files: {MAX_FILES}")
    for entry in entries:
        _check_entry(entry)
    # zipfile never gives more than the announced size of an entry.
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise PackageRefused("LIMIT_EXCEEDED", "Maximum unpacked size reached.")
    return {entry.filename: archive.read(entry) for entry in entries}


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.split("/")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if name.startswith("/") or "\\" in name or ".." in parts or ":" in name or is_link:
        raise PackageRefused("INVALID_ZIP", f"Invalid entry name in zip file: {name}")


def read_manifest(data: bytes) -> Manifest:
    """
    Read the members that package.xml (or a destructive one) lists; MetadataError.
    """
    root = parse_metadata(data, "Package")
    members: dict[str, dict[str, Node]] = {}
    for types in root.all("types"):
        kind = types.text("name")
        if kind not in TYPES:
            node = types.first("name") or types
            raise MetadataError(
                f"Unknown type name '{kind}' specified in package.xml",
                line=node.line,
                column=node.column,
            )
        listed = members.setdefault(kind, {})
        for member in types.all("members"):
            if member.content == "*" and kind == "CustomField":
                raise MetadataError(
                    "Wildcard is not supported for type CustomField",
                    line=member.line,
                    column=member.column,
                )
            # Layout names are percent-encoded in manifests and file names alike.
            name = unquote(member.content) if kind == "Layout" else member.content
            listed[name] = member
    return Manifest(members=members, version=root.text("version"))


def full_name_of(file_name: str) -> tuple[str, str] | None:
    """
    Return the (type, full name) that a file of the package stands for, None for others.
    """
    folder, _, rest = file_name.partition("/")
    suffix, kind = FOLDERS.get(folder, ("", ""))
    if not kind or not rest.endswith(suffix) or "/" in rest:
        return None
    return kind, unquote(rest.removesuffix(suffix))


def children_of(component: Component) -> list[Component]:
    """
    Return the fields, list views and validation rules inside an .object file.
    """
    return [
        Component(
            kind=CHILDREN[child.name],
            full_name=f"{component.full_name}.{child.text('fullName')}",
            file_name=component.file_name,
            node=child,
        )
        for child in component.node.children
        if child.name in CHILDREN
    ]
