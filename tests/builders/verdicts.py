"""
Verdicts for the tests of what is printed from them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from migrator.model.finding import Finding, Level
from migrator.model.names import ApiName
from migrator.model.verdict import (
    Damage,
    Difference,
    Loss,
    ObjectVerdict,
    Total,
    Uncompared,
    Verdict,
)

INVOICE = ApiName("ONB2__Invoice__c")
LINE = ApiName("ONB2__InvoiceLineItem__c")
SECRET = "Geheime Straße 7"


def a_total(field: str, currency: str, year: int | None, *sums: str) -> Total:
    """
    A total whose sides are equal unless two sums are given.
    """
    return Total(
        field=ApiName(field),
        currency=currency,
        year=year,
        source=Decimal(sums[0]),
        target=Decimal(sums[-1]),
    )


def a_clean_verdict() -> Verdict:
    """
    Two objects without a difference.
    """
    invoices = ObjectVerdict(
        source=INVOICE,
        target=ApiName("Invoice__c"),
        source_records=1200,
        target_records=1200,
        cells_compared=98_400,
        differences=0,
        normalised=17,
        snapshot_cells=1200,
        totals=tuple(
            a_total(field, currency, year, amount)
            for field, amount in (
                ("ONB2__GrandTotal__c", "1234567.80"),
                ("ONB2__TotalNet__c", "1037451.1"),
            )
            for currency in ("CHF", "EUR")
            for year in (2023, 2024)
        ),
    )
    lines = ObjectVerdict(
        source=LINE,
        target=ApiName("InvoiceLineItem__c"),
        source_records=5300,
        target_records=5300,
        cells_compared=312_700,
        differences=0,
        totals=(a_total("ONB2__PosTotalNet__c", "EUR", None, "-0.00001"),),
        losses=(Loss(field=ApiName("ONB2__UnitPrice__c"), agreed="digits", cells=12),),
    )
    return Verdict(
        org_id="00D000000000001EAA",
        org_name="Muster & Söhne <GmbH>",
        migration_id="m7k2p9",
        made_at=datetime(2026, 11, 22, 19, 30, tzinfo=UTC),
        mapping_digest="sha256:" + "ab12" * 16,
        unreviewed=0,
        objects=(invoices, lines),
        examples=(),
        made_by="archive@example.com",
    )


def an_open_verdict() -> Verdict:
    """
    No difference, but a formula that nothing was compared with, and a decision to take.
    """
    clean = a_clean_verdict()
    invoices, lines = clean.objects
    overdue = Uncompared(
        field=ApiName("ONB2__DaysOverdue__c"), cells=1200, why="it reads the clock"
    )
    decide = Finding(
        level=Level.BLOCKER,
        code="abandoned-object",
        message="Balance__c was made by this migration and nothing fills it",
        remedy="put it back",
    )
    return replace(
        clean,
        objects=(replace(invoices, not_compared=(overdue,)), lines),
        findings=(decide,),
    )


def a_damaged_verdict() -> Verdict:
    """
    The same with a changed cent, a lost record, a wrong sum and something to know.
    """
    clean = a_clean_verdict()
    invoices, lines = clean.objects
    cent = Difference(
        object=INVOICE,
        origin_id="a0A000000000001AAA",
        damage=Damage.VALUE,
        source_field="ONB2__GrandTotal__c",
        target_field=ApiName("GrandTotal__c"),
        source_value=SECRET,
        target_value="=1+1",
    )
    lost = Difference(
        object=LINE, origin_id="a0B000000000002AAA", damage=Damage.MISSING
    )
    summed = Difference(
        object=LINE,
        origin_id="",
        damage=Damage.TOTAL,
        source_field="SUM(ONB2__PosTotalNet__c) EUR",
        source_value="source read: 1",
        target_value="source counted: 2",
    )
    return replace(
        clean,
        unreviewed=37,
        objects=(
            replace(
                invoices,
                differences=1,
                by_field=(("ONB2__GrandTotal__c", 1),),
                totals=(
                    *invoices.totals[:3],
                    a_total("ONB2__GrandTotal__c", "EUR", 2024, "10", "10.01"),
                    *invoices.totals[4:],
                ),
            ),
            replace(lines, differences=1002, target_records=5299),
        ),
        examples=(cent, summed, lost),
        findings=(
            Finding(
                level=Level.WARNING,
                code="org-sums-converted",
                message="the org converts its own sums of USD",
                object=INVOICE,
                field=ApiName("ONB2__GrandTotal__c"),
                remedy="nothing, they were compared with each other",
            ),
            Finding(level=Level.INFO, code="org-sum-refused", message="not summed"),
        ),
    )
