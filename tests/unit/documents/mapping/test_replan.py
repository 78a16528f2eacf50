"""
Planning again over a commented file: the comments stay where they belong.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.replan import rewritten
from migrator.documents.mapping.write import render_mapping
from migrator.model.mapping import Mapping
from tests.conftest import ROOT
from tests.golden.replan.cases import CASES, approved, planned_again

TEMPLATES = [ROOT / "templates"]
BEFORE = approved()


def _commented(mapping: Mapping) -> str:
    text = render_mapping(mapping, templates=TEMPLATES)
    for field in ("ONB2__Note__c", "ONB2__Total__c", "ONB2__State__c"):
        entry = f"      - source: {field}\n"
        assert entry in text
        text = text.replace(entry, f"      # {field}: asked Bob\n{entry}", 1)
    for setting in ("status: approved", "label: ONB2__Total__c", "          - Paid"):
        at = text.index(f"{setting}\n", text.index("source: ONB2__Total__c"))
        end = at + len(setting)
        text = f"{text[:at]}{setting}  # behind {setting.split()[-1]}{text[end:]}"
    text = text.replace(
        "        values:\n", "        values: # mine\n          # and his\n", 1
    )
    target = "        target: State__c\n"
    text = text.replace(target, "        target:   'State__c'   # his name\n", 1)
    text = text.replace("version: 1\n", "# top\nversion: 1\n", 1)
    assert parse_mapping(text, file="m") == mapping
    return text


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_comments_outlive_a_changed_describe(case: str, ending: str) -> None:
    """Every one of them, inside changed entries too, and odd spacing beside them."""
    text = _commented(BEFORE).replace("\n", ending)
    after = planned_again(case)
    again = rewritten(text, BEFORE, after, templates=TEMPLATES)
    assert parse_mapping(again, file="m") == after
    assert again.count("\n") == again.count(ending)
    assert f"# top{ending}version" in again
    comments = [line.split("#", 1)[1] for line in text.splitlines() if "#" in line]
    assert len(comments) > 30
    for each in comments:
        assert f"#{each}{ending}" in again
    assert f"target:   'State__c'   # his name{ending}" in again


def test_nothing_changed_changes_no_byte() -> None:
    """Not even odd spacing."""
    text = _commented(BEFORE)
    assert rewritten(text, BEFORE, BEFORE, templates=TEMPLATES) == text


def test_what_cannot_be_put_together_is_printed_anew() -> None:
    """Another indentation, or settings below the fields."""
    after = planned_again("field_added")
    plain = render_mapping(after, templates=TEMPLATES)
    text = render_mapping(BEFORE, templates=TEMPLATES)
    wider = re.sub(r"^      ", " " * 10, text, flags=re.MULTILINE)
    assert parse_mapping(wider, file="m") == BEFORE
    assert rewritten(wider, BEFORE, after, templates=TEMPLATES) == plain


def test_an_object_that_goes_takes_its_block_along() -> None:
    """And the others keep theirs."""
    text = _commented(BEFORE)
    after = replace(BEFORE, objects=BEFORE.objects[:1])
    again = rewritten(text, BEFORE, after, templates=TEMPLATES)
    assert text.startswith(again.rstrip())


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_comment_below_the_last_entry_stays_there(ending: str) -> None:
    """It costs no other comment, and an object that comes is put above it."""
    foot = "\n  # to be asked:\n# Jana\n"
    first = replace(BEFORE, objects=BEFORE.objects[:1])
    for before, after in (
        (BEFORE, planned_again("field_added")),
        (first, BEFORE),
    ):
        text = (_commented(before) + foot).replace("\n", ending)
        again = rewritten(text, before, after, templates=TEMPLATES)
        assert parse_mapping(again, file="m") == after
        assert again.endswith(foot.replace("\n", ending))
        assert f"# top{ending}version" in again
        assert again.count("asked Bob") == text.count("asked Bob") > 0
