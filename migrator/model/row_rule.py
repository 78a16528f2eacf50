"""
Which records are carried over: conditions that a consultant writes, and their counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from migrator.model.names import ApiName


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """
    One question to one source field; exactly one of the operators is given.
    """

    field: ApiName
    is_: tuple[str, ...] = ()
    """One of these texts, to the letter."""
    is_not: tuple[str, ...] = ()
    """None of these texts; a blank field is none of them."""
    blank: bool = False
    not_blank: bool = False
    before: date | None = None
    """A day before this one, in UTC for a field with a time."""
    after: date | None = None
    """A day after this one."""

    @property
    def operators(self) -> tuple[str, ...]:
        """
        The operators that are given, as they are spelled.
        """
        given = {
            "is": bool(self.is_),
            "is_not": bool(self.is_not),
            "blank": self.blank,
            "not_blank": self.not_blank,
            "before": self.before is not None,
            "after": self.after is not None,
        }
        return tuple(name for name, there in given.items() if there)

    def __str__(self) -> str:
        """
        Return the condition in words: `ONB2__Status__c is Draft`.
        """
        return " ".join((str(self.field), *self._words()))

    def _words(self) -> Iterator[str]:
        for name, texts in (("is", self.is_), ("is not", self.is_not)):
            if texts:
                yield f"{name} {' or '.join(texts)}"
        if self.blank:
            yield "is blank"
        if self.not_blank:
            yield "is not blank"
        for name, day in (("before", self.before), ("after", self.after)):
            if day is not None:
                yield f"is {name} {day.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """
    How many records were left out for one reason.
    """

    reason: str
    records: int
    by: str = ""
    """Who approved the rule, for the report."""
    note: str = ""


def inherited_reason(field: ApiName) -> str:
    """
    Return the reason of a record whose mandatory parent, named by *field*, is left out.
    """
    return f"the record of {field} is left out"
