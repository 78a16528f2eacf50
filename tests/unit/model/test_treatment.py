"""
Treatments: a row each, and what the program does with them follows from it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.write import render_mapping
from migrator.model.field_type import FieldType
from migrator.model.treatment import CARRYING_NOTHING, TREATMENTS, Treatment
from migrator.model.value_rule import ValueRule
from migrator.rules.check.mapping import check
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import a_field, a_key, a_mapped_object, a_mapping, a_name

TEMPLATES = [shipped_folder("templates")]


def test_every_treatment_has_its_row_in_order() -> None:
    """Tables and bars show them as the rows stand."""
    assert list(TREATMENTS) == list(Treatment)
    assert CARRYING_NOTHING == (Treatment.SKIP,)


def test_the_head_of_the_file_explains_each() -> None:
    """A reviewer reads the words beside the decisions."""
    text = render_mapping(a_mapping(), templates=TEMPLATES)
    for each in Treatment:
        assert f" {each.value:<10}{each.row.words}\n" in text


@pytest.mark.parametrize("treatment", Treatment)
def test_a_row_decides_about_type_rule_and_target(treatment: Treatment) -> None:
    """A link needs a Lookup, a rule needs values, and nothing needs no target."""
    row = treatment.row
    plain = replace(a_field("A__c", "Text(40)"), treatment=treatment)
    linked = replace(
        plain, type=FieldType.parse("Lookup(Account)"), relationship_name="As"
    )
    ruled = replace(plain, rule=ValueRule(default="x"))

    def codes(entry: object) -> set[str]:
        assert isinstance(entry, type(plain))
        mapped = a_mapped_object(a_key(), a_name(), entry)
        found = check(a_mapping(mapped))
        return {each.code for each in found if each.field == entry.source}

    assert ("treatment-type" in codes(plain)) is (row.links and row.carries)
    assert ("treatment-type" in codes(linked)) is (not row.links and row.carries)
    assert ("rule-treatment" in codes(ruled)) is (not row.keeps_values and row.carries)
    assert ("no-target" in codes(replace(plain, target=None))) is row.carries


def test_only_what_carries_nothing_goes_without_a_target() -> None:
    """The file need not say that a field left behind has no target."""
    bare = replace(a_field("A__c", "Text(40)"), target=None, type=None)
    skipped = replace(bare, treatment=Treatment.SKIP)
    mapping = a_mapping(a_mapped_object(a_key(), a_name(), skipped))
    text = render_mapping(mapping, templates=TEMPLATES)
    assert parse_mapping(text, file="mapping.yaml") == mapping
