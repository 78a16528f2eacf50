"""
`probe`: a small object deployed, every open point tried on it, everything taken back.

The org is left as it was found whatever happens: an error or Ctrl-C in the middle goes
through the same cleaning, and what a killed run left is found by its marker and removed
before the next one begins. Nothing is remembered on disk but the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migrator.documents.metadata.probe import (
    PARENT,
    PROBE_OBJECTS,
    PROBE_SET,
    PROBE_SETS,
    ProbePrinter,
)
from migrator.documents.templates import make_environment
from migrator.errors import (
    DecisionNeeded,
    LoginRefused,
    MigratorError,
    OrgRefused,
    OrgUnreachable,
    Stopped,
)
from migrator.model.probe import Observation, ProbeReport
from migrator.model.progress import Progress
from migrator.org.session import Org
from migrator.org.soql import ABSENT
from migrator.rules.probe import POINTS, judged
from migrator.rundir.layout import shipped_folder
from migrator.steps.probe import files, links, nulls, owners, package, schema, values
from migrator.steps.probe.answers import seen, without_ids
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.cleanup import Cleaner
from migrator.steps.probe.experiment import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (
    *values.EXPERIMENTS,
    *nulls.EXPERIMENTS,
    *links.EXPERIMENTS,
    *files.EXPERIMENTS,
    *package.EXPERIMENTS,
    *schema.EXPERIMENTS,
    *owners.EXPERIMENTS,
)
SIGHT = "new-field-sight"
TOGETHER = "master-detail-same-package"
GIVE_UP_AFTER = 3
"""Experiments in a row without an answer after which the org counts as lost."""

_AGAIN = "run the same command again: it cleans up first"
_UNFORESEEN = (LookupError, TypeError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """
    What a probe of one org would do.
    """

    deploys: tuple[str, ...]
    """Components by type and name, all taken away again."""
    left_behind: tuple[str, ...]
    """What an earlier probe left, removed first."""


@dataclass(slots=True, kw_only=True)
class _Notes:
    """
    What has been seen so far, and what went wrong where.
    """

    observations: list[Observation] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    lost: int = 0


def plan_probe(*, org: Org, progress: Progress) -> ProbePlan:
    """
    Return what `probe` would do in *org*; nothing is written.

    Raises DecisionNeeded for a production org and for other people's components of
    the probe's names.
    """
    cleaner = _admitted(org, progress)
    deploys = (
        *(f"CustomObject {name}" for name in sorted(PROBE_OBJECTS)),
        *(f"PermissionSet {name}" for name in PROBE_SETS),
    )
    return ProbePlan(deploys=deploys, left_behind=cleaner.left_behind())


def probe(*, org: Org, progress: Progress) -> ProbeReport:
    """
    Every point as *org* answers it; the org is as it was before.

    Raises as `plan_probe` does, DeploymentRefused when the probe's objects are refused,
    Stopped when it ended half way or something could not be taken away.
    """
    cleaner = _admitted(org, progress)
    if cleaner.left_behind():
        progress.note("an earlier probe was stopped: what it left is removed first")
        _require_gone(cleaner.clean())
    notes, bench = _Notes(), Bench(org=org, printer=_printer(org))
    try:
        _set_up(bench, notes)
        _run(bench, notes, progress)
    except KeyboardInterrupt:
        raise _halted(cleaner, bench, "stopped by the keyboard") from None
    except (OrgUnreachable, LoginRefused, Stopped) as error:
        raise _halted(cleaner, bench, error.message) from error
    except BaseException:
        cleaner.clean()
        raise
    left = cleaner.clean()
    facts = org.facts
    return ProbeReport(
        organization_type=facts.organization_type,
        is_sandbox=facts.is_sandbox,
        api_version=facts.api_version,
        answers=judged(notes.observations, notes.troubles),
        left_behind=left,
    )


def _admitted(org: Org, progress: Progress) -> Cleaner:
    facts = org.facts
    if facts.is_production:
        raise DecisionNeeded(
            f"{facts.org_name} ({facts.org_id}) is a production org; a probe deploys "
            "objects and is never run there",
            hint="use a Developer Edition org, a scratch org or a sandbox",
        )
    cleaner = Cleaner(org=org, printer=_printer(org), note=progress.note)
    cleaner.require_ours()
    return cleaner


def _printer(org: Org) -> ProbePrinter:
    folders: Sequence[Path] = (shipped_folder("templates"),)
    return ProbePrinter(make_environment(folders), org.facts.api_version)


def _set_up(bench: Bench, notes: _Notes) -> None:
    """
    Deploy and grant the objects; what was in sight between is an answer, too.
    """
    bench.require_deployed(bench.printer.objects())
    notes.observations.append(seen(TOGETHER, "deployed"))
    notes.observations.append(_sight(bench.org))
    bench.org.access.assign(PROBE_SET, bench.org.facts.user_id)


def _sight(org: Org) -> Observation:
    try:
        fields = org.describe(PARENT)["fields"]
    except OrgRefused as error:
        if error.code not in ABSENT:
            raise
        return seen(SIGHT, "hidden", f"the object itself: {error.code}")
    names = {str(each["name"]) for each in fields}
    return seen(SIGHT, "seen" if "Text__c" in names else "hidden", "the object is seen")


def _run(bench: Bench, notes: _Notes, progress: Progress) -> None:
    with progress.task("probe", len(POINTS)) as task:
        for experiment in EXPERIMENTS:
            _try(experiment, bench, notes)
            task.advance(len(experiment.points))


def _try(experiment: Experiment, bench: Bench, notes: _Notes) -> None:
    """
    One experiment; what it could not answer keeps the reason.
    """
    try:
        for observation in experiment.run(bench):
            notes.observations.append(observation)
        notes.lost = 0
    except (LoginRefused, Stopped):
        raise
    except OrgUnreachable as error:
        notes.lost += 1
        if notes.lost >= GIVE_UP_AFTER:
            raise
        _note_trouble(experiment, notes, _told(error, bench.org))
    except MigratorError as error:
        _note_trouble(experiment, notes, _told(error, bench.org))
    except _UNFORESEEN as error:
        words = f"an answer nobody expected ({type(error).__name__})"
        _note_trouble(experiment, notes, words)


def _told(error: MigratorError, org: Org) -> str:
    """
    Return the error's message without what differs from run to run.
    """
    return without_ids(error.message.replace(f" on {org.rest.address}", ""))


def _note_trouble(experiment: Experiment, notes: _Notes, words: str) -> None:
    notes.troubles |= dict.fromkeys(experiment.points, words)


def _halted(cleaner: Cleaner, bench: Bench, reason: str) -> Stopped:
    """
    Return the end of a run that was stopped, after the org was cleaned as far as
    possible.
    """
    try:
        is_settled = bench.settle()
        left = cleaner.clean()
    except MigratorError as error:
        is_settled = True
        left = (f"unknown, because the org does not answer ({error.message})",)
    words = "" if is_settled else "; a deployment may still arrive"
    return Stopped(f"{reason}; {_left_words(left)}{words}", hint=_AGAIN)


def _require_gone(left: tuple[str, ...]) -> None:
    if left:
        raise Stopped(
            f"an earlier probe's components could not be removed; {_left_words(left)}",
            hint="remove them in Setup, then run the same command again",
        )


def _left_words(left: tuple[str, ...]) -> str:
    if not left:
        return "nothing of the probe is left in the org"
    return "left in the org: " + ", ".join(left)
