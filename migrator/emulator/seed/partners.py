"""
Rows of what stands around invoices: users, accounts, contacts, orders and contracts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from migrator.emulator.seed.plans import (
    USERS,
    ZERO,
    World,
    plain,
    plan_invoice,
)
from migrator.emulator.seed.rows import Made, Row, stamp, yes
from migrator.emulator.seed.texts import (
    HARD_LINES,
    HARD_TEXTS,
    company,
    person,
    place_of,
)

_TEMPLATES = ("Standard", "Englisch", "Gutschrift", "Behörde")
_USER_NAMES = (
    ("Ada", "Admin"),
    ("Bodo", "Buchhaltung"),
    ("Cäcilie", "Vertrieb"),
    ("Dirk", "Ehemalig"),
    ("Eva", "Controlling"),
    ("Finn", "Support"),
    ("Gül", "Einkauf"),
    ("Hein", "Ausgeschieden"),
)
_DAY_ONE = date(2000, 1, 1)
_LINE_SYSTEM = frozenset(Made(created=_DAY_ONE, changed=_DAY_ONE).columns())
# Owners who have left stay owners of their old records; they cannot own new ones.
_INACTIVE = (3, 7)


def users(world: World) -> Iterator[Row]:
    """
    Yield the org's users; number 0 is the running user, two of the others are inactive.
    """
    for number in range(USERS):
        first, last = _USER_NAMES[number]
        username = "admin@example.org" if number == 0 else f"user{number}@example.org"
        yield Made(created=world.first_day, changed=world.first_day).columns() | {
            "_key": f"User:{number}",
            "Username": username,
            "Name": f"{first} {last}",
            "FirstName": first,
            "LastName": last,
            "Alias": f"user{number}",
            "Email": username,
            "CompanyName": "Beispiel GmbH",
            "IsActive": yes(when=number not in _INACTIVE),
            "ProfileId": f"@Profile:{min(number, 1)}",
            "UserType": "Standard",
            "TimeZoneSidKey": "Europe/Berlin",
            "LocaleSidKey": "de_DE",
            "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "DefaultCurrencyIsoCode": "EUR",
            "ManagerId": "@User:1" if number > 1 else None,
            "LastLoginDate": stamp(world.today, number),
        }


def open_amounts(world: World) -> dict[int, Decimal]:
    """
    Add up what each account still owes, from the plans of its invoices.
    """
    found: dict[int, Decimal] = {}
    for number in range(world.invoices):
        plan = plan_invoice(world, number)
        if plan.balance:
            found[plan.account] = found.get(plan.account, ZERO) + plan.balance
    return found


def accounts(world: World) -> Iterator[Row]:
    """
    Yield the customers, each with one country and one currency.
    """
    owed = open_amounts(world)
    for number in range(world.accounts):
        rng = world.rng(2, number)
        place = place_of(number)
        postcode, city = place.cities[number % len(place.cities)]
        street = f"{place.streets[number % len(place.streets)]} {number + 1}"
        made = Made(
            created=world.first_day,
            changed=world.first_day,
            owner=f"@User:{number % USERS}",
            currency=place.currency,
            minutes=number,
        )
        yield made.columns() | {
            "_key": f"Account:{number}",
            "Name": company(number, rng),
            "AccountNumber": f"D{10_000 + number}",
            "Type": rng.choice(("Customer - Direct", "Partner", None)),
            "Industry": rng.choice(("Technology", "Manufacturing", None)),
            "ParentId": f"@Account:{number - 1}" if number % 30 == 11 else None,
            "BillingStreet": f"{street}\r\nHof 2" if number % 7 == 0 else street,
            "BillingCity": city,
            "BillingPostalCode": postcode,
            "BillingCountry": place.country,
            "Phone": f"+49 3641 5557-{number:03d}" if number % 3 else None,
            "Website": f"https://www.example.com/{number}" if number % 4 else None,
            "AnnualRevenue": str(number * 1_000_000) if number % 2 else None,
            "NumberOfEmployees": str(number * 3) if number % 2 else None,
            "Description": HARD_LINES[number % 5] if number % 9 == 0 else None,
            "ONB2__Balance__c": plain(owed.get(number, ZERO)),
        }


def contacts(world: World) -> Iterator[Row]:
    """
    Yield one contact person per account.
    """
    for number in range(world.accounts):
        found = person(number, world.rng(3, number))
        place = place_of(number)
        made = Made(
            created=world.first_day,
            changed=world.first_day,
            owner=f"@User:{number % USERS}",
            currency=place.currency,
        )
        yield made.columns() | {
            "_key": f"Contact:{number}",
            "AccountId": f"@Account:{number}",
            "Salutation": found.salutation,
            "FirstName": found.first,
            "LastName": found.last,
            "Name": f"{found.first} {found.last}",
            "Email": found.email if number % 6 else None,
            "Phone": "030 / 555-7" if number % 5 == 0 else None,
            "Birthdate": "1970-01-01" if number % 50 == 3 else None,
            "MailingCity": place.cities[0][1],
            "MailingCountry": place.country,
        }


def orders(world: World) -> Iterator[Row]:
    """
    Yield an order for every second account; some name the invoice that bills them.
    """
    for number in range(world.subscriptions):
        place = place_of(2 * number)
        billed = number * 5 if number * 5 < world.invoices else None
        made = Made(
            created=world.first_day, changed=world.today, currency=place.currency
        )
        yield made.columns() | {
            "_key": f"Order:{number}",
            "OrderNumber": f"{number + 1:08d}",
            "AccountId": f"@Account:{2 * number}",
            "EffectiveDate": world.first_day.isoformat(),
            "Status": "Activated",
            "Type": "New",
            "PoNumber": HARD_TEXTS[number % len(HARD_TEXTS)][:80],
            "TotalAmount": plain(Decimal(number * 1999) / 100),
            "ON_Invoice__c": f"@Invoice:{billed}" if billed is not None else None,
        }


def invoice_runs(world: World) -> Iterator[Row]:
    """
    Yield a run for each of the 120 months.
    """
    for number in range(120):
        day = world.first_day + timedelta(days=number * 365 // 12)
        yield Made(created=day, changed=day, minutes=number).columns() | {
            "_key": f"InvoiceRun:{number}",
            "Name": f"IR-{number + 1:05d}",
            "ONB2__Duration__c": plain(Decimal(number * 37) / 100),
            "ONB2__InvoiceDate__c": day.isoformat(),
            "ONB2__IsFinal__c": yes(when=number % 3 > 0),
            "ONB2__PeriodStartDate__c": (day - timedelta(days=30)).isoformat(),
            "ONB2__PeriodEndDate__c": day.isoformat(),
            "ONB2__GenericFilters__c": "Monthly" if number % 2 else None,
        }


def templates(world: World) -> Iterator[Row]:
    """
    Yield the four templates.
    """
    for number, name in enumerate(_TEMPLATES):
        day = world.first_day
        yield Made(created=day, changed=day).columns() | {
            "_key": f"Template:{number}",
            "Name": name,
            "ONB2__DisplayType__c": "Gutschrift" if number == 2 else "Rechnung",
            "ONB2__Footer__c": "Beispiel GmbH\r\nAmtsgericht Jena, HRB 000000",
            "ONB2__PDFName__c": "[InvoiceDate]_[InvoiceNo]_[AccountName].pdf",
        }


def subscriptions(world: World) -> Iterator[Row]:
    """
    Yield a contract for every second account.
    """
    for number in range(world.subscriptions):
        account = 2 * number
        made = Made(
            created=world.first_day,
            changed=world.today,
            owner=f"@User:{number % USERS}",
            currency=place_of(account).currency,
        )
        yield made.columns() | {
            "_key": f"Subscription:{number}",
            "Name": f"Vertrag {number + 1:04d}",
            "ONB2__Account__c": f"@Account:{account}",
            "ONB2__Contact__c": f"@Contact:{account}",
            "ONB2__EmailInvoice__c": f"@Contact:{account}" if number % 3 else None,
            "ONB2__PrintInvoiceContact__c": (
                f"@Contact:{account}" if number % 3 == 0 else None
            ),
            "ONB2__Status__c": "Canceled" if number % 9 == 4 else "Active",
            "ONB2__BillingPeriod__c": "1",
            "ONB2__AutoRenewal__c": "12m",
            "ONB2__StartDate__c": world.first_day.isoformat(),
            "ONB2__EndDate__c": "2028-02-29" if number % 5 == 0 else None,
            "ONB2__Template__c": f"@Template:{number % 4}",
            "ONB2__LastInvoiceRun__c": "@InvoiceRun:119",
        }


def items(world: World) -> Iterator[Row]:
    """
    Yield two items per contract.
    """
    for number in range(2 * world.subscriptions):
        place = place_of(number // 2 * 2)
        made = Made(
            created=world.first_day, changed=world.today, currency=place.currency
        )
        yield made.columns() | {
            "_key": f"Item:{number}",
            "Name": f"{number + 1:06d}",
            "ONB2__Subscription__c": f"@Subscription:{number // 2}",
            "ONB2__Active__c": yes(when=number % 7 > 0),
            "ONB2__Title__c": f"Lizenz {number}",
            "ONB2__Quantity__c": "1",
            "ONB2__Price__c": plain(Decimal(number * 12345).scaleb(-5)),
            "ONB2__ContractValue__c": str(number * 100),
            "ONB2__ContractValueInvoiced__c": str(number * 60),
            "ONB2__ContractValueRemaining__c": str(number * 40),
            "ONB2__BillingType__c": "Recurring",
            "ONB2__BillingUnit__c": "Month",
            "ONB2__Unit__c": "Month",
        }


def dunning_runs(world: World) -> Iterator[Row]:
    """
    Yield a statement run for each of the five years before this one.
    """
    for number in range(5):
        day = date(world.today.year - 1 - number, 1, 15)
        yield Made(created=day, changed=day).columns() | {
            "_key": f"DunningRun:{number}",
            "Name": f"Mahnlauf {day.year}",
            "ONB2__DunningDate__c": day.isoformat(),
            "ONB2__Duration__c": "3.5",
        }


def dunnings(world: World) -> Iterator[Row]:
    """
    Yield a reminder for every tenth account.
    """
    for number in range(world.accounts // 10):
        account = number * 10
        place = place_of(account)
        day = date(world.today.year - 1 - number % 5, 1, 15)
        made = Made(created=day, changed=day, currency=place.currency)
        yield made.columns() | {
            "_key": f"Dunning:{number}",
            "Name": f"M{day.year}-{number:04d}",
            "ONB2__Account__c": f"@Account:{account}",
            "ONB2__Contact__c": f"@Contact:{account}",
            "ONB2__Date__c": day.isoformat(),
            "ONB2__DunningRun__c": f"@DunningRun:{number % 5}",
            "ONB2__Level__c": str(number % 3 + 1),
            "ONB2__Status__c": "Closed",
            "ONB2__Type__c": "Dunning",
            "ONB2__BillingAddress__c": HARD_LINES[number % len(HARD_LINES)],
        }


def dunning_details(world: World) -> Iterator[Row]:
    """
    Yield one line for each reminder.
    """
    for number, dunning in enumerate(dunnings(world)):
        day = str(dunning["ONB2__Date__c"])
        amount = plain(Decimal(number * 1_117 % 90_000).scaleb(-2))
        line = {name: value for name, value in dunning.items() if name in _LINE_SYSTEM}
        yield line | {
            "_key": f"DunningDetail:{number}",
            "Name": f"MP{number:05d}",
            "ONB2__Dunning__c": f"@{dunning['_key']}",
            "ONB2__Sequence__c": "1",
            "ONB2__Title__c": f"Mahnung {number}",
            "ONB2__DunningAmount__c": amount,
            "ONB2__PaymentDueDate__c": day,
        }
