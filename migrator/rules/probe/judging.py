"""
From what experiments saw to verdicts, and from two reports to their disagreements.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable

from migrator.model.probe import (
    Answer,
    Disagreement,
    Observation,
    Point,
    ProbeReport,
    Told,
)
from migrator.rules.probe.points_files import FILES
from migrator.rules.probe.points_links import LINKS
from migrator.rules.probe.points_nulls import NULLS
from migrator.rules.probe.points_owners import OWNERS
from migrator.rules.probe.points_package import PACKAGE
from migrator.rules.probe.points_schema import SCHEMA
from migrator.rules.probe.points_values import VALUES

POINTS = (*VALUES, *NULLS, *OWNERS, *LINKS, *SCHEMA, *FILES, *PACKAGE)
"""Every point, in the order of reports."""

NOT_ASKED = "no experiment answered it"


def judged(
    observations: Iterable[Observation], troubles: abc.Mapping[str, str]
) -> tuple[Answer, ...]:
    """
    Return an answer for each of `POINTS`; *troubles* says by point id what went wrong.

    The last observation of a point counts.
    """
    seen = {each.point: each for each in observations}
    return tuple(
        _judged(point, seen.get(point.id), troubles.get(point.id, NOT_ASKED))
        for point in POINTS
    )


def _judged(point: Point, seen: Observation | None, trouble: str) -> Answer:
    if seen is None:
        return _open(point, trouble)
    if not seen.value:
        needed = f"needs {seen.missing}" if seen.missing else "the org did not show it"
        return _open(point, needed, seen.evidence)
    fits = seen.value == point.expected
    return Answer(
        point=point,
        observed=seen.value,
        evidence=seen.evidence,
        told=Told.AS_ASSUMED if fits else Told.DIFFERS,
    )


def _open(point: Point, why: str, evidence: str = "") -> Answer:
    return Answer(
        point=point,
        observed="",
        evidence=evidence,
        told=Told.COULD_NOT_TELL,
        why=why,
    )


def compare_reports(ours: ProbeReport, theirs: ProbeReport) -> tuple[Disagreement, ...]:
    """
    Return the points that two orgs answer differently, in the order of *ours*.

    Only what was observed is compared: an org's words differ in ids and language. A
    point that one of them could not tell disagrees with every answer.
    """
    mine, others = _by_point(ours), _by_point(theirs)
    return tuple(
        Disagreement(
            point=point, ours=mine.get(point, ""), theirs=others.get(point, "")
        )
        for point in dict.fromkeys((*mine, *others))
        if mine.get(point) != others.get(point)
    )


def _by_point(report: ProbeReport) -> dict[str, str]:
    return {each.point.id: each.observed or each.why for each in report.answers}
