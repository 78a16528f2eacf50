"""
Values per field type: what comes in is parsed or refused, what goes out is text.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from migrator.emulator.engine.schema import FieldDef
from migrator.emulator.engine.store import Stored


def parse(field: FieldDef, value: Any) -> Stored:
    """
    The stored value of an incoming *value* (text of a CSV cell or a JSON value).

    Text is trimmed, empty text is null, line breaks become LF, extra fraction
    digits are cut. Raises SalesforceError (STRING_TOO_LONG, INVALID_EMAIL_ADDRESS,
    NUMBER_OUTSIDE_VALID_RANGE, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST,
    INVALID_TYPE_ON_FIELD_IN_RECORD, MALFORMED_ID) with the field named.
    """
    raise NotImplementedError


def to_json(field: FieldDef, value: Stored) -> str | bool | int | Decimal | None:
    """
    A stored value as REST shows it; Decimal is written by `wire.json_text.dumps`.
    """
    raise NotImplementedError


def to_csv_text(field: FieldDef, value: Stored) -> str:
    """
    A stored value as Bulk API 2.0 shows it; null is the empty text.
    """
    raise NotImplementedError
