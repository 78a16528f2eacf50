"""
What the org said about a component, told with the mapping entry it came from.
"""

from __future__ import annotations

import pytest

from migrator.org.deployment import ComponentProblem
from migrator.steps.deploy.words import described, entry_of
from tests.builders.mappings import a_field, a_mapped_object, a_mapping, a_name

ACCOUNT = a_field(
    "Account__c",
    "Lookup(Account)",
    relationship="Invoices",
    id_target="Account_Id__c",
    name_target="Account_Name__c",
)
MAPPING = a_mapping(a_mapped_object(a_name(), ACCOUNT))


def _a_problem(
    full_name: str,
    *,
    problem: str = "bad",
    file: str = "objects/Invoice__c.object",
    line: int | None = 12,
    column: int | None = 5,
) -> ComponentProblem:
    return ComponentProblem(
        type="CustomField",
        full_name=full_name,
        file=file,
        line=line,
        column=column,
        problem=problem,
    )


@pytest.mark.parametrize(
    ("full_name", "entry"),
    [
        ("Invoice__c.Account__c", "ONB2__Invoice__c.ONB2__Account__c"),
        ("Invoice__c.Account_Id__c", "ONB2__Invoice__c.ONB2__Account__c"),
        ("Invoice__c.Account_Name__c", "ONB2__Invoice__c.ONB2__Account__c"),
        ("Invoice__c", "ONB2__Invoice__c"),
        ("Invoice__c.Unknown__c", "ONB2__Invoice__c"),
        ("Other__c.Account__c", ""),
        ("Invoice_Archive_Reader", ""),
        ("", ""),
    ],
)
def test_a_component_leads_to_its_entry(full_name: str, entry: str) -> None:
    """Siblings lead to the field they stand beside; strangers lead nowhere."""
    assert entry_of(_a_problem(full_name), MAPPING) == entry


def test_a_permission_set_leads_to_the_field_it_speaks_of() -> None:
    """The org names the missing field in its sentence."""
    problem = _a_problem(
        "Invoice_Archive_Reader",
        problem="In field: field - no CustomField named Invoice__c.Account__c found",
    )
    assert entry_of(problem, MAPPING) == "ONB2__Invoice__c.ONB2__Account__c"


def test_a_problem_is_one_line_with_its_place() -> None:
    """File, line, column, component, words, entry."""
    assert described(_a_problem("Invoice__c.Account__c"), MAPPING) == (
        "objects/Invoice__c.object:12:5: CustomField Invoice__c.Account__c: bad "
        "(mapping.yaml: ONB2__Invoice__c.ONB2__Account__c)"
    )


def test_what_the_org_left_out_is_left_out() -> None:
    """No line, no column, no file: nothing is made up."""
    problem = _a_problem("X", file="", line=None, column=None)
    assert described(problem, MAPPING) == "(no file): CustomField X: bad"
