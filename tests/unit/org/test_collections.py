"""
A few records at once: their shape, and what the org said to each.
"""

from __future__ import annotations

import json

import pytest

from migrator.errors import OrgUnreachable
from migrator.model.names import ApiName
from migrator.model.records import RowFailure
from migrator.org.collections import CollectionsClient
from tests.unit.org.scripted import scripted, told

LINE = ApiName("Line__c")
DONE = {"success": True, "errors": []}


def test_parents_are_named_by_their_external_id() -> None:
    """A relationship column becomes a nested record, null becomes no parent."""
    rows = [
        {"Origin_Id__c": "1", "Text__c": None, "Invoice__r.Origin_Id__c": "p"},
        {"Origin_Id__c": "2", "Text__c": "#N/A", "Invoice__r.Origin_Id__c": None},
    ]
    with scripted(told([DONE, DONE])) as org:
        assert CollectionsClient(org.rest()).insert_rows(LINE, rows) == []
        assert json.loads(org.heard[0].body) == {
            "allOrNone": False,
            "records": [
                {
                    "attributes": {"type": "Line__c"},
                    "Origin_Id__c": "1",
                    "Text__c": None,
                    "Invoice__r": {"Origin_Id__c": "p"},
                },
                {
                    "attributes": {"type": "Line__c"},
                    "Origin_Id__c": "2",
                    "Text__c": "#N/A",
                    "Invoice__c": None,
                },
            ],
        }


def test_each_refusal_is_joined_to_its_record() -> None:
    """Results stand in the order of the request."""
    no = {
        "success": False,
        "errors": [{"statusCode": "X", "message": "why", "fields": ["A__c"]}],
    }
    rows = [{"Origin_Id__c": "1"}, {"Origin_Id__c": "2"}]
    with scripted(told([DONE, no])) as org:
        client = CollectionsClient(org.rest())
        assert client.upsert_rows(LINE, ApiName("Origin_Id__c"), rows) == [
            RowFailure(
                object=LINE,
                origin_id="2",
                code="X",
                message="why",
                fields=(ApiName("A__c"),),
            )
        ]
        assert org.heard[0].method == "PATCH"
        assert org.heard[0].path.endswith("/composite/sobjects/Line__c/Origin_Id__c")


def test_a_result_too_few_is_an_error() -> None:
    """Positions say nothing then."""
    rows = [{"Origin_Id__c": "1"}, {"Origin_Id__c": "2"}]
    with scripted(told([DONE])) as org, pytest.raises(OrgUnreachable):
        CollectionsClient(org.rest()).insert_rows(LINE, rows)


@pytest.mark.parametrize("count", [0, 201])
def test_a_call_carries_one_to_two_hundred_records(count: int) -> None:
    """The caller cuts; nothing is sent."""
    with scripted(told([])) as org:
        with pytest.raises(ValueError, match="1 to 200"):
            CollectionsClient(org.rest()).insert_rows(LINE, [{}] * count)
        assert not org.heard
