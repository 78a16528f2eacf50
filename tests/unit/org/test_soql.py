"""
Queries over several pages, counts, and text inside SOQL.
"""

from __future__ import annotations

import pytest

from migrator.errors import OrgUnreachable
from migrator.model.names import ApiName
from migrator.org.soql import SoqlClient, literal
from tests.unit.org.scripted import scripted, told

NEXT = "/services/data/v66.0/query/01g-2000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "'plain'"),
        ("O'Neil", r"'O\'Neil'"),
        ("a\\", r"'a\\'"),
        ("a\nb\rc\td", r"'a\nb\rc\td'"),
        ("", "''"),
    ],
)
def test_a_literal_stays_one_literal(text: str, expected: str) -> None:
    """Quotes and backslashes cannot end it."""
    assert literal(text) == expected


def test_all_pages_come_without_attributes() -> None:
    """Parents are plain dicts, a missing parent is None."""
    first = {
        "done": False,
        "nextRecordsUrl": NEXT,
        "records": [
            {
                "attributes": {"type": "X"},
                "Id": "1",
                "Owner": {"attributes": {"type": "User"}, "Name": "A"},
            }
        ],
    }
    second = {"done": True, "records": [{"attributes": {}, "Id": "2", "Owner": None}]}
    with scripted(told(first), told(second)) as org:
        assert SoqlClient(org.rest()).query("SELECT ...") == [
            {"Id": "1", "Owner": {"Name": "A"}},
            {"Id": "2", "Owner": None},
        ]
        assert org.heard[1].path == NEXT


def test_a_page_that_points_at_itself_ends_with_an_error() -> None:
    """Never an endless loop."""
    page = told({"done": False, "nextRecordsUrl": NEXT, "records": []})
    with scripted(page) as org, pytest.raises(OrgUnreachable):
        SoqlClient(org.rest()).query("SELECT ...")


def test_more_pages_without_an_address_are_an_error() -> None:
    """`done: false` alone must not look like the end."""
    page = told({"done": False, "records": []})
    with scripted(page) as org, pytest.raises(OrgUnreachable):
        SoqlClient(org.rest()).query("SELECT ...")


def test_a_count_is_the_total_size() -> None:
    """COUNT() comes as totalSize with no records."""
    with scripted(told({"totalSize": 7, "done": True, "records": []})) as org:
        assert SoqlClient(org.rest()).count(ApiName("X__c"), "Id != null") == 7
        assert "WHERE+Id+%21%3D+null" in org.heard[0].path


def test_a_count_without_a_number_is_an_error() -> None:
    """Nothing is never taken for zero."""
    with scripted(told({"records": []})) as org, pytest.raises(OrgUnreachable):
        SoqlClient(org.rest()).count(ApiName("X__c"))
