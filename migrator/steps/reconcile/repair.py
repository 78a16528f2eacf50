"""
`reconcile --repair`: what differs is sent again, and compared again.

Nothing but the differing cells is written, each by the origin id of its record, from
the source as it is now and through the conversion of the copy. Records without a copy
are inserted, references within an object after all of them. What a repair cannot mend
(surplus and duplicate records, details under another master) is said and left alone.
It goes through sObject Collections: differences are few, or the copy is to be run.
"""

from __future__ import annotations

import functools
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.errors import DecisionNeeded
from migrator.model.consent import Consent
from migrator.model.finding import Finding
from migrator.model.job import Purpose
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.model.records import Operation
from migrator.rules.copy.convert import (
    Conversion,
    Series,
    as_extracted,
    chosen_cells,
    mending_rows,
    reference_column,
    sent_columns,
    with_ids,
)
from migrator.rules.copy.load_order import LoadOrder, load_order
from migrator.rules.extract.columns import select_statement
from migrator.rules.reconcile.repair import RepairNeed, repair_need
from migrator.rundir.journal import Journal
from migrator.rundir.snapshots import Extract, Frame
from migrator.steps.copy.clock_values import has_clock_values
from migrator.steps.copy.failed_records import write_refused
from migrator.steps.copy.guards import require_ready_to_copy, require_target_sight
from migrator.steps.copy.jobs import Delivered, Sender
from migrator.steps.extract import Source, bound_state
from migrator.steps.reconcile.reconcile import ReconcileOutcome, reconcile
from migrator.steps.row_rules import select_records
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.collections import Row
    from migrator.org.session import Org

MOST_RECORDS = 10_000
"""Of one object; 200 a call."""
READ_AT_ONCE = 1000
"""Records that one query names; it may have 100,000 characters."""

_Rows = dict[str, dict[str, str | None]]
"""Origin id to load column to text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedObject:
    """
    What was mended of one object, or would be.
    """

    source: ApiName
    target: ApiName
    inserted: int
    updated: int
    """Records of which cells were sent again."""
    cells: int
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOutcome:
    """
    The repair, object by object, and how both sides compare now.
    """

    executed: bool
    objects: tuple[RepairedObject, ...]
    compared: ReconcileOutcome
    """After the repair, when there was one."""
    findings: tuple[Finding, ...] = ()


def repair(
    workspace: Workspace, *, org: Org, consent: Consent, progress: Progress
) -> RepairOutcome:
    """
    *org* with every difference mended that can be; without `execute` what would be.

    Both sides are compared before, and after a repair again. Raises DecisionNeeded
    before the first write as `copy` does, and when it is a copy that is needed.
    """
    workspace.require_described()
    compare = functools.partial(
        reconcile,
        workspace,
        org=org,
        progress=progress,
        allow_unreviewed=consent.allow_unreviewed,
    )
    before = compare()
    order = load_order(workspace.mapping)
    plan = tuple(repair_need(each, before.differences) for each in order.objects)
    findings = tuple(finding for each in plan for finding in each.findings)
    todo = tuple(each for each in plan if not each.is_empty)
    _require_few(workspace, org, todo)
    if not consent.execute or not todo:
        return RepairOutcome(
            executed=False,
            objects=tuple(_foreseen(each) for each in todo),
            compared=before,
            findings=findings,
        )
    state, migration_id = bound_state(workspace, org), workspace.migration.id
    with Journal(state, org_id=org.facts.org_id, migration_id=migration_id) as journal:
        _require_no_sample(journal, order)
        require_ready_to_copy(workspace, org, consent)
        require_target_sight(workspace, org)
        work = _Repair(
            workspace=workspace,
            source=Source(org=org, workspace=workspace),
            order=order,
            extract=Extract(state.extract),
            copied=Extract(state.copied),
            journal=journal,
            progress=progress,
        )
        objects = work.perform(todo)
    return RepairOutcome(
        executed=True, objects=objects, compared=compare(), findings=findings
    )


def _require_few(workspace: Workspace, org: Org, todo: Sequence[RepairNeed]) -> None:
    """
    Return unless so many records differ that a copy mends them better.

    The copy must not take anything for known that has just been seen to be wrong.
    """
    many = [each for each in todo if len(each.records) > MOST_RECORDS]
    if not many:
        return
    state, migration_id = bound_state(workspace, org), workspace.migration.id
    with Journal(state, org_id=org.facts.org_id, migration_id=migration_id) as journal:
        for each in many:
            journal.doubt_object(each.mapped.target)
    raise DecisionNeeded(
        "\n".join(
            f"{each.mapped.target}: {len(each.records):,} records differ, that is "
            f"no repair but a copy (up to {MOST_RECORDS:,} are repaired)"
            for each in many
        ),
        hint="migrator copy --refresh --execute --org ORG reads both sides again and "
        "sends what differs",
    )


def _require_no_sample(journal: Journal, order: LoadOrder) -> None:
    held = [each.target for each in order.objects if each.target in journal.samples]
    if held:
        raise DecisionNeeded(
            f"{', '.join(held)}: the org holds a sample, and no more on purpose",
            hint="migrator unload --org ORG --execute, then copy",
        )


def _foreseen(each: RepairNeed) -> RepairedObject:
    return RepairedObject(
        source=each.mapped.source,
        target=each.mapped.target,
        inserted=len(each.missing),
        updated=len(each.cells),
        cells=sum(map(len, each.cells.values())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repair:
    """
    One repair, everything allowed.
    """

    workspace: Workspace
    source: Source
    order: LoadOrder
    extract: Extract
    copied: Extract
    journal: Journal
    progress: Progress

    def perform(self, todo: Sequence[RepairNeed]) -> tuple[RepairedObject, ...]:
        """
        Return what became of each of *todo*, parents first; references last.
        """
        known = self._known(todo)
        read = {each.mapped.source: self._rows(each, known) for each in todo}
        inserted = {
            each.mapped.source: self._inserted(each, read[each.mapped.source])
            for each in todo
        }
        return tuple(
            self._updated(each, read[each.mapped.source], inserted[each.mapped.source])
            for each in todo
        )

    def _inserted(self, each: RepairNeed, rows: _Rows) -> Delivered:
        sender = self._sender(each.mapped.target)
        sender.settle_unfinished()
        for purpose in Purpose:
            self.journal.forget_failures(each.mapped.target, purpose)
        deferred = self._deferred_columns(each.mapped)
        new: list[Row] = [
            {name: text for name, text in rows[key].items() if name not in deferred}
            for key in sorted(each.missing)
            if key in rows
        ]
        return sender.deliver_rows(new, Operation.INSERT, Purpose.REPAIR)

    def _updated(
        self, each: RepairNeed, rows: _Rows, inserted: Delivered
    ) -> RepairedObject:
        mapped = each.mapped
        sender = self._sender(mapped.target)
        columns = {
            key: sent_columns(mapped, fields) for key, fields in each.cells.items()
        }
        again: list[Row] = [*chosen_cells(rows, columns)]
        done = sender.deliver_rows(again, Operation.UPSERT, Purpose.REPAIR)
        deferred = self._deferred_columns(mapped)
        linked = {
            key: deferred
            for key in sorted(each.missing & rows.keys())
            if any(rows[key].get(name) for name in deferred)
        }
        links: list[Row] = [*chosen_cells(rows, linked)]
        late = sender.deliver_rows(links, Operation.UPSERT, Purpose.REPAIR)
        if self.extract.is_complete(mapped.source):
            conversion = Conversion(mapped=mapped, text=self.workspace.mapping.text)
            write_refused(self.workspace.run, self.journal, self.extract, conversion)
        return RepairedObject(
            source=mapped.source,
            target=mapped.target,
            inserted=inserted.accepted,
            updated=done.accepted,
            cells=sum(len(row) - 1 for row in again),
            failed=inserted.failed + done.failed + late.failed,
        )

    def _rows(self, each: RepairNeed, known: abc.Mapping[ApiName, Series]) -> _Rows:
        """
        Return the records to mend, as the source has them now, converted.
        """
        text = self.workspace.mapping.text
        conversion = Conversion(mapped=each.mapped, text=text, known=known)
        found: _Rows = {}
        title = f"read {each.mapped.source} again"
        with self.progress.task(title, len(each.records)) as task:
            for frame in self._records(each):
                found |= mending_rows(frame, conversion)
                task.advance(frame.height)
        return found

    def _records(self, each: RepairNeed) -> Iterator[Frame]:
        name = each.mapped.source
        columns = self.source.columns(name)
        paths = [str(e.source) for e in each.mapped.carried if e.volatile]
        ids = sorted(each.records)
        for start in range(0, len(ids), READ_AT_ONCE):
            listed = ", ".join(f"'{x}'" for x in ids[start : start + READ_AT_ONCE])
            soql = f"{select_statement(columns, name)} WHERE Id IN ({listed})"
            for page in self.source.org.bulk.query_frames(soql, columns):
                values = self._clock_values(each.mapped)
                if paths and values is not None:
                    then = values.frame(name, ["Id", *paths])
                    yield as_extracted(page.frame, then, paths)
                else:
                    yield page.frame

    def _clock_values(self, mapped: MappedObject) -> Extract | None:
        """
        Where the values that read the clock lie that the records were copied with.
        """
        if has_clock_values(self.copied, mapped):
            return self.copied
        return self.extract if self.extract.is_complete(mapped.source) else None

    def _known(self, todo: Sequence[RepairNeed]) -> dict[ApiName, Series]:
        """
        Return the origin ids a reference may name: what is copied, and what is inserted
        here.

        Nothing without an extract: then the org judges each reference.
        """
        if not all(self.extract.is_complete(x.source) for x in self.order.objects):
            return {}
        chosen = select_records(self.extract, self.workspace.acting).extract
        missing = {each.mapped.target: each.missing for each in todo}
        return {
            each.target: with_ids(
                chosen.frame(each.source, ["Id"])["Id"], missing.get(each.target, ())
            )
            for each in self.order.objects
        }

    def _deferred_columns(self, mapped: MappedObject) -> frozenset[str]:
        waiting = self.order.deferred_of(mapped.source)
        entries = (each for each in mapped.parents if each.source in waiting)
        return frozenset(reference_column(each) for each in entries)

    def _sender(self, target: ApiName) -> Sender:
        return Sender(
            org=self.source.org,
            journal=self.journal,
            target=target,
            note=self.progress.note,
        )
