"""
`unload`: what this migration has put into the new objects, taken out again.

Only records whose origin id the journal has from an insert of ours are removed, and
only while they carry it; whatever else is there stays. Children go before parents.

Nobody may delete from an archive, the Loader neither. For as long as it works, unload
gives its user the permission set Unloader, which is for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.errors import DecisionNeeded
from migrator.model.consent import Consent
from migrator.model.job import Purpose
from migrator.model.limits import ID_LENGTH
from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.model.records import UploadPart
from migrator.rules.copy.convert import id_frame, removals
from migrator.rules.copy.load_order import load_order
from migrator.rules.extract.columns import select_statement
from migrator.rules.target.permission_sets import permission_set_names
from migrator.rundir.journal import Journal
from migrator.rundir.snapshots import IdRanges, id_bounds
from migrator.steps.copy.jobs import Consignment, Delivered, Sender
from migrator.steps.extract import bound_state
from migrator.steps.guards import (
    require_full_sight,
    require_own_components,
    require_production_name,
)
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.session import Org


_OURS, _STORED = "ours", "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnloadedObject:
    """
    What happened to the records of one object, or would happen.
    """

    target: ApiName
    ours: int
    """Records that the journal says we made and that are still there."""
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnloadOutcome:
    """
    The objects, children first.
    """

    executed: bool
    objects: tuple[UnloadedObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unload:
    org: Org
    journal: Journal
    folder: Path
    """For what lies on disk meanwhile."""
    progress: Progress

    def perform(self, mapped: MappedObject, *, execute: bool) -> UnloadedObject:
        """
        Return what became of the records of one object.
        """
        sender = Sender(
            org=self.org,
            journal=self.journal,
            target=mapped.target,
            note=self.progress.note,
        )
        if execute:
            sender.settle_unfinished()
        made = sum(
            len(ids) // ID_LENGTH for ids in self.journal.inserted_ids(mapped.target)
        )
        if not made:
            return UnloadedObject(target=mapped.target, ours=0)
        ranges = self._ranges(mapped, made)
        pairs = (
            (ranges.frames(_STORED, number), ranges.frames(_OURS, number))
            for number in range(len(ranges))
        )
        parts = removals(pairs, mapped)
        if execute:
            found = self._removed(sender, parts, made)
        else:
            ours = sum(part.rows for part in parts)
            found = UnloadedObject(target=mapped.target, ours=ours)
        ranges.close()
        return found

    def _removed(
        self, sender: Sender, parts: Iterator[UploadPart], made: int
    ) -> UnloadedObject:
        done = Delivered()
        with self.progress.task(f"unload {sender.target}", made) as task:
            consignments = (Consignment(part=p, purpose=Purpose.UNLOAD) for p in parts)
            for _, each in sender.deliver(consignments):
                done += each
                task.advance(each.records)
        if not done.failed:
            self.journal.forget_records(sender.target)
        return UnloadedObject(
            target=sender.target,
            ours=done.records,
            removed=done.accepted,
            failed=done.failed,
        )

    def _ranges(self, mapped: MappedObject, made: int) -> IdRanges:
        """
        Return what is stored, and the *made* records that are ours, in the same ranges
        of origin ids.
        """
        target, columns = mapped.target, ("Id", str(ORIGIN_ID))
        keys = (id_frame(ids)[ORIGIN_ID] for ids in self.journal.inserted_ids(target))
        bounds = id_bounds(keys, made)
        ranges = IdRanges(self.folder / target, bounds, ORIGIN_ID)
        for ids in self.journal.inserted_ids(target):
            ranges.add(_OURS, id_frame(ids))
        soql = select_statement(columns, target)
        for page in self.org.bulk.query_frames(soql, columns):
            ranges.add(_STORED, page.frame)
        return ranges


def unload(
    workspace: Workspace, *, org: Org, consent: Consent, progress: Progress
) -> UnloadOutcome:
    """
    Return the new objects without what this migration has inserted.

    Raises DecisionNeeded before the first record is touched when the user does not see
    or may not delete them.
    """
    mapping, migration = workspace.mapping, workspace.migration
    state = bound_state(workspace, org)
    objects = load_order(mapping).objects[::-1]
    with Journal(state, org_id=org.facts.org_id, migration_id=migration.id) as journal:
        require_own_components(org, workspace.component_names, migration.marker)
        work = _Unload(org=org, journal=journal, folder=state.ranges, progress=progress)
        if not consent.execute:
            require_full_sight(org, objects=[each.target for each in objects])
            done = tuple(work.perform(each, execute=False) for each in objects)
        else:
            require_production_name(org, consent.yes_production)
            unloader = permission_set_names(mapping, migration).unloader
            with _deleting(org, objects, unloader):
                require_full_sight(org, objects=[each.target for each in objects])
                done = tuple(work.perform(each, execute=True) for each in objects)
    return UnloadOutcome(executed=consent.execute, objects=done)


@contextmanager
def _deleting(
    org: Org, objects: tuple[MappedObject, ...], unloader: str
) -> Iterator[None]:
    """
    Lend the right to delete, taken up and given back; DecisionNeeded when there is
    none.
    """
    if not _kept(org, objects):
        yield
        return
    if org.access.permission_set_id(unloader) is None:
        raise DecisionNeeded(
            f"{org.facts.username} may not delete records of "
            f"{', '.join(_kept(org, objects))}, and the org has no permission set "
            f"{unloader}",
            hint="migrator generate, then migrator deploy --org ORG --execute: that "
            "brings it",
        )
    org.access.assign(unloader, org.facts.user_id)
    try:
        if kept := _kept(org, objects):
            raise DecisionNeeded(
                f"{org.facts.username} may not delete records of {', '.join(kept)}, "
                f"with the permission set {unloader} neither",
                hint="migrator deploy --org ORG --execute, then unload again",
            )
        yield
    finally:
        _give_back(org, unloader)


def _give_back(org: Org, unloader: str) -> None:
    for each in org.access.assignments([unloader]):
        if each.user_id == org.facts.user_id:
            org.access.unassign(each.id)


def _kept(org: Org, objects: tuple[MappedObject, ...]) -> list[ApiName]:
    """
    Return the targets of which the user may not delete a record.
    """
    return [
        each.target for each in objects if not org.describe(each.target)["deletable"]
    ]
