"""
SOQL: what is refused, with Salesforce's codes and sentences.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.emulator.errors import SalesforceError
from migrator.emulator.soql.syntax import parse_query
from tests.emulator.conftest import Caller

_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."


def test_an_unknown_column_is_shown_where_it_stands(shared_org: Caller) -> None:
    """The whole sentence with excerpt, row and column."""
    assert shared_org.refusal("SELECT Foo FROM Account") == (
        "INVALID_FIELD",
        "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Foo' on entity 'Account'. If you are attempting to use a "
        "custom field, be sure to append the '__c' after the custom field name. "
        + _ADVICE,
    )


def test_an_unknown_object_is_not_supported(shared_org: Caller) -> None:
    """INVALID_TYPE, pointing at the name after FROM, on the second line."""
    code, message = shared_org.refusal("SELECT Id\nFROM Nope__c")
    assert code == "INVALID_TYPE"
    assert "\nFROM Nope__c\n     ^\nERROR at Row:2:Column:6\n" in message
    assert "sObject type 'Nope__c' is not supported." in message


@pytest.mark.parametrize(
    ("soql", "code", "sentence"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id WHERE", "MALFORMED_QUERY", "unexpected token: 'WHERE'"),
        (
            "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY", "duplicate field selected"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "of type string"),
        (
            "SELECT Id FROM Account WHERE AnnualRevenue = '5'",
            "INVALID_FIELD",
            "must be of type double and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        (
            "SELECT Id FROM Account WHERE Id = 'abc'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: abc",
        ),
        (
            "SELECT Id FROM Account WHERE Description = 'x'",
            "INVALID_FIELD",
            "can not be filtered in a query call",
        ),
        (
            "SELECT Name, COUNT(Id) FROM Account",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue",
            "MALFORMED_QUERY",
            "can not be grouped in a query call",
        ),
        (
            "SELECT Id FROM Account ORDER BY Description",
            "MALFORMED_QUERY",
            "can not be sorted in a query call",
        ),
        ("SELECT SUM(Name) FROM Account", "INVALID_FIELD", "aggregate operator SUM"),
        ("SELECT Foo__r.Name FROM Account", "INVALID_FIELD", "relationship 'Foo__r'"),
        (
            "SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account",
            "MALFORMED_QUERY",
            "five levels",
        ),
        (
            "SELECT Id FROM Account LIMIT 1 OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "aliasing"),
        ('SELECT Id FROM Account WHERE Name = "x"', "MALFORMED_QUERY", "character"),
    ],
)
def test_mistakes_are_named(
    shared_org: Caller, soql: str, code: str, sentence: str
) -> None:
    """Each mistake has its code and the sentence that says what is wrong."""
    found_code, message = shared_org.refusal(soql)
    assert found_code == code
    assert sentence in message


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, (SELECT Id, (SELECT Id FROM Orders) FROM Contacts) FROM Account",
        "SELECT Id FROM Account FOR UPDATE",
        "SELECT Id FROM Account USING SCOPE mine",
        "SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Name)",
    ],
)
def test_absent_parts_of_soql_are_refused_loudly(shared_org: Caller, soql: str) -> None:
    """What is not emulated says so; it never gives half an answer."""
    _, message = shared_org.refusal(soql)
    assert message.startswith("Not emulated: ")


def test_a_statement_can_be_too_long(shared_org: Caller) -> None:
    """16 KB of query string is 414, however good the query."""
    names = ", ".join(f"'{place:020d}'" for place in range(900))
    soql = f"SELECT Id FROM Account WHERE Name IN ({names})"
    answer = shared_org.http.get("/services/data/v66.0/query", params={"q": soql})
    assert answer.status_code == 414


def test_an_unknown_locator_is_refused(shared_org: Caller) -> None:
    """A cursor that nobody opened is an invalid query locator."""
    answer = shared_org.http.get("/services/data/v66.0/query/01gxx-2000")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


_WORDS = st.sampled_from(
    [
        "SELECT",
        "Id",
        "FROM",
        "Account",
        "WHERE",
        "Name",
        "=",
        "'x'",
        "(",
        ")",
        ",",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "null",
        "5",
        "GROUP",
        "ORDER",
        "BY",
        "LIMIT",
        "OFFSET",
        "COUNT",
        ".",
        "\\",
        "'",
        "\n",
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS).map(" ".join)))
def test_any_text_is_a_query_or_a_salesforce_error(text: str) -> None:
    """The parser has no other way out, whatever it is given."""
    code = ""
    try:
        query = parse_query(text)
    except SalesforceError as error:
        code = error.code
    allowed = {"MALFORMED_QUERY", "FUNCTIONALITY_NOT_ENABLED"}
    assert code in allowed if code else query.items
