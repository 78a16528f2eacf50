"""
What an org said to one write, and what that makes of a point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from migrator.model.probe import Observation
from migrator.model.records import JobInfo, RowFailure
from migrator.org.deployment import DeployReport
from migrator.org.rest import Reply, refusal
from migrator.rules.probe import POINTS

SERVER_ERROR = 500
NEEDS = {each.id: each.needs for each in POINTS}
"""By point: what an org must have to answer it."""

_ID = re.compile(r"\b(?=[A-Za-z]*\d)(?!\d+\b)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    What the org said to one write: the record's id, or a code and a sentence.
    """

    id: str = ""
    code: str = ""
    message: str = ""

    @property
    def verdict(self) -> str:
        """
        `taken` or `refused: CODE`.
        """
        return f"refused: {self.code}" if self.code else "taken"

    @property
    def evidence(self) -> str:
        """
        The org's code and sentence without ids.
        """
        return without_ids(f"{self.code}: {self.message}") if self.code else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """
    How an ingest job ended.
    """

    job: JobInfo
    failures: tuple[RowFailure, ...]
    echo: tuple[dict[str, str], ...]
    """The rows of `successfulResults`."""
    raw_errors: tuple[str, ...]
    """The cells `sf__Error` of `failedResults`."""

    @property
    def verdict(self) -> str:
        """
        `taken`, `refused: CODE` of the first refused row, or `the job fails`.
        """
        if not self.job.state.is_final or self.job.error_message:
            return "the job fails"
        return f"refused: {self.failures[0].code}" if self.failures else "taken"

    @property
    def evidence(self) -> str:
        """
        The job's own words, or those of its first refused row.
        """
        if self.job.error_message:
            return without_ids(self.job.error_message)
        return without_ids(self.raw_errors[0]) if self.raw_errors else ""


def seen(point: str, value: str, evidence: str = "") -> Observation:
    """
    Return an observation that answers *point*.
    """
    return Observation(point=point, value=value, evidence=evidence)


def lacking(point: str, missing: str, evidence: str = "") -> Observation:
    """
    Return an observation that leaves *point* open because the org has no *missing*.
    """
    return Observation(point=point, value="", missing=missing, evidence=evidence)


def without_ids(text: str) -> str:
    """
    *text* with record ids, which differ each time, written as `<id>`.
    """
    return _ID.sub("<id>", text)


def deploy_words(report: DeployReport) -> str:
    """
    Why a deployment failed, in the org's words.
    """
    problems = "; ".join(each.problem for each in report.errors)
    return without_ids(problems or report.message or report.status)


def read_said(reply: Reply) -> Said:
    """
    Return what the org said in *reply*; raised when it is no answer to what was tried.
    """
    if reply.status >= SERVER_ERROR or reply.status == HTTPStatus.UNAUTHORIZED:
        raise refusal(reply)
    body: Any = reply.json() if reply.content else {}
    first: Any = body[0] if isinstance(body, list) and body else body
    said = first if isinstance(first, dict) else {}
    if reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return Said(id=str(said.get("id") or ""))
    return Said(
        code=str(said.get("errorCode") or f"HTTP_{reply.status}"),
        message=str(said.get("message") or ""),
    )


def last_words(message: str) -> str:
    """
    Return the org's own sentence behind the words that name the request.
    """
    return message.rpartition(": ")[2]
