"""
How records are shown: the sections of a layout and the lists of the source object.

All fields are source fields; what they became is looked up when components are made, so
that a renamed target stays in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.names import ApiName

EVERYTHING = "Everything"
"""The only scope of a list that an archive has: its records have one owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    A titled part of a page layout.
    """

    label: str
    left: tuple[ApiName, ...] = ()
    right: tuple[ApiName, ...] = ()
    columns: int = 2
    """1 or 2; a section with one column has nothing on the right."""

    def __str__(self) -> str:
        """
        Return the section in words, as a comparison of two mappings shows it.
        """
        return f"{self.label} ({', '.join((*self.left, *self.right))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLayout:
    """
    A page layout of the source object.
    """

    name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFilter:
    """
    One condition of a list view, in the Metadata API's words.
    """

    field: ApiName
    operation: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """
    A list view of the source object.
    """

    name: str
    label: str
    columns: tuple[ApiName, ...] = ()
    filters: tuple[ViewFilter, ...] = ()
    logic: str = ""
    """How the filters go together, `1 AND (2 OR 3)`; all of them when empty."""
    scope: str = EVERYTHING

    def __str__(self) -> str:
        """
        Return the list in words, as a comparison of two mappings shows it.
        """
        return f"{self.label} ({', '.join(self.asked)})"

    @property
    def asked(self) -> tuple[ApiName, ...]:
        """
        Every field that the list shows or asks for, each once.
        """
        return tuple(dict.fromkeys((*self.columns, *(f.field for f in self.filters))))
