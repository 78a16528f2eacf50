"""
API names: how Salesforce spells objects, fields and the relationships between them.
"""

from __future__ import annotations

from typing import NewType

ApiName = NewType("ApiName", str)
"""
The name of an object or field as the API spells it, for instance `ONB2__Invoice__c`.
"""

CUSTOM_SUFFIX = "__c"
RELATIONSHIP_SUFFIX = "__r"
PART_SUFFIX = "__s"
LOCATION_PARTS = ("Latitude", "Longitude")
"""What a geolocation field is written and read by."""


def is_custom(name: ApiName) -> bool:
    """
    Return True for names that end with `__c`: made by a customer or a package.
    """
    return name.endswith(CUSTOM_SUFFIX)


def namespace_of(name: ApiName) -> str | None:
    """
    Return the namespace prefix of a packaged *name*, None for everything else.

    A developer name holds no double underscore, so a custom name with two of them
    carries a namespace: `ONB2__Invoice__c` has `ONB2`, `Invoice__c` has none.
    """
    parts = name.split("__")
    own = 3 if name.endswith(PART_SUFFIX) else 2
    return parts[0] if len(parts) == own + 1 else None


def in_namespace(name: ApiName, namespace: str) -> bool:
    """
    Return True when *name* belongs to *namespace*; names are compared without case.
    """
    found = namespace_of(name)
    return found is not None and found.casefold() == namespace.casefold()


def bare(name: ApiName) -> str:
    """
    Return the developer name alone: no namespace, no suffix; standard names unchanged.
    """
    if not is_custom(name):
        return name
    stem = name.removesuffix(CUSTOM_SUFFIX)
    return stem.split("__", 1)[1] if "__" in stem else stem


def custom_name(stem: str) -> ApiName:
    """
    *stem* as the API name of a custom object or field.
    """
    return ApiName(stem + CUSTOM_SUFFIX)


def location_part(location: ApiName, part: str) -> ApiName:
    """
    Return the name of one of `LOCATION_PARTS` of a custom field:
    `Position__Latitude__s`.
    """
    return ApiName(f"{location.removesuffix(CUSTOM_SUFFIX)}__{part}{PART_SUFFIX}")


def traversal(field: ApiName) -> str:
    """
    Return the name SOQL and load files use to step from *field* to the record it points
    at.

    `Invoice__c` becomes `Invoice__r`, `OwnerId` becomes `Owner` (SOQL reference,
    "Understanding Relationship Names").
    """
    if is_custom(field):
        return field.removesuffix(CUSTOM_SUFFIX) + RELATIONSHIP_SUFFIX
    return field.removesuffix("Id")
