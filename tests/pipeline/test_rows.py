"""
Records left out on purpose, from the mapping to the report.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.pipeline.conftest import INVOICES, Journey

HEAD = "    audit: text-copy\n"
WHY = "drafts were never issued (proposed by default)"
RULE = f"""    rows:
      - exclude: {{field: ONB2__Status__c, is: [Draft]}}
        why: {WHY}
"""


def _mapping_text(journey: Journey) -> str:
    return (journey.root / "mapping.yaml").read_text("utf-8")


def _write_rule(journey: Journey, rule: str) -> None:
    text = _mapping_text(journey)
    assert text.count(HEAD) == 4
    at = text.index(HEAD, text.index("source: ONB2__Invoice__c")) + len(HEAD)
    after = re.sub(r"^    rows:\n(?:      .*\n)+", "", text[at:], count=1)
    (journey.root / "mapping.yaml").write_text(text[:at] + rule + after, "utf-8")


def _objects(journey: Journey) -> dict[str, dict[str, Any]]:
    file = journey.root / "report" / "reconciliation.json"
    report = json.loads(file.read_text("utf-8"))
    return {each["source"]: each for each in report["objects"]}


def _left_out(found: dict[str, Any]) -> int:
    return sum(each["records"] for each in found["excluded"])


def test_drafts_are_proposed_and_left_out_once_approved(journey: Journey) -> None:
    """Before, nothing is; after, children too: all counted, with name and note."""
    journey.planned()
    assert RULE + "        status: proposed\n" in _mapping_text(journey)
    ended = journey.run("plan")
    assert "ONB2__Invoice__c.rows[1] (proposed): leaves" in ended.stdout
    journey.run("generate")
    journey.online("deploy", "--execute", "--allow-unreviewed")
    ended = journey.online("copy", "--allow-unreviewed")
    assert "rows[1], ONB2__Status__c is Draft" in ended.text
    assert "leaves nothing out until it is approved" in ended.text
    assert "records left out" not in ended.text
    journey.run("review", "check", code=3)
    ended = journey.run("review", "approve", "--by", "Eva", "--field", "rows[1]")
    assert "1 entries approved by Eva" in ended.stdout
    assert "rows[1] leaves records out from now on" in ended.stdout
    note = ("--note", "never finalised")
    approve = ("review", "approve", "--by", "A. Reviewer", *note)
    journey.run(*approve, "--object", "ONB2__Invoice__c")
    rule = _mapping_text(journey).split("    rows:", 1)[1].split("    fields:", 1)[0]
    assert "status: approved" in rule
    assert "by: Eva" in rule
    journey.online("copy", "--execute", "--allow-unreviewed")
    journey.online("reconcile", "--allow-unreviewed")
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
            "reason": f"ONB2__Status__c is Draft: {WHY}",
            "records": len(drafts),
            "approved_by": "Eva",
            "note": "",
        }
    ]
    assert _left_out(found["ONB2__InvoiceLineItem__c"]) == len(lines)
    assert found["ONB2__TaxDetail__c"]["excluded"]
    page = (journey.root / "report" / "reconciliation.html").read_text("utf-8")
    assert f"{WHY}; approved by Eva</li>" in page
    # The extract is the backup of everything.
    (meta,) = (journey.root / ".migrator").glob("*/extract/ONB2__Invoice__c.json")
    assert json.loads(meta.read_text("utf-8"))["rows"] == INVOICES
    ended = journey.online("copy", "--execute", "--allow-unreviewed")
    assert "records left out" in ended.text
    journey.client.request(
        "POST", "/sobjects/Invoice__c", {"Origin_Id__c": drafts[0]["Id"], "Name": "X"}
    )
    ended = journey.online("reconcile", "--allow-unreviewed", code=3)
    assert f"{drafts[0]['Id']}: surplus record" in ended.text
    assert _objects(journey)["ONB2__Invoice__c"]["differences"] > 0


def test_the_review_shows_how_many_are_left_out(journey: Journey) -> None:
    """With reason, count and standing; an edited rule alone waits for a person."""
    journey.planned()
    journey.run("review")
    page = (journey.root / "review" / "mapping.html").read_text("utf-8")
    assert "nothing is left out until <code>rows[1]</code> is approved" in page
    journey.run("review", "approve", "--by", "A. Reviewer")
    journey.run("review", "check")
    _write_rule(journey, RULE.replace("Draft]", "Draft, Pre-Draft]"))
    ended = journey.run("review", "check", code=3)
    assert "1 entries are not approved" in ended.text
    assert "proposed  ONB2__Invoice__c.rows[1]" in ended.text
    refused = journey.online("copy", "--execute", code=3)
    assert "ONB2__Invoice__c.rows[1]" in refused.text
    journey.run("review")
    page = (journey.root / "review" / "mapping.html").read_text("utf-8")
    assert f"ONB2__Status__c is Draft or Pre-Draft: {WHY}" in page
    # Whoever takes the proposal out does not get it again.
    _write_rule(journey, "")
    journey.run("plan")
    invoice = _mapping_text(journey).split("  - source: ONB2__InvoiceLine", 1)[0]
    assert "    rows:\n      - exclude" not in invoice.split("objects:", 1)[1]


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
    for words in (["review", "check"], ["generate"]):
        ended = journey.run(*words, code=3)
        for word in ("ONB2__Nothing__c", "GrandTotal__c", "'Daft'", "before and after"):
            assert word in ended.text
        assert ended.text.count(", ONB2__Invoice__c.rows: rows, entry ") == 4
    both = "{field: ONB2__Status__c, blank: true, is: [Draft]}"
    _write_rule(journey, f"    rows:\n      - exclude: {both}\n        why: e\n")
    ended = journey.run("generate", code=1)
    assert "expected exactly one of" in ended.text
    assert "mapping.yaml:" in ended.text
