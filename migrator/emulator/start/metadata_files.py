"""
An org's schema from metadata files: source format, mdapi format, or both mixed.

What is read: objects, their fields, global value sets. One object may lie in several
folders; standard objects bring only their custom fields. Objects that files refer to
and that no folder holds are made with a name and nothing else. Layouts and list views
are read elsewhere (`presentation`), rules not at all: they change no describe.
Sources: Salesforce DX developer guide, "Salesforce DX Project Structure and Source
Format"; Metadata API guide, CustomObject.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrator.emulator.metadata.definitions import (
    make_fields,
    make_object,
    object_metadata,
)
from migrator.emulator.metadata.xml_tree import MetadataError, Node, parse_tree
from migrator.emulator.org.org import Org
from migrator.emulator.schema.field_types import FILE_TYPES
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.system_fields import (
    currency_field,
    name_field,
    system_fields,
)

__all__ = ["load_metadata"]

_CUSTOM_ENDS = ("__c", "__mdt", "__e", "__b")
# What a project's build fills in, a namespace for instance; here there is none.
_PLACEHOLDER = re.compile(rb"%%%\w+%%%")


@dataclass(slots=True, kw_only=True)
class _Found:
    """
    What the files say about one object.
    """

    node: Node | None = None
    fields: dict[str, Node] = field(default_factory=dict)


def load_metadata(org: Org, folder: Path) -> tuple[str, ...]:
    """
    Bring the objects that the files under *folder* describe into *org*; their names.

    Callers hold the lock. Raises MetadataError for a file that is no XML.
    """
    values = _value_sets(folder)
    found = _objects(folder)
    _complete(found, values)
    for name, each in sorted(found.items()):
        _add(org, name, each)
    return tuple(sorted(found))


def _value_sets(folder: Path) -> dict[str, list[Node]]:
    files = [
        *folder.rglob("*.globalValueSet-meta.xml"),
        *folder.rglob("*.globalValueSet"),
    ]
    return {
        file.name.partition(".globalValueSet")[0]: _parsed(file).all("customValue")
        for file in sorted(files)
    }


def _objects(folder: Path) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for file in sorted(folder.rglob("*.object-meta.xml")):
        _merge(found, file.name.removesuffix(".object-meta.xml"), _parsed(file))
    for file in sorted(folder.rglob("*.object")):
        _merge(found, file.name.removesuffix(".object"), _parsed(file))
    for file in sorted(folder.rglob("*.field-meta.xml")):
        owner = found.setdefault(file.parent.parent.name, _Found())
        node = _parsed(file)
        owner.fields[node.text("fullName")] = node
    return found


def _merge(found: dict[str, _Found], name: str, node: Node) -> None:
    owner = found.setdefault(name, _Found())
    if owner.node is None or (node.has("label") and not owner.node.has("label")):
        owner.node = node
    for each in node.all("fields"):
        owner.fields.setdefault(each.text("fullName"), each)


def _parsed(file: Path) -> Node:
    try:
        return parse_tree(_PLACEHOLDER.sub(b"", file.read_bytes()))
    except MetadataError as error:
        problem = f"{file}: {error.problem}"
        raise MetadataError(problem, line=error.line, column=error.column) from error


def _complete(found: dict[str, _Found], values: dict[str, list[Node]]) -> None:
    """
    Make every field stand by itself: value sets in place, roll-ups with the type of
    what they add up, hierarchies with their object.
    """
    kinds = {
        f"{owner}.{name}": node
        for owner, each in found.items()
        for name, node in each.fields.items()
    }
    for owner, each in found.items():
        for node in each.fields.values():
            _inline_values(node, values)
            if node.text("type") == "Hierarchy":
                _set(node, "referenceTo", owner)
            _set(node, "type", FILE_TYPES.get(node.text("type"), node.text("type")))
        each.fields = {
            name: _rolled_up(node, kinds) for name, node in each.fields.items()
        }


def _set(node: Node, name: str, content: str) -> None:
    known = node.first(name)
    if known is not None:
        known.content = content
        return
    made = Node(name=name, line=node.line, column=node.column, content=content)
    node.children.append(made)


def _inline_values(node: Node, values: dict[str, list[Node]]) -> None:
    value_set = node.first("valueSet")
    named = values.get(value_set.text("valueSetName")) if value_set else None
    if value_set is None or named is None:
        return
    definition = Node(name="valueSetDefinition", line=node.line, column=node.column)
    definition.children = [replace(each, name="value") for each in named]
    value_set.children.append(definition)


def _rolled_up(node: Node, kinds: dict[str, Node]) -> Node:
    """
    Turn a roll-up into a formula of the type of its values, which is how it describes.
    """
    if node.text("type") != "Summary":
        return node
    summed = kinds.get(node.text("summarizedField"))
    made = replace(node, children=[*node.children])
    if node.text("summaryOperation") == "count" or summed is None:
        made.children = [each for each in made.children if each.name != "type"]
        _set(made, "type", "Number")
        _set(made, "precision", "18")
        _set(made, "scale", "0")
        return made
    made.children = [each for each in made.children if each.name != "type"]
    for element in ("type", "precision", "scale"):
        if summed.has(element):
            _set(made, element, summed.text(element))
    return made


def _add(org: Org, name: str, found: _Found) -> None:
    fields = tuple(_fields(found.fields.values()))
    for parent in sorted({each for one in fields for each in one.reference_to}):
        if parent not in org.schema and parent != name:
            _add_bare(org, parent)
    known = org.schema.get(name)
    if known is not None:
        _extend(org, known, found, fields)
    elif name.endswith(_CUSTOM_ENDS):
        org.definitions.create_object(_definition(name, found, fields))
    else:
        _add_bare(org, name)
        for each in fields:
            org.definitions.create_field(name, each)


def _extend(
    org: Org, known: ObjectDef, found: _Found, fields: tuple[FieldDef, ...]
) -> None:
    """
    Put the files' own words in the place of an object that was only referred to.
    """
    if known.custom:
        definition = _definition(known.name, found, ())
        fresh = replace(
            known,
            label=definition.label,
            label_plural=definition.label_plural,
            sharing_model=definition.sharing_model,
            custom_setting=definition.custom_setting,
            description=definition.description,
            metadata=definition.metadata,
        )
        named = next((each for each in definition.fields if each.name_field), None)
        own = tuple(
            named if named is not None and each.name_field else each
            for each in known.fields
        )
        org.definitions.change_object(replace(fresh, fields=own))
    for each in fields:
        org.definitions.create_field(known.name, each)


def _fields(nodes: Iterable[Node]) -> Iterator[FieldDef]:
    for node in nodes:
        if not node.text("fullName").endswith("__c"):
            continue  # a standard field, which the org has anyway
        computed = node.has("summaryForeignKey")
        for made in make_fields(node):
            if not computed:
                yield made
                continue
            yield replace(made, calculated=True, createable=False, updateable=False)


def _definition(name: str, found: _Found, fields: tuple[FieldDef, ...]) -> ObjectDef:
    node = found.node or Node(name="CustomObject", line=1, column=1)
    setting = node.has("customSettingsType")
    if node.first("nameField") is not None:
        made = make_object(name, node)
    else:
        made = ObjectDef(
            name=name,
            label=node.text("label", name),
            label_plural=node.text("pluralLabel") or node.text("label", name),
            key_prefix=None,
            fields=(name_field(),),
            description=node.text("description") or None,
            metadata=object_metadata(node),
        )
    return replace(
        made,
        label=made.label or name,
        label_plural=made.label_plural or made.label or name,
        fields=(*made.fields, *fields),
        sharing_model=node.text("sharingModel") or "ReadWrite",
        custom_setting=setting,
    )


def _add_bare(org: Org, name: str) -> None:
    """
    Add an object of which nothing but its name is known.
    """
    if name.endswith(_CUSTOM_ENDS):
        org.definitions.create_object(_definition(name, _Found(), ()))
        return
    org.definitions.add_object(
        ObjectDef(
            name=name,
            label=name,
            label_plural=f"{name}s",
            key_prefix=None,
            fields=(*system_fields(owned=True), name_field(), currency_field()),
            custom=False,
            sharing_model="ReadWrite",
        )
    )
