"""
Treatments: what becomes of one source field, one row each.

What is asked of a treatment all over the program is a column here. What a plan
proposes, and what converts or compares the values, decides about single treatments by
itself.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from enum import StrEnum


class Treatment(StrEnum):
    """
    What becomes of one source field.
    """

    COPY = "copy"
    FREEZE = "freeze"
    PARENT = "parent"
    LOOKUP = "lookup"
    SNAPSHOT = "snapshot"
    SYSTEM = "system"
    SKIP = "skip"

    @property
    def row(self) -> TreatmentRow:
        """
        What is known of the treatment.
        """
        return TREATMENTS[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentRow:
    """
    The questions that are asked of a treatment.
    """

    words: str
    """What arrives, for the head of `mapping.yaml`, the page and the documentation."""
    carries: bool = True
    """False when nothing arrives: such an entry has no target and no type."""
    links: bool = False
    """The type is a lookup or a master-detail, and no other type would do."""
    keeps_values: bool = False
    """
    The source's own values arrive, in a type that may have too little room for them
    (`loses:`), or others in their place (`rule:`).
    """
    takes_help: bool = True
    """The help text of the source field is told at the new one too."""
    siblings: tuple[str, ...] = ()
    """What texts beside the target keep of a referenced record: `Id`, `Name`."""
    light: str
    """The colour of the bars on the page, on light paper."""
    dark: str
    """The same on dark paper."""


TREATMENTS: abc.Mapping[Treatment, TreatmentRow] = {
    Treatment.COPY: TreatmentRow(
        words="the same kind of field, the same value",
        keeps_values=True,
        light="#3f78b5",
        dark="#4f8ed1",
    ),
    Treatment.FREEZE: TreatmentRow(
        words="a formula, roll-up or auto number kept as a plain value",
        keeps_values=True,
        light="#7aa6d6",
        dark="#2f5f93",
    ),
    # The org resolves the link itself, through the `Origin_Id__c` of the parent's copy.
    Treatment.PARENT: TreatmentRow(
        words="a link to another copied record",
        links=True,
        siblings=("Id",),
        light="#1f7a5c",
        dark="#35a37d",
    ),
    Treatment.LOOKUP: TreatmentRow(
        words="a link to a record that stays, its id and name kept as text beside it",
        links=True,
        siblings=("Id", "Name"),
        light="#63ad92",
        dark="#1e6a50",
    ),
    # The id is the value itself; only the name stands beside it.
    Treatment.SNAPSHOT: TreatmentRow(
        words="a record that stays behind: its id and name as text",
        siblings=("Name",),
        light="#c08a2e",
        dark="#b98227",
    ),
    Treatment.SYSTEM: TreatmentRow(
        words="owner, audit fields, currency",
        takes_help=False,
        light="#8b8f96",
        dark="#767c84",
    ),
    Treatment.SKIP: TreatmentRow(
        words="not carried over",
        carries=False,
        takes_help=False,
        light="#cfd2d6",
        dark="#3c434b",
    ),
}
"""In the order in which tables and bars show them."""

CARRYING_NOTHING = tuple(each for each in Treatment if not each.row.carries)
"""What an entry without target and type has."""
