"""
`extract`: every readable field of every record, on disk, before anything else.

Objects of a few records come through Bulk API 2.0 as well. The REST query would spare
some requests, but writes numbers and times in a notation of its own, and a refresh
compares texts: a record that has not changed must not look changed.
"""

from __future__ import annotations

import time
from collections import abc
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from migrator.errors import InputError, LoginRefused, OrgRefused, Stopped
from migrator.model.codes import extract as codes
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.model.progress import Progress, Task
from migrator.rules.extract.columns import extract_columns, select_statement
from migrator.rundir.identity import Identity, bind
from migrator.rundir.journal import Journal
from migrator.rundir.snapshots import Extract, ExtractMeta, ExtractPart, Frame, Taken
from migrator.steps.guards import require_full_sight
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.bulk import ResultPage
    from migrator.org.session import Org
    from migrator.rundir.layout import OrgState

MODSTAMP = "SystemModstamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedObject:
    """
    What was read of one object.
    """

    object: ApiName
    records: int
    parts: int
    size: int
    """Bytes on disk."""
    seconds: float
    """0 when the object was already there from a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOutcome:
    """
    What was read, object by object.
    """

    objects: tuple[ExtractedObject, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where records are read: the org, and the workspace that knows its objects.
    """

    org: Org
    workspace: Workspace

    @property
    def objects(self) -> tuple[ApiName, ...]:
        """
        The migrated objects; those without records to keep are left out, as in the
        plan.
        """
        return self.workspace.migrated

    def columns(self, name: ApiName) -> tuple[str, ...]:
        """
        Return what is read of each record of *name*.
        """
        describes = self.workspace.describes
        return extract_columns(describes[name], describes, self.objects)


def extract(workspace: Workspace, *, org: Org, progress: Progress) -> ExtractOutcome:
    """
    Every record of the migrated objects, in `.migrator/<org id>/extract/`.

    Objects that a killed run had finished are kept, everything else is read again; the
    extract of an object is replaced when the new one is whole. Raises DecisionNeeded
    when the user does not see every record and field, Stopped when records come and go
    while they are read.
    """
    workspace.require_described()
    source = Source(org=org, workspace=workspace)
    state = bound_state(workspace, org)
    migration_id = workspace.migration.id
    with Journal(state, org_id=org.facts.org_id, migration_id=migration_id):
        counts = require_source_sight(source, _decided(workspace))
        extract_ = Extract(state.extract)
        objects = read_objects(extract_, source, counts, progress)
    findings = (*_findings(objects), *_deleted(org, objects))
    return ExtractOutcome(objects=objects, findings=findings)


def bound_state(workspace: Workspace, org: Org) -> OrgState:
    """
    Return the state folder of *org*, confirmed to belong to it and to this migration.
    """
    facts = org.facts
    state = workspace.run.org_state(facts.org_id)
    bind(
        state,
        Identity(
            org_id=facts.org_id,
            migration_id=workspace.migration.id,
            org_name=facts.org_name,
        ),
    )
    return state


def _decided(workspace: Workspace) -> Mapping | None:
    """
    Return the mapping, when there is one: the extract comes first, and reads
    everything.
    """
    try:
        return workspace.planned
    except InputError:
        return None


def require_source_sight(
    source: Source, decided: Mapping | None = None
) -> dict[ApiName, int]:
    """
    Return the records of each object, counted by a user who sees every record and
    field; *decided* may leave fields behind.
    """
    workspace = source.workspace
    return require_full_sight(
        source.org,
        objects=source.objects,
        seen_fields={
            name: [field.name for field in workspace.describes[name].fields]
            for name in source.objects
        },
        namespace=workspace.migration.namespace,
        decided=decided,
    )


def read_objects(
    extract_: Extract,
    source: Source,
    counts: abc.Mapping[ApiName, int],
    progress: Progress,
) -> tuple[ExtractedObject, ...]:
    """
    Return a new extract of each object of *counts*, which has their records as counted
    before; or the one that a killed run had already finished. While the records of one
    object come down, the org works on the query for the next one.
    """
    generation = extract_.begin()
    kept = {name: _kept(extract_, source, name, generation) for name in counts}
    todo = [name for name in counts if kept[name] is None]
    read: dict[ApiName, ExtractedObject] = {}
    with closing(_one_ahead(source, todo)) as queries:
        for query in queries:
            count = counts[query.object]
            read[query.object] = _read(extract_, source, query, count, progress)
    extract_.finish()
    return tuple(kept[name] or read[name] for name in counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """
    A query for all records of one object that the org has been given.
    """

    object: ApiName
    columns: tuple[str, ...]
    soql: str
    job_id: str


def _one_ahead(
    source: Source, names: Sequence[ApiName]
) -> Generator[_Query, None, None]:
    """
    Yield a started query for each of *names*, the next one always started as well.
    """
    following: _Query | None = None
    try:
        for place, name in enumerate(names):
            query = following or _started(source, name)
            following = None
            if place + 1 < len(names):
                following = _started(source, names[place + 1])
            yield query
    finally:
        if following is not None:
            source.org.bulk.delete_query(following.job_id)


def _started(source: Source, name: ApiName) -> _Query:
    columns = source.columns(name)
    soql = _statement(columns, name)
    job_id = source.org.bulk.start_query(soql)
    return _Query(object=name, columns=columns, soql=soql, job_id=job_id)


def _kept(
    extract_: Extract, source: Source, name: ApiName, generation: int
) -> ExtractedObject | None:
    """
    Return what a run of the same generation has left of *name*, when it is what we
    would read.
    """
    if not extract_.is_complete(name):
        return None
    meta = extract_.meta(name)
    is_same = meta.columns == source.columns(name)
    if meta.generation != generation or not is_same:
        return None
    extract_.check(name)
    return _extracted(meta, 0)


def _read(
    extract_: Extract, source: Source, query: _Query, count: int, progress: Progress
) -> ExtractedObject:
    began = time.monotonic()
    org, name, columns = source.org, query.object, query.columns
    parts: list[ExtractPart] = []
    with progress.task(f"extract {name}", count) as task:
        pages = _Pages(org.bulk.job_frames(query.job_id, columns), task)
        parts.extend(extract_.write(name, pages, columns))
        newest = pages.newest
    _require_whole(org, name, sum(part.rows for part in parts), count)
    taken = Taken(
        columns=columns,
        soql=query.soql,
        api_version=org.facts.api_version,
        count_at_start=count,
        max_system_modstamp=newest,
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    meta = extract_.switch(name, parts, taken)
    return _extracted(meta, time.monotonic() - began)


class _Pages:
    """
    The frames of a query's pages, with the newest change seen on the way.
    """

    def __init__(self, pages: Iterator[ResultPage], task: Task) -> None:
        self._pages = pages
        self._task = task
        self.newest = ""

    def __iter__(self) -> Iterator[Frame]:
        for page in self._pages:
            if MODSTAMP in page.frame.columns and page.records:
                newest = str(page.frame[MODSTAMP].max() or "").replace("+0000", "Z")
                self.newest = max(self.newest, newest)
            yield page.frame
            self._task.advance(page.records)


def _statement(columns: tuple[str, ...], name: ApiName) -> str:
    try:
        return select_statement(columns, name)
    except ValueError as error:
        raise InputError(
            str(error), hint="leave the object out of `objects:` in migration.yaml"
        ) from error


def _require_whole(org: Org, name: ApiName, rows: int, count: int) -> None:
    """
    Return when as many records came as the org counts, before or after the reading.
    """
    if rows == count:
        return
    now = org.soql.count(name)
    if rows != now:
        raise Stopped(
            f"{name}: {rows:,} records were read, but the org counted {count:,} before "
            f"and {now:,} after: records come or go while they are read",
            hint="pause what writes them (invoice runs, imports), then run the same "
            "command again",
        )


def _extracted(meta: ExtractMeta, seconds: float) -> ExtractedObject:
    return ExtractedObject(
        object=meta.object,
        records=meta.rows,
        parts=len(meta.parts),
        size=meta.size,
        seconds=seconds,
    )


def _findings(objects: Iterable[ExtractedObject]) -> Iterator[Finding]:
    for each in objects:
        if not each.records:
            yield codes.NO_RECORDS(name=each.object).at(each.object)


def _deleted(org: Org, objects: Iterable[ExtractedObject]) -> Iterator[Finding]:
    """
    Yield what the org still keeps of deleted records, which no extract holds.
    """
    for each in objects:
        try:
            count = org.soql.count_deleted(each.object)
        except LoginRefused:
            raise
        except OrgRefused:
            continue  # an object whose records know no recycle bin
        if count:
            found = codes.DELETED_RECORDS(name=each.object, count=count)
            yield found.at(each.object)
