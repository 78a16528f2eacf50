"""
SOQL: one call that parses, checks rights, compiles to SQLite and runs a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.users import User
from migrator.emulator.schema.values import csv_converter
from migrator.emulator.soql.compiler import (
    Column,
    Compiled,
    Features,
    compile_query,
)
from migrator.emulator.soql.json_records import JsonRecords
from migrator.emulator.soql.scope import Database
from migrator.emulator.soql.syntax import Query, parse_query

__all__ = ["Column", "Features", "OtherTables", "Queries", "QueryResult"]

_AT_ONCE = 2_000


class QueryResult:
    """
    A snapshot of a query's rows: later writes do not change it.

    *object_name* is the FROM object, *columns* the SELECT list as written by the
    schema (`Id`, `Account.Name`, `expr0` ...), *fields* their definitions,
    *total_size* the number of rows (for `COUNT()` the count, with no rows). Records
    of some tables all have one and the same *shown_id*.
    """

    def __init__(
        self, org: Database, compiled: Compiled, *, shown_id: str | None = None
    ) -> None:
        self.object_name = compiled.object_name
        self.features = compiled.features
        self.columns = tuple(".".join(each.names) for each in compiled.columns)
        self.fields = tuple(each.field for each in compiled.columns)
        self.children = tuple(
            (name, child.columns) for name, child in compiled.children
        )
        self._org = org
        self._compiled = compiled
        self._shown_id = shown_id
        self._rows: list[tuple[Any, ...]] = []
        self._table: str | None = None
        self.total_size = 0
        self._run()

    def _run(self) -> None:
        compiled, store = self._compiled, self._org.store
        if any(not each.is_stored for each in self.fields):
            raise SalesforceError(
                "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported"
            )
        with self._org.lock:
            cursor = store.connection.execute(compiled.sql, compiled.parameters)
            self._rows = cursor.fetchmany(_AT_ONCE + 1)
            cursor.close()
            if compiled.features.count_only:
                self.total_size = self._rows.pop()[0]
            elif len(self._rows) > _AT_ONCE:
                self._rows = []
                self._table = store.snapshot(compiled.sql, compiled.parameters)
                count = f"SELECT COUNT(*) FROM {self._table}"
                self.total_size = store.connection.execute(count).fetchone()[0]
            else:
                self.total_size = len(self._rows)

    def _raw_rows(self, start: int, count: int | None) -> Iterator[tuple[Any, ...]]:
        end = self.total_size if count is None else min(start + count, self.total_size)
        if self._table is None:
            yield from self._rows[start:end]
            return
        for first in range(start, end, _AT_ONCE):
            with self._org.lock:
                block = self._org.store.connection.execute(
                    f"SELECT * FROM {self._table} WHERE rowid > ? AND rowid <= ? "
                    "ORDER BY rowid",
                    (first, min(first + _AT_ONCE, end)),
                ).fetchall()
            yield from block

    def json_records(
        self,
        start: int = 0,
        count: int | None = None,
        *,
        version: str = "66.0",
        resource: str = "sobjects",
    ) -> Iterator[dict[str, Any]]:
        """
        Yield records as REST shows them: attributes, nested parents, typed values;
        their addresses are below *resource*.
        """
        made = JsonRecords(self._compiled, version, resource, self._shown_id)
        rows = self._raw_rows(start, count)
        if not self._compiled.children:
            return map(made.record, rows)
        return (self._with_children(row, made.record(row), version) for row in rows)

    def _with_children(
        self, row: tuple[Any, ...], record: dict[str, Any], version: str
    ) -> dict[str, Any]:
        """
        Add the results of the record's subqueries to it; null where there are none.
        """
        parent = row[len(self._compiled.columns)]
        for name, child in self._compiled.children:
            parameters = child.parameters | {"parent": parent}
            with self._org.lock:
                found = self._org.store.connection.execute(child.sql, parameters)
                children = found.fetchall()
            made = JsonRecords(child, version)
            record[name] = (
                {
                    "totalSize": len(children),
                    "done": True,
                    "records": [made.record(each) for each in children],
                }
                if children
                else None
            )
        return record

    def csv_rows(self, start: int = 0, count: int | None = None) -> Iterator[list[str]]:
        """
        Yield rows as Bulk API 2.0 shows them: one text per column.
        """
        converters = [csv_converter(each) for each in self.fields]
        for row in self._raw_rows(start, count):
            yield [
                convert(value) for convert, value in zip(converters, row, strict=False)
            ]

    def close(self) -> None:
        """
        Give the snapshot's storage back.
        """
        if self._table:
            with self._org.lock:
                self._org.store.connection.execute(f"DROP TABLE {self._table}")
            self._table = None
        self._rows = []


class OtherTables(Protocol):
    """
    Tables that are no records, such as the org's own definition.
    """

    def answer(self, user: User, text: str, query: Query, /) -> QueryResult | None:
        """
        Return the result of *query* if it is about one of them, else None.
        """


class Queries:
    """
    The queries of an org's users over its records, and over *others*.
    """

    def __init__(self, org: Database, others: OtherTables) -> None:
        self._org = org
        self._others = others

    def run(
        self, user: User, text: str, *, include_deleted: bool = False
    ) -> QueryResult:
        """
        Run the SOQL *text* as *user* may see its records.

        Raises SalesforceError MALFORMED_QUERY, INVALID_FIELD or INVALID_TYPE with the
        row and column where it says them.
        """
        query = parse_query(text)
        found = self._others.answer(user, text, query)
        if found is not None:
            return found
        with self._org.lock:
            compiled = compile_query(
                self._org, user, text, query, include_deleted=include_deleted
            )
            return QueryResult(self._org, compiled)
