"""
The components of an org that are no records: what was deployed, and what was there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from migrator.emulator.metadata.deploy_outcomes import Outcome
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org

__all__ = ["INSTALLED_PACKAGE", "Components", "StoredComponent"]

INSTALLED_PACKAGE: Final = "InstalledPackage"
_KEY_PREFIXES: Final = {
    "CustomApplication": "02u",
    "CustomObjectTranslation": "01h",
    "CustomPermission": "0CP",
    "CustomTab": "01r",
    "GlobalValueSet": "0Nt",
    "Layout": "00h",
    "ListView": "00B",
    "ValidationRule": "03d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComponent:
    """
    What the last deployment left of a component.
    """

    kind: str
    full_name: str
    file_name: str
    node: Node
    id: str
    created: datetime
    modified: datetime


class Components:
    """
    The deployed components of an org; what the seed made is in the schema only.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._stored: dict[tuple[str, str], StoredComponent] = {}
        # (parent, child relationship) of deleted fields, taken for 15 days more.
        self.deleted_relationships: set[tuple[str, str]] = set()

    def get(self, kind: str, full_name: str) -> StoredComponent | None:
        """
        Find the deployed component of that name, any case.
        """
        return self._stored.get((kind, full_name.lower()))

    def kept(self) -> dict[str, Any]:
        """
        Return everything here, for `restore` in a later process.
        """
        return {
            "stored": list(self._stored.values()),
            "deleted_relationships": sorted(self.deleted_relationships),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """
        Be what `kept` gave.
        """
        self._stored = {
            (each.kind, each.full_name.lower()): each for each in kept["stored"]
        }
        self.deleted_relationships = set(kept["deleted_relationships"])

    def all(self, kind: str) -> list[StoredComponent]:
        """
        Return every deployed component of a type, by name.
        """
        found = [each for each in self._stored.values() if each.kind == kind]
        return sorted(found, key=lambda each: each.full_name)

    def names(self, kind: str) -> set[str]:
        """
        Return the deployed names of a type, in lower case.
        """
        return {each.full_name.lower() for each in self.all(kind)}

    def exists(self, kind: str, full_name: str) -> bool:
        """
        Tell whether the org has the component, deployed or seeded.
        """
        if kind == INSTALLED_PACKAGE:
            store = self._org.store
            return bool(store.find("PackageLicense", "NamespacePrefix", [full_name]))
        if kind == "CustomObject":
            return full_name in self._org.schema
        if kind == "CustomField":
            owner_name, _, name = full_name.partition(".")
            owner = self._org.schema.get(owner_name)
            return owner is not None and owner.find(name) is not None
        if kind == "PermissionSet" and self.get(kind, full_name) is None:
            return bool(self._org.store.find("PermissionSet", "Name", [full_name]))
        return self.get(kind, full_name) is not None

    def differs(self, outcome: Outcome) -> bool:
        """
        Tell whether deploying *outcome* would change what was deployed before.
        """
        stored = self.get(outcome.kind, outcome.full_name)
        if stored is None or outcome.node is None:
            return True
        return _shape(stored.node) != _shape(outcome.node)

    def component_id(self, kind: str, full_name: str) -> str | None:
        """
        Find the id of an existing component, None for others.
        """
        owner_name, _, name = full_name.partition(".")
        owner = self._org.schema.get(owner_name)
        if kind == "CustomObject" and owner is not None:
            return owner.durable_id or None
        if kind == "CustomField" and owner is not None and owner.find(name):
            return self._org.definitions.field_id(owner.name, name)
        stored = self.get(kind, full_name)
        return stored.id if stored else None

    def put(self, outcome: Outcome, component_id: str | None) -> None:
        """
        Remember a component that was just deployed.
        """
        assert outcome.node is not None
        before = self.get(outcome.kind, outcome.full_name)
        now = self._org.clock.now()
        known = component_id or (before.id if before else None)
        prefix = _KEY_PREFIXES.get(outcome.kind, "0PS")
        stored = StoredComponent(
            kind=outcome.kind,
            full_name=outcome.full_name,
            file_name=outcome.file_name,
            node=outcome.node,
            id=known or self._org.ids.next(prefix),
            created=before.created if before else now,
            modified=now,
        )
        self._stored[outcome.kind, outcome.full_name.lower()] = stored
        outcome.component_id = stored.id

    def seed(self, kind: str, full_name: str, node: Node) -> None:
        """
        Remember a component that the org has from the start.
        """
        now = self._org.clock.now()
        stored = StoredComponent(
            kind=kind,
            full_name=full_name,
            file_name=_seeded_file(kind, full_name),
            node=node,
            id=self._org.ids.next(_KEY_PREFIXES.get(kind, "0PS")),
            created=now,
            modified=now,
        )
        self._stored[kind, full_name.lower()] = stored

    def forget(self, kind: str, full_name: str) -> None:
        """
        Drop a component and, of an object, everything that belongs to it.
        """
        self._stored.pop((kind, full_name.lower()), None)
        if kind == "CustomObject":
            inside = (f"{full_name.lower()}.", f"{full_name.lower()}-")
            for key in [key for key in self._stored if key[1].startswith(inside)]:
                del self._stored[key]

    def forget_package(self, namespace: str) -> None:
        """
        Drop what a managed package brought along.
        """
        inside = f"{namespace.lower()}__"
        for key in [key for key in self._stored if key[1].startswith(inside)]:
            del self._stored[key]


def _seeded_file(kind: str, full_name: str) -> str:
    owner = full_name.partition(".")[0]
    return {
        "GlobalValueSet": f"globalValueSets/{full_name}.globalValueSet",
        "Layout": f"layouts/{quote(full_name, safe=' _-')}.layout",
    }.get(kind, f"objects/{owner}.object")


def _shape(node: Node) -> tuple[object, ...]:
    """
    Strip a node of its places, so that only the content is compared.
    """
    children = tuple(_shape(child) for child in node.children)
    return (node.name, node.content if not children else "", children)
