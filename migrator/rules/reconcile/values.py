"""
When the texts of two columns stand for the same values, a whole column at once.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from migrator.model.field_type import FieldType
from migrator.model.kinds.row import Family
from migrator.rules.reconcile.equivalence import canonical_instant, canonical_number

_PLAIN_NUMBER = r"^-?[0-9]+\.[0-9]+$"


def none_if_empty(name: str) -> pl.Expr:
    """
    Return the column *name* with null for empty text: the platform stores no other.
    """
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def without_equal(
    rows: pl.DataFrame, one: str = "source", other: str = "target"
) -> pl.DataFrame:
    """
    Return the rows in which *one* and *other* are not the same text; two nulls are.
    """
    return rows.filter(pl.col(one).ne_missing(pl.col(other)))


def without_same_value(rows: pl.DataFrame, type_: FieldType) -> pl.DataFrame:
    """
    Return the rows whose texts also stand for different values.
    """
    spelling = _SPELLINGS.get(type_.row.family)
    if spelling is None:
        return rows
    vector, single = spelling
    rows = rows.with_columns(one=vector("source"), other=vector("target"))
    rows = without_equal(rows, "one", "other")
    if rows.is_empty():
        return rows
    rows = rows.with_columns(
        each_value(rows, "one", single), each_value(rows, "other", single)
    )
    return without_equal(rows, "one", "other")


def canonical(rows: pl.DataFrame, name: str, type_: FieldType) -> pl.DataFrame:
    """
    *rows* with the column *name* in one spelling per value of *type_*.
    """
    spelling = _SPELLINGS.get(type_.row.family)
    if spelling is None:
        return rows
    vector, single = spelling
    spelled = rows.select(vector(name).alias(name))
    usual = _USUAL.get(type_.row.family)
    if usual is None:
        return spelled
    # A value by itself costs hundreds of times more than one of a column.
    is_usual = pl.col(name).str.contains(usual)
    rare = spelled.select(pl.when(~is_usual).then(pl.col(name)).alias(name))
    return spelled.select(
        pl.when(is_usual).then(pl.col(name)).otherwise(each_value(rare, name, single))
    )


def each_value(
    rows: pl.DataFrame, name: str, function: Callable[[str], str]
) -> pl.Series:
    """
    Return *function* of every distinct text of the column *name*.
    """
    texts = rows[name].drop_nulls().unique().to_list()
    return rows[name].replace(texts, [function(text) for text in texts])


def number_spelling(name: str) -> pl.Expr:
    """
    Numbers with a point lose the zeros at their end; everything else stays.

    Enough for whole columns in the two usual notations; signs, exponents and leading
    zeros are left to `canonical_number`.
    """
    text = pl.col(name)
    short = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(text.str.contains(_PLAIN_NUMBER)).then(short).otherwise(text)


def _instant(name: str) -> pl.Expr:
    utc = pl.col(name).str.replace(r"[+-]00:?00$", "Z")
    return utc.str.replace(r"\.0+Z$", "Z")


def _time(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"(\.0+)?Z?$", "Z")


def _boolean(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase()


_SPELLINGS: dict[Family, tuple[Callable[[str], pl.Expr], Callable[[str], str]]] = {
    Family.NUMBER: (number_spelling, canonical_number),
    Family.DATE_TIME: (_instant, canonical_instant),
    Family.TIME: (_time, str),
    Family.CHECKBOX: (_boolean, str),
}
"""One spelling per value: for a whole column, and exactly for what that leaves."""
_USUAL = {
    Family.NUMBER: r"^(0|-?0\.[0-9]*[1-9]|-?[1-9][0-9]*(\.[0-9]*[1-9])?)$",
    Family.DATE_TIME: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
"""What the spelling of a column has brought into its final form already."""
