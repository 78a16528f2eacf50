"""
Which component names which: the rows of MetadataComponentDependency.

Lookups, formulas, layouts, list views, validation rules and tabs are looked at; a
real org knows Apex, flows and more, and leaves out profiles and permission sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from migrator.emulator.metadata.components import Components
from migrator.emulator.org.org import Org
from migrator.emulator.schema.schema import FieldDef, ObjectDef, namespace_of
from migrator.emulator.tooling.rows import Source, developer_name

_KINDS: Final = ("Layout", "ListView", "ValidationRule")
_PATH = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*")


@dataclass(frozen=True, slots=True)
class _Component:
    """
    One end of a dependency.
    """

    id: str
    name: str
    namespace: str | None
    kind: str

    def columns(self, prefix: str) -> dict[str, Any]:
        return {
            f"{prefix}Id": self.id,
            f"{prefix}Name": self.name,
            f"{prefix}Namespace": self.namespace,
            f"{prefix}Type": self.kind,
        }


def dependencies(source: Source) -> Iterator[dict[str, Any]]:
    """
    Yield one row for each pair of a component and another that it names.
    """
    org = source.org
    deployed = _of_components(org, source.components)
    pairs = dict.fromkeys([*_of_fields(org), *_of_tabs(org), *deployed])
    for number, (user, used) in enumerate(pairs):
        yield {
            "Id": f"dependency {number}",
            **user.columns("MetadataComponent"),
            **used.columns("RefMetadataComponent"),
        }


def _field(org: Org, owner: ObjectDef, field: FieldDef) -> _Component:
    key = org.definitions.field_id(owner.name, field.name)
    return _Component(key, developer_name(field.name), field.namespace, "CustomField")


def _object(definition: ObjectDef) -> _Component:
    key = definition.durable_id or definition.name
    kind = "CustomObject" if definition.custom else "StandardEntity"
    return _Component(key, developer_name(definition.name), definition.namespace, kind)


def _of_fields(org: Org) -> Iterator[tuple[_Component, _Component]]:
    for owner in org.schema:
        for field in owner.fields:
            if not field.custom:
                continue
            own = _field(org, owner, field)
            for name in field.reference_to:
                parent = org.schema.get(name)
                if parent is not None and parent.custom:
                    yield own, _object(parent)
            for used in _named(org, owner, field.formula or ""):
                yield own, used


def _named(org: Org, owner: ObjectDef, text: str) -> Iterator[_Component]:
    """
    Yield the custom fields that a formula names, through relationships, too.
    """
    for path in _PATH.findall(text):
        current: ObjectDef | None = owner
        for part in path.split("."):
            found = current.find(part) if current else None
            if current and found and found.custom:
                yield _field(org, current, found)
            step = current.find_relationship(part) if current else None
            if current and step and step.custom:
                yield _field(org, current, step)
            current = org.schema.get(step.reference_to[0]) if step else None


def _of_tabs(org: Org) -> Iterator[tuple[_Component, _Component]]:
    for name, (tab_id, _motif) in org.definitions.tabs.items():
        owner = org.schema.get(name)
        if owner is not None and owner.custom:
            used = _object(owner)
            yield _Component(tab_id, used.name, used.namespace, "CustomTab"), used


def _of_components(
    org: Org, components: Components
) -> Iterator[tuple[_Component, _Component]]:
    """
    Yield what layouts, list views and rules name: their object and fields of it.
    """
    for kind in _KINDS:
        for stored in components.all(kind):
            separator = "-" if kind == "Layout" else "."
            owner_name, _, name = stored.full_name.partition(separator)
            owner = org.schema.get(owner_name)
            if owner is None:
                continue
            own = _Component(stored.id, name, namespace_of(name), kind)
            if owner.custom:
                yield own, _object(owner)
            for node in stored.node.walk():
                for used in _named(org, owner, node.content):
                    yield own, used
