"""
The documentation says what the program does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.cli.exit_codes import Exit
from migrator.cli.main import VERBS
from tests.docs import commands, findings, treatments

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]


def test_the_command_page_is_what_help_prints() -> None:
    """`make docs` writes it; nobody edits it."""
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()


def test_the_page_of_findings_is_what_the_register_says() -> None:
    """`make docs` writes it; nobody edits it."""
    assert findings.PAGE.read_text(encoding="utf-8") == findings.page()


def test_the_table_of_treatments_is_what_their_rows_say() -> None:
    """`make docs` writes it into the page for reviewers, between two marks."""
    page = treatments.PAGE.read_text(encoding="utf-8")
    assert page == treatments.page()
    assert "| `freeze` |" in page


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme(verb: str) -> None:
    """The README's table of verbs is complete."""
    assert re.search(rf"^\| `{verb}[ `]", README, re.MULTILINE)


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_in_the_readme(code: Exit) -> None:
    """Scripts depend on them."""
    assert re.search(rf"^\| {int(code)} \|", README, re.MULTILINE)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_between_pages_lead_somewhere(file: Path) -> None:
    """A relative link names a file that is there."""
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text("utf-8")):
        assert (file.parent / link).exists(), link
