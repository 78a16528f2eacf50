"""
Rows below one invoice: its line items, their tax details and its ledger entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from migrator.emulator.seed.invoices import made_of
from migrator.emulator.seed.plans import (
    FIVE,
    BalancePlan,
    InvoicePlan,
    LinePlan,
    World,
    plain,
)
from migrator.emulator.seed.rows import Made, Row, stamp, yes
from migrator.emulator.seed.texts import HARD_LINES, HARD_TEXTS, WORDS, exactly

_MOST_LINES = 10
_SOURCE_PREFIX = "a0L"


def line_number(plan: InvoicePlan, position: int) -> int:
    """
    Give a line its number among all lines; gaps are left, so no counter is needed.
    """
    return plan.number * _MOST_LINES + position


def line_rows(plan: InvoicePlan, world: World) -> Iterator[Row]:
    """
    Yield the positions of one invoice, in its currency.
    """
    system = made_of(plan, world).columns()
    for position, line in enumerate(plan.lines):
        yield system | _line(plan, line, position) | _line_texts(plan, line, position)


def _line(plan: InvoicePlan, line: LinePlan, position: int) -> Row:
    number = line_number(plan, position)
    old_unit = "Stk" if plan.day.year < 2020 and number % 6 == 1 else "pcs"
    calculated = (line.price * (1 - line.discount / 100)).quantize(FIVE)
    return {
        "_key": f"Line:{number}",
        "Name": f"ILI-{number:08d}",
        "ONB2__Invoice__c": f"@Invoice:{plan.number}",
        "ONB2__Sequence__c": str(position + 1),
        "ONB2__Quantity__c": plain(line.quantity),
        "ONB2__UnitPrice__c": plain(line.price),
        "ONB2__UnitPriceNet__c": plain(line.price),
        "ONB2__UnitPriceCalc__c": plain(calculated),
        "ONB2__Discount__c": plain(line.discount) if line.discount else None,
        "ONB2__BillingFactor__c": "1",
        "ONB2__CalculatedBillingFactor__c": "1",
        "ONB2__TaxRate__c": plain(_rate(line)),
        "ONB2__PosTotalNet__c": plain(line.net),
        "ONB2__PosTotalGross__c": plain(line.gross),
        "ONB2__Type__c": _type(number, line),
        # Never listed: the unit picklist is unrestricted.
        "ONB2__Unit__c": "Std." if number % 17 == 2 else old_unit,
        "ONB2__GrossInvoice__c": yes(when=False),
        "ONB2__ServicePeriodStart__c": plan.day.replace(day=1).isoformat(),
        "ONB2__ServicePeriodEnd__c": plan.day.isoformat(),
        "ON_PerformedBy__c": f"@User:{number % 5}" if number % 3 == 0 else None,
        "ON_ServiceDate__c": "2016-02-29" if number % 29 == 3 else None,
        "ON_LegacyQuantity__c": (
            plain(line.quantity + Decimal("0.000001")) if number % 8 == 1 else None
        ),
    }


def _rate(line: LinePlan) -> Decimal:
    """
    Return the rate shown on the line; where several taxes apply, their rounded sum.
    """
    total = sum((rate for rate, _ in line.taxes), Decimal(0))
    return total.quantize(Decimal("0.001"))


def _type(number: int, line: LinePlan) -> str | None:
    if number % 53 == 9:
        return "Tax Delta"  # inactive since a later release
    return None if line.kind == "Product" and number % 10 == 4 else line.kind


def _line_texts(plan: InvoicePlan, line: LinePlan, position: int) -> Row:
    number = line_number(plan, position)
    word = WORDS[number % len(WORDS)]
    title = f"{word} {position + 1}"
    if number % 61 == 5:
        title = exactly(255, title)
    elif number % 9 == 4:
        title = HARD_TEXTS[number // 9 % len(HARD_TEXTS)]
    subscription = plan.account // 2 if plan.account % 2 == 0 else None
    return {
        "ONB2__Title__c": title,
        "ONB2__Description__c": (
            HARD_LINES[number % len(HARD_LINES)] if number % 5 == 3 else None
        ),
        # 18 characters, unique among all lines whatever the case of a comparison.
        "ONB2__SourceId__c": (
            f"{_SOURCE_PREFIX}{number:012d}AAA" if number % 4 else None
        ),
        "ONB2__Item__c": (
            f"@Item:{2 * subscription + number % 2}"
            if subscription is not None
            else None
        ),
        "ONB2__Subscription__c": (
            f"@Subscription:{subscription}" if subscription is not None else None
        ),
        "ONB2__GLAccount__c": "0008400" if line.taxes[0][1] else "0008120",
        "ONB2__Center__c": "Vertrieb" if number % 2 else None,
        "Center__c": f"KST {number % 7}" if number % 3 else None,
        "ONB2__TaxCode__c": f"{plan.place.code}-{plain(_rate(line))}",
        "ONB2__AppliedTaxRule__c": f"Rule {plan.place.region}",
        "ONB2__TaxProvider__c": "Internal",
        "ON_ProjectCode__c": exactly(80, "P") if number % 71 == 8 else None,
    }


def tax_rows(plan: InvoicePlan, world: World) -> Iterator[Row]:
    """
    Yield the tax details of one invoice: one or two for each line.
    """
    system = made_of(plan, world).columns()
    names = ("Umsatzsteuer", "Local Tax")
    for position, line in enumerate(plan.lines):
        number = line_number(plan, position)
        for index, (rate, amount) in enumerate(line.taxes):
            yield system | {
                "_key": f"TaxDetail:{2 * number + index}",
                "Name": names[index],
                "ONB2__InvoiceLineItem__c": f"@Line:{number}",
                "ONB2__Amount__c": plain(amount),
                "ONB2__Rate__c": plain(rate),
                "ONB2__AppliedTaxRule__c": f"Rule {plan.place.region}",
                "ONB2__Provider__c": "Internal",
                "ONB2__TaxCode__c": f"{plan.place.code}-{plain(rate)}",
                "ONB2__VATCategoryCode__c": "S" if rate else "AE",
            }


def balance_rows(plan: InvoicePlan, world: World) -> Iterator[Row]:
    """
    Yield the ledger entries of one invoice; they belong to its account.
    """
    made = made_of(plan, world)
    for index, entry in enumerate(plan.balances):
        row = _system(made, entry) | _balance(plan, entry, index)
        yield row | {"ONB2__Dunning__c": _reminder(plan, index, world)}


def _reminder(plan: InvoicePlan, index: int, world: World) -> str | None:
    """
    Find the reminder that a first ledger entry stands on, at accounts that have one.
    """
    number, rest = divmod(plan.account, 10)
    reminded = index == 0 and rest == 0 and number < world.accounts // 10
    return f"@Dunning:{number}" if reminded else None


def _system(made: Made, entry: BalancePlan) -> Row:
    at = stamp(entry.day, made.minutes)
    dates = {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    return made.columns() | dates


def _balance(plan: InvoicePlan, entry: BalancePlan, index: int) -> Row:
    number = plan.number * 4 + index
    related = f"@Invoice:{entry.related}" if entry.related is not None else None
    is_payment = entry.kind == "Payment"
    prepaid = is_payment and plan.account % 4 == 0
    return {
        "_key": f"Balance:{number}",
        "Name": f"B-{number:09d}",
        "ONB2__Account__c": f"@Account:{plan.account}",
        "ONB2__Invoice__c": f"@Invoice:{plan.number}",
        "ONB2__RelatedInvoice__c": related,
        "ONB2__Subscription__c": (
            f"@Subscription:{plan.account // 2}" if prepaid else None
        ),
        "ONB2__Type__c": entry.kind,
        "ONB2__Amount__c": plain(entry.amount),
        "ONB2__Date__c": entry.day.isoformat(),
        "ONB2__Draft__c": "false",
        "ONB2__ClearingReason__c": entry.reason,
        "ONB2__InvoiceIsFinalized__c": yes(when=not plan.is_draft),
        "ONB2__ConversionRate__c": "1",
        "ONB2__PaymentMethod__c": "Bank Transfer" if is_payment else None,
        "ONB2__Reference__c": (
            HARD_TEXTS[number % len(HARD_TEXTS)] if is_payment else None
        ),
        "ONB2__BankAccountId__c": (
            f"{900_000_000_000_000_000 + number}" if is_payment else None
        ),
    }
