"""
Types a field can have: one spelling for mapping, metadata and comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from migrator.model.names import ApiName

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


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
    """Two numbers under one name; only its parts are written and read."""
    PICKLIST = "Picklist"
    MULTISELECT_PICKLIST = "MultiselectPicklist"
    LOOKUP = "Lookup"
    MASTER_DETAIL = "MasterDetail"
    NAME = "Name"
    """The record's name field: part of the object, not a field of its own."""
    STANDARD = "Standard"
    """A standard field that every object has, for instance CurrencyIsoCode."""


_TYPE = re.compile(r"(?P<kind>[A-Za-z]+)(?:\((?P<arguments>[^()]*)\))?")
_LENGTH_KINDS = {Kind.TEXT, Kind.LONG_TEXT_AREA, Kind.HTML, Kind.NAME}
_NUMBER_KINDS = {Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT}
_REFERENCE_KINDS = {Kind.LOOKUP, Kind.MASTER_DETAIL}
_NOTATIONS = ("decimal", "degrees")
MASK_CHARACTERS = ("asterisk", "X")
MASK_TYPES = ("all", "creditCard", "ssn", "lastFour", "sin", "nino")
"""EncryptedFieldMaskType: which characters of a value others see (Metadata API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """
    A target type as the mapping writes it: `Text(18)`, `Currency(18, 2)`, `Date`.

    References name the target object: `Lookup(Account)`, `MasterDetail(Invoice__c)`.
    A location says how it is shown, `Location(6, decimal)` or `Location(6, degrees)`,
    encrypted text how it is masked: `EncryptedText(40, lastFour, asterisk)`.
    """

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    reference_to: ApiName | None = None
    decimal: bool | None = None
    """Whether a location is shown in decimal notation; None for other kinds."""
    mask_type: str = ""
    """One of `MASK_TYPES` for encrypted text."""
    mask_character: str = ""
    """One of `MASK_CHARACTERS` for encrypted text."""

    @classmethod
    def parse(cls, text: str) -> FieldType:
        """
        The type that *text* spells.

        Raises ValueError with a sentence that says what was expected.
        """
        found = _TYPE.fullmatch(text.strip())
        kind = found and next((k for k in Kind if k == found["kind"]), None)
        if not found or kind is None:
            words = ", ".join(kind.value for kind in Kind)
            raise ValueError(f"{text!r} is no field type; expected one of {words}")
        given = found["arguments"]
        arguments = [part.strip() for part in given.split(",")] if given else []
        return cls._with_arguments(kind, arguments, text)

    @classmethod
    def _with_arguments(cls, kind: Kind, arguments: list[str], text: str) -> FieldType:
        try:
            if kind in _LENGTH_KINDS:
                (length,) = arguments
                return cls(kind=kind, length=int(length))
            if kind in _NUMBER_KINDS:
                precision, scale = arguments
                return cls(kind=kind, precision=int(precision), scale=int(scale))
            if kind in _REFERENCE_KINDS:
                (reference_to,) = arguments
                return cls(kind=kind, reference_to=ApiName(reference_to))
            if kind is Kind.LOCATION:
                scale, notation = arguments
                shown = _NOTATIONS.index(notation) == 0
                return cls(kind=kind, scale=int(scale), decimal=shown)
            if kind is Kind.ENCRYPTED_TEXT:
                return cls._encrypted(*arguments)
            () = arguments
        except (ValueError, TypeError):
            raise ValueError(
                f"{text!r} does not fit; expected {_example(kind)}"
            ) from None
        return cls(kind=kind)

    @classmethod
    def _encrypted(cls, length: str, mask_type: str, character: str) -> FieldType:
        return cls(
            kind=Kind.ENCRYPTED_TEXT,
            length=int(length),
            mask_type=MASK_TYPES[MASK_TYPES.index(mask_type)],
            mask_character=MASK_CHARACTERS[MASK_CHARACTERS.index(character)],
        )

    def __str__(self) -> str:
        """
        The spelling that `parse` reads back.
        """
        if self.kind is Kind.LOCATION:
            return f"{self.kind}({self.scale}, {_NOTATIONS[not self.decimal]})"
        if self.kind is Kind.ENCRYPTED_TEXT:
            mask = f"{self.mask_type}, {self.mask_character}"
            return f"{self.kind}({self.length}, {mask})"
        if self.kind in _LENGTH_KINDS:
            return f"{self.kind}({self.length})"
        if self.kind in _NUMBER_KINDS:
            return f"{self.kind}({self.precision}, {self.scale})"
        if self.kind in _REFERENCE_KINDS:
            return f"{self.kind}({self.reference_to})"
        return str(self.kind.value)

    @property
    def is_number(self) -> bool:
        """
        True for types whose values are decimal numbers.
        """
        return self.kind in _NUMBER_KINDS

    @property
    def is_reference(self) -> bool:
        """
        True for types whose values are record ids.
        """
        return self.kind in _REFERENCE_KINDS

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """
        Lets documents validate the spelled form; pydantic is loaded only then.
        """
        from pydantic_core import core_schema

        del source, handler
        spelled = core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(str(value)),
            serialization=core_schema.to_string_ser_schema(),
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([core_schema.str_schema(), spelled]),
            python_schema=spelled,
        )


def _example(kind: Kind) -> str:
    if kind in _LENGTH_KINDS:
        return f"{kind}(length)"
    if kind in _NUMBER_KINDS:
        return f"{kind}(precision, scale)"
    if kind in _REFERENCE_KINDS:
        return f"{kind}(Object)"
    if kind is Kind.LOCATION:
        return f"{kind}(scale, {' or '.join(_NOTATIONS)})"
    if kind is Kind.ENCRYPTED_TEXT:
        return (
            f"{kind}(length, {' or '.join(MASK_TYPES)}, {' or '.join(MASK_CHARACTERS)})"
        )
    return f"{kind} without arguments"
