"""
The deterministic seed recipe: an org's records, made batch by batch.

Rows name each other by symbolic keys: `_key` is `Invoice:17`, a reference to it
`@Invoice:17`, and `KEY_OBJECTS` says which object the word stands for. References may
point forward (an invoice to its later cancelation), so whoever stores the rows gives
ids by number. Master records come before their details. The same seed, day and
number of invoices give the same rows, on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from migrator.emulator.seed import partners as seed_partners
from migrator.emulator.seed.invoices import invoice_row
from migrator.emulator.seed.plans import InvoicePlan, World, plan_invoice
from migrator.emulator.seed.positions import balance_rows, line_rows, tax_rows
from migrator.emulator.seed.rows import KEY_OBJECTS, Row, shape_of
from migrator.emulator.seed.sparse import sparse_fields, sprinkle

__all__ = ["KEY_OBJECTS", "seed_records"]

MOST_ROWS = 5_000
INVOICES_AT_ONCE = 500
_PARTNERS = (
    ("User", seed_partners.users),
    ("Account", seed_partners.accounts),
    ("Contact", seed_partners.contacts),
    ("ONB2__InvoiceRun__c", seed_partners.invoice_runs),
    ("ONB2__Template__c", seed_partners.templates),
    ("ONB2__Subscription__c", seed_partners.subscriptions),
    ("ONB2__Item__c", seed_partners.items),
    ("ONB2__DunningRun__c", seed_partners.dunning_runs),
    ("ONB2__Dunning__c", seed_partners.dunnings),
    ("ONB2__DunningDetail__c", seed_partners.dunning_details),
    ("Order", seed_partners.orders),
)
_BELOW = (
    ("ONB2__InvoiceLineItem__c", line_rows),
    ("ONB2__TaxDetail__c", tax_rows),
    ("ONB2__Balance__c", balance_rows),
)


def seed_records(
    describes: Mapping[str, dict[str, Any]], *, invoices: int, seed: int, today: date
) -> Iterator[tuple[str, list[Row]]]:
    """
    Yield batches of at most 5,000 rows, each with the API name of its object.

    *describes* (by API name) says which objects and fields the org has; others are
    left out. Values are API text or None. An object can come in several batches:
    invoices are followed by what stands below them before the next invoices come.
    """
    world = World(invoices=invoices, seed=seed, today=today)
    for api_name, rows in _PARTNERS:
        yield from _shaped(describes, api_name, rows(world))
    for first in range(0, invoices, INVOICES_AT_ONCE):
        numbers = range(first, min(first + INVOICES_AT_ONCE, invoices))
        plans = [plan_invoice(world, number) for number in numbers]
        found = (invoice_row(plan, world) for plan in plans)
        yield from _shaped(describes, "ONB2__Invoice__c", found)
        for api_name, below in _BELOW:
            yield from _shaped(describes, api_name, _all_below(below, plans, world))


def _all_below(below: Any, plans: list[InvoicePlan], world: World) -> Iterator[Row]:
    for plan in plans:
        yield from below(plan, world)


def _shaped(
    describes: Mapping[str, dict[str, Any]], api_name: str, rows: Iterable[Row]
) -> Iterator[tuple[str, list[Row]]]:
    """
    Cut *rows*, with exactly the described fields (and `_key`), into batches.

    All rows of an object tell about the same fields; the others stay mostly blank.
    """
    if api_name not in describes:
        return
    shape = {"_key": None} | shape_of(describes[api_name])
    known = shape.keys()
    source = iter(rows)
    while batch := list(islice(source, MOST_ROWS)):
        full = [
            shape | {name: row[name] for name in known & row.keys()} for row in batch
        ]
        sprinkle(full, sparse_fields(describes[api_name], batch[0]))
        yield api_name, full
