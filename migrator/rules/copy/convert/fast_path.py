"""
The usual case, told by one look at each cell: nothing to clean, check or change.

Most columns of most objects hold what their type allows in the spelling the load file
wants. Such a column travels as it came; only the others are taken apart. What is not
recognised here is no problem, it is looked at more closely.
"""

from __future__ import annotations

import polars as pl

from migrator.model.field_type import FieldType
from migrator.model.kinds.row import Family
from migrator.model.mapping import ORIGIN_ID, LineBreaks, TextRule
from migrator.rules.copy.convert.columns import (
    BLANKS,
    Cell,
    Conversion,
    is_resolvable,
)

_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_LATE_DAY = r"^[0-9]{4}-(?:(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
# Of the years that end in 00 the closer look decides.
_LEAP_DAY = r"^[0-9]{2}(?:0[48]|[2468][048]|[13579][26])-02-29"
_CLOCK = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,3})?Z$"
_ID = r"^[A-Za-z0-9]{18}$"
_PATTERNS = {
    Family.DATE: f"(?:{_DAY}|{_LATE_DAY}|{_LEAP_DAY})$",
    Family.DATE_TIME: f"(?:{_DAY}|{_LATE_DAY}|{_LEAP_DAY}){_CLOCK}",
    Family.TIME: r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$",
    Family.CHECKBOX: "^(?:true|false)$",
    Family.REFERENCE: _ID,
}


def usual_columns(
    frame: pl.DataFrame, cells: list[Cell], conversion: Conversion
) -> frozenset[str]:
    """
    Those load-file columns of *frame*, an extract's, whose every cell can travel as
    it is.
    """
    given = [cell for cell in cells if cell.path in frame.columns]
    paths = dict.fromkeys(cell.path for cell in given)
    raw = frame.lazy().select(pl.col(path).alias(f"in:{path}") for path in paths)
    looks = raw.select(
        _is_usual(cell, conversion).alias(cell.column) for cell in given
    ).collect()
    return frozenset(name for name in looks.columns if looks[name][0])


def _is_usual(cell: Cell, conversion: Conversion) -> pl.Expr:
    """
    Return True when every cell of the column is as its type wants it; null is fine
    where a blank is.
    """
    pattern = _pattern(cell)
    if cell.is_reference:
        fits = is_resolvable(cell, conversion) & cell.raw.str.contains(_ID)
    elif pattern:
        fits = cell.raw.str.contains(pattern)
    else:
        fits = _fits_as_text(cell, conversion.text)
    # `all` passes over null.
    return (
        fits.all() if cell.may_be_blank else fits.all() & (cell.raw.null_count() == 0)
    )


def _pattern(cell: Cell) -> str:
    """
    Return the usual spelling of values of a type that is no text.
    """
    if cell.type.is_number:
        return _plain_pattern(cell.type)
    if cell.column in {ORIGIN_ID, cell.entry.id_target}:
        return _ID
    return _PATTERNS.get(cell.type.row.family, "")


def _fits_as_text(cell: Cell, rule: TextRule) -> pl.Expr:
    fits = cell.raw != ""
    if rule.line_breaks is LineBreaks.LF:
        fits &= ~cell.raw.str.contains("\r", literal=True)
    if rule.trim:
        fits &= cell.raw.str.strip_chars(BLANKS) == cell.raw
    length = cell.type.room
    if length is not None:
        fits &= cell.raw.str.len_chars() <= length
    return fits


def _plain_pattern(type_: FieldType) -> str:
    """
    Return a number without exponent or needless digits that *type_* has room for.
    """
    scale = type_.scale or 0
    more = (type_.precision or 18) - scale - 1
    if more < 0:
        return r"^0$"
    whole = f"[1-9][0-9]{{0,{more}}}"
    integers = rf"^(?:0|-?{whole})(?:\.0)?$"
    if not scale:
        return integers
    return rf"{integers}|^-?(?:0|{whole})\.[0-9]{{0,{scale - 1}}}[1-9]$"
