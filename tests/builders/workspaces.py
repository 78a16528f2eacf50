"""
Workspaces for tests: of what is given, as if it had been read from the directory.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from migrator.documents.mapping.read import Reading
from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import FieldMapping, Mapping, Status
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rules.review.approval import Standing
from migrator.rundir.layout import RunDirectory
from migrator.steps.describes import Described
from migrator.steps.workspace import Workspace
from tests.builders.mappings import a_migration


def a_workspace(
    run: RunDirectory,
    mapping: Mapping | None = None,
    *,
    migration: Migration | None = None,
    describes: dict[ApiName, ObjectDescribe] | None = None,
    templates: Path | None = None,
) -> Workspace:
    """The directory *run*; what is left out here is read there when it is asked for."""
    opened = Workspace(run=run, templates=templates)
    read = vars(opened)  # where a cached property keeps what it has read
    read["migration"] = migration or a_migration()
    if mapping is not None:
        read["mapping"] = mapping
        read["reading"] = Reading(
            mapping=mapping, mistakes=(), left_out=frozenset(), lines={}
        )
    if describes is not None:
        read["described"] = Described(
            folder=run.describes, objects=describes, files={}, findings=(), facts=None
        )
    return opened


def signed(mapping: Mapping, run: RunDirectory) -> Mapping:
    """The same, what says `approved` with the digest that `review approve` gives."""
    found = {each.where: each for each in a_workspace(run, mapping).standings}
    objects = tuple(
        replace(
            mapped,
            fields=tuple(
                _signed(entry, found[f"{mapped.source}.{entry.source}"])
                for entry in mapped.fields
            ),
        )
        for mapped in mapping.objects
    )
    return replace(mapping, objects=objects)


def _signed(entry: FieldMapping, standing: Standing) -> FieldMapping:
    if entry.status is not Status.APPROVED:
        return entry
    return replace(entry, by="Eva", basis=standing.basis, digest=standing.digest)
