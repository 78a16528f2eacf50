"""
Planning again: what was approved stays, what changed under it is said.
"""

from __future__ import annotations

import pytest

from migrator.model.mapping import Status
from migrator.rules.approving import standings, unapproved
from tests.replan.cases import (
    CASES,
    FOLDER,
    approved,
    changes,
    files,
    grounds,
    planned_again,
)

UNTOUCHED = {"status"}


def test_there_are_twelve_kinds() -> None:
    """Each with a folder of its own, and no folder without a kind."""
    folders = {
        each.name for each in FOLDER.iterdir() if (each / "changes.txt").exists()
    }
    assert len(CASES) == 12
    assert folders == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_planning_again_gives_the_expected_mapping(case: str) -> None:
    """To the byte, as the folder shows it."""
    for name, text in files(case).items():
        assert (FOLDER / case / name).read_text("utf-8") == text


@pytest.mark.parametrize("case", CASES)
def test_every_approved_decision_stays(case: str) -> None:
    """Only the status may change; an entry goes only when its field did."""
    touched = {
        (each.change.value, each.where, each.setting)
        for each in changes(case)
        if each.setting not in UNTOUCHED
    }
    gone = {where for change, where, _ in touched if change == "removed"}
    assert all(change in {"added", "removed"} for change, _, _ in touched), touched
    assert gone <= {"ONB2__Invoice__c.ONB2__Note__c"}


@pytest.mark.parametrize("case", CASES)
def test_only_what_changed_waits_for_a_person(case: str) -> None:
    """One field is looked at again, everything else stays approved."""
    again = planned_again(case)
    waiting = unapproved(standings(again, grounds(CASES[case]())))
    assert len(waiting) == (0 if case == "field_vanished" else 1)
    if waiting and waiting[0].entry.status is not Status.PROPOSED:
        codes = [each.code for each in waiting[0].entry.findings]
        assert "changed-field" in codes


@pytest.mark.parametrize("case", CASES)
def test_a_third_time_changes_nothing(case: str) -> None:
    """The mark stays until somebody looks, and is not repeated."""
    again = planned_again(case)
    from migrator.rules.planning import plan
    from tests.replan.cases import MIGRATION

    assert plan(CASES[case](), MIGRATION, previous=again) == again


def test_nothing_changed_changes_nothing() -> None:
    """The describe as it was leaves every approval as it is."""
    assert not unapproved(standings(approved(), grounds(CASES["field_added"]())))
