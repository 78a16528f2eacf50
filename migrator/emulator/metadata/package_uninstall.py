"""
Uninstalling the managed package: what still depends on it, and what goes with it.

Salesforce help, "Uninstall a Managed Package": components outside of the package that
reference one inside block it; whatever was added to a packaged object goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.emulator.schema.schema import FieldDef, ObjectDef

if TYPE_CHECKING:
    from migrator.emulator.metadata.components import Components
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org

# Deployed components that hold a package back when they name one of its parts.
_BLOCKING = ("ListView", "ValidationRule")


def dependents(org: Org, components: Components, namespace: str) -> Iterator[str]:
    """
    Yield the components outside of the package that refer to something inside.
    """
    for owner in org.schema:
        if owner.namespace == namespace:
            continue
        for each in owner.fields:
            if each.custom and not each.namespace and _refers(each, namespace):
                yield f"{owner.name}.{each.name}"
    for kind in _BLOCKING:
        for stored in components.all(kind):
            inside = stored.full_name.startswith(f"{namespace}__")
            if not inside and _names(stored.node, namespace):
                yield stored.full_name


def _refers(field: FieldDef, namespace: str) -> bool:
    prefix = f"{namespace}__"
    points = any(name.startswith(prefix) for name in field.reference_to)
    return points or prefix in (field.formula or "")


def _names(node: Node, namespace: str) -> bool:
    return any(f"{namespace}__" in each.content for each in node.walk())


def uninstall(org: Org, namespace: str) -> None:
    """
    Remove the package's objects, its fields elsewhere and its licence.
    """
    for owner in list(org.schema):
        if owner.namespace == namespace:
            org.definitions.delete_object(owner.name)
        else:
            _remove_fields(org, owner, namespace)
    rows = org.store.find("PackageLicense", "NamespacePrefix", [namespace])
    org.store.delete("PackageLicense", [str(row["Id"]) for row in rows])


def _remove_fields(org: Org, owner: ObjectDef, namespace: str) -> None:
    for each in owner.fields:
        if each.namespace == namespace:
            org.definitions.delete_field(owner.name, each.name)
