"""
The check of a whole mapping: every mistake at once, as findings.

A blocker is what the org would refuse, what would keep the package from being removed,
or what would lose something nobody agreed to lose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass

from migrator.model import limits
from migrator.model.describe import ObjectDescribe
from migrator.model.field_type import ID_TYPE, FieldType
from migrator.model.finding import Finding, Level, Remark
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    ORIGIN_ID,
    FieldMapping,
    MappedObject,
    Mapping,
    Treatment,
    refers_to_package,
)
from migrator.model.names import CUSTOM_SUFFIX, ApiName, is_custom
from migrator.model.target import Sharing
from migrator.rules.check.fit import misfits
from migrator.rules.check.limits import exceeded
from migrator.rules.check.locations import check_location
from migrator.rules.check.ranges import lines_problem, range_problem
from migrator.rules.check.relationship_names import taken_relationships
from migrator.rules.check.row_rules import check_rows
from migrator.rules.check.uniqueness import check_unique
from migrator.rules.check.value_rules import check_rule
from migrator.rules.target.names import is_legal_stem, is_reserved
from migrator.rules.target.source_layouts import arrangement_problems, unlisted_views

NAME = ApiName("Name")
_REFERENCES = {Treatment.PARENT, Treatment.LOOKUP}


def check(
    mapping: Mapping,
    describes: Table[ApiName, ObjectDescribe] | None = None,
    organization_type: str | None = None,
) -> tuple[Finding, ...]:
    """
    What is wrong or risky in *mapping*; with *describes*, compared with them as well,
    with *organization_type* measured by the allocations of that edition.
    """
    return tuple(_all_findings(mapping, describes or {}, organization_type))


def _all_findings(
    mapping: Mapping,
    describes: Table[ApiName, ObjectDescribe],
    organization_type: str | None,
) -> Iterator[Finding]:
    yield from _repeated_objects(mapping)
    yield from _relationships(mapping, taken_relationships(mapping.objects, describes))
    for mapped in mapping.objects:
        yield from _object(mapped, organization_type)
        described = describes.get(mapped.source)
        yield from check_rows(mapped, described)
        for problem in arrangement_problems(mapped):
            yield _blocker(mapped, "unknown-field-shown", problem)
        yield from unlisted_views(mapped)
        for entry in mapped.fields:
            about = _About(mapping=mapping, mapped=mapped, entry=entry)
            yield from _entry(about)
            for remark in check_rule(mapped, entry, described):
                yield about.finding(remark)
            if described:
                for remark in misfits(entry, described.field(entry.source), mapping):
                    yield about.finding(remark)
        if described:
            yield from _forgotten(mapped, described)


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """
    The entry that is looked at, and what surrounds it.
    """

    mapping: Mapping
    mapped: MappedObject
    entry: FieldMapping

    def blocker(self, code: str, message: str, remedy: str = "") -> Finding:
        return self.finding(
            Remark(level=Level.BLOCKER, code=code, message=message, remedy=remedy)
        )

    def finding(self, remark: Remark) -> Finding:
        return remark.about(self.mapped.source, self.entry.source)


def _blocker(
    mapped: MappedObject, code: str, message: str, remedy: str = ""
) -> Finding:
    return Finding(
        level=Level.BLOCKER,
        code=code,
        message=message,
        object=mapped.source,
        remedy=remedy,
    )


# -- Objects --------------------------------------------------------------------------


def _repeated_objects(mapping: Mapping) -> Iterator[Finding]:
    owners: dict[str, MappedObject] = {}
    for mapped in mapping.objects:
        first = owners.setdefault(mapped.target.casefold(), mapped)
        if first is not mapped:
            yield _blocker(
                mapped,
                "duplicate-target",
                f"{mapped.target} is the target of {first.source} already.",
                "give one of them another target",
            )


def _object(mapped: MappedObject, organization_type: str | None) -> Iterator[Finding]:
    if not _is_legal(mapped.target):
        yield _blocker(mapped, "illegal-name", _illegal(mapped.target))
    for setting in ("label", "plural_label", "name_label"):
        problem = _label_problem(getattr(mapped, setting))
        if problem:
            yield _blocker(mapped, "label", f"{setting} {problem}.")
    yield from _keys(mapped)
    yield from _sharing(mapped)
    yield from _repeated_fields(mapped)
    for problem in exceeded(mapped, organization_type):
        yield _blocker(mapped, "over-limit", problem, "set some fields to skip")


def _is_legal(name: ApiName) -> bool:
    stem = name.removesuffix(CUSTOM_SUFFIX)
    return is_custom(name) and is_legal_stem(stem) and not is_reserved(stem)


def _illegal(name: ApiName) -> str:
    if is_reserved(name.removesuffix(CUSTOM_SUFFIX)):
        return f"{name} is a reserved word of the platform; expected another name."
    return (
        f"{name} is no custom name of one's own; expected a letter, then letters, "
        f"digits and single underscores, at most {limits.MAX_API_NAME}, then __c."
    )


def _label_problem(label: str) -> str:
    if not label.strip():
        return "is empty"
    if len(label) > limits.MAX_LABEL:
        return f"has {len(label)} characters; expected at most {limits.MAX_LABEL}"
    return ""


def _keys(mapped: MappedObject) -> Iterator[Finding]:
    """
    The external id that every later step relies on, and the record's name.
    """
    entry = mapped.entry(ApiName("Id"))
    if entry is None or entry.target != ORIGIN_ID or entry.type != ID_TYPE:
        yield _blocker(
            mapped,
            "no-origin-id",
            f"The field Id has to be kept in {ORIGIN_ID} as {ID_TYPE}: records are "
            "found again by it.",
            "run `migrator plan`; it adds the entry",
        )
    yield from nameless(mapped)


def nameless(mapped: MappedObject) -> Iterator[Finding]:
    """
    A warning when no entry of *mapped* names the new records.
    """
    if not any(each.target == NAME for each in mapped.fields):
        yield Finding(
            level=Level.WARNING,
            code="no-name",
            message="No field gives the new records a name; they will carry their own "
            "id as name.",
            object=mapped.source,
            remedy="give one entry the target Name and the type Name(80)",
        )


def _sharing(mapped: MappedObject) -> Iterator[Finding]:
    masters = [each for each in mapped.fields if _kind(each) is Kind.MASTER_DETAIL]
    if mapped.sharing is Sharing.CONTROLLED_BY_PARENT and not masters:
        yield _blocker(
            mapped,
            "sharing",
            "ControlledByParent needs a master-detail, and there is none.",
            "set sharing to Private",
        )


def _repeated_fields(mapped: MappedObject) -> Iterator[Finding]:
    owners: dict[str, FieldMapping] = {}
    for entry in mapped.fields:
        for name in entry.targets:
            if name.casefold() in owners:
                yield Finding(
                    level=Level.BLOCKER,
                    code="duplicate-target",
                    message=f"{name} is filled by {owners[name.casefold()].source} "
                    "already.",
                    object=mapped.source,
                    field=entry.source,
                    remedy="give one of them another target",
                )
            owners.setdefault(name.casefold(), entry)


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
            about = _About(mapping=mapping, mapped=mapped, entry=entry)
            name = entry.relationship_name
            if not is_legal_stem(name):
                yield about.blocker(
                    "relationship-name",
                    f"{name!r} cannot name a relationship; expected a letter, then "
                    "letters, digits and single underscores, at most "
                    f"{limits.MAX_RELATIONSHIP_NAME}.",
                )
            key = (entry.type.reference_to.casefold(), name.casefold())
            where = f"{mapped.source}.{entry.source}"
            if owners.setdefault(key, where) != where:
                yield about.blocker(
                    "relationship-name",
                    f"{entry.type.reference_to} has a relationship {name} already, "
                    f"from {owners[key]}.",
                )


# -- Entries --------------------------------------------------------------------------


def _kind(entry: FieldMapping) -> Kind | None:
    return entry.type.kind if entry.type else None


def _entry(about: _About) -> Iterator[Finding]:
    entry = about.entry
    for name in entry.made_targets:
        if not _is_legal(name):
            yield about.blocker("illegal-name", _illegal(name))
    if entry.treatment is Treatment.SKIP:
        return
    if entry.type is None or entry.target is None:
        yield about.blocker("no-target", "An entry needs a target and a type.")
        return
    problem = range_problem(entry.type)
    if problem:
        yield about.blocker("type-range", f"{entry.type}: {problem}.")
    if len(entry.label) > limits.MAX_LABEL:
        yield about.blocker("label", f"label {_label_problem(entry.label)}.")
    lines = lines_problem(entry.type, entry.visible_lines)
    if lines:
        yield about.blocker("visible-lines", f"{lines}.")
    for remark in (*check_location(about.mapped, entry), *check_unique(entry)):
        yield about.finding(remark)
    yield from _given_fields(about, entry.type)
    yield from _picklist(about, entry.type)
    yield from _reference(about, entry.type)


def _given_fields(about: _About, chosen: FieldType) -> Iterator[Finding]:
    """
    Name and CurrencyIsoCode exist on every object and have types of their own.
    """
    entry = about.entry
    if (chosen.kind is Kind.NAME) is not (entry.target == NAME):
        yield about.blocker(
            "name-type", "The target Name and the type Name(80) go together."
        )
    if chosen.kind is Kind.STANDARD and entry.target != "CurrencyIsoCode":
        yield about.blocker(
            "standard-type", "Standard is the type of CurrencyIsoCode alone."
        )
    if entry.required and entry.treatment is not Treatment.PARENT:
        yield about.blocker(
            "required",
            "Only the link to a parent may be required: a required field refuses "
            "records that are older than the rule.",
            "remove `required`",
        )


def _picklist(about: _About, chosen: FieldType) -> Iterator[Finding]:
    values = about.entry.values
    most = chosen.row.most_values
    if most is None:
        if values:
            yield about.blocker("values", f"{chosen} has no values.", "remove them")
        return
    if not values:
        yield about.blocker(
            "values", "A picklist needs at least one value.", "use Text(255) instead"
        )
    if len(values) > most:
        yield about.blocker("values", f"{len(values)} values; at most {most} fit.")
    if any(len(value) > limits.MAX_PICKLIST_VALUE for value in values):
        yield about.blocker(
            "values", f"A value has more than {limits.MAX_PICKLIST_VALUE} characters."
        )
    if sum(map(len, values)) > limits.MAX_PICKLIST_CHARACTERS:
        yield about.blocker(
            "values",
            f"The values have more than {limits.MAX_PICKLIST_CHARACTERS:,} characters "
            "in all.",
            "use Text(255) instead",
        )
    if len({value.casefold() for value in values}) < len(values):
        yield about.blocker(
            "values",
            "Two values differ in case alone; the platform would store one of them for "
            "both.",
            "use Text(255) instead",
        )


def _reference(about: _About, chosen: FieldType) -> Iterator[Finding]:
    treatment = about.entry.treatment
    if chosen.is_reference is not (treatment in _REFERENCES):
        expected = "a Lookup" if treatment in _REFERENCES else "no reference"
        yield about.blocker(
            "treatment", f"{treatment.value} with {chosen}: expected {expected}."
        )
        return
    if chosen.reference_to is None:
        return
    if refers_to_package(chosen.reference_to, about.mapping.namespace):
        yield about.blocker(
            "package-reference",
            f"A link to {chosen.reference_to} would keep the package from being "
            "uninstalled.",
            "use snapshot with Text(18)",
        )
    mapped = about.mapping.by_target(chosen.reference_to)
    if treatment is Treatment.PARENT and mapped is None:
        yield about.blocker(
            "parent-not-mapped",
            f"{chosen.reference_to} is no target in this mapping, so nothing could be "
            "linked.",
            "use lookup or snapshot, or map the object",
        )
    if treatment is Treatment.LOOKUP and chosen.kind is Kind.MASTER_DETAIL:
        yield about.blocker(
            "detail-of-others",
            f"Deleting a record of {chosen.reference_to} would delete the archive.",
            f"use Lookup({chosen.reference_to})",
        )
    if treatment is Treatment.LOOKUP and mapped is not None:
        yield about.blocker(
            "treatment", f"{chosen.reference_to} is copied too.", "use parent"
        )


# -- Against the describe -------------------------------------------------------------


def _forgotten(mapped: MappedObject, described: ObjectDescribe) -> Iterator[Finding]:
    known: Iterable[str] = {entry.source.casefold() for entry in mapped.fields}
    for field in described.fields:
        if field.name.casefold() not in known:
            yield Finding(
                level=Level.BLOCKER,
                code="no-entry",
                message="The describe shows this field, the mapping does not.",
                object=mapped.source,
                field=field.name,
                remedy="run `migrator plan`; it adds the entry",
            )
