"""
Numbers as text: taken apart into digits, never computed with.
"""

from __future__ import annotations

import polars as pl

from migrator.rules.copy.convert.columns import Cell

_NUMBER = (
    r"^(?<sign>[+-]?)(?<whole>[0-9]*)\.?(?<fraction>[0-9]*)"
    r"(?:[eE](?<exponent>[+-]?[0-9]{1,3}))?$"
)
IS_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_ZEROS = "0" * 1_000


def number_text(cell: Cell) -> pl.Expr:
    """
    Return the number without exponent, plus sign and needless zeros, digit by digit.

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
