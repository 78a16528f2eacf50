"""
The reconciliation as a page that a person reads, prints and keeps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context

from jinja2 import Environment

from migrator.documents.report.reconciliation_json import spelled
from migrator.documents.templates import render
from migrator.model.finding import Level, blockers
from migrator.model.names import ApiName
from migrator.model.verdict import Damage, Difference, ObjectVerdict, Total, Verdict

TEMPLATE = "report/reconciliation.html.j2"
ONE_CURRENCY = "org currency"
CENTS = 2
_EXACT = Context(prec=200)
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
    result: str


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
    left_out: int
    """Source records without a copy on purpose."""
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
            "state": verdict.result.value,
            "unproved": sum(
                each.cells for o in verdict.objects for each in o.not_compared
            ),
            "normalised": sum(each.normalised for each in verdict.objects),
            "agreed": sum(loss.cells for o in verdict.objects for loss in o.losses),
            "objects": [_part(verdict, each) for each in verdict.objects],
            "blockers": blockers(verdict.findings),
            "findings": [f for f in verdict.findings if f.level is Level.WARNING],
            "notes": [f for f in verdict.findings if f.level is Level.INFO],
        },
    )


def _part(verdict: Verdict, each: ObjectVerdict) -> _ObjectPart:
    named = tuple(d for d in verdict.examples if d.object == each.source)
    return _ObjectPart(
        verdict=each,
        agreed_cells=sum(loss.cells for loss in each.losses),
        left_out=sum(excluded.records for excluded in each.excluded),
        sums=_sums(_over_years(each.totals)),
        yearly=_sums(each.totals),
        differences=tuple(map(_named, named)),
        unnamed=max(each.differences - len(named), 0),
    )


def _over_years(totals: tuple[Total, ...]) -> tuple[Total, ...]:
    found: dict[tuple[ApiName, str], Total] = {}
    for each in totals:
        key = (each.field, each.currency)
        so_far = found.get(key)
        found[key] = replace(each, year=None) if so_far is None else _sum(so_far, each)
    return tuple(found.values())


def _sum(one: Total, other: Total) -> Total:
    return replace(
        one,
        source=_EXACT.add(one.source, other.source),
        target=_EXACT.add(one.target, other.target),
        agreed=_EXACT.add(one.agreed, other.agreed),
        unexplained=_EXACT.add(one.unexplained, other.unexplained),
    )


def _sums(totals: tuple[Total, ...]) -> tuple[_Sum, ...]:
    """
    *totals* as lines; the amounts of one field have the same number of places.
    """
    lines = []
    for field in dict.fromkeys(each.field for each in totals):
        mine = sorted((t for t in totals if t.field == field), key=_by_currency)
        amounts = spelled(tuple(a for each in mine for a in (each.source, each.target)))
        for number, each in enumerate(mine):
            source, target = map(_grouped, amounts[2 * number : 2 * number + 2])
            lines.append(
                _Sum(
                    field=field,
                    currency=each.currency or ONE_CURRENCY,
                    year=str(each.year or NO_YEAR),
                    source=source,
                    target=target,
                    result=_result(each),
                )
            )
    return tuple(lines)


def _result(total: Total) -> str:
    if total.source == total.target:
        return "equal"
    is_agreed = _EXACT.add(total.source, total.agreed) == total.target
    return "as agreed" if is_agreed and not total.unexplained else "differs"


def _by_currency(total: Total) -> tuple[str, int]:
    return total.currency, total.year or 0


def _grouped(amount: str) -> str:
    """
    *amount* with a comma after each three digits before the point.
    """
    whole, point, fraction = amount.partition(".")
    sign = "\N{MINUS SIGN}" if whole.startswith("-") else ""
    fraction = fraction.ljust(CENTS, "0") if fraction else fraction
    return f"{sign}{int(whole.lstrip('-')):,}{point}{fraction}"


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
