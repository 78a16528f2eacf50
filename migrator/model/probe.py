"""
What only a real org knows: the points this program relies on, and an org's answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PROBE_MARKER = "[migrator probe]"
"""What the descriptions of everything the probe deploys end with."""


class Told(StrEnum):
    """
    How an org's answer stands to what the program assumes.
    """

    AS_ASSUMED = "as assumed"
    DIFFERS = "differs"
    COULD_NOT_TELL = "could not tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """
    One question, and the answer that the program is written for.
    """

    id: str
    """A slug that stays the same: files and other pages name points by it."""
    family: str
    """`values`, `nulls`, `owners`, `links`, `schema`, `files` or `package`."""
    question: str
    relied_on_by: str
    """The module that would be wrong if the answer were another one."""
    expected: str
    needs: str = ""
    """What an org must have for the point to be answered; empty: every org answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """
    What one experiment saw.
    """

    point: str
    value: str
    """The answer in short, empty when the org did not show it."""
    evidence: str = ""
    """The org's own words or the probe's own value, ids left out."""
    missing: str = ""
    """What this org lacks; only for points that declare a need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    One point as one org answers it.
    """

    point: Point
    observed: str
    evidence: str
    told: Told
    why: str = ""
    """Why the org could not tell: `needs ...`, or what went wrong."""

    @property
    def is_declared(self) -> bool:
        """
        True unless the point stayed open although nothing was missing.
        """
        return self.told is not Told.COULD_NOT_TELL or self.why.startswith("needs ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """
    Every point, in the order of the table, as one org answered it.
    """

    organization_type: str
    is_sandbox: bool
    api_version: str
    answers: tuple[Answer, ...]
    left_behind: tuple[str, ...] = ()
    """What could not be taken away again, each with its type and name."""

    def counted(self, told: Told) -> int:
        """
        How many points were answered like that.
        """
        return sum(each.told is told for each in self.answers)

    @property
    def is_settled(self) -> bool:
        """
        True when nothing differs and every open point says what it needs.
        """
        return all(
            each.told is not Told.DIFFERS and each.is_declared for each in self.answers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """
    One point that two orgs answer differently; empty where one has no such point.
    """

    point: str
    ours: str
    theirs: str
