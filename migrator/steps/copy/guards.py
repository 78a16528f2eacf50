"""
What `copy` asks before its first write: allowed, complete, convertible, visible.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from migrator.errors import DecisionNeeded, MappingError, OrgRefused
from migrator.model.consent import Consent
from migrator.model.finding import Finding, blockers
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.org.session import Org
from migrator.rules.copy.convert import (
    Checked,
    Conversion,
    Frame,
    Recent,
    Series,
    check_frame,
    examined,
    fillings,
    is_same,
    merged,
)
from migrator.rules.target.permission_sets import permission_set_names
from migrator.rundir.snapshots import Extract
from migrator.steps.extract import (
    MODSTAMP,
    Source,
    read_objects,
    require_source_sight,
)
from migrator.steps.guards import (
    Described,
    require_full_sight,
    require_own_components,
    require_production_name,
)
from migrator.steps.review.approve import require_approved
from migrator.steps.review.check import require_no_blockers
from migrator.steps.workspace import Workspace

CHECKED_AT_ONCE = 20_000
"""Records checked in one go: the questions to each cell cost memory."""
LATELY = timedelta(days=2)
"""
Before an extract was complete: whatever has changed since it began carries a later
time, and so does the longest transaction that it did not see.
"""
SHOWN = 20
"""How many problems a message lists."""


def require_ready_to_copy(
    workspace: Workspace, org: Org, consent: Consent
) -> dict[ApiName, int]:
    """
    Return the source's records by object, when mapping and org may be used as they are;
    DecisionNeeded otherwise.
    """
    _require_listed(workspace)
    require_no_blockers(workspace, listed=workspace.migrated)
    if consent.execute:
        if not consent.allow_unreviewed:
            require_approved(workspace)
        require_production_name(org, consent.yes_production)
    marker = workspace.migration.marker
    require_own_components(org, workspace.component_names, marker)
    source = Source(org=org, workspace=workspace)
    return require_source_sight(source, workspace.mapping)


def _require_listed(workspace: Workspace) -> None:
    unknown = [
        each.source
        for each in workspace.mapping.objects
        if each.source not in workspace.migrated
    ]
    if unknown:
        raise MappingError(
            f"mapping.yaml maps {name}, which migration.yaml does not list"
            for name in unknown
        )


def require_fresh_extract(
    extract: Extract,
    source: Source,
    counts: abc.Mapping[ApiName, int],
    progress: Progress,
    *,
    refresh: bool = False,
) -> None:
    """
    Require an extract of every object of *counts* as the org has it now; *counts* are
    its records as just counted.

    An object is read again when its count, what was changed lately or the fields to
    read differ from the extract's, or when a run was killed while extracting. That does
    not see calculated values change; with *refresh* every object is read again.
    """
    just_read: set[ApiName] = set()
    if refresh or extract.is_open:
        done = read_objects(extract, source, counts, progress)
        just_read = {each.object for each in done if each.seconds}
    changed = {
        name: count
        for name, count in counts.items()
        if name not in just_read and not _is_fresh(extract, source, name, count)
    }
    if changed:
        progress.note(f"the extract is refreshed: {', '.join(changed)}")
        read_objects(extract, source, changed, progress)
    for name in counts:
        extract.check(name)


def _is_fresh(extract: Extract, source: Source, name: ApiName, count: int) -> bool:
    if not extract.is_complete(name):
        return False
    meta = extract.meta(name)
    if meta.columns != source.columns(name) or meta.rows != count:
        return False
    if MODSTAMP not in meta.columns:
        return False
    since = datetime.fromisoformat(meta.taken_at) - LATELY
    frames = extract.frames(name, ["Id", MODSTAMP])
    found = _recent_changes(source.org, name, since)
    return is_same(found, frames, since)


def _recent_changes(org: Org, name: ApiName, since: datetime) -> Recent:
    """
    Return the records of *name* that were changed *since* then.

    The newest change alone does not tell: a transaction that is long in coming writes
    the time at which it began, and a clock that was ahead hides what comes after.
    """
    soql = (
        f"SELECT Id, {MODSTAMP} FROM {name} "  # noqa: S608 - API names
        f"WHERE {MODSTAMP} >= {since:%Y-%m-%dT%H:%M:%SZ} "
        f"ORDER BY {MODSTAMP} DESC, Id DESC"
    )
    records, rows = org.soql.first_page(soql)
    return Recent(
        records=records,
        newest=tuple((str(row[MODSTAMP]), str(row["Id"])) for row in rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """
    One object whose records are looked at, and who wants to know their digests.
    """

    conversion: Conversion
    mapping: str
    """The digest of what the mapping says about it."""
    tell: Callable[[Series, Frame], None] | None = None
    """Hears the ids of some records, in the extract's order, and their digests."""


def require_convertible(
    extract: Extract, objects: Sequence[Examination], progress: Progress
) -> tuple[Checked, ...]:
    """
    Return what converting every record meets, by object; blockers raise DecisionNeeded.
    """
    checks = tuple(_checked(extract, each, progress) for each in objects)
    found = blockers(tuple(f for each in checks for f in each.findings))
    if found:
        lines = [_line(each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"... and {len(found) - SHOWN} more")
        raise DecisionNeeded(
            "\n".join(lines), hint="decide these in mapping.yaml; nothing was written"
        )
    return checks


def _checked(extract: Extract, asked: Examination, progress: Progress) -> Checked:
    conversion, mapped = asked.conversion, asked.conversion.mapped
    parts = []
    total = extract.rows(mapped.source)
    with progress.task(f"check {mapped.source}", total) as task:
        for frame in extract.frames(mapped.source):
            for piece in frame.iter_slices(CHECKED_AT_ONCE):
                if asked.tell is None:
                    parts.append(check_frame(piece, conversion))
                else:
                    checked, digests = examined(piece, conversion, asked.mapping)
                    parts.append(checked)
                    asked.tell(piece["Id"], digests)
                task.advance(piece.height)
    return merged(mapped, parts)


def _line(finding: Finding) -> str:
    return f"{finding.where}: {finding.message}; {finding.remedy}"


def sees_targets(org: Org, mapping: Mapping) -> bool:
    """
    Return True when the user sees every target field already.
    """
    return not _unseen(mapping, _described(org, mapping))


def require_target_sight(workspace: Workspace, org: Org) -> dict[ApiName, int]:
    """
    Return the records of each target object, as counted by the user, who has the Loader
    permission set and sees every target field and record.
    """
    mapping = workspace.mapping
    described = _described(org, mapping)
    if _unseen(mapping, described):
        _take_on_loader(workspace, org)
        described = _described(org, mapping)
        _require_seen(org, _unseen(mapping, described))
    targets = [each.target for each in mapping.objects]
    return require_full_sight(org, objects=targets, described=described)


def _take_on_loader(workspace: Workspace, org: Org) -> None:
    """
    Give the user the Loader permission set; DecisionNeeded when there is none.
    """
    names = permission_set_names(workspace.mapping, workspace.migration)
    loader = names.loader
    try:
        org.access.assign(loader, org.facts.user_id)
    except OrgRefused as error:
        if error.code != "NOT_FOUND":
            raise
        raise DecisionNeeded(
            f"the org has no permission set {loader}: the target objects are not "
            "deployed",
            hint="migrator deploy --org ORG --execute",
        ) from error


def _require_seen(org: Org, unseen: Sequence[str]) -> None:
    """
    Return when nothing is *unseen*, else DecisionNeeded.
    """
    if unseen:
        shown = ", ".join(unseen[:SHOWN])
        more = f" and {len(unseen) - SHOWN} more" if len(unseen) > SHOWN else ""
        raise DecisionNeeded(
            f"{org.facts.username} does not see, or may not fill, {shown}{more}",
            hint="migrator deploy --org ORG --execute, then copy again",
        )


def _described(org: Org, mapping: Mapping) -> dict[ApiName, Described]:
    """
    Return the describes of those target objects that the user sees.
    """
    found: dict[ApiName, Described] = {}
    for each in mapping.objects:
        try:
            found[each.target] = org.describe(each.target)
        except OrgRefused as error:
            if error.code not in {"NOT_FOUND", "INVALID_TYPE"}:
                raise
    return found


def _unseen(mapping: Mapping, described: abc.Mapping[ApiName, Described]) -> list[str]:
    """
    Return the target fields that the user cannot fill, and the objects that are out of
    sight.
    """
    return [
        name
        for each in mapping.objects
        for name in _unseen_of(each, described.get(each.target))
    ]


def _unseen_of(mapped: MappedObject, described: Described | None) -> Iterator[str]:
    if described is None:
        yield mapped.target
        return
    usable = {
        str(field["name"]).casefold()
        for field in described.get("fields", ())
        if field.get("createable")
    }
    for entry in mapped.carried:
        for _, name in fillings(entry):
            if name.casefold() not in usable:
                yield f"{mapped.target}.{name}"
