"""
Findings: what a person should know about an object or a field, as data.

Every finding is made from a row of the register in `model.codes`: the row says how
much it asks of the reader, in which words, and what to do; the rule that found it says
where.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    """
    The `Code.word` of the register. A word, because `mapping.yaml` keeps findings and
    an older version of the program may have written a word that no row has any more.
    """
    message: str
    """One sentence, without record values."""
    object: ApiName | None = None
    """The source object; None when the finding is about the whole migration."""
    field: ApiName | None = None
    """The source field; None when the finding is about the object."""
    remedy: str = ""
    """What to do about it, as a command or a change in a file."""
    setting: str = dataclasses.field(default="", compare=False)
    """
    The setting of the object or entry that it is about; empty for the whole of it.
    `mapping.yaml` does not keep it, who reads the file takes it from the register: so
    it does not tell two findings apart, and a plan that says the same is not written.
    """

    @property
    def where(self) -> str:
        """
        `Object.Field`, as far as the finding names them.
        """
        return ".".join(part for part in (self.object, self.field) if part)

    def at(
        self, owner: ApiName, field: ApiName | None = None, *, setting: str = ""
    ) -> Finding:
        """
        Return the same about *field* of the source object *owner*, or about the object;
        a *setting* takes the place of the one that the code is usually about.
        """
        return replace(self, object=owner, field=field, setting=setting or self.setting)

    def lowered(self, level: Level) -> Finding:
        """
        Return the same for a reader from whom it asks no more than *level*.
        """
        return replace(self, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """
    One row of the register: all that holds for every finding of its kind.
    """

    word: str
    """Short and stable, for instance `type-without-data`; scripts look for it."""
    level: Level
    sentence: str
    """What is said, with the parts that differ from finding to finding in braces."""
    remedy: str = ""
    """What to do about it, with parts of the same names."""
    setting: str = ""
    """The setting of `mapping.yaml` that it is about, if it is about a single one."""
    means: str
    """One line for `docs/findings.md`: when it is said, or why it matters."""

    def __call__(self, **parts: object) -> Finding:
        """
        Return a finding of this code, about nothing yet, with the *parts* of its
        sentence.
        """
        return Finding(
            level=self.level,
            code=self.word,
            message=self.sentence.format(**parts),
            remedy=self.remedy.format(**parts),
            setting=self.setting,
        )

    def is_among(self, findings: Iterable[Finding]) -> bool:
        """
        Return True when one of *findings* is of this code.
        """
        return any(each.code == self.word for each in findings)


def blockers(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Those of *findings* that stop the work.
    """
    return tuple(each for each in findings if each.level is Level.BLOCKER)


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Return *findings* in their order, each once: what the mapping keeps from the day it
    was planned is found again by whoever checks it.
    """
    found: dict[tuple[str | None, ...], Finding] = {}
    for each in findings:
        key = (each.object, each.field, each.code, each.message)
        found.setdefault(key, each)
    return tuple(found.values())
