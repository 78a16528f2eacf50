"""
Texts in other languages: proposed for the mapping, made into components.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.model import limits
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.labels import Labels, ValueLabels
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.target import FieldTranslation, NounForm, ObjectTranslation
from migrator.rules.target.words import MAX_LABEL, shortened, sibling_label

Described = abc.Mapping[str, abc.Mapping[ApiName, ObjectDescribe]]
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
    Return *mapping* with a label in each of *languages* for all that `generate` makes.

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
    seen = {each: d for each, d in by_language.items() if d}
    singular = {each: d.label if d else "" for each, d in by_language.items()}
    plural = {each: d.plural_label if d else "" for each, d in by_language.items()}
    named = previous or mapped
    fields = []
    for entry in mapped.fields:
        before = previous.entry(entry.source) if previous else None
        found = {
            each: field for each, d in seen.items() if (field := d.field(entry.source))
        }
        fields.append(_translated_field(entry, languages, found, before))
    return replace(
        mapped,
        labels=_chosen(languages, named.labels, singular, mapped.label),
        plural_labels=_chosen(
            languages, named.plural_labels, plural, mapped.plural_label
        ),
        name_labels=_told(
            named.name_labels,
            {each: d.name_field.label for each, d in seen.items() if d.name_field},
            mapped.name_label,
        ),
        fields=tuple(fields),
    )


def _translated_field(
    entry: FieldMapping,
    languages: Sequence[str],
    found: abc.Mapping[str, FieldDescribe],
    previous: FieldMapping | None,
) -> FieldMapping:
    if not entry.made_targets or not entry.label:
        return entry
    before = previous or entry
    labels = {each: field.label for each, field in found.items()}
    helps = {each: field.help_text or "" for each, field in found.items()}
    return replace(
        entry,
        labels=_chosen(languages, entry.labels or before.labels, labels, entry.label),
        helps=_told(entry.helps or before.helps, helps, entry.help)
        if entry.help
        else entry.helps,
        value_labels=_value_labels(
            entry, entry.value_labels or before.value_labels, found
        ),
    )


def _told(kept: Labels, found: abc.Mapping[str, str], plain: str) -> Labels:
    """
    Return the texts *found*, with those *kept* in their place; what only says the
    *plain* text again is no translation.
    """
    told = {
        language: text.strip()[: limits.MAX_HELP].rstrip()
        for language, text in found.items()
        if text.strip() and text.strip() != plain
    }
    return Labels.of(told | dict(kept.pairs))


def _value_labels(
    entry: FieldMapping, kept: ValueLabels, found: abc.Mapping[str, FieldDescribe]
) -> ValueLabels:
    """
    Return the same for the values of a picklist, one by one.
    """
    texts = {
        language: {
            each.value: each.label
            for each in field.picklist_values
            if each.value in entry.values and each.label not in {"", each.value}
        }
        for language, field in found.items()
    }
    for language, known in kept.texts().items():
        texts[language] = texts.get(language, {}) | known
    return ValueLabels.of({each: known for each, known in texts.items() if known})


def _chosen(
    languages: Sequence[str],
    kept: Labels | None,
    found: abc.Mapping[str, str],
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
            made = ObjectTranslation(
                object=mapped.target,
                language=language,
                forms=tuple(_forms(mapped, language)),
                fields=tuple(_fields(mapped, language)),
                name_label=shortened(mapped.name_labels.get(language), MAX_LABEL),
            )
            if made.fields or made.forms or made.name_label:
                yield made


def _forms(mapped: MappedObject, language: str) -> Iterator[NounForm]:
    """
    Yield the object's name; of languages with cases we do not know it is left to
    people.
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
        if entry.target is not None and entry.target in made:
            texts = dict(entry.value_labels.get(language).pairs)
            yield FieldTranslation(
                name=entry.target,
                label=shortened(label, MAX_LABEL),
                help_text=entry.helps.get(language),
                values=tuple((v, texts[v]) for v in entry.values if v in texts),
            )
        beside = ((entry.id_target, "Id"), (entry.name_target, "Name"))
        for name, suffix in beside:
            if name is not None and name in made:
                yield FieldTranslation(name=name, label=sibling_label(label, suffix))
