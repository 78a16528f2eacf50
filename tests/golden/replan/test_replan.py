"""
Planning again: what was approved stays, what changed under it is said.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.finding import blockers
from migrator.model.mapping import Mapping, Status
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.review.approval import standings, unapproved
from tests.builders.reviews import grounds
from tests.golden.files import FOLDERS
from tests.golden.replan.cases import (
    BEFORE,
    CASES,
    NOTE,
    approved,
    changes,
    planned,
    planned_again,
)

UNTOUCHED = {"status"}


def test_there_are_twelve_kinds() -> None:
    """Each is a golden folder, compared to the byte like every other one."""
    assert len(CASES) == 12
    assert {f"replan/{case}" for case in CASES} <= set(FOLDERS)


@pytest.mark.parametrize("case", CASES)
def test_every_approved_decision_stays(case: str) -> None:
    """Only the status may change, and fields may come; no entry goes."""
    touched = {
        (each.change.value, each.where, each.setting)
        for each in changes(case)
        if each.setting not in UNTOUCHED
    }
    assert all(change == "added" for change, _, _ in touched), touched


@pytest.mark.parametrize("case", CASES)
def test_only_what_changed_waits_for_a_person(case: str) -> None:
    """One field is looked at again, everything else stays approved."""
    again = planned_again(case)
    waiting = unapproved(standings(again, grounds(CASES[case]())))
    assert len(waiting) == (2 if case == "field_renamed" else 1)
    names = {each.name for each in waiting}
    entries = (entry for each in again.objects for entry in each.fields)
    codes = {
        f.code for entry in entries if entry.source in names for f in entry.findings
    }
    expected = {"field_added": "new-field", "field_vanished": "vanished-field"}
    expected["field_renamed"] = "vanished-field"
    assert expected.get(case, "changed-field") in codes


def test_a_vanished_field_is_given_up_by_a_person_alone() -> None:
    """Its entry blocks until it is skipped or removed, and returns with its field."""
    gone = CASES["field_vanished"]()
    again = planned_again("field_vanished")
    found = blockers((*again.findings, *check(again, gone)))
    assert [(each.code, each.field) for each in found] == [
        ("vanished-field", "ONB2__Note__c")
    ]
    skipped = planned(gone, _with_note(again, skip=True))
    assert not blockers((*skipped.findings, *check(skipped, gone)))
    removed = planned(gone, _with_note(again, skip=False))
    assert removed.objects[0].entry(NOTE.name) is None
    back = planned(BEFORE, again).objects[0].entry(NOTE.name)
    before = approved().objects[0].entry(NOTE.name)
    assert before is not None
    assert back == replace(before, status=Status.CHANGED)


def _with_note(mapping: Mapping, *, skip: bool) -> Mapping:
    """The note skipped by a person, or without it."""
    invoice, *others = mapping.objects
    fields = (
        replace(entry, treatment=Treatment.SKIP, target=None, type=None, label="")
        if entry.source == NOTE.name
        else entry
        for entry in invoice.fields
        if skip or entry.source != NOTE.name
    )
    return replace(mapping, objects=(replace(invoice, fields=tuple(fields)), *others))


@pytest.mark.parametrize("case", CASES)
def test_a_third_time_changes_nothing(case: str) -> None:
    """The mark stays until somebody looks, and is not repeated."""
    again = planned_again(case)
    assert planned(CASES[case](), again) == again


def test_nothing_changed_changes_nothing() -> None:
    """The describe as it was leaves every approval as it is."""
    assert not unapproved(standings(approved(), grounds(CASES["field_added"]())))
