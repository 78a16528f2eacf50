"""
SOQL over REST: small queries, counts and aggregates.
"""

from __future__ import annotations

from typing import Any

from migrator.model.names import ApiName
from migrator.org.rest import Reply, RestClient

ABSENT = frozenset({"INVALID_TYPE", "INSUFFICIENT_ACCESS", "NOT_FOUND"})
"""Codes for an object that does not exist or that the user does not see."""

_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}


def literal(text: str) -> str:
    """
    *text* as a quoted SOQL literal (SOQL reference, "Quoted String Escape Sequences").
    """
    return "'" + "".join(_ESCAPES.get(each, each) for each in text) + "'"


class SoqlClient:
    """
    Queries whose answers are small enough to hold; records come from `bulk`.
    """

    def __init__(self, rest: RestClient, resource: str = "query") -> None:
        self._rest = rest
        self._resource = resource

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        All records of *soql*, every page, without `attributes`.

        A parent is a dict of its own or None; fractions are Decimal.
        """
        reply = self._rest.get(self._resource, params={"q": soql})
        records: list[dict[str, Any]] = []
        seen: set[str] = set()
        while True:
            page = reply.object()
            records += (_plain(each) for each in _records(page, reply))
            following = page.get("nextRecordsUrl")
            if page.get("done") is not False and not following:
                return records
            if not isinstance(following, str) or following in seen:
                raise reply.unusable("the address of the next page")
            seen.add(following)
            reply = self._rest.get(following)

    def first_page(self, soql: str) -> tuple[int, list[dict[str, Any]]]:
        """
        How many records *soql* finds, and the first of them: as many as a page holds.
        """
        reply = self._rest.get(self._resource, params={"q": soql})
        page = reply.object()
        total = page.get("totalSize")
        if not isinstance(total, int):
            raise reply.unusable("a totalSize")
        return total, [_plain(each) for each in _records(page, reply)]

    def aggregate(self, soql: str) -> list[dict[str, Any]]:
        """
        Return the rows of a query with aggregates, keyed by alias (`expr0` without
        one).
        """
        return self.query(soql)

    def count(self, object_name: ApiName, where: str = "") -> int:
        """
        How many records of *object_name* the user sees, those of *where* only.

        *where* is a condition without the word WHERE.
        """
        condition = f" WHERE {where}" if where else ""
        soql = f"SELECT COUNT() FROM {object_name}{condition}"  # noqa: S608
        return self._total(self._resource, soql)

    def count_deleted(self, object_name: ApiName) -> int:
        """
        How many records of *object_name* are in the recycle bin, or gone from it and
        not yet erased: what `query` does not give (REST API guide, "QueryAll").
        """
        soql = f"SELECT COUNT() FROM {object_name} WHERE IsDeleted = TRUE"  # noqa: S608
        return self._total("queryAll", soql)

    def _total(self, resource: str, soql: str) -> int:
        reply = self._rest.get(resource, params={"q": soql})
        total = reply.object().get("totalSize")
        if not isinstance(total, int):
            raise reply.unusable("a totalSize")
        return total


def _records(page: dict[str, Any], reply: Reply) -> list[dict[str, Any]]:
    records = page.get("records")
    if not isinstance(records, list):
        raise reply.unusable("records")
    return records


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _plain(value) if isinstance(value, dict) else value
        for key, value in record.items()
        if key != "attributes"
    }
