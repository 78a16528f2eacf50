"""
Step `describe`: what the org says about the package's objects, kept as files.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.finding import Finding
from migrator.model.migration import Migration, OrgFacts
from migrator.model.names import ApiName
from migrator.model.progress import Progress
from migrator.org.session import Org
from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeOutcome:
    """
    What `describe` fetched and what a person should know about it.
    """

    objects: tuple[ApiName, ...]
    """Described objects: the migrated ones, then those they refer to."""
    hidden: tuple[Finding, ...]
    """Blockers: objects and fields that exist but are not shown to this user."""
    findings: tuple[Finding, ...]
    """The rest: neighbours out of sight, changes since the last describe."""
    facts: OrgFacts


def describe(
    *, run: RunDirectory, org: Org, migration: Migration, progress: Progress
) -> DescribeOutcome:
    """
    The describes of the migrated objects and of every object they refer to, on disk.
    """
    raise NotImplementedError
