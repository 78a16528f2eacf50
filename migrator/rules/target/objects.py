"""
From the reviewed mapping to the target: which components there are, down to each text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migrator.errors import MappingError
from migrator.model.field_type import ID_TYPE, NAME_TYPE, ORIGINAL_TYPE
from migrator.model.kinds.table import Kind
from migrator.model.mapping import ORIGIN_ID, FieldMapping, MappedObject, Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName, bare
from migrator.model.target import (
    DeleteConstraint,
    Sharing,
    Target,
    TargetField,
    TargetObject,
)
from migrator.rules.target.layouts import application, layout, list_views, seal
from migrator.rules.target.permission_sets import (
    permission_set_names,
    permission_sets,
    unseal_permission,
)
from migrator.rules.target.source_layouts import unknown_shown
from migrator.rules.target.translations import translations
from migrator.rules.target.words import MAX_LABEL, marked, shortened, sibling_label

__all__ = ["build_target", "permission_set_names"]


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
        permission_sets=permission_sets(objects, mapping, migration),
        application=application(objects, mapping, migration),
        custom_permission=unseal_permission(mapping, migration),
        translations=tuple(translations(mapping, migration.languages)),
    )


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
        for found in unknown_shown(mapped):
            yield f"{mapped.source}: {found.message}"
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
    label = shortened(mapped.label, MAX_LABEL)
    return TargetObject(
        name=mapped.target,
        label=label,
        plural_label=shortened(mapped.plural_label, MAX_LABEL),
        name_label=shortened(mapped.name_label, MAX_LABEL),
        description=marked(
            f"Archive of {mapped.source}: plain copies of its records.",
            migration.marker,
        ),
        sharing=Sharing.CONTROLLED_BY_PARENT if is_detail else mapped.sharing,
        fields=fields,
        layout=layout(label, fields, mapped),
        list_views=list_views(fields, mapped),
        rules=(seal(mapping, migration),),
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
    if entry.original_target in made and entry.original_target is not None:
        type_ = entry.original_type or ORIGINAL_TYPE
        yield TargetField(
            name=entry.original_target,
            label=sibling_label(label, "Original"),
            type=type_,
            description=context.description(entry, "as it was, before the value rule"),
            visible_lines=type_.row.visible_lines(),
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
        unique=is_key or entry.unique,
        external_id=is_key,
        case_sensitive=is_key or entry.case_sensitive,
        values=_distinct(entry.values),
        visible_lines=entry.type.row.visible_lines(entry.visible_lines),
        relationship_name=entry.relationship_name if entry.type.is_reference else "",
        relationship_label=_relationship_label(entry, label, context.mapped),
        delete_constraint=_delete_constraint(kind, required=required),
    )


def _delete_constraint(kind: Kind, *, required: bool) -> DeleteConstraint | None:
    """
    Return a required lookup must say Restrict or Cascade, and an archive never
    cascades.
    """
    if kind is not Kind.LOOKUP:
        return None
    return DeleteConstraint.RESTRICT if required else DeleteConstraint.SET_NULL


def _relationship_label(entry: FieldMapping, label: str, mapped: MappedObject) -> str:
    """
    Return the related list's title on the parent; two lists of one object tell
    themselves apart by their field.
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
