"""
The reconciliation as a page that a person reads, prints and keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jinja2 import Environment

from migrator.documents.environment import render
from migrator.documents.verdict_json import spelled
from migrator.model.finding import Level
from migrator.model.names import ApiName
from migrator.model.verdict import Damage, Difference, ObjectVerdict, Total, Verdict

TEMPLATE = "report/reconciliation.html.j2"
ONE_CURRENCY = "org currency"
NO_YEAR = "no date"
_WHOLE_RECORD = {Damage.MISSING, Damage.SURPLUS, Damage.DUPLICATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """
    One line of a table of totals, ready to print.
    """

    field: ApiName
    currency: str
    year: str
    source: str
    target: str
    is_equal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """
    One difference as the page lists it.
    """

    record: str
    place: str
    damage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _ObjectPart:
    """
    One object's part of the page.
    """

    verdict: ObjectVerdict
    agreed_cells: int
    sums: tuple[_Sum, ...]
    """Per field and currency, over all years."""
    yearly: tuple[_Sum, ...]
    differences: tuple[_Named, ...]
    unnamed: int
    """Differences that the page does not list."""


def render_verdict(verdict: Verdict, environment: Environment) -> str:
    """
    One self-contained HTML page: no script, no font, no picture from elsewhere.

    It holds counts, sums and the names of what differs, and no record's values.
    """
    return render(
        environment,
        TEMPLATE,
        {
            "verdict": verdict,
            "made_at": f"{verdict.made_at:%Y-%m-%d %H:%M} UTC",
            "records": sum(each.source_records for each in verdict.objects),
            "copies": sum(each.target_records for each in verdict.objects),
            "cells": sum(each.cells_compared for each in verdict.objects),
            "state": _state(verdict),
            "objects": [_part(verdict, each) for each in verdict.objects],
            "findings": [f for f in verdict.findings if f.level is not Level.INFO],
            "notes": [f for f in verdict.findings if f.level is Level.INFO],
        },
    )


def _state(verdict: Verdict) -> str:
    """
    How the page greets its reader: nothing compared is never a success.
    """
    if verdict.differences:
        return "bad"
    return "good" if any(each.cells_compared for each in verdict.objects) else "empty"


def _part(verdict: Verdict, each: ObjectVerdict) -> _ObjectPart:
    named = tuple(d for d in verdict.examples if d.object == each.source)
    return _ObjectPart(
        verdict=each,
        agreed_cells=sum(loss.cells for loss in each.losses),
        sums=_sums(_over_years(each.totals)),
        yearly=_sums(each.totals),
        differences=tuple(map(_named, named)),
        unnamed=max(each.differences - len(named), 0),
    )


def _over_years(totals: tuple[Total, ...]) -> tuple[Total, ...]:
    found: dict[tuple[ApiName, str], tuple[Decimal, Decimal]] = {}
    for each in totals:
        key = (each.field, each.currency)
        source, target = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = (source + each.source, target + each.target)
    return tuple(
        Total(field=field, currency=currency, year=None, source=one, target=other)
        for (field, currency), (one, other) in found.items()
    )


def _sums(totals: tuple[Total, ...]) -> tuple[_Sum, ...]:
    return tuple(
        _Sum(
            field=each.field,
            currency=each.currency or ONE_CURRENCY,
            year=str(each.year or NO_YEAR),
            source=_grouped(source),
            target=_grouped(target),
            is_equal=each.source == each.target,
        )
        for each in totals
        for source, target in [spelled((each.source, each.target))]
    )


def _grouped(amount: str) -> str:
    """
    *amount* with a comma after each three digits before the point.
    """
    whole, point, fraction = amount.partition(".")
    return f"{Decimal(whole):,}".replace("-", "\N{MINUS SIGN}") + point + fraction


def _named(difference: Difference) -> _Named:
    target = f" → {difference.target_field}" if difference.target_field else ""
    place = f"{difference.source_field}{target}"
    if difference.damage in _WHOLE_RECORD:
        place = "the whole record"
    return _Named(
        record=difference.origin_id or "all records",
        place=place,
        damage=difference.damage.value,
    )
