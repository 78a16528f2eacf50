"""
Beside the describes: the objects' metadata, and the right to see all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from migrator.documents.describe_json import parse_describe
from migrator.documents.environment import make_environment
from migrator.documents.metadata_xml import render_setup
from migrator.documents.object_xml import changed_fields
from migrator.errors import LoginRefused, OrgRefused
from migrator.model.finding import Finding, Level
from migrator.model.names import ApiName, is_custom
from migrator.org.session import Org
from migrator.rules.permitting import source_reader
from migrator.rundir.layout import RunDirectory
from migrator.steps.loading import METADATA_FOLDER, template_folders

Describe = Mapping[str, Any]

SETUP_FOLDER = "setup"
"""A permission set to deploy when describe cannot see everything."""


def read_definitions(
    org: Org, migrated: Iterable[ApiName]
) -> tuple[dict[ApiName, bytes], list[Finding]]:
    """
    The metadata of the *migrated* objects; a finding when the org does not give it.
    """
    names = [name for name in migrated if is_custom(name)]
    try:
        found = org.deployment.read_definitions("CustomObject", names)
    except LoginRefused:
        raise
    except OrgRefused as error:
        return {}, [_unread(org, error)]
    return {ApiName(name): found[name] for name in sorted(found)}, []


def _unread(org: Org, error: OrgRefused) -> Finding:
    return Finding(
        level=Level.WARNING,
        code="definitions-unread",
        message="The metadata of the objects cannot be read "
        f"({error.code or error.message}): values that nobody can choose any more, "
        "hidden formulas, what roll-ups add up and some help texts are not known; "
        "values found in an extract are kept all the same.",
        remedy=f"give {org.facts.username} the permission Modify Metadata Through "
        "Metadata API Functions, then run `migrator describe` again",
    )


def definition_file(run: RunDirectory, name: ApiName) -> Path:
    """
    Where the metadata of the object *name* is kept.
    """
    return run.describes / METADATA_FOLDER / f"{name}.object"


def changed_definitions(
    run: RunDirectory, definitions: Mapping[ApiName, bytes]
) -> Iterator[tuple[ApiName, ApiName]]:
    """
    Fields, by object, that are different from the metadata that is there already.
    """
    for name, content in definitions.items():
        path = definition_file(run, name)
        if not path.is_file():
            continue
        before = run.read_text(path).encode("utf-8")
        for field in changed_fields(before, content, file=run.shown(path)):
            yield name, field


def write_setup(
    run: RunDirectory,
    migrated: Mapping[ApiName, Describe],
    hidden: Iterable[Finding],
    marker: str,
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
        marker,
    )
    environment = make_environment(template_folders(run))
    for path, content in render_setup(wanted, environment, api_version).items():
        run.write_bytes(run.root / SETUP_FOLDER / path, content)
