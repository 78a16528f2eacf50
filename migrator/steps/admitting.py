"""
What `copy` asks before its first write: allowed, complete, convertible, visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from migrator.errors import DecisionNeeded, MappingError, OrgRefused
from migrator.model.finding import Finding, blockers
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.org.session import Org
from migrator.rules.building import build_target
from migrator.rules.conversion import Checked, Conversion, check_frame, merged
from migrator.rules.permitting import permission_set_names
from migrator.rules.selecting import extract_columns
from migrator.rundir.extract import Extract
from migrator.rundir.layout import RunDirectory
from migrator.steps.approving import require_approved
from migrator.steps.checking import require_no_blockers
from migrator.steps.extracting import (
    Source,
    newest_change,
    read_objects,
    require_source_sight,
)
from migrator.steps.guarding import (
    require_confirmed,
    require_full_sight,
    require_not_foreign,
)

CHECKED_AT_ONCE = 20_000
"""Records checked in one go: the questions to each cell cost memory."""
SHOWN = 20
"""How many problems a message lists."""


class Allowed(Protocol):
    """
    What the operator has allowed.
    """

    @property
    def execute(self) -> bool:
        """
        True when records may be written.
        """

    @property
    def yes_production(self) -> str:
        """
        The name of the production org, as typed.
        """

    @property
    def allow_unreviewed(self) -> bool:
        """
        True when entries that nobody approved may be used.
        """


def require_allowed(
    run: RunDirectory, source: Source, mapping: Mapping, allowed: Allowed
) -> None:
    """
    Returns when mapping and org may be used as they are, else DecisionNeeded.
    """
    _require_described(source, mapping)
    require_no_blockers(run, mapping)
    org = source.org
    if allowed.execute:
        if not allowed.allow_unreviewed:
            require_approved(run, mapping)
        require_confirmed(org, allowed.yes_production)
    spoken = replace(source.migration, api_ceiling=org.facts.api_version)
    require_not_foreign(org, build_target(mapping, spoken), source.migration.marker)
    require_source_sight(source)


def _require_described(source: Source, mapping: Mapping) -> None:
    unknown = [
        each.source
        for each in mapping.objects
        if each.source not in source.migration.objects
    ]
    if unknown:
        raise MappingError(
            f"mapping.yaml maps {name}, which migration.yaml does not list"
            for name in unknown
        )


def require_fresh_extract(
    extract: Extract,
    source: Source,
    mapping: Mapping,
    progress: Progress,
    *,
    refresh: bool = False,
) -> None:
    """
    An extract of every mapped object in the state the org has it now.

    An object is read again when its count, its newest change or the fields to read
    differ from the extract's, or when a run was killed while extracting. That does not
    see calculated values change; with *refresh* every object is read again.
    """
    names = [each.source for each in mapping.objects]
    if refresh:
        read_objects(extract, source, names, progress)
    if extract.is_open:
        read_objects(extract, source, names, progress)
    changed = [name for name in names if not _is_fresh(extract, source, name)]
    if changed:
        progress.note(f"the extract is refreshed: {', '.join(changed)}")
        read_objects(extract, source, changed, progress)
    for name in names:
        extract.check(name)


def _is_fresh(extract: Extract, source: Source, name: ApiName) -> bool:
    if not extract.is_complete(name):
        return False
    meta = extract.meta(name)
    migrated = source.migration.objects
    columns = extract_columns(source.describes[name], source.describes, migrated)
    if meta.columns != columns or meta.rows != source.org.soql.count(name):
        return False
    return newest_change(source.org, name) == meta.max_system_modstamp


def convertible(
    extract: Extract, conversions: Sequence[Conversion], progress: Progress
) -> tuple[Checked, ...]:
    """
    What converting every record meets, by object; blockers raise DecisionNeeded.
    """
    checks = tuple(_checked(extract, each, progress) for each in conversions)
    found = blockers(tuple(f for each in checks for f in each.findings))
    if found:
        lines = [_line(each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"... and {len(found) - SHOWN} more")
        raise DecisionNeeded(
            "\n".join(lines), hint="decide these in mapping.yaml; nothing was written"
        )
    return checks


def _checked(extract: Extract, conversion: Conversion, progress: Progress) -> Checked:
    mapped = conversion.mapped
    parts = []
    total = extract.rows(mapped.source)
    with progress.task(f"check {mapped.source}", total) as task:
        for frame in extract.frames(mapped.source):
            for piece in frame.iter_slices(CHECKED_AT_ONCE):
                parts.append(check_frame(piece, conversion))
                task.advance(piece.height)
    return merged(mapped, parts)


def _line(finding: Finding) -> str:
    return f"{finding.where}: {finding.message}; {finding.remedy}"


def sees_targets(org: Org, mapping: Mapping) -> bool:
    """
    True when the user sees every target field already.
    """
    return not any(True for each in mapping.objects for _ in _unseen(org, each))


def require_target_sight(source: Source, mapping: Mapping) -> None:
    """
    The user with the Loader permission set, seeing every target field and record.
    """
    org = source.org
    if not sees_targets(org, mapping):
        _take_on_loader(source, mapping)
    require_full_sight(org, objects=[each.target for each in mapping.objects])


def _take_on_loader(source: Source, mapping: Mapping) -> None:
    """
    Gives the user the Loader permission set; DecisionNeeded when that is not enough.
    """
    org = source.org
    loader = permission_set_names(mapping, source.migration).loader
    if org.access.permission_set_id(loader) is None:
        raise DecisionNeeded(
            f"the org has no permission set {loader}: the target objects are not "
            "deployed",
            hint="migrator deploy --org ORG --execute",
        )
    org.access.assign(loader, org.facts.user_id)
    unseen = [name for each in mapping.objects for name in _unseen(org, each)]
    if unseen:
        shown = ", ".join(unseen[:SHOWN])
        more = f" and {len(unseen) - SHOWN} more" if len(unseen) > SHOWN else ""
        raise DecisionNeeded(
            f"{org.facts.username} does not see, or may not fill, {shown}{more}",
            hint="migrator deploy --org ORG --execute, then copy again",
        )


def _unseen(org: Org, mapped: MappedObject) -> Iterator[str]:
    """
    The target fields of *mapped* that the user cannot fill, or the object itself.
    """
    try:
        described = org.describe(mapped.target)
    except OrgRefused as error:
        if error.code not in {"NOT_FOUND", "INVALID_TYPE"}:
            raise
        yield mapped.target
        return
    usable = {
        str(field["name"]).casefold()
        for field in described.get("fields", ())
        if field.get("createable")
    }
    for entry in mapped.carried:
        for name in entry.targets:
            if name.casefold() not in usable:
                yield f"{mapped.target}.{name}"
