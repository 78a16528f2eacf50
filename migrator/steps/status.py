"""
`status`: where this migration stands and which command comes next.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.documents.mapping.summary import MappingSummary, summarize_mapping
from migrator.documents.migration_yaml import parse_migration
from migrator.errors import MappingError
from migrator.model.migration import Migration
from migrator.rundir.layout import RunDirectory
from migrator.rundir.status import OrgStanding, read_standing

NO_MAPPING = MappingSummary(entries=0, approved=0, blockers=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """
    The directory's state, read from small files alone.
    """

    migration: Migration
    describes: int
    mapping: MappingSummary
    """Without entries before `plan`."""
    unreadable: str
    """Why `mapping.yaml` cannot be read; empty when it can."""
    generated: bool
    orgs: tuple[OrgStanding, ...]

    @property
    def next(self) -> str:
        """
        The verb, with its options, that comes next; empty when all is done.
        """
        holding = [org for org in self.orgs if org.holds_records]
        # One whose records were taken out again is done with, unless it is the only.
        untouched = any(org.extracted and not org.sent for org in self.orgs)
        waiting = any(org.unfinished_jobs or org.refused for org in self.orgs)
        current = [
            org.reconciled
            for org in holding
            if org.reconciled and not org.reconciled.is_outdated
        ]
        differing = any(each.differences or each.is_open for each in current)
        steps = [
            (self.describes < len(self.migration.objects), "describe --org ORG"),
            (not any(org.extracted for org in self.orgs), "extract --org ORG"),
            (bool(self.unreadable), "review check"),
            (not self.mapping.entries, "plan"),
            (not self.generated, "generate"),
            (
                not holding or untouched,
                "deploy --org ORG --execute, then copy --org ORG --execute",
            ),
            (waiting, "copy --org ORG --execute"),
            (len(current) < len(holding), "reconcile --org ORG"),
            (differing, "reconcile --org ORG, when all it named is mended"),
        ]
        return next((command for missing, command in steps if missing), "")


def survey(*, run: RunDirectory) -> Survey:
    """
    Where the migration in *run* stands.

    Raises RunDirectoryError when a file it reads is damaged, MappingError when
    `migration.yaml` is wrong. The mapping is counted, not checked: `generate` does
    that, and takes longer.
    """
    text = run.read_text(run.migration_file)
    migration = parse_migration(text, file=run.shown(run.migration_file))
    mapping, unreadable = _summary(run)
    return Survey(
        migration=migration,
        describes=sum(1 for name in migration.objects if _describe(run, name)),
        mapping=mapping,
        unreadable=unreadable,
        generated=(run.root / "sfdx-project.json").is_file(),
        orgs=tuple(read_standing(run.org_state(each)) for each in run.known_orgs()),
    )


def _summary(run: RunDirectory) -> tuple[MappingSummary, str]:
    """
    Return the figures of the mapping, or why there are none.
    """
    if not run.mapping_file.is_file():
        return NO_MAPPING, ""
    file = run.shown(run.mapping_file)
    try:
        return summarize_mapping(run.read_text(run.mapping_file), file=file), ""
    except MappingError as error:
        return NO_MAPPING, error.message


def _describe(run: RunDirectory, name: str) -> bool:
    return (run.describes / f"{name}.json").is_file()
