"""
The table of points, and how answers are judged and laid side by side.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.documents.report.probe_json import probe_json, read_probe
from migrator.errors import InputError
from migrator.model.probe import Answer, Observation, ProbeReport, Told
from migrator.rules.probe import POINTS, compare_reports, judged

ROOT = Path(__file__).resolve().parents[4]
FAMILIES = ["values", "nulls", "owners", "links", "schema", "files", "package"]
TO_COME = "the verb files"
ANY, OTHER = POINTS[0], POINTS[1]
NEEDY = next(point for point in POINTS if point.needs)


def answer(*observations: Observation, point: str = ANY.id, **troubles: str) -> Answer:
    """
    What is made of *observations* and *troubles* at one point.
    """
    found = judged(observations, troubles)
    return next(each for each in found if each.point.id == point)


def a_report(*observations: Observation) -> ProbeReport:
    """
    The report of a developer org that showed *observations*.
    """
    return ProbeReport(
        organization_type="Developer Edition",
        is_sandbox=False,
        api_version="66.0",
        answers=judged(observations, {}),
    )


def test_points_are_named_once_and_sorted_by_family() -> None:
    """Ids stay the same for ever, and are words with hyphens."""
    ids = [point.id for point in POINTS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in ids)
    assert list(dict.fromkeys(point.family for point in POINTS)) == FAMILIES
    assert all(point.question.endswith("?") for point in POINTS)


@pytest.mark.parametrize(
    "place",
    sorted({each.relied_on_by.partition(":")[0] for each in POINTS} - {TO_COME}),
)
def test_what_a_point_is_relied_on_by_exists(place: str) -> None:
    """The module or template that would be wrong is there."""
    stem = ROOT / ("" if place.startswith("templates/") else "migrator") / place
    suffixes = ("", ".py", ".xml.j2")
    assert any(stem.with_name(stem.name + each).exists() for each in suffixes), place


@pytest.mark.parametrize(
    "page", ["migrator/emulator/COVERAGE.md", "docs/architecture.md"]
)
def test_points_that_pages_name_exist(page: str) -> None:
    """`(probe: ...)` in a page leads to the table."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {
        each.strip()
        for found in re.findall(r"\(probe: ([^)]*)\)", text)
        for each in found.split(",")
    }
    assert named
    assert named <= {point.id for point in POINTS}


def test_the_expected_answer_is_as_assumed() -> None:
    """And any other one differs."""
    right = answer(Observation(point=ANY.id, value=ANY.expected))
    wrong = answer(Observation(point=ANY.id, value="something else"))
    assert (right.told, wrong.told) == (Told.AS_ASSUMED, Told.DIFFERS)


def test_a_missing_thing_is_a_need() -> None:
    """What is declared does not ask for a person, a mishap does."""
    lacking = Observation(point=NEEDY.id, value="", missing=NEEDY.needs)
    declared = answer(lacking, point=NEEDY.id)
    mishap = answer(point=ANY.id, **{ANY.id: "the org hung up"})
    assert declared.why == f"needs {NEEDY.needs}"
    assert declared.is_declared
    assert mishap.why == "the org hung up"
    assert not mishap.is_declared


def test_a_point_nobody_answered_is_open() -> None:
    """A forgotten experiment shows."""
    assert answer().told is Told.COULD_NOT_TELL
    assert not answer().is_declared


def test_reports_are_compared_by_what_was_observed() -> None:
    """Evidence may differ; an answer against none is a difference."""
    seen = Observation(point=ANY.id, value="kept", evidence="one")
    said = replace(seen, evidence="two")
    assert compare_reports(a_report(seen), a_report(said)) == ()
    other = Observation(point=OTHER.id, value="the job fails")
    (found,) = compare_reports(a_report(seen), a_report(said, other))
    assert (found.point, found.theirs) == (OTHER.id, "the job fails")


def test_a_report_is_read_back() -> None:
    """Every word of it."""
    report = a_report(Observation(point=ANY.id, value="kept", evidence="ä"))
    assert read_probe(probe_json(report), file="probe.json") == report


def test_another_version_is_refused() -> None:
    """With both versions named."""
    text = probe_json(a_report()).replace('"version": 1', '"version": 9')
    with pytest.raises(InputError, match="version 9; this program reads 1"):
        read_probe(text, file="probe.json")
