"""
`probe.json`: an org's answers, the same bytes for the same answers.
"""

from __future__ import annotations

import json
from typing import Any

from migrator.documents.json_text import read_json
from migrator.errors import InputError
from migrator.model.probe import Answer, Point, ProbeReport, Told

VERSION = 1
_HINT = "`migrator probe --org ORG --execute` writes it"


def probe_json(report: ProbeReport) -> str:
    """
    Return the text of `probe.json`: `org`, then `points` in the order of the table.

    It names no org and no user: two runs against one kind of org differ only where
    the org's answers do.
    """
    content = {
        "version": VERSION,
        "org": {
            "organization_type": report.organization_type,
            "is_sandbox": report.is_sandbox,
            "api_version": report.api_version,
        },
        "points": [_spelled(each) for each in report.answers],
        "left_behind": list(report.left_behind),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_probe(text: str, *, file: str) -> ProbeReport:
    """
    Return the report that *text* holds.

    Raises DescribeError when it is no JSON, InputError when it is no probe's.
    """
    content = read_json(text, file=file, hint=_HINT)
    try:
        if content["version"] != VERSION:
            raise InputError(
                f"{file}: version {content['version']}; this program reads {VERSION}",
                hint="run the probe again with this program",
            )
        org = content["org"]
        return ProbeReport(
            organization_type=str(org["organization_type"]),
            is_sandbox=bool(org["is_sandbox"]),
            api_version=str(org["api_version"]),
            answers=tuple(_read(each) for each in content["points"]),
            left_behind=tuple(map(str, content["left_behind"])),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"{file}: this is no probe.json", hint=_HINT) from error


def _spelled(answer: Answer) -> dict[str, Any]:
    point = answer.point
    return {
        "id": point.id,
        "family": point.family,
        "question": point.question,
        "relied_on_by": point.relied_on_by,
        "expected": point.expected,
        "observed": answer.observed,
        "evidence": answer.evidence,
        "verdict": answer.told.value,
        "why": answer.why,
        "needs": point.needs,
    }


def _read(entry: dict[str, Any]) -> Answer:
    point = Point(
        id=str(entry["id"]),
        family=str(entry["family"]),
        question=str(entry["question"]),
        relied_on_by=str(entry["relied_on_by"]),
        expected=str(entry["expected"]),
        needs=str(entry["needs"]),
    )
    return Answer(
        point=point,
        observed=str(entry["observed"]),
        evidence=str(entry["evidence"]),
        told=Told(str(entry["verdict"])),
        why=str(entry["why"]),
    )
