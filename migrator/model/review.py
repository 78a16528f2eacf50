"""
The mapping as a reviewer meets it: each decision with its grounds, findings and status.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from migrator.model.finding import Finding, Level
from migrator.model.mapping import FieldMapping, MappedObject, RowRule, Status
from migrator.model.names import ApiName
from migrator.model.row_rule import Excluded

_LEVELS = (Level.BLOCKER, Level.WARNING, Level.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    One setting of one entry, or of an object when *field* is None.
    """

    object: ApiName
    field: ApiName | None
    setting: str
    value: str | None
    """The new text; None takes the setting out."""


class Change(StrEnum):
    """
    What happened to a setting, an entry or an object.
    """

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """
    One difference.
    """

    change: Change
    object: str = ""
    """The source object; empty for settings of the whole mapping."""
    field: str = ""
    """The source field; empty for settings of the object."""
    setting: str = ""
    """Empty when the whole object or entry came or went."""
    old: str = ""
    new: str = ""

    @property
    def where(self) -> str:
        """
        `Object.Field` as far as they are known.
        """
        return ".".join(part for part in (self.object, self.field) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEntry:
    """
    One field, ready to be shown.
    """

    object: ApiName
    entry: FieldMapping
    status: Status
    """What holds today, whatever the file's `status:` says."""
    reason: str
    """Why an approval does not hold any more."""
    source_label: str
    basis: str
    """What the describe says about the source field."""
    findings: tuple[Finding, ...] = ()
    profile: tuple[str, ...] = ()
    """What the extract shows, in words with counts; no record's value."""
    samples: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """
        `Object.Field`: what links and sheets find the entry by.
        """
        return f"{self.object}.{self.entry.source}"

    @property
    def worst(self) -> Level | None:
        """
        The highest level among the findings.
        """
        found = {each.level for each in self.findings}
        return next((level for level in _LEVELS if level in found), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRule:
    """
    One rule of `rows:`, ready to be shown.
    """

    name: str
    """`rows[1]`."""
    rule: RowRule
    status: Status
    reason: str
    """Why an approval does not hold any more."""
    records: int | None = None
    """What it leaves out of the extract, or would; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewObject:
    """
    One object with its fields.
    """

    mapped: MappedObject
    entries: tuple[ReviewEntry, ...]
    findings: tuple[Finding, ...]
    """About the object itself."""
    records: int | None = None
    """In the extract; None without one."""
    rules: tuple[ReviewRule, ...] = ()
    inherited: tuple[Excluded, ...] = ()
    """What goes with parents that are left out, if all rules are approved."""

    @property
    def treatments(self) -> Counter[str]:
        """
        How many fields are treated how.
        """
        return Counter(each.entry.treatment.value for each in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """
    The whole mapping.
    """

    migration_id: str
    namespace: str
    digest: str
    """Of the mapping, as reports print it."""
    objects: tuple[ReviewObject, ...]

    @property
    def entries(self) -> tuple[ReviewEntry, ...]:
        """
        Every field of every object.
        """
        return tuple(entry for each in self.objects for entry in each.entries)

    @property
    def statuses(self) -> Counter[str]:
        """
        How many fields stand where.
        """
        return Counter(each.status.value for each in self.entries)

    @property
    def levels(self) -> Counter[str]:
        """
        How many findings there are of each level.
        """
        of_fields = (f for each in self.entries for f in each.findings)
        of_objects = (f for each in self.objects for f in each.findings)
        return Counter(f.level.value for f in (*of_fields, *of_objects))
