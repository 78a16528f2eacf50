"""
The org's definition in queries: Tooling tables, and three of them through REST.
"""

# ruff: noqa: S608 - the queries are the point, and made of names only.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_manifest,
    a_zip,
    an_object,
    field_line,
    object_line,
    problems,
    xml,
)
from tests.builders.packages import a_field as a_node
from tests.builders.schemas import a_field
from tests.emulator.conftest import (
    BASE,
    TODAY,
    Caller,
    add_archive,
    error_of,
    signed_in,
)
from tests.emulator.metadata.test_deploy_refusals import a_layout

UNSUPPORTED = "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"
OF_BILL = "EntityDefinition.QualifiedApiName = 'Bill__c'"


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    """An org with an archive that has a formula and a tab."""
    with start_org(OrgSettings(invoices=3, today=TODAY)) as running:
        found = signed_in(running)
        add_archive(found.org)
        twice = a_field("Twice__c", "currency", precision=18, scale=2)
        twice = replace(twice, calculated=True, formula="Amount__c * 2")
        far = a_field("Far__c", "double", precision=18)
        far = replace(far, calculated=True, formula="Bill__r.Amount__c")
        found.org.definitions.create_field("Bill__c", twice)
        found.org.definitions.create_field("Line__c", far)
        found.org.definitions.add_tab("Bill__c", "Custom1: Heart")
        yield found
        found.http.close()


def rows(caller: Caller, soql: str, resource: str = "tooling/query") -> list[Any]:
    """The values of each record, without attributes."""
    return [
        tuple(value for name, value in record.items() if name != "attributes")
        for record in caller.query(soql, resource)["records"]
    ]


def refusal(caller: Caller, soql: str, resource: str = "tooling/query") -> Any:
    """Code and sentence of a query that must be refused."""
    return error_of(caller.http.get(f"{BASE}/{resource}", params={"q": soql}))


def test_custom_fields_are_grouped_ordered_and_paged(caller: Caller) -> None:
    """One engine: aggregates, ORDER BY, OFFSET and paths as in any query."""
    where = f"FROM CustomField WHERE {OF_BILL}"
    names = rows(caller, f"SELECT DeveloperName {where} ORDER BY DeveloperName DESC")
    assert names == sorted(names, reverse=True)
    assert len(names) > 10
    second = f"SELECT DeveloperName {where} ORDER BY DeveloperName LIMIT 1 OFFSET 1"
    assert rows(caller, second) == [names[-2]]
    grouped = (
        "SELECT EntityDefinition.QualifiedApiName, COUNT(Id) n FROM CustomField "
        "WHERE NamespacePrefix = null GROUP BY EntityDefinition.QualifiedApiName "
        "ORDER BY COUNT(Id) DESC"
    )
    found = dict(rows(caller, grouped))
    assert found["Bill__c"] == len(names)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    counted = caller.query(f"SELECT COUNT() {where}", "tooling/query")
    assert (counted["totalSize"], counted["records"]) == (len(names), [])


def test_an_object_leads_to_its_fields_by_either_form_of_its_id(caller: Caller) -> None:
    """15 and 18 characters; a standard object stands there by its name."""
    soql = "SELECT Id FROM CustomObject WHERE DeveloperName = 'Bill'"
    ((durable_id,),) = rows(caller, soql)
    soql = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = '{}'"
    assert len(rows(caller, soql.format(durable_id))) > 10
    short = rows(caller, soql.format(durable_id[:15]))
    assert short == rows(caller, soql.format(durable_id))
    assert rows(caller, soql.format("Account"))


@pytest.mark.parametrize("resource", ["query", "tooling/query"])
def test_definitions_are_there_for_both_apis(caller: Caller, resource: str) -> None:
    """Fields, particles and objects that the user sees; records have the empty id."""
    soql = f"SELECT Id, QualifiedApiName, DataType FROM FieldDefinition WHERE {OF_BILL}"
    answer = caller.query(soql, resource)
    found = {each["QualifiedApiName"]: each for each in answer["records"]}
    assert found["Amount__c"]["DataType"] == "Currency(16, 2)"
    assert found["Amount__c"]["Id"] == "000000000000000AAA"
    assert (
        f"/{resource.removesuffix('query')}sobjects/FieldDefinition/"
        in (found["Amount__c"]["attributes"]["url"])
    )
    soql = "SELECT QualifiedApiName, FieldDefinition.DataType FROM EntityParticle {}"
    particles = dict(rows(caller, soql.format(f"WHERE {OF_BILL}"), resource))
    assert particles["Amount__c"]["DataType"] == "Currency(16, 2)"
    soql = "SELECT QualifiedApiName FROM EntityDefinition WHERE KeyPrefix = '001'"
    assert rows(caller, soql, resource) == [("Account",)]


def test_definitions_hide_what_the_user_may_not_see(caller: Caller) -> None:
    """A field that nobody was granted is a CustomField and has no definition."""
    soql = f"SELECT QualifiedApiName FROM FieldDefinition WHERE {OF_BILL}"
    assert ("Twice__c",) not in rows(caller, soql)
    soql = "SELECT Id FROM CustomField WHERE DeveloperName = 'Twice'"
    assert len(rows(caller, soql)) == 1


@pytest.mark.parametrize("resource", ["query", "tooling/query"])
@pytest.mark.parametrize(
    ("soql", "message"),
    [
        ("SELECT COUNT() FROM EntityDefinition", "not yet supported"),
        (
            "SELECT COUNT(Id), IsQueryable FROM EntityDefinition GROUP BY IsQueryable",
            "not yet supported by this SObject storage type",
        ),
        (
            (
                "SELECT Label FROM EntityDefinition WHERE IsQueryable = true "
                "OR KeyPrefix = '001'"
            ),
            "Disjunctions not supported",
        ),
        (
            "SELECT Label FROM EntityDefinition WHERE KeyPrefix != '001'",
            "Only equals comparisons permitted",
        ),
        (
            (
                f"SELECT Label FROM FieldDefinition WHERE {OF_BILL} "
                "AND DataType INCLUDES ('a')"
            ),
            "Unsupported filter type",
        ),
        (
            "SELECT Label FROM FieldDefinition WHERE DataType = 'Checkbox'",
            (
                "FieldDefinition: a filter on a reified column is required "
                "[EntityDefinitionId,DurableId]"
            ),
        ),
        ("SELECT Label FROM EntityParticle", "EntityParticle: a filter on a reified"),
    ],
)
def test_definitions_cannot_be_asked_everything(
    caller: Caller, resource: str, soql: str, message: str
) -> None:
    """The limitations that the Tooling guide lists, in its words."""
    code, said = refusal(caller, soql, resource)
    assert code == UNSUPPORTED
    assert message in said


def test_tooling_describes_are_not_found(caller: Caller) -> None:
    """As in an org without source tracking."""
    answer = caller.http.get(f"{BASE}/tooling/sobjects/SourceMember/describe")
    assert (answer.status_code, error_of(answer)[0]) == (404, "NOT_FOUND")


def test_what_tooling_has_besides_queries_is_refused_loudly(caller: Caller) -> None:
    """Bulk queries, Apex and composite requests of the Tooling API."""
    for name in ("jobs/query", "executeAnonymous", "composite"):
        answer = caller.http.post(f"{BASE}/tooling/{name}", json={})
        assert answer.status_code == 501
        assert "Not emulated" in error_of(answer)[1]


def test_no_table_stays_in_the_store(caller: Caller) -> None:
    """After a query, and after a refused one, the org's file is as before."""
    rows(caller, "SELECT Id FROM CustomField LIMIT 1")
    refusal(caller, "SELECT Nonsense FROM CustomField")
    found = caller.org.store.connection.execute(
        "SELECT COUNT(*) FROM sqlite_master "
        "WHERE name IN ('CustomField', 'EntityDefinition')"
    )
    assert found.fetchone() == (0,)


def test_definitions_do_not_hear_limit(caller: Caller) -> None:
    """LIMIT and OFFSET are ignored, as documented."""
    soql = f"SELECT Label FROM FieldDefinition WHERE {OF_BILL}"
    assert rows(caller, f"{soql} LIMIT 1") == rows(caller, soql)


def test_dependencies_name_both_ends(caller: Caller) -> None:
    """Lookups, formulas through relationships, and tabs."""
    found = rows(
        caller,
        "SELECT MetadataComponentName, MetadataComponentType, RefMetadataComponentName,"
        " RefMetadataComponentType FROM MetadataComponentDependency "
        "WHERE MetadataComponentNamespace = null",
    )
    assert {
        ("Twice", "CustomField", "Amount", "CustomField"),
        ("Far", "CustomField", "Bill", "CustomField"),
        ("Far", "CustomField", "Amount", "CustomField"),
        ("Bill", "CustomField", "Bill", "CustomObject"),
        ("Bill", "CustomTab", "Bill", "CustomObject"),
    } <= set(found)
    field_id = caller.org.definitions.field_id("Bill__c", "Amount__c")
    soql = (
        "SELECT MetadataComponentName FROM MetadataComponentDependency "
        f"WHERE RefMetadataComponentId = '{field_id}'"
    )
    assert {each for (each,) in rows(caller, soql)} == {"Twice", "Far"}


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ("ORDER BY MetadataComponentId", UNSUPPORTED),
        ("LIMIT 1 OFFSET 1", UNSUPPORTED),
        ("WHERE MetadataComponentName = 'x'", "INVALID_FIELD"),
        ("WHERE RefMetadataComponentName = 'x'", "INVALID_FIELD"),
        ("WHERE MetadataComponentType LIKE 'x%'", "MALFORMED_QUERY"),
        ("WHERE RefMetadataComponentType = 'StandardEntity'", "MALFORMED_QUERY"),
    ],
)
def test_dependencies_cannot_be_asked_everything(
    caller: Caller, tail: str, code: str
) -> None:
    """The limitations listed for MetadataComponentDependency; REST has no such."""
    start = "SELECT MetadataComponentId FROM MetadataComponentDependency"
    assert refusal(caller, f"{start} {tail}")[0] == code
    assert refusal(caller, start, "query")[0] == "INVALID_TYPE"
    counted = "SELECT COUNT() FROM MetadataComponentDependency"
    assert refusal(caller, counted)[0] == UNSUPPORTED


@pytest.fixture(scope="module")
def deployed(caller: Caller) -> Caller:
    """With `Paper__c` deployed and granted: a place, a layout, a list view."""
    client = Client(running=caller.running)
    fields = (
        a_node(),
        a_node("Place__c", "Location", scale=3, displayLocationInDecimal=True),
        (
            "<listViews><fullName>All</fullName><columns>Note__c</columns>"
            "<filterScope>Everything</filterScope><label>All</label></listViews>"
        ),
    )
    lines = field_line("Paper__c.Note__c") + field_line("Paper__c.Place__c")
    rights = f"{lines}<label>Reader</label>{object_line('Paper__c')}"
    layout = a_layout(("Name", "Required"), ("Note__c", "Edit"))
    files = {
        "package.xml": a_manifest(
            CustomObject=["Paper__c"],
            Layout=["Paper__c-Paper Layout"],
            PermissionSet=["Reader"],
        ),
        "objects/Paper__c.object": an_object(*fields),
        "layouts/Paper__c-Paper Layout.layout": layout,
        "permissionsets/Reader.permissionset": xml("PermissionSet", rights),
    }
    assert problems(client.deploy(a_zip(files))) == []
    client.assign("Reader")
    return caller


def test_a_place_is_one_definition_and_two_particles(deployed: Caller) -> None:
    """The parts of a compound field are particles only."""
    soql = (
        "SELECT QualifiedApiName FROM {} "
        "WHERE EntityDefinition.QualifiedApiName = 'Paper__c'"
    )
    definitions = rows(deployed, soql.format("FieldDefinition"))
    particles = rows(deployed, soql.format("EntityParticle"))
    assert ("Place__c",) in definitions
    assert ("Place__Latitude__s",) not in definitions
    assert ("Place__Latitude__s",) in particles
    assert ("Place__c",) not in particles


def test_deployed_components_depend_on_what_they_show(deployed: Caller) -> None:
    """A layout and a list view name their object and their fields."""
    soql = (
        "SELECT MetadataComponentName, RefMetadataComponentName, "
        "RefMetadataComponentType FROM MetadataComponentDependency "
        "WHERE MetadataComponentType = '{}'"
    )
    layouts = rows(deployed, soql.format("Layout"))
    assert {each for each in layouts if each[0] == "Paper Layout"} == {
        ("Paper Layout", "Paper", "CustomObject"),
        ("Paper Layout", "Note", "CustomField"),
    }
    views = rows(deployed, soql.format("ListView"))
    assert ("All", "Note", "CustomField") in views
