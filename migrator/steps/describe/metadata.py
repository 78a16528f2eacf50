"""
Beside the describes: what they hide, as metadata, and the right to see all of it.

`describes/metadata/` holds the objects with their fields and list views, their page
layouts, and the value sets that fields share: one file each, always the same bytes for
the same org.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from migrator.documents.describe.describe import parse_describe
from migrator.documents.describe.object import changed_parts, parse_definitions
from migrator.documents.metadata.files import render_setup
from migrator.errors import DescribeError, LoginRefused, OrgRefused
from migrator.model.codes import describe as codes
from migrator.model.finding import Finding
from migrator.model.names import ApiName, is_custom
from migrator.org.session import Org
from migrator.rules.plan.metadata import STANDARD_VALUE_SETS
from migrator.rules.target.permission_sets import source_reader
from migrator.rundir.layout import RunDirectory
from migrator.steps.describes import METADATA_FILES, METADATA_FOLDER
from migrator.steps.workspace import Workspace

Describe = abc.Mapping[str, Any]

SETUP_FOLDER = "setup"
"""A permission set to deploy when describe cannot see everything."""

_LOST = {
    "CustomObject": "values that nobody can choose any more, hidden formulas, what "
    "roll-ups add up, list views and some help texts are not known; values found in "
    "an extract are kept all the same",
    "Layout": "the archive's layouts follow no layout of the package",
    "GlobalValueSet": "the values of shared value sets that nobody can choose any more "
    "are not known",
    "StandardValueSet": "the values of standard picklists that nobody can choose any "
    "more are not known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """
    What the org's metadata says about the migrated objects.
    """

    files: abc.Mapping[str, bytes]
    """By path below `describes/metadata/`, sorted."""
    read: tuple[str, ...]
    """The metadata types that the org gave."""
    unread: tuple[Finding, ...]
    """One for each type that it did not give, with what is lost."""


def read_snapshot(org: Org, migrated: abc.Mapping[ApiName, Describe]) -> Snapshot:
    """
    Return the metadata of the *migrated* objects; what the org refuses is a finding.
    """
    reader = _Reader(org)
    objects = reader.read("CustomObject", lambda: list(migrated))
    if objects is None:  # the other types need the same permission
        return reader.snapshot()
    owners = {name.casefold() for name in migrated}
    reader.read(
        "Layout",
        lambda: [
            name
            for name in org.deployment.list_names("Layout")
            if name.partition("-")[0].casefold() in owners
        ],
    )
    reader.read("GlobalValueSet", lambda: _shared_sets(objects))
    reader.read("StandardValueSet", lambda: _standard_sets(migrated))
    return reader.snapshot()


class _Reader:
    """
    One reading of an org's metadata, type by type.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._files: dict[str, bytes] = {}
        self._read: list[str] = []
        self._unread: list[Finding] = []

    def read(
        self, kind: str, names: Callable[[], list[Any]]
    ) -> dict[str, bytes] | None:
        """
        Return the components of *kind* called *names*, None when the org refuses.
        """
        try:
            found = self._org.deployment.read_definitions(kind, names())
        except LoginRefused:
            raise
        except OrgRefused as error:
            self._unread.append(_unread(self._org, kind, error))
            return None
        self._files |= {metadata_path(kind, n): found[n] for n in found}
        self._read.append(kind)
        return found

    def snapshot(self) -> Snapshot:
        """
        All that was read.
        """
        files = {path: self._files[path] for path in sorted(self._files)}
        return Snapshot(files=files, read=tuple(self._read), unread=tuple(self._unread))


def _shared_sets(objects: abc.Mapping[str, bytes]) -> list[str]:
    return sorted(
        {
            field.value_set
            for name, content in objects.items()
            for field in parse_definitions(content, file=name)
            if field.value_set
        }
    )


def _standard_sets(migrated: abc.Mapping[ApiName, Describe]) -> list[str]:
    return sorted(
        {
            STANDARD_VALUE_SETS[name, str(field["name"])]
            for name, described in migrated.items()
            for field in described.get("fields", ())
            if (name, str(field["name"])) in STANDARD_VALUE_SETS
        }
    )


def metadata_path(kind: str, full_name: str) -> str:
    """
    Where the component is kept below `describes/metadata/`, spelled alike everywhere.
    """
    folder, suffix = METADATA_FILES[kind]
    return f"{folder}{quote(full_name, safe=' _-%.')}{suffix}"


def _unread(org: Org, kind: str, error: OrgRefused) -> Finding:
    return codes.DEFINITIONS_UNREAD(
        kind=kind,
        reason=error.code or error.message,
        lost=_LOST[kind],
        user=org.facts.username,
    )


# -- What has changed -----------------------------------------------------------------


def write_snapshot(run: RunDirectory, snapshot: Snapshot) -> tuple[Finding, ...]:
    """
    Return what is other than at the last describe; the files are then those of
    *snapshot*.

    Files of a type that the org did not give this time stay.
    """
    folder = run.describes / METADATA_FOLDER
    gone = [
        path
        for kind in snapshot.read
        for path in _kept(folder, kind)
        if path.relative_to(folder).as_posix() not in snapshot.files
    ]
    changes = tuple(_changes(run, folder, snapshot, gone)) if folder.is_dir() else ()
    for path in gone:
        path.unlink()
    for name, content in snapshot.files.items():
        run.write_text(folder / name, content.decode("utf-8"))
    return changes


def _kept(folder: Path, kind: str) -> list[Path]:
    inside, suffix = METADATA_FILES[kind]
    return sorted((folder / inside).glob(f"*{suffix}"))


def _changes(
    run: RunDirectory, folder: Path, snapshot: Snapshot, gone: Iterable[Path]
) -> Iterator[Finding]:
    for name, content in snapshot.files.items():
        path = folder / name
        if not path.is_file():
            if "/" in name:
                yield _changed(name, "is new since the last describe")
            continue
        before = run.read_text(path).encode("utf-8")
        if before == content:
            continue
        if "/" in name:
            yield _changed(name, "is other than at the last describe")
        else:
            yield from _changed_parts(ApiName(path.stem), before, content)
    for path in gone:
        name = path.relative_to(folder).as_posix()
        yield _changed(name, "was there at the last describe and is gone")


def _changed_parts(owner: ApiName, before: bytes, after: bytes) -> Iterator[Finding]:
    for part, what in (("fields", ""), ("listViews", "the list view ")):
        try:
            names = changed_parts(before, after, part, file=owner)
        except DescribeError:
            return  # no snapshot of ours, so there is nothing to compare with
        for name in names:
            found = codes.DESCRIBE_CHANGED(
                what=f"{what}{owner}.{name}",
                change="has other metadata than at the last describe",
            )
            yield found.at(owner, None if what else name)


def _changed(path: str, words: str) -> Finding:
    folder, _, file = path.partition("/")
    name = file.rpartition(".")[0]
    if folder == "layouts":
        found = codes.LAYOUT_CHANGED(name=name, change=words)
        return found.at(ApiName(name.partition("-")[0]))
    return codes.DESCRIBE_CHANGED(what=f"the value set {name}", change=words)


# -- The right to see everything ------------------------------------------------------


def write_setup(
    workspace: Workspace,
    migrated: abc.Mapping[ApiName, Describe],
    hidden: Iterable[Finding],
    api_version: str,
) -> None:
    """
    Offers, under `setup/`, a permission set with which nothing is hidden.
    """
    described = {
        name: parse_describe(json.dumps(content), file=f"{name}.json")[0]
        for name, content in migrated.items()
    }
    unseen = [
        (each.object, each.field) for each in hidden if each.object and each.field
    ]
    wanted = source_reader(
        described,
        [name for name in described if is_custom(name)],
        [(owner, field) for owner, field in unseen if owner and field],
        workspace.migration.marker,
    )
    run = workspace.run
    files = render_setup(wanted, workspace.environment, api_version)
    for path, content in files.items():
        run.write_bytes(run.root / SETUP_FOLDER / path, content)
