"""
Labels in other languages: proposed for the mapping, made into components.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import replace

from migrator.model.describe import ObjectDescribe
from migrator.model.labels import Labels
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.target import FieldTranslation, NounForm, ObjectTranslation
from migrator.rules.wording import MAX_LABEL, shortened, sibling_label

Described = Table[str, Table[ApiName, ObjectDescribe]]
"""By language, the describes that were made in it."""

_CASES = {"de": ("Nominative", "Accusative", "Genitive", "Dative")}
"""Grammatical cases that an org asks for; the word is the same in each of them."""
_WITHOUT_CASES = frozenset(
    ("da", "en_US", "es", "es_MX", "fr", "it", "ja", "ko", "nl_NL", "no", "pt_BR")
) | {"en_AU", "en_GB", "pt_PT", "sv", "th", "zh_CN", "zh_TW"}
"""Languages whose nouns have one singular and one plural (Translations, "Language")."""


def with_translations(
    mapping: Mapping,
    languages: Sequence[str],
    described: Described,
    previous: Mapping | None = None,
) -> Mapping:
    """
    *mapping* with a label in each of *languages* for all that `generate` makes.

    What the *previous* mapping says stays; else the describe of that language decides,
    and without one the label is the same in every language, for a person to translate.
    """
    objects = tuple(
        _translated(
            each,
            languages,
            described,
            previous.object(each.source) if previous else None,
        )
        for each in mapping.objects
    )
    return replace(mapping, objects=objects)


def _translated(
    mapped: MappedObject,
    languages: Sequence[str],
    described: Described,
    previous: MappedObject | None,
) -> MappedObject:
    by_language = {
        each: described.get(each, {}).get(mapped.source) for each in languages
    }
    singular = {each: d.label if d else "" for each, d in by_language.items()}
    plural = {each: d.plural_label if d else "" for each, d in by_language.items()}
    named = previous or mapped
    fields = []
    for entry in mapped.fields:
        before = previous.entry(entry.source) if previous else None
        found = {
            each: field.label
            for each, d in by_language.items()
            if d and (field := d.field(entry.source))
        }
        fields.append(_translated_field(entry, languages, found, before))
    return replace(
        mapped,
        labels=_chosen(languages, named.labels, singular, mapped.label),
        plural_labels=_chosen(
            languages, named.plural_labels, plural, mapped.plural_label
        ),
        fields=tuple(fields),
    )


def _translated_field(
    entry: FieldMapping,
    languages: Sequence[str],
    found: Table[str, str],
    previous: FieldMapping | None,
) -> FieldMapping:
    if not entry.made_targets or not entry.label:
        return entry
    kept = entry.labels or (previous.labels if previous else None)
    return replace(entry, labels=_chosen(languages, kept, found, entry.label))


def _chosen(
    languages: Sequence[str],
    kept: Labels | None,
    found: Table[str, str],
    otherwise: str,
) -> Labels:
    texts = dict(kept.pairs) if kept else {}
    for each in languages:
        texts.setdefault(each, found.get(each) or otherwise)
    return Labels.of(texts)


def translations(
    mapping: Mapping, languages: Sequence[str]
) -> Iterator[ObjectTranslation]:
    """
    One component for each object and language that the mapping has a label in.
    """
    for mapped in mapping.objects:
        for language in languages:
            fields = tuple(_fields(mapped, language))
            forms = tuple(_forms(mapped, language))
            if fields or forms:
                yield ObjectTranslation(
                    object=mapped.target, language=language, forms=forms, fields=fields
                )


def _forms(mapped: MappedObject, language: str) -> Iterator[NounForm]:
    """
    The object's name; of languages with cases we do not know it is left to people.
    """
    singular = mapped.labels.get(language)
    plural = mapped.plural_labels.get(language) or singular
    if not singular or (language not in _CASES and language not in _WITHOUT_CASES):
        return
    for case in _CASES.get(language, ("",)):
        for word, is_plural in ((singular, False), (plural, True)):
            yield NounForm(
                case=case, plural=is_plural, value=shortened(word, MAX_LABEL)
            )


def _fields(mapped: MappedObject, language: str) -> Iterator[FieldTranslation]:
    for entry in mapped.fields:
        label = entry.labels.get(language)
        if not label:
            continue
        made = set(entry.made_targets)
        named = (
            (entry.target, shortened(label, MAX_LABEL)),
            (entry.id_target, sibling_label(label, "Id")),
            (entry.name_target, sibling_label(label, "Name")),
        )
        for name, text in named:
            if name is not None and name in made:
                yield FieldTranslation(name=name, label=text)
