"""
The vendor's own converter reads our source format, and gives the same bytes back.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from migrator.documents.metadata.files import render_source
from migrator.documents.templates import make_environment
from migrator.model.mapping import Mapping
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.describes import SAMPLES, read_describes
from tests.builders.mappings import a_migration
from tests.clients.installing import client, environment
from tests.golden.cases import CASES, LANGUAGES

pytestmark = pytest.mark.skipif(
    not client("sf").is_installed,
    reason="python -m tests.clients.install node sf was not run",
)
SAMPLE = "sample describes"
KINDS = (
    *(SAMPLE, "escaping", "master_detail", "multiselect_picklist", "lookup"),
    "translations",
)


def _mapping(case: str) -> Mapping:
    if case == SAMPLE:
        return plan(read_describes(SAMPLES), a_migration())
    return CASES[case]


def _convert(folder: Path, *words: str) -> None:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        ["sf", "project", "convert", *words],
        cwd=folder,
        env=environment() | {"HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("case", KINDS)
def test_converted_and_back_every_byte_is_the_same(case: str, tmp_path: Path) -> None:
    """Layout, suffixes and decomposition are what the command line tools expect."""
    target = build_target(_mapping(case), a_migration(languages=LANGUAGES))
    files = render_source(target, make_environment([shipped_folder("templates")]))
    for path, content in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    source = _tree(tmp_path / "force-app" / "main" / "default")
    _convert(tmp_path, "source", "--root-dir", "force-app", "--output-dir", "wire")
    project = json.loads((tmp_path / "sfdx-project.json").read_text("utf-8"))
    assert project["sourceApiVersion"] == target.api_version
    shutil.rmtree(tmp_path / "force-app")
    (tmp_path / "force-app").mkdir()
    _convert(tmp_path, "mdapi", "--root-dir", "wire", "--output-dir", "back")
    back = _tree(tmp_path / "back" / "main" / "default")
    assert sorted(back) == sorted(source)
    assert {p: back[p].decode() for p in back} == {
        p: source[p].decode() for p in source
    }
