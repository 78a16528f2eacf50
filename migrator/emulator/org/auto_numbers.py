"""
Automatic numbers: the next value of each AutoNumber field, by its display format.

A number is used once, also when its record is deleted or rolled back. Sources:
Salesforce help, "Custom Field Types" (Auto Number); Metadata API guide, CustomField
(displayFormat, startingNumber).
"""

from __future__ import annotations

import re

from migrator.emulator.org.clock import Clock
from migrator.emulator.org.store import Store
from migrator.emulator.schema.schema import FieldDef, ObjectDef

__all__ = ["AutoNumbers", "numbered_fields"]

_PART = re.compile(r"\{(YYYY|YY|MM|DD|0+)\}")


def numbered_fields(definition: ObjectDef) -> list[FieldDef]:
    """
    Return the fields of an object that number its records.
    """
    return [each for each in definition.fields if each.auto_number]


class AutoNumbers:
    """
    The counters of an org. *used* maps (object, field), lower-case, to the last
    number given out.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counted: set[tuple[str, str]] = set()
        self.used: dict[tuple[str, str], int] = {}

    def next(self, definition: ObjectDef, field: FieldDef) -> str:
        """
        Give out the number of the next record as text. Callers hold `Org.lock`.

        A field that was there before the counter goes on behind the records.
        """
        key = (definition.name.lower(), field.name.lower())
        last = self.used.get(key, 0)
        if key not in self._counted:
            start = int(field.metadata.get("startingNumber") or 1)
            last = max(last, start - 1 + self._store.count_ever(definition.name))
            self._counted.add(key)
        self.used[key] = last + 1
        return self._shown(field.auto_number_format or "{0000}", last + 1)

    def _shown(self, display_format: str, number: int) -> str:
        today = self._clock.today()
        dates = {
            "YYYY": f"{today.year:04}",
            "YY": f"{today.year % 100:02}",
            "MM": f"{today.month:02}",
            "DD": f"{today.day:02}",
        }
        return _PART.sub(
            lambda part: dates.get(part[1]) or f"{number:0{len(part[1])}d}",
            display_format,
        )
