"""
A describe with what only the metadata tells: formulas, roll-ups, help, old values.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable
from dataclasses import replace

from migrator.model.describe import (
    FieldDefinition,
    FieldDescribe,
    ObjectDescribe,
    PicklistValue,
)
from migrator.model.names import ApiName, namespace_of
from migrator.model.source_layout import SourceLayout

STANDARD_VALUE_SETS: abc.Mapping[tuple[str, str], str] = {
    ("Account", "Industry"): "Industry",
    ("Account", "Ownership"): "AccountOwnership",
    ("Account", "Rating"): "AccountRating",
    ("Account", "Type"): "AccountType",
    ("Asset", "Status"): "AssetStatus",
    ("Campaign", "Status"): "CampaignStatus",
    ("Campaign", "Type"): "CampaignType",
    ("Case", "Origin"): "CaseOrigin",
    ("Case", "Priority"): "CasePriority",
    ("Case", "Reason"): "CaseReason",
    ("Case", "Status"): "CaseStatus",
    ("Case", "Type"): "CaseType",
    ("Contact", "LeadSource"): "LeadSource",
    ("Contact", "Salutation"): "Salutation",
    ("Contract", "Status"): "ContractStatus",
    ("Lead", "Industry"): "Industry",
    ("Lead", "LeadSource"): "LeadSource",
    ("Lead", "Rating"): "AccountRating",
    ("Lead", "Salutation"): "Salutation",
    ("Lead", "Status"): "LeadStatus",
    ("Opportunity", "LeadSource"): "LeadSource",
    ("Opportunity", "StageName"): "OpportunityStage",
    ("Opportunity", "Type"): "OpportunityType",
    ("Order", "Status"): "OrderStatus",
    ("Order", "Type"): "OrderType",
    ("Product2", "Family"): "Product2Family",
    ("Task", "Priority"): "TaskPriority",
    ("Task", "Status"): "TaskStatus",
}
"""The set of a standard picklist (Metadata API guide, "StandardValueSet Names")."""


def revealed(
    described: ObjectDescribe, definitions: Iterable[FieldDefinition]
) -> ObjectDescribe:
    """
    Return *described* with the *definitions* of its fields added where it is silent.
    """
    known = {each.name.casefold(): each for each in definitions}
    fields = tuple(
        _revealed(field, known[field.name.casefold()])
        if field.name.casefold() in known
        else field
        for field in described.fields
    )
    return replace(described, fields=fields)


def _revealed(field: FieldDescribe, definition: FieldDefinition) -> FieldDescribe:
    return replace(
        field,
        calculated_formula=field.calculated_formula or definition.formula or None,
        help_text=field.help_text or definition.help_text or None,
        summary=definition.summary,
        value_set=definition.value_set,
        visible_lines=field.visible_lines or definition.visible_lines,
        picklist_values=_with_inactive(field.picklist_values, definition.values),
    )


def _with_inactive(
    described: tuple[PicklistValue, ...], defined: tuple[PicklistValue, ...]
) -> tuple[PicklistValue, ...]:
    """
    Values that records may still hold although nobody can choose them any more.
    """
    seen = {each.value for each in described}
    return (*described, *(each for each in defined if each.value not in seen))


def value_set_of(owner: ApiName, field: FieldDescribe) -> str:
    """
    Return the value set that *field* of *owner* shares with others; empty for a set of
    its own.
    """
    return field.value_set or STANDARD_VALUE_SETS.get((owner, field.name), "")


def with_value_sets(
    described: ObjectDescribe, sets: abc.Mapping[str, tuple[PicklistValue, ...]]
) -> ObjectDescribe:
    """
    Return *described* with the values of the *sets* that its fields share, and their
    names.
    """
    fields = tuple(
        replace(
            field,
            value_set=name,
            picklist_values=_with_inactive(field.picklist_values, sets[name]),
        )
        if (name := value_set_of(described.name, field)) in sets
        else field
        for field in described.fields
    )
    return replace(described, fields=fields)


def preferred(
    described: ObjectDescribe, layouts: Iterable[SourceLayout]
) -> tuple[SourceLayout, ...]:
    """
    *layouts* with the one first that the platform, or the package, made first: it is
    called after the object's label; the others by name.
    """
    namespace = namespace_of(described.name)
    plain = f"{described.label} Layout"
    first = (f"{namespace}__{plain}" if namespace else plain, plain)
    return tuple(sorted(layouts, key=lambda each: (each.name not in first, each.name)))
