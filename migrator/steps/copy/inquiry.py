"""
What the records of one object are waiting for: asked of the org, of the journal and of
the extract, and put together one range of ids after the other.

The org says which records are stored and when each was last changed; the journal says
what was sent for them, as digests; the extract says what they should be. What nobody
knows is read back: the digest of the stored cells takes the place of what was sent. So
a lost journal, another directory, a job without an answer and somebody else's hand cost
time, and none of them leaves a record that only looks as it should.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.job import SentRecords
from migrator.model.mapping import ORIGIN_ID
from migrator.rules.copy.convert import (
    KEY,
    STORED,
    Aspect,
    Frame,
    Judged,
    Mark,
    Pending,
    Series,
    Sides,
    judged,
    keys_of,
    known_records,
    pending,
    read_records,
    stored_records,
    wanted_records,
    worth_noting,
)
from migrator.rules.extract.columns import select_statement
from migrator.rundir.snapshots import IdRanges, id_bounds
from migrator.steps.copy.means import Means

NAMED_AT_ONCE = 4_000
"""Records that one query names; it may have 100,000 characters."""
_WANTED, _STORED, _KNOWN, _READ = "wanted", "stored", "known", "read"


class Inquiry:
    """
    One object and one aspect of its records. Of a *sample*, ids, only its records
    count.
    """

    def __init__(
        self, means: Means, aspect: Aspect, sample: Series | None = None
    ) -> None:
        self._org = means.org
        self._journal = means.journal
        self._extract = means.extract
        self._aspect = aspect
        self._mapped = aspect.conversion.mapped
        self._sample = None if sample is None else keys_of(sample).sort()
        self._folder = means.folder / f"{self._mapped.target}.{aspect.of_links:d}"
        # Nothing is noted without --execute: the jobs of a killed run, which have not
        # been settled then, may still be changing records.
        self._notes = means.execute
        self._ranges: IdRanges | None = None
        self._wanted = 0
        self._unknown: list[str] = []
        """Ids to be read back, as long as they are few."""

    def add_wanted(self, ids: Series, digests: Frame) -> None:
        """
        Add the *digests* wanted of the next records of the extract, in its order.
        """
        frame = wanted_records(ids, digests, self._wanted)
        self._split().add(_WANTED, frame)
        self._wanted += len(ids)

    def pending(self, *, is_empty: bool = False) -> Pending:
        """
        Return what each record of the extract is waiting for.

        With *is_empty* nothing is stored, as far as the org has counted: no query is
        needed. Records whose state nobody knows are read back, and noted in the
        journal.
        """
        records = self._extract.rows(self._mapped.source)
        if is_empty and self._sample is None:
            return Pending(marks=None, records=records)
        if not self._wanted:
            for frame in self._extract.frames(
                self._mapped.source, self._aspect.source_columns
            ):
                self.add_wanted(frame["Id"], self._aspect.wanted(frame))
        if not is_empty:
            self._gather()
        found = pending(records, self._judged(doubts=True))
        if found.count(Mark.UNKNOWN):
            self._read_back()
            found = pending(records, self._judged())
        for kind in (_STORED, _KNOWN, _READ):
            self._split().drop(kind)
        return found

    def close(self) -> None:
        """
        Remove what lies on disk.
        """
        if self._ranges is not None:
            self._ranges.close()

    def _split(self) -> IdRanges:
        if self._ranges is None:
            name = self._mapped.source
            keys = (keys_of(f["Id"]) for f in self._extract.frames(name, ["Id"]))
            bounds = id_bounds(keys, self._extract.rows(name))
            self._ranges = IdRanges(self._folder, bounds, KEY)
        return self._ranges

    def _gather(self) -> None:
        """
        Gather what is stored, and what is known of it.
        """
        ranges, aspect = self._split(), self._aspect
        kept = self._journal.kept_turn(self._mapped.target)
        for sent in self._journal.sent_records(self._mapped.target):
            known = known_records(
                sent,
                links=aspect.of_links,
                is_usable=aspect.is_usable(sent, kept),
            )
            ranges.add(_KNOWN, known)
        soql = select_statement(STORED, self._mapped.target)
        for page in self._org.bulk.query_frames(soql, STORED):
            ranges.add(_STORED, stored_records(page.frame))

    def _judged(self, *, doubts: bool = False) -> Iterator[Judged]:
        """
        Yield what the records of each range are waiting for; *doubts* are noted.
        """
        self._unknown.clear()
        for number in range(len(self._split())):
            found = judged(self._sides(number), self._sample)
            if doubts and self._notes and found.doubted:
                self._journal.doubt_records(self._mapped.target, found.doubted)
            if len(self._unknown) <= NAMED_AT_ONCE:
                self._unknown.extend(found.unknown.head(NAMED_AT_ONCE + 1).to_list())
            yield found

    def _sides(self, number: int) -> Sides:
        ranges = self._split()
        return Sides(
            wanted=ranges.frames(_WANTED, number),
            stored=ranges.frames(_STORED, number),
            known=ranges.frames(_KNOWN, number),
            read=ranges.frames(_READ, number),
        )

    def _read_back(self) -> None:
        """
        Read back the digests of the cells that the org has for records nobody knows.
        """
        ranges, aspect = self._split(), self._aspect
        columns = aspect.target_columns
        soql = select_statement(columns, self._mapped.target)
        if len(self._unknown) <= NAMED_AT_ONCE:
            named = ", ".join(f"'{each}'" for each in self._unknown)
            soql = f"{soql} WHERE {ORIGIN_ID} IN ({named})"
        for page in self._org.bulk.query_frames(soql, columns):
            digests = aspect.stored(page.frame)
            ranges.add(_READ, read_records(page.frame, digests))
        if not self._notes:
            return
        for number in range(len(ranges)):
            wanted = ranges.frames(_WANTED, number)
            for read in ranges.frames(_READ, number):
                self._note(read, wanted)

    def _note(self, read: Frame, wanted: list[Frame]) -> None:
        found = worth_noting(read, wanted)
        is_links = self._aspect.of_links
        if found.ids:
            told = SentRecords(
                origin_ids=found.ids,
                digests=None if is_links else found.digests,
                links=found.digests if is_links else None,
                basis=self._aspect.basis,
                until=found.until,
            )
            self._journal.record_read(self._mapped.target, told)
