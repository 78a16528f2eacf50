"""
JSON text with exact numbers, and JSON bodies read without floats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from starlette.responses import Response

from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.values import number_text


def dumps(value: Any) -> str:
    """
    Write *value* as JSON; Decimal with all its digits, as Salesforce does.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: Any, parts: list[str]) -> None:
    if value is None:
        parts.append("null")
    elif isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, Decimal):
        parts.append(number_text(str(value)))
    elif isinstance(value, int | float):
        parts.append(repr(value))
    elif isinstance(value, dict):
        _write_object(value, parts)
    else:
        _write_array(value, parts)


def _write_object(value: dict[str, Any], parts: list[str]) -> None:
    before = "{"
    for key, each in value.items():
        parts.append(f"{before}{encode_basestring(key)}:")
        _write(each, parts)
        before = ","
    parts.append("}" if value else "{}")


def _write_array(value: Iterable[Any], parts: list[str]) -> None:
    parts.append("[")
    for place, each in enumerate(value):
        if place:
            parts.append(",")
        _write(each, parts)
    parts.append("]")


def answer(
    value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """
    Make an HTTP answer with *value* as its JSON body.
    """
    return Response(
        dumps(value),
        status_code=status,
        headers=headers,
        media_type="application/json;charset=UTF-8",
    )


def read_json(body: bytes) -> Any:
    """
    Read the JSON value of a request body; raises JSON_PARSER_ERROR. Numbers are exact.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        place = "[line:1, column:0]"
        if isinstance(error, json.JSONDecodeError):
            place = f"[line:{error.lineno}, column:{error.colno}]"
        raise SalesforceError(
            "JSON_PARSER_ERROR", f"Unexpected character or end of input at {place}"
        ) from None


def error_entry(error: SalesforceError, *, of_row: bool = False) -> dict[str, Any]:
    """
    List an error as REST does; errors *of_row* always say which fields.
    """
    entry: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields or of_row:
        entry["fields"] = list(error.fields)
    return entry


def error_answer(error: SalesforceError) -> Response:
    """
    Make the JSON array that REST sends for *error*.
    """
    return answer([error_entry(error)], error.status)
