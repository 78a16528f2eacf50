"""
`generate` on disk: what is written, removed, left alone and refused.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.documents.mapping.write import render_mapping
from migrator.documents.migration_yaml import render_migration
from migrator.errors import (
    Bug,
    DecisionNeeded,
    MappingError,
    RunDirectoryError,
    TemplateError,
)
from migrator.model.finding import Finding, Level
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName
from migrator.rundir.layout import RunDirectory, shipped_folder
from migrator.steps.generate import (
    LIST_FILE,
    GenerateOutcome,
    generate,
    require_no_package_references,
)
from migrator.steps.workspace import Workspace
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
)
from tests.builders.workspaces import a_workspace

FIELDS = "force-app/main/default/objects/Invoice__c/fields"
NOTE = f"{FIELDS}/Note__c.field-meta.xml"
OBJECT = "force-app/main/default/objects/Invoice__c/Invoice__c.object-meta.xml"
LEAN = a_mapping(a_mapped_object(a_key(), a_name()))
FULL = a_mapping(a_mapped_object(a_key(), a_name(), a_field()))


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """An empty migration directory."""
    return RunDirectory(tmp_path)


def _generated(
    run: RunDirectory,
    mapping: Mapping = FULL,
    *,
    check: bool = False,
    own: Path | None = None,
) -> GenerateOutcome:
    return generate(a_workspace(run, mapping, templates=own), check=check)


def _tree(run: RunDirectory) -> dict[str, bytes]:
    return {
        file.relative_to(run.root).as_posix(): file.read_bytes()
        for file in run.root.rglob("*")
        if file.is_file()
    }


def test_the_first_run_writes_everything_and_the_second_nothing(
    run: RunDirectory,
) -> None:
    """The same mapping gives the same bytes, and says so."""
    first = _generated(run)
    tree = _tree(run)
    assert set(first.written) == set(tree)
    assert {NOTE, OBJECT, LIST_FILE, "manifest/package.xml"} <= set(tree)
    second = _generated(run)
    assert second.written == second.removed == ()
    assert set(second.unchanged) == set(tree)
    assert _tree(run) == tree


def test_the_list_holds_digests_that_any_tool_can_check(run: RunDirectory) -> None:
    """`sha256sum --check manifest/generated.txt` would pass."""
    _generated(run)
    tree = _tree(run)
    lines = tree.pop(LIST_FILE).decode().splitlines()
    assert lines == [
        f"{hashlib.sha256(tree[path]).hexdigest()}  {path}" for path in sorted(tree)
    ]


def test_what_is_no_longer_made_is_removed(run: RunDirectory) -> None:
    """A field that left the mapping leaves the folder, and the list."""
    _generated(run)
    outcome = _generated(run, LEAN)
    assert outcome.removed == (NOTE,)
    assert NOTE not in _tree(run)
    assert NOTE.encode() not in _tree(run)[LIST_FILE]
    assert _generated(run, LEAN).written == ()


def test_an_edited_file_that_is_no_longer_made_is_kept(run: RunDirectory) -> None:
    """Somebody's work is left for a person to remove."""
    _generated(run)
    (run.root / NOTE).write_bytes(b"<mine/>")
    outcome = _generated(run, LEAN)
    assert (outcome.removed, outcome.kept) == ((), (NOTE,))
    assert (run.root / NOTE).read_bytes() == b"<mine/>"


def test_a_file_of_the_customers_own_is_never_removed(run: RunDirectory) -> None:
    """Whatever was not made by this migration is not seen at all."""
    own = run.root / FIELDS / "Own__c.field-meta.xml"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"<own/>")
    _generated(run)
    _generated(run, LEAN)
    assert own.read_bytes() == b"<own/>"


@pytest.mark.parametrize(
    "path",
    [
        "mapping.yaml",
        "force-app/main/default/classes/A.cls",
        "../outside.field-meta.xml",
        "force-app/main/default/objects/../../../../outside.xml",
        "force-app/main/default/objects/A__c/webLinks/B.webLink-meta.xml",
        "undo/../outside.xml",
    ],
)
def test_a_tampered_list_removes_nothing_elsewhere(
    run: RunDirectory, tmp_path: Path, path: str
) -> None:
    """Only made kinds of files in their own folders can ever be removed."""
    root = tmp_path / "deep"
    deep = RunDirectory(root)
    victim = root / path
    victim.parent.mkdir(parents=True, exist_ok=True)
    victim.write_bytes(b"x")
    (root / "manifest").mkdir(exist_ok=True)
    digest = hashlib.sha256(b"x").hexdigest()
    (root / LIST_FILE).write_text(f"{digest}  {path}\n", "utf-8")
    assert _generated(deep).removed == ()
    assert victim.read_bytes() == b"x"
    assert run.root == tmp_path


def test_a_foreign_file_in_the_way_is_not_replaced(run: RunDirectory) -> None:
    """The customer's own project file stops the verb before the first byte."""
    (run.root / "sfdx-project.json").write_bytes(b"{}")
    with pytest.raises(DecisionNeeded) as caught:
        _generated(run)
    assert "sfdx-project.json" in caught.value.message
    assert _tree(run) == {"sfdx-project.json": b"{}"}


def test_a_lost_list_does_not_make_our_files_foreign(run: RunDirectory) -> None:
    """What carries our mark or equals what is made is ours without the list."""
    _generated(run)
    (run.root / LIST_FILE).unlink()
    content = (run.root / NOTE).read_bytes()
    (run.root / NOTE).write_bytes(content.replace(b">Note<", b">Edited<"))
    assert set(_generated(run).written) == {LIST_FILE, NOTE}
    assert (run.root / NOTE).read_bytes() == content


def test_a_run_that_died_is_finished_by_the_next(run: RunDirectory) -> None:
    """With any subset of the files written, the next run ends with the same tree."""
    _generated(run, LEAN)
    before = _tree(run)
    _generated(run)
    after = _tree(run)
    for path in sorted(set(after) - {LIST_FILE}):
        shutil.rmtree(run.root)
        for each, content in before.items():
            file = run.root / each
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        file = run.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(after[path])
        (run.root / LIST_FILE).write_bytes(after[LIST_FILE])
        _generated(run)
        assert _tree(run) == after


def test_a_file_that_cannot_be_read_is_named(run: RunDirectory) -> None:
    """A link that leads in a circle ends the verb with the path, not a traceback."""
    (run.root / "sfdx-project.json").symlink_to("sfdx-project.json")
    with pytest.raises(RunDirectoryError, match=r"sfdx-project\.json"):
        _generated(run)


def test_a_folder_in_the_place_of_a_file_is_named(run: RunDirectory) -> None:
    """It cannot be replaced, and the message says by what."""
    (run.root / "sfdx-project.json").mkdir()
    with pytest.raises(RunDirectoryError, match=r"sfdx-project\.json"):
        _generated(run)


def test_check_writes_nothing(run: RunDirectory) -> None:
    """It names what a run would write or remove, and is silent when there is none."""
    outcome = _generated(run, check=True)
    assert NOTE in outcome.would_change
    assert _tree(run) == {}
    _generated(run)
    assert _generated(run, check=True).would_change == ()
    changed = _generated(run, LEAN, check=True)
    assert NOTE in changed.would_change
    assert changed.written == changed.removed == ()
    assert (run.root / NOTE).exists()


def test_nothing_is_written_when_one_file_cannot_be_rendered(
    run: RunDirectory, tmp_path: Path
) -> None:
    """All texts exist before the first byte is written."""
    own = tmp_path / "own"
    (own / "metadata").mkdir(parents=True)
    (own / "metadata/permissionset.xml.j2").write_text("{{ nothing }}", "utf-8")
    empty = RunDirectory(tmp_path / "run")
    with pytest.raises(TemplateError):
        _generated(empty, own=own)
    with pytest.raises(MappingError):
        _generated(empty, a_mapping(a_mapped_object(a_key(), a_field(label="x\x00"))))
    assert not empty.root.exists()
    assert run.root == tmp_path


def test_every_blocker_is_named(run: RunDirectory) -> None:
    """Blockers that travel with the mapping stop the verb, all in one message."""
    found = tuple(
        Finding(
            level=Level.BLOCKER,
            code="test",
            message=f"cannot {word}",
            object=ApiName("ONB2__Invoice__c"),
            field=ApiName("ONB2__Note__c"),
            remedy="decide",
        )
        for word in ("come", "go")
    )
    mapped = a_mapped_object(a_key(), a_name(), replace(a_field(), findings=found))
    with pytest.raises(DecisionNeeded) as caught:
        _generated(run, a_mapping(mapped))
    assert caught.value.message.splitlines()[1:] == [
        "ONB2__Invoice__c.ONB2__Note__c: cannot come (decide)",
        "ONB2__Invoice__c.ONB2__Note__c: cannot go (decide)",
    ]
    assert _tree(run) == {}


def test_a_blocker_is_told_with_the_line_of_its_entry(run: RunDirectory) -> None:
    """Where it says what to decide, it says where; the object's own line for others."""
    finding = Finding(
        level=Level.BLOCKER,
        code="test",
        message="cannot come",
        object=ApiName("ONB2__Invoice__c"),
        field=ApiName("ONB2__Note__c"),
    )
    about = replace(finding, field=None, message="cannot stay")
    entry = replace(a_field(), findings=(finding,))
    mapped = replace(a_mapped_object(a_key(), a_name(), entry), findings=(about,))
    text = render_mapping(a_mapping(mapped), templates=[shipped_folder("templates")])
    run.write_text(run.mapping_file, text)
    run.write_text(run.migration_file, render_migration(a_migration()))
    lines = ["", *text.splitlines()]
    with pytest.raises(DecisionNeeded) as caught:
        generate(Workspace(run=run), check=False)
    first, second = caught.value.message.splitlines()[1:]
    assert first == (
        f"mapping.yaml:{lines.index('  - source: ONB2__Invoice__c')}, "
        "ONB2__Invoice__c: cannot stay"
    )
    assert second == (
        f"mapping.yaml:{lines.index('      - source: ONB2__Note__c')}, "
        "ONB2__Invoice__c.ONB2__Note__c: cannot come"
    )


def test_a_reference_to_the_package_is_our_own_mistake() -> None:
    """It must have been refused long before, so it is a bug, and nothing is written."""
    files = {"a.xml": b"<a><referenceTo>ONB2__Invoice__c</referenceTo></a>"}
    with pytest.raises(Bug, match="ONB2__Invoice__c"):
        require_no_package_references(files, "ONB2")


def test_a_template_that_refers_to_the_package_is_caught(
    run: RunDirectory, tmp_path: Path
) -> None:
    """A customer's template cannot tie the archive to the package either."""
    own = tmp_path / "own"
    (own / "metadata").mkdir(parents=True)
    (own / "metadata/tab.xml.j2").write_text(
        '<CustomTab xmlns="http://soap.sforce.com/2006/04/metadata">'
        "<page>ONB2__Invoices</page></CustomTab>",
        "utf-8",
    )
    with pytest.raises(Bug, match="ONB2__Invoices"):
        _generated(RunDirectory(tmp_path / "run"), own=own)
    assert not (run.root / "run").exists()
