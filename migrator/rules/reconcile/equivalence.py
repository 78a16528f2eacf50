"""
When two texts from the org stand for one value, and what an agreed loss can explain.

Written for the reconciliation alone: whoever prepares records for loading must not
share it, or one mistake would hide itself.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from html.parser import HTMLParser

from migrator.model.field_type import FieldType
from migrator.model.kinds.row import Family
from migrator.model.kinds.table import Kind
from migrator.model.mapping import LineBreaks, TextRule

OUTER_BLANKS = " \t\n\r\x0b\x0c"
"""
What the platform does not store around a text; a no-break space it does store.
"""
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)", re.ASCII
)
_WIDE = Context(prec=200)


def is_text(type_: FieldType) -> bool:
    """
    Return True for types that the declared text rule applies to.
    """
    return type_.row.family is Family.TEXT


def canonical_number(text: str) -> str:
    """
    Return the one spelling of a number: no exponent, plus sign, leading or trailing
    zeros.

    No digit is ever dropped. What is no number comes back as it is.
    """
    if not _NUMBER.fullmatch(text):
        return text
    spelled = format(Decimal(text), "f")
    negative = spelled.startswith("-")
    whole, _, fraction = spelled.lstrip("-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if negative and number != "0" else number


def canonical_instant(text: str) -> str:
    """
    Return a date-time as UTC with `Z` and no trailing zeros; other text as it is.
    """
    found = _INSTANT.fullmatch(text)
    if not found:
        return text
    seconds, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(seconds + zone.replace("Z", "+00:00"))
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    digits = (fraction or "").rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{digits}Z"


def normalised(text: str, rule: TextRule) -> str:
    """
    *text* as the declared rule says the platform stores it.
    """
    if rule.line_breaks is LineBreaks.LF:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(OUTER_BLANKS) if rule.trim else text


def is_agreed_loss(source: str, target: str, type_: FieldType, rule: TextRule) -> bool:
    """
    Return True when storing *source* as *type_* is enough to explain *target*.

    Asked only where the mapping says `loses:`; a difference that the type cannot
    make (another digit, another word) stays a difference.
    """
    if type_.is_number:
        return _is_rounded(source, target, type_.scale or 0)
    if type_.row.family is Family.DATE:
        return canonical_instant(source)[:10] == target and "T" in source
    if type_.row.family is Family.DATE_TIME:
        return _without_fraction(source) == _without_fraction(target)
    if not is_text(type_):
        return False
    return _is_cut(normalised(source, rule), target, type_)


def _is_rounded(source: str, target: str, scale: int) -> bool:
    if not (_NUMBER.fullmatch(source) and _NUMBER.fullmatch(target)):
        return False
    given, stored = Decimal(source), Decimal(target)
    unit = Decimal(1).scaleb(-scale)
    return any(
        given.quantize(unit, rounding=rounding, context=_WIDE) == stored
        for rounding in (ROUND_DOWN, ROUND_HALF_UP, ROUND_HALF_EVEN)
    )


def _without_fraction(text: str) -> str:
    return canonical_instant(text).removesuffix("Z").partition(".")[0]


def _is_cut(source: str, target: str, type_: FieldType) -> bool:
    length = type_.room
    if type_.kind is Kind.HTML and _visible(source) == _visible(target):
        return True
    stored = {source[:length]}
    if type_.row.is_one_line:
        stored.add(source[:length].replace("\n", " "))
    return target in stored | {each.rstrip(OUTER_BLANKS) for each in stored}


class _Visible(HTMLParser):
    """
    Collects the text between the tags.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _visible(markup: str) -> str:
    reader = _Visible()
    reader.feed(markup)
    reader.close()
    return "".join(reader.parts)
