"""
What the definition tables cannot be asked.

Tooling API guide, "SOQL Operation Limitations" and "MetadataComponentDependency".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from migrator.emulator.errors import SalesforceError
from migrator.emulator.soql.syntax import (
    Call,
    Comparison,
    Condition,
    FieldPath,
    Literal,
    Logical,
    Negation,
    Query,
    located,
    unescaped,
)
from migrator.emulator.tooling.tables import DEFINITIONS

_UNSUPPORTED: Final = "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"
_NOT_YET: Final = (
    "The requested operation is not yet supported by this SObject storage type, "
    "contact salesforce.com support for more information."
)
_EQUALS: Final = frozenset({"=", "IN", "LIKE"})
_MOST_DEPENDENCIES: Final = 2_000


def within_limits(query: Query, name: str, text: str) -> Query:
    """
    Rewrite *query* as the table *name* runs it: LIMIT and OFFSET are not heard by the
    definitions, and dependencies end after 2,000.

    Raises SalesforceError for what the table does not support.
    """
    if name in DEFINITIONS:
        _check_definition(query, name)
        return replace(query, limit=None, offset=None)
    if name == "MetadataComponentDependency":
        _check_dependencies(query, text)
        limit = query.limit or _MOST_DEPENDENCIES
        return replace(query, limit=min(limit, _MOST_DEPENDENCIES))
    return query


def _is_aggregated(query: Query) -> bool:
    calls = any(isinstance(each.expression, Call) for each in query.items)
    return calls or bool(query.group_by) or query.having is not None


def _check_definition(query: Query, name: str) -> None:
    if _is_aggregated(query):
        raise SalesforceError(_UNSUPPORTED, _NOT_YET)
    paths = [_check_equals(each) for each in _parts(query.where)]
    needs = name != "EntityDefinition"
    if needs and not any(_names_entity(each) for each in paths):
        raise SalesforceError(
            _UNSUPPORTED,
            f"{name}: a filter on a reified column is required "
            "[EntityDefinitionId,DurableId]",
        )


def _names_entity(path: tuple[str, ...]) -> bool:
    return path[0].lower() in {"entitydefinition", "entitydefinitionid", "durableid"}


def _parts(condition: Condition | None) -> Iterator[Comparison]:
    """
    Yield the comparisons of a condition that has neither OR nor NOT.
    """
    if isinstance(condition, Negation):
        raise SalesforceError(_UNSUPPORTED, "Only equals comparisons permitted")
    if isinstance(condition, Logical):
        if condition.operator == "OR":
            raise SalesforceError(_UNSUPPORTED, "Disjunctions not supported")
        for each in condition.parts:
            yield from _parts(each)
    elif condition is not None:
        yield condition


def _check_equals(comparison: Comparison) -> tuple[str, ...]:
    if comparison.operator in {"INCLUDES", "EXCLUDES"}:
        raise SalesforceError(_UNSUPPORTED, "Unsupported filter type")
    if comparison.operator not in _EQUALS:
        raise SalesforceError(_UNSUPPORTED, "Only equals comparisons permitted")
    left = comparison.left
    return left.path if isinstance(left, FieldPath) else (left.name,)


def _check_dependencies(query: Query, text: str) -> None:
    if _is_aggregated(query) or query.order_by or query.offset:
        raise SalesforceError(_UNSUPPORTED, _NOT_YET)
    for each in _comparisons(query.where):
        if each.operator not in {"=", "!="}:
            raise _malformed(text, each, f"invalid operator {each.operator}")
        value = each.value
        kind = unescaped(value.text) if isinstance(value, Literal) else ""
        left = each.left.text if isinstance(each.left, FieldPath) else ""
        if (left.lower(), kind.lower()) == (
            "refmetadatacomponenttype",
            "standardentity",
        ):
            raise _malformed(text, each, "StandardEntity can not be filtered")


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    if isinstance(condition, Logical):
        for each in condition.parts:
            yield from _comparisons(each)
    elif isinstance(condition, Negation):
        yield from _comparisons(condition.part)
    elif condition is not None:
        yield condition


def _malformed(text: str, comparison: Comparison, message: str) -> SalesforceError:
    return located(text, comparison.left.at, "MALFORMED_QUERY", message)
