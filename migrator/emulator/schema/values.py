"""
Values per field type: what comes in is parsed or refused, what goes out is text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from functools import cache
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.schema.schema import FieldDef

Stored = str | int | None

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)", re.IGNORECASE
)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,3})?Z?")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
)
_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0", ""})
_YEARS = range(1700, 4001)
_MEMO_CHARS = 40
_MEMO_TEXTS = 2_000
_STORED_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", re.ASCII)
# Text is trimmed of these, as SOAP strings are; a no-break space survives.
_BLANKS = " \t\n\r\f\v"


def parse(field: FieldDef, value: Any) -> Stored:
    """
    Read an incoming *value* (text of a CSV cell or a JSON value) into a stored one.

    Text is trimmed, empty text is null, line breaks become LF, extra fraction
    digits are cut. Raises SalesforceError (STRING_TOO_LONG, INVALID_EMAIL_ADDRESS,
    NUMBER_OUTSIDE_VALID_RANGE, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST,
    INVALID_TYPE_ON_FIELD_IN_RECORD, MALFORMED_ID) with the field named.
    """
    if value is None:
        return 0 if field.holds is Holds.FLAG else None
    return _PARSERS[field.holds](field, value)


def _wrong_type(field: FieldDef, value: Any) -> SalesforceError:
    return SalesforceError(
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        f"{field.label}: value not of required type: {value}",
        fields=(field.name,),
    )


def _parse_boolean(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip().lower()
    if text in _TRUE:
        return 1
    if text in _FALSE:
        return 0
    raise _wrong_type(field, value)


def _parse_number(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip()
    if not text:
        return None
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise _wrong_type(field, value)
    number = Decimal(text)
    whole_digits = max(number.adjusted() + 1, 0) if number else 0
    if whole_digits > _whole_digits_allowed(field) or _is_off_the_globe(field, number):
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            fields=(field.name,),
        )
    return decimal_text(cut(number, _scale(field)))


def _is_off_the_globe(field: FieldDef, number: Decimal) -> bool:
    """
    Tell whether *number* is degrees that a location does not take.
    """
    if not field.compound_field_name:
        return False
    for part, most in (("Latitude", 90), ("Longitude", 180)):
        if field.name.removesuffix("__s").endswith(part):
            return abs(number) > most
    return False


def _whole_digits_allowed(field: FieldDef) -> int:
    if field.holds is Holds.WHOLE_NUMBER:
        return int(field.raw.get("digits") or 9)
    return (field.precision or 18) - field.scale


def _scale(field: FieldDef) -> int:
    return 0 if field.holds is Holds.WHOLE_NUMBER else field.scale


def cut(number: Decimal, scale: int) -> Decimal:
    """
    Cut *number* to at most *scale* fraction digits; further ones are dropped.
    """
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > scale:
        return number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN)
    return number


def decimal_text(number: Decimal) -> str:
    """
    Spell *number* as the store does, one way only: no exponent, no trailing zeros.
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def number_text(stored: str) -> str:
    """
    Spell a stored number as the APIs write doubles: `300.0`, `9.12260031E8`, all
    digits.

    Java's rule: scientific from 10^7 up and below 10^-3.
    """
    number = Decimal(stored)
    if not number:
        return "0.0"
    exponent = number.adjusted()
    if -3 <= exponent < 7:
        text = format(number, "f")
        return text if "." in text else f"{text}.0"
    sign, digits, _ = number.normalize().as_tuple()
    rest = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{rest}E{exponent}"


def _parse_date(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip()
    if not text:
        return None
    try:
        if len(text) != 10:
            raise _wrong_type(field, value)
        parsed = date.fromisoformat(text)
    except ValueError:
        raise _wrong_type(field, value) from None
    if parsed.year not in _YEARS:
        raise _wrong_type(field, value)
    return parsed.isoformat()


def _parse_datetime(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip()
    if not text:
        return None
    parsed = parse_datetime(text)
    if parsed is None:
        raise _wrong_type(field, value)
    return parsed


def parse_datetime(text: str) -> str | None:
    """
    Read a datetime with its zone as stored (UTC, whole seconds), None when malformed.
    """
    match = _DATETIME.fullmatch(text)
    if not match:
        return None
    day, minutes, seconds, _, zone = match.groups()
    zone = "+00:00" if zone in {"Z", "z"} else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}{zone}")
        return datetime_text(moment)
    except (ValueError, OverflowError):
        return None


def datetime_text(moment: datetime) -> str:
    """
    Spell *moment* as stored: `2026-01-31T23:59:59.000Z`.
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _parse_time(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip()
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if not match:
        raise _wrong_type(field, value)
    hours, minutes, seconds, fraction = match.groups()
    thousandths = (fraction or ".")[1:].ljust(3, "0")
    return f"{hours}:{minutes}:{seconds}.{thousandths}Z"


def _parse_reference(field: FieldDef, value: Any) -> Stored:
    text = str(value).strip()
    if not text:
        return None
    if not is_id(text):
        raise SalesforceError(
            "MALFORMED_ID",
            f"{field.label}: id value of incorrect type: {text}",
            fields=(field.name,),
        )
    return to_18(text)


def clean_text(value: Any) -> str | None:
    """
    Clean text as the platform does: LF line breaks, no outer blanks, never empty.
    """
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = str(value).replace("\x00", "")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(_BLANKS) or None


def _parse_text(field: FieldDef, value: Any) -> Stored:
    if isinstance(value, dict | list):
        raise _wrong_type(field, value)
    text = clean_text(value)
    if text is not None and field.length and len(text) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            fields=(field.name,),
        )
    return text


def _parse_base64(field: FieldDef, value: Any) -> Stored:
    """
    Read binary content, kept as base64.
    """
    try:
        data = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong_type(field, "binary content") from None
    return base64.b64encode(data).decode()


def _parse_email(field: FieldDef, value: Any) -> Stored:
    text = _parse_text(field, value)
    if isinstance(text, str) and not _EMAIL.fullmatch(text):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS",
            f"{field.label}: invalid email address: {text}",
            fields=(field.name,),
        )
    return text


def _parse_picklist(field: FieldDef, value: Any) -> Stored:
    text = _parse_text(field, value)
    return None if text is None else _known_value(field, str(text))


def _parse_multipicklist(field: FieldDef, value: Any) -> Stored:
    text = _parse_text(field, value)
    if text is None:
        return None
    chosen = [_known_value(field, part.strip()) for part in str(text).split(";")]
    order = [each.value for each in field.picklist_values]
    known = sorted({part for part in chosen if part in order}, key=order.index)
    return ";".join([*known, *(part for part in chosen if part and part not in order)])


def _known_value(field: FieldDef, text: str) -> str:
    """
    Return the defined spelling of a picklist value; unrestricted fields take any other.
    """
    for each in field.picklist_values:
        matches = each.value.lower() == text.lower()
        if matches and (each.active or not field.restricted_picklist):
            return each.value
    if field.restricted_picklist:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {text}",
            fields=(field.name,),
        )
    return text


_PARSERS: dict[Holds, Callable[[FieldDef, Any], Stored]] = {
    Holds.TEXT: _parse_text,
    Holds.EMAIL: _parse_email,
    Holds.CHOICE: _parse_picklist,
    Holds.CHOICES: _parse_multipicklist,
    Holds.NUMBER: _parse_number,
    Holds.WHOLE_NUMBER: _parse_number,
    Holds.FLAG: _parse_boolean,
    Holds.DAY: _parse_date,
    Holds.MOMENT: _parse_datetime,
    Holds.TIME: _parse_time,
    Holds.ID: _parse_reference,
    Holds.BYTES: _parse_base64,
    Holds.PARTS: _parse_text,
}


def parser(field: FieldDef) -> Callable[[Any], Stored]:
    """
    Make `parse` for one field, quicker where a value is spelled as it is stored.
    """
    if field.is_numeric:
        return _number_parser(field)
    if field.holds is Holds.TEXT:
        return _text_parser(field)
    if field.holds is Holds.MOMENT:
        return _datetime_parser(field)
    read, nothing = _PARSERS[field.holds], parse(field, None)
    return lambda value: nothing if value is None else read(field, value)


def _number_parser(field: FieldDef) -> Callable[[Any], Stored]:
    plain = _plain_number(_whole_digits_allowed(field), _scale(field)).fullmatch

    def parsed(value: Any) -> Stored:
        match = plain(value) if type(value) is str else None
        if match is None:
            return parse(field, value)
        whole, fraction = match.groups()
        text = f"{whole}.{fraction}" if fraction else str(whole)
        return "0" if text == "-0" else text

    return parsed


@cache
def _plain_number(whole: int, scale: int) -> re.Pattern[str]:
    """
    Match numbers that need no rounding; groups: whole part, fraction without its zeros.
    """
    digits = rf"0|[1-9][0-9]{{0,{whole - 1}}}" if whole > 0 else "0"
    return re.compile(rf"(-?(?:{digits}))(?:\.([0-9]{{0,{scale}}}?)0*)?")


def _text_parser(field: FieldDef) -> Callable[[Any], Stored]:
    most = field.length or None

    def parsed(value: Any) -> Stored:
        if type(value) is not str or "\r" in value or "\x00" in value:
            return parse(field, value)
        text = value.strip(_BLANKS)
        if most and len(text) > most:
            return parse(field, value)
        return text or None

    return parsed


def _datetime_parser(field: FieldDef) -> Callable[[Any], Stored]:
    def parsed(value: Any) -> Stored:
        if type(value) is str and _STORED_DATETIME.fullmatch(value):
            with suppress(ValueError):
                datetime.fromisoformat(value[:19])
                return value
        return parse(field, value)

    return parsed


class Memo(dict[str, Stored]):
    """
    The stored values of texts by *make*, which short texts pay for once.

    What *make* raises is not remembered.
    """

    def __init__(self, make: Callable[[str], Stored]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> Stored:
        """
        Make the value of a text not met lately.
        """
        value = self._make(text)
        if len(text) <= _MEMO_CHARS:
            if len(self) >= _MEMO_TEXTS:
                self.clear()
            self[text] = value
        return value


def from_api_text(field: FieldDef, value: Any) -> Stored:
    """
    Read the text that an API returned into a stored value: nothing is refused or cut.
    """
    if value is None or value == "":
        return 0 if field.holds is Holds.FLAG else None
    if field.holds is Holds.FLAG:
        return 1 if str(value).lower() in _TRUE else 0
    if field.is_numeric:
        try:
            return decimal_text(Decimal(str(value)))
        except InvalidOperation:
            raise _wrong_type(field, value) from None
    if field.holds is Holds.MOMENT:
        return parse_datetime(str(value)) or str(value)
    return str(value)


def json_converter(field: FieldDef) -> Callable[[Any], Any]:
    """
    Return the function that shows the stored values of *field* as REST does; Decimal is
    written by `wire.json_text.dumps`.
    """
    if field.holds is Holds.FLAG:
        return bool
    if field.holds is Holds.WHOLE_NUMBER:
        return lambda value: None if value is None else int(value)
    if field.holds is Holds.NUMBER:
        return lambda value: None if value is None else Decimal(value)
    if field.holds is Holds.MOMENT:
        return lambda value: None if value is None else value[:-1] + "+0000"
    return lambda value: value


def csv_converter(field: FieldDef) -> Callable[[Any], str]:
    """
    Return the function that shows the stored values of *field* as Bulk API 2.0 does;
    null is the empty text.
    """
    if field.holds is Holds.FLAG:
        return lambda value: "true" if value else "false"
    if field.holds is Holds.NUMBER:
        return lambda value: "" if value is None else number_text(value)
    return lambda value: "" if value is None else str(value)
