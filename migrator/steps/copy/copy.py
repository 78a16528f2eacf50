"""
`copy`: the records into their new home, each exactly once.

Design note.

*Nothing is written before everything has been looked at.* In this order, each able to
end the run without a trace in the org: the mapping's blockers and approvals, other
people's components, full sight of the source, a fresh extract, the conversion of every
record of every object. Then the user gets the Loader permission set, must see every
mapped target field and every target record; only then the first record is sent.
So the extract is complete before the load begins. Letting the two overlap would save
the shorter of them, and find what does not fit when others are stored already.

*The org says what is there.* For each object one query reads the stored origin ids with
the time of the origin's last change, or a count says that there are none. Records not
stored are inserted, records whose source or mapping has changed since are upserted, the
others are left alone. So the command can be killed at any moment and run again: jobs in
flight are taken over from the journal first, then the difference is sent.
`Origin_Id__c` is unique in the org, which makes a second insert of a record fail
harmlessly, whoever sends it.

*Nothing is asked twice.* What the org has said of a user's sight (describes, counts,
permissions) holds for the run; only taking on a permission set makes it ask again.

*Parents before children, references last.* Objects are loaded in the
order of `rules.copy.load_order`, children sorted by parent. References within an
object, and those that go in a circle, are filled when all objects are loaded, by an
upsert of records known to be stored: an upsert of one that is not would make a record
out of nothing but a reference.

*The org never waits for us.* While it works on one job of an object, the next range is
sorted, converted and uploaded (`Sender.deliver`); it is closed when that job has ended.

*Memory* holds one range of one object (`Extract.sorted_frames`); load files lie on disk
and are sent from there. Of stored and source records only short keys are held, 25 bytes
each, and none when nothing is stored yet.

*A sample* (`limit`) is a run of its own. It leaves references to records outside of it
empty, which a whole copy would take for done; so neither follows the other before
`unload`.

*Calculated values* change without their record changing. A digest of them is kept when
an object has been sent; after a `refresh` records with another digest count as stale.

*A refused record* is a row in the journal and in `report/private/failed-<object>.csv`;
it does not stop the others, and the next run sends it again. Records of the target that
the extract does not know are reported and never deleted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.errors import DecisionNeeded, MappingError
from migrator.model.codes import copy as codes
from migrator.model.consent import Consent
from migrator.model.finding import Finding
from migrator.model.job import Purpose
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.progress import Progress, Task
from migrator.model.row_rule import Excluded
from migrator.model.verdict import Loss
from migrator.rules.copy.convert import (
    Conversion,
    Frame,
    Pending,
    Series,
    calculated,
    calculated_columns,
    compared,
    compared_columns,
    gathered,
    recalculated,
    restricted,
    sample_columns,
    sampled,
    sort_columns,
    stored_columns,
    with_stale,
)
from migrator.rules.copy.decision_digest import mapping_digest
from migrator.rules.copy.load_order import LoadOrder, load_order
from migrator.rules.extract.columns import select_statement
from migrator.rundir.journal import Journal
from migrator.rundir.load_files import LoadFiles
from migrator.rundir.snapshots import Extract
from migrator.steps.copy.failed_records import write_refused
from migrator.steps.copy.guards import (
    require_convertible,
    require_fresh_extract,
    require_ready_to_copy,
    require_target_sight,
    sees_targets,
)
from migrator.steps.copy.jobs import Consignment, Delivered, Sender
from migrator.steps.copy.lanes import Lane, a_lane
from migrator.steps.copy.outcome import CopiedObject, CopyOutcome
from migrator.steps.extract import Source, bound_state
from migrator.steps.review.approve import waiting_rules
from migrator.steps.row_rules import select_records
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.session import Org

PART_BYTES = 32_000_000
"""A load file: some 5 of the org's batches, and soon sent again when it has to be."""
RANGE_BYTES = 8_000_000
"""Records sorted and converted at once; a load file holds several such ranges."""


def copy(
    workspace: Workspace,
    *,
    org: Org,
    consent: Consent,
    progress: Progress,
    limit: int | None = None,
    refresh: bool = False,
) -> CopyOutcome:
    """
    Every record of the mapped objects in its target object, each exactly once.

    With *limit* a sample: that many records of each object without parents, and their
    children. It is a run of its own, to be unloaded before the whole is copied. With
    *refresh* every record is read again: the last copy before the cut-over.

    Raises DecisionNeeded before the first write when a person has to decide or allow
    something, Stopped when the same command has to be run again. Records that the org
    refuses are counted, not raised.
    """
    began = time.monotonic()
    mapping, migration_id = workspace.mapping, workspace.migration.id
    workspace.require_described()
    order = _load_order(mapping)
    source = Source(org=org, workspace=workspace)
    state = bound_state(workspace, org)
    with (
        Journal(state, org_id=org.facts.org_id, migration_id=migration_id) as journal,
        LoadFiles(state.load_files) as files,
    ):
        counts = require_ready_to_copy(workspace, org, consent)
        counts = {each.source: counts[each.source] for each in mapping.objects}
        extract = Extract(state.extract)
        require_fresh_extract(extract, source, counts, progress, refresh=refresh)
        chosen = select_records(extract, workspace.acting)
        work = _Copy(
            workspace=workspace,
            org=org,
            order=order,
            extract=chosen.extract,
            excluded=chosen.excluded,
            journal=journal,
            files=files,
            progress=progress,
            limit=limit,
        )
        work.require_one_kind_of_run()
        objects, findings = work.perform(execute=consent.execute)
    return CopyOutcome(
        executed=consent.execute,
        objects=objects,
        findings=(*findings, *waiting_rules(workspace.standings)),
        seconds=time.monotonic() - began,
    )


def _load_order(mapping: Mapping) -> LoadOrder:
    try:
        return load_order(mapping)
    except ValueError as error:
        raise MappingError(
            [str(error)], hint="take `required: true` off one of them in mapping.yaml"
        ) from error


@dataclass(slots=True, kw_only=True)
class _Progress:
    """
    What has happened to one object so far.
    """

    conversion: Conversion
    losses: tuple[Loss, ...]
    sample: Series | None = None
    """The ids of a sample, when only that is wanted."""
    pending: Pending | None = None
    inserted: Delivered = field(default_factory=Delivered)
    updated: Delivered = field(default_factory=Delivered)
    linked: int = 0
    seconds: float = 0

    def add(self, purpose: Purpose, done: Delivered) -> None:
        """
        Counts what became of records that were sent for *purpose*.
        """
        if purpose is Purpose.LOAD:
            self.inserted += done
        else:
            self.updated += done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """
    One run of the verb, everything allowed and extracted.
    """

    workspace: Workspace
    org: Org
    order: LoadOrder
    extract: Extract
    excluded: Table[ApiName, tuple[Excluded, ...]]
    journal: Journal
    files: LoadFiles
    progress: Progress
    limit: int | None

    @property
    def mapping(self) -> Mapping:
        """
        The mapping that is carried out.
        """
        return self.workspace.mapping

    def require_one_kind_of_run(self) -> None:
        """
        Returns unless a sample would be mixed with a whole copy; then DecisionNeeded.

        A sample leaves references to records outside of it empty, and the whole copy
        would take these records for done.
        """
        targets = [each.target for each in self.order.objects]
        held = [each for each in targets if each in self.journal.samples]
        copied = [each for each in targets if self.journal.inserted_ids(each)]
        if held and not self.limit:
            what = "a sample"
        elif self.limit and copied and not held:
            what = "records of a whole copy"
        else:
            return
        raise DecisionNeeded(
            f"{', '.join(held or copied)}: the org holds {what}",
            hint="migrator unload --org ORG --execute",
        )

    def perform(
        self, *, execute: bool
    ) -> tuple[tuple[CopiedObject, ...], tuple[Finding, ...]]:
        """
        What happened to each object, in load order, and what a person should know.
        """
        referred = {
            entry.type.reference_to
            for each in self.order.objects
            for entry in each.parents
            if entry.type
        }
        known = {
            each.target: self.extract.frame(each.source, ["Id"])["Id"].sort()
            for each in self.order.objects
            if each.target in referred
        }
        states: list[_Progress] = []
        findings: list[Finding] = []
        for mapped in self.order.objects:
            conversion = Conversion(
                mapped=mapped,
                text=self.mapping.text,
                deferred=self.order.deferred_of(mapped.source),
                known=known,
            )
            states.append(_Progress(conversion=conversion, losses=()))
        checks = require_convertible(
            self.extract, [s.conversion for s in states], self.progress
        )
        for each, checked in zip(states, checks, strict=True):
            each.losses = checked.losses
            findings += checked.findings
        if self.limit:
            self._choose(states, self.limit)
        if execute:
            stored = require_target_sight(self.workspace, self.org)
            findings += self._send(states, stored)
        elif sees_targets(self.org, self.mapping):
            findings += self._look(states)
        else:
            findings.append(codes.NOT_DEPLOYED())
        return tuple(self._copied(each, execute=execute) for each in states), tuple(
            findings
        )

    def _choose(self, states: Sequence[_Progress], limit: int) -> None:
        """
        Restricts every object to a sample, parents to those that are in it too.
        """
        chosen: dict[ApiName, Series] = {}
        for each in states:
            frames = self.extract.frames(
                each.conversion.mapped.source, sample_columns(each.conversion)
            )
            each.sample = sampled(frames, each.conversion, chosen, limit)
            chosen[each.conversion.mapped.target] = each.sample
        for each in states:
            each.conversion = replace(each.conversion, known=chosen)

    # -- Without --execute -------------------------------------------------------------

    def _look(self, states: Sequence[_Progress]) -> Iterator[Finding]:
        for each in states:
            each.pending = self._compared(each)
            yield from _surplus(each.conversion.mapped, each.pending)

    # -- With --execute ----------------------------------------------------------------

    def _send(
        self, states: Sequence[_Progress], stored: Table[ApiName, int]
    ) -> list[Finding]:
        """
        What a person should know; *stored* are the target records just counted.
        """
        findings: list[Finding] = []
        for each in states:
            began = time.monotonic()
            self._load(each, stored[each.conversion.mapped.target])
            assert each.pending is not None
            findings += _surplus(each.conversion.mapped, each.pending)
            each.seconds = time.monotonic() - began
        for each in states:
            if each.conversion.deferred:
                began = time.monotonic()
                self._link(each)
                each.seconds += time.monotonic() - began
            write_refused(
                self.workspace.run, self.journal, self.extract, each.conversion
            )
        return findings

    def _load(self, state: _Progress, stored: int) -> None:
        """
        Sends what is missing or stale of one object, of which *stored* are there.
        """
        mapped = state.conversion.mapped
        sender = self._sender(mapped.target)
        stored += sender.settle_unfinished()
        for purpose in Purpose:
            self.journal.failures_forgotten(mapped.target, purpose)
        digest = mapping_digest(mapped, self.mapping.text)
        pending = self._compared(state, digest, is_empty=not stored)
        state.pending = pending
        self.journal.cells_lost(
            mapped.source, ((x.field, x.agreed, x.cells) for x in state.losses)
        )
        if state.sample is not None:
            self.journal.sample_taken(mapped.target, len(state.sample))
        if not pending.stored:
            self.journal.mapping_applied(mapped.target, digest)
        total = len(pending.missing) + len(pending.stale)
        with self.progress.task(f"copy {mapped.target}", total) as task:
            if total:
                self._send_frames(state, sender, task)
        if not state.updated.failed:
            self.journal.mapping_applied(mapped.target, digest)
            now = self._calculated(mapped)
            if now is not None:
                self.extract.keep_sent(mapped.source, now)

    def _send_frames(self, state: _Progress, sender: Sender, task: Task) -> None:
        pending = state.pending
        assert pending is not None
        load = self._lane(state, Purpose.LOAD)
        renew = self._lane(state, Purpose.RENEW)
        lanes = ((load, pending.missing), (renew, pending.stale))
        consignments = self._consignments(state.conversion, pending, lanes)
        for sent, done in sender.deliver(consignments):
            state.add(sent.purpose, done)
            task.refuse(done.failed)
            task.advance(done.records)
        for lane in (load, renew):
            done = sender.deliver_rows(lane.special, lane.operation, lane.purpose)
            state.add(lane.purpose, done)
            task.refuse(done.failed)
            task.advance(done.records)

    def _lane(self, state: _Progress, purpose: Purpose) -> Lane:
        return a_lane(state.conversion, purpose, self.files, max_bytes=PART_BYTES)

    def _consignments(
        self,
        conversion: Conversion,
        pending: Pending,
        lanes: Sequence[tuple[Lane, Series]],
    ) -> Iterator[Consignment]:
        """
        The records of one object in load files, siblings together, each record in the
        lane that has its key.
        """
        name, by = conversion.mapped.source, sort_columns(conversion)
        for frame in self.extract.sorted_frames(name, by, max_bytes=RANGE_BYTES):
            for lane, keys in lanes:
                yield from lane.consignments(pending.take(frame, keys))
        for lane, _ in lanes:
            yield from lane.last()

    def _link(self, state: _Progress) -> None:
        """
        The second pass: references of records that are known to be stored.
        """
        conversion = state.conversion
        mapped = conversion.mapped
        now = self._compared(state)
        assert state.pending is not None
        keys = now.unlinked.append(state.pending.stale).unique().sort()
        if keys.is_empty():
            return
        sender = self._sender(mapped.target)
        lanes = ((self._lane(state, Purpose.LINK), keys),)
        with self.progress.task(f"link {mapped.target}", len(keys)) as task:
            consignments = self._consignments(conversion, now, lanes)
            for _, done in sender.deliver(consignments):
                state.linked += done.accepted
                task.advance(done.records)

    def _sender(self, target: ApiName) -> Sender:
        return Sender(
            org=self.org,
            journal=self.journal,
            target=target,
            note=self.progress.note,
        )

    def _compared(
        self, state: _Progress, digest: str = "", *, is_empty: bool = False
    ) -> Pending:
        """
        What the org has of one object, held against the extract.

        With *is_empty* nothing, as far as the org has counted: no query is needed.
        """
        conversion = state.conversion
        mapped = conversion.mapped
        columns = stored_columns(conversion)
        frames: Iterable[Frame] = ()
        if not is_empty:
            soql = select_statement(columns, mapped.target)
            pages = self.org.bulk.query_frames(soql, columns)
            frames = (page.frame for page in pages)
        stored = gathered(frames, conversion)
        paths = compared_columns(conversion)
        applied = self.journal.applied_mapping(mapped.target)
        pending = compared(
            self.extract.frames(mapped.source, paths),
            stored,
            conversion,
            renew_all=bool(digest) and applied != digest,
        )
        if digest and pending.stored and (now := self._calculated(mapped)) is not None:
            sent = self.extract.sent(mapped.source)
            if sent is not None:
                pending = with_stale(pending, recalculated(now, sent), stored)
        return pending if state.sample is None else restricted(pending, state.sample)

    def _calculated(self, mapped: MappedObject) -> Frame | None:
        columns = calculated_columns(mapped)
        if not columns or not self.extract.rows(mapped.source):
            return None
        return calculated(self.extract.frames(mapped.source, columns))

    def _copied(self, state: _Progress, *, execute: bool) -> CopiedObject:
        mapped = state.conversion.mapped
        records = self.extract.rows(mapped.source)
        missing, stale = records, 0
        there = 0
        if state.pending is not None:
            missing, stale = len(state.pending.missing), len(state.pending.stale)
            there = state.pending.already_there
        copied = CopiedObject(
            source=mapped.source,
            target=mapped.target,
            records=records,
            inserted=missing,
            updated=stale,
            already_there=there,
            losses=state.losses,
            excluded=self.excluded.get(mapped.source, ()),
            seconds=state.seconds,
        )
        if not execute:
            return copied
        refused = {row.origin_id for row in self.journal.failures(mapped.target)}
        return replace(
            copied,
            inserted=state.inserted.accepted,
            updated=state.updated.accepted,
            linked=state.linked,
            already_there=there + state.inserted.already_there,
            failed=len(refused),
        )


def _surplus(mapped: MappedObject, pending: Pending) -> Iterator[Finding]:
    if pending.surplus:
        found = codes.SURPLUS_RECORDS(
            target=mapped.target, source=mapped.source, count=pending.surplus
        )
        yield found.at(mapped.source)
