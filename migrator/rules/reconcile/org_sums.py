"""
The second road: what the org itself counts and sums, against what was read.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from migrator.model.codes import reconcile as codes
from migrator.model.finding import Finding
from migrator.model.kinds.row import Family, Summed
from migrator.model.kinds.table import Kind
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName, bare
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage, Difference
from migrator.rules.reconcile.pairs import kept_entries

CURRENCY = ApiName("CurrencyIsoCode")
_DATE_NAMES = {"Date", "InvoiceDate"}
_ENGINE_DIGITS = Decimal("1e-14")
"""
The org sums in binary floating point: about fifteen digits of its answer are exact.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyGroup:
    """
    The records of one currency on one side: how many, and the sum of each amount.
    """

    currency: str
    """Empty in an org with a single currency."""
    records: int
    sums: abc.Mapping[ApiName, Decimal] = field(default_factory=dict)
    """By source field, on both sides; a field without any value is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """
    One object's groups of both sides, from one road.
    """

    source: tuple[CurrencyGroup, ...]
    target: tuple[CurrencyGroup, ...]


def amount_fields(mapped: MappedObject) -> tuple[FieldMapping, ...]:
    """
    Return the entries that the org is asked to add up: amounts, and frozen numbers
    (roll-ups).

    Not those that a rule changes: the org cannot tell what the rule makes of them.
    """
    return tuple(entry for entry in summed_fields(mapped) if not entry.rule)


def summed_fields(mapped: MappedObject) -> tuple[FieldMapping, ...]:
    """
    Return the entries whose values are added up from the records read.

    Formulas that read the clock are left out: their sum is another every day.
    """
    return tuple(
        entry
        for entry in kept_entries(mapped)
        if entry.type and entry.target and not entry.volatile and _is_amount(entry)
    )


def _is_amount(entry: FieldMapping) -> bool:
    assert entry.type is not None
    summed = entry.type.row.summed
    frozen = summed is Summed.FROZEN and entry.treatment is Treatment.FREEZE
    return frozen or summed is Summed.ALWAYS


def currency_field(mapped: MappedObject) -> FieldMapping | None:
    """
    Return the entry of CurrencyIsoCode; None in an org with a single currency.
    """
    entry = mapped.entry(CURRENCY)
    return entry if entry and entry.target else None


def year_field(mapped: MappedObject) -> FieldMapping | None:
    """
    Return the entry whose year the totals are grouped by: the record's own date, else
    when it was created.
    """
    for entry in kept_entries(mapped):
        is_date = entry.type is not None and entry.type.row.family is Family.DATE
        is_steady = not (entry.rule or entry.volatile)
        if is_date and is_steady and bare(entry.source) in _DATE_NAMES:
            return entry
    created = mapped.entry(ApiName("CreatedDate"))
    return created if created and created.target else None


def check_sums(
    mapped: MappedObject, read: Sides, counted: Sides, summed: frozenset[ApiName]
) -> tuple[tuple[Difference, ...], tuple[Finding, ...]]:
    """
    Where the org's own aggregates (*counted*) contradict each other or what was *read*.

    *summed* are the source fields that the org would add up, on both sides.

    In an org with several currencies SOQL converts the sum of a currency field to the
    corporate currency (SOQL reference, "Querying Currency Fields in Multi-Currency
    Orgs"). Such a sum proves that both sides agree, not what was read; a finding says
    so.
    """
    differences = [*_count_differences(mapped, read, counted)]
    findings = []
    converted = _converted_currencies(mapped, read, counted)
    for entry in amount_fields(mapped):
        if entry.source not in summed:
            continue
        differences += _sum_differences(mapped, entry, read, counted, converted)
    if converted:
        found = codes.ORG_SUMS_CONVERTED(currencies=", ".join(sorted(converted)))
        findings.append(found.at(mapped.source))
    return tuple(differences), tuple(findings)


def _count_differences(
    mapped: MappedObject, read: Sides, counted: Sides
) -> Iterator[Difference]:
    for side, here, there in (
        ("source", read.source, counted.source),
        ("target", read.target, counted.target),
    ):
        mine = {group.currency: group.records for group in here}
        theirs = {group.currency: group.records for group in there}
        for currency in sorted(mine.keys() | theirs.keys()):
            if mine.get(currency, 0) != theirs.get(currency, 0):
                yield Difference(
                    object=mapped.source,
                    origin_id="",
                    damage=Damage.COUNT,
                    source_field=f"COUNT(Id) {currency}".strip(),
                    source_value=f"{side} read: {mine.get(currency, 0)}",
                    target_value=f"{side} counted: {theirs.get(currency, 0)}",
                )


def _sum_differences(
    mapped: MappedObject,
    entry: FieldMapping,
    read: Sides,
    counted: Sides,
    converted: frozenset[str],
) -> Iterator[Difference]:
    sums = [
        _of(entry.source, groups)
        for groups in (counted.source, counted.target, read.source, read.target)
    ]
    for currency in sorted({key for each in sums for key in each}):
        org_source, org_target, source, target = (s.get(currency) for s in sums)
        pairs = [
            ("source read", source, "source counted", org_source),
            ("target read", target, "target counted", org_target),
        ]
        if currency in converted and _is_currency(entry):
            # Cells that differ have been named; only equal records must convert alike.
            alike = _is_same_sum(source, target, entry)
            pairs = [("source counted", org_source, "target counted", org_target)]
            pairs = pairs if alike else []
        for name, one, other_name, other in pairs:
            if not _is_same_sum(one, other, entry):
                yield Difference(
                    object=mapped.source,
                    origin_id="",
                    damage=Damage.TOTAL,
                    source_field=f"SUM({entry.source}) {currency}".strip(),
                    target_field=entry.target,
                    source_value=f"{name}: {one or 0}",
                    target_value=f"{other_name}: {other or 0}",
                )


def _of(
    source: ApiName, groups: tuple[CurrencyGroup, ...]
) -> dict[str, Decimal | None]:
    return {group.currency: group.sums.get(source) for group in groups}


def _is_currency(entry: FieldMapping) -> bool:
    return entry.type is not None and entry.type.kind is Kind.CURRENCY


def _is_same_sum(
    one: Decimal | None, other: Decimal | None, entry: FieldMapping
) -> bool:
    assert entry.type is not None
    first, second = one or Decimal(0), other or Decimal(0)
    half_unit = Decimal(5).scaleb(-(entry.type.scale or 0) - 1)
    allowed = max(half_unit, abs(first) * _ENGINE_DIGITS)
    return abs(first - second) < allowed


def _converted_currencies(
    mapped: MappedObject, read: Sides, counted: Sides
) -> frozenset[str]:
    """
    Currencies for which not one sum of the org is what the records add up to, though
    the org gave such sums: it must have converted them.
    """
    amounts = [entry for entry in amount_fields(mapped) if _is_currency(entry)]
    if currency_field(mapped) is None:
        return frozenset()
    found: dict[str, list[bool]] = {}
    for mine, theirs in ((read.source, counted.source), (read.target, counted.target)):
        for entry in amounts:
            sums = _of(entry.source, mine)
            for currency, given in _of(entry.source, theirs).items():
                if given and sums.get(currency):
                    same = _is_same_sum(sums[currency], given, entry)
                    found.setdefault(currency, []).append(same)
    return frozenset(c for c, same in found.items() if not any(same))
