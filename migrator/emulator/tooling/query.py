"""
Queries over the org's own definition, in the engine of every other query.
"""

from __future__ import annotations

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.components import Components
from migrator.emulator.org.org import Org
from migrator.emulator.org.users import User
from migrator.emulator.soql.compiler import compile_query
from migrator.emulator.soql.query import QueryResult
from migrator.emulator.soql.scope import not_supported
from migrator.emulator.soql.syntax import Query, located, parse_query
from migrator.emulator.tooling.refusals import within_limits
from migrator.emulator.tooling.rows import Source
from migrator.emulator.tooling.tables import (
    DEFINITIONS,
    EMPTY_ID,
    definition_tables,
    table_name,
)

__all__ = ["DefinitionQueries"]


class DefinitionQueries:
    """
    The queries over the definition of *org* and over its deployed *components*.
    """

    def __init__(self, org: Org, components: Components) -> None:
        self._org = org
        self._components = components

    def answer(self, user: User, text: str, query: Query) -> QueryResult | None:
        """
        Return the result of *query* if its table is one that REST shows, too; else
        None.
        """
        name = table_name(query.object_name)
        return self._result(user, text, query, name) if name in DEFINITIONS else None

    def run(self, user: User, text: str) -> QueryResult:
        """
        Run a Tooling query over the org's definition.

        Raises SalesforceError as other queries do, and for what a table does not
        support.
        """
        query = parse_query(text)
        name = table_name(query.object_name)
        if name is None:
            message = not_supported(query.object_name)
            raise located(text, query.from_at, "INVALID_TYPE", message)
        result = self._result(user, text, query, name)
        if {"FullName", "Metadata"} & set(result.columns) and result.total_size > 1:
            raise SalesforceError(
                "MALFORMED_QUERY",
                "When retrieving results with Metadata or FullName fields, the query "
                "qualifications must specify no more than one row for retrieval. "
                f"Result size: {result.total_size}",
            )
        return result

    def _result(self, user: User, text: str, query: Query, name: str) -> QueryResult:
        asked = within_limits(query, name, text)
        source = Source(org=self._org, components=self._components, user=user)
        with self._org.lock:
            tables = definition_tables(source, name)
            try:
                compiled = compile_query(
                    tables, user, text, asked, include_deleted=False
                )
                shown_id = EMPTY_ID if name in DEFINITIONS else None
                return QueryResult(tables, compiled, shown_id=shown_id)
            finally:
                tables.drop()
