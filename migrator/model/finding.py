"""
Findings: what a person should know about an object or a field, as data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.names import ApiName


class Level(StrEnum):
    """
    How much a finding asks of the reader.
    """

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One remark, shown in the mapping, the review and the reports alike.
    """

    level: Level
    code: str
    """A short stable word for the rule, for instance `type-without-data`."""
    message: str
    """One sentence, without record values."""
    object: ApiName | None = None
    """The source object; None when the finding is about the whole migration."""
    field: ApiName | None = None
    """The source field; None when the finding is about the object."""
    remedy: str = ""
    """What to do about it, as a command or a change in a file."""

    @property
    def where(self) -> str:
        """
        `Object.Field`, as far as the finding names them.
        """
        return ".".join(part for part in (self.object, self.field) if part)


def blockers(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """
    Those of *findings* that stop the work.
    """
    return tuple(each for each in findings if each.level is Level.BLOCKER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """
    A finding that does not know yet which field it is about.
    """

    level: Level
    code: str
    message: str
    remedy: str = ""

    def about(self, owner: ApiName, field: ApiName) -> Finding:
        """
        The same as a finding about *field* of the source object *owner*.
        """
        return Finding(
            level=self.level,
            code=self.code,
            message=self.message,
            remedy=self.remedy,
            object=owner,
            field=field,
        )


NEW_FIELD = "new-field"
VANISHED_FIELD = "vanished-field"
