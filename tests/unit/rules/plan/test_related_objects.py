"""
All that hangs on an invoice: children, their children, and masters of those.
"""

from __future__ import annotations

from migrator.model.names import ApiName
from migrator.rules.plan.related_objects import related_objects
from tests.builders.describes import (
    SAMPLES,
    a_described_object,
    a_reference,
    read_describes,
)

INVOICE = ApiName("ONB2__Invoice__c")


def test_all_that_hangs_on_an_invoice_is_found() -> None:
    """Lines, taxes, balances, statement details, and statements through these."""
    found = related_objects([INVOICE], read_describes(SAMPLES), "ONB2")
    assert found[0] == INVOICE
    assert set(found) == {
        INVOICE,
        "ONB2__InvoiceLineItem__c",
        "ONB2__TaxDetail__c",
        "ONB2__Balance__c",
        "ONB2__DunningDetail__c",
        "ONB2__Dunning__c",
    }


def test_what_an_invoice_points_at_is_left() -> None:
    """Templates, subscriptions and runs belong to the business that goes on."""
    found = related_objects([INVOICE], read_describes(SAMPLES), "ONB2")
    assert not {"ONB2__Template__c", "ONB2__Subscription__c", "Account"} & set(found)


def test_other_peoples_objects_and_events_are_left() -> None:
    """Only the package's own records leave with the package."""
    describes = {
        each.name: each
        for each in (
            a_described_object("ONB2__Invoice__c"),
            a_described_object(
                "Note__c", a_reference("Invoice__c", "ONB2__Invoice__c")
            ),
            a_described_object(
                "ONB2__Sent__e", a_reference("ONB2__I__c", "ONB2__Invoice__c")
            ),
        )
    }
    assert related_objects([INVOICE], describes, "ONB2") == (INVOICE,)
