"""
Value rules: what a consultant may put in the place of a source value, without code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.model.names import ApiName

KEEP, BLANK = "keep", "blank"
"""What `otherwise:` says besides a value of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRule:
    """
    One rule; exactly one of the actions is given.

    It sees texts as the mapping's text rule leaves them: line breaks LF, no outer
    blanks, empty is blank.
    """

    constant: str = ""
    """The same value for every record."""
    map: dict[str, str] = field(default_factory=dict)
    """Values by the source's values, to the letter; a blank field stays blank."""
    otherwise: str = KEEP
    """With `map` and `owners`, for a value not listed: keep, blank or a value."""
    default: str = ""
    """The value of a blank field."""
    truncate: int = 0
    """The first characters, so many; no blanks at the end."""
    concatenate: tuple[ApiName, ...] = ()
    """Source fields whose values are put together, blank ones left out."""
    separator: str = ""
    """What stands between them."""
    owners: dict[str, str] = field(default_factory=dict)
    """User ids by user ids: who owns the copy, where the object keeps owners."""

    @property
    def actions(self) -> tuple[str, ...]:
        """
        The actions that are given.
        """
        names = ("constant", "map", "default", "truncate", "concatenate", "owners")
        return tuple(name for name in names if getattr(self, name))

    @property
    def results(self) -> tuple[str, ...]:
        """
        The values that the rule itself brings.
        """
        given = (self.constant, self.default, *self.map.values())
        other = () if self.otherwise in {KEEP, BLANK} else (self.otherwise,)
        return tuple(value for value in (*given, *other) if value)

    def __str__(self) -> str:
        """
        Return the rule in words; two rules that differ have different words.
        """
        return ", ".join(self._words())

    def _words(self) -> Iterator[str]:
        if self.constant:
            yield f"constant {self.constant!r}"
        for name, table in (("map", self.map), ("owners", self.owners)):
            if table:
                pairs = "; ".join(f"{old!r} to {new!r}" for old, new in table.items())
                yield f"{name} {pairs}; others {self.otherwise!r}"
        if self.default:
            yield f"default {self.default!r}"
        if self.truncate:
            yield f"truncate to {self.truncate}"
        if self.concatenate:
            yield f"concatenate {' + '.join(self.concatenate)} by {self.separator!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """
    How many records a value rule changed.
    """

    field: ApiName
    """The source field."""
    rule: str
    records: int
    kept_in: ApiName | None = None
    """The target field that holds the untouched original, where there is one."""
    by: str = ""
    """Who approved the entry as it stands; empty when nobody has."""
    note: str = ""
    """What that person noted."""
