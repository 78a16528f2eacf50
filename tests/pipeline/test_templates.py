"""
Templates of the customer's own: one folder for all verbs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rundir.layout import shipped_folder
from tests.pipeline.conftest import Journey

FIELD = "metadata/fields/Date.xml.j2"
DATE = "force-app/main/default/objects/Invoice__c/fields/Date__c.field-meta.xml"
SAME = "force-app/main/default/objects/Invoice__c/Invoice__c.object-meta.xml"
BLOCK = "{%% block after_type %%}\n{{ pad }}%s\n{%% endblock %%}\n"
HINTED = "<!-- our own -->"


@pytest.fixture
def planned(journey: Journey) -> Journey:
    """A directory with a mapping, made without looking at records."""
    journey.run("init")
    journey.online("describe")
    journey.run("plan")
    return journey


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one template: ours with a remark below."""
    file = tmp_path / "own" / FIELD
    file.parent.mkdir(parents=True)
    shipped = (shipped_folder("templates") / FIELD).read_text("utf-8")
    file.write_text(f"{shipped}{BLOCK % HINTED}", "utf-8")
    return tmp_path / "own"


def _noted(journey: Journey) -> list[str]:
    lines = (journey.root / "migration.yaml").read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("templates:")]


def test_a_folder_of_templates_replaces_single_ones(
    planned: Journey, own: Path
) -> None:
    """The one that is there is used, the others stay ours, and the folder is noted."""
    planned.run("generate")
    ours = (planned.root / SAME).read_bytes()
    ended = planned.run("generate", "--templates", own)
    assert "migration.yaml now says templates: " in ended.text
    assert HINTED in (planned.root / DATE).read_text("utf-8")
    assert (planned.root / SAME).read_bytes() == ours
    assert _noted(planned) == [f'templates: "{own.as_posix()}"']
    planned.run("generate", "--check")


def test_the_folder_comes_before_that_of_the_directory(
    planned: Journey, own: Path
) -> None:
    """Three places, the nearest to the operator first."""
    beside = planned.root / "templates" / FIELD
    beside.parent.mkdir(parents=True)
    beside.write_text((own / FIELD).read_text("utf-8").replace("own", "old"), "utf-8")
    planned.run("generate")
    assert "<!-- our old -->" in (planned.root / DATE).read_text("utf-8")
    planned.run("generate", "--templates", own)
    assert HINTED in (planned.root / DATE).read_text("utf-8")


def test_looking_notes_nothing(planned: Journey, own: Path) -> None:
    """With --check the directory stays as it is."""
    planned.run("generate")
    ended = planned.run("generate", "--check", "--templates", own, code=3)
    assert DATE in ended.text
    assert _noted(planned) == ["templates:"]


def test_what_is_approved_is_what_is_deployed(planned: Journey, own: Path) -> None:
    """
    Approvals cover the folder's templates: given before, they hold; given later, the
    fields it prints have changed, for `review` as for `deploy`.
    """
    planned.run("review", "approve", "--by", "R. Viewer")
    planned.run("review", "check")
    late = planned.online("deploy", "--execute", "--templates", own, code=3)
    assert "template" in late.text
    planned.run("review", "check", code=3)
    planned.run("review", "approve", "--by", "R. Viewer")
    planned.online("deploy", "--execute")


def test_another_folder_than_the_one_noted_is_refused(
    planned: Journey, own: Path, tmp_path: Path
) -> None:
    """Both are named; the same one once more is fine."""
    planned.run("generate", "--templates", own)
    planned.run("generate", "--templates", own)
    other = tmp_path / "other"
    other.mkdir()
    for verb in (planned.run, planned.online):
        name = "generate" if verb == planned.run else "deploy"
        ended = verb(name, "--templates", other, code=1)
        assert f"--templates {other} is not what migration.yaml says" in ended.text
        assert str(own) in ended.text


def test_a_folder_within_the_directory_moves_with_it(planned: Journey) -> None:
    """Noted relative to migration.yaml; a folder that is gone is named."""
    folder = planned.root / "house style"
    folder.mkdir()
    planned.run("generate", "--templates", folder)
    assert _noted(planned) == ["templates: house style"]
    folder.rmdir()
    ended = planned.run("generate", code=1)
    assert f"there is no folder of templates {folder}" in ended.text


def test_a_broken_template_is_named_with_line_and_variable(
    planned: Journey, own: Path
) -> None:
    """Whoever wrote it finds the place at once."""
    file = own / FIELD
    text = file.read_text("utf-8").replace(HINTED, "{{ nowhere.label }}")
    line = text[: text.index("nowhere")].count("\n") + 1
    file.write_text(text, "utf-8")
    ended = planned.run("generate", "--templates", own, code=1)
    assert f"{file}:{line}: 'nowhere' is undefined" in ended.text
