"""
Salesforce's limits on custom objects and fields: each number once, with its source.

"Allocations" is the help page "Custom Fields Allowed Per Object", "Metadata API" the
developer guide of CustomObject and CustomField, "EntityParticle" the Tooling API's
description of its own attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.target import Kind

MAX_API_NAME = 40
"""Characters of a developer name, the suffix aside (EntityParticle)."""
MAX_LABEL = 40
"""Characters of a label (EntityParticle, MasterLabel)."""
MAX_RELATIONSHIP_NAME = 40
"""Characters of a child relationship's name (EntityParticle)."""
MAX_HELP = 510
"""Characters of a field's inline help text (Metadata API)."""
MAX_NAME_LENGTH = 80
"""Characters of a record's name (Object reference, Name)."""
MAX_TEXT = 255
"""Characters of a Text field (Metadata API)."""
MIN_LONG_TEXT = 256
"""The least length of a long or rich text area: a shorter one is refused."""
MAX_LONG_TEXT = 131_072
"""Characters of one long or rich text area (Metadata API)."""
MAX_LONG_TEXT_SUM = 1_638_400
"""Characters of all long and rich text areas of one object (Allocations)."""
MAX_PRECISION = 18
"""Digits of a Number, Currency or Percent, the decimals included (Metadata API)."""
MAX_SCALE = 17
"""Decimals of a Number, Currency or Percent (Metadata API)."""
MAX_LOCATION_SCALE = 15
"""Decimals of a geolocation (help page "Custom Field Attributes")."""
LOCATION_FIELDS = 3
"""Places that a geolocation takes among the custom fields: latitude, longitude and one
of the platform's own (object reference, "Geolocation Compound Field")."""
MAX_ENCRYPTED = 175
"""Characters of an encrypted text (security guide, Classic Encryption)."""
MAX_INDEXED = 25
"""External ids and unique fields of one object, together (Allocations)."""
MAX_RELATIONSHIPS = 40
"""Lookups and master-details of one object (Allocations)."""
MAX_MASTER_DETAILS = 2
"""Master-details of one object (Allocations)."""
MAX_PICKLIST_VALUE = 255
"""Characters of one picklist value."""
MAX_PICKLIST_CHARACTERS = 15_000
"""Characters of all values of one unrestricted picklist (Allocations)."""
MAX_PICKLIST_VALUES = 1_000
"""Values of one picklist, the inactive ones included (Metadata API)."""
MAX_MULTISELECT_VALUES = 500
"""Values of one multi-select picklist (Metadata API)."""
MAX_CUSTOM_FIELDS = 900
"""Custom fields of one object, those of packages included, in any edition; what an org
whose edition is not known is measured by (Allocations)."""

CUSTOM_FIELDS = {
    "Professional Edition": 100,
    "Enterprise Edition": 500,
    "Developer Edition": 500,
    "Unlimited Edition": 800,
    "Performance Edition": 800,
}
"""Custom fields of one object by `Organization.OrganizationType` (Allocations)."""


def custom_field_limit(organization_type: str | None) -> int:
    """
    How many custom fields one object may have in an org of *organization_type*.

    An unknown or unnamed edition gets the largest number: the org itself refuses the
    rest when the metadata is validated.
    """
    return CUSTOM_FIELDS.get(organization_type or "", MAX_CUSTOM_FIELDS)


_LONG_KINDS = {Kind.LONG_TEXT_AREA, Kind.HTML}


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
    What the target of *mapped* uses of its allocations.
    """
    carried = [entry for entry in mapped.fields if entry.type and entry.made_targets]
    types = [entry.type for entry in carried if entry.type]
    locations = sum(each.kind is Kind.LOCATION for each in types)
    return Usage(
        custom_fields=len(mapped.made_fields) + locations * (LOCATION_FIELDS - 1),
        relationships=sum(each.is_reference for each in types),
        master_details=sum(each.kind is Kind.MASTER_DETAIL for each in types),
        long_text=sum(each.length or 0 for each in types if each.kind in _LONG_KINDS),
        indexed=sum(entry.unique or entry.target == ORIGIN_ID for entry in carried),
    )


def exceeded(mapped: MappedObject, organization_type: str | None) -> Iterator[str]:
    """
    A sentence for each allocation that the target of *mapped* exceeds.
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
