"""
The golden cases: one mapping for each kind of field, and for rules one can see.

`trees/` shows four of them whole, `fields/` of each other one the fields it is about.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.model.labels import Labels, ValueLabels
from migrator.model.mapping import FieldMapping, Mapping, ParentLink
from migrator.model.names import ApiName
from migrator.model.source_layout import Section, View, ViewFilter
from migrator.model.treatment import Treatment
from tests.builders.mappings import (
    a_field,
    a_key,
    a_location,
    a_mapped_object,
    a_mapping,
    a_name,
    a_parent,
)

LANGUAGES = ("de", "fr")
"""Only the case that has labels in them shows anything of it."""
VALUES = ("Open", "Paid & closed", "Zahlung fällig")


def _alone(*fields: FieldMapping) -> Mapping:
    return a_mapping(a_mapped_object(a_key(), *fields))


def _family(link: ParentLink) -> Mapping:
    lines = a_mapped_object(
        a_key(), a_name(), a_parent(link=link), name="Line", label="Invoice Line"
    )
    return a_mapping(a_mapped_object(a_key(), a_name()), lines)


def _translated() -> Mapping:
    """
    Labels in a language with cases, in one without, and a field that has none.
    """
    account = a_field(
        "Account__c",
        "Lookup(Account)",
        label="Account",
        treatment=Treatment.LOOKUP,
        relationship="Archive_Invoices",
        id_target="Account_Id__c",
        why="kept to the customer's own record",
    )
    status = replace(
        a_field(
            "Status__c", "Picklist", label="Status", help_text="Now", values=VALUES
        ),
        labels=Labels.of({"de": "Stand", "fr": "État"}),
        helps=Labels.of({"de": "Jetzt & später"}),
        value_labels=ValueLabels.of({"de": {"Open": "Offen", VALUES[1]: "Bezahlt"}}),
    )
    fields = (
        a_key(),
        a_name(),
        status,
        replace(account, labels=Labels.of({"de": "Kunde & Co", "fr": "Compte"})),
        a_field(),
    )
    invoice = replace(
        a_mapped_object(*fields),
        labels=Labels.of({"de": "Rechnung", "fr": "Facture"}),
        plural_labels=Labels.of({"de": "Rechnungen", "fr": "Factures"}),
        name_labels=Labels.of({"de": "Rechnungsnummer"}),
    )
    return a_mapping(invoice)


def _arranged() -> Mapping:
    """
    The source's sections, one of a single column, and a list that asks for something.
    """
    due, note = a_field("Due__c", "Date", label="Due"), a_field()
    total = a_field("Total__c", "Currency(18, 2)", label="Total")
    sections = (
        Section(label="Terms & Notes", left=(due.source,), right=(note.source,)),
        Section(label="Amounts", left=(total.source,), columns=1),
    )
    late = View(
        name="Late",
        label="Late & Open",
        columns=(ApiName("Name"), due.source),
        filters=(
            ViewFilter(field=due.source, operation="lessThan", value="TODAY"),
            ViewFilter(field=total.source, operation="greaterThan", value="0"),
        ),
        logic="1 AND 2",
    )
    other = a_field("Other__c", "Checkbox", label="Other")
    invoice = a_mapped_object(a_key(), a_name(), due, note, total, other)
    return a_mapping(replace(invoice, layout=sections, list_views=(late,)))


CASES: dict[str, Mapping] = {
    "sample": _alone(a_field("Note__c", "Text(40)", help_text="Shown on the PDF")),
    "arranged": _arranged(),
    "translations": _translated(),
    "master_detail": _family(ParentLink.MASTER_DETAIL),
    "text_area": _alone(a_field("Address__c", "TextArea", label="Address")),
    "long_text_area": _alone(a_field("Log__c", "LongTextArea(32768)", label="Log")),
    "html": _alone(a_field("Intro__c", "Html(32768)", label="Introduction")),
    "checkbox": _alone(a_field("Locked__c", "Checkbox", label="Locked")),
    "number": _alone(a_field("Days__c", "Number(6, 0)", label="Days")),
    "currency": _alone(
        a_field(
            "GrandTotal__c",
            "Currency(18, 2)",
            label="Grand Total",
            treatment=Treatment.FREEZE,
            why="roll-up summary; the issued amount is kept, not computed again",
        )
    ),
    "percent": _alone(a_field("TaxRate__c", "Percent(5, 2)", label="Tax Rate")),
    "date": _alone(a_field("Due__c", "Date", label="Due")),
    "date_time": _alone(a_field("Sent__c", "DateTime", label="Sent")),
    "time": _alone(a_field("Start__c", "Time", label="Start")),
    "email": _alone(a_field("Recipient__c", "Email", label="Recipient")),
    "phone": _alone(a_field("Contact__c", "Phone", label="Contact")),
    "url": _alone(a_field("Link__c", "Url", label="Link")),
    "encrypted_text": _alone(
        a_field("Pin__c", "EncryptedText(12, lastFour, X)", label="PIN")
    ),
    "location": _alone(*a_location()),
    "unique": _alone(
        replace(a_field("Number__c", "Text(30)", unique=True), case_sensitive=True),
        a_field("Serial__c", "Number(9, 0)", unique=True),
        a_field("Address__c", "Email", unique=True),
    ),
    "visible_lines": _alone(
        a_field("Log__c", "LongTextArea(1000)", label="Log", lines=12),
        a_field("Intro__c", "Html(32768)", label="Introduction", lines=40),
        a_field("Tags__c", "MultiselectPicklist", values=VALUES, lines=5),
    ),
    "picklist": _alone(a_field("Status__c", "Picklist", label="Status", values=VALUES)),
    "multiselect_picklist": _alone(
        a_field("Tags__c", "MultiselectPicklist", label="Tags", values=VALUES)
    ),
    "lookup": _alone(
        a_field(
            "Account__c",
            "Lookup(Account)",
            label="Account",
            treatment=Treatment.LOOKUP,
            relationship="Archive_Invoices",
            id_target="Account_Id__c",
            name_target="Account_Name__c",
            why="kept to the customer's own record",
        )
    ),
    "parent_lookup": _family(ParentLink.RESTRICT_LOOKUP),
    "escaping": _alone(
        a_field(
            "Status__c",
            "Picklist",
            label="<Status> & \"Co\" 'x' 🧾",
            help_text='a < b && b > "c"\nnext line\'s text 🧾',
            values=("<none>", "A & B", "\"quoted\" 'value'", "🧾"),
        )
    ),
}

TREES = ("sample", "arranged", "translations", "master_detail")
"""The cases that are shown whole."""
