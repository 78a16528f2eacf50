"""
Layouts, list views and global value sets that an org has from the start, from files.

Read beside the describes (`metadata/`) and from a folder of metadata files, in mdapi
and source format: `*.layout`, `*.globalValueSet`, list views inside `*.object` or in
files of their own, and the value sets that fields name. Sources: Metadata API guide,
Layout, ListView, GlobalValueSet, StandardValueSet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from migrator.emulator.metadata.components import Components
from migrator.emulator.metadata.xml_tree import Node, parse_tree
from migrator.emulator.org.org import Org

__all__ = ["load_presentation"]

_FILES: Final = (("layout", "Layout"), ("globalValueSet", "GlobalValueSet"))


def load_presentation(org: Org, components: Components, folder: Path) -> None:
    """
    Give *org* and its *components* what in *folder* belongs to its objects.

    Callers hold the lock. Raises MetadataError for a file that is no XML.
    """
    for suffix, kind in _FILES:
        for file in _found(folder, suffix):
            name = unquote(file.name.partition(f".{suffix}")[0])
            owner = name.partition("-")[0]
            if kind != "Layout" or owner in org.schema:
                components.seed(kind, name, _parsed(file))
    for file in _found(folder, "listView"):
        _keep_view(org, components, file.parent.parent.name, _parsed(file))
    for file in _found(folder, "object"):
        owner, root = file.name.partition(".object")[0], _parsed(file)
        for view in root.all("listViews"):
            _keep_view(org, components, owner, view)
        for field in root.all("fields"):
            _name_value_set(org, owner, field)


def _found(folder: Path, suffix: str) -> Iterator[Path]:
    yield from sorted(folder.rglob(f"*.{suffix}"))
    yield from sorted(folder.rglob(f"*.{suffix}-meta.xml"))


def _parsed(file: Path) -> Node:
    return parse_tree(file.read_bytes())


def _keep_view(org: Org, components: Components, owner: str, view: Node) -> None:
    if owner in org.schema:
        components.seed("ListView", f"{owner}.{view.text('fullName')}", view)


def _name_value_set(org: Org, owner: str, node: Node) -> None:
    definition = org.schema.get(owner)
    field = definition.find(node.text("fullName")) if definition else None
    value_set = node.first("valueSet")
    name = value_set.text("valueSetName") if value_set else ""
    if field is not None and name:
        metadata = {**field.metadata, "valueSetName": name}
        org.schema.add_field(owner, replace(field, metadata=metadata))
