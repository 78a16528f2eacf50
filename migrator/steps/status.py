"""
`status`: where this migration stands and which command comes next.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass

from migrator.documents.migration_yaml import parse_migration
from migrator.errors import RunDirectoryError
from migrator.model.migration import Migration
from migrator.rundir.layout import RunDirectory
from migrator.rundir.status import OrgStanding, read_standing

_STATUS = re.compile(r"^ +status: (\w+)$", re.MULTILINE)
_BLOCKER = re.compile(r"\blevel: blocker\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """
    The directory's state, read from small files alone.
    """

    migration: Migration
    describes: int
    entries: int
    """Mapping entries; 0 before `plan`."""
    approved: int
    blockers: int
    generated: bool
    orgs: tuple[OrgStanding, ...]
    differences: int | None
    """Of the last reconciliation; None before the first."""
    reconciled_at: str

    @property
    def next(self) -> str:
        """
        The verb, with its options, that comes next; empty when all is done.
        """
        sent = any(org.sent for org in self.orgs)
        waiting = any(org.unfinished_jobs or org.refused for org in self.orgs)
        steps = [
            (self.describes < len(self.migration.objects), "describe --org ORG"),
            (not any(org.extracted for org in self.orgs), "extract --org ORG"),
            (not self.entries, "plan"),
            (not self.generated, "generate"),
            (not sent, "deploy --org ORG --execute, then copy --org ORG --execute"),
            (waiting, "copy --org ORG --execute"),
            (self.differences is None, "reconcile --org ORG"),
            (
                bool(self.differences),
                "reconcile --org ORG, when all it named is mended",
            ),
        ]
        return next((command for missing, command in steps if missing), "")


def survey(*, run: RunDirectory) -> Survey:
    """
    Where the migration in *run* stands.

    Raises RunDirectoryError when a file it reads is damaged, MappingError when
    `migration.yaml` is wrong. The mapping is scanned, not validated: `generate` does
    that, and takes longer.
    """
    text = run.read_text(run.migration_file)
    migration = parse_migration(text, file=run.shown(run.migration_file))
    mapping = run.read_text(run.mapping_file) if run.mapping_file.is_file() else ""
    statuses = Counter(_STATUS.findall(mapping))
    differences, at = _last_report(run)
    return Survey(
        migration=migration,
        describes=sum(1 for name in migration.objects if _describe(run, name)),
        entries=statuses.total(),
        approved=statuses["approved"],
        blockers=len(_BLOCKER.findall(mapping)),
        generated=(run.root / "sfdx-project.json").is_file(),
        orgs=tuple(read_standing(run.org_state(each)) for each in run.known_orgs()),
        differences=differences,
        reconciled_at=at,
    )


def _describe(run: RunDirectory, name: str) -> bool:
    return (run.describes / f"{name}.json").is_file()


def _last_report(run: RunDirectory) -> tuple[int | None, str]:
    file = run.report / "reconciliation.json"
    if not file.is_file():
        return None, ""
    try:
        report = json.loads(run.read_text(file))
        return int(report["differences"]), str(report["made_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise RunDirectoryError(
            f"{run.shown(file)} is damaged", hint="migrator reconcile --org ORG"
        ) from error
