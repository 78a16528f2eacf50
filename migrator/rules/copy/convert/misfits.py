"""
What does not fit its target, counted over frames and told without values.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from migrator.model.codes import copy as codes
from migrator.model.finding import Code, Finding
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
class Misfit:
    """
    Cells of one column that do not fit, in one frame or in all of them.
    """

    source: ApiName
    """The source field."""
    column: str
    """The load-file column."""
    code: Code
    parts: abc.Mapping[str, object]
    """Of the code's sentence, besides which cells it is about."""
    cells: int
    examples: tuple[str, ...]
    """Origin ids of the first records."""
    agreed: str = ""
    """The entry's `loses:` when it covers this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """
    What converting frames would meet.
    """

    mapped: MappedObject
    misfits: tuple[Misfit, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """
        One finding for each kind of cell that does not fit and was not agreed to.
        """
        return tuple(
            _finding(self.mapped, each) for each in self.misfits if not each.agreed
        )

    @property
    def losses(self) -> tuple[Loss, ...]:
        """
        How many cells each agreed `loses:` touches.
        """
        cells: dict[tuple[ApiName, str], int] = {}
        for each in self.misfits:
            if each.agreed:
                key = (each.source, each.agreed)
                cells[key] = cells.get(key, 0) + each.cells
        return tuple(
            Loss(field=source, agreed=agreed, cells=count)
            for (source, agreed), count in cells.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """
    What is asked about each cell of a column.
    """

    code: Code
    found: pl.Expr
    """True for the cells that do not fit."""
    parts: abc.Mapping[str, object] = field(default_factory=dict)
    can_be_agreed: bool = False


def check_frame(frame: pl.DataFrame, conversion: Conversion) -> Checked:
    """
    Return what `convert` would find, without its output.
    """
    frame = ruled(frame, conversion.mapped, conversion.text)
    usual = usual_columns(frame, cells_of(conversion), conversion)
    return check_ruled(frame, conversion, usual)


def check_ruled(
    frame: pl.DataFrame, conversion: Conversion, usual: frozenset[str]
) -> Checked:
    """
    Return the same for a *frame* that has its value rules' columns, of which the
    *usual* columns need no closer look.
    """
    # A column that is not there is never usual.
    cells = [cell for cell in cells_of(conversion) if cell.column not in usual]
    if not cells:
        return Checked(mapped=conversion.mapped)
    clean = cleaned(frame, cells, conversion.text)
    questions = {
        f"{number}": (cell, question)
        for number, (cell, question) in enumerate(
            (cell, question)
            for cell in cells
            for question in _questions(cell, conversion, frame.columns)
        )
    }
    # Lazy, so that polars takes each number apart once for all its questions.
    counts = (
        clean.lazy()
        .select(
            question.found.fill_null(value=False).sum().alias(name)
            for name, (_, question) in questions.items()
        )
        .collect()
    )
    struck = [name for name in counts.columns if counts[name][0]]
    misfits = tuple(
        _misfit(clean, *questions[name], int(counts[name][0])) for name in struck
    )
    return Checked(mapped=conversion.mapped, misfits=misfits)


def merged(mapped: MappedObject, many: Iterable[Checked]) -> Checked:
    """
    Return the misfits of many frames of one object as if they had been one frame.
    """
    misfits: dict[tuple[str, str], Misfit] = {}
    for each in many:
        for misfit in each.misfits:
            key = (misfit.column, misfit.code.word)
            known = misfits.get(key)
            misfits[key] = misfit if known is None else _sum(known, misfit)
    return Checked(mapped=mapped, misfits=tuple(misfits.values()))


def _questions(
    cell: Cell, conversion: Conversion, given: list[str]
) -> Iterator[_Question]:
    if cell.path not in given:
        is_name = cell.column == cell.entry.name_target
        yield _Question(
            code=codes.NAME_NOT_EXTRACTED if is_name else codes.NOT_EXTRACTED,
            parts={"path": cell.path},
            found=cell.raw.is_null(),
        )
        return
    if not cell.may_be_blank:
        yield _Question(code=codes.VALUE_MISSING, found=cell.raw.is_null())
    if cell.is_reference:
        needs_it = is_mandatory(cell.entry)
        yield _Question(
            code=codes.PARENT_MISSING if needs_it else codes.LINK_LEFT_EMPTY,
            found=cell.raw.is_not_null() & ~is_resolvable(cell, conversion),
        )
    elif cell.type.is_number:
        yield from _about_numbers(cell)
    else:
        yield from _about_formats(cell)
        yield from _about_lengths(cell)


def _about_numbers(cell: Cell) -> Iterator[_Question]:
    scale = cell.type.scale or 0
    room = (cell.type.precision or 18) - scale
    digits = Digits(cell.raw)
    is_number = cell.raw.str.contains(IS_NUMBER)
    yield _Question(code=codes.NOT_A_NUMBER, found=~is_number)
    yield _Question(
        code=codes.TOO_MANY_DIGITS,
        parts={"room": room},
        found=is_number
        & (digits.whole.str.strip_chars_start("0").str.len_chars() > room),
    )
    yield _Question(
        code=codes.DIGITS_LOST,
        parts={"scale": scale},
        found=is_number
        & (digits.fraction.str.strip_chars_end("0").str.len_chars() > scale),
        can_be_agreed=True,
    )


def _about_formats(cell: Cell) -> Iterator[_Question]:
    family, raw = cell.type.row.family, cell.raw
    if family is Family.DATE:
        day = raw.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & _is_day(raw)
        moment = raw.str.contains(_INSTANT) & _is_day(raw)
        yield _Question(code=codes.TIME_LOST, found=moment, can_be_agreed=True)
        yield _Question(code=codes.NOT_A_DATE, found=~day & ~moment)
    elif family is Family.DATE_TIME:
        right = raw.str.contains(_INSTANT) & _is_day(raw) & _is_clock(raw)
        yield _Question(code=codes.NOT_A_DATE_TIME, found=~right)
    elif family is Family.TIME:
        yield _Question(code=codes.NOT_A_TIME, found=~raw.str.contains(_TIME))
    elif family is Family.CHECKBOX:
        wrong = ~raw.str.to_lowercase().is_in(["true", "false"])
        yield _Question(code=codes.NOT_A_CHECKBOX, found=wrong)
    elif family is Family.REFERENCE or cell.column in {ORIGIN_ID, cell.entry.id_target}:
        wrong = ~raw.str.contains(r"^[A-Za-z0-9]{18}$")
        yield _Question(code=codes.NOT_AN_ID, found=wrong)


def _is_day(raw: pl.Expr) -> pl.Expr:
    day = raw.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.is_not_null() | raw.is_null()


def _is_clock(raw: pl.Expr) -> pl.Expr:
    clock = raw.str.slice(11, 8).str.to_time("%H:%M:%S", strict=False)
    return clock.is_not_null() | raw.is_null()


def _about_lengths(cell: Cell) -> Iterator[_Question]:
    length = cell.type.room
    if length is not None:
        yield _Question(
            code=codes.TOO_LONG,
            parts={"length": length},
            found=cell.raw.str.len_chars() > length,
            can_be_agreed=True,
        )


def _misfit(clean: pl.DataFrame, cell: Cell, asked: _Question, cells: int) -> Misfit:
    examples = clean.filter(asked.found.fill_null(value=False))["in:Id"]
    return Misfit(
        source=cell.entry.source,
        column=cell.column,
        code=asked.code,
        parts=asked.parts,
        cells=cells,
        examples=tuple(examples.head(EXAMPLES).to_list()),
        agreed=cell.entry.loses if asked.can_be_agreed else "",
    )


def _sum(one: Misfit, other: Misfit) -> Misfit:
    examples = (*one.examples, *other.examples)[:EXAMPLES]
    return replace(one, cells=one.cells + other.cells, examples=examples)


def _finding(mapped: MappedObject, misfit: Misfit) -> Finding:
    found = misfit.code(
        cells=misfit.cells,
        target=f"{mapped.target}.{misfit.column}",
        ids=", ".join(misfit.examples),
        **misfit.parts,
    )
    return found.at(mapped.source, misfit.source)
