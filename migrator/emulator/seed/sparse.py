"""
Values for the many fields that are filled in a few records only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from migrator.emulator.seed.plans import plain
from migrator.emulator.seed.rows import Row, stamp
from migrator.emulator.seed.texts import HARD_LINES, HARD_TEXTS

EVERY = 13
_FIRST_DAY = date(2015, 2, 28)


def sparse_fields(
    describe: Mapping[str, Any], told: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """
    Find the custom fields of *describe* that nobody told a value for (not even null).

    References, unique and calculated fields are no place for a made-up value.
    """
    return [
        each
        for each in describe["fields"]
        if each["name"].endswith(("__c", "__s"))
        and each["name"] not in told
        and each["type"] not in {"reference", "location", "address"}
        and not each["unique"]
        and not each["calculated"]
    ]


def sprinkle(rows: Sequence[Row], fields: Sequence[Mapping[str, Any]]) -> None:
    """
    Give each of *fields* a value in every thirteenth of *rows*, in turn.
    """
    for place, each in enumerate(fields):
        for index in range(place % EVERY, len(rows), EVERY):
            rows[index][each["name"]] = _value(each, index + place)


def _value(each: Mapping[str, Any], number: int) -> str:
    make = _MAKERS.get(each["type"], _text)
    return make(each, number)


def _first_picked(each: Mapping[str, Any], number: int) -> str:
    active = [entry for entry in each["picklistValues"] if entry["active"]]
    return str(active[number % len(active)]["value"])


def _several(each: Mapping[str, Any], number: int) -> str:
    """
    Choose one or two values of a multi-select picklist, in the order of its values.
    """
    active = [str(one["value"]) for one in each["picklistValues"] if one["active"]]
    first = number % len(active)
    return ";".join(active[first : first + 1 + number % 2])


def _number(each: Mapping[str, Any], number: int) -> str:
    """
    Make a number with all the decimals that the field has.
    """
    digits = min(each["precision"], 12)
    if each["compoundFieldName"]:
        # Degrees of a location: one digit less keeps them on the globe.
        digits -= 2
    unscaled = (number * 7_919 + 1) % 10**digits
    return plain(Decimal(unscaled).scaleb(-each["scale"]))


def _text(each: Mapping[str, Any], number: int) -> str:
    kind, length = each["type"], int(each["length"])
    given = {
        "email": f"sparse.{number}@example.com",
        "phone": f"+49 3641 {number:07d}",
        "url": f"https://www.example.com/?n={number}&q=%26",
    }.get(kind)
    if given is None and kind == "textarea" and number % 2:
        given = HARD_LINES[number % len(HARD_LINES)]
    if given is None:
        given = f"{HARD_TEXTS[number % len(HARD_TEXTS)]} {number}"
    return given[:length].strip(" \t\r\n")


_MAKERS: dict[str, Callable[[Mapping[str, Any], int], str]] = {
    "currency": _number,
    "double": _number,
    "percent": _number,
    "picklist": _first_picked,
    "multipicklist": _several,
    "boolean": lambda _each, _number: "true",
    "date": lambda _each, number: (_FIRST_DAY + timedelta(days=number)).isoformat(),
    "datetime": lambda _each, number: stamp(
        _FIRST_DAY + timedelta(days=number), number
    ),
    "time": lambda _each, number: f"{number % 24:02d}:{number % 60:02d}:00.000Z",
}
