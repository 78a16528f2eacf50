"""
`migration.yaml` and `describes/org.json`: exact both ways, mistakes named.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.documents.describe.org_facts import parse_org_facts, render_org_facts
from migrator.documents.migration_yaml import (
    parse_migration,
    render_migration,
    with_templates,
)
from migrator.errors import DescribeError, MappingError
from migrator.model.migration import Migration, Naming, OrgFacts
from migrator.model.names import ApiName

OBJECTS = st.lists(
    st.from_regex(r"[A-Z][a-z]{1,8}__c", fullmatch=True).map(ApiName),
    min_size=1,
    unique_by=str.casefold,
)
MIGRATIONS = st.builds(
    Migration,
    id=st.from_regex(r"[0-9a-f]{10}", fullmatch=True),
    namespace=st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,14}", fullmatch=True),
    objects=OBJECTS.map(tuple),
    cancellation_date=st.none() | st.dates(),
    naming=st.builds(
        Naming,
        prefix=st.from_regex(r"[A-Z][a-z]{0,8}", fullmatch=True),
        always_prefix=st.booleans(),
    ),
    api_ceiling=st.integers(min_value=10, max_value=99).map(lambda n: f"{n}.0"),
    templates=st.none() | st.from_regex(r"[a-zA-Z0-9_./ -]{0,8}[a-z0]", fullmatch=True),
)


@given(MIGRATIONS)
def test_a_migration_survives_its_file(migration: Migration) -> None:
    """An id of digits alone stays an id, and no prefix becomes a truth value."""
    text = render_migration(migration)
    assert parse_migration(text, file="migration.yaml") == migration


@pytest.mark.parametrize(
    "text",
    [
        render_migration(Migration(id="abcd")),
        "id: abcd\ntemplates: # ours\nnamespace: ONB2",
        "id: abcd\r\nnamespace: ONB2\r\n",
        "id: abcd",
    ],
)
def test_a_folder_of_templates_is_noted_in_place(text: str) -> None:
    """One line more or filled, nothing else touched."""
    noted = with_templates(text, "my templates")
    assert parse_migration(noted, file="m") == Migration(
        id="abcd", templates="my templates"
    )
    assert set(text.splitlines()) - set(noted.splitlines()) <= {
        "templates:",
        "templates: # ours",
    }
    assert ("\r\n" in noted) == ("\r\n" in text)


def test_most_settings_have_defaults() -> None:
    """An id is enough; a date is read as one."""
    text = "id: 0123456789\ncancellation_date: 2026-12-31\n"
    migration = parse_migration(text, file="migration.yaml")
    assert migration == Migration(id="0123456789", cancellation_date=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("objects: [A__c]\n", "migration.yaml:1, id: is missing"),
        ("id: a b\n", "migration.yaml:1, id: 'a b': expected 4 to 40 letters"),
        ("id: abcd\nobjects: []\n", "migration.yaml:2, objects: expected at least"),
        (
            "id: abcd\nobjects:\n  - A__c\n  - a__C\n",
            "migration.yaml:4, objects.1: a__C stands here twice",
        ),
        (
            "id: abcd\nobjects: [../x]\n",
            "migration.yaml:2, objects.0: '../x': expected an object",
        ),
        (
            "id: abcd\ncancellation_date: 31.12.2026\n",
            "migration.yaml:2, cancellation_date: expected a date such as",
        ),
        (
            "id: abcd\nnaming:\n  prefix: My__Prefix\n",
            "migration.yaml:3, naming.prefix: 'My__Prefix': expected",
        ),
        ("id: abcd\npassword: x\n", "migration.yaml:2, password: is no setting here"),
        ("id: abcd\napi_ceiling: v66\n", "api_ceiling: 'v66': expected an API version"),
    ],
)
def test_a_mistake_in_a_migration_is_named(text: str, problem: str) -> None:
    """File, line and setting stand before what was expected."""
    with pytest.raises(MappingError) as caught:
        parse_migration(text, file="migration.yaml")
    assert any(
        each.startswith(problem) or problem in each for each in caught.value.problems
    )


FACTS = OrgFacts(
    org_id="00D000000000001EAA",
    name="Müller & Söhne",
    organization_type="Enterprise Edition",
    is_sandbox=True,
    api_version="66.0",
    currencies=("CHF", "EUR"),
    taken_names=(ApiName("Invoice__c"),),
)


def test_org_facts_survive_their_file() -> None:
    """The same facts give the same bytes and come back whole."""
    text = render_org_facts(FACTS)
    assert text == render_org_facts(FACTS)
    assert "Müller" in text
    assert parse_org_facts(text, file="org.json") == FACTS


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"org_id": 7}', "[" * 100_000])
def test_wrong_org_facts_are_refused(text: str) -> None:
    """The refusal names the file and the command that makes it again."""
    with pytest.raises(DescribeError, match=r"^org\.json") as caught:
        parse_org_facts(text, file="org.json")
    assert "migrator describe" in caught.value.hint
