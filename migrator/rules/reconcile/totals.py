"""
Exact sums of the amounts of both sides, by currency and year.
"""

from __future__ import annotations

from decimal import Context, Decimal

import polars as pl

from migrator.model.kinds.row import Family
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.verdict import Total
from migrator.rules.reconcile.equivalence import canonical_number
from migrator.rules.reconcile.org_sums import (
    CurrencyGroup,
    Sides,
    currency_field,
    summed_fields,
    year_field,
)
from migrator.rules.reconcile.values import canonical, each_value, none_if_empty

EXACT = Context(prec=200)
_SUMMABLE_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_WIDEST = 38
"""Digits of a polars decimal; seven of them are kept free for the sum itself."""


Sums = dict[tuple[str, int | None], Decimal]
"""By currency and year."""


def totals_of(
    source: pl.DataFrame, target: pl.DataFrame, mapped: MappedObject
) -> tuple[tuple[Total, ...], Sides]:
    """
    Return the totals of *mapped* by field, currency and year, and by currency alone.
    """
    mine = _grouping(source, mapped, on_target=False)
    theirs = _grouping(target, mapped, on_target=True)
    totals: list[Total] = []
    for entry in summed_fields(mapped):
        assert entry.target is not None
        one = _sums(mine.with_columns(value=source[str(entry.source)]))
        other = _sums(theirs.with_columns(value=target[entry.target]))
        totals += [
            Total(
                field=entry.source,
                currency=currency,
                year=year,
                source=one.get((currency, year), Decimal(0)),
                target=other.get((currency, year), Decimal(0)),
            )
            for currency, year in sorted(
                one.keys() | other.keys(), key=lambda key: (key[0], key[1] or 0)
            )
        ]
    return tuple(totals), Sides(
        source=_groups(mine, [(t.field, t.currency, t.source) for t in totals]),
        target=_groups(theirs, [(t.field, t.currency, t.target) for t in totals]),
    )


def amounts(
    rows: pl.DataFrame, mapped: MappedObject, entry: FieldMapping, *, on_target: bool
) -> Sums:
    """
    Return what some *rows* of one side add up to, for one amount.
    """
    column = str(entry.target if on_target else entry.source)
    grouping = _grouping(rows, mapped, on_target=on_target)
    return _sums(grouping.with_columns(value=rows[column]))


def _grouping(
    frame: pl.DataFrame, mapped: MappedObject, *, on_target: bool
) -> pl.DataFrame:
    """
    Currency and year of every record, as its own side has them; the year is UTC's.
    """

    def column(entry: FieldMapping | None) -> pl.Series:
        if entry is None or entry.target is None:
            return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        name = str(entry.target if on_target else entry.source)
        if entry.type is not None and entry.type.row.family is Family.DATE_TIME:
            return canonical(frame.select(name), name, entry.type)[name]
        return frame[name]

    return frame.select(
        currency=column(currency_field(mapped)).fill_null(""),
        year=column(year_field(mapped)).str.slice(0, 4).cast(pl.Int32, strict=False),
        row=pl.col("Id"),
    )


def _sums(rows: pl.DataFrame) -> Sums:
    """
    Return the exact sum of the column `value` by currency and year; what is no number
    is left to the comparison of cells.
    """
    rows = rows.with_columns(none_if_empty("value")).drop_nulls("value")
    usual = pl.col("value").str.contains(_SUMMABLE_NUMBER)
    odd = rows.filter(~usual)
    if odd.height:
        spelled = odd.with_columns(each_value(odd, "value", canonical_number))
        rows = pl.concat([rows.filter(usual), spelled.filter(usual)])
    if rows.is_empty():
        return {}
    whole, scale = _digits(rows["value"])
    if whole + scale + 7 > _WIDEST:
        return _summed_one_by_one(rows)
    exact = pl.col("value").cast(pl.Decimal(_WIDEST, scale))
    found = rows.group_by("currency", "year").agg(exact.sum())
    return {(currency, year): value for currency, year, value in found.iter_rows()}


def _digits(numbers: pl.Series) -> tuple[int, int]:
    """
    Return the most characters before and after the point of *numbers*.
    """
    length, point = numbers.str.len_bytes(), numbers.str.find(".", literal=True)
    before = point.fill_null(length).max()
    after = (length - point - 1).max()
    assert isinstance(before, int)
    return before, after if isinstance(after, int) else 0


def _summed_one_by_one(rows: pl.DataFrame) -> Sums:
    sums: Sums = {}
    for currency, year, value in rows.select("currency", "year", "value").iter_rows():
        key = (currency, year)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), Decimal(value))
    return sums


def _groups(
    grouping: pl.DataFrame, sums: list[tuple[ApiName, str, Decimal]]
) -> tuple[CurrencyGroup, ...]:
    counts = dict(grouping.group_by("currency").len().iter_rows())
    by_currency: dict[str, dict[ApiName, Decimal]] = {each: {} for each in counts}
    for field, currency, amount in sums:
        fields = by_currency.setdefault(currency, {})
        fields[field] = EXACT.add(fields.get(field, Decimal(0)), amount)
    return tuple(
        CurrencyGroup(
            currency=each, records=counts.get(each, 0), sums=by_currency[each]
        )
        for each in sorted(by_currency)
    )
