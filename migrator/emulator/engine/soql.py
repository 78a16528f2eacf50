"""
SOQL: one call that parses, checks rights, compiles to SQLite and runs a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.emulator.engine.permissions import User

if TYPE_CHECKING:
    from migrator.emulator.engine.org import Org


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """
    What a query uses that Bulk API 2.0 refuses or that turns chunking off.
    """

    count_only: bool = False
    aggregate: bool = False
    group_by: bool = False
    offset: bool = False
    order_by: bool = False
    limit: bool = False
    compound: bool = False


class QueryResult:
    """
    A snapshot of a query's rows: later writes do not change it.

    *object_name* is the FROM object, *columns* the SELECT list as written by the
    schema (`Id`, `Account.Name`, `expr0` ...), *total_size* the number of rows (for
    `COUNT()` the count, with no rows).
    """

    object_name: str
    columns: tuple[str, ...]
    total_size: int
    features: Features

    def json_records(
        self, start: int = 0, count: int | None = None, *, version: str = "66.0"
    ) -> Iterator[dict[str, Any]]:
        """
        Records as REST shows them: attributes, nested parents, typed values.
        """
        raise NotImplementedError

    def csv_rows(self, start: int = 0, count: int | None = None) -> Iterator[list[str]]:
        """
        Rows as Bulk API 2.0 shows them: one text per column.
        """
        raise NotImplementedError

    def close(self) -> None:
        """
        Give the snapshot's storage back.
        """
        raise NotImplementedError


def run_query(
    org: Org, user: User, text: str, *, include_deleted: bool = False
) -> QueryResult:
    """
    The result of the SOQL *text* as *user* sees it.

    Raises SalesforceError MALFORMED_QUERY, INVALID_FIELD or INVALID_TYPE with the
    row and column where it says them.
    """
    raise NotImplementedError
