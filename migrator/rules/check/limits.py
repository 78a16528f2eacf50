"""
Salesforce's limits on custom objects and fields: each number once, with its source.

"Allocations" is the help page "Custom Fields Allowed Per Object", "Metadata API" the
developer guide of CustomObject and CustomField, "EntityParticle" the Tooling API's
description of its own attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.kinds.table import Kind
from migrator.model.limits import (
    CUSTOM_FIELDS,
    MAX_CUSTOM_FIELDS,
    MAX_INDEXED,
    MAX_LONG_TEXT_SUM,
    MAX_MASTER_DETAILS,
    MAX_RELATIONSHIPS,
)
from migrator.model.mapping import ORIGIN_ID, MappedObject


def custom_field_limit(organization_type: str | None) -> int:
    """
    How many custom fields one object may have in an org of *organization_type*.

    An unknown or unnamed edition gets the largest number: the org itself refuses the
    rest when the metadata is validated.
    """
    return CUSTOM_FIELDS.get(organization_type or "", MAX_CUSTOM_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """
    What the fields of one target object use of its allocations.
    """

    custom_fields: int
    relationships: int
    master_details: int
    long_text: int
    """Characters of all long and rich text areas."""
    indexed: int
    """Unique fields and external ids; `Origin_Id__c`, which is both, counts once."""


def usage(mapped: MappedObject) -> Usage:
    """
    Return what the target of *mapped* uses of its allocations.
    """
    carried = [entry for entry in mapped.fields if entry.type and entry.made_targets]
    types = [entry.type for entry in carried if entry.type]
    # A place is taken by the field itself, and by what comes with it.
    more = sum(each.row.places - 1 for each in types)
    return Usage(
        custom_fields=len(mapped.made_fields) + more,
        relationships=sum(each.is_reference for each in types),
        master_details=sum(each.kind is Kind.MASTER_DETAIL for each in types),
        long_text=sum(each.length or 0 for each in types if each.row.is_long),
        indexed=sum(entry.unique or entry.target == ORIGIN_ID for entry in carried),
    )


def exceeded(mapped: MappedObject, organization_type: str | None) -> Iterator[str]:
    """
    Yield a sentence for each allocation that the target of *mapped* exceeds.
    """
    used = usage(mapped)
    edition = organization_type or "any edition"
    rows = (
        (used.custom_fields, custom_field_limit(organization_type), "custom fields"),
        (used.relationships, MAX_RELATIONSHIPS, "relationships"),
        (used.master_details, MAX_MASTER_DETAILS, "master-detail relationships"),
        (used.long_text, MAX_LONG_TEXT_SUM, "characters of long and rich text"),
        (used.indexed, MAX_INDEXED, "unique fields and external ids"),
    )
    for count, most, what in rows:
        if count > most:
            yield (
                f"{mapped.target} would have {count:,} {what}; one object in {edition} "
                f"has room for {most:,}."
            )
