"""
Which objects lose records to `rows:`, their own or those of a mandatory parent.

For the copy alone; the comparison decides the same by itself (`rules.reconcile`).
"""

from __future__ import annotations

from collections.abc import Collection

from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.rules.copy.load_order import is_mandatory


def restricted_targets(mapping: Mapping) -> frozenset[ApiName]:
    """
    Return the target objects of which some records may be left out.

    A record goes with a parent that it cannot exist without; a reference that may be
    empty leaves the record in and only loses its link.
    """
    found = {each.target for each in mapping.objects if each.rows}
    size = -1
    while len(found) > size:
        size = len(found)
        found |= {each.target for each in mapping.objects if inheriting(each, found)}
    return frozenset(found)


def inheriting(
    mapped: MappedObject, restricted: Collection[ApiName]
) -> tuple[FieldMapping, ...]:
    """
    Return the mandatory parents of *mapped* that are among the *restricted* objects.
    """
    return tuple(
        entry
        for entry in mapped.parents
        if entry.type is not None
        and entry.type.reference_to in restricted
        and entry.type.reference_to != mapped.target
        and is_mandatory(entry)
    )


def deciding_fields(
    mapped: MappedObject, restricted: Collection[ApiName]
) -> tuple[ApiName, ...]:
    """
    Return the source fields that decide which records of *mapped* are left out.
    """
    asked = (rule.exclude.field for rule in mapped.rows)
    parents = (entry.source for entry in inheriting(mapped, restricted))
    return tuple(dict.fromkeys([*asked, *parents]))
