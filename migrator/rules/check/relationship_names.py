"""
The child relationships that parents have already.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator

from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import FieldMapping, Kept, MappedObject
from migrator.model.names import ApiName


def _is_link(entry: FieldMapping) -> bool:
    return entry.type is not None and entry.type.is_reference


def taken_relationships(
    objects: Iterable[MappedObject],
    describes: abc.Mapping[ApiName, ObjectDescribe],
    kept: Kept | None = None,
) -> Iterator[tuple[ApiName, str]]:
    """
    Yield the child relationships that parents have already, as (parent, name in SOQL).

    After a deployment our own are among them, those of *kept* entries too; they do not
    stand in their own way.
    """
    ours = {
        (each.target.casefold(), entry.target.casefold())
        for each in objects
        for entry in (*each.fields, *(kept or {}).get(each.source, {}).values())
        if entry.target and _is_link(entry)
    }
    for parent in describes.values():
        for child in parent.child_relationships:
            is_ours = (child.child.casefold(), child.field.casefold()) in ours
            if child.name and not is_ours:
                yield parent.name, child.name
