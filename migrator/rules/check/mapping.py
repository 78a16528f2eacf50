"""
The check of a whole mapping: every mistake at once, as findings.

A blocker is what the org would refuse, what would keep the package from being removed,
or what would lose something nobody agreed to lose.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import replace

from migrator.model import limits
from migrator.model.codes import check as codes
from migrator.model.codes import check_values as value_codes
from migrator.model.describe import ObjectDescribe
from migrator.model.field_type import ID_TYPE, FieldType
from migrator.model.finding import Finding, once
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    Mapping,
    refers_to_package,
)
from migrator.model.names import CUSTOM_SUFFIX, ApiName, is_custom
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.rules.check.fit import misfits
from migrator.rules.check.limits import exceeded
from migrator.rules.check.locations import check_location
from migrator.rules.check.ranges import lines_problem, range_problem
from migrator.rules.check.relationship_names import taken_relationships
from migrator.rules.check.row_rules import check_rows
from migrator.rules.check.uniqueness import check_unique
from migrator.rules.check.value_rules import check_rule
from migrator.rules.target.names import is_legal_stem, is_reserved
from migrator.rules.target.source_layouts import unknown_shown, unlisted_views

NAME = ApiName("Name")
RECORD_ID = ApiName("Id")


def all_findings(
    mapping: Mapping,
    describes: abc.Mapping[ApiName, ObjectDescribe] | None = None,
    organization_type: str | None = None,
    listed: Iterable[ApiName] = (),
) -> tuple[Finding, ...]:
    """
    Return what *mapping* keeps from the day it was planned and what `check` finds
    today, each once; the arguments are those of `check`.
    """
    checked = check(mapping, describes, organization_type, listed)
    return once((*mapping.findings, *checked))


def check(
    mapping: Mapping,
    describes: abc.Mapping[ApiName, ObjectDescribe] | None = None,
    organization_type: str | None = None,
    listed: Iterable[ApiName] = (),
) -> tuple[Finding, ...]:
    """
    Return what is wrong or risky in *mapping*; with *describes*, compared with them as
    well, with *organization_type* measured by the allocations of that edition, and held
    against the objects that are *listed* for migration.
    """
    return (
        *_unmapped(mapping, listed),
        *_checked(mapping, describes or {}, organization_type),
    )


def _checked(
    mapping: Mapping,
    describes: abc.Mapping[ApiName, ObjectDescribe],
    organization_type: str | None,
) -> Iterator[Finding]:
    yield from _repeated_objects(mapping)
    yield from _relationships(mapping, taken_relationships(mapping.objects, describes))
    for mapped in mapping.objects:
        yield from _object(mapped, organization_type)
        described = describes.get(mapped.source)
        yield from check_rows(mapped, described)
        yield from unknown_shown(mapped)
        yield from unlisted_views(mapped)
        for entry in mapped.fields:
            found = [*_entry(entry, mapped, mapping)]
            found += check_rule(mapped, entry, described)
            if described:
                found += misfits(entry, described.field(entry.source), mapping)
            yield from (each.at(mapped.source, entry.source) for each in found)
        if described:
            yield from _forgotten(mapped, described)


# -- Objects --------------------------------------------------------------------------


def _unmapped(mapping: Mapping, listed: Iterable[ApiName]) -> Iterator[Finding]:
    """
    Yield the *listed* objects that fell out of *mapping*: nobody would miss their
    records.
    """
    for name in listed:
        if mapping.object(name) is None:
            yield codes.OBJECT_NOT_MAPPED().at(name)


def _repeated_objects(mapping: Mapping) -> Iterator[Finding]:
    owners: dict[str, MappedObject] = {}
    for mapped in mapping.objects:
        first = owners.setdefault(mapped.target.casefold(), mapped)
        if first is not mapped:
            found = codes.DUPLICATE_TARGET(name=mapped.target, owner=first.source)
            yield found.at(mapped.source)


def _object(mapped: MappedObject, organization_type: str | None) -> Iterator[Finding]:
    if not _is_legal(mapped.target):
        yield _illegal(mapped.target).at(mapped.source)
    for setting in ("label", "plural_label", "name_label"):
        problem = _label_problem(getattr(mapped, setting))
        if problem:
            found = codes.LABEL(setting=setting, problem=problem)
            yield found.at(mapped.source, setting=setting)
    yield from _keys(mapped)
    yield from _sharing(mapped)
    yield from _repeated_fields(mapped)
    for problem in exceeded(mapped, organization_type):
        yield codes.OVER_LIMIT(problem=problem).at(mapped.source)


def _is_legal(name: ApiName) -> bool:
    stem = name.removesuffix(CUSTOM_SUFFIX)
    return is_custom(name) and is_legal_stem(stem) and not is_reserved(stem)


def _illegal(name: ApiName) -> Finding:
    if is_reserved(name.removesuffix(CUSTOM_SUFFIX)):
        return codes.RESERVED_NAME(name=name)
    return codes.ILLEGAL_NAME(name=name, most=limits.MAX_API_NAME)


def _label_problem(label: str) -> str:
    if not label.strip():
        return "is empty"
    if len(label) > limits.MAX_LABEL:
        return f"has {len(label)} characters; expected at most {limits.MAX_LABEL}"
    return ""


def _keys(mapped: MappedObject) -> Iterator[Finding]:
    """
    Yield the external id that every later step relies on, and the record's name.
    """
    entry = mapped.entry(RECORD_ID)
    if entry is None or entry.target != ORIGIN_ID or entry.type != ID_TYPE:
        found = codes.NO_ORIGIN_ID(key=ORIGIN_ID, type=ID_TYPE)
        yield found.at(mapped.source, RECORD_ID)
    yield from nameless(mapped)


def nameless(mapped: MappedObject) -> Iterator[Finding]:
    """
    Yield a warning when no entry of *mapped* names the new records.
    """
    if not any(each.target == NAME for each in mapped.fields):
        yield codes.NO_NAME().at(mapped.source)


def _sharing(mapped: MappedObject) -> Iterator[Finding]:
    masters = [each for each in mapped.fields if _kind(each) is Kind.MASTER_DETAIL]
    if mapped.sharing is Sharing.CONTROLLED_BY_PARENT and not masters:
        yield codes.SHARING().at(mapped.source)


def _repeated_fields(mapped: MappedObject) -> Iterator[Finding]:
    owners: dict[str, ApiName] = {}
    for entry in mapped.fields:
        for setting, name in entry.named_targets:
            if name.casefold() in owners:
                owner = owners[name.casefold()]
                found = codes.DUPLICATE_TARGET(name=name, owner=owner)
                yield found.at(mapped.source, entry.source, setting=setting)
            owners.setdefault(name.casefold(), entry.source)


def _relationships(
    mapping: Mapping, taken: Iterable[tuple[ApiName, str]]
) -> Iterator[Finding]:
    """
    Child relationship names have to be unique on the parent, over all objects, and
    those that it has already are *taken*.
    """
    owners = {
        (parent.casefold(), name.removesuffix("__r").casefold()): "the org"
        for parent, name in taken
    }
    for mapped in mapping.objects:
        for entry in mapped.fields:
            if entry.type is None or entry.type.reference_to is None:
                continue
            name, parent = entry.relationship_name, entry.type.reference_to
            if not is_legal_stem(name):
                most = limits.MAX_RELATIONSHIP_NAME
                found = codes.ILLEGAL_RELATIONSHIP_NAME(name=name, most=most)
                yield found.at(mapped.source, entry.source)
            key = (parent.casefold(), name.casefold())
            where = f"{mapped.source}.{entry.source}"
            owner = owners.setdefault(key, where)
            if owner != where:
                found = codes.RELATIONSHIP_NAME_TAKEN(
                    parent=parent, name=name, owner=owner
                )
                yield found.at(mapped.source, entry.source)


# -- Entries --------------------------------------------------------------------------


def _kind(entry: FieldMapping) -> Kind | None:
    return entry.type.kind if entry.type else None


def _entry(
    entry: FieldMapping, mapped: MappedObject, mapping: Mapping
) -> Iterator[Finding]:
    """
    Yield what is wrong with *entry* by itself and among its neighbours.
    """
    for setting, name in entry.named_targets:
        if name in entry.made_targets and not _is_legal(name):
            yield replace(_illegal(name), setting=setting)
    if not entry.treatment.row.carries:
        return
    if entry.type is None or entry.target is None:
        yield codes.NO_TARGET()
        return
    problem = range_problem(entry.type)
    if problem:
        yield codes.TYPE_RANGE(type=entry.type, problem=problem)
    if len(entry.label) > limits.MAX_LABEL:
        problem = _label_problem(entry.label)
        yield codes.LABEL(setting="label", problem=problem)
    problem = lines_problem(entry.type, entry.visible_lines)
    if problem:
        yield codes.VISIBLE_LINES(problem=problem)
    yield from check_location(mapped, entry)
    yield from check_unique(entry)
    yield from _given_fields(entry, entry.type)
    yield from _picklist(entry.values, entry.type)
    yield from _reference(entry.treatment, entry.type, mapping)


def _given_fields(entry: FieldMapping, chosen: FieldType) -> Iterator[Finding]:
    """
    Name and CurrencyIsoCode exist on every object and have types of their own.
    """
    if (chosen.kind is Kind.NAME) is not (entry.target == NAME):
        yield codes.NAME_TYPE()
    if chosen.kind is Kind.STANDARD and entry.target != "CurrencyIsoCode":
        yield codes.STANDARD_TYPE()
    if entry.required and entry.treatment is not Treatment.PARENT:
        yield codes.REQUIRED()


def _picklist(values: tuple[str, ...], chosen: FieldType) -> Iterator[Finding]:
    most = chosen.row.most_values
    if most is None:
        if values:
            yield value_codes.VALUES_TYPE(type=chosen)
        return
    if not values:
        yield value_codes.NO_VALUES()
    if len(values) > most:
        yield value_codes.TOO_MANY_VALUES(count=len(values), most=most)
    if any(len(value) > limits.MAX_PICKLIST_VALUE for value in values):
        yield value_codes.VALUE_TOO_LONG(most=limits.MAX_PICKLIST_VALUE)
    if sum(map(len, values)) > limits.MAX_PICKLIST_CHARACTERS:
        yield value_codes.VALUES_TOO_LONG(most=limits.MAX_PICKLIST_CHARACTERS)
    if len({value.casefold() for value in values}) < len(values):
        yield value_codes.VALUES_ALIKE()


def _reference(
    treatment: Treatment, chosen: FieldType, mapping: Mapping
) -> Iterator[Finding]:
    if chosen.is_reference is not treatment.row.links:
        expected = "a Lookup" if treatment.row.links else "no reference"
        yield codes.TREATMENT_TYPE(treatment=treatment, type=chosen, expected=expected)
        return
    if chosen.reference_to is None:
        return
    referred, mapped = chosen.reference_to, mapping.by_target(chosen.reference_to)
    if refers_to_package(referred, mapping.namespace):
        yield codes.PACKAGE_REFERENCE(referred=referred)
    if treatment is Treatment.PARENT and mapped is None:
        yield codes.PARENT_NOT_MAPPED(referred=referred)
    if treatment is Treatment.LOOKUP and chosen.kind is Kind.MASTER_DETAIL:
        yield codes.DETAIL_OF_OTHERS(referred=referred)
    if treatment is Treatment.LOOKUP and mapped is not None:
        yield codes.LOOKUP_TO_COPIED(referred=referred)


# -- Against the describe -------------------------------------------------------------


def _forgotten(mapped: MappedObject, described: ObjectDescribe) -> Iterator[Finding]:
    known: Iterable[str] = {entry.source.casefold() for entry in mapped.fields}
    for field in described.fields:
        if field.name.casefold() not in known:
            yield codes.NO_ENTRY().at(mapped.source, field.name)
