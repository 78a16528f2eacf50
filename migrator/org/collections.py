"""
sObject Collections: a few records at once, for what load files cannot say.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Sequence
from typing import Any

from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import CUSTOM_SUFFIX, RELATIONSHIP_SUFFIX, ApiName
from migrator.model.records import RowFailure
from migrator.org.rest import Reply, RestClient

MAX_ROWS = 200
"""Records one call may carry (REST API guide, "sObject Collections")."""

Row = abc.Mapping[str, str | None]


class CollectionsClient:
    """
    Inserts and upserts of at most 200 records a call, each judged on its own.

    Both may be sent twice: `Origin_Id__c` is unique, so that a repeated insert ends
    in DUPLICATE_VALUE and a repeated upsert changes nothing.
    """

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    def insert_rows(
        self, object_name: ApiName, rows: Sequence[Row]
    ) -> list[RowFailure]:
        """
        Return the records of *rows* that the org refused to create.

        A column `Parent__r.Origin_Id__c` names a parent by its external id; null there
        means no parent.
        """
        body = _body(object_name, rows)
        reply = self._rest.post("composite/sobjects", body, repeatable=True)
        return _failures(reply, object_name, rows)

    def upsert_rows(
        self, object_name: ApiName, external_id: ApiName, rows: Sequence[Row]
    ) -> list[RowFailure]:
        """
        Return the records of *rows* that the org refused to create or update.
        """
        path = f"composite/sobjects/{object_name}/{external_id}"
        reply = self._rest.patch(path, _body(object_name, rows), repeatable=True)
        return _failures(reply, object_name, rows)


def _body(object_name: ApiName, rows: Sequence[Row]) -> dict[str, Any]:
    if not 0 < len(rows) <= MAX_ROWS:
        raise ValueError(f"{len(rows)} records; a call carries 1 to {MAX_ROWS}")
    return {
        "allOrNone": False,
        "records": [_record(object_name, row) for row in rows],
    }


def _record(object_name: ApiName, row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": object_name}}
    for column, value in row.items():
        relationship, dot, external_id = column.partition(".")
        if not dot:
            record[column] = value
        elif value is None:
            stem = relationship.removesuffix(RELATIONSHIP_SUFFIX)
            record[stem + CUSTOM_SUFFIX] = None
        else:
            record[relationship] = {external_id: value}
    return record


def _failures(
    reply: Reply, object_name: ApiName, rows: Sequence[Row]
) -> list[RowFailure]:
    """
    One result per record, in the order of the request (REST API guide).
    """
    results = reply.array()
    if len(results) != len(rows):
        raise reply.unusable(f"{len(rows)} results")
    return [
        _failure(object_name, row, result)
        for row, result in zip(rows, results, strict=True)
        if not result.get("success")
    ]


def _failure(
    object_name: ApiName, row: Row, result: abc.Mapping[str, Any]
) -> RowFailure:
    errors = result.get("errors") or [{}]
    first = errors[0]
    return RowFailure(
        object=object_name,
        origin_id=row.get(ORIGIN_ID) or "",
        code=str(first.get("statusCode") or "UNKNOWN"),
        message=str(first.get("message") or ""),
        fields=tuple(ApiName(name) for name in first.get("fields") or ()),
    )
