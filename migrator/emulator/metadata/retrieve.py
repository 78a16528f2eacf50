"""
Retrieves: the components that a package names, as an mdapi zip.

Metadata API guide, retrieve() and RetrieveResult. A component that the org lacks is
a message, not an error; `*` stands for every custom object, but for no standard one.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.package import CHILDREN, FOLDERS
from migrator.emulator.metadata.read_metadata import (
    file_properties,
    read_metadata,
    read_stored,
)
from migrator.emulator.metadata.xml_tree import METADATA_NS, escape

if TYPE_CHECKING:
    from migrator.emulator.metadata.components import Components
    from migrator.emulator.org.org import Org

__all__ = ["Retrieval", "Retrievals", "RetrieveRequest"]

_FOLDER_OF: Final = {
    kind: (folder, suffix) for folder, (suffix, kind) in FOLDERS.items()
} | {
    "GlobalValueSet": ("globalValueSets", ".globalValueSet"),
    "StandardValueSet": ("standardValueSets", ".standardValueSet"),
}
_DEFINED: Final = frozenset({"CustomObject", "StandardValueSet"})
_ELEMENT_OF: Final = {kind: element for element, kind in CHILDREN.items()}
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveRequest:
    """
    What is wanted: (type, member) pairs in package order.
    """

    members: tuple[tuple[str, str], ...]
    version: str
    single_package: bool = False


@dataclass(slots=True, kw_only=True)
class Retrieval:
    """
    One retrieve and its result: the zip, what is in it, what was not found.
    """

    id: str
    zip: bytes
    properties: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)


class Retrievals:
    """
    The retrieves of an org.
    """

    def __init__(self, org: Org, components: Components) -> None:
        self._org = org
        self._components = components
        self._all: dict[str, Retrieval] = {}

    def start(self, request: RetrieveRequest) -> Retrieval:
        """
        Retrieve what *request* names; raises INVALID_TYPE for a type that is not
        emulated.
        """
        with self._org.lock:
            found = _Collector(self._org, self._components, request).collect()
        self._all[found.id] = found
        return found

    def get(self, retrieval_id: str) -> Retrieval:
        """
        Find the retrieve of a 15- or 18-character id.
        """
        for key, found in self._all.items():
            if len(retrieval_id) in {15, 18} and key[:15] == retrieval_id[:15]:
                return found
        raise SalesforceError(
            "INVALID_CROSS_REFERENCE_KEY",
            f"invalid cross reference id: {retrieval_id}",
        )


class _Collector:
    """
    One retrieve under way. Callers hold the org's lock.
    """

    def __init__(
        self, org: Org, components: Components, request: RetrieveRequest
    ) -> None:
        self.org = org
        self.components = components
        self.request = request
        self.root = "" if request.single_package else "unpackaged/"
        self.result = Retrieval(id=org.ids.next("09S"), zip=b"")

    def collect(self) -> Retrieval:
        """
        Collect the components and finish the result.
        """
        files: dict[str, str] = {}
        kept: list[tuple[str, str]] = []
        parts: dict[str, list[str]] = {}
        whole = {name for kind, name in self._members() if kind == "CustomObject"}
        for kind, name in self._members():
            if kind in _ELEMENT_OF:
                owner = name.partition(".")[0]
                text = self._part(kind, name)
                if text is not None and owner not in whole:
                    parts.setdefault(owner, []).append(text)
                path = f"objects/{owner}.object"
            else:
                folder, suffix = _FOLDER_OF[kind]
                path = f"{folder}/{name}{suffix}"
                text = self._file(kind, name)
                if text is not None:
                    files[path] = _document(kind, text)
            if text is None:
                self._missing(kind, name)
                continue
            kept.append((kind, name))
            self._note(kind, name, path)
        for owner, texts in parts.items():
            files[f"objects/{owner}.object"] = _document("CustomObject", "".join(texts))
        files["package.xml"] = _manifest(kept, self.request.version)
        self._note(
            "Package", "package.xml", "package.xml", full=f"{self.root}package.xml"
        )
        self.result.zip = _zip({f"{self.root}{path}": files[path] for path in files})
        return self.result

    def _members(self) -> Iterator[tuple[str, str]]:
        for kind, member in self.request.members:
            if kind not in _FOLDER_OF and kind not in _ELEMENT_OF:
                raise SalesforceError("INVALID_TYPE", f"Not emulated: retrieve {kind}")
            if member != "*":
                yield kind, member
            elif kind == "CustomObject":
                yield from (
                    (kind, each.name)
                    for each in self.org.schema
                    if each.custom and not each.setup
                )
            else:
                yield from (
                    (kind, each.full_name) for each in self.components.all(kind)
                )

    def _part(self, kind: str, name: str) -> str | None:
        text = (
            read_metadata(self.org, self.components, kind, name)
            if kind == "CustomField"
            else read_stored(self.components, kind, name)
        )
        if text is None:
            return None
        own = name.partition(".")[2]
        inside = text.split("</fullName>", 1)[1]
        element = _ELEMENT_OF[kind]
        return f"<{element}><fullName>{escape(own)}</fullName>{inside}</{element}>"

    def _file(self, kind: str, name: str) -> str | None:
        text = (
            read_metadata(self.org, self.components, kind, name)
            if kind in _DEFINED
            else read_stored(self.components, kind, name)
        )
        return None if text is None else text.split("</fullName>", 1)[1]

    def _note(self, kind: str, name: str, path: str, *, full: str = "") -> None:
        properties = file_properties(
            self.org, self.components, kind, name, f"{self.root}{path}"
        )
        if kind == "Package":
            properties |= {"fullName": full, "id": "", "type": "Package"}
        self.result.properties.append(properties)

    def _missing(self, kind: str, name: str) -> None:
        self.result.messages.append(
            {
                "fileName": f"{self.root}package.xml",
                "problem": f"Entity of type '{kind}' named '{name}' cannot be found",
            }
        )


def _document(kind: str, inside: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{kind} xmlns="{METADATA_NS}">{inside}</{kind}>\n'
    )


def _manifest(kept: Iterable[tuple[str, str]], version: str) -> str:
    by_kind: dict[str, list[str]] = {}
    for kind, name in kept:
        by_kind.setdefault(kind, []).append(name)
    types = "".join(
        "<types>"
        + "".join(f"<members>{escape(name)}</members>" for name in sorted(names))
        + f"<name>{kind}</name></types>"
        for kind, names in sorted(by_kind.items())
    )
    return _document("Package", f"{types}<version>{version}</version>")


def _zip(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return packed.getvalue()
