"""
Objects and fields of the org: what describe, SOQL, DML and deploy all read.

FieldDef and ObjectDef are values; Schema is the one mutable place that holds them.
Names are found case-insensitively, as everywhere in Salesforce's APIs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from migrator.emulator.schema.field_types import ApiType, Holds, api_type

# In `reference_to`: every object with records of its own (files, attachments).
ANY_OBJECT = "*"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PicklistValue:
    """
    One entry of a picklist field; *value* is the API name.
    """

    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDef:
    """
    One field as describe and the engine need it.

    *type* is the describe type (`string`, `currency`, `reference` ...).
    *relationship_name* is the parent traversal name (`Invoice__r`),
    *child_relationship_name* what the parent calls its children (`Lines__r`).
    *takes_names* says that a reference holds an API name where there is no id.
    *delete_constraint* is `SetNull`, `Restrict` or `Cascade`; a master-detail has
    *relationship_order* 0 or 1 and cascades. *raw* holds a loaded describe's own
    attributes, which win over derived ones when the field is described again.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    createable: bool = True
    updateable: bool = True
    permissionable: bool = True
    custom: bool = True
    name_field: bool = False
    auto_number: bool = False
    auto_number_format: str | None = None
    calculated: bool = False
    formula: str | None = None
    default_value: str | None = None
    picklist_values: tuple[PicklistValue, ...] = ()
    restricted_picklist: bool = False
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    child_relationship_name: str | None = None
    relationship_order: int | None = None
    takes_names: bool = False
    delete_constraint: str = "SetNull"
    extra_type_info: str | None = None
    html_formatted: bool = False
    compound_field_name: str | None = None
    inline_help_text: str | None = None
    mask: str | None = None
    mask_type: str | None = None
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=_nothing, compare=False)
    raw: Mapping[str, Any] = field(default_factory=_nothing, compare=False)

    @property
    def api(self) -> ApiType:
        """
        What is known of the field's type.
        """
        return api_type(self.type)

    @property
    def holds(self) -> Holds:
        """
        What the field's values are.
        """
        return api_type(self.type).holds

    @property
    def is_master_detail(self) -> bool:
        """
        True for a master-detail relationship.
        """
        return self.relationship_order is not None

    @property
    def is_stored(self) -> bool:
        """
        True when the field has a column of its own in the store.
        """
        return self.holds is not Holds.PARTS

    @property
    def is_numeric(self) -> bool:
        """
        True for numbers, which are kept as exact decimal text.
        """
        return self.holds in {Holds.NUMBER, Holds.WHOLE_NUMBER}

    def refers_to(self, target: ObjectDef) -> bool:
        """
        Tell whether records of *target* may stand in this reference.
        """
        if ANY_OBJECT in self.reference_to:
            return not target.setup or target.name in {"User", "Group"}
        return target.name.lower() in {name.lower() for name in self.reference_to}

    @property
    def namespace(self) -> str | None:
        """
        The namespace prefix of a packaged field (`ONB2`), else None.
        """
        return namespace_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRelationship:
    """
    One entry of a describe's childRelationships.
    """

    child: str
    field: str
    relationship_name: str | None
    cascade_delete: bool = False
    restricted_delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDef:
    """
    One sObject. *sharing_model* is the org-wide default: `Private`, `Read`,
    `ReadWrite` or `ControlledByParent`. *durable_id* (01I...) is the Tooling id of
    a custom object. *setup* objects (User, PermissionSet ...) are readable by all.
    """

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    fields: tuple[FieldDef, ...]
    custom: bool = True
    sharing_model: str = "Private"
    setup: bool = False
    custom_setting: bool = False
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    queryable: bool = True
    description: str | None = None
    durable_id: str = ""
    child_relationships: tuple[ChildRelationship, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=_nothing, compare=False)
    raw: Mapping[str, Any] = field(default_factory=_nothing, compare=False)
    _index: dict[str, FieldDef] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """
        Index the fields by lower-case name.
        """
        index = {each.name.lower(): each for each in self.fields}
        object.__setattr__(self, "_index", index)

    def find(self, field_name: str) -> FieldDef | None:
        """
        Find the field called *field_name* (any case), or None.
        """
        return self._index.get(field_name.lower())

    def find_relationship(self, relationship_name: str) -> FieldDef | None:
        """
        Find the reference field whose parent traversal name is *relationship_name*.
        """
        wanted = relationship_name.lower()
        for each in self.fields:
            if each.relationship_name and each.relationship_name.lower() == wanted:
                return each
        return None

    @property
    def master_fields(self) -> tuple[FieldDef, ...]:
        """
        The master-detail fields, primary first.
        """
        found = [each for each in self.fields if each.is_master_detail]
        return tuple(sorted(found, key=lambda each: each.relationship_order or 0))

    @property
    def namespace(self) -> str | None:
        """
        The namespace prefix of a packaged object (`ONB2`), else None.
        """
        return namespace_of(self.name)


def namespace_of(api_name: str) -> str | None:
    """
    Return the namespace prefix in *api_name*: `ONB2__Invoice__c` gives `ONB2`.
    """
    parts = api_name.split("__")
    return parts[0] if len(parts) > 2 else None


class Schema:
    """
    All objects of the org, by API name, case-insensitively.

    *version* grows with each change, so that caches know when to look again.
    """

    def __init__(self) -> None:
        self._objects: dict[str, ObjectDef] = {}
        self._by_prefix: dict[str, str] = {}
        self.version = 0

    def get(self, name: str) -> ObjectDef | None:
        """
        Find the object called *name* (any case), or None. Permissions are not asked.
        """
        return self._objects.get(name.lower())

    def by_prefix(self, key_prefix: str) -> ObjectDef | None:
        """
        Find the object whose record ids start with *key_prefix*, or None.
        """
        name = self._by_prefix.get(key_prefix)
        return self._objects.get(name) if name else None

    def __iter__(self) -> Iterator[ObjectDef]:
        """
        Yield all objects, by name.
        """
        return iter(sorted(self._objects.values(), key=lambda each: each.name.lower()))

    def __contains__(self, name: str) -> bool:
        """
        Tell whether there is an object called *name*.
        """
        return name.lower() in self._objects

    def add_object(self, definition: ObjectDef) -> None:
        """
        Add *definition*, or put it in the place of the object of that name.
        """
        self._objects[definition.name.lower()] = definition
        if definition.key_prefix:
            self._by_prefix[definition.key_prefix] = definition.name.lower()
        self.version += 1

    def remove_object(self, name: str) -> None:
        """
        Forget the object called *name*; its table is the store's matter.
        """
        gone = self._objects.pop(name.lower())
        if gone.key_prefix:
            self._by_prefix.pop(gone.key_prefix, None)
        self.version += 1

    def add_field(self, object_name: str, definition: FieldDef) -> None:
        """
        Add *definition* to an object, or put it in the place of its namesake.
        """
        owner = self._objects[object_name.lower()]
        wanted = definition.name.lower()
        fields = tuple(
            definition if each.name.lower() == wanted else each for each in owner.fields
        )
        if owner.find(definition.name) is None:
            fields = (*owner.fields, definition)
        self.add_object(replace(owner, fields=fields))

    def remove_field(self, object_name: str, field_name: str) -> None:
        """
        Forget one field of an object.
        """
        owner = self._objects[object_name.lower()]
        wanted = field_name.lower()
        kept = tuple(each for each in owner.fields if each.name.lower() != wanted)
        self.add_object(replace(owner, fields=kept))

    def children_of(self, parent: str) -> Iterator[tuple[ObjectDef, FieldDef]]:
        """
        Yield every (child object, reference field) that points to *parent*.
        """
        owner = self.get(parent)
        names = {parent.lower()}
        if owner is not None and not owner.setup:
            names.add(ANY_OBJECT)
        for child in self:
            for each in child.fields:
                if any(name.lower() in names for name in each.reference_to):
                    yield child, each
