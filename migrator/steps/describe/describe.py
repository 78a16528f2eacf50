"""
Step `describe`: what the org says about the package's objects, kept as files.

A describe lists only what the running user may see. What it hides is found with the
Tooling API and reported as a blocker: a field nobody sees would be left behind without
a word.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from migrator.documents.describe.org_facts import render_org_facts
from migrator.errors import OrgRefused
from migrator.model.codes import describe as codes
from migrator.model.finding import Finding
from migrator.model.migration import Migration, OrgFacts
from migrator.model.names import ApiName, bare, custom_name, in_namespace, is_custom
from migrator.model.progress import Progress
from migrator.org.session import Org
from migrator.org.soql import ABSENT
from migrator.rules.plan.eligibility import SETTING, left_out, refusal_by_name
from migrator.rules.target.permission_sets import SOURCE_READER
from migrator.rundir.layout import RunDirectory
from migrator.steps.describe.metadata import (
    SETUP_FOLDER,
    read_snapshot,
    write_setup,
    write_snapshot,
)
from migrator.steps.guards import hidden_fields
from migrator.steps.workspace import Workspace

Describe = abc.Mapping[str, Any]

_ATTRIBUTES = (
    "type",
    "length",
    "precision",
    "scale",
    "calculatedFormula",
    "referenceTo",
    "picklistValues",
    "nillable",
    "label",
)
"""What a mapping is decided from: a change here may change the proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeOutcome:
    """
    What `describe` fetched and what a person should know about it.
    """

    objects: tuple[ApiName, ...]
    """Described objects: the migrated ones, then those they refer to."""
    hidden: tuple[Finding, ...]
    """Blockers: objects and fields that exist but are not shown to this user."""
    findings: tuple[Finding, ...]
    """The rest: objects without records, neighbours out of sight, what has changed."""
    facts: OrgFacts


def describe(
    workspace: Workspace,
    *,
    org: Org,
    progress: Progress,
    related: bool = False,
) -> DescribeOutcome:
    """
    Return the describes of the migrated objects and of every object they refer to, on
    disk.

    *related* adds all objects of the package that hang on them.

    Blockers do not end it: everything that can be seen is written, and the outcome
    names what cannot.
    """
    run, migration = workspace.run, workspace.migration
    named = tuple(n for n in migration.objects if not refusal_by_name(n))
    seen, unseen = _fetch_all(org, named, progress, "describing")
    if related:
        seen |= _children(org, seen, migration.namespace, progress)
    migrated = {n: each for n, each in seen.items() if not each.get("customSetting")}
    neighbours, out_of_sight = _fetch_all(
        org,
        _referenced(migrated, (*migration.objects, *seen)),
        progress,
        "describing what they refer to",
    )
    hidden = [_unseen_object(org, name) for name in unseen]
    for name, described in migrated.items():
        hidden += _hidden(org, name, described)
    everything = seen | neighbours
    changes = [
        change
        for name, described in everything.items()
        for change in _changes(run, name, described, hidden)
    ]
    snapshot = read_snapshot(org, migrated)
    changes += write_snapshot(run, snapshot)
    facts = _facts(org, migration)
    _write(run, everything, facts)
    write_setup(workspace, migrated, hidden, facts.api_version)
    return DescribeOutcome(
        objects=tuple(everything),
        hidden=tuple(hidden),
        findings=(
            *_without_records(migration, (*migrated, *unseen)),
            *snapshot.unread,
            *(codes.UNSEEN_NEIGHBOUR(name=name).at(name) for name in out_of_sight),
            *changes,
        ),
        facts=facts,
    )


def _without_records(
    migration: Migration, known: Iterable[ApiName]
) -> Iterator[Finding]:
    """
    Yield the listed objects that hold no records to keep, settings and the like.
    """
    others = set(migration.objects) - set(known)
    for name in migration.objects:
        if name in others:
            yield left_out(name, refusal_by_name(name) or SETTING)


def _fetch_all(
    org: Org, names: Iterable[ApiName], progress: Progress, title: str
) -> tuple[dict[ApiName, Describe], tuple[ApiName, ...]]:
    """
    Return the describes of *names* that the user sees, and the names of the others.
    """
    wanted = tuple(names)
    seen: dict[ApiName, Describe] = {}
    with progress.task(title, len(wanted)) as task:
        for name in wanted:
            try:
                seen[name] = org.describe(name)
            except OrgRefused as error:
                if error.code not in ABSENT:
                    raise
            task.advance(1)
    return seen, tuple(name for name in wanted if name not in seen)


def _children(
    org: Org, seen: abc.Mapping[ApiName, Describe], namespace: str, progress: Progress
) -> dict[ApiName, Describe]:
    """
    Whatever of the package refers to the *seen* objects, directly or through others.

    Masters of the children come with them: a statement is known by its details alone.
    """
    found: dict[ApiName, Describe] = {}
    while True:
        around = {**seen, **found}
        masters = [
            ApiName(str(name))
            for described in found.values()
            for field in described.get("fields", ())
            if field.get("relationshipOrder") is not None
            for name in field.get("referenceTo") or ()
        ]
        children = [
            ApiName(str(child["childSObject"]))
            for described in around.values()
            for child in described.get("childRelationships", ())
        ]
        new = [
            name
            for name in dict.fromkeys(sorted([*masters, *children]))
            if in_namespace(name, namespace) and name not in around
            if not refusal_by_name(name)
        ]
        fetched, _ = _fetch_all(org, new, progress, "describing what hangs on them")
        if not fetched:
            return found
        found |= fetched


def _referenced(
    migrated: abc.Mapping[ApiName, Describe], known: Iterable[ApiName]
) -> tuple[ApiName, ...]:
    found = {
        str(target)
        for described in migrated.values()
        for field in described.get("fields", ())
        for target in field.get("referenceTo") or ()
    }
    folded = {name.casefold() for name in known}
    return tuple(ApiName(n) for n in sorted(found) if n.casefold() not in folded)


def _hidden(org: Org, name: ApiName, described: Describe) -> list[Finding]:
    seen = (str(field["name"]) for field in described.get("fields", ()))
    return [
        codes.HIDDEN_FIELD(
            where=f"{name}.{field}",
            user=org.facts.username,
            setup=SETUP_FOLDER,
            permission_set=SOURCE_READER,
        ).at(name, field)
        for field in hidden_fields(org, name, seen)
    ]


def _unseen_object(org: Org, name: ApiName) -> Finding:
    exists = name.casefold() in {
        each.casefold() for each in org.tooling.custom_object_names()
    }
    if exists:
        return codes.HIDDEN_OBJECT(name=name, user=org.facts.username).at(name)
    return codes.MISSING_OBJECT(name=name, org=org.facts.org_name).at(name)


def _changes(
    run: RunDirectory, name: ApiName, described: Describe, hidden: Iterable[Finding]
) -> Iterator[Finding]:
    """
    Yield what is different from the describe file that is there already; fields that
    are *hidden* today are not called gone.
    """
    unseen = {each.field for each in hidden if each.object == name}
    path = run.describes / f"{name}.json"
    if not path.is_file():
        return
    try:
        before = _by_name(json.loads(run.read_text(path)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # no describe of ours, so there is nothing to compare with
    after = _by_name(described)
    for field in sorted(before.keys() | after.keys()):
        old, new = before.get(field), after.get(field)
        if old is None:
            yield _change(name, field, "is new since the last describe")
        elif new is None and field in unseen:
            yield _change(name, field, "was there at the last describe; it is hidden")
        elif new is None:
            yield _change(name, field, "was there at the last describe and is gone")
        else:
            differing = [a for a in _ATTRIBUTES if old.get(a) != new.get(a)]
            if differing:
                words = ", ".join(differing)
                yield _change(name, field, f"has changed since the last: {words}")


def _by_name(described: Describe) -> dict[str, abc.Mapping[str, Any]]:
    return {str(field["name"]): field for field in described["fields"]}


def _change(name: ApiName, field: str, words: str) -> Finding:
    found = codes.DESCRIBE_CHANGED(what=f"{name}.{field}", change=words)
    return found.at(name, ApiName(field))


def _facts(org: Org, migration: Migration) -> OrgFacts:
    identity = org.facts
    return OrgFacts(
        org_id=identity.org_id,
        name=identity.org_name,
        organization_type=identity.organization_type,
        is_sandbox=identity.is_sandbox,
        api_version=identity.api_version,
        currencies=org.currencies(),
        taken_names=_taken(org, migration),
    )


def _taken(org: Org, migration: Migration) -> tuple[ApiName, ...]:
    """
    Names that the targets would have and that others' objects already carry.

    Both spellings of a target are asked for, plain and prefixed.
    """
    stems = [bare(name) for name in migration.objects if is_custom(name)]
    prefixed = [f"{migration.naming.prefix}_{stem}" for stem in stems]
    wanted = {custom_name(s).casefold(): custom_name(s) for s in (*stems, *prefixed)}
    there = [n for n in org.tooling.custom_object_names() if n.casefold() in wanted]
    if not there:
        return ()
    known = org.deployment.read_components("CustomObject", there)
    return tuple(
        sorted(
            ApiName(each.full_name)
            for each in known.values()
            if migration.marker not in each.description
        )
    )


def _write(
    run: RunDirectory, described: abc.Mapping[ApiName, Describe], facts: OrgFacts
) -> None:
    for name, content in described.items():
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        run.write_text(run.describes / f"{name}.json", text + "\n")
    run.write_text(run.org_facts_file, render_org_facts(facts))
