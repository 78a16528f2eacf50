"""
Standard value sets: the picklists that several standard fields share.
"""

from __future__ import annotations

from typing import Final

from migrator.emulator.schema.schema import PicklistValue, Schema

__all__ = ["STANDARD_VALUE_SETS", "standard_values"]

# Metadata API guide, "StandardValueSet Names and Standard Picklist Fields": the sets of
# the objects that this org has.
STANDARD_VALUE_SETS: Final = {
    "AccountOwnership": ("Account", "Ownership"),
    "AccountRating": ("Account", "Rating"),
    "AccountType": ("Account", "Type"),
    "CaseOrigin": ("Case", "Origin"),
    "CasePriority": ("Case", "Priority"),
    "CaseReason": ("Case", "Reason"),
    "CaseStatus": ("Case", "Status"),
    "CaseType": ("Case", "Type"),
    "Industry": ("Account", "Industry"),
    "LeadSource": ("Contact", "LeadSource"),
    "OpportunityStage": ("Opportunity", "StageName"),
    "OpportunityType": ("Opportunity", "Type"),
    "OrderStatus": ("Order", "Status"),
    "OrderType": ("Order", "Type"),
    "Product2Family": ("Product2", "Family"),
    "Salutation": ("Contact", "Salutation"),
}


def standard_values(schema: Schema, name: str) -> tuple[PicklistValue, ...]:
    """
    Return the values of the standard value set *name*, none when the org has no such
    field.
    """
    owner, field = STANDARD_VALUE_SETS.get(name, ("", ""))
    definition = schema.get(owner)
    found = definition.find(field) if definition else None
    return found.picklist_values if found else ()
