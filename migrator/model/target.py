"""
The new home: objects, fields, permission sets and tabs before they become XML.

Names and words are the Metadata API's (CustomObject, CustomField, PermissionSet,
CustomTab). Everything here is decided; templates only print it.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.field_type import FieldType
from migrator.model.kinds.table import Kind
from migrator.model.names import ApiName


class DeleteConstraint(StrEnum):
    """
    What happens to a lookup when the record it points at is deleted.
    """

    SET_NULL = "SetNull"
    RESTRICT = "Restrict"


class Sharing(StrEnum):
    """
    The sharing models of a custom object.
    """

    PRIVATE = "Private"
    READ = "Read"
    READ_WRITE = "ReadWrite"
    CONTROLLED_BY_PARENT = "ControlledByParent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetField:
    """
    One custom field to be made.
    """

    name: ApiName
    label: str
    type: FieldType
    description: str
    help_text: str = ""
    required: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    values: tuple[str, ...] = ()
    """Picklist values, in order."""
    visible_lines: int = 0
    relationship_name: str = ""
    relationship_label: str = ""
    relationship_order: int | None = None
    delete_constraint: DeleteConstraint | None = None

    @property
    def is_demanded(self) -> bool:
        """
        True when no record can be without a value; a master-detail is always so.
        """
        return self.required or self.type.kind is Kind.MASTER_DETAIL

    @property
    def needs_permission(self) -> bool:
        """
        True when a permission set must list the field for anyone to see it.

        Required and master-detail fields are always visible, and a permission set
        that names one is refused ("You cannot deploy to a required field").
        """
        return not self.is_demanded


class Behavior(StrEnum):
    """
    What a page layout lets people do with a field.
    """

    REQUIRED = "Required"
    EDIT = "Edit"
    READONLY = "Readonly"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutItem:
    """
    One field on a page layout.
    """

    field: ApiName
    behavior: Behavior


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSection:
    """
    A titled part of a page layout with two columns, or with the left one alone.
    """

    label: str
    left: tuple[LayoutItem, ...]
    right: tuple[LayoutItem, ...]
    columns: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    The page layout of one object.
    """

    name: str
    """The platform's own name for an object's first layout: `Invoice Layout`."""
    sections: tuple[LayoutSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLine:
    """
    One condition of a list view, in the Metadata API's words.
    """

    field: str
    operation: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """
    A list of records of one object, whoever owns them.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    """`NAME`, then custom fields by API name."""
    filters: tuple[FilterLine, ...] = ()
    logic: str = ""
    """How several filters go together; all of them when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """
    A rule that refuses a change of a record; made inactive.
    """

    name: str
    formula: str
    message: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetObject:
    """
    One custom object to be made.
    """

    name: ApiName
    label: str
    plural_label: str
    name_label: str
    description: str
    sharing: Sharing
    fields: tuple[TargetField, ...]
    layout: Layout
    list_views: tuple[ListView, ...] = ()
    rules: tuple[ValidationRule, ...] = ()
    tab_motif: str = "Custom57: Building Block"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPermission:
    """
    What a permission set allows on one object.
    """

    object: ApiName
    create: bool
    read: bool
    edit: bool
    delete: bool
    view_all: bool
    modify_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPermission:
    """
    What a permission set allows on one field.
    """

    object: ApiName
    field: ApiName
    readable: bool
    editable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """
    One permission set to be made; users are assigned to it, never profiles changed.
    """

    name: str
    label: str
    description: str
    objects: tuple[ObjectPermission, ...]
    fields: tuple[FieldPermission, ...]
    tabs: tuple[ApiName, ...]
    applications: tuple[str, ...] = ()
    custom_permissions: tuple[str, ...] = ()
    user_permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomPermission:
    """
    A permission of this archive's own, asked for by its validation rules.
    """

    name: str
    label: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """
    The Lightning app that shows the archive's objects.
    """

    name: str
    label: str
    description: str
    tabs: tuple[ApiName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NounForm:
    """
    One form of an object's name in another language.
    """

    case: str
    """The Metadata API's word (`Nominative`); empty in languages without cases."""
    plural: bool
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTranslation:
    """
    The texts of one field in another language.
    """

    name: ApiName
    label: str
    help_text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    """(picklist value, its label), in the order of the values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTranslation:
    """
    The labels of one object in one other language.
    """

    object: ApiName
    language: str
    forms: tuple[NounForm, ...]
    fields: tuple[FieldTranslation, ...]
    name_label: str = ""
    """The label of the name field."""

    @property
    def name(self) -> str:
        """
        The component's full name: `Invoice__c-de`.
        """
        return f"{self.object}-{self.language}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentNames:
    """
    What the components of one migration are called that could be somebody else's.
    """

    fields: abc.Mapping[ApiName, tuple[ApiName, ...]]
    """By object."""
    permission_sets: tuple[str, ...]
    application: str
    custom_permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Everything one migration deploys.
    """

    api_version: str
    objects: tuple[TargetObject, ...]
    permission_sets: tuple[PermissionSet, ...]
    application: Application
    custom_permission: CustomPermission
    translations: tuple[ObjectTranslation, ...] = ()

    @property
    def names(self) -> ComponentNames:
        """
        What its components are called.
        """
        return ComponentNames(
            fields={
                made.name: tuple(field.name for field in made.fields)
                for made in self.objects
            },
            permission_sets=tuple(each.name for each in self.permission_sets),
            application=self.application.name,
            custom_permission=self.custom_permission.name,
        )

    def permission_set(self, name: str) -> PermissionSet:
        """
        Return the permission set called *name*; KeyError when there is none.
        """
        return {each.name: each for each in self.permission_sets}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """
    What a migration deployed earlier and makes no longer, by full name.
    """

    objects: tuple[ApiName, ...] = ()
    tabs: tuple[str, ...] = ()
    permission_sets: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    custom_permissions: tuple[str, ...] = ()

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """
        The names by metadata type.
        """
        return {
            "CustomApplication": self.applications,
            "CustomObject": self.objects,
            "CustomPermission": self.custom_permissions,
            "CustomTab": self.tabs,
            "PermissionSet": self.permission_sets,
        }
