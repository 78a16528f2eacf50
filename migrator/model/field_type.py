"""
Types a field can have: one spelling for mapping, metadata and comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.model.kinds.row import CHOICES, Argument, Family, KindRow
from migrator.model.kinds.table import KINDS, Kind
from migrator.model.limits import ID_LENGTH, MAX_TEXT
from migrator.model.names import ApiName

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


_TYPE = re.compile(r"(?P<kind>[A-Za-z]+)(?:\((?P<arguments>[^()]*)\))?")
_SETTINGS = {
    Argument.LENGTH: "length",
    Argument.PRECISION: "precision",
    Argument.SCALE: "scale",
    Argument.OBJECT: "reference_to",
    Argument.NOTATION: "decimal",
    Argument.MASK_TYPE: "mask_type",
    Argument.MASK_CHARACTER: "mask_character",
}
"""Where a type keeps each of the arguments it is spelled with."""


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
    """Of encrypted text: which characters others see (`CHOICES`)."""
    mask_character: str = ""
    """Of encrypted text: what they see in place of the rest."""

    @classmethod
    def parse(cls, text: str) -> FieldType:
        """
        Return the type that *text* spells.

        Raises ValueError with a sentence that says what was expected.
        """
        found = _TYPE.fullmatch(text.strip())
        kind = found and next((k for k in Kind if k == found["kind"]), None)
        if not found or kind is None:
            words = ", ".join(kind.value for kind in Kind)
            raise ValueError(f"{text!r} is no field type; expected one of {words}")
        arguments = found["arguments"]
        given = [part.strip() for part in arguments.split(",")] if arguments else []
        return cls._with_arguments(kind, given, text)

    @classmethod
    def _with_arguments(cls, kind: Kind, given: list[str], text: str) -> FieldType:
        expected = KINDS[kind].arguments
        try:
            settings: dict[str, Any] = {
                _SETTINGS[argument]: _read(argument, part)
                for argument, part in zip(expected, given, strict=True)
            }
        except ValueError:
            raise ValueError(
                f"{text!r} does not fit; expected {_example(kind)}"
            ) from None
        return cls(kind=kind, **settings)

    def __str__(self) -> str:
        """
        Return the spelling that `parse` reads back.
        """
        parts = ", ".join(
            _spelled(argument, getattr(self, _SETTINGS[argument]))
            for argument in self.row.arguments
        )
        return f"{self.kind}({parts})" if parts else str(self.kind.value)

    @property
    def row(self) -> KindRow:
        """
        What is known of all fields of this kind.
        """
        return KINDS[self.kind]

    @property
    def room(self) -> int | None:
        """
        How many characters a value may have; None for kinds that are not so limited.
        """
        return self.row.room if self.length is None else self.length

    @property
    def is_number(self) -> bool:
        """
        True for types whose values are decimal numbers.
        """
        return self.row.family is Family.NUMBER

    @property
    def is_reference(self) -> bool:
        """
        True for types whose values are record ids.
        """
        return self.row.family is Family.REFERENCE

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


def _read(argument: Argument, text: str) -> ApiName | bool | int | str:
    """
    Return the value of one argument; ValueError when *text* is none.
    """
    choices = CHOICES.get(argument, ())
    if argument is Argument.OBJECT:
        return ApiName(text)
    if argument is Argument.NOTATION:
        return choices.index(text) == 0
    return choices[choices.index(text)] if choices else int(text)


def _spelled(argument: Argument, value: object) -> str:
    if argument is Argument.NOTATION:
        return CHOICES[argument][not value]
    return str(value)


def _example(kind: Kind) -> str:
    words = [
        " or ".join(CHOICES.get(argument, (argument.value,)))
        for argument in KINDS[kind].arguments
    ]
    return f"{kind}({', '.join(words)})" if words else f"{kind} without arguments"


ID_TYPE = FieldType(kind=Kind.TEXT, length=ID_LENGTH)
"""Holds a record's id, always in its long form."""
NAME_TYPE = FieldType(kind=Kind.TEXT, length=MAX_TEXT)
"""Holds the name of a record of any object."""
ORIGINAL_TYPE = FieldType(kind=Kind.TEXT, length=MAX_TEXT)
"""Holds what a value was before its rule, where the mapping gives no type."""
