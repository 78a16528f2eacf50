"""
Taking back whatever a probe has put into an org, this run's or one that was killed.

Everything is found again by its name and, where it has a description, by the marker in
it; nothing is remembered on disk. Files first (they outlive objects), then assignments
(a permission set that somebody has is not deleted), then the components, at once and
with their recycle bin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.probe import PROBE_OBJECTS, PROBE_SETS, ProbePrinter
from migrator.errors import DecisionNeeded, MigratorError
from migrator.model.probe import PROBE_MARKER
from migrator.org.deployment import ComponentInfo
from migrator.org.session import Org
from migrator.org.soql import literal
from migrator.steps.probe.answers import deploy_words
from migrator.steps.probe.files import PROBE_FILE

_KINDS = (("CustomObject", PROBE_OBJECTS), ("PermissionSet", PROBE_SETS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaner:
    """
    Finds and removes the probe's own in one org.
    """

    org: Org
    printer: ProbePrinter
    note: Callable[[str], None]

    def left_behind(self) -> tuple[str, ...]:
        """
        Return what of the probe's own is in the org now, each with type and name.
        """
        named = (f"{kind} {name}" for kind, names in self._there() for name in names)
        listed = self._listed_only()
        files = [f"ContentDocument {each}" for each in self._files()]
        held = [
            f"PermissionSetAssignment {each.permission_set} of {each.username}"
            for each in self.org.access.assignments(PROBE_SETS)
        ]
        return tuple(dict.fromkeys((*named, *listed, *held, *files)))

    def require_ours(self) -> None:
        """
        Return when nothing of the probe's names belongs to somebody else.
        """
        foreign = [
            f"{kind} {each.full_name} exists and was not made by a probe (its "
            f"description does not end with {PROBE_MARKER})"
            for kind, found in self._components()
            for each in found.values()
            if PROBE_MARKER not in each.description
        ]
        if foreign:
            raise DecisionNeeded("\n".join(foreign), hint="probe another org")

    def clean(self) -> tuple[str, ...]:
        """
        Return what is left after everything of the probe's own was removed; empty when
        nothing is.
        """
        for step in (
            self._abort_jobs,
            self._remove_files,
            self._unassign,
            self._remove_components,
        ):
            try:
                step()
            except MigratorError as error:
                # The next step may still succeed; what is left is named below.
                self.note(f"cleaning up: {error.message}")
        return self.left_behind()

    def _components(self) -> Iterator[tuple[str, dict[str, ComponentInfo]]]:
        for kind, names in _KINDS:
            yield kind, self.org.deployment.read_components(kind, names)

    def _there(self) -> Iterator[tuple[str, list[str]]]:
        for kind, found in self._components():
            ours = [n for n, each in found.items() if PROBE_MARKER in each.description]
            if ours:
                yield kind, ours

    def _listed_only(self) -> Iterator[str]:
        """
        Traces that a reading of the components does not show.
        """
        objects = set(PROBE_OBJECTS)
        existing = {str(name) for name in self.org.tooling.custom_object_names()}
        described = {str(each["name"]) for each in self.org.describe_global()}
        for name in PROBE_OBJECTS:
            if name in existing | described:
                yield f"CustomObject {name}"
        for layout in self.org.deployment.list_names("Layout"):
            if layout.partition("-")[0] in objects:
                yield f"Layout {layout}"

    def _files(self) -> list[str]:
        rows = self.org.soql.query(
            f"SELECT Id FROM ContentDocument WHERE Title = {literal(PROBE_FILE)} "  # noqa: S608
            f"AND CreatedById = {literal(self.org.facts.user_id)}"
        )
        return [str(row["Id"]) for row in rows]

    def _abort_jobs(self) -> None:
        for name in PROBE_OBJECTS:
            for job in self.org.bulk.find_open_jobs(name):
                self.org.bulk.abort(job.id)

    def _remove_files(self) -> None:
        for document in self._files():
            self.org.rest.delete(f"sobjects/ContentDocument/{document}")

    def _unassign(self) -> None:
        for each in self.org.access.assignments(PROBE_SETS):
            self.org.access.unassign(each.id)

    def _remove_components(self) -> None:
        types = list(self._there())
        if not types:
            return
        bundle = make_bundle(self.printer.without(types))
        report = self.org.deployment.deploy(bundle, check_only=False, purge=True)
        if not report.success:
            self.note(f"cleaning up: {deploy_words(report)}")
