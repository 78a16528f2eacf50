"""
SOQL text to a syntax tree; SOQL and SOSL Reference, "SOQL SELECT Syntax".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migrator.emulator.errors import SalesforceError, not_emulated

MAX_LENGTH = 100_000
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<symbol><=|>=|!=|<>|[=<>(),:])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_OPERATORS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_REFUSED = frozenset({"using", "with", "for", "update", "typeof", "all"})
# After FROM, these are clauses and never an alias of the object.
_CLAUSES = frozenset({"where", "group", "having", "order", "limit", "offset"})


@dataclass(frozen=True, slots=True)
class Token:
    """
    One word of the query; *at* is its offset in the text.
    """

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class FieldPath:
    """
    A field, possibly through relationships: `("Account", "Name")`.
    """

    path: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """
        The path as written.
        """
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Call:
    """
    An aggregate or date function of one field (COUNT() has none).
    """

    name: str
    argument: FieldPath | Call | None
    at: int


Expression = FieldPath | Call


@dataclass(frozen=True, slots=True)
class SelectItem:
    """
    One entry of the SELECT list; *compound* is the (address) field it is a part of.
    """

    expression: Expression
    alias: str | None
    compound: str | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """
    A value; *kind* is string, number, boolean, null, date, datetime or period.
    """

    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    `left operator value`; IN and NOT IN have a tuple or a subquery.
    """

    left: Expression
    operator: str
    value: Literal | tuple[Literal, ...] | Query


@dataclass(frozen=True, slots=True)
class Logical:
    """
    Conditions joined by AND or OR.
    """

    operator: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """
    NOT of a condition.
    """

    part: Condition


Condition = Comparison | Logical | Negation


@dataclass(frozen=True, slots=True)
class OrderItem:
    """
    One entry of ORDER BY.
    """

    expression: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """
    One SELECT; *alias* is a name the FROM object goes by, *from_at* its offset.
    *children* are the parent-to-child subqueries of its SELECT list.
    """

    items: tuple[SelectItem, ...]
    object_name: str
    from_at: int
    alias: str | None = None
    where: Condition | None = None
    group_by: tuple[Expression, ...] = ()
    having: Condition | None = None
    order_by: tuple[OrderItem, ...] = ()
    limit: int | None = None
    offset: int | None = None
    children: tuple[Query, ...] = ()


def located(text: str, at: int, code: str, message: str) -> SalesforceError:
    """
    Make the error *message* with Salesforce's excerpt, row and column (from 1).
    """
    row = text.count("\n", 0, at) + 1
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end]
    column = at - start
    first = max(column - 40, 0)
    excerpt = line[first : column + 40]
    pointer = " " * (column - first) + "^"
    return SalesforceError(
        code,
        f"\n{excerpt}\n{pointer}\nERROR at Row:{row}:Column:{column + 1}\n{message}",
    )


def parse_query(text: str) -> Query:
    """
    Parse *text* into its tree. Raises SalesforceError MALFORMED_QUERY.
    """
    if len(text) > MAX_LENGTH:
        raise SalesforceError(
            "MALFORMED_QUERY",
            f"SOQL statements cannot be longer than {MAX_LENGTH} characters.",
        )
    parser = _Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    """
    Recursive descent over the tokens of one statement.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def error(self, message: str, token: Token | None = None) -> SalesforceError:
        at = (token or self.token).at
        return located(self.text, at, "MALFORMED_QUERY", message)

    def unexpected(self) -> SalesforceError:
        shown = self.token.text or "<EOF>"
        return self.error(f"unexpected token: '{shown}'")

    def take(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.text.lower() in words

    def skip_word(self, *words: str) -> bool:
        if self.is_word(*words):
            self.place += 1
            return True
        return False

    def skip_symbol(self, symbol: str) -> bool:
        if self.token.kind == "symbol" and self.token.text == symbol:
            self.place += 1
            return True
        return False

    def expect_word(self, word: str) -> None:
        if not self.skip_word(word):
            raise self.unexpected()

    def expect_symbol(self, symbol: str) -> None:
        if not self.skip_symbol(symbol):
            raise self.unexpected()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected()

    def query(self) -> Query:
        self.expect_word("select")
        items, children = self.select_list()
        self.expect_word("from")
        source = self.name()
        alias = self.alias() if not self.is_word(*_CLAUSES, *_REFUSED) else None
        where = self.condition() if self.skip_word("where") else None
        self.refuse_clauses()
        group_by = self.group_by()
        having = self.condition() if self.skip_word("having") else None
        order_by = self.order_by()
        limit = self.whole_number() if self.skip_word("limit") else None
        offset = self.whole_number() if self.skip_word("offset") else None
        self.refuse_clauses()
        return Query(
            items=items,
            object_name=source.text,
            from_at=source.at,
            alias=alias,
            where=where,
            group_by=group_by,
            having=having,
            order_by=order_by,
            limit=limit,
            offset=offset,
            children=children,
        )

    def refuse_clauses(self) -> None:
        if self.is_word(*_REFUSED):
            raise not_emulated(f"the SOQL clause {self.token.text.upper()}")

    def name(self) -> Token:
        if self.token.kind != "name":
            raise self.unexpected()
        return self.take()

    def alias(self) -> str | None:
        self.skip_word("as")
        return self.take().text if self.token.kind == "name" else None

    def select_list(self) -> tuple[tuple[SelectItem, ...], tuple[Query, ...]]:
        items: list[SelectItem] = []
        children: list[Query] = []
        while True:
            if self.skip_symbol("("):
                children.append(self.child())
            else:
                items.append(self.select_item())
            if not self.skip_symbol(","):
                return tuple(items), tuple(children)

    def child(self) -> Query:
        inner = self.query()
        if inner.children:
            raise not_emulated("subqueries inside subqueries of a SELECT list")
        self.expect_symbol(")")
        return inner

    def select_item(self) -> SelectItem:
        if self.is_word("typeof"):
            raise not_emulated("TYPEOF")
        expression = self.expression()
        alias = None
        if self.token.kind == "name" and not self.is_word("from", *_CLAUSES):
            alias = self.take().text
        return SelectItem(expression, alias)

    def expression(self) -> Expression:
        token = self.name()
        if not self.skip_symbol("("):
            return _path(token)
        argument: Expression | None = None
        if not (self.token.kind == "symbol" and self.token.text == ")"):
            argument = self.expression()
        self.expect_symbol(")")
        return Call(token.text.upper(), argument, token.at)

    def group_by(self) -> tuple[Expression, ...]:
        if not self.skip_word("group"):
            return ()
        self.expect_word("by")
        if self.is_word("rollup", "cube"):
            raise not_emulated(f"GROUP BY {self.token.text.upper()}")
        found = [self.expression()]
        while self.skip_symbol(","):
            found.append(self.expression())
        return tuple(found)

    def order_by(self) -> tuple[OrderItem, ...]:
        if not self.skip_word("order"):
            return ()
        self.expect_word("by")
        found = [self.order_item()]
        while self.skip_symbol(","):
            found.append(self.order_item())
        return tuple(found)

    def order_item(self) -> OrderItem:
        expression = self.expression()
        descending = self.skip_word("desc")
        if not descending:
            self.skip_word("asc")
        nulls_last = False
        if self.skip_word("nulls"):
            nulls_last = self.skip_word("last")
            if not nulls_last:
                self.expect_word("first")
        return OrderItem(expression, descending, nulls_last)

    def whole_number(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.unexpected()
        return int(self.take().text)

    def condition(self) -> Condition:
        parts = [self.negatable()]
        operator = ""
        while self.is_word("and", "or"):
            word = self.token.text.upper()
            # SOQL has no precedence between AND and OR: brackets are required.
            if operator and word != operator:
                raise self.unexpected()
            operator = word
            self.take()
            parts.append(self.negatable())
        return Logical(operator, tuple(parts)) if operator else parts[0]

    def negatable(self) -> Condition:
        if self.skip_word("not"):
            return Negation(self.negatable())
        if self.skip_symbol("("):
            inner = self.condition()
            self.expect_symbol(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        left = self.expression()
        if self.token.kind == "symbol" and self.token.text in _OPERATORS:
            operator = self.take().text.replace("<>", "!=")
            return Comparison(left, operator, self.literal())
        if self.skip_word("like"):
            return Comparison(left, "LIKE", self.literal())
        if self.is_word("includes", "excludes"):
            operator = self.take().text.upper()
            return Comparison(left, operator, self.literal_list())
        operator = "NOT IN" if self.skip_word("not") else "IN"
        self.expect_word("in")
        return Comparison(left, operator, self.in_values())

    def in_values(self) -> tuple[Literal, ...] | Query:
        opening = self.place
        self.expect_symbol("(")
        if self.is_word("select"):
            inner = self.query()
            self.expect_symbol(")")
            return inner
        self.place = opening
        return self.literal_list()

    def literal_list(self) -> tuple[Literal, ...]:
        self.expect_symbol("(")
        found = [self.literal()]
        while self.skip_symbol(","):
            found.append(self.literal())
        self.expect_symbol(")")
        return tuple(found)

    def literal(self) -> Literal:
        token = self.take()
        if token.kind == "string":
            return Literal("string", token.text, token.at)
        if token.kind in {"number", "date", "datetime"}:
            return Literal(token.kind, token.text, token.at)
        if token.kind == "name":
            return self.named_literal(token)
        self.place -= 1
        raise self.unexpected()

    def named_literal(self, token: Token) -> Literal:
        word = token.text.lower()
        if word in {"true", "false"}:
            return Literal("boolean", word, token.at)
        if word == "null":
            return Literal("null", word, token.at)
        period = token.text.upper()
        if self.skip_symbol(":"):
            period = f"{period}:{self.whole_number()}"
        return Literal("period", period, token.at)


def _path(token: Token) -> FieldPath:
    return FieldPath(tuple(re.split(r"\s*\.\s*", token.text)), token.at)


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            message = (
                f"line 1:{start} no viable alternative at character '{text[start]}'"
            )
            raise located(text, start, "MALFORMED_QUERY", message)
        kind = match.lastgroup
        start = match.start(kind)
        found.append(Token(kind, match.group(kind), start))
        if kind == "end":
            return found
        at = match.end()


def unescaped(quoted_text: str, *, keep_wildcards: bool = False) -> str:
    r"""
    Read the text of a quoted SOQL string; with *keep_wildcards*, `\%` and `\_` stay.
    """

    def replaced(match: re.Match[str]) -> str:
        char = match.group(1)
        if keep_wildcards and char in "%_\\":
            return match.group(0)
        return _ESCAPES.get(char, char)

    return re.sub(r"\\(.)", replaced, quoted_text[1:-1], flags=re.DOTALL)
