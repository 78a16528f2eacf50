"""
What the org counts and adds up itself: one query a side, independent of what was read.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from migrator.errors import LoginRefused, OrgRefused
from migrator.model.codes import reconcile as codes
from migrator.model.finding import Finding
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.rules.reconcile.org_sums import (
    CURRENCY,
    CurrencyGroup,
    Sides,
    amount_fields,
    currency_field,
)

if TYPE_CHECKING:
    from migrator.org.session import Org

SUMS_PER_QUERY = 20


def count_sides(
    org: Org, mapped: MappedObject
) -> tuple[Sides, frozenset[ApiName], tuple[Finding, ...]]:
    """
    Return records and sums per currency as the org gives them, and the fields it would
    add up.

    A formula can be one that SOQL does not add up; a finding names each such field.
    """
    entries = amount_fields(mapped)
    by_currency = currency_field(mapped) is not None
    mine = {entry.source: str(entry.source) for entry in entries}
    theirs = {entry.source: str(entry.target) for entry in entries}
    source = _Side(org=org, object=mapped.source, columns=mine, by_currency=by_currency)
    target = _Side(
        org=org, object=mapped.target, columns=theirs, by_currency=by_currency
    )
    one, refused_there = _groups(source)
    other, refused_here = _groups(target)
    refused = refused_there | refused_here
    return (
        Sides(source=one, target=other),
        frozenset(mine) - refused,
        tuple(
            codes.ORG_SUM_REFUSED().at(mapped.source, field)
            for field in mine
            if field in refused
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """
    What to ask one side.
    """

    org: Org
    object: ApiName
    columns: abc.Mapping[ApiName, str]
    """Its columns by the source field they are known by."""
    by_currency: bool


def _groups(side: _Side) -> tuple[tuple[CurrencyGroup, ...], frozenset[ApiName]]:
    records = {
        _currency(row): int(row["records"])
        for row in _aggregate(side, ["COUNT(Id) records"])
    }
    sums: dict[str, dict[ApiName, Decimal]] = {each: {} for each in records}
    refused: set[ApiName] = set()
    for batch in _batches(tuple(side.columns)):
        for field, answers in _sums(side, batch):
            if answers is None:
                refused.add(field)
                continue
            for currency, amount in answers.items():
                sums.setdefault(currency, {})[field] = amount
    groups = tuple(
        CurrencyGroup(currency=each, records=records.get(each, 0), sums=sums[each])
        for each in sorted(sums)
    )
    return groups, frozenset(refused)


def _sums(
    side: _Side, fields: Sequence[ApiName]
) -> Iterator[tuple[ApiName, dict[str, Decimal] | None]]:
    """
    Each of *fields* with its sums by currency; None for one that the org refused.

    One such field spoils the whole query, so a refused query is asked again in halves.
    """
    columns = [
        f"SUM({side.columns[field]}) sum{number}" for number, field in enumerate(fields)
    ]
    try:
        rows = _aggregate(side, columns)
    except LoginRefused:
        raise
    except OrgRefused:
        if len(fields) == 1:
            yield fields[0], None
            return
        middle = len(fields) // 2
        yield from _sums(side, fields[:middle])
        yield from _sums(side, fields[middle:])
        return
    for number, field in enumerate(fields):
        yield field, {_currency(row): _amount(row, f"sum{number}") for row in rows}


def _aggregate(side: _Side, columns: Sequence[str]) -> list[dict[str, Any]]:
    group = [str(CURRENCY)] if side.by_currency else []
    soql = f"SELECT {', '.join([*group, *columns])} FROM {side.object}"  # noqa: S608 - SOQL of API names
    return side.org.soql.aggregate(
        soql + "".join(f" GROUP BY {each}" for each in group)
    )


def _batches(fields: Sequence[ApiName]) -> Iterator[Sequence[ApiName]]:
    for start in range(0, len(fields), SUMS_PER_QUERY):
        yield fields[start : start + SUMS_PER_QUERY]


def _currency(row: abc.Mapping[str, Any]) -> str:
    return str(row.get(CURRENCY) or "")


def _amount(row: abc.Mapping[str, Any], alias: str) -> Decimal:
    return Decimal(str(row.get(alias) or 0))
