"""
The register of findings: each row is used, each use is a row, and the parts fit.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from migrator.model import codes
from migrator.model.finding import Code, Finding, Level, once
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName

PACKAGE = Path(__file__).resolve().parents[3] / "migrator"
REGISTER = "migrator.model.codes."
ROWS = [
    (f"{room.__name__}.{name}", code)
    for room in codes.ROOMS
    for name, code in codes.rows(room)
]
INVOICE, TOTAL = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Total__c")


class Uses(ast.NodeVisitor):
    """
    The rows that one module names, and the parts it gives to those that it calls.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.named: set[str] = set()
        self.called: list[tuple[str, frozenset[str], int]] = []
        self.made: list[int] = []

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """
        Follows rooms and rows under the names they are imported as.
        """
        for each in node.names:
            if f"{node.module}." == REGISTER:
                self.rooms[each.asname or each.name] = REGISTER + each.name
            elif (node.module or "").startswith(REGISTER):
                self.names[each.asname or each.name] = f"{node.module}.{each.name}"

    def _row(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.names.get(node.id, "")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            room = self.rooms.get(node.value.id, "")
            return f"{room}.{node.attr}" if room and node.attr.isupper() else ""
        return ""

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """
        Notes a row that is named through its room.
        """
        self.named |= {self._row(node)} - {""}
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """
        Notes a row that was imported by itself.
        """
        self.named |= {self._row(node)} - {""}

    def visit_Call(self, node: ast.Call) -> None:
        """
        Notes what a row is called with, and findings that are made without a row.
        """
        row = self._row(node.func)
        if row:
            given = frozenset(each.arg or "**" for each in node.keywords)
            self.called.append((row, given, len(node.args)))
        if isinstance(node.func, ast.Name) and node.func.id == "Finding":
            self.made.append(node.lineno)
        self.generic_visit(node)


def _uses() -> Iterator[tuple[str, Uses]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        inside = file.relative_to(PACKAGE)
        if inside.parts[0] == "emulator" or inside.parts[:2] == ("model", "codes"):
            continue
        uses = Uses()
        uses.visit(ast.parse(file.read_text(encoding="utf-8")))
        yield inside.as_posix(), uses


USES = dict(_uses())


def _parts(template: str) -> frozenset[str]:
    return frozenset(n for _, n, _, _ in string.Formatter().parse(template) if n)


def test_no_word_stands_for_two_findings() -> None:
    """Scripts and readers look findings up by their word."""
    words = [code.word for _, code in ROWS]
    assert sorted(words) == sorted(set(words))
    assert set(codes.CODES) == set(words)


@pytest.mark.parametrize(("name", "code"), ROWS, ids=[code.word for _, code in ROWS])
def test_a_row_says_all_there_is_to_say(name: str, code: Code) -> None:
    """Its word is its name, its setting is one of the file, it has one line of why."""
    assert code.word.replace("-", "_").upper() == name.rpartition(".")[2]
    assert code.means.endswith(".")
    assert code.sentence
    settings = {
        each.name for kind in (FieldMapping, MappedObject) for each in fields(kind)
    }
    assert not code.setting or code.setting in settings


@pytest.mark.parametrize("row", [name for name, _ in ROWS])
def test_every_row_is_used(row: str) -> None:
    """What nobody finds any more has no row, and no line in the documentation."""
    assert any(row in uses.named for uses in USES.values())


@pytest.mark.parametrize("file", USES)
def test_every_finding_is_made_from_a_row_with_its_parts(file: str) -> None:
    """No sentence without its row, no row without the parts of its sentence."""
    rows = dict(ROWS)
    for row, given, positional in USES[file].called:
        code = rows[row]
        assert given == _parts(code.sentence) | _parts(code.remedy), row
        assert not positional
    assert USES[file].named <= set(rows)
    assert file == "model/finding.py" or not USES[file].made


def test_a_finding_knows_its_place_and_its_setting() -> None:
    """The code says which setting it is usually about, the rule may know better."""
    found = codes.check.DUPLICATE_TARGET(name="Total__c", owner="Other__c")
    assert (found.where, found.setting) == ("", "target")
    placed = found.at(INVOICE, TOTAL, setting="name_target")
    assert placed == Finding(
        level=Level.BLOCKER,
        code="duplicate-target",
        message="Total__c is filled by Other__c already.",
        remedy="give one of them another target",
        object=INVOICE,
        field=TOTAL,
    )
    assert placed.setting == "name_target"
    assert found.at(INVOICE).setting == "target"
    assert placed.lowered(Level.WARNING).level is Level.WARNING


def test_braces_in_what_is_found_are_printed() -> None:
    """A name or a message of the org is no template."""
    found = codes.deploy.DEPLOY_WARNING(component="A{0}", said="{b} is unknown")
    assert found.message == "A{0}: {b} is unknown"


def test_what_is_kept_and_found_again_is_told_once() -> None:
    """In the order in which it was found first; another place is another finding."""
    empty, new = codes.plan.READS_CLOCK(), codes.plan.NEW_FIELD()
    kept = (empty.at(INVOICE, TOTAL), new.at(INVOICE, TOTAL), new.at(INVOICE))
    assert once((*kept, new.at(INVOICE), empty.at(INVOICE, TOTAL))) == kept
    assert codes.plan.NEW_FIELD.is_among(kept)
    assert not codes.plan.RENAMED.is_among(kept)
