"""
The frame that every seeded row has: key, owner, currency and audit fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from migrator.emulator.seed.plans import RUNNING_USER

Row = dict[str, str | None]
KEY_OBJECTS = {
    "User": "User",
    "Account": "Account",
    "Contact": "Contact",
    "Order": "Order",
    "InvoiceRun": "ONB2__InvoiceRun__c",
    "Template": "ONB2__Template__c",
    "Subscription": "ONB2__Subscription__c",
    "Item": "ONB2__Item__c",
    "DunningRun": "ONB2__DunningRun__c",
    "Dunning": "ONB2__Dunning__c",
    "DunningDetail": "ONB2__DunningDetail__c",
    "Invoice": "ONB2__Invoice__c",
    "Line": "ONB2__InvoiceLineItem__c",
    "TaxDetail": "ONB2__TaxDetail__c",
    "Balance": "ONB2__Balance__c",
    "OwnInvoice": "Invoice__c",
    "Profile": "Profile",
}
"""The word before the colon of a key, and the object its records belong to."""


def shape_of(describe: Mapping[str, Any]) -> Row:
    """
    Make an empty row of the described object: null everywhere, false in checkboxes.
    """
    return {
        each["name"]: "false" if each["type"] == "boolean" else None
        for each in describe["fields"]
        if each["name"] != "Id"
    }


def stamp(day: date, minutes: int = 0) -> str:
    """
    Spell a moment on *day* as the API shows it, in UTC.
    """
    moment = datetime(day.year, day.month, day.day, 8, 15, 30)  # noqa: DTZ001 - UTC
    return f"{moment + timedelta(minutes=minutes % 900):%Y-%m-%dT%H:%M:%S}.000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """
    Who made a record and when; *changed* is the day of its last change.
    """

    created: date
    changed: date
    owner: str = RUNNING_USER
    by: str = RUNNING_USER
    currency: str = "EUR"
    minutes: int = 0

    def columns(self) -> Row:
        """
        Return the system columns; a row of a detail object has no use for OwnerId.
        """
        changed = stamp(max(self.created, self.changed), self.minutes + 7)
        return {
            "OwnerId": self.owner,
            "IsDeleted": "false",
            "CurrencyIsoCode": self.currency,
            "CreatedDate": stamp(self.created, self.minutes),
            "CreatedById": self.by,
            "LastModifiedDate": changed,
            "LastModifiedById": self.by,
            "SystemModstamp": changed,
        }


def yes(*, when: bool) -> str:
    """
    Spell a checkbox as the API shows it.
    """
    return "true" if when else "false"
