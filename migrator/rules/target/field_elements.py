"""
The kinds of field that are made: one row a kind, with what its metadata must say.

A row names the elements that a kind has beside those of all fields (fullName,
description, inlineHelpText, label, type), the legal ranges and the page that says so.
The partial template `metadata/fields/<kind>.xml.j2` prints exactly these elements.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.field_type import FieldType, Kind
from migrator.model.limits import (
    MAX_ENCRYPTED,
    MAX_LOCATION_SCALE,
    MAX_LONG_TEXT,
    MAX_NAME_LENGTH,
    MAX_PRECISION,
    MAX_SCALE,
    MAX_TEXT,
    MIN_LONG_TEXT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """
    What the metadata of one kind of field consists of.
    """

    elements: frozenset[str]
    """Always printed."""
    optional: frozenset[str] = frozenset()
    """Printed for some fields of the kind."""
    lengths: tuple[int, int] | None = None
    """The least and the greatest length; None for kinds without one."""
    digits: bool = False
    """True for kinds with precision and scale."""
    lines: tuple[int, int, int] | None = None
    """The least, the greatest and the usual visible lines, for kinds that need them."""
    may_be_unique: bool = False
    source: str = "Metadata API, CustomField"


def _row(
    elements: str,
    *,
    optional: str = "",
    lengths: tuple[int, int] | None = None,
    digits: bool = False,
    lines: tuple[int, int, int] | None = None,
    source: str = "Metadata API, CustomField",
) -> KindRow:
    printed = frozenset(elements.split())
    return KindRow(
        elements=printed,
        optional=frozenset(optional.split()),
        lengths=lengths,
        digits=digits,
        lines=lines,
        may_be_unique="unique" in printed,
        source=source,
    )


_LONG = (MIN_LONG_TEXT, MAX_LONG_TEXT)

TARGET_KINDS: dict[Kind, KindRow] = {
    Kind.TEXT: _row(
        "externalId length required unique",
        optional="caseSensitive",  # only of a unique text
        lengths=(1, MAX_TEXT),
    ),
    # "Can not specify 'length' for a CustomField of type TextArea".
    Kind.TEXT_AREA: _row("required"),
    # Never required, unique, external id or with a default.
    Kind.LONG_TEXT_AREA: _row("length visibleLines", lengths=_LONG, lines=(2, 50, 3)),
    Kind.HTML: _row("length visibleLines", lengths=_LONG, lines=(10, 50, 25)),
    # A default is demanded, `required` refused.
    Kind.CHECKBOX: _row("defaultValue"),
    Kind.NUMBER: _row("externalId precision required scale unique", digits=True),
    Kind.CURRENCY: _row("precision required scale", digits=True),
    Kind.PERCENT: _row("precision required scale", digits=True),
    Kind.DATE: _row("required"),
    Kind.DATE_TIME: _row("required"),
    Kind.TIME: _row("required"),
    Kind.EMAIL: _row("externalId required unique"),
    Kind.PHONE: _row("required"),
    Kind.URL: _row("required"),
    # Neither unique nor an external id, and without a default.
    Kind.ENCRYPTED_TEXT: _row(
        "length maskChar maskType required", lengths=(1, MAX_ENCRYPTED)
    ),
    # The two numbers that hold its values come with it.
    Kind.LOCATION: _row("displayLocationInDecimal externalId required scale"),
    Kind.PICKLIST: _row("required valueSet", source="Metadata API, Field Types"),
    Kind.MULTISELECT_PICKLIST: _row(
        "valueSet visibleLines",
        lines=(3, 10, 4),
        source="Metadata API, Field Types",
    ),
    Kind.LOOKUP: _row(
        "deleteConstraint referenceTo relationshipLabel relationshipName required"
    ),
    # Neither `required` nor a delete constraint; the order decides who shares it.
    Kind.MASTER_DETAIL: _row(
        "referenceTo relationshipLabel relationshipName relationshipOrder "
        "reparentableMasterDetail writeRequiresMasterRead"
    ),
    # Part of its object: always a text of 80, which keeps the numbers that were given.
    Kind.NAME: _row(
        "",
        lengths=(MAX_NAME_LENGTH, MAX_NAME_LENGTH),
        source="Metadata API, CustomObject.nameField",
    ),
    # There already, for instance CurrencyIsoCode.
    Kind.STANDARD: _row("", source="Object Reference, System Fields"),
}
"""By kind; `Name` and `Standard` are no fields of their own and have no partial."""


def range_problem(chosen: FieldType) -> str:
    """
    What is out of range in a field type, as half a sentence; empty when nothing is.
    """
    row = TARGET_KINDS[chosen.kind]
    if row.lengths is not None:
        least, most = row.lengths
        if not least <= (chosen.length or 0) <= most:
            return f"length must be {_span(least, most)}"
    if row.digits:
        return _number_problem(chosen.precision or 0, chosen.scale or 0)
    if (
        chosen.kind is Kind.LOCATION
        and not 0 <= (chosen.scale or 0) <= MAX_LOCATION_SCALE
    ):
        return f"scale must be 0 to {MAX_LOCATION_SCALE}"
    return ""


def visible_lines(kind: Kind, wanted: int = 0) -> int:
    """
    How tall a field of *kind* is shown: as *wanted* within the legal range, without a
    wish what the setup pages propose; 0 for kinds that have one line.
    """
    lines = TARGET_KINDS[kind].lines
    if lines is None:
        return 0
    least, most, usual = lines
    return min(max(wanted, least), most) if wanted else usual


def lines_problem(kind: Kind, wanted: int) -> str:
    """
    Why a field of *kind* cannot be shown as tall as *wanted*; empty when it can.
    """
    if not wanted or visible_lines(kind, wanted) == wanted:
        return ""
    lines = TARGET_KINDS[kind].lines
    if lines is None:
        return f"{kind.value} has no visible lines"
    return f"visible_lines must be {_span(lines[0], lines[1])}"


def _span(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"


def _number_problem(precision: int, scale: int) -> str:
    if not 1 <= precision <= MAX_PRECISION:
        return f"precision must be 1 to {MAX_PRECISION}"
    if not 0 <= scale <= MAX_SCALE:
        return f"scale must be 0 to {MAX_SCALE}"
    if scale > precision:
        return f"scale {scale} must not exceed precision {precision}"
    return ""
