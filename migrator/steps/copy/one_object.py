"""
One object of a copy: what its records wait for, and how they are sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from migrator.model.codes import copy as codes
from migrator.model.finding import Finding
from migrator.model.job import Purpose
from migrator.model.kinds.table import Kind
from migrator.model.mapping import MappedObject
from migrator.model.progress import Task
from migrator.model.verdict import Loss
from migrator.rules.copy.convert import (
    Aspect,
    Conversion,
    Mark,
    Pending,
    Series,
    sort_columns,
)
from migrator.rules.copy.decision_digest import mapping_digest
from migrator.steps.copy.clock_values import keep_clock_values
from migrator.steps.copy.inquiry import Inquiry
from migrator.steps.copy.jobs import Consignment, Delivered, Sender
from migrator.steps.copy.lanes import Lane
from migrator.steps.copy.means import Means
from migrator.steps.copy.outcome import CopiedObject

PART_BYTES = 32_000_000
"""A load file: some 5 of the org's batches, and soon sent again when it has to be."""
RANGE_BYTES = 8_000_000
"""Records sorted and converted at once; a load file holds several such ranges."""
MOST_LOOKS = 2
"""How often what has been sent is looked at again, where that is in doubt."""


@dataclass(slots=True, kw_only=True)
class ObjectCopy:
    """
    The copy of one object, and what has happened to it so far.
    """

    means: Means
    conversion: Conversion
    losses: tuple[Loss, ...] = ()
    sample: Series | None = None
    """The ids of a sample, when only that is wanted."""
    pending: Pending | None = None
    """What its records were waiting for at first."""
    unlinked: int = 0
    inserted: Delivered = field(default_factory=Delivered)
    updated: Delivered = field(default_factory=Delivered)
    found_there: int = 0
    """Records that an insert met, and that are as they should be."""
    linked: int = 0
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0
    _values: Inquiry | None = None

    @property
    def mapped(self) -> MappedObject:
        """
        The decisions about it.
        """
        return self.conversion.mapped

    @property
    def mapping(self) -> str:
        """
        The digest of what the mapping says about it.
        """
        return mapping_digest(self.mapped, self.conversion.text)

    @property
    def values(self) -> Inquiry:
        """
        What is asked about the values of its records; the same one every time.
        """
        if self._values is None:
            self._values = self._inquiry()
        return self._values

    @property
    def is_known(self) -> bool:
        """
        True when something is known of stored records.
        """
        return self.means.journal.has_sent(self.mapped.target)

    # -- Without --execute -------------------------------------------------------------

    def look(self) -> None:
        """
        Find out what would be sent.
        """
        self.pending = self.values.pending()
        self.values.close()
        if self.conversion.deferred:
            links = self._inquiry(of_links=True)
            self.unlinked = links.pending().count(Mark.STALE)
            links.close()

    # -- With --execute ----------------------------------------------------------------

    def load(self, stored: int) -> None:
        """
        Send what is missing or stale, where *stored* records are there.

        An insert that met a stored record, and an update of details, which cannot be
        moved to another master, are looked at again: what is stored decides.
        """
        target, journal = self.mapped.target, self.means.journal
        sender = self._sender()
        stored += sender.settle_unfinished()
        for purpose in Purpose:
            journal.forget_failures(target, purpose)
        found = self.pending = self.values.pending(is_empty=not stored)
        journal.record_losses(
            self.mapped.source, ((x.field, x.agreed, x.cells) for x in self.losses)
        )
        if self.sample is not None:
            journal.record_sample(target, len(self.sample))
        in_doubt = self._send(found, sender, (Mark.MISSING, Mark.STALE))
        for look in range(1, MOST_LOOKS + 1):
            if not in_doubt:
                break
            found = self.values.pending()
            self._count_found(found)
            if look < MOST_LOOKS:
                in_doubt = self._send(found, sender, (Mark.STALE,))
            else:
                self.findings += self._unmoved(found)
        self.values.close()
        self._values = None
        self._keep_clock_values()

    def _keep_clock_values(self) -> None:
        means = self.means
        folder = means.folder / f"{self.mapped.target}.clock"
        keep_clock_values(
            means.journal, means.extract, means.copied, self.aspect(), folder
        )

    def link(self) -> None:
        """
        Send the second pass: references of records that are known to be stored.
        """
        inquiry = self._inquiry(of_links=True)
        found = inquiry.pending()
        inquiry.close()
        count = found.count(Mark.STALE)
        if not count:
            return
        sender = self._sender()
        title = f"link {self.mapped.target}"
        with self.means.progress.task(title, count) as task:
            lanes = ((self._lane(Purpose.LINK), Mark.STALE),)
            parts = self._consignments(found, lanes, self._link_columns())
            for _, done in sender.deliver(parts):
                self.linked += done.accepted
                task.advance(done.records)

    def _send(self, found: Pending, sender: Sender, marks: Sequence[Mark]) -> bool:
        """
        Return True when what is stored now is in doubt.
        """
        total = sum(found.count(mark) for mark in marks)
        if not total:
            return False
        purposes = {Mark.MISSING: Purpose.LOAD, Mark.STALE: Purpose.RENEW}
        lanes = [(self._lane(purposes[mark]), mark) for mark in marks]
        before = self.updated.accepted
        title = f"copy {self.mapped.target}"
        with self.means.progress.task(title, total) as task:
            for sent, done in sender.deliver(self._consignments(found, lanes)):
                self._add(sent.purpose, done, task)
            for lane, _ in lanes:
                done = sender.deliver_rows(lane.special, lane.operation, lane.purpose)
                self._add(lane.purpose, done, task)
        renewed = self.updated.accepted - before
        return bool(self.inserted.met or (renewed and _has_details(self.mapped)))

    def _consignments(
        self,
        found: Pending,
        lanes: Sequence[tuple[Lane, Mark]],
        columns: Sequence[str] | None = None,
    ) -> Iterator[Consignment]:
        """
        Yield the marked records in load files, siblings together, each in its mark's
        lane; all their *columns* or those given.
        """
        frames = self.means.extract.sorted_frames(
            self.mapped.source,
            sort_columns(self.conversion),
            max_bytes=RANGE_BYTES,
            columns=columns,
            marks=found.only(*(mark for _, mark in lanes)),
        )
        for frame in frames:
            for lane, mark in lanes:
                yield from lane.consignments(found.take(frame, mark))
        for lane, _ in lanes:
            yield from lane.last()

    def _add(self, purpose: Purpose, done: Delivered, task: Task) -> None:
        if purpose is Purpose.LOAD:
            self.inserted += done
        else:
            self.updated += done
        task.refuse(done.failed)
        task.advance(done.records)

    def _count_found(self, found: Pending) -> None:
        assert self.pending is not None
        ours = self.inserted.accepted + self.updated.accepted
        there = found.count(Mark.THERE) - self.pending.count(Mark.THERE)
        self.found_there = max(self.found_there, there - ours)

    def _unmoved(self, found: Pending) -> Iterator[Finding]:
        """
        Yield what was sent, and is not what is stored.
        """
        refused = self.means.journal.failures(self.mapped.target)
        count = found.count(Mark.STALE) - len(refused)
        if count > 0:
            finding = codes.NOT_KEPT(target=self.mapped.target, count=count)
            yield finding.at(self.mapped.source)

    # -- Means -------------------------------------------------------------------------

    def aspect(self, *, of_links: bool = False) -> Aspect:
        """
        Return the values of its records, or their links.
        """
        return Aspect(
            conversion=self.conversion,
            mapping=self.mapping,
            extract=self.means.extract.meta(self.mapped.source).key,
            of_links=of_links,
        )

    def _link_columns(self) -> tuple[str, ...]:
        asked = self.aspect(of_links=True).source_columns or ()
        return tuple(dict.fromkeys([*asked, *sort_columns(self.conversion)]))

    def _inquiry(self, *, of_links: bool = False) -> Inquiry:
        return Inquiry(self.means, self.aspect(of_links=of_links), self.sample)

    def _sender(self) -> Sender:
        return Sender(
            org=self.means.org,
            journal=self.means.journal,
            target=self.mapped.target,
            basis=self.aspect().basis,
            note=self.means.progress.note,
        )

    def _lane(self, purpose: Purpose) -> Lane:
        return Lane(
            conversion=self.conversion,
            mapping=self.mapping,
            purpose=purpose,
            files=self.means.files,
            max_bytes=PART_BYTES,
        )

    # -- What has become of it ---------------------------------------------------------

    def copied(self) -> CopiedObject:
        """
        Return what happened to its records, or would happen.
        """
        mapped = self.mapped
        records = self.means.extract.rows(mapped.source)
        found = self.pending or Pending(marks=None, records=records)
        outcome = CopiedObject(
            source=mapped.source,
            target=mapped.target,
            records=records,
            inserted=found.count(Mark.MISSING),
            updated=found.count(Mark.STALE),
            linked=self.unlinked,
            already_there=found.count(Mark.THERE),
            losses=self.losses,
            seconds=self.seconds,
        )
        if not self.means.execute:
            return outcome
        refused = {row.origin_id for row in self.means.journal.failures(mapped.target)}
        return replace(
            outcome,
            inserted=self.inserted.accepted,
            updated=self.updated.accepted,
            linked=self.linked,
            already_there=outcome.already_there + self.found_there,
            failed=len(refused),
        )

    def surplus(self) -> Iterator[Finding]:
        """
        Yield stored records that nobody wants.
        """
        if self.pending and self.pending.surplus:
            mapped = self.mapped
            found = codes.SURPLUS_RECORDS(
                target=mapped.target, source=mapped.source, count=self.pending.surplus
            )
            yield found.at(mapped.source)


def _has_details(mapped: MappedObject) -> bool:
    return any(e.type and e.type.kind is Kind.MASTER_DETAIL for e in mapped.parents)
