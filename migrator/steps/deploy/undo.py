"""
`deploy --undo`: everything that this migration deployed, taken out of the org again.

Beside what the mapping makes today that is what it made earlier: objects, permission
sets, apps and permissions whose description carries this migration's mark.

An object goes with its records, so this asks the org first: while one of them holds a
record, or somebody else still has one of the permission sets, nothing is removed. That
is the difference to `undo/`, which any tool deploys without asking.

The user's own assignments are no obstacle: without one the records could not even be
counted. With `execute` the Reader is assigned for that when need be, and what the user
has is taken away last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.files import render_undo
from migrator.errors import DecisionNeeded, DeploymentRefused, OrgRefused
from migrator.model.codes import deploy as codes
from migrator.model.consent import Consent
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.model.target import Leftovers, Target
from migrator.org.access import Assignment
from migrator.org.session import Org
from migrator.org.soql import ABSENT
from migrator.rundir.layout import RunDirectory
from migrator.steps.deploy.deploy import Attempt, DeployOutcome
from migrator.steps.deploy.leftovers import find_leftovers, leftover_findings
from migrator.steps.deploy.words import warning
from migrator.steps.guards import (
    require_own_components,
    require_production_name,
    sight_problems,
)
from migrator.steps.workspace import Workspace

NAMED = 20
"""How many holders of permission sets a refusal names."""
_READER = "_Reader"
"""How the permission set that reads an archive ends, whatever its prefix."""
_UNASSIGN = "sf data delete record --sobject PermissionSetAssignment --record-id"


def undo(
    workspace: Workspace, *, org: Org, consent: Consent, progress: Progress
) -> DeployOutcome:
    """
    *org* without the components of the mapping; validated only unless `execute`.

    Raises DecisionNeeded for other people's components, an unconfirmed production org
    and, before anything is removed, for records and assigned permission sets, which
    are findings when nothing is executed. DeploymentRefused when the org refuses.
    """
    run, mapping, marker = workspace.run, workspace.mapping, workspace.migration.marker
    target = replace(workspace.target, api_version=org.facts.api_version)
    require_own_components(org, target.names, marker)
    if consent.execute:
        require_production_name(org, consent.yes_production)
    leftovers = find_leftovers(org, target, marker)
    removal = _Removal(run=run, org=org, target=target, leftovers=leftovers)
    in_the_way = removal.in_the_way(execute=consent.execute)
    if consent.execute:
        _require_nothing_in_the_way(in_the_way)
    attempt = Attempt(
        run=run,
        org=org,
        mapping=mapping,
        target=target,
        bundle=make_bundle(render_undo(target, workspace.environment, leftovers)),
        progress=progress,
        purge=not org.facts.is_production,
        hint="remove what the org says depends on them, then run it again",
    )
    report = attempt.send(check_only=True)
    if consent.execute:
        removal.give_up_own_assignments()
        report = attempt.send(check_only=False)
        removal.require_gone()
    return DeployOutcome(
        report=report,
        executed=consent.execute,
        findings=(
            *leftover_findings(leftovers),
            *(codes.UNDO_WOULD_REFUSE(obstacle=each) for each in in_the_way),
            *(warning(each, mapping) for each in report.warnings),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removal:
    """
    What is to go, and where.
    """

    run: RunDirectory
    org: Org
    target: Target
    leftovers: Leftovers

    def in_the_way(self, *, execute: bool) -> tuple[str, ...]:
        """
        Return a sentence with its command for each thing that has to go before.
        """
        objects = self._objects()
        if execute and any(self._seen(name) is None for name in objects):
            self._look_closer()
        return (
            *(line for name in objects for line in self._records(name)),
            *self._assigned_to_others(),
        )

    def give_up_own_assignments(self) -> None:
        """
        Take the user's own assignments away, so that nobody has any.
        """
        for each in self._assignments():
            if each.user_id == self.org.facts.user_id:
                self.org.access.unassign(each.id)

    def require_gone(self) -> None:
        """
        Raise DeploymentRefused when an object is there after a reported success.
        """
        if left := self._objects():
            raise DeploymentRefused(
                f"the org reported success but still has {', '.join(left)}",
                hint="look at Setup > Deployment Status, then run it again",
            )

    def _objects(self) -> tuple[ApiName, ...]:
        there = set(self.org.tooling.custom_object_names())
        made = (*(each.name for each in self.target.objects), *self.leftovers.objects)
        return tuple(name for name in made if name in there)

    def _seen(self, name: ApiName) -> int | None:
        """
        Return the records of *name* that the user sees, None when not even the object
        is seen.
        """
        try:
            return self.org.soql.count(name)
        except OrgRefused as error:
            if error.code not in ABSENT:
                raise
            return None

    def _look_closer(self) -> None:
        reader = self.target.permission_sets[0].name
        earlier = (e for e in self.leftovers.permission_sets if e.endswith(_READER))
        for name in (reader, *earlier):
            if self.org.access.permission_set_id(name) is not None:
                self.org.access.assign(name, self.org.facts.user_id)

    def _records(self, name: ApiName) -> Iterator[str]:
        count = self._seen(name)
        if count is None and name in self.leftovers.objects:
            yield (
                f"{name}: {self.org.facts.username} does not see it, so its records "
                "cannot be counted; assign a permission set with Read and View All on "
                f"{name}, or delete it in Setup > Object Manager"
            )
            return
        if count is None:
            yield (
                f"{name}: {self.org.facts.username} does not see it, so its records "
                f"cannot be counted; assign {self.target.permission_sets[0].name}, "
                "which --execute does by itself"
            )
            return
        if count:
            yield (
                f"{name}: holds {count:,} record(s), which would go with it; "
                f"`migrator -C {self.run.root} unload --org ORG --execute`"
            )
        yield from sight_problems(self.org, (name,))

    def _assignments(self) -> tuple[Assignment, ...]:
        made = (each.name for each in self.target.permission_sets)
        names = [*made, *self.leftovers.permission_sets]
        return self.org.access.assignments(names)

    def _assigned_to_others(self) -> Iterator[str]:
        mine = self.org.facts.user_id
        held = [each for each in self._assignments() if each.user_id != mine]
        for each in held[:NAMED]:
            yield (
                f"{each.permission_set}: still assigned to {each.username}; "
                f"`{_UNASSIGN} {each.id}`"
            )
        if len(held) > NAMED:
            yield f"and {len(held) - NAMED:,} more assignments of these sets"


def _require_nothing_in_the_way(in_the_way: Sequence[str]) -> None:
    if in_the_way:
        raise DecisionNeeded(
            "\n".join(["nothing was removed:", *in_the_way]),
            hint="clear each of these, then run the same command again; records that "
            "`unload` leaves were not made by this migration",
        )
