"""
`reconcile`: read both sides again and compare them, the evidence that all was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from migrator.documents.mapping.schema import mapping_digest
from migrator.documents.report.differences_csv import differences_csv
from migrator.documents.report.reconciliation_html import render_verdict
from migrator.documents.report.reconciliation_json import verdict_json
from migrator.errors import LoginRefused, OrgRefused
from migrator.model.codes import reconcile as codes
from migrator.model.finding import Finding, Level
from migrator.model.mapping import FieldMapping, MappedObject, Mapping, RowRule, Status
from migrator.model.names import ApiName
from migrator.model.progress import Progress, Task
from migrator.model.verdict import Damage, Difference, ObjectVerdict, Verdict
from migrator.rules.reconcile import (
    Comparison,
    compare,
    one_frame,
    parent_targets,
    record_digests,
    selected,
    source_columns,
    target_columns,
    thinned_targets,
)
from migrator.rules.reconcile.claims import check_claims
from migrator.rules.reconcile.org_sums import check_sums
from migrator.rules.review.approval import (
    Standing,
    approvers,
    unapproved,
)
from migrator.rundir.reconciled import journal_position, note_reconciled
from migrator.rundir.snapshots import Extract
from migrator.rundir.status import read_repairs
from migrator.steps.extract import bound_state
from migrator.steps.reconcile.guards import require_comparable, unmapped_currencies
from migrator.steps.reconcile.org_sums import count_sides
from migrator.steps.review.approve import unreviewed, waiting_rules
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.session import Org
    from migrator.rundir.layout import RunDirectory

EXAMPLES = 200
"""Differences named per object in the report; the private file has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOutcome:
    """
    The verdict, and what a person should know besides it.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    differences: tuple[Difference, ...] = ()
    """Those that have a name, up to a hundred thousand of each object."""


def reconcile(
    workspace: Workspace,
    *,
    org: Org,
    progress: Progress,
    allow_unreviewed: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ReconcileOutcome:
    """
    Return the comparison of every mapped cell in *org*, also written to `report/`.

    Nothing that the copy knows is used but the extract, and that for the formulas that
    read the clock. Raises DecisionNeeded before anything is read when equal cells would
    prove nothing (`require_comparable`).
    """
    acting = require_comparable(workspace, org, allow_unreviewed=allow_unreviewed)
    run = workspace.run
    state = bound_state(workspace, org)
    begun_at = journal_position(state)
    snapshots = Extract(state.extract), Extract(state.copied)
    with _reading(org, acting, progress, workspace.migration.marker) as reading:
        compared = [
            _reconciled(run, reading, mapped, *snapshots) for mapped in acting.objects
        ]
    review = workspace.standings
    found = _verdict(workspace, org, compared, now())
    verdict = replace(
        found,
        objects=tuple(_signed(each, review) for each in found.objects),
        unreviewed=len(unapproved(review)),
        approvers=approvers(review),
        # Nothing is missing for it: to know, and nothing to do before the next copy.
        findings=(
            *found.findings,
            *unreviewed(workspace),
            *(each.lowered(Level.INFO) for each in waiting_rules(review)),
            *unmapped_currencies(workspace.acting, acting),
        ),
        repairs=read_repairs(state),
    )
    differences = tuple(d for each in compared for d in each.differences)
    _write(workspace, verdict, differences)
    note_reconciled(run, state, verdict, begun_at=begun_at)
    return ReconcileOutcome(
        verdict=verdict, findings=verdict.findings, differences=differences
    )


def _signed(verdict: ObjectVerdict, review: Sequence[Standing]) -> ObjectVerdict:
    """
    *verdict* with the names and notes under which its rules were approved.
    """
    here = [
        each.entry
        for each in review
        if each.object == verdict.source and each.status is Status.APPROVED
    ]
    reasons = {each.reason: each for each in here if isinstance(each, RowRule)}
    entries = {each.source: each for each in here if isinstance(each, FieldMapping)}
    return replace(
        verdict,
        excluded=tuple(
            replace(each, by=rule.by, note=rule.note)
            if (rule := reasons.get(each.reason))
            else each
            for each in verdict.excluded
        ),
        changed=tuple(
            replace(each, by=entry.by, note=entry.note)
            if (entry := entries.get(each.field))
            else each
            for each in verdict.changed
        ),
    )


def _verdict(
    workspace: Workspace,
    org: Org,
    compared: Sequence[Comparison],
    made_at: datetime,
) -> Verdict:
    return Verdict(
        org_id=org.facts.org_id,
        org_name=org.facts.org_name,
        migration_id=workspace.migration.id,
        made_at=made_at,
        mapping_digest=mapping_digest(workspace.mapping),
        unreviewed=0,
        objects=tuple(each.verdict for each in compared),
        examples=tuple(d for each in compared for d in each.differences[:EXAMPLES]),
        made_by=org.facts.username,
        findings=tuple(f for each in compared for f in each.findings),
    )


def _write(
    workspace: Workspace, verdict: Verdict, differences: Iterable[Difference]
) -> None:
    run = workspace.run
    page = render_verdict(verdict, workspace.environment)
    private = run.private_report / "differences.csv"
    run.write_private(private, differences_csv(differences))
    run.write_text(run.report / "reconciliation.html", page)
    run.write_text(run.report / "reconciliation.json", verdict_json(verdict))


# -- Reading --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """
    The query jobs of every object of both sides.
    """

    org: Org
    mapping: Mapping
    jobs: dict[ApiName, str]
    progress: Progress
    descriptions: dict[ApiName, dict[ApiName, str]]
    """What the fields of the target objects say of themselves, by object."""
    marker: str
    """What the descriptions of our own components end with."""
    left_out: dict[ApiName, Any] = field(default_factory=dict)
    """By target object, the source records that `rows:` leaves out; filled as met."""

    def frame(self, object_: ApiName, columns: Sequence[str]) -> Any:
        """
        All records of *object_* as a polars frame of *columns*.
        """
        job_id = self.jobs[object_]
        found = self.org.bulk.await_query(job_id).processed
        with self.progress.task(f"read {object_}", found) as task:
            return one_frame(self._pages(job_id, columns, task), columns)

    def left_out_for(self, mapped: MappedObject, source: Any) -> dict[ApiName, Any]:
        """
        Return the ids left out of *mapped*, whose records are *source*, and of its
        parents.
        """
        thinned = thinned_targets(self.mapping)
        for parent in parent_targets(mapped):
            known = self.mapping.by_target(parent)
            is_new = parent in thinned and parent not in self.left_out
            if known and known is not mapped and is_new:
                self.left_out[known.target] = self._none_left_out()
                records = self.frame(known.source, source_columns(known))
                self.left_out_for(known, records)
        if mapped.target in thinned:
            gone = self.left_out
            self.left_out[mapped.target] = selected(source, mapped, gone).left_out
        return self.left_out

    def _none_left_out(self) -> Any:
        return one_frame([], ["Id"])["Id"]

    def _pages(self, job_id: str, columns: Sequence[str], task: Task) -> Iterator[Any]:
        for page in self.org.bulk.result_pages(job_id, columns):
            task.advance(page.records)
            yield page.frame


@contextmanager
def _reading(
    org: Org, mapping: Mapping, progress: Progress, marker: str
) -> Iterator[_Reading]:
    """
    All queries started at once, so that the org works on the next one while one is
    compared and both sides are of nearly the same moment; dropped afterwards.
    """
    jobs: dict[ApiName, str] = {}
    try:
        for each in mapping.objects:
            for name, columns in (
                (each.source, source_columns(each)),
                (each.target, target_columns(each)),
            ):
                soql = f"SELECT {', '.join(columns)} FROM {name}"  # noqa: S608 - SOQL
                jobs[name] = org.bulk.start_query(soql)
        yield _Reading(
            org=org,
            mapping=mapping,
            jobs=jobs,
            progress=progress,
            descriptions=_descriptions(org, mapping),
            marker=marker,
        )
    finally:
        for job_id in jobs.values():
            org.bulk.delete_query(job_id)


def _descriptions(org: Org, mapping: Mapping) -> dict[ApiName, dict[ApiName, str]]:
    """
    Return what the target's fields say of themselves; nothing where the org does not
    tell.
    """
    targets = [each.target for each in mapping.objects]
    try:
        return org.tooling.descriptions_of(targets)
    except LoginRefused:
        raise
    except OrgRefused:
        # A witness more, no condition: a finding says that it was not heard.
        return {name: {} for name in targets}


# -- One object -----------------------------------------------------------------------


def _reconciled(
    run: RunDirectory,
    reading: _Reading,
    mapped: MappedObject,
    extract: Extract,
    copied: Extract,
) -> Comparison:
    """
    Both sides of one object, compared cell by cell and by what the org counts itself.
    """
    org = reading.org
    source = reading.frame(mapped.source, source_columns(mapped))
    target = reading.frame(mapped.target, target_columns(mapped))
    digests = record_digests(target, mapped)
    run.write_private(run.digests(mapped.target), digests)
    counted, summed, findings = count_sides(org, mapped)
    compared = compare(
        source,
        target,
        mapped,
        reading.mapping,
        extract=_snapshot(extract, copied, mapped),
        left_out=reading.left_out_for(mapped, source),
    )
    wrong, remarks = check_sums(mapped, compared.sums, counted, summed)
    told, silent = check_claims(
        mapped, reading.descriptions[mapped.target], reading.marker
    )
    differences = (*told, *_count_differences(org, mapped, compared), *wrong)
    verdict = compared.verdict
    return replace(
        compared,
        verdict=replace(
            verdict,
            differences=verdict.differences + len(differences),
            digest=sha256(digests).hexdigest(),
        ),
        differences=(*differences, *compared.differences),
        findings=(
            *compared.findings,
            *findings,
            *remarks,
            *silent,
            *_emptiness(compared),
        ),
    )


def _snapshot(extract: Extract, copied: Extract, mapped: MappedObject) -> Any:
    """
    Return the values of the formulas that read the clock, as they were *copied*, else
    as they were extracted; None without any.
    """
    paths = [str(entry.source) for entry in mapped.carried if entry.volatile]
    if copied.is_complete(mapped.source):
        extract = copied
    if not paths or not extract.is_complete(mapped.source):
        return None
    extract.check(mapped.source)
    known = extract.columns(mapped.source)
    return extract.frame(
        mapped.source, ["Id", *(path for path in paths if path in known)]
    )


def _count_differences(
    org: Org, mapped: MappedObject, compared: Comparison
) -> Iterator[Difference]:
    verdict = compared.verdict
    left_out = sum(each.records for each in verdict.excluded)
    for side, name, records in (
        ("source", mapped.source, verdict.source_records + left_out),
        ("target", mapped.target, verdict.target_records),
    ):
        counted = org.soql.count(name)
        if counted != records:
            yield Difference(
                object=mapped.source,
                origin_id="",
                damage=Damage.COUNT,
                source_field="COUNT()",
                source_value=f"{side} read: {records}",
                target_value=f"{side} counted: {counted}",
            )


def _emptiness(compared: Comparison) -> Iterator[Finding]:
    verdict = compared.verdict
    if not verdict.cells_compared and not verdict.differences:
        yield codes.NOTHING_COMPARED().at(verdict.source)
