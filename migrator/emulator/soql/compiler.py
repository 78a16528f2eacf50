"""
A query tree to one SQLite SELECT, with the user's rights and sharing inside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.users import User
from migrator.emulator.schema.describes import describe_field
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.soql.conditions import Conditions
from migrator.emulator.soql.scope import (
    Database,
    Join,
    Parameters,
    Resolved,
    Scope,
    not_supported,
)
from migrator.emulator.soql.syntax import (
    Call,
    Comparison,
    Condition,
    Expression,
    FieldPath,
    Logical,
    OrderItem,
    Query,
    SelectItem,
    located,
)

MAX_OFFSET = 2_000
MAX_FIELDS_ROWS = 200


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One result column: *names* is the path in JSON, joined by dots in CSV.
    """

    names: tuple[str, ...]
    field: FieldDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """
    A query ready to run.

    The SQL yields *columns*, then (unless aggregated) the record's Id and the Id of
    each of *parents*. *children* are subqueries by relationship name; their SQL
    wants the parent's Id as the parameter `parent`. *compounds* are the address and
    location fields whose parts are columns.
    """

    sql: str
    parameters: dict[str, Any]
    object_name: str
    columns: tuple[Column, ...]
    parents: tuple[Join, ...]
    features: Features
    children: tuple[tuple[str, Compiled], ...] = ()
    compounds: tuple[str, ...] = ()


def compile_query(
    org: Database, user: User, text: str, query: Query, *, include_deleted: bool
) -> Compiled:
    """
    Compile *query*, which the SOQL *text* says, to SQL as *user* may run it.
    """
    compiler = _Compiler(org, user, text, include_deleted=include_deleted)
    return compiler.outer(query)


class _Compiler:
    def __init__(
        self, org: Database, user: User, text: str, *, include_deleted: bool
    ) -> None:
        self.org = org
        self.user = user
        self.text = text
        self.include_deleted = include_deleted
        self.params = Parameters()

    def scope(self, query: Query) -> Scope:
        definition = self.org.schema.get(query.object_name)
        if (
            definition is None
            or not definition.queryable
            or not self.org.permissions.may_use(self.user, definition, "read")
        ):
            message = not_supported(query.object_name)
            raise located(self.text, query.from_at, "INVALID_TYPE", message)
        scope = Scope(self.org, self.user, self.text, definition, self.params)
        scope.query_alias = query.alias
        return scope

    def outer(self, query: Query) -> Compiled:
        """
        Compile the whole statement, with its subqueries.
        """
        scope = self.scope(query)
        if _is_bare_count(query) and not query.children:
            return self._count(scope, query)
        compiled = self._rows(scope, query)
        if query.children and compiled.features.aggregate:
            raise located(
                self.text, query.from_at, "MALFORMED_QUERY", "Grouped query with child"
            )
        children = tuple(self._child(scope, each) for each in query.children)
        return replace(compiled, children=children)

    def _child(self, parent: Scope, query: Query) -> tuple[str, Compiled]:
        """
        Compile a subquery by its relationship name; it runs once for each parent
        record.
        """
        found = self._relationship(parent, query.object_name)
        if found is None:
            raise located(
                self.text,
                query.from_at,
                "INVALID_TYPE",
                f"Didn't understand relationship '{query.object_name}' in FROM part of "
                "query call. If you are attempting to use a custom relationship, be "
                "sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names.",
            )
        child, reference, name = found
        other = _Compiler(
            self.org, self.user, self.text, include_deleted=self.include_deleted
        )
        scope = other.scope(replace(query, object_name=child.name))
        condition = f'{scope.alias}."{reference.name}" = :parent'
        return name, other._rows(scope, query, (condition,))

    def _relationship(
        self, parent: Scope, name: str
    ) -> tuple[ObjectDef, FieldDef, str] | None:
        """
        Find the child object and its reference field behind a relationship name.
        """
        wanted = name.lower()
        permissions = self.org.permissions
        for child, reference in self.org.schema.children_of(parent.definition.name):
            known = reference.child_relationship_name or ""
            if (
                known.lower() == wanted
                and permissions.may_use(self.user, child, "read")
                and permissions.may_read(self.user, child, reference)
            ):
                return child, reference, known
        return None

    def _rows(self, scope: Scope, query: Query, more: tuple[str, ...] = ()) -> Compiled:
        items = self._expanded(scope, query)
        resolved = [scope.resolve(item.expression) for item in items]
        is_aggregate = bool(query.group_by) or any(r.is_aggregate for r in resolved)
        if not is_aggregate:
            self._refuse_aliases(items)
        if is_aggregate:
            self._check_grouped(query, items, resolved)
        columns = _columns(items, resolved, is_aggregate=is_aggregate)
        self._check_unique(columns)
        parents = () if is_aggregate else _parents(scope, resolved)
        selected = [each.sql for each in resolved]
        if not is_aggregate:
            selected.append(f'{scope.alias}."Id"')
            selected += [f'{join.alias}."Id"' for join in parents]
        named = [f"{sql} AS c{place}" for place, sql in enumerate(selected)]
        tail = self._tail(scope, query, items, more)
        return Compiled(
            sql=f"SELECT {', '.join(named)} FROM {scope.from_sql()} {tail}",
            parameters=self.params.values,
            object_name=scope.definition.name,
            columns=columns,
            parents=parents,
            features=_features(query, items, resolved, is_aggregate=is_aggregate),
            compounds=tuple({each.compound for each in items if each.compound}),
        )

    def _count(self, scope: Scope, query: Query) -> Compiled:
        tail = self._tail(scope, query, ())
        inner = f"SELECT 1 FROM {scope.from_sql()} {tail}"
        return Compiled(
            sql=f"SELECT COUNT(*) FROM ({inner})",
            parameters=self.params.values,
            object_name=scope.definition.name,
            columns=(),
            parents=(),
            features=Features(count_only=True, limit=query.limit is not None),
        )

    def inner(self, query: Query) -> str:
        """
        Compile the SELECT of a semi-join: one id or reference column.
        """
        scope = self.scope(query)
        resolved = [scope.resolve(item.expression) for item in query.items]
        if (
            query.children
            or len(resolved) != 1
            or resolved[0].field.holds is not Holds.ID
        ):
            raise located(
                self.text,
                query.from_at,
                "MALFORMED_QUERY",
                "The inner select of a semi-join must have one id or reference field",
            )
        tail = self._tail(scope, query, query.items)
        return f"SELECT {resolved[0].sql} FROM {scope.from_sql()} {tail}"

    def _tail(
        self,
        scope: Scope,
        query: Query,
        items: tuple[SelectItem, ...],
        more: tuple[str, ...] = (),
    ) -> str:
        conditions = Conditions(scope, self.inner)
        where = list(scope.row_conditions(include_deleted=self.include_deleted))
        where += more
        if scope.definition.name == "ContentDocumentLink" and not more:
            self._check_links(query)
        if query.where:
            where.append(conditions.compile(query.where))
        grouped = [self._group_sql(scope, each) for each in query.group_by]
        parts = [f"WHERE {' AND '.join(where)}" if where else ""]
        if grouped:
            parts.append(f"GROUP BY {', '.join(grouped)}")
        if query.having:
            parts.append(f"HAVING {conditions.compile(query.having)}")
        parts.append(self._order_sql(scope, query, items))
        parts.append(self._page_sql(query))
        return " ".join(part for part in parts if part)

    def _check_links(self, query: Query) -> None:
        """
        Require a document or a record to read links by, unless one may query all files.
        """
        if _is_filtered(query.where) or self.org.permissions.has(
            self.user, "QueryAllFiles"
        ):
            return
        raise SalesforceError(
            "MALFORMED_QUERY",
            "Implementation restriction: ContentDocumentLink requires a filter by a "
            "single Id on ContentDocumentId or LinkedEntityId using the equals "
            "operator or multiple Id's using the IN operator.",
        )

    def _group_sql(self, scope: Scope, expression: Expression) -> str:
        resolved = scope.resolve(expression)
        is_plain = isinstance(expression, FieldPath)
        if is_plain and not describe_field(resolved.field)["groupable"]:
            raise scope.error(
                expression.at,
                f"field '{resolved.field.name}' can not be grouped in a query call",
                "MALFORMED_QUERY",
            )
        return resolved.sql

    def _order_sql(
        self, scope: Scope, query: Query, items: tuple[SelectItem, ...]
    ) -> str:
        if not query.order_by:
            return ""
        aliases = {item.alias.lower(): item.expression for item in items if item.alias}
        parts = [self._ordered(scope, each, aliases) for each in query.order_by]
        return f"ORDER BY {', '.join(parts)}"

    def _ordered(
        self, scope: Scope, item: OrderItem, aliases: dict[str, Expression]
    ) -> str:
        expression = item.expression
        if isinstance(expression, FieldPath):
            expression = aliases.get(expression.text.lower(), expression)
        resolved = scope.resolve(expression)
        if not resolved.is_aggregate and not describe_field(resolved.field)["sortable"]:
            raise scope.error(
                item.expression.at,
                f"field '{resolved.field.name}' can not be sorted in a query call",
                "MALFORMED_QUERY",
            )
        direction = "DESC" if item.descending else "ASC"
        nulls = "LAST" if item.nulls_last else "FIRST"
        return f"{resolved.sql} {direction} NULLS {nulls}"

    def _page_sql(self, query: Query) -> str:
        offset = query.offset or 0
        if offset > MAX_OFFSET:
            raise SalesforceError(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"Maximum SOQL offset allowed is {MAX_OFFSET}",
            )
        if query.limit is None and not offset:
            return ""
        limit = -1 if query.limit is None else query.limit
        return f"LIMIT {limit} OFFSET {offset}"

    def _expanded(self, scope: Scope, query: Query) -> tuple[SelectItem, ...]:
        """
        Write out FIELDS(ALL | CUSTOM | STANDARD) in the SELECT list.
        """
        items: list[SelectItem] = []
        for item in query.items:
            call = item.expression
            if not (isinstance(call, Call) and call.name == "FIELDS"):
                items += self._parts(scope, item) or [item]
                continue
            group = (
                call.argument.text.upper()
                if isinstance(call.argument, FieldPath)
                else ""
            )
            if group != "STANDARD" and (query.limit or 201) > MAX_FIELDS_ROWS:
                raise SalesforceError(
                    "MALFORMED_QUERY",
                    "The SOQL FIELDS function must have a LIMIT of at most 200",
                )
            items += self._fields_of(scope, group, call.at)
        return tuple(items)

    def _parts(self, scope: Scope, item: SelectItem) -> list[SelectItem]:
        """
        Return the parts of an address or location field of the object itself, else
        nothing.
        """
        path = item.expression
        if not isinstance(path, FieldPath) or len(path.path) > 1:
            return []
        owner = scope.definition
        compound = owner.find(path.path[0])
        if compound is None or compound.is_stored:
            return []
        return [
            SelectItem(FieldPath((each.name,), path.at), None, compound.name)
            for each in owner.fields
            if each.compound_field_name == compound.name
            and each.is_stored
            and self.org.permissions.may_read(self.user, owner, each)
        ]

    def _fields_of(self, scope: Scope, group: str, at: int) -> list[SelectItem]:
        owner = scope.definition
        wanted = {"ALL": (True, False), "CUSTOM": (True,), "STANDARD": (False,)}
        return [
            SelectItem(FieldPath((each.name,), at), None)
            for each in owner.fields
            if each.custom in wanted.get(group, ())
            and each.is_stored
            and self.org.permissions.may_read(self.user, owner, each)
        ]

    def _check_grouped(
        self, query: Query, items: tuple[SelectItem, ...], resolved: list[Resolved]
    ) -> None:
        grouped = {_key(each) for each in query.group_by}
        for item, found in zip(items, resolved, strict=True):
            if not found.is_aggregate and _key(item.expression) not in grouped:
                shown = found.field.name if found.names else _key(item.expression)
                raise located(
                    self.text,
                    item.expression.at,
                    "MALFORMED_QUERY",
                    f"Field must be grouped or aggregated: {shown}",
                )

    def _refuse_aliases(self, items: tuple[SelectItem, ...]) -> None:
        for item in items:
            if item.alias:
                raise located(
                    self.text,
                    item.expression.at,
                    "MALFORMED_QUERY",
                    "only aggregate expressions use field aliasing",
                )

    def _check_unique(self, columns: tuple[Column, ...]) -> None:
        seen: set[tuple[str, ...]] = set()
        for column in columns:
            if column.names in seen:
                shown = ".".join(column.names)
                raise SalesforceError(
                    "MALFORMED_QUERY", f"duplicate field selected: {shown}"
                )
            seen.add(column.names)


def _is_filtered(condition: Condition | None) -> bool:
    """
    Tell whether *condition* names documents or records of links by `=` or IN.
    """
    if isinstance(condition, Logical):
        return condition.operator == "AND" and any(map(_is_filtered, condition.parts))
    if not isinstance(condition, Comparison):
        return False
    left = condition.left
    return (
        condition.operator in {"=", "IN"}
        and isinstance(left, FieldPath)
        and left.text.lower() in {"contentdocumentid", "linkedentityid"}
    )


def _is_bare_count(query: Query) -> bool:
    if not query.items:
        # A SELECT of subqueries alone.
        return False
    first = query.items[0].expression
    return (
        len(query.items) == 1
        and isinstance(first, Call)
        and first.name == "COUNT"
        and first.argument is None
    )


def _key(expression: Expression) -> str:
    if isinstance(expression, Call):
        inner = _key(expression.argument) if expression.argument else ""
        return f"{expression.name}({inner})"
    return expression.text.lower()


def _columns(
    items: tuple[SelectItem, ...], resolved: list[Resolved], *, is_aggregate: bool
) -> tuple[Column, ...]:
    columns = []
    unnamed = 0
    for item, found in zip(items, resolved, strict=True):
        names = found.names[-1:] if is_aggregate else found.names
        if item.compound:
            names = (item.compound, _part_name(item.compound, found.field.name))
        elif item.alias:
            names = (item.alias,)
        elif not names:
            names = (f"expr{unnamed}",)
            unnamed += 1
        columns.append(Column(names=names, field=found.field))
    return tuple(columns)


def _part_name(compound: str, part: str) -> str:
    """
    Name a part as its compound does: BillingCity gives `city`.
    """
    stem = compound.removesuffix("Address").removesuffix("__c")
    name = part.removeprefix(stem).removeprefix("__").removesuffix("__s")
    return name[:1].lower() + name[1:]


def _parents(scope: Scope, resolved: list[Resolved]) -> tuple[Join, ...]:
    """
    Return the relationships that the SELECT list walks through, outer ones first.
    """
    wanted = {
        each.names[:depth] for each in resolved for depth in range(1, len(each.names))
    }
    found = [join for key, join in scope.joins.items() if key in wanted]
    return tuple(sorted(found, key=lambda join: len(join.names)))


def _features(
    query: Query,
    items: tuple[SelectItem, ...],
    resolved: list[Resolved],
    *,
    is_aggregate: bool,
) -> Features:
    return Features(
        aggregate=is_aggregate,
        group_by=bool(query.group_by),
        offset=query.offset is not None,
        order_by=bool(query.order_by),
        limit=query.limit is not None,
        compound=any(each.compound for each in items)
        or any(not each.field.is_stored for each in resolved),
    )
