"""
The product's table of kinds and the emulator's tables of types say the same.

Each was written from the platform's documentation without the other, so a slip in one
shows here under its name. What only one of them asks is nobody's business here.
"""

from __future__ import annotations

import pytest

from migrator.emulator.schema.field_types import API_TYPES, CUSTOM_TYPES, Holds
from migrator.model.kinds.described import DESCRIBED
from migrator.model.kinds.row import Argument, Extent, Family
from migrator.model.kinds.table import KINDS, Kind

FAMILIES = {
    Holds.TEXT: Family.TEXT,
    Holds.EMAIL: Family.TEXT,
    Holds.CHOICE: Family.PICKLIST,
    Holds.CHOICES: Family.MULTISELECT,
    Holds.NUMBER: Family.NUMBER,
    Holds.WHOLE_NUMBER: Family.NUMBER,
    Holds.FLAG: Family.CHECKBOX,
    Holds.DAY: Family.DATE,
    Holds.MOMENT: Family.DATE_TIME,
    Holds.TIME: Family.TIME,
    Holds.ID: Family.REFERENCE,
}
"""What the one calls what the other calls a family."""
MADE = sorted(kind for kind, row in KINDS.items() if row.is_own_field)


@pytest.mark.parametrize(
    "word", sorted(each for each in API_TYPES if not DESCRIBED[each].skipped)
)
def test_a_described_type_holds_the_same_in_both(word: str) -> None:
    """A text is a text for both, a number a number, and a number has digits."""
    family = DESCRIBED[word].family
    assert family is FAMILIES[API_TYPES[word].holds]
    assert (DESCRIBED[word].extent is Extent.DIGITS) == (family is Family.NUMBER)


def test_the_org_describes_nothing_that_the_product_does_not_know() -> None:
    """Compounds and files too: they have a reason to be left."""
    assert set(API_TYPES) <= set(DESCRIBED)


@pytest.mark.parametrize("kind", MADE)
def test_a_kind_is_the_same_for_both(kind: Kind) -> None:
    """What its values are, its lengths, digits, lines and values."""
    ours, theirs = KINDS[kind], CUSTOM_TYPES[kind.value]
    holds = API_TYPES[theirs.api].holds
    assert ours.family is FAMILIES.get(holds, Family.LOCATION)
    assert ours.arguments.get(Argument.LENGTH) == theirs.lengths
    assert (Argument.PRECISION in ours.arguments) == theirs.has_digits
    lines = ours.lines and (ours.lines.least, ours.lines.most)
    assert lines == theirs.lines
    assert (ours.lines and ours.lines.usual) == theirs.shown_lines
    assert (ours.most_values or 0) == theirs.most_values
    assert ours.is_long == theirs.is_long_text
    if ours.room is not None and ours.family is Family.TEXT:
        assert ours.room == theirs.length


@pytest.mark.parametrize("kind", MADE)
def test_what_is_printed_is_taken(kind: Kind) -> None:
    """No element that the org refuses of the type, none missing that it needs."""
    ours, theirs = KINDS[kind].elements, CUSTOM_TYPES[kind.value]
    assert set(theirs.needs.split()) <= ours
    assert ("unique" in ours) <= theirs.may_be_unique
