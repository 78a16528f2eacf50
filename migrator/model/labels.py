"""
A label in other languages, as migration and mapping hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Labels:
    """
    One text by language code, spelled as `{de: Rechnung, fr: Facture}`.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    """(language, text), sorted by language."""

    @classmethod
    def of(cls, texts: dict[str, str]) -> Labels:
        """
        Return the labels that *texts* hold by language.
        """
        return cls(tuple(sorted(texts.items())))

    def __bool__(self) -> bool:
        """
        Return False when there is no text in any language.
        """
        return bool(self.pairs)

    def get(self, language: str) -> str:
        """
        Return the text in *language*, empty when there is none.
        """
        return dict(self.pairs).get(language, "")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """
        Lets documents validate the spelled form; pydantic is loaded only then.
        """
        from pydantic_core import core_schema

        del source, handler
        texts = core_schema.dict_schema(
            core_schema.str_schema(), core_schema.str_schema()
        )
        return core_schema.no_info_after_validator_function(
            cls.of,
            texts,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda each: dict(each.pairs)
            ),
        )


NO_LABELS = Labels()


@dataclass(frozen=True, slots=True)
class ValueLabels:
    """
    What picklist values are called, by language: `de: {Open: Offen}`.
    """

    pairs: tuple[tuple[str, Labels], ...] = ()
    """(language, text by value), sorted by language."""

    @classmethod
    def of(cls, texts: dict[str, dict[str, str]]) -> ValueLabels:
        """
        Return the labels that *texts* hold by language and value.
        """
        return cls(tuple((each, Labels.of(texts[each])) for each in sorted(texts)))

    def __bool__(self) -> bool:
        """
        Return False when no value has a text in any language.
        """
        return bool(self.pairs)

    def get(self, language: str) -> Labels:
        """
        Return the texts in *language* by value, none when there are none.
        """
        return dict(self.pairs).get(language, NO_LABELS)

    def texts(self) -> dict[str, dict[str, str]]:
        """
        Return what `of` takes.
        """
        return {language: dict(labels.pairs) for language, labels in self.pairs}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """
        Lets documents validate the spelled form; pydantic is loaded only then.
        """
        from pydantic_core import core_schema

        del source, handler
        text = core_schema.str_schema()
        by_value = core_schema.dict_schema(text, text)
        return core_schema.no_info_after_validator_function(
            cls.of,
            core_schema.dict_schema(text, by_value),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda each: each.texts()
            ),
        )


NO_VALUE_LABELS = ValueLabels()
