"""
`plan`: describes and extract become `mapping.yaml`; reviewed decisions stay.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.documents.mapping.replan import rewritten
from migrator.documents.mapping.schema import SCHEMA_FILE, render_mapping_schema
from migrator.documents.mapping.write import render_mapping
from migrator.errors import DecisionNeeded, RunDirectoryError
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping, Status
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.row_rule import Excluded
from migrator.rules.check.mapping import all_findings
from migrator.rules.plan.eligibility import left_out, refusal, refusal_by_name
from migrator.rules.plan.proposal import Profile
from migrator.rules.plan.proposal import plan as propose
from migrator.rules.plan.related_objects import related_objects
from migrator.rules.review.review import data_findings
from migrator.rules.target.translations import with_translations
from migrator.rundir.layout import RunDirectory
from migrator.rundir.snapshots import Extract
from migrator.rundir.snapshots.profile import profile
from migrator.steps.describes import (
    Described,
    metadata_files,
    read_described,
    read_translated,
)
from migrator.steps.row_rules import foreseen
from migrator.steps.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """
    What `plan` proposes.
    """

    mapping: Mapping
    findings: tuple[Finding, ...]
    written: bool
    """False when `mapping.yaml` already said the same."""
    left_out: abc.Mapping[ApiName, tuple[Excluded, ...]]
    """What `rows:` would leave out of the extract, by source object."""


def plan(
    workspace: Workspace,
    *,
    describes_dir: Path | None = None,
    objects: tuple[ApiName, ...] = (),
    related: bool = False,
    org_id: str | None = None,
) -> PlanOutcome:
    """
    Return the mapping of what *workspace* migrates, written there.

    Describes come from *describes_dir*, or from the workspace; *objects*
    picks what to plan, beside what the mapping holds already, *related* adds all that
    hangs on them. *org_id* says whose extract decides types when several orgs have one.

    Objects that hold no records to keep (custom metadata, events, settings ...) are
    left out, each with a finding.

    Raises RunDirectoryError when a describe is missing, DescribeError and MappingError
    for files that are wrong, DecisionNeeded when the choice of the extract is open,
    when reviewed entries would be dropped, or when no object is left to plan.
    """
    run, migration, previous = workspace.run, workspace.migration, workspace.planned
    asked = _wanted(migration, objects, previous)
    described = workspace.described
    if describes_dir is not None:
        described = read_described(run, describes_dir)
    if related:
        asked = related_objects(asked, described.objects, migration.namespace)
    refused = tuple(_refused(described, asked))
    wanted = _eligible(asked, refused)
    _require(described, wanted, run)
    observed = _observed(run, described, wanted, org_id)
    mapping = propose(
        described.objects,
        replace(migration, objects=wanted),
        described.facts,
        observed,
        previous,
    )
    mapping = with_translations(
        mapping,
        migration.languages,
        {
            each: read_translated(run, described.folder / each)
            for each in migration.languages
        },
        previous,
    )
    if describes_dir is not None:
        _keep_describes(run, described, wanted)
    written = _write(workspace, mapping)
    of_describes = (each for each in described.findings if each.object in wanted)
    edition = described.facts.organization_type if described.facts else None
    planned = [n for n in workspace.migrated if n in described.objects]
    checked = all_findings(mapping, described.objects, edition, planned)
    seen = _data_findings(mapping, observed or {})
    extract = chosen_extract(run, wanted, org_id)
    return PlanOutcome(
        mapping=mapping,
        findings=(*refused, *of_describes, *checked, *seen),
        written=written,
        left_out=foreseen(extract, mapping) if extract else {},
    )


def _wanted(
    migration: Migration, picked: tuple[ApiName, ...], previous: Mapping | None
) -> tuple[ApiName, ...]:
    """
    Return the objects to plan: the picked ones beside those of the mapping, or else all
    that `migration.yaml` lists.
    """
    before = tuple(each.source for each in previous.objects) if previous else ()
    if picked:
        return tuple(dict.fromkeys((*before, *picked)))
    dropped = [
        each.source
        for each in (previous.objects if previous else ())
        if each.source not in migration.objects
        and any(entry.status is not Status.PROPOSED for entry in each.fields)
    ]
    if dropped:
        raise DecisionNeeded(
            f"mapping.yaml holds reviewed entries of {', '.join(dropped)}, which "
            "migration.yaml does not list under objects",
            hint="add the object to migration.yaml, or delete its block from "
            "mapping.yaml",
        )
    return migration.objects


# -- Describes ------------------------------------------------------------------------


def _refused(described: Described, asked: tuple[ApiName, ...]) -> Iterable[Finding]:
    """
    One finding for each of the *asked* objects that cannot be migrated.
    """
    for name in asked:
        known = described.objects.get(name)
        reason = refusal(known) if known else refusal_by_name(name)
        if reason:
            yield left_out(name, reason)


def _eligible(
    asked: tuple[ApiName, ...], refused: tuple[Finding, ...]
) -> tuple[ApiName, ...]:
    """
    Return the *asked* objects without the *refused* ones; DecisionNeeded when none is
    left.
    """
    stays_behind = {each.object for each in refused}
    wanted = tuple(name for name in asked if name not in stays_behind)
    if not wanted and refused:
        raise DecisionNeeded(
            "\n".join(each.message for each in refused),
            hint="name an object whose records are to be kept",
        )
    return wanted


def _require(
    described: Described, wanted: tuple[ApiName, ...], run: RunDirectory
) -> None:
    missing = [name for name in wanted if name not in described.objects]
    if missing:
        raise RunDirectoryError(
            f"{run.shown(described.folder)} has no describe of {', '.join(missing)}",
            hint=f"migrator -C {run.root} describe --org ORG",
        )


def _keep_describes(
    run: RunDirectory, described: Described, wanted: tuple[ApiName, ...]
) -> None:
    """
    Copy what was planned from into `describes/`, unless there are describes already.
    """
    if run.describes.is_dir() and any(run.describes.glob("*.json")):
        return
    needed = dict.fromkeys(wanted)
    for name in wanted:
        for field in described.objects[name].fields:
            needed.update(dict.fromkeys(field.reference_to))
    for name in needed:
        if name in described.files:
            source = described.files[name]
            _copy_json(run, source, run.describes / f"{name}.json")
    for file in metadata_files(described.folder, wanted):
        to = run.describes / file.relative_to(described.folder)
        run.write_text(to, run.read_text(file))
    if described.facts is not None:
        source = described.folder / run.org_facts_file.name
        _copy_json(run, source, run.org_facts_file)


def _copy_json(run: RunDirectory, source: Path, to: Path) -> None:
    content = json.loads(run.read_text(source))
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    run.write_text(to, text + "\n")


# -- The extract ----------------------------------------------------------------------


def _observed(
    run: RunDirectory,
    described: Described,
    wanted: tuple[ApiName, ...],
    org_id: str | None,
) -> Profile | None:
    """
    Return what the extract shows about the *wanted* objects; None when there is none.
    """
    chosen = chosen_extract(run, wanted, org_id)
    if chosen is None:
        return None
    found: dict[tuple[ApiName, str], Observed] = {}
    for name in wanted:
        if chosen.is_complete(name):
            seen = profile(chosen, name, described.objects[name])
            found.update({(name, column): seen[column] for column in seen})
    return found


def _data_findings(mapping: Mapping, observed: Profile) -> Iterator[Finding]:
    """
    Yield what the records say about the decisions; it is told, and not kept in the
    file.
    """
    for mapped in mapping.objects:
        for entry in mapped.fields:
            seen = observed.get((mapped.source, str(entry.source)))
            if seen is not None:
                yield from data_findings(mapped.source, entry, seen)


def chosen_extract(
    run: RunDirectory, wanted: tuple[ApiName, ...], org_id: str | None
) -> Extract | None:
    """
    Return the extract that decides types: the org's called *org_id*, or the only one
    there is.

    Raises DecisionNeeded when several orgs have one, RunDirectoryError when the named
    org has none.
    """
    candidates = (org_id,) if org_id else run.known_orgs()
    having = {
        each: extract
        for each in candidates
        if any(
            (extract := Extract(run.org_state(each).extract)).is_complete(name)
            for name in wanted
        )
    }
    if len(having) > 1:
        raise DecisionNeeded(
            f"several orgs have an extract here: {', '.join(having)}",
            hint=f"migrator -C {run.root} plan --org-id {next(iter(having))}",
        )
    if org_id and not having:
        raise RunDirectoryError(
            f"there is no extract of the org {org_id} here",
            hint=f"migrator -C {run.root} extract --org ORG",
        )
    return next(iter(having.values()), None)


# -- Writing --------------------------------------------------------------------------


def _write(workspace: Workspace, mapping: Mapping) -> bool:
    """
    Return True when the mapping had to be written.

    A file that says the same stays as it is, with the comments somebody put there.
    """
    run, previous = workspace.run, workspace.planned
    schema_file = run.mapping_file.with_name(SCHEMA_FILE)
    schema = render_mapping_schema()
    if not schema_file.is_file() or run.read_text(schema_file) != schema:
        run.write_text(schema_file, schema)
    if mapping == previous:
        return False
    templates = workspace.template_folders
    if previous is None:
        text = render_mapping(mapping, templates=templates)
    else:
        old = workspace.mapping_text
        text = rewritten(old, previous, mapping, templates=templates)
    workspace.replace_mapping(text)
    return True
