"""
The way from a reference to the name of the record it refers to.
"""

from __future__ import annotations

from collections import abc

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.names import ApiName, is_custom, traversal

_NAME_FIELDS = {
    "Asset": "Name",
    "Case": "CaseNumber",
    "Contract": "ContractNumber",
    "ContentDocument": "Title",
    "ContentVersion": "Title",
    "Event": "Subject",
    "Order": "OrderNumber",
    "OrderItem": "OrderItemNumber",
    "Solution": "SolutionName",
    "Task": "Subject",
    "RecordType": "DeveloperName",
}
"""Name fields of standard objects that are not called Name (Object reference)."""


def name_path(
    field: FieldDescribe, describes: abc.Mapping[ApiName, ObjectDescribe]
) -> str:
    """
    Return the SOQL path of the referred record's name: `ONB2__Account__r.Name`.

    Empty for a reference that SOQL cannot step through. Polymorphic references know
    only `Name`, the one field that all their objects share.
    """
    step = field.relationship_name or _guessed_step(field)
    if not step or not field.reference_to:
        return ""
    if len(field.reference_to) > 1:
        return f"{step}.Name"
    (referred,) = field.reference_to
    name = _name_field(referred, describes)
    return f"{step}.{name}" if name else ""


def _guessed_step(field: FieldDescribe) -> str:
    """
    Without a relationship name only a custom reference can be stepped through.
    """
    return traversal(field.name) if is_custom(field.name) else ""


def _name_field(
    referred: ApiName, describes: abc.Mapping[ApiName, ObjectDescribe]
) -> str:
    known = _NAME_FIELDS.get(referred)
    described = describes.get(referred)
    if known or described is None:
        return known or "Name"
    found = described.name_field
    return found.name if found else ""
