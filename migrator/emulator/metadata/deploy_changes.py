"""
The change of the org: checked components become objects, fields and rights.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.emulator.metadata.components import INSTALLED_PACKAGE
from migrator.emulator.metadata.definitions import (
    field_rights,
    make_fields,
    make_object,
    merged,
    object_rights,
)
from migrator.emulator.metadata.package_uninstall import uninstall

if TYPE_CHECKING:
    from migrator.emulator.metadata.components import Components
    from migrator.emulator.metadata.deploy_outcomes import Inspection, Outcome
    from migrator.emulator.metadata.deployment import DeployOptions
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org

__all__ = ["apply_components"]


def apply_components(
    org: Org, components: Components, found: Inspection, options: DeployOptions
) -> None:
    """
    Change *org* by every component of *found* that is fine. Callers hold the lock.
    """
    fine = [each for each in found.outcomes if each.is_fine and each.node is not None]
    early = [each for each in fine if each.file_name == "destructiveChangesPre.xml"]
    late = [each for each in fine if each.is_deletion and each not in early]
    for outcome in early:
        _delete(org, components, outcome, purge=options.purge_on_delete)
    made = _create_objects(org, fine)
    for outcome in fine:
        if not outcome.is_deletion:
            _apply(org, components, outcome, made)
    for outcome in late:
        _delete(org, components, outcome, purge=options.purge_on_delete)


def _create_objects(org: Org, fine: list[Outcome]) -> set[str]:
    """
    Make the new objects with all their fields at once; gives their names.
    """
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
        org.definitions.create_object(
            replace(definition, fields=(*definition.fields, *fields))
        )
        made.add(outcome.full_name.lower())
    return made


def _apply(org: Org, components: Components, outcome: Outcome, made: set[str]) -> None:
    node = outcome.node
    assert node is not None
    component_id: str | None = None
    if outcome.kind == "CustomObject":
        _change_object(org, outcome, node, made)
    elif outcome.kind == "CustomField":
        _save_fields(org, outcome, node, made)
    elif outcome.kind == "CustomTab":
        org.definitions.add_tab(outcome.full_name, node.text("motif"))
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
    known = component_id or components.component_id(outcome.kind, outcome.full_name)
    components.put(outcome, known)


def _effective_rights(org: Org, node: Node) -> dict[str, tuple[bool, bool]]:
    """
    Make field rights read-only for what cannot be edited (formulas, auto numbers).
    """
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
    org.definitions.change_object(
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
            org.definitions.create_field(owner.name, field)
        else:
            org.definitions.change_field(owner.name, merged(field, before))


def _delete(org: Org, components: Components, outcome: Outcome, *, purge: bool) -> None:
    kind, full_name = outcome.kind, outcome.full_name
    if not components.exists(kind, full_name):
        return
    owner_name, _, name = full_name.partition(".")
    owner = org.schema.get(owner_name)
    if kind in {"CustomObject", "CustomField"} and owner is not None and not purge:
        gone = owner.fields if kind == "CustomObject" else (owner.find(name),)
        for field in gone:
            if field is None or not field.child_relationship_name:
                continue
            relationship = field.child_relationship_name.removesuffix("__r").lower()
            components.deleted_relationships |= {
                (parent.lower(), relationship) for parent in field.reference_to
            }
    if kind == INSTALLED_PACKAGE:
        uninstall(org, full_name)
        components.forget_package(full_name)
    elif kind == "CustomObject":
        org.definitions.delete_object(full_name)
        # With the parent goes what its deleted children were called.
        components.deleted_relationships -= {
            each
            for each in components.deleted_relationships
            if each[0] == full_name.lower()
        }
    elif kind == "CustomField":
        org.definitions.delete_field(owner_name, name)
    elif kind == "PermissionSet":
        _delete_permission_set(org, full_name)
    components.forget(kind, full_name)


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
