"""
Starting up: `--help` and `status` load nothing heavy.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"polars", "simple_salesforce", "openpyxl", "lxml", "jinja2"}
PROBE = """
import json, sys
from migrator.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("\\n" + json.dumps([code, sorted(name.split(".")[0] for name in sys.modules)]))
"""


def _run(*arguments: str) -> tuple[int, set[str]]:
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(result.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("verb", [(), ("copy",), ("emulator", "serve")])
def test_help_leaves_the_heavy_libraries_unloaded(verb: tuple[str, ...]) -> None:
    """The first thing a user types must answer at once."""
    code, modules = _run(*verb, "--help")
    assert code == 0
    assert "click" in modules
    assert not modules & HEAVY


def test_status_leaves_the_heavy_libraries_unloaded(tmp_path: Path) -> None:
    """Status is typed often; it reads small files and the journal only."""
    subprocess.run(
        [sys.executable, "-m", "migrator", "-q", "-C", str(tmp_path), "init"],
        check=True,
    )
    mapping = "objects:\n  - fields:\n      - status: approved\n"
    (tmp_path / "mapping.yaml").write_text(mapping, "utf-8")
    code, modules = _run("-C", str(tmp_path), "status")
    assert code == 0
    assert not modules & HEAVY
