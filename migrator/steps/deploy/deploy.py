"""
`deploy`: the mapping's components validated by the org and, when asked, put there.

The bundle is rendered from the mapping each time, never read from disk, and may be sent
twice: the org takes a component it already has in the same form as no change. A failed
deployment leaves nothing behind (rollbackOnError).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.junit import render_junit
from migrator.errors import DeploymentRefused
from migrator.model.codes import deploy as codes
from migrator.model.consent import Consent
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.progress import Progress
from migrator.model.target import Target
from migrator.org.deployment import DeployProgress, DeployReport
from migrator.org.session import Org
from migrator.rundir.layout import RunDirectory
from migrator.steps.deploy.words import MEND, refusal, results, warning
from migrator.steps.generate import outdated_files, rendered_mdapi, rendered_source
from migrator.steps.guards import (
    require_full_sight,
    require_own_components,
    require_production_name,
)
from migrator.steps.review.approve import require_approved, unreviewed
from migrator.steps.review.check import require_no_blockers
from migrator.steps.workspace import Workspace


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
    workspace: Workspace,
    *,
    org: Org,
    consent: Consent,
    progress: Progress,
    junit: Path | None = None,
) -> DeployOutcome:
    """
    Return the components of the mapping validated in *org* and, with `execute`,
    deployed. What the org says of each also goes to *junit*.

    Raises DecisionNeeded before the first write for blockers, unapproved entries,
    records or fields out of the user's sight, other people's components and an
    unconfirmed production org; DeploymentRefused with every component the org refused.
    """
    require_no_blockers(workspace, listed=workspace.migrated)
    mapping, target = workspace.mapping, workspace.target
    bundle = make_bundle(rendered_mdapi(workspace, org.facts.api_version))
    if consent.execute and not consent.allow_unreviewed:
        require_approved(workspace)
    require_full_sight(
        org,
        objects=[each.source for each in mapping.objects],
        namespace=mapping.namespace,
        decided=mapping,
    )
    require_own_components(org, target.names, workspace.migration.marker)
    if consent.execute:
        require_production_name(org, consent.yes_production)
    attempt = Attempt(
        run=workspace.run,
        org=org,
        mapping=mapping,
        target=target,
        bundle=bundle,
        junit=junit,
        progress=progress,
    )
    report = attempt.send(check_only=True)
    if consent.execute:
        report = attempt.send(check_only=False)
        require_arrived(org, target)
    return DeployOutcome(
        report=report,
        executed=consent.execute,
        findings=(
            *unreviewed(workspace),
            *_outdated(workspace),
            *(warning(each, mapping) for each in report.warnings),
        ),
    )


def _outdated(workspace: Workspace) -> Iterator[Finding]:
    """
    Says so when the files people review are not what is sent.
    """
    paths = outdated_files(workspace.run, rendered_source(workspace))
    if paths:
        yield codes.GENERATED_FILES_OUTDATED(count=len(paths), first=paths[0])


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
        Return the report of a deployment that succeeded; raises DeploymentRefused
        otherwise.
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
    Raise DeploymentRefused when a field of *target* is not there after all.

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
