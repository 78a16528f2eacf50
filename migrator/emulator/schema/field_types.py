"""
The types of fields, one row each: all that the org knows of a type stands here.

A field has an API type (`currency`), which describe, queries and values go by; a custom
one was deployed as a metadata type (`Currency`). `API_TYPES` and `CUSTOM_TYPES` have a
row for each. What converts, compares or refuses values asks a row; a new type of an
old sort (another number, say) is a new row and nothing else.

Sources, by column: SOAP API Developer Guide, "Primitive Data Types", "Field Types" and
DescribeSObjectResult (soap, aggregatable ... sortable, digits, octets); Metadata API
guide, CustomField and FieldType (metadata words, elements, lengths); Salesforce help,
"Custom Field Types" (names in Setup, ranges, what may be unique or required).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

__all__ = [
    "API_TYPES",
    "CUSTOM_TYPES",
    "FILE_TYPES",
    "ApiType",
    "CustomType",
    "Holds",
    "api_type",
]


class Holds(Enum):
    """
    What values of a type are; each sort is read, stored and shown in one way.
    """

    TEXT = auto()
    EMAIL = auto()
    CHOICE = auto()
    CHOICES = auto()
    NUMBER = auto()
    WHOLE_NUMBER = auto()
    FLAG = auto()
    DAY = auto()
    MOMENT = auto()
    TIME = auto()
    ID = auto()
    BYTES = auto()
    PARTS = auto()
    """A compound: its values are those of other fields."""

    # Asked for with each cell; the hash of an Enum is a call of Python code.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiType:
    """
    One type of describe results: *word* is what describe calls it.

    *soap* is its soapType, *metadata* the usual type of custom fields of it, *setup*
    its name in Setup, *apex* its Apex type (as `query?columns=true` tells it).
    *octets* is the byteLength of one character of its length.
    """

    word: str
    holds: Holds = Holds.TEXT
    soap: str = "xsd:string"
    metadata: str = "Text"
    setup: str = ""
    apex: str = "String"
    aggregatable: bool = True
    groupable: bool = True
    filterable: bool = True
    sortable: bool = True
    digits: int = 0
    octets: int = 3

    @property
    def xsd(self) -> str:
        """
        The name of its XML Schema type, without the prefix.
        """
        return self.soap.partition(":")[2]


def _by_word(rows: Iterable[ApiType]) -> dict[str, ApiType]:
    return {each.word: each for each in rows}


API_TYPES: Final = _by_word(
    (
        # Text
        ApiType(word="string"),
        ApiType(word="combobox"),
        ApiType(word="phone", metadata="Phone"),
        ApiType(word="url", metadata="Url"),
        ApiType(word="email", metadata="Email", holds=Holds.EMAIL),
        # Of which kind of text area a field is, its length and format tell.
        ApiType(word="textarea", metadata="TextArea"),
        ApiType(word="anyType"),
        ApiType(word="json", soap="urn:json"),
        ApiType(word="complexvalue"),
        ApiType(
            word="encryptedstring",
            metadata="EncryptedText",
            aggregatable=False,
            groupable=False,
            filterable=False,
            sortable=False,
        ),
        # Text out of a list
        ApiType(word="picklist", metadata="Picklist", holds=Holds.CHOICE),
        ApiType(
            word="multipicklist",
            metadata="MultiselectPicklist",
            holds=Holds.CHOICES,
            aggregatable=False,
            groupable=False,
            sortable=False,
            octets=1,
        ),
        # Numbers
        ApiType(
            word="double",
            metadata="Number",
            setup="Number",
            holds=Holds.NUMBER,
            soap="xsd:double",
            groupable=False,
        ),
        ApiType(
            word="currency",
            metadata="Currency",
            holds=Holds.NUMBER,
            soap="xsd:double",
            groupable=False,
        ),
        ApiType(
            word="percent",
            metadata="Percent",
            holds=Holds.NUMBER,
            soap="xsd:double",
            groupable=False,
        ),
        ApiType(
            word="int",
            metadata="Number",
            holds=Holds.WHOLE_NUMBER,
            soap="xsd:int",
            apex="Integer",
            digits=9,
        ),
        ApiType(
            word="long",
            metadata="Number",
            holds=Holds.WHOLE_NUMBER,
            soap="xsd:long",
        ),
        # Truth and time
        ApiType(
            word="boolean",
            metadata="Checkbox",
            setup="Checkbox",
            holds=Holds.FLAG,
            soap="xsd:boolean",
            apex="Boolean",
            aggregatable=False,
        ),
        ApiType(
            word="date",
            metadata="Date",
            holds=Holds.DAY,
            soap="xsd:date",
            apex="Date",
        ),
        ApiType(
            word="datetime",
            metadata="DateTime",
            setup="Date/Time",
            holds=Holds.MOMENT,
            soap="xsd:dateTime",
            apex="Datetime",
            groupable=False,
        ),
        ApiType(
            word="time",
            metadata="Time",
            holds=Holds.TIME,
            soap="xsd:time",
            groupable=False,
        ),
        # Records
        ApiType(word="id", holds=Holds.ID, soap="tns:ID", apex="Id", octets=1),
        ApiType(
            word="reference",
            metadata="Lookup",
            holds=Holds.ID,
            soap="tns:ID",
            apex="Id",
            octets=1,
        ),
        # No text, and no column of its own
        ApiType(
            word="base64",
            holds=Holds.BYTES,
            soap="xsd:base64Binary",
            aggregatable=False,
            groupable=False,
            filterable=False,
            sortable=False,
        ),
        ApiType(
            word="address",
            holds=Holds.PARTS,
            soap="urn:address",
            aggregatable=False,
            groupable=False,
            sortable=False,
        ),
        ApiType(
            word="location",
            metadata="Location",
            holds=Holds.PARTS,
            soap="urn:location",
            aggregatable=False,
            groupable=False,
            sortable=False,
        ),
    )
)
_UNKNOWN: Final = ApiType(word="")


def api_type(word: str) -> ApiType:
    """
    Return the row of a describe's type; one that nobody has heard of holds text.
    """
    return API_TYPES.get(word, _UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomType:
    """
    One FieldType that can be deployed: *word* is what metadata calls it.

    *api* is the describe type, *length* the length of its describe where that is fixed.
    *own* are the elements that not every type takes, *needs* those that must be there.
    *lengths* and *lines* are the least and the most of `length` and `visibleLines`,
    *shown_lines* the height where none was stated, *most_values* how many values a
    picklist takes. *has_digits* goes by precision and scale, *is_area* and *is_rich*
    are texts over several lines and formatted ones.
    """

    word: str
    api: str
    length: int = 0
    own: str = ""
    needs: str = ""
    lengths: tuple[int, int] | None = None
    lines: tuple[int, int] | None = None
    shown_lines: int | None = None
    most_values: int = 0
    has_digits: bool = False
    is_area: bool = False
    is_rich: bool = False
    may_be_formula: bool = False
    may_be_required: bool = True
    may_be_unique: bool = False

    @property
    def elements(self) -> frozenset[str]:
        """
        The elements that this type takes and others may not.
        """
        formula = FORMULA_ELEMENTS if self.may_be_formula else frozenset()
        return frozenset(self.own.split()) | formula

    @property
    def is_picklist(self) -> bool:
        """
        Whether its values come out of a list.
        """
        return bool(self.most_values)

    @property
    def is_list_box(self) -> bool:
        """
        Whether several values are chosen, in a box of some lines.
        """
        return self.is_picklist and self.lines is not None

    @property
    def is_long_text(self) -> bool:
        """
        Whether it counts towards an object's long texts.
        """
        return self.is_area and self.lengths is not None

    @property
    def is_relationship(self) -> bool:
        """
        Whether its values are records of another object.
        """
        return self.api == "reference"


FORMULA_ELEMENTS: Final = frozenset({"formula", "formulaTreatBlanksAs"})
_LONG_LENGTHS: Final = (256, 131_072)
_DIGITS: Final = "precision scale"
_PARENT: Final = "referenceTo relationshipLabel relationshipName"


def _custom(rows: Iterable[CustomType]) -> dict[str, CustomType]:
    return {each.word: each for each in rows}


CUSTOM_TYPES: Final = _custom(
    (
        # Text
        CustomType(
            word="Text",
            api="string",
            own="length defaultValue caseSensitive",
            needs="length",
            lengths=(1, 255),
            may_be_formula=True,
            may_be_unique=True,
        ),
        CustomType(
            word="AutoNumber",
            api="string",
            length=30,
            own="displayFormat startingNumber populateExistingRows",
            needs="displayFormat",
            may_be_required=False,
            may_be_unique=True,
        ),
        CustomType(
            word="TextArea",
            api="textarea",
            length=255,
            own="defaultValue",
            is_area=True,
        ),
        CustomType(
            word="LongTextArea",
            api="textarea",
            own="length visibleLines",
            needs="length visibleLines",
            lengths=_LONG_LENGTHS,
            lines=(2, 50),
            shown_lines=3,
            is_area=True,
            may_be_required=False,
        ),
        CustomType(
            word="Html",
            api="textarea",
            length=32_768,
            own="length visibleLines",
            needs="visibleLines",
            lengths=_LONG_LENGTHS,
            lines=(10, 50),
            shown_lines=25,
            is_area=True,
            is_rich=True,
            may_be_required=False,
        ),
        CustomType(
            word="Email",
            api="email",
            length=80,
            own="defaultValue caseSensitive",
            may_be_unique=True,
        ),
        CustomType(word="Phone", api="phone", length=40, own="defaultValue"),
        CustomType(word="Url", api="url", length=255, own="defaultValue"),
        CustomType(
            word="EncryptedText",
            api="encryptedstring",
            own="length maskChar maskType",
            needs="length maskChar maskType",
            lengths=(1, 175),
        ),
        CustomType(
            word="Picklist",
            api="picklist",
            length=255,
            own="valueSet defaultValue",
            needs="valueSet",
            most_values=1_000,
        ),
        CustomType(
            word="MultiselectPicklist",
            api="multipicklist",
            length=4_099,
            own="valueSet visibleLines",
            needs="valueSet visibleLines",
            lines=(3, 10),
            shown_lines=4,
            most_values=500,
            may_be_required=False,
        ),
        # Numbers
        CustomType(
            word="Number",
            api="double",
            own=f"{_DIGITS} defaultValue",
            needs=_DIGITS,
            has_digits=True,
            may_be_formula=True,
            may_be_unique=True,
        ),
        CustomType(
            word="Currency",
            api="currency",
            own=f"{_DIGITS} defaultValue",
            needs=_DIGITS,
            has_digits=True,
            may_be_formula=True,
        ),
        CustomType(
            word="Percent",
            api="percent",
            own=f"{_DIGITS} defaultValue",
            needs=_DIGITS,
            has_digits=True,
            may_be_formula=True,
        ),
        CustomType(
            word="Summary",
            api="double",
            own="summarizedField summaryFilterItems summaryForeignKey summaryOperation",
            needs="summaryForeignKey summaryOperation",
            may_be_required=False,
        ),
        # Truth and time
        CustomType(
            word="Checkbox",
            api="boolean",
            own="defaultValue",
            needs="defaultValue",
            may_be_formula=True,
            may_be_required=False,
        ),
        CustomType(word="Date", api="date", own="defaultValue", may_be_formula=True),
        CustomType(
            word="DateTime", api="datetime", own="defaultValue", may_be_formula=True
        ),
        CustomType(word="Time", api="time", own="defaultValue", may_be_formula=True),
        # Records and places
        CustomType(
            word="Lookup",
            api="reference",
            length=18,
            own=f"{_PARENT} deleteConstraint lookupFilter",
            needs="referenceTo",
        ),
        CustomType(
            word="MasterDetail",
            api="reference",
            length=18,
            own=(
                f"{_PARENT} relationshipOrder reparentableMasterDetail "
                "writeRequiresMasterRead"
            ),
            needs="referenceTo relationshipName",
        ),
        # Of users to users; it is known, and not emulated.
        CustomType(
            word="Hierarchy",
            api="reference",
            length=18,
            own="relationshipLabel relationshipName lookupFilter",
        ),
        CustomType(
            word="Location",
            api="location",
            own="scale displayLocationInDecimal",
            needs="scale displayLocationInDecimal",
            may_be_required=False,
        ),
    )
)
# Types of standard and external objects, which only files of metadata bring: the type
# that describes alike.
FILE_TYPES: Final = {
    "ExternalLookup": "Text",
    "File": "Text",
    "Hierarchy": "Lookup",
    "IndirectLookup": "Text",
    "Integer": "Number",
    "Long": "Number",
    "MetadataRelationship": "Lookup",
}
