"""
The kinds of field that a target object can have: one row a kind.

A new kind is a word of `Kind`, its row in `KINDS`, and in `described` the word that a
describe has for it. Numbers that stand elsewhere too are in `model.limits`.
"""

from __future__ import annotations

from collections import abc
from enum import StrEnum

from migrator.model.kinds.row import Argument, Family, KindRow, Lines, Section, Summed
from migrator.model.limits import (
    LOCATION_FIELDS,
    MAX_EMAIL,
    MAX_ENCRYPTED,
    MAX_LOCATION_SCALE,
    MAX_LONG_TEXT,
    MAX_MULTISELECT,
    MAX_MULTISELECT_VALUES,
    MAX_NAME_LENGTH,
    MAX_PHONE,
    MAX_PICKLIST_VALUE,
    MAX_PICKLIST_VALUES,
    MAX_PRECISION,
    MAX_SCALE,
    MAX_TEXT,
    MAX_URL,
    MIN_LONG_TEXT,
)


class Kind(StrEnum):
    """
    The Metadata API field types that a target field can have, and two of ours.
    """

    TEXT = "Text"
    TEXT_AREA = "TextArea"
    LONG_TEXT_AREA = "LongTextArea"
    HTML = "Html"
    CHECKBOX = "Checkbox"
    NUMBER = "Number"
    CURRENCY = "Currency"
    PERCENT = "Percent"
    DATE = "Date"
    DATE_TIME = "DateTime"
    TIME = "Time"
    EMAIL = "Email"
    PHONE = "Phone"
    URL = "Url"
    ENCRYPTED_TEXT = "EncryptedText"
    LOCATION = "Location"
    PICKLIST = "Picklist"
    MULTISELECT_PICKLIST = "MultiselectPicklist"
    LOOKUP = "Lookup"
    MASTER_DETAIL = "MasterDetail"
    NAME = "Name"
    """The record's name field: part of the object, not a field of its own."""
    STANDARD = "Standard"
    """A standard field that every object has, for instance CurrencyIsoCode."""


_LENGTH = Argument.LENGTH
_LONG = {_LENGTH: (MIN_LONG_TEXT, MAX_LONG_TEXT)}
_DIGITS = {Argument.PRECISION: (1, MAX_PRECISION), Argument.SCALE: (0, MAX_SCALE)}


def _printed(elements: str) -> frozenset[str]:
    return frozenset(elements.split())


KINDS: abc.Mapping[Kind, KindRow] = {
    Kind.TEXT: KindRow(
        family=Family.TEXT,
        arguments={_LENGTH: (1, MAX_TEXT)},
        takes_any_text=True,
        is_one_line=True,
        elements=_printed("externalId length required unique"),
        optional=_printed("caseSensitive"),  # only of a unique text
        may_be_address=True,
    ),
    # "Can not specify 'length' for a CustomField of type TextArea".
    Kind.TEXT_AREA: KindRow(
        family=Family.TEXT,
        room=MAX_TEXT,
        takes_any_text=True,
        elements=_printed("required"),
        section=Section.TEXTS,
        may_be_address=True,
    ),
    # Never required, unique, external id or with a default; no column of a list (help
    # page "Custom Field Types").
    Kind.LONG_TEXT_AREA: KindRow(
        family=Family.TEXT,
        arguments=_LONG,
        takes_any_text=True,
        elements=_printed("length visibleLines"),
        lines=Lines(least=2, most=50, usual=3),
        is_long=True,
        section=Section.TEXTS,
        may_be_address=True,
        is_listed=False,
    ),
    Kind.HTML: KindRow(
        family=Family.TEXT,
        arguments=_LONG,
        takes_any_text=True,
        elements=_printed("length visibleLines"),
        lines=Lines(least=10, most=50, usual=25),
        is_long=True,
        section=Section.TEXTS,
        may_be_address=True,
        is_listed=False,
    ),
    # A default is demanded, `required` refused; what nobody ticked is false.
    Kind.CHECKBOX: KindRow(
        family=Family.CHECKBOX,
        nullable=False,
        elements=_printed("defaultValue"),
    ),
    Kind.NUMBER: KindRow(
        family=Family.NUMBER,
        arguments=_DIGITS,
        elements=_printed("externalId precision required scale unique"),
        section=Section.AMOUNTS,
        may_be_address=True,
        # Plain numbers count days and pieces; a roll-up adds up already.
        summed=Summed.FROZEN,
    ),
    Kind.CURRENCY: KindRow(
        family=Family.NUMBER,
        arguments=_DIGITS,
        elements=_printed("precision required scale"),
        section=Section.AMOUNTS,
        summed=Summed.ALWAYS,
    ),
    Kind.PERCENT: KindRow(
        family=Family.NUMBER,
        arguments=_DIGITS,
        elements=_printed("precision required scale"),
        section=Section.AMOUNTS,
    ),
    Kind.DATE: KindRow(
        family=Family.DATE, elements=_printed("required"), section=Section.DATES
    ),
    Kind.DATE_TIME: KindRow(
        family=Family.DATE_TIME, elements=_printed("required"), section=Section.DATES
    ),
    Kind.TIME: KindRow(
        family=Family.TIME,
        elements=_printed("required"),
        section=Section.DATES,
    ),
    Kind.EMAIL: KindRow(
        family=Family.TEXT,
        room=MAX_EMAIL,
        is_one_line=True,
        elements=_printed("externalId required unique"),
    ),
    Kind.PHONE: KindRow(
        family=Family.TEXT,
        room=MAX_PHONE,
        is_one_line=True,
        elements=_printed("required"),
        may_be_address=True,
    ),
    Kind.URL: KindRow(
        family=Family.TEXT,
        room=MAX_URL,
        is_one_line=True,
        elements=_printed("required"),
        may_be_address=True,
    ),
    # Neither unique nor an external id, and without a default.
    Kind.ENCRYPTED_TEXT: KindRow(
        family=Family.TEXT,
        arguments={
            _LENGTH: (1, MAX_ENCRYPTED),
            Argument.MASK_TYPE: None,
            Argument.MASK_CHARACTER: None,
        },
        takes_any_text=True,
        is_one_line=True,
        is_masked=True,
        elements=_printed("length maskChar maskType required"),
        may_be_address=True,
    ),
    # The two numbers that hold its values come with it.
    Kind.LOCATION: KindRow(
        family=Family.LOCATION,
        arguments={Argument.SCALE: (0, MAX_LOCATION_SCALE), Argument.NOTATION: None},
        elements=_printed("displayLocationInDecimal externalId required scale"),
        places=LOCATION_FIELDS,
        section=Section.ADDRESSES,
        may_be_address=True,
    ),
    Kind.PICKLIST: KindRow(
        family=Family.PICKLIST,
        room=MAX_PICKLIST_VALUE,
        most_values=MAX_PICKLIST_VALUES,
        elements=_printed("required valueSet"),
        may_be_address=True,
        source="Metadata API, Field Types",
    ),
    Kind.MULTISELECT_PICKLIST: KindRow(
        family=Family.MULTISELECT,
        room=MAX_MULTISELECT,
        most_values=MAX_MULTISELECT_VALUES,
        elements=_printed("valueSet visibleLines"),
        lines=Lines(least=3, most=10, usual=4),
        may_be_address=True,
        is_listed=False,
        source="Metadata API, Field Types",
    ),
    Kind.LOOKUP: KindRow(
        family=Family.REFERENCE,
        arguments={Argument.OBJECT: None},
        elements=_printed(
            "deleteConstraint referenceTo relationshipLabel relationshipName required"
        ),
        section=Section.REFERENCES,
    ),
    # Neither `required` nor a delete constraint, for it is always required; the order
    # decides who shares the record.
    Kind.MASTER_DETAIL: KindRow(
        family=Family.REFERENCE,
        arguments={Argument.OBJECT: None},
        nullable=False,
        elements=_printed(
            "referenceTo relationshipLabel relationshipName relationshipOrder "
            "reparentableMasterDetail writeRequiresMasterRead"
        ),
        section=Section.REFERENCES,
    ),
    # Part of its object: always a text of 80, which keeps the numbers that were given.
    Kind.NAME: KindRow(
        family=Family.TEXT,
        arguments={_LENGTH: (MAX_NAME_LENGTH, MAX_NAME_LENGTH)},
        takes_any_text=True,
        is_one_line=True,
        nullable=False,
        template="metadata/object.xml.j2",
        is_own_field=False,
        source="Metadata API, CustomObject.nameField",
    ),
    # There already, for instance CurrencyIsoCode.
    Kind.STANDARD: KindRow(
        family=Family.OTHER,
        template="",
        is_own_field=False,
        source="Object Reference, System Fields",
    ),
}
