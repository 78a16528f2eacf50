"""
COVERAGE.md: every behaviour has a source, and a test that exists and runs.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import migrator.emulator

_PAGE = Path(migrator.emulator.__file__).with_name("COVERAGE.md")
_TESTS = {file.stem for file in Path(__file__).parent.rglob("test_*.py")}
_TEST = re.compile(r"`(\w+)`")
_HEAD = "| behaviour | source | test |"


def _rows(text: str) -> list[list[str]]:
    """The cells of each row in the tables of behaviours."""
    found: list[list[str]] = []
    is_inside = False
    for line in text.splitlines():
        is_inside = line.startswith("|") and (is_inside or line == _HEAD)
        if is_inside and line != _HEAD and not line.startswith("| ---"):
            # A bar within code is no border.
            cells = re.split(r"\s\|\s", line.strip().removeprefix("| "))
            found.append([each.removesuffix(" |").strip() for each in cells])
    return found


def _mistakes(rows: list[list[str]]) -> list[str]:
    """What is wrong with the rows, each mistake with its behaviour."""
    found = []
    for behaviour, *rest in rows:
        if len(rest) != 2 or not rest[0]:
            found.append(f"no source and test: {behaviour}")
            continue
        names = _TEST.findall(rest[1])
        if not names or not all(f"test_{name}" in _TESTS for name in names):
            found.append(f"no such test: {behaviour}")
    return found


def test_every_behaviour_names_a_test_that_exists() -> None:
    """More than a hundred rows, each with its source and its test."""
    rows = _rows(_PAGE.read_text("utf-8"))
    assert len(rows) > 100
    assert _mistakes(rows) == []


@pytest.mark.parametrize(
    "row", ["| a | | `soap` |", "| a | META | |", "| a | META | `gone` |", "| a | b |"]
)
def test_a_row_without_source_or_test_is_noticed(row: str) -> None:
    """The check can fail."""
    assert len(_mistakes(_rows(f"{_HEAD}\n| --- | --- | --- |\n{row}\n"))) == 1
