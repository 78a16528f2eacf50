"""
Child relationship names: one for each link, unique on its parent over all objects.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import Kept, MappedObject
from migrator.model.names import ApiName
from migrator.rules.check.relationship_names import _is_link, taken_relationships
from migrator.rules.target.names import relationship_names


def with_relationships(
    objects: tuple[MappedObject, ...],
    describes: abc.Mapping[ApiName, ObjectDescribe],
    kept: Kept,
) -> tuple[MappedObject, ...]:
    """
    *objects* with a child relationship name on each link, unique on its parent.
    """
    links_made = [
        (entry.type.reference_to, each.target, entry.target)
        for each in objects
        for entry in each.fields
        if _is_link(entry) and entry.source not in kept.get(each.source, {})
        if entry.type and entry.type.reference_to and entry.target
    ]
    names = relationship_names(
        links_made,
        taken=taken_relationships(objects, describes, kept),
        fixed=[
            (entry.type.reference_to, entry.relationship_name)
            for entries in kept.values()
            for entry in entries.values()
            if entry.type and entry.type.reference_to and entry.relationship_name
        ],
    )
    return tuple(_renamed_links(each, names) for each in objects)


def _renamed_links(
    mapped: MappedObject, names: dict[tuple[ApiName, ApiName], str]
) -> MappedObject:
    fields = tuple(
        replace(entry, relationship_name=names.get((mapped.target, entry.target), ""))
        if entry.target and _is_link(entry)
        else entry
        for entry in mapped.fields
    )
    return replace(mapped, fields=fields)
