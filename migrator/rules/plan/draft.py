"""
What decisions about one field look at, and what they come to.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.mapping import ParentLink
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.treatment import Treatment
from migrator.rules.extract.name_paths import name_path

Profile = abc.Mapping[tuple[ApiName, str], Observed]
"""What the extract shows, by source object and extract column (SOQL path)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    What decisions about the fields of one object may look at.
    """

    describe: ObjectDescribe
    describes: abc.Mapping[ApiName, ObjectDescribe]
    """The other objects, as far as they are known."""
    namespace: str
    targets: abc.Mapping[ApiName, ApiName]
    """By migrated source object: its target object."""
    parent_link: ParentLink
    observed: Profile | None
    """None when there is no extract of the object."""

    def seen(self, path: str) -> Observed | None:
        """
        Return what the extract shows about the column *path* of this object.
        """
        if self.observed is None:
            return None
        return self.observed.get((self.describe.name, path))

    def name_path(self, field: FieldDescribe) -> str:
        """
        Where the name of the record that *field* points at is read; empty for nowhere.

        An extract holds the names its user could step to, and no other can be kept.
        """
        path = name_path(field, self.describes)
        extracted = self.observed is None or self.seen(path) is not None
        return path if extracted else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    An entry without the names that depend on its neighbours.
    """

    source: ApiName
    treatment: Treatment
    why: str
    type: FieldType | None = None
    values: tuple[str, ...] = ()
    unique: bool = False
    case_sensitive: bool = False
    visible_lines: int = 0
    target: ApiName | None = None
    """A name that is the same on every object; None when it is to be made."""
    name_target: ApiName | None = None
    name_source: str = ""
    end: str = ""
    """Ends the name that is to be made: `Id` for a reference kept as text."""
    siblings: tuple[str, ...] = ()
    """Further fields whose names are to be made: `Id`, `Name`."""
    is_reference: bool = False
    referred: ApiName | None = None
    """The source object that a parent or lookup points at."""
    location: ApiName | None = None
    """The source location that a latitude or longitude belongs to."""
    required: bool = False
    volatile: bool = False
    findings: tuple[Finding, ...] = ()
