"""
Numbers as text: taken apart into digits, never computed with.
"""

from __future__ import annotations

import polars as pl

from migrator.model.target import FieldType
from migrator.rules.conversion.columns import Cell

_NUMBER = (
    r"^(?<sign>[+-]?)(?<whole>[0-9]*)\.?(?<fraction>[0-9]*)"
    r"(?:[eE](?<exponent>[+-]?[0-9]{1,3}))?$"
)
IS_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_ZEROS = "0" * 1_000


def plain_numbers(clean: pl.DataFrame, cells: list[Cell]) -> frozenset[str]:
    """
    The number columns whose every cell can travel as it came: the usual case, told by
    one look at each cell instead of taking it apart.
    """
    usual = clean.select(
        cell.raw.str.contains(_plain_pattern(cell.type)).all().alias(cell.column)
        for cell in cells
        if cell.type.is_number
    )
    return frozenset(name for name in usual.columns if usual[name][0])


def _plain_pattern(type_: FieldType) -> str:
    """
    A number without exponent or needless digits that *type_* has room for.
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


def number_text(cell: Cell) -> pl.Expr:
    """
    The number without exponent, plus sign and needless zeros, digit by digit.

    With `loses:` digits after the target's last place are cut, as the platform does.
    """
    digits = Digits(cell.raw)
    fraction = digits.fraction
    if cell.entry.loses:
        fraction = fraction.str.slice(0, cell.type.scale or 0)
    fraction = fraction.str.strip_chars_end("0")
    whole = digits.whole.str.strip_chars_start("0")
    is_zero = (whole == "") & (fraction == "")
    sign = pl.when((digits.sign == "-") & ~is_zero).then(pl.lit("-"))
    plain = pl.concat_str(
        sign.otherwise(pl.lit("")),
        pl.when(whole == "").then(pl.lit("0")).otherwise(whole),
        pl.when(fraction != "").then(pl.lit(".")).otherwise(pl.lit("")),
        fraction,
    )
    is_number = cell.raw.str.contains(IS_NUMBER)
    return pl.when(is_number).then(plain).otherwise(cell.raw)


class Digits:
    """
    The digits of a number before and after the point, exponent applied.
    """

    def __init__(self, text: pl.Expr) -> None:
        groups = text.str.extract_groups(_NUMBER)
        self.sign = groups.struct.field("sign")
        whole, fraction = groups.struct.field("whole"), groups.struct.field("fraction")
        shift = groups.struct.field("exponent").cast(pl.Int64).fill_null(0)
        point = whole.str.len_chars().cast(pl.Int64) + shift
        before = pl.max_horizontal(-point, pl.lit(0))
        after = fraction.str.len_chars().cast(pl.Int64) - shift
        after = pl.max_horizontal(-after, pl.lit(0))
        digits = pl.concat_str(_zeros(before), whole, fraction, _zeros(after))
        at = pl.max_horizontal(point, pl.lit(0))
        self.whole = digits.str.slice(0, at)
        self.fraction = digits.str.slice(at)


def _zeros(count: pl.Expr) -> pl.Expr:
    return pl.lit(_ZEROS).str.slice(0, count)
