"""
From the reviewed mapping to the target: which components there are, down to each text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migrator.errors import MappingError
from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    Mapping,
)
from migrator.model.migration import Migration
from migrator.model.names import ApiName, bare
from migrator.model.target import (
    DeleteConstraint,
    FieldPermission,
    FieldType,
    Kind,
    ObjectPermission,
    PermissionSet,
    Sharing,
    Target,
    TargetField,
    TargetObject,
)

MAX_LABEL = 40
MAX_DESCRIPTION = 1000
ID_TYPE = FieldType(kind=Kind.TEXT, length=18)
"""The sibling that keeps an id, always in its 18-character form."""
NAME_TYPE = FieldType(kind=Kind.TEXT, length=255)
"""The sibling that keeps the name a referenced record had."""

_VISIBLE_LINES = {
    Kind.LONG_TEXT_AREA: 3,
    Kind.HTML: 25,
    Kind.MULTISELECT_PICKLIST: 4,
}
"""What the setup pages propose; the Metadata API demands a figure for these types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSetNames:
    """
    The API names of the two permission sets of one migration.
    """

    reader: str
    loader: str


def build_target(mapping: Mapping, migration: Migration) -> Target:
    """
    Every component that *mapping* asks for, in the mapping's order.

    Raises MappingError with every entry that cannot become a component.
    """
    problems = [*_problems(mapping)]
    if problems:
        raise MappingError(
            problems, hint="mend mapping.yaml, or run `migrator plan` again"
        )
    objects = tuple(_object(each, mapping, migration) for each in mapping.objects)
    return Target(
        api_version=migration.api_ceiling,
        objects=objects,
        permission_sets=_permission_sets(objects, mapping, migration),
    )


def permission_set_names(mapping: Mapping, migration: Migration) -> PermissionSetNames:
    """
    What the permission sets of *mapping* are called: `Invoice_Archive_Reader`.

    The stem is the first object's name, with the naming prefix when any object carries
    it, so that a second archive in the same org gets names of its own.
    """
    stems = [bare(each.target) for each in mapping.objects] or ["Empty"]
    prefix = migration.naming.prefix
    wanted = migration.naming.always_prefix or any(
        _carries(stem, prefix) for stem in stems
    )
    stem = stems[0]
    if prefix and wanted and not _carries(stem, prefix):
        stem = f"{prefix}_{stem}"
    stem = re.sub(r"_+", "_", stem).strip("_")
    return PermissionSetNames(
        reader=f"{stem}_Archive_Reader", loader=f"{stem}_Archive_Loader"
    )


def _carries(stem: str, prefix: str) -> bool:
    return bool(prefix) and stem.casefold().startswith(f"{prefix}_".casefold())


# -- What no component can be made from ----------------------------------------------


def _problems(mapping: Mapping) -> Iterator[str]:
    for mapped in mapping.objects:
        for entry in mapped.fields:
            where = f"{mapped.source}.{entry.source}"
            if entry.target is not None and entry.type is None:
                yield f"{where}: target {entry.target} has no type"
            if entry.type and entry.type.is_reference and not entry.relationship_name:
                yield (
                    f"{where}: {entry.type} needs a relationship_name, the name of "
                    f"the related list on {entry.type.reference_to}"
                )
        seen = Counter(name.casefold() for name in mapped.made_fields)
        for name in dict.fromkeys(mapped.made_fields):
            if seen[name.casefold()] > 1:
                yield f"{mapped.source}: {name} is the target of several entries"


# -- Objects --------------------------------------------------------------------------


def _object(
    mapped: MappedObject, mapping: Mapping, migration: Migration
) -> TargetObject:
    context = _Context(mapped=mapped, mapping=mapping, marker=migration.marker)
    fields = _ordered_masters(
        field for entry in mapped.fields for field in _fields(entry, context)
    )
    is_detail = any(field.type.kind is Kind.MASTER_DETAIL for field in fields)
    return TargetObject(
        name=mapped.target,
        label=shortened(mapped.label, MAX_LABEL),
        plural_label=shortened(mapped.plural_label, MAX_LABEL),
        name_label=shortened(mapped.name_label, MAX_LABEL),
        description=marked(
            f"Archive of {mapped.source}: plain copies of its records.",
            migration.marker,
        ),
        sharing=Sharing.CONTROLLED_BY_PARENT if is_detail else mapped.sharing,
        fields=fields,
    )


def _ordered_masters(fields: Iterable[TargetField]) -> tuple[TargetField, ...]:
    """
    *fields* with their master-details counted: 0 is the primary one, which gives the
    record its sharing and look.
    """
    result: list[TargetField] = []
    masters = 0
    for field in fields:
        if field.type.kind is Kind.MASTER_DETAIL:
            result.append(replace(field, relationship_order=masters))
            masters += 1
        else:
            result.append(field)
    return tuple(result)


# -- Fields ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """
    What a field needs to know beyond its entry.
    """

    mapped: MappedObject
    mapping: Mapping
    marker: str

    def description(self, entry: FieldMapping, what: str = "") -> str:
        origin = f"From {self.mapped.source}.{entry.source}"
        origin += f" ({what})" if what else ""
        why = f"{entry.treatment}: {entry.why}" if entry.why else str(entry.treatment)
        return marked(f"{origin}; {why}", self.marker)


def _fields(entry: FieldMapping, context: _Context) -> Iterator[TargetField]:
    made = set(entry.made_targets)
    label = entry.label.strip() or _plain_label(entry.target or entry.source)
    if entry.target in made and entry.target is not None:
        yield _main_field(entry, entry.target, label, context)
    if entry.id_target in made and entry.id_target is not None:
        yield TargetField(
            name=entry.id_target,
            label=sibling_label(label, "Id"),
            type=ID_TYPE,
            description=context.description(entry, "id of the referenced record"),
        )
    if entry.name_target in made and entry.name_target is not None:
        yield TargetField(
            name=entry.name_target,
            label=sibling_label(label, "Name"),
            type=NAME_TYPE,
            description=context.description(entry, "name of the referenced record"),
        )


def _plain_label(name: ApiName) -> str:
    return bare(name).replace("_", " ")


def _main_field(
    entry: FieldMapping, name: ApiName, label: str, context: _Context
) -> TargetField:
    assert entry.type is not None
    kind = entry.type.kind
    is_key = name == ORIGIN_ID
    required = entry.required and kind is Kind.LOOKUP
    return TargetField(
        name=name,
        label=shortened(label, MAX_LABEL),
        type=entry.type,
        description=context.description(entry),
        help_text=entry.help,
        required=required,
        unique=is_key,
        external_id=is_key,
        case_sensitive=is_key,
        values=_distinct(entry.values),
        visible_lines=_VISIBLE_LINES.get(kind, 0),
        relationship_name=entry.relationship_name if entry.type.is_reference else "",
        relationship_label=_relationship_label(entry, label, context.mapped),
        delete_constraint=_delete_constraint(kind, required=required),
    )


def _delete_constraint(kind: Kind, *, required: bool) -> DeleteConstraint | None:
    """
    A required lookup must say Restrict or Cascade, and an archive never cascades.
    """
    if kind is not Kind.LOOKUP:
        return None
    return DeleteConstraint.RESTRICT if required else DeleteConstraint.SET_NULL


def _relationship_label(entry: FieldMapping, label: str, mapped: MappedObject) -> str:
    """
    The related list's title on the parent; two lists of one object tell themselves
    apart by their field.
    """
    if entry.type is None or not entry.type.is_reference:
        return ""
    alike = [
        each
        for each in mapped.fields
        if each.type and each.type.reference_to == entry.type.reference_to
    ]
    title = mapped.plural_label
    return shortened(f"{title} ({label})" if len(alike) > 1 else title, MAX_LABEL)


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """
    *values* without repetitions: a value set compares them without case ("duplicate
    value found"), and an unrestricted picklist takes the other spelling anyway.
    """
    first: dict[str, str] = {}
    for value in values:
        if value:
            first.setdefault(value.casefold(), value)
    return tuple(first.values())


# -- Texts ----------------------------------------------------------------------------


def shortened(text: str, limit: int) -> str:
    """
    *text* on one line in at most *limit* characters, cut at its end.

    The org counts UTF-16 units: a character outside the basic plane, an emoji for
    instance, is two.
    """
    line = " ".join(text.split())
    while len(line.encode("utf-16-le", errors="surrogatepass")) > limit * 2:
        line = line[:-1]
    return line.rstrip()


def sibling_label(label: str, suffix: str) -> str:
    """
    The label of the field beside *label*: `Account` has `Account Id`, `Account Name`.

    The end of a long label gives way, never the suffix, which tells the two apart.
    """
    stem = re.sub(r"\s+ID$", "", " ".join(label.split()), flags=re.IGNORECASE)
    room = MAX_LABEL - len(suffix) - 1
    return f"{shortened(stem, room)} {suffix}"


def marked(text: str, marker: str) -> str:
    """
    *text* as a description that ends with *marker*, in at most 1,000 characters.
    """
    room = MAX_DESCRIPTION - len(marker) - 1
    return f"{shortened(text, room)} {marker}"


# -- Permissions ----------------------------------------------------------------------


def _permission_sets(
    objects: tuple[TargetObject, ...], mapping: Mapping, migration: Migration
) -> tuple[PermissionSet, ...]:
    names = permission_set_names(mapping, migration)
    reader = _permission_set(
        names.reader,
        marked("Reads the whole archive and changes nothing.", migration.marker),
        objects,
        writes=False,
    )
    loader = _permission_set(
        names.loader,
        marked("Fills the archive: for the copy only.", migration.marker),
        objects,
        writes=True,
    )
    return reader, loader


def _permission_set(
    name: str, description: str, objects: tuple[TargetObject, ...], *, writes: bool
) -> PermissionSet:
    by_name = sorted(objects, key=lambda made: made.name)
    fields = (
        FieldPermission(
            object=made.name, field=field.name, readable=True, editable=writes
        )
        for made in by_name
        for field in made.fields
        if field.needs_permission
    )
    return PermissionSet(
        name=name,
        label=name.replace("_", " "),
        description=description,
        objects=tuple(_object_permission(made.name, writes=writes) for made in by_name),
        fields=tuple(sorted(fields, key=lambda each: (each.object, each.field))),
        tabs=tuple(made.name for made in by_name),
    )


def _object_permission(name: ApiName, *, writes: bool) -> ObjectPermission:
    """
    View All for both: the copy has to see every record to know what is there.
    """
    return ObjectPermission(
        object=name,
        create=writes,
        read=True,
        edit=writes,
        delete=False,
        view_all=True,
        modify_all=False,
    )
