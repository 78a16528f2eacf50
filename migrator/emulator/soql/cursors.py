"""
Open query cursors: what a locator of REST or of the partner API stands for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.ids import IdSequence
from migrator.emulator.soql.query import QueryResult

__all__ = ["Cursors"]

_OPEN_CURSORS = 10


class Cursors:
    """
    The cursors of an org; beyond ten the oldest gives way (SOQL limits).
    """

    def __init__(self, ids: IdSequence, lock: AbstractContextManager[bool]) -> None:
        self._ids = ids
        self._lock = lock
        self._open: dict[str, tuple[QueryResult, int]] = {}

    def open(self, result: QueryResult, size: int) -> str:
        """
        Open a cursor over *result*, *size* records a page, and return its key.
        """
        with self._lock:
            key = self._ids.next("01g")
            self._open[key] = (result, size)
            while len(self._open) > _OPEN_CURSORS:
                oldest = next(iter(self._open))
                self._open.pop(oldest)[0].close()
        return key

    def at(self, locator: str) -> tuple[str, QueryResult, int, int]:
        """
        Find key, result, first record and page size of `<key>-<first record>`.

        Raises SalesforceError INVALID_QUERY_LOCATOR.
        """
        key, _, start = locator.rpartition("-")
        found = self._open.get(key)
        if found is None or not start.isdecimal():
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return key, found[0], int(start), found[1]
