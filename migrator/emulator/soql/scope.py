"""
Names in a query: fields, relationship paths and functions, as the user sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.clock import Clock
from migrator.emulator.org.store import Store, quoted
from migrator.emulator.org.users import User
from migrator.emulator.schema.describes import describe_field
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema
from migrator.emulator.soql.syntax import Call, Expression, FieldPath, located

MAX_LEVELS = 5
_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."
_DATE_FUNCTIONS = {
    "CALENDAR_YEAR": "CAST(substr({0}, 1, 4) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(substr({0}, 6, 2) AS INTEGER)",
    "CALENDAR_QUARTER": "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
    "DAY_IN_MONTH": "CAST(substr({0}, 9, 2) AS INTEGER)",
    "DAY_ONLY": "substr({0}, 1, 10)",
}
_AGGREGATES = {
    "COUNT": "COUNT({0})",
    "COUNT_DISTINCT": "COUNT(DISTINCT {0})",
    "SUM": "exact_sum({0}) COLLATE DECIMAL",
    "AVG": "exact_avg({0}) COLLATE DECIMAL",
    "MIN": "MIN({0})",
    "MAX": "MAX({0})",
}
_DATES = frozenset({Holds.DAY, Holds.MOMENT})
_DAYS_SINCE = re.compile(r"\s*TODAY\(\)\s*-\s*(\w+)\s*")
_DAYS_UNTIL = re.compile(r"\s*(\w+)\s*-\s*TODAY\(\)\s*")
WHOLE_NUMBER = FieldDef(name="expr", label="expr", type="int", permissionable=False)
DAY = FieldDef(name="expr", label="expr", type="date", permissionable=False)


class Rights(Protocol):
    """
    What a query asks about its user.
    """

    def may_use(self, user: User, definition: ObjectDef, action: str, /) -> bool:
        """
        Tell whether the user has the object permission *action*.
        """

    def may_read(self, user: User, owner: ObjectDef, field: FieldDef, /) -> bool:
        """
        Tell whether the user sees the field.
        """

    def has(self, user: User, permission: str, /) -> bool:
        """
        Tell whether the user has a user permission.
        """

    def visible_sql(
        self, user: User, definition: ObjectDef, alias: str, /
    ) -> str | None:
        """
        Write the condition for the records that the user sees; None for all.
        """


class Database(Protocol):
    """
    What a query runs against: an org, or its definition as tables.
    """

    @property
    def lock(self) -> Any:
        """
        Held while a statement runs.
        """

    @property
    def clock(self) -> Clock:
        """
        Tells which day it is.
        """

    @property
    def schema(self) -> Schema:
        """
        The objects that can be asked.
        """

    @property
    def store(self) -> Store:
        """
        Where their rows are.
        """

    @property
    def permissions(self) -> Rights:
        """
        What the user may see.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """
    An expression in SQL. *names* is its path as the schema spells it; *is_native*
    says that SQLite yields a number and not decimal text.
    """

    sql: str
    field: FieldDef
    names: tuple[str, ...]
    owner: ObjectDef
    is_native: bool = False
    is_aggregate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """
    One relationship path joined in: *names* as spelled, *alias* in the SQL.
    """

    names: tuple[str, ...]
    alias: str
    definition: ObjectDef
    sql: str


@dataclass(slots=True)
class Parameters:
    """
    The values of one statement, named; subqueries share them.
    """

    values: dict[str, Any] = field(default_factory=dict)
    aliases: int = 0

    def add(self, value: Any) -> str:
        """
        Add a new *value* and return its placeholder.
        """
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def alias(self) -> str:
        """
        Choose a table alias not used yet.
        """
        self.aliases += 1
        return f"t{self.aliases}"


class Scope:
    """
    The FROM object of one SELECT, and the parents its paths reach.
    """

    def __init__(
        self,
        org: Database,
        user: User,
        text: str,
        definition: ObjectDef,
        params: Parameters,
    ) -> None:
        self.org = org
        self.user = user
        self.text = text
        self.definition = definition
        self.params = params
        self.alias = params.alias()
        self.joins: dict[tuple[str, ...], Join] = {}
        self.query_alias: str | None = None

    def error(
        self, at: int, message: str, code: str = "INVALID_FIELD"
    ) -> SalesforceError:
        """
        Make an error at an offset of the query text.
        """
        return located(self.text, at, code, message)

    def resolve(self, expression: Expression) -> Resolved:
        """
        Write *expression* in SQL. Raises INVALID_FIELD for what the user does not see.
        """
        if isinstance(expression, Call):
            return self._resolve_call(expression)
        return self._resolve_path(expression)

    def _resolve_path(self, found: FieldPath) -> Resolved:
        path = found.path
        own_names = {self.definition.name.lower(), (self.query_alias or "").lower()}
        if len(path) > 1 and path[0].lower() in own_names:
            path = path[1:]
        *relationships, last = path
        if len(relationships) > MAX_LEVELS:
            raise self.error(
                found.at,
                "SOQL relationship field path cannot exceed five levels",
                "MALFORMED_QUERY",
            )
        owner, alias = self.definition, self.alias
        names: tuple[str, ...] = ()
        for name in relationships:
            join = self._join(owner, alias, names, name, found.at)
            owner, alias, names = join.definition, join.alias, join.names
        if last.lower() == "type" and names and self._is_polymorphic(names):
            kind = FieldDef(name="Type", label="Type", type="string")
            sql = f"CASE WHEN {alias}.\"Id\" IS NOT NULL THEN '{owner.name}' END"
            return Resolved(sql=sql, field=kind, names=(*names, "Type"), owner=owner)
        definition = owner.find(last)
        if definition is None or not self.org.permissions.may_read(
            self.user, owner, definition
        ):
            raise self.error(found.at, no_such_column(last, owner.name))
        return Resolved(
            sql=self._column_sql(owner, alias, definition),
            field=definition,
            names=(*names, definition.name),
            owner=owner,
        )

    def _is_polymorphic(self, names: tuple[str, ...]) -> bool:
        owner = self.definition
        reference: FieldDef | None = None
        for name in names:
            reference = owner.find_relationship(name)
            parent = self._target(reference) if reference else None
            owner = parent or owner
        return reference is not None and len(reference.reference_to) > 1

    def _target(self, reference: FieldDef) -> ObjectDef | None:
        """
        Find the object a relationship leads to; of several, the users.
        """
        names = sorted(reference.reference_to, key=lambda name: name != "User")
        found = (self.org.schema.get(name) for name in names)
        return next((each for each in found if each), None)

    def _join(
        self,
        owner: ObjectDef,
        alias: str,
        names: tuple[str, ...],
        relationship: str,
        at: int,
    ) -> Join:
        permissions = self.org.permissions
        reference = owner.find_relationship(relationship)
        parent = self._target(reference) if reference else None
        if (
            reference is None
            or parent is None
            or not permissions.may_read(self.user, owner, reference)
            or not permissions.may_use(self.user, parent, "read")
        ):
            raise self.error(at, _no_relationship(relationship))
        key = (*names, reference.relationship_name or relationship)
        if key in self.joins:
            return self.joins[key]
        inner = self.params.alias()
        condition = (
            f'{inner}."Id" = {alias}.{quoted(reference.name)} '
            f'AND {inner}."IsDeleted" = 0'
        )
        visible = permissions.visible_sql(self.user, parent, inner)
        if visible:
            condition = f"{condition} AND {visible}"
        sql = f"LEFT JOIN {quoted(parent.name)} {inner} ON {condition}"
        join = Join(names=key, alias=inner, definition=parent, sql=sql)
        self.joins[key] = join
        return join

    def _column_sql(self, owner: ObjectDef, alias: str, field: FieldDef) -> str:
        column = f"{alias}.{quoted(field.name)}"
        if field.mask_type and not self.org.permissions.has(
            self.user, "ViewEncryptedData"
        ):
            return _masked(column, field)
        if field.formula and "TODAY()" in field.formula:
            return self._daily_sql(owner, alias, field) or column
        return column

    def _daily_sql(self, owner: ObjectDef, alias: str, field: FieldDef) -> str | None:
        """
        Compute day differences to TODAY() when they are read.
        """
        formula = field.formula or ""
        since, until = _DAYS_SINCE.fullmatch(formula), _DAYS_UNTIL.fullmatch(formula)
        match = since or until
        other = owner.find(match.group(1)) if match else None
        if other is None:
            return None
        today = self.params.add(self.org.clock.today().isoformat())
        days = f"julianday({today}) - julianday({alias}.{quoted(other.name)})"
        days = days if since else f"-({days})"
        return f"CAST(CAST({days} AS INTEGER) AS TEXT) COLLATE DECIMAL"

    def _resolve_call(self, call: Call) -> Resolved:
        if call.argument is None:
            raise self.error(
                call.at, f"unexpected token: '{call.name}'", "MALFORMED_QUERY"
            )
        inner = self.resolve(call.argument)
        if call.name in _DATE_FUNCTIONS and inner.field.holds in _DATES:
            day = call.name == "DAY_ONLY"
            return Resolved(
                sql=_DATE_FUNCTIONS[call.name].format(inner.sql),
                field=DAY if day else WHOLE_NUMBER,
                names=(),
                owner=inner.owner,
                is_native=not day,
            )
        if call.name not in _AGGREGATES:
            raise self.error(
                call.at,
                f"Unknown or unsupported function: {call.name}",
                "MALFORMED_QUERY",
            )
        return self._aggregate(call, inner)

    def _aggregate(self, call: Call, inner: Resolved) -> Resolved:
        counts = call.name.startswith("COUNT")
        numeric = call.name in {"SUM", "AVG"}
        if not describe_field(inner.field)["aggregatable"] or (
            numeric and not inner.field.is_numeric
        ):
            raise self.error(
                call.at,
                f"field {inner.field.name} does not support aggregate operator "
                f"{call.name}",
            )
        result = WHOLE_NUMBER if counts else inner.field
        if numeric and inner.field.holds is Holds.WHOLE_NUMBER:
            result = FieldDef(name="expr", label="expr", type="double")
        return Resolved(
            sql=_AGGREGATES[call.name].format(inner.sql),
            field=result,
            names=(),
            owner=inner.owner,
            is_native=counts,
            is_aggregate=True,
        )

    def from_sql(self) -> str:
        """
        Write the FROM clause with all joins.
        """
        parts = [f"{quoted(self.definition.name)} {self.alias}"]
        parts += [join.sql for join in self.joins.values()]
        return " ".join(parts)

    def row_conditions(self, *, include_deleted: bool) -> Iterator[str]:
        """
        Yield the conditions that the platform adds: live records the user may see.
        """
        if not include_deleted:
            yield f'{self.alias}."IsDeleted" = 0'
        visible = self.org.permissions.visible_sql(
            self.user, self.definition, self.alias
        )
        if visible:
            yield visible


def _masked(column: str, field: FieldDef) -> str:
    """
    Mask an encrypted text for those who may not read it: all of it, or all but the last
    four characters.
    """
    shown = "" if field.mask_type in {"all", "nino"} else f" || substr({column}, -4)"
    mask = (field.mask or "*")[:1].replace("'", "''") * 8
    return f"CASE WHEN {column} IS NOT NULL THEN '{mask}'{shown} END"


def no_such_column(name: str, entity: str) -> str:
    """
    Say that a field does not exist, or not for this user.
    """
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use "
        "a custom field, be sure to append the '__c' after the custom field name. "
        f"{_ADVICE}"
    )


def not_supported(name: str) -> str:
    """
    Say that an object does not exist, or not for this user.
    """
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a "
        "custom object, be sure to append the '__c' after the entity name. "
        f"{_ADVICE}"
    )


def _no_relationship(name: str) -> str:
    return (
        f"Didn't understand relationship '{name}' in field path. If you are attempting "
        "to use a custom relationship, be sure to append the '__r' after the custom "
        f"relationship name. {_ADVICE}"
    )
