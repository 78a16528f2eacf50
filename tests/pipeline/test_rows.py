"""
Records left out on purpose, from the mapping to the report.
"""

from __future__ import annotations

import json
from typing import Any

from tests.pipeline.conftest import INVOICES, Journey

HEAD = "    audit: text-copy\n"
RULE = """    rows:
      - exclude: {field: ONB2__Status__c, is: [Draft]}
        why: drafts were never issued
"""


def _mapping_text(journey: Journey) -> str:
    return (journey.root / "mapping.yaml").read_text("utf-8")


def _write_rule(journey: Journey, rule: str) -> None:
    text = _mapping_text(journey)
    assert text.count(HEAD) == 4
    at = text.index(HEAD, text.index("source: ONB2__Invoice__c")) + len(HEAD)
    after = text[at:]
    if after.startswith("    rows:"):
        after = after[after.index("    fields:") :]
    (journey.root / "mapping.yaml").write_text(text[:at] + rule + after, "utf-8")


def _objects(journey: Journey) -> dict[str, dict[str, Any]]:
    file = journey.root / "report" / "reconciliation.json"
    report = json.loads(file.read_text("utf-8"))
    return {each["source"]: each for each in report["objects"]}


def _left_out(found: dict[str, Any]) -> int:
    return sum(each["records"] for each in found["excluded"])


def test_excluded_records_stay_behind_with_their_children(journey: Journey) -> None:
    """No difference, all counted by reason; one that gets in is named as surplus."""
    journey.planned()
    _write_rule(journey, RULE)
    journey.run("generate")
    journey.online("deploy", "--execute", "--allow-unreviewed")
    journey.online("copy", "--execute", "--allow-unreviewed")
    journey.online("reconcile")
    drafts = journey.client.query(
        "SELECT Id FROM ONB2__Invoice__c WHERE ONB2__Status__c = 'Draft'"
    )
    lines = journey.client.query(
        "SELECT Id FROM ONB2__InvoiceLineItem__c "
        "WHERE ONB2__Invoice__r.ONB2__Status__c = 'Draft'"
    )
    assert drafts
    assert lines
    found = _objects(journey)
    invoices = found["ONB2__Invoice__c"]
    assert invoices["source_records"] == INVOICES - len(drafts)
    assert invoices["excluded"] == [
        {
            "reason": "ONB2__Status__c is Draft: drafts were never issued",
            "records": len(drafts),
        }
    ]
    assert _left_out(found["ONB2__InvoiceLineItem__c"]) == len(lines)
    assert found["ONB2__TaxDetail__c"]["excluded"]
    page = (journey.root / "report" / "reconciliation.html").read_text("utf-8")
    assert "drafts were never issued" in page
    # The extract is the backup of everything.
    (meta,) = (journey.root / ".migrator").glob("*/extract/ONB2__Invoice__c.json")
    assert json.loads(meta.read_text("utf-8"))["rows"] == INVOICES
    ended = journey.online("copy", "--execute", "--allow-unreviewed")
    assert "records left out" in ended.text
    journey.client.request(
        "POST", "/sobjects/Invoice__c", {"Origin_Id__c": drafts[0]["Id"], "Name": "X"}
    )
    ended = journey.online("reconcile", code=3)
    assert f"{drafts[0]['Id']}: surplus record" in ended.text
    assert _objects(journey)["ONB2__Invoice__c"]["differences"] > 0


def test_the_review_shows_how_many_are_left_out(journey: Journey) -> None:
    """The page has the reason and the count, and approval of Id covers the rule."""
    journey.planned()
    _write_rule(journey, "")
    journey.run("review", "--approve", "--by", "A. Reviewer")
    _write_rule(journey, RULE)
    ended = journey.run("review", "--check", code=3)
    assert "ONB2__Invoice__c.Id" in ended.text
    journey.run("review")
    page = (journey.root / "review" / "mapping.html").read_text("utf-8")
    assert "ONB2__Status__c is Draft: drafts were never issued" in page


def test_a_rule_that_cannot_be_asked_is_named_with_its_line(journey: Journey) -> None:
    """Two operators, an unknown field, a number, an unknown value: all in one run."""
    journey.planned()
    rule = """    rows:
      - exclude: {field: ONB2__Nothing__c, is: [Draft]}
        why: a
      - exclude: {field: ONB2__GrandTotal__c, is: ["5"]}
        why: b
      - exclude: {field: ONB2__Status__c, is: [Daft]}
        why: c
      - exclude: {field: ONB2__Status__c, before: 2020-01-01}
        why: d
"""
    _write_rule(journey, rule)
    for words in (["review", "--check"], ["generate"]):
        ended = journey.run(*words, code=3)
        for word in ("ONB2__Nothing__c", "GrandTotal__c", "'Daft'", "before and after"):
            assert word in ended.text
        assert ended.text.count(", ONB2__Invoice__c.rows: rows, entry ") == 4
    both = "{field: ONB2__Status__c, blank: true, is: [Draft]}"
    _write_rule(journey, f"    rows:\n      - exclude: {both}\n        why: e\n")
    ended = journey.run("generate", code=1)
    assert "expected exactly one of" in ended.text
    assert "mapping.yaml:" in ended.text
