"""
The row of one invoice, with the values that break naive exports.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from migrator.emulator.seed.plans import (
    CENT,
    RUNNING_USER,
    USERS,
    InvoicePlan,
    World,
    plain,
)
from migrator.emulator.seed.rows import Made, Row, stamp, yes
from migrator.emulator.seed.texts import (
    HARD_LINES,
    HARD_TEXTS,
    exactly,
    person,
)

_RATES = {"EUR": "1", "CHF": "1.045678", "USD": "1.10025", "GBP": "0.861234"}
_BORDER_DAYS = ("1970-01-01", "2000-02-29", "1900-01-01", "2100-12-31")


def owner_of(number: int) -> str:
    """
    Choose the owner of the invoice of that number: the running user owns exactly 60 %.
    """
    if (number + 1) * 3 // 5 > number * 3 // 5:
        return RUNNING_USER
    return f"@User:{1 + number // 5 % (USERS - 1)}"


def made_of(plan: InvoicePlan, world: World) -> Made:
    """
    Choose who made an invoice and its lines, and when: a few days before its date.
    """
    return Made(
        created=plan.day - timedelta(days=plan.number % 4),
        changed=min(world.today, plan.day + timedelta(days=plan.number % 40)),
        owner=owner_of(plan.number),
        by=f"@User:{plan.number % 3}",
        currency=plan.place.currency,
        minutes=plan.number,
    )


def invoice_row(plan: InvoicePlan, world: World) -> Row:
    """
    Make all values of the invoice; what is missing is null.
    """
    rng = world.rng(4, plan.number)
    row = made_of(plan, world).columns()
    row |= _head(plan)
    row |= _references(plan, world)
    row |= _amounts(plan)
    row |= _dates(plan)
    row |= _address(plan, rng)
    row |= _mail(plan, world)
    row |= _payment(plan, world, rng)
    row |= _einvoice(plan)
    row |= _own_fields(plan)
    row |= _texts(plan)
    return row


def name_of(plan: InvoicePlan) -> str:
    """
    Give an invoice its number. Drafts have a temporary one, credits their own counter,
    and two counters once in a hundred gave out the same number.
    """
    if plan.is_draft:
        return f"DRAFT-{plan.number:07d}"
    if plan.number % 100 == 61:
        return f"RE{plan.day.year}-{plan.number - 1:06d}"
    prefix = "GS" if plan.gross < 0 else "RE"
    return f"{prefix}{plan.day.year}-{plan.number:06d}"


def _head(plan: InvoicePlan) -> Row:
    old = plan.day.year < 2020
    return {
        "_key": f"Invoice:{plan.number}",
        "Name": name_of(plan),
        "ONB2__Status__c": plan.status,
        "ONB2__Type__c": plan.type,
        "ONB2__Class__c": "Credit" if plan.gross < 0 else "Invoice",
        "ONB2__DisplayType__c": "Gutschrift" if plan.gross < 0 else "Rechnung",
        "ONB2__CancelationReason__c": (
            "Wrong amount" if plan.canceled_with is not None else None
        ),
        "ONB2__Tenant__c": "Beispiel GmbH" if plan.number % 8 else "Beispiel Süd",
        "ONB2__GrossInvoice__c": "false",
        "ONB2__UUID__c": f"00000000-0000-4000-8000-{plan.number:012x}",
        "ONB2__Exported__c": "yes" if old else None,
        "ONB2__TimesExported__c": None if old else str(plan.number % 4),
        "ONB2__Review__c": "Done" if plan.number % 11 == 0 else None,
    }


def _references(plan: InvoicePlan, world: World) -> Row:
    contact = f"@Contact:{plan.account}"
    contract = plan.account // 2 if plan.account % 2 == 0 else None
    run = (plan.day - world.first_day).days * 12 // 3653
    return {
        "ONB2__Account__c": f"@Account:{plan.account}",
        "ONB2__Contact__c": contact,
        "ONB2__EmailContact__c": contact if plan.number % 3 else None,
        "ONB2__PrintContact__c": contact if plan.number % 10 == 0 else None,
        "ONB2__CanceledWith__c": _invoice_key(plan.canceled_with),
        "ONB2__RelatedInvoice__c": _invoice_key(plan.related),
        "ONB2__InvoiceRun__c": f"@InvoiceRun:{run}" if plan.number % 4 else None,
        "ONB2__Subscription__c": (
            f"@Subscription:{contract}" if contract is not None else None
        ),
        "ONB2__Template__c": f"@Template:{2 if plan.gross < 0 else plan.number % 2}",
        "ON_Order__c": (
            f"@Order:{contract}"
            if contract is not None and plan.number % 3 == 0
            else None
        ),
        "ON_SalesRep__c": f"@User:{plan.number % USERS}" if plan.number % 6 else None,
    }


def _invoice_key(number: int | None) -> str | None:
    return None if number is None else f"@Invoice:{number}"


def _amounts(plan: InvoicePlan) -> Row:
    gross, balance = plan.gross, plan.balance
    rate = Decimal(_RATES[plan.place.currency])
    local = (gross * rate).quantize(CENT, ROUND_HALF_UP)
    share = balance / gross * 100 if gross else Decimal(0)
    has_discount = plan.number % 9 == 0
    discount = (gross * Decimal("0.025")).quantize(CENT, ROUND_HALF_UP)
    return {
        "ONB2__GrandTotal__c": plain(gross),
        "ONB2__TotalNet__c": plain(plan.net),
        "ONB2__TotalTax__c": plain(plan.tax),
        "ONB2__Balance__c": plain(balance),
        "ONB2__BalanceDifference__c": plain(gross - balance),
        "ONB2__ConversionRate__c": None if plan.is_draft else plain(rate),
        "ONB2__NextPaymentDue__c": plain(balance) if balance > 0 else None,
        "ONB2__AEDiscount__c": "12.345" if plan.number % 33 == 0 else None,
        "ONB2__DiscountRate__c": "2.5" if has_discount else None,
        "ONB2__DiscountPaymentDue__c": "14" if has_discount else None,
        "ONB2__DiscountAmount__c": plain(discount) if has_discount else None,
        "ONB2__DiscountedTotalGross__c": (
            plain(gross - discount) if has_discount else None
        ),
        "ON_OpenShare__c": plain(share.quantize(CENT, ROUND_HALF_UP)),
        "LocalCurrencyCode__c": "CHF" if plan.place.code == "CH" else "EUR",
        "LocalCurrencyFactor__c": plain(rate.quantize(Decimal("0.0001"))),
        "LocalGrandTotal__c": (
            "9999999999999999.99" if plan.number % 500 == 13 else plain(local)
        ),
        "ON_LegacyNumber__c": _legacy_number(plan.number),
    }


def _legacy_number(number: int) -> str | None:
    """
    Make numbers of the system before: some have all 18 digits, most records none.
    """
    if number % 40 == 17:
        return str(123_456_789_012_345_678 + number)
    return str(number * 7) if number % 4 == 1 else None


def _dates(plan: InvoicePlan) -> Row:
    due = plan.day + timedelta(days=plan.due)
    month_start = plan.day.replace(day=1)
    period = plan.number % 3 > 0
    paid = None if plan.is_draft or plan.balance else plan.balances[-1].day.isoformat()
    late = plan.number % 9 == 0
    border = _BORDER_DAYS[plan.number // 40 % 4] if plan.number % 40 == 19 else None
    released = stamp(plan.day, plan.number * 11) if plan.number % 2 else None
    return {
        "ONB2__Date__c": plan.day.isoformat(),
        "ONB2__PaymentDue__c": str(plan.due),
        "ONB2__PaymentDueDate__c": due.isoformat(),
        "ONB2__PaymentDate__c": paid,
        "ONB2__DiscountPaymentDueDate__c": (
            (plan.day + timedelta(days=14)).isoformat() if late else None
        ),
        "ONB2__ServicePeriodStart__c": month_start.isoformat() if period else None,
        "ONB2__ServicePeriodEnd__c": plan.day.isoformat() if period else None,
        "ON_BookingDate__c": plan.day.isoformat(),
        "ON_ReleasedAt__c": "1970-01-01T00:00:00.000Z" if border else released,
        "ESRExportDate__c": border,
    }


def _address(plan: InvoicePlan, rng: Random) -> Row:
    place = plan.place
    postcode, city = place.cities[plan.account % len(place.cities)]
    street = f"{place.streets[plan.account % len(place.streets)]} {plan.account + 1}"
    if plan.number % 40 == 39:
        street = exactly(255, street)
    who = person(plan.account, rng)
    block = (
        f"{who.first} {who.last}\r\n{street}\r\n{postcode} {city}\r\n{place.country}"
    )
    shipping = plan.number % 5 == 0
    return {
        "ONB2__AccountName__c": f"Kunde {plan.account}, {place.code}",
        "ONB2__BillingAddress__c": block,
        "ONB2__BillingStreet__c": street,
        "ONB2__BillingCity__c": city,
        "ONB2__BillingPostalCode__c": postcode,
        "ONB2__BillingCountry__c": place.country,
        "ONB2__BillingCountryCode__c": place.code,
        "ONB2__RecipientAddress__c": block if plan.number % 2 else None,
        "ONB2__SenderAddress__c": "Beispiel GmbH · Am Anger 1 · 07743 Jena",
        "ONB2__ShippingStreet__c": street if shipping else None,
        "ONB2__ShippingCity__c": city if shipping else None,
        "ONB2__ShippingCountry__c": place.country if shipping else None,
        "ONB2__Region__c": place.region,
        "Region__c": _sales_region(plan),
        "ON_Region__c": f"{place.code}/{place.region}" if plan.number % 2 else None,
        "ShowReverseChargeText__c": yes(when=place.region == "EU"),
        "ON_BillingPhone__c": "+49 (0) 3641 / 555-70" if plan.number % 7 == 1 else None,
    }


def _sales_region(plan: InvoicePlan) -> str | None:
    if plan.day.year < 2020 and plan.number % 5 == 2:
        return "Süd"  # inactive since; still in old records
    return {"DE": "DACH", "CH": "DACH", "GB": "Nordics"}.get(plan.place.code)


def _mail(plan: InvoicePlan, world: World) -> Row:
    who = person(plan.account, world.rng(3, plan.account))
    sent = not plan.is_draft and plan.number % 3 > 0
    failed = sent and plan.number % 50 == 4
    first = who.first if plan.number % 13 else None
    parts = (who.salutation or "", first or "", who.last)
    return {
        "ONB2__Email__c": who.email if sent else None,
        "ONB2__EmailInvoice__c": yes(when=sent),
        "ONB2__EmailSalutation__c": who.salutation,
        "ONB2__EmailFirstName__c": first,
        "ONB2__EmailLastName__c": who.last,
        "ONB2__EmailInvoiceCC__c": "cc@example.com; dd@example.com" if sent else None,
        "ONB2__EmailStatus__c": "Error" if failed else "Sent" if sent else "Unsent",
        "ONB2__EmailError__c": "550 5.1.1 <unknown>\r\nretry" if failed else None,
        "ONB2__PrintInvoice__c": yes(when=not sent),
        "ONB2__PDF__c": _file_link(plan) if sent else None,
        # A formula joins with blanks and nobody trims what a formula gives.
        "ON_AddressLine__c": _untrimmed(plan.number, " ".join(parts)),
        "ContentDistributionUrl__c": (
            "https://example.org/sfc/p/a?x=1&y=%C3%BC" if plan.number % 6 == 1 else None
        ),
    }


def _untrimmed(number: int, text: str) -> str:
    return f"{text} " if number % 4 == 2 else text


def _file_link(plan: InvoicePlan) -> str:
    return f"https://orgname.my.salesforce.com/069{plan.number:012d}AAA"


def _payment(plan: InvoicePlan, world: World, rng: Random) -> Row:
    methods: tuple[str | None, ...] = ("Bank Transfer", "Direct Debit", "Manual", None)
    if plan.number < world.invoices // 2:
        methods += ("Paypal", "SEPA")  # inactive today
    method = rng.choice(methods)
    debit = method in {"Direct Debit", "SEPA"}
    granted = "1970-01-01" if plan.number % 20 == 1 else "2018-05-25"
    return {
        "ONB2__PaymentMethod__c": method,
        "ONB2__BankAccount__c": "DE00123456780000000000" if debit else None,
        "ONB2__BankAccountOwner__c": f"Kunde {plan.account}" if debit else None,
        "ONB2__BankCode__c": "XXXXDEFFXXX" if debit else None,
        "ONB2__DirectDebitMandateReference__c": f"M-{plan.account}" if debit else None,
        "ONB2__DirectDebitMandateGranted__c": granted if debit else None,
        "ONB2__DirectDebitSequenceType__c": "RCUR" if debit else None,
        "ONB2__DunningLevel__c": str(plan.number % 4) if plan.balance > 0 else None,
        "ON_PreventDunning__c": yes(when=plan.number % 30 == 0),
        "ONB2__DaysOverdue__c": str(
            (world.today - plan.day - timedelta(days=plan.due)).days
        ),
    }


def _einvoice(plan: InvoicePlan) -> Row:
    row: Row = {
        "ONB2__EInvoiceFormat__c": "XRechnung UBL",
        "ONB2__EInvoiceStatus__c": "Created",
        "ONB2__EInvoiceDistributionChannel__c": "E-Mail",
        "ONB2__BuyerReference__c": "04011000-12345-03",
        "ONB2__EInvoiceProviderMessages__c": '[{"code":"BR-DE-1","text":"„ok“"}]',
    }
    recent = plan.day >= date(2024, 1, 1) and not plan.is_draft
    return row if recent else dict.fromkeys(row)


def _own_fields(plan: InvoicePlan) -> Row:
    checked = ("In Klärung", "Freigegeben", "Gesperrt", None)
    hard = HARD_TEXTS[plan.number % 40] if plan.number % 40 < len(HARD_TEXTS) else None
    return {
        "Status__c": checked[plan.number % 4],
        "PO_Number__c": hard,
        "ON_Note__c": (
            exactly(255, "Prüfvermerk") if plan.number % 40 == 38 else _second(plan)
        ),
        "ON_ExternalReferenceOfPurchaseDepartment__c": (
            f"{plan.number:09d}" if plan.number % 3 == 0 else None
        ),
        "CM_IntegrationError__c": "null" if plan.number % 60 == 2 else None,
    }


def _second(plan: InvoicePlan) -> str | None:
    return HARD_TEXTS[plan.number // 7 % 24] if plan.number % 7 == 5 else None


def _texts(plan: InvoicePlan) -> Row:
    number = plan.number
    lines = HARD_LINES[number % len(HARD_LINES)]
    return {
        "ONB2__Header__c": "Sehr geehrte Damen und Herren," if number % 3 else None,
        "ONB2__Footer__c": "Vielen Dank!\r\n\r\nIhre Beispiel GmbH",
        "ONB2__Text1__c": (
            exactly(30_000, "Anlage zur Rechnung\r\n") if number % 1000 == 7 else None
        ),
        "ONB2__Text2__c": (
            exactly(32_768, "Bedingungen 条件") if number % 1000 == 11 else None
        ),
        "ONB2__Text3__c": lines if number % 10 == 6 else None,
        "PO_Text__c": lines if number % 8 == 2 else None,
        "ONB2__PaymentInfo__c": "Zahlbar ohne Abzug." if number % 2 else None,
    }
