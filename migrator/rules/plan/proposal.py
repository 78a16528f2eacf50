"""
The proposal: describes, and what the extract shows, become a mapping to review.

Every source field gets exactly one entry, in the order of the describe. A proposal
never asks for what the org would refuse: above a limit it takes the next best and says
so in a finding. What people decided before stays (`rules.plan.merge`).
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migrator.model import limits
from migrator.model.codes import check as check_codes
from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.mapping import (
    FieldMapping,
    Kept,
    MappedObject,
    Mapping,
    ParentLink,
    RowRule,
)
from migrator.model.migration import DRAFT, DRAFT_FIELD, Migration, OrgFacts
from migrator.model.names import ApiName, custom_name
from migrator.model.row_rule import Condition
from migrator.rules.check.limits import exceeded
from migrator.rules.check.mapping import nameless
from migrator.rules.plan import merge as merging
from migrator.rules.plan.draft import Draft, Profile, Scene
from migrator.rules.plan.entry import NAME, ORIGIN_NAMES, RECORD_ID, draft, links
from migrator.rules.plan.locations import alone, part_target
from migrator.rules.plan.relationship_names import with_relationships
from migrator.rules.plan.uniqueness import within_limit
from migrator.rules.review.approval import with_changes
from migrator.rules.target.names import (
    Given,
    Wish,
    field_names,
    fitted_label,
    object_names,
    parts_of,
)
from migrator.rules.target.source_layouts import arranged, arrangement_findings

__all__ = ["Profile", "plan"]


def plan(
    describes: abc.Mapping[ApiName, ObjectDescribe],
    migration: Migration,
    org_facts: OrgFacts | None = None,
    observed: Profile | None = None,
    previous: Mapping | None = None,
) -> Mapping:
    """
    Return the mapping that is proposed for *migration*, every source field exactly
    once.

    *describes* holds the migrated objects and, where known, the objects they refer to;
    *observed* what the extract shows. Decisions of *previous* that a person made, or
    that no proposal would have made, stay as they are.
    """
    basis = _Basis(
        describes=describes,
        migration=migration,
        facts=org_facts,
        previous=previous,
        targets=_targets(migration, org_facts, previous),
    )
    proposed = _proposal(basis, observed)
    if previous is None:
        return _with_findings(proposed, basis)
    # What somebody changed about an object changes its entries; those that follow from
    # the object as it was first proposed are nobody's own work either.
    first = replace(basis, previous=None, targets=_targets(migration, org_facts, None))
    others = (
        _proposal(each, seen) for each in (basis, first) for seen in (None, observed)
    )
    kept = merging.kept_entries(previous, proposed, *others)
    again = _proposal(basis, observed, kept)
    merged = with_changes(merging.merged(previous, again, kept, proposed), describes)
    return _with_findings(merged, basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """
    What every proposal of one run has in common.
    """

    describes: abc.Mapping[ApiName, ObjectDescribe]
    migration: Migration
    facts: OrgFacts | None
    previous: Mapping | None
    targets: abc.Mapping[ApiName, ApiName]

    def scene(self, source: ApiName, observed: Profile | None) -> Scene:
        before = self.previous and self.previous.object(source)
        has_extract = any(owner == source for owner, _ in observed or ())
        return Scene(
            describe=self.describes[source],
            describes=self.describes,
            namespace=self.migration.namespace,
            targets=self.targets,
            parent_link=before.parent_link if before else ParentLink.RESTRICT_LOOKUP,
            observed=observed if has_extract else None,
        )


def _targets(
    migration: Migration, facts: OrgFacts | None, previous: Mapping | None
) -> dict[ApiName, ApiName]:
    """
    Return the target of each migrated object: the earlier one, unless others have the
    name.
    """
    taken = facts.taken_names if facts else ()
    refused = {name.casefold() for name in taken}
    earlier = {
        each.source: each.target
        for each in (previous.objects if previous else ())
        if each.source in migration.objects and each.target.casefold() not in refused
    }
    new = tuple(name for name in migration.objects if name not in earlier)
    given = object_names(
        new,
        prefix=migration.naming.prefix,
        always_prefix=migration.naming.always_prefix,
        taken=(*taken, *earlier.values(), *migration.objects),
    )
    return {name: (earlier | given)[name] for name in migration.objects}


def _proposal(
    basis: _Basis, observed: Profile | None, kept: Kept | None = None
) -> Mapping:
    """
    Return a proposal from nothing; *kept* entries only keep their names from others.
    """
    kept = kept or {}
    objects = tuple(
        _object(basis, source, observed, kept.get(source, {}))
        for source in basis.migration.objects
    )
    named = with_relationships(objects, basis.describes, kept)
    return Mapping(namespace=basis.migration.namespace, objects=named)


def _object(
    basis: _Basis,
    source: ApiName,
    observed: Profile | None,
    kept: abc.Mapping[ApiName, FieldMapping],
) -> MappedObject:
    scene = basis.scene(source, observed)
    linked = links(scene)
    drafts = alone((draft(each, scene, linked) for each in scene.describe.fields), kept)
    drafts = within_limit(drafts, kept)
    if scene.describe.field(ApiName("Id")) is None:
        drafts.insert(0, RECORD_ID)
    names = _names(drafts, kept)
    entries = tuple(
        _entry(each, names.get(each.source), scene.describe) for each in drafts
    )
    label = fitted_label(scene.describe.label)
    name_field = scene.describe.name_field
    return MappedObject(
        source=source,
        target=basis.targets[source],
        label=label,
        plural_label=fitted_label(scene.describe.plural_label or label),
        name_label=fitted_label(name_field.label if name_field else "Name"),
        fields=entries,
        rows=tuple(_without_drafts(scene.describe)),
    )


def _without_drafts(describe: ObjectDescribe) -> Iterator[RowRule]:
    """
    Yield the proposal to leave drafts behind, for objects that have some by the
    describe.

    It is made when an object is planned for the first time: a rule that somebody took
    out does not come back.
    """
    field = describe.field(DRAFT_FIELD)
    if field and DRAFT in {each.value for each in field.picklist_values}:
        yield RowRule(
            exclude=Condition(field=field.name, is_=(DRAFT,)),
            why="drafts were never issued (proposed by default)",
        )


def _names(
    drafts: Iterable[Draft], kept: abc.Mapping[ApiName, FieldMapping]
) -> dict[ApiName, Given]:
    wishes = [
        Wish(
            source=each.source,
            end=each.end,
            siblings=each.siblings,
            is_reference=each.is_reference,
        )
        for each in drafts
        if each.type and not (each.target or each.location or each.source in kept)
    ]
    standing = [name for entry in kept.values() for name in entry.targets]
    given = field_names(wishes, fixed=(*ORIGIN_NAMES, *standing))
    return given | _part_names(drafts, given, kept)


def _part_names(
    drafts: Iterable[Draft],
    given: abc.Mapping[ApiName, Given],
    kept: abc.Mapping[ApiName, FieldMapping],
) -> dict[ApiName, Given]:
    """
    Return the names of latitudes and longitudes, which follow from that of their
    location.
    """
    made = {source: each.target for source, each in given.items()}
    made |= {source: each.target for source, each in kept.items() if each.target}
    return {
        each.source: Given(
            target=part_target(each.source, made[each.location]),
            siblings={},
            renamed=False,
        )
        for each in drafts
        if each.location
    }


def _entry(made: Draft, given: Given | None, describe: ObjectDescribe) -> FieldMapping:
    """
    Return the entry that *made* becomes under the names it was *given*.
    """
    described = describe.field(made.source)
    siblings = given.siblings if given else {}
    return FieldMapping(
        source=made.source,
        target=given.target if given else made.target,
        type=made.type,
        treatment=made.treatment,
        why=_why(described, made),
        label=_label(described, made),
        help=_help(described, made),
        values=made.values,
        unique=made.unique,
        case_sensitive=made.case_sensitive,
        visible_lines=made.visible_lines,
        required=made.required,
        id_target=siblings.get("Id"),
        name_source=made.name_source,
        name_target=siblings.get("Name", made.name_target),
        volatile=made.volatile,
        findings=tuple(_findings(made, given, describe.name)),
    )


def _why(described: FieldDescribe | None, made: Draft) -> str:
    if described is None or not described.value_set or not made.values:
        return made.why
    kept = f"values of the value set {described.value_set}"
    return f"{made.why}; {kept}" if made.why else kept


def _label(described: FieldDescribe | None, made: Draft) -> str:
    if not made.treatment.row.carries:
        return ""
    return fitted_label(described.label if described else made.source)


def _help(described: FieldDescribe | None, made: Draft) -> str:
    if not made.treatment.row.takes_help or described is None or made.target == NAME:
        return ""
    return (described.help_text or "").strip()[: limits.MAX_HELP].rstrip()


def _findings(made: Draft, given: Given | None, owner: ApiName) -> Iterator[Finding]:
    for each in made.findings:
        yield each.at(owner, made.source)
    if given and given.renamed:
        yield codes.RENAMED(target=given.target).at(owner, made.source)


# -- Findings about the object --------------------------------------------------------


def _with_findings(mapping: Mapping, basis: _Basis) -> Mapping:
    """
    Return *mapping* with what is to be said about whole objects, as decided in the end.
    """
    objects = tuple(
        replace(
            arranged(each, basis.describes[each.source]),
            findings=(*_object_findings(each, basis), *each.findings),
        )
        for each in mapping.objects
    )
    return replace(mapping, objects=objects)


def _object_findings(mapped: MappedObject, basis: _Basis) -> Iterator[Finding]:
    facts = basis.facts
    if _gave_way(mapped, facts):
        yield codes.NAME_TAKEN(target=mapped.target).at(mapped.source)
    if basis.describes[mapped.source].field(RECORD_ID.source) is None:
        yield codes.DESCRIBE_WITHOUT_ID().at(mapped.source)
    yield from nameless(mapped)
    yield from arrangement_findings(mapped, basis.describes[mapped.source])
    for problem in exceeded(mapped, facts.organization_type if facts else None):
        yield check_codes.OVER_LIMIT(problem=problem).at(mapped.source)


def _gave_way(mapped: MappedObject, facts: OrgFacts | None) -> bool:
    taken = {name.casefold() for name in (facts.taken_names if facts else ())}
    plain = custom_name(parts_of(mapped.source).stem)
    return plain != mapped.target and plain.casefold() in taken
