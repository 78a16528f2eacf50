"""
The migration directory as one verb sees it: every file read once, when first asked for.

A verb opens one workspace and hands it to its guards and steps, so that all of them
judge the same mapping on the same grounds, whatever somebody saves meanwhile. What is
edited is written back through `replace_mapping`, which refuses when the file on disk is
no longer the one that was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.documents.mapping.read import HINT, Reading, read_mapping
from migrator.documents.metadata.template_digests import template_digests
from migrator.documents.migration_yaml import parse_migration
from migrator.documents.templates import Environment, make_environment
from migrator.errors import InputError, MappingError, RunDirectoryError
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rules.plan.eligibility import eligible, refusal_by_name
from migrator.rules.review.approval import Grounds, Standing, in_force, standings
from migrator.rules.target.component_names import component_names
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import BOM, RunDirectory, shipped_folder
from migrator.steps.describes import Described, read_described

if TYPE_CHECKING:
    from migrator.model.describe import ObjectDescribe
    from migrator.model.target import ComponentNames, Target


# Without slots: a cached property keeps what it has read in the instance's dict.
@dataclass(frozen=True, kw_only=True)
class Workspace:
    """
    One opened migration directory.

    Each property reads, or works out, what it is named after on first use and raises
    then: RunDirectoryError for what is missing, MappingError, DescribeError and
    TemplateError for what is wrong.
    """

    run: RunDirectory
    templates: Path | None = None
    """A folder of templates given on the command line."""

    # -- What is to be migrated --------------------------------------------------------

    @cached_property
    def migration_text(self) -> str:
        """
        The text of `migration.yaml`, line ends and a byte order mark included.
        """
        file = self.run.migration_file
        content = self.run.read_bytes(file)
        if content is None:
            raise RunDirectoryError(
                f"{self.run.shown(file)} is missing",
                hint=f"migrator -C {self.run.root} init",
            )
        return self.run.text_of(file, content)

    @cached_property
    def migration(self) -> Migration:
        """
        What `migration.yaml` says.
        """
        file = self.run.shown(self.run.migration_file)
        return parse_migration(self.migration_text.removeprefix(BOM), file=file)

    @cached_property
    def migrated(self) -> tuple[ApiName, ...]:
        """
        The objects it lists, as far as they hold records to keep.
        """
        return eligible(self.migration.objects, self.describes)

    # -- The mapping -------------------------------------------------------------------

    @cached_property
    def mapping_bytes(self) -> bytes | None:
        """
        `mapping.yaml` as it lies there; None before `plan`.
        """
        return self.run.read_bytes(self.run.mapping_file)

    @property
    def mapping_text(self) -> str:
        """
        The text of `mapping.yaml`, a byte order mark and line ends included.
        """
        shown = self.run.shown(self.run.mapping_file)
        if self.mapping_bytes is None:
            raise RunDirectoryError(
                f"{shown} is missing: nothing has been planned yet",
                hint=f"migrator -C {self.run.root} plan",
            )
        return self.run.text_of(self.run.mapping_file, self.mapping_bytes)

    @cached_property
    def reading(self) -> Reading:
        """
        The mapping as far as it can be read, its mistakes, and the line of each part.
        """
        file = self.run.shown(self.run.mapping_file)
        return read_mapping(self.mapping_text.removeprefix(BOM), file=file)

    @cached_property
    def mapping(self) -> Mapping:
        """
        What `mapping.yaml` says; MappingError with every mistake in it.
        """
        reading = self.reading
        if reading.mapping is None or reading.mistakes:
            mistakes = [each.sentence for each in reading.mistakes]
            raise MappingError(mistakes, hint=HINT)
        return reading.mapping

    @property
    def planned(self) -> Mapping | None:
        """
        The same, or None before `plan`.
        """
        return None if self.mapping_bytes is None else self.mapping

    def replace_mapping(self, text: str) -> None:
        """
        Write *text* as `mapping.yaml`; Stopped when somebody has saved it meanwhile.
        """
        file, content = self.run.mapping_file, text.encode("utf-8")
        self.run.replace_bytes(file, content, read=self.mapping_bytes)

    # -- What it was decided from ------------------------------------------------------

    @cached_property
    def described(self) -> Described:
        """
        What lies in `describes/`; nothing has to be there.
        """
        return read_described(self.run, self.run.describes)

    @property
    def describes(self) -> dict[ApiName, ObjectDescribe]:
        """
        The describes there, by object.
        """
        return self.described.objects

    @property
    def edition(self) -> str | None:
        """
        The edition of the org that was described last; None before.
        """
        facts = self.described.facts
        return facts.organization_type if facts else None

    def require_described(self) -> None:
        """
        Raise RunDirectoryError naming each migrated object that has no describe.
        """
        missing = [
            name
            for name in self.migration.objects
            if name not in self.describes and not refusal_by_name(name)
        ]
        if missing:
            raise RunDirectoryError(
                f"{self.run.shown(self.run.describes)}/ has no describe of "
                f"{', '.join(missing)}",
                hint=f"migrator -C {self.run.root} describe --org ORG",
            )

    # -- Templates ---------------------------------------------------------------------

    @property
    def named_templates(self) -> Path | None:
        """
        The folder that `migration.yaml` names under `templates:`.
        """
        named = self.migration.templates
        return self.run.root / named if named else None

    @cached_property
    def template_folders(self) -> tuple[Path, ...]:
        """
        Where templates are looked up: the folder that `migration.yaml` names or else
        the given one, then `templates/` here, then the shipped ones.

        Raises InputError when the given folder is another than the named: approvals and
        deployments with different templates would not be about the same fields.
        """
        run, named, given = self.run, self.named_templates, self.templates
        if named and given and given.resolve() != named.resolve():
            raise InputError(
                f"--templates {given} is not what {run.shown(run.migration_file)} says "
                f"under `templates:`, {named}",
                hint="leave the option out, or change `templates:` for all verbs",
            )
        first = named or given
        if first and not first.is_dir():
            raise InputError(
                f"there is no folder of templates {first}",
                hint=f"mend `templates:` in {run.shown(run.migration_file)} or the "
                "option",
            )
        own = (run.user_templates,) if run.user_templates.is_dir() else ()
        return (*([first] if first else ()), *own, shipped_folder("templates"))

    @cached_property
    def environment(self) -> Environment:
        """
        What prints them.
        """
        return make_environment(self.template_folders)

    # -- Approval ----------------------------------------------------------------------

    @cached_property
    def grounds(self) -> Grounds:
        """
        The describes and templates that approvals stand on.

        An entry whose describe is missing stands on nothing, and no approval that was
        given with one fits it.
        """
        return Grounds(
            describes=self.describes, templates=template_digests(self.environment)
        )

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """
        Where each entry and rule of the mapping stands today.
        """
        return standings(self.mapping, self.grounds)

    @cached_property
    def acting(self) -> Mapping:
        """
        The mapping with those rules of `rows:` alone that are approved.
        """
        return in_force(self.mapping, self.standings)

    # -- What it asks for in an org ----------------------------------------------------

    @cached_property
    def target(self) -> Target:
        """
        Every component that the mapping asks for.
        """
        return build_target(self.mapping, self.migration)

    @cached_property
    def component_names(self) -> ComponentNames:
        """
        What these are called, without building them.
        """
        return component_names(self.mapping, self.migration)
