"""
The house of docs/architecture.md: each import contract notices when it is broken, and
what is known of field kinds stands in their table.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    "layers": ("migrator/model/names.py", "from migrator.rundir import layout"),
    "independence": (
        "migrator/rules/reconcile/cells.py",
        "from migrator.rules.target.names import shortened",
    ),
    "witness": (
        "migrator/rules/copy/convert/columns.py",
        "from migrator.rules.reconcile.equivalence import OUTER_BLANKS",
    ),
    "rules-layers": (
        "migrator/rules/check/mapping.py",
        "from migrator.rules.plan import merge",
    ),
    "no-circles": (
        "migrator/steps/guards.py",
        "from migrator.steps import extract",
    ),
    "frames": ("migrator/steps/copy/copy.py", "import polars"),
    "wire": ("migrator/rules/target/names.py", "import requests"),
    "text": ("migrator/steps/plan.py", "import yaml"),
    "templates": (
        "migrator/documents/metadata/files.py",
        "import migrator.model.describe",
    ),
    "terminal": ("migrator/steps/copy/copy.py", "import click"),
    "emulator": ("migrator/emulator/app.py", "import migrator.errors"),
    "emulated": ("migrator/org/bulk.py", "import migrator.emulator.server"),
    "emulator-layers": (
        "migrator/emulator/soql/query.py",
        "if TYPE_CHECKING:\n    from migrator.emulator.tooling import tables",
    ),
    "emulator-wire": (
        "migrator/emulator/wire/rest/oauth.py",
        "from migrator.emulator.wire.soap import partner",
    ),
}


def _contracts() -> dict[str, str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


def _lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    chosen = [part for each in contracts for part in ("--contract", each)]
    return subprocess.run(
        [str(tool), "--no-cache", *chosen],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    """The package and its configuration, free to be broken."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "migrator", tmp_path / "migrator", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_has_a_breach() -> None:
    """A contract without a breach here could rot unnoticed."""
    assert set(BREACHES) == set(_contracts())


def test_the_house_stands(copied_house: Path) -> None:
    """Unbroken, all contracts are kept."""
    result = _lint(copied_house)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_noticed(copied_house: Path, contract: str) -> None:
    """One forbidden import, and the contract that forbids it is reported broken."""
    file, line = BREACHES[contract]
    module = copied_house / file
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", "utf-8")
    result = _lint(copied_house, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{_contracts()[contract]} BROKEN" in " ".join(result.stdout.split())


def _gathered(tree: ast.AST) -> list[int]:
    """
    The lines of sets, lists, tuples and dicts that name several kinds.
    """
    collections = (ast.Set, ast.List, ast.Tuple, ast.Dict)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, collections)
        and sum(_is_kind(each) for each in ast.walk(node)) > 1
    ]


def _is_kind(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Kind"
    )


def test_kinds_are_gathered_in_the_table_alone() -> None:
    """
    A set of kinds anywhere else is a fact that a new kind's row does not have.
    """
    package = ROOT / "migrator"
    table = package / "model" / "kinds"
    files: list[Path] = [
        file
        for file in sorted(package.rglob("*.py"))
        if table not in file.parents and package / "emulator" not in file.parents
    ]
    assert _gathered(ast.parse((table / "table.py").read_text("utf-8")))
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in files
        for line in _gathered(ast.parse(file.read_text("utf-8")))
    }
    assert found == set()
