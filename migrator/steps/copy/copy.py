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

*What is stored is what is meant.* For each object one query reads the stored origin ids
with the time of each record's last change, or a count says that there are none. Records
not stored are inserted. A stored record is left alone only when it has not been changed
since our last word on it, and that word, a digest of everything that was sent for it,
is the digest of what would be sent now (`steps.copy.inquiry`); else it is sent again.
Where there is no word (a lost journal, another directory, a job that nobody has
accounted for, a library that computes digests otherwise) the record is read back, and
the digest of what it holds decides. So nothing has to be remembered rightly for the
copy to be right: edits, rules on and off, links that were cleared, totals that moved
and other people's hands all end in the same comparison, and the command can be killed
at any moment and run again. `Origin_Id__c` is unique in the org, which makes a second
insert of a record fail harmlessly, whoever sends it; a record met that way is looked at
like any other.

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
and are sent from there. What is wanted, stored and known of records is held against
each other in ranges of their ids (`IdRanges`); what is left of it is one byte for each
record of one object.

*A sample* (`limit`) is a run of its own. It leaves references to records outside of it
empty, which a whole copy would take for done; so neither follows the other before
`unload`.

*Links* are a word of their own: an update of a record's values says nothing about the
references of the second pass, and the second pass nothing about the values. A reference
that the source has cleared is set to null by name (`rules.copy.convert.cleared`).

*Calculated values* change without their record changing, and are part of what is sent:
after a `refresh` the digests tell. Values that read the clock are not: they change
every day. With which one a record was copied is kept (`steps.copy.clock_values`).

*A refused record* is a row in the journal and in `report/private/failed-<object>.csv`;
it does not stop the others, and the next run sends it again. Records of the target that
the extract does not know are reported and never deleted.
"""

from __future__ import annotations

import time
from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.errors import DecisionNeeded, MappingError
from migrator.model.codes import copy as codes
from migrator.model.consent import Consent
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.model.row_rule import Excluded
from migrator.rules.copy.convert import (
    Conversion,
    Series,
    sample_columns,
    sampled,
)
from migrator.rules.copy.load_order import LoadOrder, load_order
from migrator.rundir.journal import Journal
from migrator.rundir.load_files import LoadFiles
from migrator.rundir.snapshots import Extract
from migrator.steps.copy.failed_records import write_refused
from migrator.steps.copy.guards import (
    Examination,
    require_convertible,
    require_fresh_extract,
    require_ready_to_copy,
    require_target_sight,
    sees_targets,
)
from migrator.steps.copy.means import Means
from migrator.steps.copy.one_object import ObjectCopy
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
            means=Means(
                org=org,
                journal=journal,
                extract=chosen.extract,
                copied=Extract(state.copied),
                files=files,
                execute=consent.execute,
                folder=state.ranges,
                progress=progress,
            ),
            order=order,
            excluded=chosen.excluded,
            limit=limit,
        )
        work.require_one_kind_of_run()
        objects, findings = work.perform()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """
    One run of the verb, everything allowed and extracted.
    """

    workspace: Workspace
    means: Means
    order: LoadOrder
    excluded: abc.Mapping[ApiName, tuple[Excluded, ...]]
    limit: int | None

    def require_one_kind_of_run(self) -> None:
        """
        Return unless a sample would be mixed with a whole copy; then DecisionNeeded.

        A sample leaves references to records outside of it empty, and the whole copy
        would take these records for done.
        """
        targets = [each.target for each in self.order.objects]
        journal = self.means.journal
        held = [each for each in targets if each in journal.samples]
        copied = [each for each in targets if journal.has_inserted(each)]
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

    def perform(self) -> tuple[tuple[CopiedObject, ...], tuple[Finding, ...]]:
        """
        Return what happened to each object, in load order, and what a person should
        know.
        """
        objects = self._objects()
        findings = self._examine(objects)
        if self.limit:
            self._choose(objects, self.limit)
        if self.means.execute:
            self._send(objects, require_target_sight(self.workspace, self.means.org))
        elif sees_targets(self.means.org, self.workspace.mapping):
            for each in objects:
                each.look()
        else:
            findings.append(codes.NOT_DEPLOYED())
        for each in objects:
            findings += (*each.surplus(), *each.findings)
        return (
            tuple(map(self._copied, objects)),
            tuple(findings),
        )

    def _objects(self) -> tuple[ObjectCopy, ...]:
        referred = {
            entry.type.reference_to
            for each in self.order.objects
            for entry in each.parents
            if entry.type
        }
        known = {
            each.target: self.means.extract.frame(each.source, ["Id"])["Id"].sort()
            for each in self.order.objects
            if each.target in referred
        }
        return tuple(
            ObjectCopy(
                means=self.means,
                conversion=Conversion(
                    mapped=mapped,
                    text=self.workspace.mapping.text,
                    deferred=self.order.deferred_of(mapped.source),
                    known=known,
                ),
            )
            for mapped in self.order.objects
        )

    def _examine(self, objects: Sequence[ObjectCopy]) -> list[Finding]:
        """
        Return what a person should know of every record's conversion; DecisionNeeded
        when it blocks.

        Where records are known to be stored, the digests that they should have are
        worked out on the way. Not of a sample: what is in it is not known yet.
        """
        asked = [
            Examination(
                conversion=each.conversion,
                mapping=each.mapping,
                tell=each.values.add_wanted
                if each.is_known and not self.limit
                else None,
            )
            for each in objects
        ]
        checks = require_convertible(self.means.extract, asked, self.means.progress)
        for each, checked in zip(objects, checks, strict=True):
            each.losses = checked.losses
        return [finding for checked in checks for finding in checked.findings]

    def _choose(self, objects: Sequence[ObjectCopy], limit: int) -> None:
        """
        Restricts every object to a sample, parents to those that are in it too.
        """
        chosen: dict[ApiName, Series] = {}
        for each in objects:
            frames = self.means.extract.frames(
                each.mapped.source, sample_columns(each.conversion)
            )
            each.sample = sampled(frames, each.conversion, chosen, limit)
            chosen[each.mapped.target] = each.sample
        for each in objects:
            each.conversion = replace(each.conversion, known=chosen)

    def _send(
        self, objects: Sequence[ObjectCopy], stored: abc.Mapping[ApiName, int]
    ) -> None:
        """
        Load every object, then fills the references of the second pass; *stored* are
        the target records just counted.
        """
        for each in objects:
            began = time.monotonic()
            each.load(stored[each.mapped.target])
            each.seconds = time.monotonic() - began
        for each in objects:
            if each.conversion.deferred:
                began = time.monotonic()
                each.link()
                each.seconds += time.monotonic() - began
            means, run = self.means, self.workspace.run
            write_refused(run, means.journal, means.extract, each.conversion)

    def _copied(self, each: ObjectCopy) -> CopiedObject:
        excluded = self.excluded.get(each.mapped.source, ())
        return replace(each.copied(), excluded=excluded)
