"""
The words that describes have for the type of a field, and which kind each becomes.

The describe's word on the left, the Metadata API's on the right; the rules between are
those of "Field Types" (SOAP API) and CustomField (Metadata API).
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from migrator.model.kinds.row import Extent, Family
from migrator.model.kinds.table import KINDS, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedRow:
    """
    Everything that is known of one word of `Field.type`.
    """

    family: Family
    kind: Kind | None = None
    """What its values usually become; None for nothing, and where more decides."""
    kept_by: frozenset[Kind] = frozenset()
    """The kinds that keep its values as they are, besides those that take any text."""
    skipped: str = ""
    """Why no custom field can hold its values."""
    is_masked: bool = False
    in_bulk: bool = True
    """False where Bulk API 2.0 queries refuse it; the parts of an address or a location
    are fields of their own (Bulk API 2.0 guide, "Considerations for queries")."""
    extent: Extent = Extent.LENGTH


_NUMBERS = frozenset(kind for kind in Kind if KINDS[kind].family is Family.NUMBER)


def _text(kind: Kind = Kind.TEXT) -> DescribedRow:
    return DescribedRow(
        family=Family.TEXT,
        kind=kind,
        kept_by=frozenset({kind}),
        is_masked=KINDS[kind].is_masked,
    )


def _number(kind: Kind) -> DescribedRow:
    """
    Any number kind keeps the values of any other, given the digits.
    """
    return DescribedRow(
        family=Family.NUMBER, kind=kind, kept_by=_NUMBERS, extent=Extent.DIGITS
    )


def _alike(kind: Kind, extent: Extent = Extent.NOTHING) -> DescribedRow:
    return DescribedRow(
        family=KINDS[kind].family, kind=kind, kept_by=frozenset({kind}), extent=extent
    )


def _left(skipped: str, *, in_bulk: bool = True) -> DescribedRow:
    return DescribedRow(family=Family.OTHER, skipped=skipped, in_bulk=in_bulk)


_COMPOUND = "a compound; its parts are carried one by one"
_NO_COUNTERPART = "has no counterpart among custom fields"

DESCRIBED: abc.Mapping[str, DescribedRow] = {
    "string": _text(),  # long text above 255; a formula's length is in the data
    "textarea": _text(Kind.TEXT_AREA),  # above 255 LongTextArea, rich text Html
    "encryptedstring": _text(Kind.ENCRYPTED_TEXT),
    "email": _text(Kind.EMAIL),
    "phone": _text(Kind.PHONE),
    "url": _text(Kind.URL),
    "boolean": _alike(Kind.CHECKBOX),
    "int": _number(Kind.NUMBER),  # described by digits alone, so 18 of them
    "long": _number(Kind.NUMBER),
    "double": _number(Kind.NUMBER),
    "currency": _number(Kind.CURRENCY),
    "percent": _number(Kind.PERCENT),  # the API's 19 is 19 %, in and out
    "date": _alike(Kind.DATE),
    "datetime": _alike(Kind.DATE_TIME),
    "time": _alike(Kind.TIME),
    # Made unrestricted: old records hold values long withdrawn.
    "picklist": _alike(Kind.PICKLIST, Extent.LENGTH),
    "multipicklist": _alike(Kind.MULTISELECT_PICKLIST, Extent.LENGTH),
    # A custom field cannot be one; whose values are few may be made a picklist.
    "combobox": DescribedRow(
        family=Family.TEXT, kind=Kind.TEXT, kept_by=frozenset({Kind.PICKLIST})
    ),
    "id": DescribedRow(family=Family.REFERENCE, kind=Kind.TEXT, extent=Extent.NOTHING),
    # A link, or text beside it: that depends on what else is copied.
    "reference": DescribedRow(family=Family.REFERENCE),
    # Made when its two parts are described, and written through them.
    "location": DescribedRow(
        family=Family.LOCATION,
        kept_by=frozenset({Kind.LOCATION}),
        skipped=_COMPOUND,
        in_bulk=False,
    ),
    "address": _left(_COMPOUND, in_bulk=False),
    "base64": _left(
        "holds a file; files are linked again, not copied as text", in_bulk=False
    ),
    "anyType": _left("has no type of its own", in_bulk=False),
    "complexvalue": _left(_NO_COUNTERPART, in_bulk=False),
    "json": _left(_NO_COUNTERPART),
    "datacategorygroupreference": _left(
        "points into data categories, which stay behind"
    ),
    "floatarray": _left(_NO_COUNTERPART),
    "textarray": _left(_NO_COUNTERPART),
}
"""Every word of `Field.type` (SOAP API, partner WSDL 66.0)."""
