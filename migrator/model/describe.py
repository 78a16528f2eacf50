"""
sObject describes, cut down to what decisions are made from.

The words are those of the REST resource `sobjects/<name>/describe`; attributes that
no rule reads are left out here and stay in the JSON under `describes/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.model.kinds.described import DESCRIBED, DescribedRow
from migrator.model.names import ApiName
from migrator.model.source_layout import SourceLayout, View


@dataclass(frozen=True, slots=True, kw_only=True)
class PicklistValue:
    """
    One entry of a picklist.
    """

    value: str
    label: str
    active: bool = True
    valid_for: str = ""
    """Which values of the controlling field allow this one (`plan`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDescribe:
    """
    One field as the describe shows it to the running user.
    """

    name: ApiName
    label: str
    type: str
    """The describe's own type word: `string`, `currency`, `reference` ..."""
    custom: bool = False
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    permissionable: bool = True
    calculated: bool = False
    calculated_formula: str | None = None
    """None means unknown, never "no formula": packages may hide the text."""
    auto_number: bool = False
    name_field: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    html_formatted: bool = False
    extra_type_info: str | None = None
    help_text: str | None = None
    reference_to: tuple[ApiName, ...] = ()
    relationship_name: str | None = None
    relationship_order: int | None = None
    """0 or 1 for a master-detail, None for a lookup."""
    cascade_delete: bool = False
    restricted_delete: bool = False
    picklist_values: tuple[PicklistValue, ...] = ()
    restricted_picklist: bool = False
    controller: ApiName | None = None
    """The field whose value decides which picklist values may be chosen."""
    high_scale: bool = False
    """Holds eight decimals, whatever `scale` says."""
    filtered: bool = False
    """A lookup with a filter."""
    compound_field: ApiName | None = None
    summary: str = ""
    """What a roll-up adds up, `sum of Line__c.Total__c`; only metadata tells."""
    value_set: str = ""
    """The global or standard value set of a picklist; only metadata tells."""
    visible_lines: int = 0
    """How tall the field is shown; 0 when neither describe nor metadata says it."""
    shown_in_decimal: bool = False
    """A location that is shown in decimal notation, not in degrees."""
    mask: str = ""
    """The character that others see in place of an encrypted one."""
    mask_type: str = ""
    """Which characters of an encrypted text are masked."""

    @property
    def row(self) -> DescribedRow:
        """
        What is known of all fields of this type.
        """
        return DESCRIBED[self.type]

    @property
    def is_master_detail(self) -> bool:
        """
        True for the detail side of a master-detail relationship.
        """
        return self.type == "reference" and self.relationship_order is not None

    @property
    def changes_by_itself(self) -> bool:
        """
        True for a formula that reads the clock: its value differs from day to day.
        """
        formula = (self.calculated_formula or "").upper().replace(" ", "")
        return "TODAY()" in formula or "NOW()" in formula


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """
    What the metadata of a field says and its describe does not.
    """

    name: ApiName
    formula: str = ""
    help_text: str = ""
    summary: str = ""
    values: tuple[PicklistValue, ...] = ()
    """The values of its own value set, the inactive ones among them."""
    value_set: str = ""
    """The value set that it shares with other fields."""
    visible_lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRelationship:
    """
    A relationship from another object to the described one.
    """

    child: ApiName
    field: ApiName
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDescribe:
    """
    One sObject with its fields in the describe's order.
    """

    name: ApiName
    label: str
    plural_label: str
    custom: bool
    fields: tuple[FieldDescribe, ...]
    key_prefix: str | None = None
    custom_setting: bool = False
    child_relationships: tuple[ChildRelationship, ...] = ()
    layouts: tuple[SourceLayout, ...] = ()
    """The page layouts that metadata shows, the one to follow first."""
    list_views: tuple[View, ...] = ()
    _by_name: dict[str, FieldDescribe] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """
        Index the fields: every one of them is asked for by name.
        """
        index = {each.name.casefold(): each for each in reversed(self.fields)}
        object.__setattr__(self, "_by_name", index)

    def field(self, name: ApiName) -> FieldDescribe | None:
        """
        Return the field called *name*, compared without case as the platform does.
        """
        return self._by_name.get(name.casefold())

    @property
    def name_field(self) -> FieldDescribe | None:
        """
        The field that names a record, for instance `Name` or `OrderNumber`.
        """
        return next((f for f in self.fields if f.name_field), None)
