"""
What is made of the sample describes is what Salesforce's schema allows.
"""

from __future__ import annotations

import pytest
from lxml import etree

from migrator.documents.describe.describe import parse_describe
from migrator.documents.metadata.files import render_mdapi, render_source
from migrator.documents.metadata.package_references import package_references
from migrator.documents.templates import make_environment
from migrator.model.kinds.table import Kind
from migrator.model.target import Target
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import a_migration
from tests.metadata_schema import installed_schema, shared_schema, violations


@pytest.fixture(scope="module")
def target() -> Target:
    """The target of the mapping that `plan` proposes for the sample describes."""
    describes = {}
    for file in sorted(shipped_folder("sample_describes").glob("*.json")):
        described, _ = parse_describe(file.read_text("utf-8"), file=file.name)
        describes[described.name] = described
    return build_target(plan(describes, a_migration()), a_migration())


@pytest.fixture(scope="module")
def files(target: Target) -> dict[str, bytes]:
    """Every file of that target, in both forms."""
    environment = make_environment([shipped_folder("templates")])
    source, mdapi = (
        render_source(target, environment),
        render_mdapi(target, environment),
    )
    return {**source, **{f"mdapi/{path}": mdapi[path] for path in mdapi}}


def test_the_installed_schema_agrees(files: dict[str, bytes]) -> None:
    """Hundreds of files, nothing wrong with any."""
    assert len(files) > 200
    assert violations(files, installed_schema()) == []


@pytest.mark.shared_data
def test_the_newer_schema_agrees(files: dict[str, bytes]) -> None:
    """The same against the schema of 66.0."""
    assert violations(files, shared_schema()) == []


def test_nothing_refers_to_the_package(files: dict[str, bytes]) -> None:
    """The package can be uninstalled afterwards."""
    assert package_references(files, "ONB2") == ()


def test_permission_sets_list_every_field_that_needs_it(
    target: Target, files: dict[str, bytes]
) -> None:
    """One line less and nobody sees the field, one more and the org refuses."""
    wanted = {
        f"{made.name}.{field.name}"
        for made in target.objects
        for field in made.fields
        if not field.required and field.type.kind is not Kind.MASTER_DETAIL
    }
    wanted_sets = ("_Reader.permissionset", "_Loader.permissionset")
    sets = [path for path in files if path.endswith(wanted_sets)]
    assert len(sets) == 2
    for path in sets:
        root = etree.fromstring(files[path])
        listed = [node.text for node in root.iterfind(".//{*}field")]
        assert listed == sorted(wanted)
