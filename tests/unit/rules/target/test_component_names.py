"""
The names that a copy asks for are those that a deployment makes.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.mapping import AuditChoice
from migrator.rules.target.component_names import component_names
from migrator.rules.target.objects import build_target
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
)
from tests.golden.cases import CASES


@pytest.mark.parametrize("case", CASES)
def test_names_are_those_of_the_built_target(case: str) -> None:
    """Every object, field, permission set, the app and its permission."""
    names = component_names(CASES[case], a_migration())
    assert names.fields
    assert names == build_target(CASES[case], a_migration()).names


def test_the_set_for_audit_fields_is_named_when_it_is_made() -> None:
    """It is there for mappings alone that keep the org's own audit fields."""
    mapped = a_mapped_object(a_key(), a_name(), a_field())
    kept = a_mapping(replace(mapped, audit=AuditChoice.KEEP))
    names = component_names(kept, a_migration())
    assert "Invoice_Archive_Loader_Audit" in names.permission_sets
    assert names == build_target(kept, a_migration()).names
