"""
Labels in other languages: proposed once, kept, and made into components.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.schema import mapping_digest
from migrator.documents.mapping.write import render_mapping
from migrator.model.describe import FieldDescribe, ObjectDescribe, PicklistValue
from migrator.model.labels import Labels, ValueLabels
from migrator.model.mapping import FieldMapping, Mapping
from migrator.model.names import ApiName
from migrator.rules.target.objects import build_target
from migrator.rules.target.translations import with_translations
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_skipped,
)

MAPPING = a_mapping(a_mapped_object(a_key(), a_name(), a_skipped(), a_field()))
INVOICE, NOTE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Note__c")
VALUES = ("Open", "A, B")
STATUS = ApiName("ONB2__Status__c")


def _labels(mapping: Mapping, field: ApiName = NOTE) -> Labels:
    entry = mapping.objects[0].entry(field)
    assert entry is not None
    return entry.labels


def test_without_another_description_the_label_is_copied() -> None:
    """Every made field and the object have one; what is not made has none."""
    planned = with_translations(MAPPING, ("de", "fr"), {})
    copied = Labels.of({"de": "Note", "fr": "Note"})
    assert _labels(planned) == copied
    assert not _labels(planned, ApiName("Name"))
    assert not _labels(planned, ApiName("SystemModstamp"))
    mapped = planned.objects[0]
    assert mapped.labels.get("de") == "Invoice"
    assert mapped.plural_labels.get("fr") == "Invoices"


def test_no_languages_change_nothing() -> None:
    """The mapping, and so its digest, is the one it always was."""
    assert with_translations(MAPPING, (), {}) == MAPPING
    translated = with_translations(MAPPING, ("de",), {})
    assert mapping_digest(translated) != mapping_digest(MAPPING)


def test_a_describe_in_that_language_is_taken() -> None:
    """Its labels, also of the object; other languages have the default."""
    german = ObjectDescribe(
        name=INVOICE,
        label="Rechnung",
        plural_label="Rechnungen",
        custom=True,
        fields=(),
    )
    planned = with_translations(MAPPING, ("de", "fr"), {"de": {INVOICE: german}})
    mapped = planned.objects[0]
    assert mapped.labels == Labels.of({"de": "Rechnung", "fr": "Invoice"})
    assert mapped.plural_labels.get("de") == "Rechnungen"


def _picklist() -> Mapping:
    status = a_field(
        "Status__c",
        "Picklist",
        label="Status",
        help_text="Now",
        values=("Open", "A, B"),
    )
    return a_mapping(a_mapped_object(a_key(), a_name(), status))


def _german() -> dict[str, dict[ApiName, ObjectDescribe]]:
    """
    A describe in German of the object with a picklist.
    """
    values = (("Open", "Offen"), ("A, B", "A, B"), ("Unknown", "Unbekannt"))
    status = FieldDescribe(
        name=STATUS,
        label="Stand",
        type="picklist",
        help_text="Jetzt",
        picklist_values=tuple(PicklistValue(value=v, label=each) for v, each in values),
    )
    name = FieldDescribe(
        name=ApiName("Name"), label="Nummer", type="string", name_field=True
    )
    described = ObjectDescribe(
        name=INVOICE,
        label="Rechnung",
        plural_label="Rechnungen",
        custom=True,
        fields=(name, status),
    )
    return {"de": {INVOICE: described}}


def _status(mapping: Mapping) -> FieldMapping:
    entry = mapping.objects[0].entry(STATUS)
    assert entry is not None
    return entry


def test_values_help_and_name_label_come_from_a_describe_alone() -> None:
    """What only repeats the default is left out, and so is what is not carried."""
    planned = with_translations(_picklist(), ("de", "fr"), _german())
    assert planned.objects[0].name_labels == Labels.of({"de": "Nummer"})
    assert _status(planned).helps == Labels.of({"de": "Jetzt"})
    assert _status(planned).value_labels == ValueLabels.of({"de": {"Open": "Offen"}})
    german, french = build_target(
        planned, a_migration(languages=("de", "fr"))
    ).translations
    (field,) = [each for each in german.fields if each.name == "Status__c"]
    assert (field.help_text, field.values) == ("Jetzt", (("Open", "Offen"),))
    assert (german.name_label, french.name_label) == ("Nummer", "")
    assert all(not (each.help_text or each.values) for each in french.fields)


def test_an_edited_value_stays_and_a_new_one_comes() -> None:
    """Value by value, and in the file as well, commas and all."""
    planned = with_translations(_picklist(), ("de",), _german())
    (mapped,) = planned.objects
    mine = ValueLabels.of({"de": {"A, B": "A und B"}})
    fields = tuple(
        replace(each, value_labels=mine) if each.values else each
        for each in mapped.fields
    )
    previous = replace(planned, objects=(replace(mapped, fields=fields),))
    again = with_translations(_picklist(), ("de",), _german(), previous)
    both = {"A, B": "A und B", "Open": "Offen"}
    assert _status(again).value_labels == ValueLabels.of({"de": both})
    text = render_mapping(again, templates=[shipped_folder("templates")])
    assert parse_mapping(text, file="mapping.yaml") == again


def test_what_somebody_translated_stays() -> None:
    """A second plan fills only what is missing."""
    first = with_translations(MAPPING, ("de",), {})
    mapped = first.objects[0]
    fields = tuple(
        replace(each, labels=Labels.of({"de": "Bemerkung"}))
        if each.source == NOTE
        else each
        for each in mapped.fields
    )
    edited = replace(mapped, fields=fields, labels=Labels.of({"de": "Rechnung"}))
    previous = replace(first, objects=(edited,))
    again = with_translations(MAPPING, ("de", "fr"), {}, previous)
    assert _labels(again) == Labels.of({"de": "Bemerkung", "fr": "Note"})
    assert again.objects[0].labels.get("de") == "Rechnung"


def test_labels_survive_their_file() -> None:
    """As one line a language; texts that YAML would misread are quoted."""
    mapped = replace(
        MAPPING.objects[0], labels=Labels.of({"no": "yes: # 1", "de": "R"})
    )
    mapping = with_translations(replace(MAPPING, objects=(mapped,)), ("de",), {})
    text = render_mapping(mapping, templates=[shipped_folder("templates")])
    assert "        labels:\n          de: Note\n" in text
    assert parse_mapping(text, file="mapping.yaml") == mapping


def test_only_the_languages_asked_for_are_made() -> None:
    """Labels of another language stay in the mapping and nowhere else."""
    mapping = with_translations(MAPPING, ("de", "fr"), {})
    assert build_target(mapping, a_migration()).translations == ()
    (made,) = build_target(mapping, a_migration(languages=("fr",))).translations
    assert made.name == "Invoice__c-fr"
    assert [(each.case, each.plural, each.value) for each in made.forms] == [
        ("", False, "Invoice"),
        ("", True, "Invoices"),
    ]


def test_a_language_with_unknown_cases_leaves_the_noun_alone() -> None:
    """The fields have their labels; the object's forms are for a person."""
    mapping = with_translations(MAPPING, ("fi",), {})
    (made,) = build_target(mapping, a_migration(languages=("fi",))).translations
    assert made.forms == ()
    assert {str(each.name) for each in made.fields} == {"Note__c", "Origin_Id__c"}
