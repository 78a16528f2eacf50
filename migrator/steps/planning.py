"""
`plan`: describes and extract become `mapping.yaml`; reviewed decisions stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rundir.layout import RunDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """
    What `plan` proposes.
    """

    mapping: Mapping
    findings: tuple[Finding, ...]
    written: bool
    """False when `mapping.yaml` already said the same."""


def plan(
    *,
    run: RunDirectory,
    migration: Migration,
    describes_dir: Path | None = None,
    objects: tuple[ApiName, ...] = (),
    org_id: str | None = None,
) -> PlanOutcome:
    """
    The mapping of *migration*, written to *run*.

    Describes come from *describes_dir*, or from the migration directory; *objects*
    picks some of the migrated objects. *org_id* says whose extract decides types when
    several orgs have one.
    """
    raise NotImplementedError
