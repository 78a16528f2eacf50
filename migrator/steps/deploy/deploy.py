"""
`deploy`: the mapping's components validated by the org and, when asked, put there.

The bundle is rendered from the mapping each time, never read from disk, and may be sent
twice: the org takes a component it already has in the same form as no change. A failed
deployment leaves nothing behind (rollbackOnError).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.junit import render_junit
from migrator.errors import DeploymentRefused
from migrator.model.consent import Consent
from migrator.model.finding import Finding, Level
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.progress import Progress
from migrator.model.target import Target
from migrator.org.deployment import DeployProgress, DeployReport
from migrator.org.session import Org
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import RunDirectory
from migrator.steps.deploy.words import MEND, refusal, results, warning
from migrator.steps.generate import outdated_files, rendered_mdapi, rendered_source
from migrator.steps.guards import (
    require_confirmed,
    require_full_sight,
    require_not_foreign,
)
from migrator.steps.review.approve import require_approved, unreviewed
from migrator.steps.review.check import require_no_blockers


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOptions:
    """
    What the operator asked for.
    """

    templates: Sequence[Path]
    """Template folders, the customer's own before the shipped one."""
    consent: Consent
    """Without its `execute` the org validates only."""
    junit: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOutcome:
    """
    What the org said in the end.
    """

    report: DeployReport
    """Of the deployment, or of the validation when nothing was to be executed."""
    executed: bool
    findings: tuple[Finding, ...]


def deploy(
    *,
    run: RunDirectory,
    org: Org,
    mapping: Mapping,
    migration: Migration,
    options: DeployOptions,
    progress: Progress,
) -> DeployOutcome:
    """
    The components of *mapping* validated in *org* and, with `execute`, deployed.

    Raises DecisionNeeded before the first write for blockers, unapproved entries,
    records or fields out of the user's sight, other people's components and an
    unconfirmed production org; DeploymentRefused with every component the org refused.
    """
    require_no_blockers(run, mapping)
    spoken = replace(migration, api_ceiling=org.facts.api_version)
    target = build_target(mapping, spoken)
    bundle = make_bundle(rendered_mdapi(mapping, spoken, options.templates))
    if options.consent.execute and not options.consent.allow_unreviewed:
        require_approved(run, mapping, options.templates)
    require_full_sight(
        org,
        objects=[each.source for each in mapping.objects],
        namespace=mapping.namespace,
        decided=mapping,
    )
    require_not_foreign(org, target, migration.marker)
    if options.consent.execute:
        require_confirmed(org, options.consent.yes_production)
    attempt = Attempt(
        run=run,
        org=org,
        mapping=mapping,
        target=target,
        bundle=bundle,
        junit=options.junit,
        progress=progress,
    )
    report = attempt.send(check_only=True)
    if options.consent.execute:
        report = attempt.send(check_only=False)
        require_arrived(org, target)
    return DeployOutcome(
        report=report,
        executed=options.consent.execute,
        findings=(
            *unreviewed(run, mapping, options.templates),
            *_outdated(run, mapping, migration, options.templates),
            *(warning(each, mapping) for each in report.warnings),
        ),
    )


def _outdated(
    run: RunDirectory, mapping: Mapping, migration: Migration, templates: Sequence[Path]
) -> Iterator[Finding]:
    """
    Says so when the files people review are not what is sent.
    """
    paths = outdated_files(run, rendered_source(mapping, migration, templates))
    if paths:
        yield Finding(
            level=Level.WARNING,
            code="generated-files-outdated",
            message=f"{len(paths)} files in the migration directory differ from what "
            f"mapping.yaml asks for, the first is {paths[0]}; sent was what "
            "mapping.yaml asks for",
            remedy="migrator generate",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """
    One bundle and where it goes.
    """

    run: RunDirectory
    org: Org
    mapping: Mapping
    target: Target
    bundle: bytes
    progress: Progress
    junit: Path | None = None
    purge: bool = False
    hint: str = MEND
    """What to do when the org refuses."""

    def send(self, *, check_only: bool) -> DeployReport:
        """
        The report of a deployment that succeeded; raises DeploymentRefused otherwise.
        """
        report = self._deploy(check_only=check_only)
        if self.junit is not None:
            suite = "validate" if check_only else "deploy"
            cases = tuple(results(report, self.target, self.mapping))
            self.run.write_bytes(self.junit, render_junit(suite, cases))
        if not report.success:
            raise refusal(report, self.mapping, check_only=check_only, hint=self.hint)
        return report

    def _deploy(self, *, check_only: bool) -> DeployReport:
        title = "validating" if check_only else "deploying"
        done = 0
        with self.progress.task(title) as task:

            def heard(now: DeployProgress) -> None:
                nonlocal done
                if now.components_total:
                    task.expect(now.components_total)
                task.advance(max(0, now.components_done - done))
                done = max(done, now.components_done)

            return self.org.deployment.deploy(
                self.bundle,
                check_only=check_only,
                purge=self.purge,
                on_progress=heard,
            )


def require_arrived(org: Org, target: Target) -> None:
    """
    Raises DeploymentRefused when a field of *target* is not there after all.

    The Tooling API is asked, which shows fields that nobody has permission for yet.
    """
    missing = [
        f"{made.name}.{field.name}"
        for made in target.objects
        for there in [set(org.tooling.custom_fields(made.name))]
        for field in made.fields
        if field.name not in there
    ]
    if missing:
        raise DeploymentRefused(
            "the org reported success but does not have " + ", ".join(missing),
            hint="look at Setup > Deployment Status, then run `migrator deploy` again",
        )
