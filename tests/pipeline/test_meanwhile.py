"""
What somebody saves in mapping.yaml while a verb runs is never lost.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from migrator.errors import Stopped
from migrator.rundir.layout import open_run, shipped_folder
from migrator.steps.review.import_sheet import import_sheet
from migrator.steps.workspace import Workspace
from tests.conftest import Ended, Invoke

NOTE = "version: 1 # ask Jana about the notes\n"
INVOICE = "ONB2__Invoice__c.json"


@pytest.fixture
def root(tmp_path: Path, invoke: Invoke) -> Path:
    """A migration directory with a mapping and a sheet of it."""
    root = tmp_path / "run"
    describes = shipped_folder("sample_describes")
    for words in (("init",), ("plan", "--describes", describes), ("review", "--csv")):
        ended = invoke("-C", root, *words)
        assert ended.code == 0, ended.text
    return root


def save(mapping: Path) -> None:
    """
    An editor's edit: a remark at the version, or where there is no file the first line.
    """
    before = mapping.read_text("utf-8") if mapping.is_file() else "version: 1\n"
    mapping.write_text(before.replace("version: 1\n", NOTE, 1), "utf-8")


@contextmanager
def saved_when_read(root: Path) -> Iterator[None]:
    """
    mapping.yaml is saved when the verb reads a describe, and has read the mapping: the
    describe is a pipe, and whoever fills it saves first.
    """
    describe = root / "describes" / INVOICE
    content = describe.read_bytes()
    describe.unlink()
    os.mkfifo(describe)

    def fill() -> None:
        with describe.open("wb") as pipe:
            save(root / "mapping.yaml")
            pipe.write(content)

    thread = threading.Thread(target=fill)
    thread.start()
    yield
    thread.join(timeout=60)
    assert not thread.is_alive()
    describe.unlink()
    describe.write_bytes(content)


def check_refused(ended: Ended, mapping: Path) -> None:
    """
    The verb stopped with one message, and the edit is there.
    """
    assert ended.code == 4, ended.text
    assert "mapping.yaml was saved by somebody else" in ended.stderr
    assert "run the same command again" in ended.stderr
    assert NOTE in mapping.read_text("utf-8")


def test_an_edit_made_while_plan_runs_stays(root: Path, invoke: Invoke) -> None:
    """Plan stops, the next plan reads the edit and does its work."""
    mapping = root / "mapping.yaml"
    extra = root / "describes" / "ONB2__DunningRun__c.json"
    shipped = shipped_folder("sample_describes") / extra.name
    extra.write_bytes(shipped.read_bytes())
    words = ("-C", root, "plan", "--object", "ONB2__DunningRun__c")
    with saved_when_read(root):
        ended = invoke(*words)
    check_refused(ended, mapping)
    assert invoke(*words).code == 0
    assert "ONB2__DunningRun__c" in mapping.read_text("utf-8")
    assert NOTE in mapping.read_text("utf-8")


def test_an_edit_made_while_approving_stays(root: Path, invoke: Invoke) -> None:
    """Nothing is approved that the approver has not seen, and nothing is lost."""
    mapping = root / "mapping.yaml"
    words = ("-C", root, "review", "approve", "--by", "Eva")
    with saved_when_read(root):
        ended = invoke(*words)
    check_refused(ended, mapping)
    assert "status: approved" not in mapping.read_text("utf-8")
    assert invoke(*words).code == 0
    assert NOTE in mapping.read_text("utf-8")


def test_an_edit_made_while_a_sheet_is_imported_stays(root: Path) -> None:
    """The sheet is as good the next time."""
    sheet = root / "review" / "mapping.csv"
    text = sheet.read_text("utf-8-sig")
    assert "same kind of field" in text
    sheet.write_text(text.replace("same kind of field", "as it is", 1), "utf-8")
    opened = Workspace(run=open_run(root))
    assert opened.mapping.objects
    save(root / "mapping.yaml")
    with pytest.raises(Stopped, match=r"mapping\.yaml was saved by somebody else"):
        import_sheet(opened, file=sheet)
    assert NOTE in (root / "mapping.yaml").read_text("utf-8")
    assert import_sheet(Workspace(run=open_run(root)), file=sheet).edits
    assert NOTE in (root / "mapping.yaml").read_text("utf-8")


def test_a_mapping_that_appears_while_plan_runs_stays(
    root: Path, invoke: Invoke
) -> None:
    """Two first plans at once: the second one to end does not win."""
    mapping = root / "mapping.yaml"
    mapping.unlink()
    with saved_when_read(root):
        ended = invoke("-C", root, "plan")
    check_refused(ended, mapping)
    assert mapping.read_text("utf-8") == NOTE
