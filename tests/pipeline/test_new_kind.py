"""
A new kind of field by the recipe of CONTRIBUTING.md alone: done to a copy of the tree.

The recipe's blocks are what is applied, word for word; what they change is counted, and
the new kind goes the whole way in both programs. Nothing of it is kept.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

KIND = "Temperature"
PARTS = ("migrator", "templates", "sample_describes", "tests")
PAGES = ("pyproject.toml", "CONTRIBUTING.md")
GOLDEN = "tests/golden/fields/temperature/High__c.field-meta.xml"
WALKS = {
    "tests/unit/test_kinds_agreement.py": 11,
    "tests/unit/test_tables_agree.py": 3,
    "tests/golden/test_kinds.py": 1,
    "tests/emulator/metadata/test_deploy_kinds.py": 1,
    "tests/pipeline/test_every_kind.py": 4,
}
"""How many tests of each file there are at least for a kind."""
_BLOCK = re.compile(r"^ *```diff\n(?P<lines>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_INDENT = 3
"""Blanks before each line of a block, which belongs to a numbered step."""


def _apply(recipe: str, tree: Path) -> None:
    """
    Every block of *recipe*: the lines with a plus, beside those without.
    """
    for block in _BLOCK.finditer(recipe):
        head, *lines = (line[_INDENT:] for line in block["lines"].splitlines())
        file = tree / head.removeprefix("+++ ")
        new = "".join(f"{line[1:]}\n" for line in lines)
        old = "".join(f"{line[1:]}\n" for line in lines if line.startswith(" "))
        text = file.read_text("utf-8") if old else ""
        assert not old or text.count(old) == 1, f"{file} does not have once:\n{old}"
        file.write_text(text.replace(old, new) if old else new, "utf-8")


def _changed(tree: Path) -> dict[str, str]:
    """
    The files of *tree* that are new, or not as they are here.
    """
    found = {}
    for part in PARTS:
        for file in sorted((tree / part).rglob("*")):
            name = file.relative_to(tree).as_posix()
            if file.is_dir() or "__pycache__" in file.parts:
                continue
            here = ROOT / name
            if not here.exists():
                found[name] = "new"
            elif not filecmp.cmp(file, here, shallow=False):
                found[name] = "changed"
    return found


def _run(tree: Path, *words: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the kind that the recipe adds."""
    copy = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    for page in PAGES:
        shutil.copy(ROOT / page, copy)
    _apply((copy / "CONTRIBUTING.md").read_text("utf-8"), copy)
    _run(copy, "tests.golden.regenerate")
    return copy


def test_the_recipe_is_a_few_rows(tree: Path) -> None:
    """Two files of the product, one of the emulator, a template, its golden file."""
    assert _changed(tree) == {
        "migrator/emulator/schema/field_types.py": "changed",
        "migrator/model/kinds/described.py": "changed",
        "migrator/model/kinds/table.py": "changed",
        "templates/metadata/fields/Temperature.xml.j2": "new",
        "tests/emulator/metadata/test_deploy_kinds.py": "changed",
        GOLDEN: "new",
        "tests/golden/cases.py": "changed",
    }
    printed = (tree / GOLDEN).read_text("utf-8")
    assert f"<type>{KIND}</type>" in printed
    assert "<precision>5</precision>" in printed


def test_the_new_kind_goes_all_the_way(tree: Path) -> None:
    """Every walk through the tables passes for it, and it is really walked."""
    said = _run(tree, "pytest", "-v", "-k", KIND, *WALKS)
    passed = Counter(re.findall(r"^(\S+\.py)::\S+ PASSED", said, re.MULTILINE))
    assert all(passed[file] >= least for file, least in WALKS.items()), passed
