"""
The change of the org: checked components become objects, fields and rights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from migrator.emulator.metadata import package_uninstall
from migrator.emulator.metadata.definitions import (
    field_rights,
    make_fields,
    make_object,
    merged,
    object_rights,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from migrator.emulator.metadata.deploy import DeployOptions
    from migrator.emulator.metadata.deploy_messages import Inspection, Outcome
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org

__all__ = ["MetadataStore", "StoredComponent", "apply_components"]

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


class MetadataStore:
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
        The deployed component of that name, any case.
        """
        return self._stored.get((kind, full_name.lower()))

    def kept(self) -> dict[str, Any]:
        """
        Everything here, for `restore` in a later process.
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
        Every deployed component of a type, by name.
        """
        found = [each for each in self._stored.values() if each.kind == kind]
        return sorted(found, key=lambda each: each.full_name)

    def names(self, kind: str) -> set[str]:
        """
        The deployed names of a type, in lower case.
        """
        return {each.full_name.lower() for each in self.all(kind)}

    def exists(self, kind: str, full_name: str) -> bool:
        """
        Whether the org has the component, deployed or seeded.
        """
        if kind == package_uninstall.KIND:
            return package_uninstall.is_installed(self._org, full_name)
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
        Whether deploying *outcome* would change what was deployed before.
        """
        stored = self.get(outcome.kind, outcome.full_name)
        if stored is None or outcome.node is None:
            return True
        return _shape(stored.node) != _shape(outcome.node)

    def component_id(self, kind: str, full_name: str) -> str | None:
        """
        The id of an existing component, None for others.
        """
        owner_name, _, name = full_name.partition(".")
        owner = self._org.schema.get(owner_name)
        if kind == "CustomObject" and owner is not None:
            return owner.durable_id or None
        if kind == "CustomField" and owner is not None and owner.find(name):
            return self._org.field_id(owner.name, name)
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
    """A node without its places, so that only the content is compared."""
    children = tuple(_shape(child) for child in node.children)
    return (node.name, node.content if not children else "", children)


def apply_components(
    org: Org, metadata: MetadataStore, found: Inspection, options: DeployOptions
) -> None:
    """
    Change *org* by every component of *found* that is fine. Callers hold the lock.
    """
    fine = [each for each in found.outcomes if each.is_fine and each.node is not None]
    early = [each for each in fine if each.file_name == "destructiveChangesPre.xml"]
    late = [each for each in fine if each.is_deletion and each not in early]
    for outcome in early:
        _delete(org, metadata, outcome, purge=options.purge_on_delete)
    made = _create_objects(org, fine)
    for outcome in fine:
        if not outcome.is_deletion:
            _apply(org, metadata, outcome, made)
    for outcome in late:
        _delete(org, metadata, outcome, purge=options.purge_on_delete)


def _create_objects(org: Org, fine: list[Outcome]) -> set[str]:
    """Make the new objects with all their fields at once; gives their names."""
    made: set[str] = set()
    for outcome in fine:
        if outcome.kind != "CustomObject" or outcome.is_deletion:
            continue
        if outcome.full_name in org.schema:
            continue
        assert outcome.node is not None
        definition = make_object(outcome.full_name, outcome.node)
        inside = f"{outcome.full_name}."
        fields = [
            field
            for each in fine
            if each.kind == "CustomField" and each.full_name.startswith(inside)
            if each.node is not None and not each.is_deletion
            for field in make_fields(each.node)
        ]
        org.create_custom_object(
            replace(definition, fields=(*definition.fields, *fields))
        )
        made.add(outcome.full_name.lower())
    return made


def _apply(org: Org, metadata: MetadataStore, outcome: Outcome, made: set[str]) -> None:
    node = outcome.node
    assert node is not None
    component_id: str | None = None
    if outcome.kind == "CustomObject":
        _change_object(org, outcome, node, made)
    elif outcome.kind == "CustomField":
        _save_fields(org, outcome, node, made)
    elif outcome.kind == "CustomTab":
        org.add_custom_tab(outcome.full_name, node.text("motif"))
    elif outcome.kind == "PermissionSet":
        component_id, _ = org.permissions.save_permission_set(
            outcome.full_name,
            label=node.text("label"),
            description=node.text("description") or None,
            objects=object_rights(node),
            fields=_effective_rights(org, node),
            user_permissions=[
                line.text("name")
                for line in node.all("userPermissions")
                if line.flag("enabled")
            ],
        )
    known = component_id or metadata.component_id(outcome.kind, outcome.full_name)
    metadata.put(outcome, known)


def _effective_rights(org: Org, node: Node) -> dict[str, tuple[bool, bool]]:
    """Field rights with what cannot be edited (formulas, auto numbers) read-only."""
    rights = field_rights(node)
    for full_name, (readable, editable) in rights.items():
        owner_name, _, name = full_name.partition(".")
        owner = org.schema.get(owner_name)
        found = owner.find(name) if owner else None
        fixed = found is not None and (found.calculated or found.auto_number)
        rights[full_name] = (readable, editable and not fixed)
    return rights


def _change_object(org: Org, outcome: Outcome, node: Node, made: set[str]) -> None:
    before = org.schema.get(outcome.full_name)
    assert before is not None
    if before.name.lower() in made or not before.custom or before.namespace:
        return
    after = make_object(outcome.full_name, node)
    org.change_custom_object(
        replace(
            before,
            label=after.label,
            label_plural=after.label_plural,
            sharing_model=after.sharing_model,
            description=after.description,
            metadata=after.metadata,
        )
    )


def _save_fields(org: Org, outcome: Outcome, node: Node, made: set[str]) -> None:
    owner_name = outcome.full_name.partition(".")[0]
    if owner_name.lower() in made:
        return
    for field in make_fields(node):
        owner = org.schema.get(owner_name)
        assert owner is not None
        before = owner.find(field.name)
        if before is None:
            org.create_custom_field(owner.name, field)
        else:
            org.change_custom_field(owner.name, merged(field, before))


def _delete(
    org: Org, metadata: MetadataStore, outcome: Outcome, *, purge: bool
) -> None:
    kind, full_name = outcome.kind, outcome.full_name
    if not metadata.exists(kind, full_name):
        return
    owner_name, _, name = full_name.partition(".")
    owner = org.schema.get(owner_name)
    if kind in {"CustomObject", "CustomField"} and owner is not None and not purge:
        gone = owner.fields if kind == "CustomObject" else (owner.find(name),)
        for field in gone:
            if field is None or not field.child_relationship_name:
                continue
            relationship = field.child_relationship_name.removesuffix("__r").lower()
            metadata.deleted_relationships |= {
                (parent.lower(), relationship) for parent in field.reference_to
            }
    if kind == package_uninstall.KIND:
        package_uninstall.uninstall(org, full_name)
        metadata.forget_package(full_name)
    elif kind == "CustomObject":
        org.delete_custom_object(full_name)
        # With the parent goes what its deleted children were called.
        metadata.deleted_relationships -= {
            each
            for each in metadata.deleted_relationships
            if each[0] == full_name.lower()
        }
    elif kind == "CustomField":
        org.delete_custom_field(owner_name, name)
    elif kind == "PermissionSet":
        _delete_permission_set(org, full_name)
    metadata.forget(kind, full_name)


def _delete_permission_set(org: Org, name: str) -> None:
    for row in org.store.find("PermissionSet", "Name", [name]):
        record_id = str(row["Id"])
        for child, key in (
            ("PermissionSetAssignment", "PermissionSetId"),
            ("ObjectPermissions", "ParentId"),
            ("FieldPermissions", "ParentId"),
        ):
            lines = org.store.find(child, key, [record_id])
            org.store.delete(child, [str(line["Id"]) for line in lines])
        org.store.delete("PermissionSet", [record_id])
