"""
Generated metadata is what the golden folders say, and the schema agrees with it.
"""

from __future__ import annotations

import pytest

from migrator.documents.metadata.package_references import package_references
from migrator.model.finding import blockers
from migrator.model.kinds.table import Kind
from migrator.rules.check.mapping import check
from tests.golden.cases import CASES
from tests.golden.files import FOLDERS, rendered, stored, stored_folders
from tests.metadata_schema import installed_schema, shared_schema, violations


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_made_is_what_is_expected(folder: str) -> None:
    """The same files, not one more or less, with the same bytes."""
    made, wanted = FOLDERS[folder](), stored(folder)
    assert wanted, "run `make golden` and read the diff"
    assert sorted(made) == sorted(wanted)
    assert {path: made[path].decode() for path in made} == {
        path: wanted[path].decode() for path in wanted
    }


def test_every_folder_is_a_case() -> None:
    """A folder that no case makes any more would look like a promise."""
    assert stored_folders() == set(FOLDERS)


def test_every_kind_has_a_case() -> None:
    """Each field kind that `generate` makes is seen in at least one case."""
    kinds = {
        field.type.kind
        for mapping in CASES.values()
        for mapped in mapping.objects
        for field in mapped.fields
        if field.type
    }
    assert kinds == set(Kind) - {Kind.STANDARD}


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_a_mapping_that_generate_takes(case: str) -> None:
    """No blocker: the golden folders show nothing that would be refused before."""
    assert blockers(check(CASES[case])) == ()


@pytest.mark.parametrize("case", CASES)
def test_the_installed_schema_agrees(case: str) -> None:
    """Salesforce's schema of 63.0 finds nothing wrong with any file."""
    assert violations(rendered(case), installed_schema()) == []


@pytest.mark.shared_data
@pytest.mark.parametrize("case", CASES)
def test_the_newer_schema_agrees(case: str) -> None:
    """Salesforce's schema of 66.0 finds nothing wrong with any file."""
    assert violations(rendered(case), shared_schema()) == []


@pytest.mark.parametrize("case", CASES)
def test_nothing_refers_to_the_package(case: str) -> None:
    """No case would block the uninstall."""
    assert package_references(rendered(case), "ONB2") == ()


def test_the_schema_notices_a_wrong_order() -> None:
    """The check can fail: one element moved, one complaint with its line."""
    path = "source/force-app/main/default/tabs/Invoice__c.tab-meta.xml"
    lines = rendered("sample")[path].splitlines()
    lines[2], lines[3] = lines[3], lines[2]
    (problem, *_) = violations({path: b"\n".join(lines)}, installed_schema())
    assert problem.startswith(f"{path}:")
