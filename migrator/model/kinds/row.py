"""
What one row of the tables consists of: the questions that are asked of a kind.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from enum import StrEnum


class Family(StrEnum):
    """
    What the values of a kind are, whatever the field is called.
    """

    TEXT = "text"
    """The declared text rule applies to it and to no other family."""
    NUMBER = "number"
    CHECKBOX = "checkbox"
    DATE = "date"
    DATE_TIME = "date-time"
    TIME = "time"
    PICKLIST = "picklist"
    MULTISELECT = "multi-select picklist"
    REFERENCE = "reference"
    """Ids of records."""
    LOCATION = "location"
    """Two numbers under one name; only its parts are written and read."""
    OTHER = "other"
    """Nothing that a custom field could hold, or nothing that we make."""


class Argument(StrEnum):
    """
    What stands in the brackets of a spelled type, as messages call it.
    """

    LENGTH = "length"
    PRECISION = "precision"
    SCALE = "scale"
    OBJECT = "Object"
    NOTATION = "notation"
    MASK_TYPE = "mask type"
    MASK_CHARACTER = "mask character"


CHOICES: abc.Mapping[Argument, tuple[str, ...]] = {
    Argument.NOTATION: ("decimal", "degrees"),
    # EncryptedFieldMaskType: which characters of a value others see (Metadata API).
    Argument.MASK_TYPE: ("all", "creditCard", "ssn", "lastFour", "sin", "nino"),
    Argument.MASK_CHARACTER: ("asterisk", "X"),
}
"""The words of those arguments that are one of several."""


class Section(StrEnum):
    """
    The sections of a page layout, in their order.
    """

    IDENTITY = "Identity"
    DATES = "Dates"
    AMOUNTS = "Amounts"
    ADDRESSES = "Addresses"
    REFERENCES = "References"
    TEXTS = "Texts"
    ORIGIN = "Origin"


class Summed(StrEnum):
    """
    Whether the values of a kind add up to a total that says something.
    """

    ALWAYS = "always"
    FROZEN = "frozen"
    """Where they are results: roll-ups and formulas, kept as they were."""
    NEVER = "never"


class Extent(StrEnum):
    """
    How a profile says what room the values of a column take.
    """

    LENGTH = "length"
    """The longest text."""
    DIGITS = "digits"
    """Digits and decimals."""
    NOTHING = "nothing"
    """Every value takes the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """
    How many lines of a field can be visible.
    """

    least: int
    most: int
    usual: int
    """What the setup pages propose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """
    Everything that is known of one kind of target field.
    """

    family: Family
    arguments: abc.Mapping[Argument, tuple[int, int] | None] = field(
        default_factory=dict
    )
    """What its spelling has in brackets; of a number the least and greatest legal."""
    room: int | None = None
    """Characters that a value may have, where no argument says it."""
    takes_any_text: bool = False
    """True for kinds that hold the value of any other kind, spelled as text."""
    is_one_line: bool = False
    """True for texts whose line breaks the platform replaces with blanks."""
    is_masked: bool = False
    """True where most people see signs in place of the value."""
    nullable: bool = True
    """False for kinds of which every record has a value."""
    most_values: int | None = None
    """Values that a picklist may offer; None for kinds that offer none."""

    elements: frozenset[str] = frozenset()
    """What its metadata has beside fullName, description, inlineHelpText, label and
    type, always."""
    optional: frozenset[str] = frozenset()
    """The same for some fields of the kind alone."""
    lines: Lines | None = None
    """The visible lines, for kinds whose metadata has to say them."""
    template: str = "metadata/fields/{kind}.xml.j2"
    """What prints it."""
    is_own_field: bool = True
    """False for kinds that come with the object: nothing is made."""
    places: int = 1
    """How many of the object's custom fields it counts as."""
    is_long: bool = False
    """True where the object's allowance of long text pays for its length."""

    section: Section = Section.IDENTITY
    """Where the layout shows it, when nothing else says so."""
    may_be_address: bool = False
    """True for kinds that go among the addresses when they are called like a part of
    one."""
    is_listed: bool = True
    """False for kinds that are no column of a list."""
    summed: Summed = Summed.NEVER
    source: str = "Metadata API, CustomField"
    """The page that says what its metadata consists of."""

    def visible_lines(self, wanted: int = 0) -> int:
        """
        How tall a field is shown: as *wanted* within the legal range, without a wish
        what the setup pages propose; 0 for kinds that have one line.
        """
        if self.lines is None:
            return 0
        fitting = min(max(wanted, self.lines.least), self.lines.most)
        return fitting if wanted else self.lines.usual

    @property
    def may_be_unique(self) -> bool:
        """
        True for kinds whose metadata can say so.
        """
        return "unique" in self.elements

    @property
    def may_be_case_sensitive(self) -> bool:
        """
        True for kinds whose unique values may differ in case alone.
        """
        return "caseSensitive" in self.optional
