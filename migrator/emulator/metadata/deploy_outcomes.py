"""
What a deployment reports: one outcome per component, DeployMessages made of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from migrator.emulator.metadata.refusals import Problem
    from migrator.emulator.metadata.xml_tree import Node

__all__ = ["DeployMessage", "Inspection", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployMessage:
    """
    A DeployMessage: one component's success or failure.
    """

    kind: str
    full_name: str
    file_name: str
    success: bool
    created_date: datetime
    created: bool = False
    changed: bool = False
    deleted: bool = False
    component_id: str | None = None
    problem: str | None = None
    problem_type: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """
    One component with the problems found; *node* is None where a file is broken.
    """

    kind: str
    full_name: str
    file_name: str
    node: Node | None = None
    is_deletion: bool = False
    problems: list[Problem] = field(default_factory=list)
    created: bool = False
    changed: bool = False
    component_id: str | None = None

    @property
    def is_fine(self) -> bool:
        """
        Whether nothing but warnings was found.
        """
        return all(problem.kind != "Error" for problem in self.problems)


@dataclass(slots=True, kw_only=True)
class Inspection:
    """
    Everything the check of a package found.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    package_problem: Problem | None = None
    root: str = ""

    @property
    def broken(self) -> bool:
        """
        Whether package.xml itself cannot be used.
        """
        return self.package_problem is not None

    @property
    def errors(self) -> int:
        """
        How many components have an error.
        """
        return sum(not outcome.is_fine for outcome in self.outcomes) + self.broken

    @property
    def warnings(self) -> int:
        """
        How many warnings there are.
        """
        return sum(
            problem.kind == "Warning"
            for outcome in self.outcomes
            for problem in outcome.problems
        )

    def messages(self, now: datetime, *, changed: bool) -> list[DeployMessage]:
        """
        Make the DeployMessages, package.xml among them; *changed*: the org was (or
        would be) changed.
        """
        made = [self._package_message(now)]
        for outcome in self.outcomes:
            made += _outcome_messages(outcome, now, self.root, changed=changed)
        return made

    def _package_message(self, now: datetime) -> DeployMessage:
        message = DeployMessage(
            kind="",
            full_name="package.xml",
            file_name=f"{self.root}package.xml",
            success=not self.broken,
            created_date=now,
            changed=not self.broken,
        )
        if self.package_problem is None:
            return message
        return _with_problem(message, self.package_problem)


def _outcome_messages(
    outcome: Outcome, now: datetime, root: str, *, changed: bool
) -> Iterator[DeployMessage]:
    fine = outcome.is_fine
    message = DeployMessage(
        kind=outcome.kind,
        full_name=outcome.full_name,
        file_name=f"{root}{outcome.file_name}",
        success=fine,
        created_date=now,
        created=outcome.created and fine and changed,
        changed=outcome.changed and fine and changed,
        deleted=outcome.is_deletion and fine and changed,
        component_id=outcome.component_id,
    )
    if not outcome.problems:
        yield message
    for problem in outcome.problems:
        yield _with_problem(message, problem)


def _with_problem(message: DeployMessage, problem: Problem) -> DeployMessage:
    return replace(
        message,
        problem=problem.text,
        problem_type=problem.kind,
        line=problem.line,
        column=problem.column,
    )
