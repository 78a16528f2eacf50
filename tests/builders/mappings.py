"""
Mappings for tests: valid by default, one argument per point a test makes.
"""

from __future__ import annotations

from migrator.model.field_type import FieldType
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    ParentLink,
    Status,
    TextRule,
)
from migrator.model.migration import Migration, Naming
from migrator.model.names import LOCATION_PARTS, ApiName
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.rules.check.locations import number_of

MIGRATION_ID = "0a1b2c3d"


def a_migration(
    *,
    naming: Naming | None = None,
    api_version: str = "63.0",
    languages: tuple[str, ...] = (),
) -> Migration:
    """A migration with a known id."""
    return Migration(
        id=MIGRATION_ID,
        naming=naming or Naming(),
        api_ceiling=api_version,
        languages=languages,
    )


def a_field(
    target: str = "Note__c",
    type_: str = "Text(40)",
    *,
    source: str | None = None,
    treatment: Treatment = Treatment.COPY,
    label: str = "Note",
    help_text: str = "",
    why: str = "same kind of field",
    values: tuple[str, ...] = (),
    unique: bool = False,
    lines: int = 0,
    relationship: str = "",
    required: bool = False,
    id_target: str | None = None,
    name_target: str | None = None,
    status: Status = Status.APPROVED,
) -> FieldMapping:
    """One entry, approved."""
    origin = ApiName(source or f"ONB2__{target}")
    return FieldMapping(
        source=origin,
        target=ApiName(target),
        type=FieldType.parse(type_),
        treatment=treatment,
        why=why,
        status=status,
        label=label,
        help=help_text,
        values=values,
        unique=unique,
        visible_lines=lines,
        relationship_name=relationship,
        required=required,
        id_target=ApiName(id_target) if id_target else None,
        name_source=f"{origin.removesuffix('c')}r.Name" if name_target else "",
        name_target=ApiName(name_target) if name_target else None,
    )


def an_entry(
    source: str,
    type_: str,
    *,
    target: str | None = None,
    treatment: Treatment = Treatment.COPY,
    **more: object,
) -> FieldMapping:
    """The bare way from *source* to *target*, which has its name unless given."""
    return FieldMapping(
        source=ApiName(source),
        target=ApiName(target or source),
        type=FieldType.parse(type_),
        treatment=treatment,
        why="a test",
        **more,  # type: ignore[arg-type]
    )


def a_key() -> FieldMapping:
    """The entry of the record's own id."""
    return a_field(
        "Origin_Id__c",
        "Text(18)",
        source="Id",
        treatment=Treatment.SYSTEM,
        label="Origin Id",
        why="the key that every later step joins on",
    )


def a_name() -> FieldMapping:
    """The entry of the record's name."""
    return a_field(
        "Name", "Name(80)", source="Name", treatment=Treatment.FREEZE, label="Name"
    )


def a_skipped(source: str = "SystemModstamp") -> FieldMapping:
    """A field that stays behind."""
    return FieldMapping(
        source=ApiName(source),
        target=None,
        type=None,
        treatment=Treatment.SKIP,
        why="cannot be written",
        status=Status.APPROVED,
    )


def a_location(type_: str = "Location(6, decimal)") -> tuple[FieldMapping, ...]:
    """The entries of a geolocation and of its two parts."""
    location = a_field("Place__c", type_, label="Place")
    assert location.type is not None
    number = str(number_of(location.type))
    latitude, longitude = (
        a_field(f"Place__{part}__s", number, label=f"Place ({part})")
        for part in LOCATION_PARTS
    )
    return location, latitude, longitude


def a_parent(*, link: ParentLink = ParentLink.RESTRICT_LOOKUP) -> FieldMapping:
    """A child's reference to its invoice."""
    detail = link is ParentLink.MASTER_DETAIL
    return a_field(
        "Invoice__c",
        "MasterDetail(Invoice__c)" if detail else "Lookup(Invoice__c)",
        treatment=Treatment.PARENT,
        label="Invoice",
        relationship="Invoice_Lines",
        required=not detail,
        why="the invoice this line belongs to",
    )


def a_mapped_object(
    *fields: FieldMapping,
    name: str = "Invoice",
    label: str = "Invoice",
    sharing: Sharing = Sharing.PRIVATE,
    target: str | None = None,
) -> MappedObject:
    """One object with *fields* and nothing else."""
    return MappedObject(
        source=ApiName(f"ONB2__{name}__c"),
        target=ApiName(target or f"{name}__c"),
        label=label,
        plural_label=f"{label}s",
        name_label=f"{label} No.",
        fields=fields,
        sharing=sharing,
    )


def a_mapping(*objects: MappedObject, text: TextRule | None = None) -> Mapping:
    """A mapping of *objects*, one plain invoice when there are none."""
    plain = a_mapped_object(a_key(), a_name(), a_field(), a_skipped())
    return Mapping(
        namespace="ONB2", objects=objects or (plain,), text=text or TextRule()
    )
