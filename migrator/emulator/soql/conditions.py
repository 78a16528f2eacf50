"""
WHERE and HAVING in SQL, with SOQL's rules for null, text, ids and date literals.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from migrator.emulator.schema.describes import describe_field
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.schema.schema import FieldDef
from migrator.emulator.schema.values import decimal_text, parse_datetime
from migrator.emulator.soql.periods import period
from migrator.emulator.soql.scope import Resolved, Scope
from migrator.emulator.soql.syntax import (
    Comparison,
    Condition,
    Literal,
    Logical,
    Negation,
    Query,
    unescaped,
)

# The literals that are no quoted texts.
_BARE = {
    Holds.FLAG: "boolean",
    Holds.DAY: "date",
    Holds.MOMENT: "datetime",
    Holds.NUMBER: "number",
    Holds.WHOLE_NUMBER: "number",
}
SubqueryCompiler = Callable[[Query], str]


class Conditions:
    """
    Compiles the conditions of one scope; *subquery* compiles a semi-join's SELECT.
    """

    def __init__(self, scope: Scope, subquery: SubqueryCompiler) -> None:
        self.scope = scope
        self.subquery = subquery

    def compile(self, condition: Condition) -> str:
        """
        Compile *condition* to SQL.
        """
        if isinstance(condition, Logical):
            parts = [self.compile(each) for each in condition.parts]
            return "(" + f" {condition.operator} ".join(parts) + ")"
        if isinstance(condition, Negation):
            # Two-valued, as in SOQL: NOT of an unknown comparison is true.
            return f"NOT coalesce({self.compile(condition.part)}, 0)"
        return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> str:
        left = self.scope.resolve(comparison.left)
        self._check_filterable(left, comparison)
        if isinstance(comparison.value, Query):
            return self._semi_join(left, comparison.operator, comparison.value)
        if comparison.operator in {"INCLUDES", "EXCLUDES"}:
            return self._multi(left, comparison)
        if isinstance(comparison.value, tuple):
            return self._listed(left, comparison.operator, comparison.value)
        if comparison.value.kind == "period":
            return self._in_period(left, comparison.operator, comparison.value)
        return self._single(left, comparison.operator, comparison.value)

    def _check_filterable(self, left: Resolved, comparison: Comparison) -> None:
        if not left.is_aggregate and not describe_field(left.field)["filterable"]:
            raise self.scope.error(
                comparison.left.at,
                f"field '{left.field.name}' can not be filtered in a query call",
            )

    def _single(self, left: Resolved, operator: str, literal: Literal) -> str:
        if operator == "LIKE":
            return self._like(left, literal)
        value = self._operand(left, literal)
        if value is None:
            return self._null_test(left, operator, literal)
        mark = self.scope.params.add(value)
        if operator == "!=":
            return f"({left.sql} <> {mark} OR {left.sql} IS NULL)"
        return f"{left.sql} {operator} {mark}"

    def _null_test(self, left: Resolved, operator: str, literal: Literal) -> str:
        if operator not in {"=", "!="}:
            raise self.scope.error(
                literal.at, "null can be used with = and != only", "MALFORMED_QUERY"
            )
        return f"{left.sql} IS {'NOT ' if operator == '!=' else ''}NULL"

    def _like(self, left: Resolved, literal: Literal) -> str:
        if literal.kind != "string":
            raise self._wrong_kind(left.field, literal)
        if left.field.holds is Holds.ID or left.field.is_numeric:
            raise self.scope.error(
                literal.at,
                f"invalid operator on {left.field.type} field",
                "INVALID_QUERY_FILTER_OPERATOR",
            )
        mark = self.scope.params.add(unescaped(literal.text, keep_wildcards=True))
        return f"{left.sql} LIKE {mark} ESCAPE '\\'"

    def _listed(
        self, left: Resolved, operator: str, literals: tuple[Literal, ...]
    ) -> str:
        values = [self._operand(left, each) for each in literals]
        marks = [self.scope.params.add(each) for each in values if each is not None]
        test = f"{left.sql} IN ({', '.join(marks)})"
        has_null = None in values
        if operator == "IN":
            return f"({test} OR {left.sql} IS NULL)" if has_null else test
        if has_null:
            return f"(NOT {test} AND {left.sql} IS NOT NULL)"
        return f"(NOT {test} OR {left.sql} IS NULL)"

    def _multi(self, left: Resolved, comparison: Comparison) -> str:
        assert isinstance(comparison.value, tuple)
        tests = []
        for literal in comparison.value:
            wanted = str(self._operand(left, literal)).split(";")
            parts = [
                f"instr(';' || {left.sql} || ';', {mark}) > 0"
                for mark in [self.scope.params.add(f";{each};") for each in wanted]
            ]
            tests.append("(" + " AND ".join(parts) + ")")
        joined = "(" + " OR ".join(tests) + ")"
        excludes = comparison.operator == "EXCLUDES"
        return f"NOT coalesce({joined}, 0)" if excludes else joined

    def _semi_join(self, left: Resolved, operator: str, query: Query) -> str:
        if left.field.holds is not Holds.ID:
            raise self.scope.error(
                query.from_at,
                "The left operand of a semi-join must be an id or a reference field",
                "MALFORMED_QUERY",
            )
        inner = self.subquery(query)
        test = f"{left.sql} IN ({inner})"
        return test if operator == "IN" else f"NOT coalesce({test}, 0)"

    def _in_period(self, left: Resolved, operator: str, literal: Literal) -> str:
        found = period(literal.text, self.scope.org.clock.today())
        if found is None or left.field.holds not in {Holds.DAY, Holds.MOMENT}:
            raise self._wrong_kind(left.field, literal)
        first, after = (self._day(left, each) for each in found)
        tests = {
            "=": f"({left.sql} >= {first} AND {left.sql} < {after})",
            "!=": f"NOT coalesce({left.sql} >= {first} AND {left.sql} < {after}, 0)",
            "<": f"{left.sql} < {first}",
            "<=": f"{left.sql} < {after}",
            ">": f"{left.sql} >= {after}",
            ">=": f"{left.sql} >= {first}",
        }
        return tests[operator]

    def _day(self, left: Resolved, day: date) -> str:
        text = day.isoformat()
        if left.field.holds is Holds.MOMENT:
            text += "T00:00:00.000Z"
        return self.scope.params.add(text)

    def _operand(self, left: Resolved, literal: Literal) -> Any:
        """
        Return the stored value that *literal* is compared as; None for null.
        """
        field = left.field
        if literal.kind == "null":
            return 0 if field.holds is Holds.FLAG else None
        if literal.kind != _BARE.get(field.holds, "string"):
            raise self._wrong_kind(field, literal)
        if literal.kind == "number":
            number = Decimal(literal.text)
            return float(number) if left.is_native else decimal_text(number)
        if literal.kind == "boolean":
            return int(literal.text == "true")
        if literal.kind == "datetime":
            return parse_datetime(literal.text)
        if literal.kind == "date":
            return literal.text
        return self._text_operand(field, literal)

    def _text_operand(self, field: FieldDef, literal: Literal) -> str | None:
        text = unescaped(literal.text)
        if field.holds is Holds.ID:
            if text and not is_id(text) and not field.takes_names:
                raise self.scope.error(
                    literal.at,
                    f"invalid ID field: {text}",
                    "INVALID_QUERY_FILTER_OPERATOR",
                )
            return (to_18(text) if is_id(text) else text) or None
        # There is no empty text in the org: '' is null.
        return text or None

    def _wrong_kind(self, field: FieldDef, literal: Literal) -> Exception:
        is_bare = field.holds in _BARE
        shown, negation = (field.api.xsd, "not ") if is_bare else ("string", "")
        return self.scope.error(
            literal.at,
            f"value of filter criterion for field '{field.name}' must be of type "
            f"{shown} and should {negation}be enclosed in quotes",
        )
