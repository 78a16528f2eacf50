"""
What does not fit its target, counted over frames and told without values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from migrator.model.finding import Finding, Level
from migrator.model.kinds.row import Family
from migrator.model.mapping import ORIGIN_ID, MappedObject
from migrator.model.names import ApiName
from migrator.model.verdict import Loss
from migrator.rules.copy.convert.columns import (
    Cell,
    Conversion,
    cells_of,
    cleaned,
    is_resolvable,
)
from migrator.rules.copy.convert.fast_path import usual_columns
from migrator.rules.copy.convert.numbers import IS_NUMBER, Digits
from migrator.rules.copy.convert.value_rules import ruled
from migrator.rules.copy.load_order import is_mandatory

EXAMPLES = 3
_INSTANT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{1,3})?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
)
_TIME = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,3})?)?Z?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """
    Cells of one column that do not fit, in one frame or in all of them.
    """

    source: ApiName
    """The source field."""
    column: str
    """The load-file column."""
    code: str
    expected: str
    """What was expected of the cells, as the end of a sentence."""
    cells: int
    examples: tuple[str, ...]
    """Origin ids of the first records."""
    level: Level
    agreed: str = ""
    """The entry's `loses:` when it covers this issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """
    What converting frames would meet.
    """

    mapped: MappedObject
    issues: tuple[Issue, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """
        One finding for each kind of cell that does not fit and was not agreed to.
        """
        return tuple(
            _finding(self.mapped, each) for each in self.issues if not each.agreed
        )

    @property
    def losses(self) -> tuple[Loss, ...]:
        """
        How many cells each agreed `loses:` touches.
        """
        cells: dict[tuple[ApiName, str], int] = {}
        for each in self.issues:
            if each.agreed:
                key = (each.source, each.agreed)
                cells[key] = cells.get(key, 0) + each.cells
        return tuple(
            Loss(field=source, agreed=agreed, cells=count)
            for (source, agreed), count in cells.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    code: str
    expected: str
    found: pl.Expr
    """True for the cells that do not fit."""
    level: Level = Level.BLOCKER
    can_be_agreed: bool = False


def check_frame(frame: pl.DataFrame, conversion: Conversion) -> Checked:
    """
    What `convert` would find, without its output.
    """
    frame = ruled(frame, conversion.mapped, conversion.text)
    usual = usual_columns(frame, cells_of(conversion), conversion)
    # A column that is not there is never usual.
    cells = [cell for cell in cells_of(conversion) if cell.column not in usual]
    if not cells:
        return Checked(mapped=conversion.mapped)
    clean = cleaned(frame, cells, conversion.text)
    problems = {
        f"{number}": (cell, problem)
        for number, (cell, problem) in enumerate(
            (cell, problem)
            for cell in cells
            for problem in _problems(cell, conversion, frame.columns)
        )
    }
    # Lazy, so that polars takes each number apart once for all its questions.
    counts = (
        clean.lazy()
        .select(
            problem.found.fill_null(value=False).sum().alias(name)
            for name, (_, problem) in problems.items()
        )
        .collect()
    )
    struck = [name for name in counts.columns if counts[name][0]]
    issues = tuple(
        _issue(clean, *problems[name], int(counts[name][0])) for name in struck
    )
    return Checked(mapped=conversion.mapped, issues=issues)


def merged(mapped: MappedObject, many: Iterable[Checked]) -> Checked:
    """
    The issues of many frames of one object as if they had been one frame.
    """
    issues: dict[tuple[str, str], Issue] = {}
    for each in many:
        for issue in each.issues:
            key = (issue.column, issue.code)
            known = issues.get(key)
            issues[key] = issue if known is None else _sum(known, issue)
    return Checked(mapped=mapped, issues=tuple(issues.values()))


def _problems(
    cell: Cell, conversion: Conversion, given: list[str]
) -> Iterator[_Problem]:
    if cell.path not in given:
        is_name = cell.column == cell.entry.name_target
        yield _Problem(
            code="not-extracted",
            expected=f"needs {cell.path}, which the extract does not have",
            found=cell.raw.is_null(),
            level=Level.WARNING if is_name else Level.BLOCKER,
        )
        return
    if not cell.may_be_blank:
        yield _Problem(
            code="value-missing",
            expected="is required and has no value",
            found=cell.raw.is_null(),
        )
    if cell.is_reference:
        yield _parent_problem(cell, conversion)
    elif cell.type.is_number:
        yield from _number_problems(cell)
    else:
        yield from _format_problems(cell)
        yield from _length_problems(cell)


def _parent_problem(cell: Cell, conversion: Conversion) -> _Problem:
    mandatory = is_mandatory(cell.entry)
    kept = "" if mandatory else "; the link stays empty, its id is kept"
    return _Problem(
        code="parent-missing",
        expected=f"points at a record that is not among those copied{kept}",
        found=cell.raw.is_not_null() & ~is_resolvable(cell, conversion),
        level=Level.BLOCKER if mandatory else Level.WARNING,
    )


def _number_problems(cell: Cell) -> Iterator[_Problem]:
    scale = cell.type.scale or 0
    room = (cell.type.precision or 18) - scale
    digits = Digits(cell.raw)
    is_number = cell.raw.str.contains(IS_NUMBER)
    yield _Problem(code="not-a-number", expected="is no number", found=~is_number)
    yield _Problem(
        code="too-many-digits",
        expected=f"has more than {room} digits before the decimal point",
        found=is_number
        & (digits.whole.str.strip_chars_start("0").str.len_chars() > room),
    )
    yield _Problem(
        code="digits-lost",
        expected=f"has more than {scale} digits after the decimal point",
        found=is_number
        & (digits.fraction.str.strip_chars_end("0").str.len_chars() > scale),
        can_be_agreed=True,
    )


def _format_problems(cell: Cell) -> Iterator[_Problem]:
    family, raw = cell.type.row.family, cell.raw
    if family is Family.DATE:
        day = raw.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & _is_day(raw)
        moment = raw.str.contains(_INSTANT) & _is_day(raw)
        yield _Problem(
            code="time-lost",
            expected="has a time of day",
            found=moment,
            can_be_agreed=True,
        )
        yield _Problem(code="not-a-date", expected="is no date", found=~day & ~moment)
    elif family is Family.DATE_TIME:
        right = raw.str.contains(_INSTANT) & _is_day(raw) & _is_clock(raw)
        yield _Problem(code="not-a-time", expected="is no date-time", found=~right)
    elif family is Family.TIME:
        wrong = ~raw.str.contains(_TIME)
        yield _Problem(code="not-a-time", expected="is no time of day", found=wrong)
    elif family is Family.CHECKBOX:
        wrong = ~raw.str.to_lowercase().is_in(["true", "false"])
        yield _Problem(
            code="not-a-checkbox", expected="is neither true nor false", found=wrong
        )
    elif family is Family.REFERENCE or cell.column in {ORIGIN_ID, cell.entry.id_target}:
        wrong = ~raw.str.contains(r"^[A-Za-z0-9]{18}$")
        yield _Problem(
            code="not-an-id", expected="is no id of 18 characters", found=wrong
        )


def _is_day(raw: pl.Expr) -> pl.Expr:
    day = raw.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.is_not_null() | raw.is_null()


def _is_clock(raw: pl.Expr) -> pl.Expr:
    clock = raw.str.slice(11, 8).str.to_time("%H:%M:%S", strict=False)
    return clock.is_not_null() | raw.is_null()


def _length_problems(cell: Cell) -> Iterator[_Problem]:
    length = cell.type.room
    if length is not None:
        yield _Problem(
            code="too-long",
            expected=f"is longer than {length} characters",
            found=cell.raw.str.len_chars() > length,
            can_be_agreed=True,
        )


def _issue(clean: pl.DataFrame, cell: Cell, problem: _Problem, cells: int) -> Issue:
    examples = clean.filter(problem.found.fill_null(value=False))["in:Id"]
    agreed = cell.entry.loses if problem.can_be_agreed else ""
    return Issue(
        source=cell.entry.source,
        column=cell.column,
        code=problem.code,
        expected=problem.expected,
        cells=cells,
        examples=tuple(examples.head(EXAMPLES).to_list()),
        level=problem.level,
        agreed=agreed,
    )


def _sum(one: Issue, other: Issue) -> Issue:
    examples = (*one.examples, *other.examples)[:EXAMPLES]
    return replace(one, cells=one.cells + other.cells, examples=examples)


def _finding(mapped: MappedObject, issue: Issue) -> Finding:
    ids = ", ".join(issue.examples)
    return Finding(
        level=issue.level,
        code=issue.code,
        message=f"{issue.cells} cells for {mapped.target}.{issue.column}: each "
        f"{issue.expected} (records {ids})",
        object=mapped.source,
        field=issue.source,
        remedy=_remedy(issue),
    )


def _remedy(issue: Issue) -> str:
    if issue.code == "not-extracted":
        return "migrator describe, then migrator extract, then copy again"
    if issue.code in {"parent-missing", "value-missing"}:
        return "mend the records in the org, or change the entry in mapping.yaml"
    if issue.code in {"digits-lost", "too-long", "time-lost"}:
        return (
            "widen `type` of the entry in mapping.yaml, or agree with `loses:` and "
            "have it approved"
        )
    return "change `type` of the entry in mapping.yaml"
