"""
What must not grow with the records: looking one up, and writing one more.
"""

from __future__ import annotations

import pytest

from migrator.emulator.soql.compiler import compile_query
from migrator.emulator.soql.syntax import parse_query
from tests.emulator.conftest import BASE, Caller


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT Name FROM Bill__c WHERE Origin_Id__c = 'x'",
            "ix_Bill__c_Origin_Id__c",
        ),
        (
            "SELECT Name FROM Bill__c WHERE Group__c IN ('x', 'y')",
            "ix_Bill__c_Group__c",
        ),
        (
            "SELECT Id FROM Bill__c WHERE Customer__c = '001000000000001AAA'",
            "ix_Bill__c_Customer__c",
        ),
    ],
)
def test_keys_and_references_are_found_by_index(
    archive_org: Caller, query: str, index: str
) -> None:
    """SQLite searches the index of the field; it does not read the table."""
    org = archive_org.org
    user = org.users.get(org.users.running_id)
    asked = parse_query(query)
    compiled = compile_query(org, user, query, asked, include_deleted=False)
    steps = org.store.connection.execute(
        f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.parameters
    ).fetchall()
    told = [str(step[3]) for step in steps]
    assert any(index in step for step in told), told
    assert not any(step.startswith("SCAN") for step in told), told


def test_a_write_counts_no_table(archive_org: Caller) -> None:
    """The storage limit is checked without reading what is stored."""
    org = archive_org.org
    url = f"{BASE}/sobjects/Bill__c"
    first = archive_org.http.post(url, json={"Name": "first"}).json()["id"]
    statements: list[str] = []
    org.store.connection.set_trace_callback(statements.append)
    archive_org.http.post(url, json={"Name": "second"})
    archive_org.http.patch(f"{url}/{first}", json={"Name": "again"})
    archive_org.http.delete(f"{url}/{first}")
    archive_org.http.post(url, json={"Name": "third"})
    org.store.connection.set_trace_callback(None)
    assert any("INSERT INTO" in each for each in statements)
    assert not [each for each in statements if "COUNT(" in each]
    assert org.store.count("Bill__c") == 2
