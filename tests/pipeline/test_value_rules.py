"""
Value rules from the mapping to the report, against the local org.
"""

from __future__ import annotations

import json
from typing import Any

from tests.pipeline.conftest import Journey


def _with_rule(journey: Journey, source: str, lines: str) -> None:
    """
    Writes *lines* into the entry of the invoice's field *source*.
    """
    file = journey.root / "mapping.yaml"
    text = file.read_text("utf-8")
    at = text.index(f"      - source: {source}\n", text.index("ONB2__Invoice__c"))
    at = text.index("\n", at) + 1
    file.write_text(text[:at] + lines + text[at:], "utf-8")


def _changed(journey: Journey) -> dict[str, dict[str, Any]]:
    report = json.loads(
        (journey.root / "report" / "reconciliation.json").read_text("utf-8")
    )
    (invoices,) = (o for o in report["objects"] if o["source"] == "ONB2__Invoice__c")
    return {each["field"]: each for each in invoices["changed_by_rule"]}


def test_rules_change_copies_and_the_report_counts_them(journey: Journey) -> None:
    """A map with originals and a silent default: equal, counted, damage still found."""
    journey.planned()
    keep = "        original_target: Status_Original__c\n"
    _with_rule(
        journey,
        "ONB2__Status__c",
        "        rule: {map: {Open: Paid}, otherwise: keep}\n" + keep,
    )
    _with_rule(journey, "ONB2__Text3__c", '        rule: {default: "none, ever"}\n')
    journey.run("review", "approve", "--by", "A. Reviewer")
    ended = journey.run("review", "check", code=3)
    assert "ONB2__Text3__c" in ended.text
    assert "ONB2__Status__c" not in ended.text
    note = ("--note", "agreed with the tax office")
    journey.run("review", "approve", "--by", "A. Reviewer", *note)
    journey.run("review", "check")
    journey.run("review")
    page = (journey.root / "review" / "mapping.html").read_text("utf-8")
    assert "records changed by rule" in page
    journey.run("generate")
    journey.online("deploy", "--execute")
    journey.online("copy", "--execute")
    journey.online("reconcile")
    changed = _changed(journey)
    client = journey.client
    opened = client.query(
        "SELECT Id FROM ONB2__Invoice__c WHERE ONB2__Status__c = 'Open'"
    )
    assert changed["ONB2__Status__c"]["records"] == len(opened) > 0
    assert changed["ONB2__Status__c"]["kept_in"] == "Status_Original__c"
    silent = changed["ONB2__Text3__c"]
    assert silent["records"] > 0
    assert (silent["approved_by"], silent["note"]) == ("A. Reviewer", note[1])
    report = (journey.root / "report" / "reconciliation.html").read_text("utf-8")
    assert "changed by rule" in report
    assert f"; approved by A. Reviewer, “{note[1]}”</li>" in report
    copy = client.one(
        "SELECT Id, ONB2_Status__c, Status_Original__c FROM Invoice__c "  # noqa: S608
        f"WHERE Origin_Id__c = '{opened[0]['Id']}'"
    )
    assert (copy["ONB2_Status__c"], copy["Status_Original__c"]) == ("Paid", "Open")
    client.request(
        "PATCH", f"/sobjects/Invoice__c/{copy['Id']}", {"ONB2_Status__c": "Open"}
    )
    ended = journey.online("reconcile", code=3)
    assert opened[0]["Id"] in ended.text
    assert "ONB2__Status__c -> ONB2_Status__c" in ended.text


def test_a_rule_that_does_not_fit_is_named_with_its_line(journey: Journey) -> None:
    """By every verb that makes something of the mapping, against the describes."""
    journey.planned()
    rule = "        rule: {concatenate: [ONB2__Text3__c, ONB2__Nowhere__c]}\n"
    _with_rule(journey, "ONB2__Text3__c", rule)
    _with_rule(journey, "ONB2__Status__c", "        rule: {default: Lost}\n")
    text = (journey.root / "mapping.yaml").read_text("utf-8")
    lines = text.splitlines()
    for verb in (["generate"], ["review", "check"]):
        ended = journey.run(*verb, code=3)
        for source, word in (
            ("ONB2__Text3__c", "ONB2__Nowhere__c"),
            ("ONB2__Status__c", "'Lost'"),
        ):
            line = lines.index(f"      - source: {source}") + 2
            place = f"mapping.yaml:{line}, ONB2__Invoice__c.{source}.rule: rule: {word}"
            assert place in ended.text
