"""
Review and approval through the command line: what is refused, and what lets it run.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.pipeline.conftest import Journey

INVOICE = "ONB2__Invoice__c"


def _edit(journey: Journey, old: str, new: str) -> None:
    file = journey.root / "mapping.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def _report(journey: Journey) -> dict[str, Any]:
    text = (journey.root / "report" / "reconciliation.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def test_an_edited_mapping_waits_for_its_approval(journey: Journey) -> None:
    """Unapproved and edited fields stop the writing verbs, by name; approval helps."""
    journey.planned()
    journey.run("review", "check", code=3)
    refused = journey.online("deploy", "--execute", code=3)
    assert f"{INVOICE}.Id" in refused.stderr
    journey.run("review", "approve", "--by", "Eva Muster", "--note", "all seen")
    journey.run("review", "check")
    journey.run("generate")
    journey.online("deploy", "--execute")

    _edit(journey, "label: Order Discount", "label: Discount for AE")
    refused = journey.online("copy", "--execute", code=3)
    assert "1 of " in refused.stderr
    assert f"{INVOICE}.ONB2__AEDiscount__c (edited since)" in refused.stderr
    field = f"{INVOICE}.ONB2__AEDiscount__c"
    journey.run("review", "approve", "--by", "Max", "--field", field)
    journey.online("copy", "--execute")
    journey.online("reconcile")

    report = _report(journey)
    assert report["unreviewed"] == 0
    assert [each["by"] for each in report["approvers"]] == ["Eva Muster", "Max"]
    page = (journey.root / "report" / "reconciliation.html").read_text("utf-8")
    assert "Eva Muster" in page
    assert report["mapping_digest"] in page


def test_a_second_org_asks_only_for_what_differs(
    tmp_path: Path, journey: Journey
) -> None:
    """One directory, rehearsal then production: one approval, two journals."""
    journey.planned()
    journey.run("review", "approve", "--by", "Eva Muster")
    journey.run("generate")
    journey.online("deploy", "--execute")
    journey.online("copy", "--execute")

    settings = OrgSettings(
        describes=_with_a_longer_field(tmp_path),
        invoices=5,
        organization_type="Enterprise Edition",
        organization_name="Acme",
        seed=2,
        org_number=1,
    )
    with start_org(settings) as running:
        production = replace(journey, org=running)
        production.online("describe")
        production.online("extract")
        named = ("--execute", "--yes-production", "Acme")
        field = f"{INVOICE}.ONB2__BillingCity__c"
        refused = production.online("deploy", *named, code=3)
        assert "1 blocker(s) in the mapping" in refused.stderr
        assert f"{field}.type: Text(40) has room for 40" in refused.stderr
        production.run("review", "approve", "--by", "Eva", "--field", field, code=3)
        _edit(production, "type: Text(40)", "type: Text(60)")
        refused = production.online("deploy", *named, code=3)
        assert "1 of " in refused.stderr
        assert f"{field} (the describe said string(40), now" in refused.stderr
        production.run("review", "approve", "--by", "Eva", "--field", field)
        production.run("generate")
        production.online("deploy", *named)
        production.online("copy", *named)
    journals = list((journey.root / ".migrator").glob("*/journal.sqlite"))
    assert len(journals) == 2


def _with_a_longer_field(tmp_path: Path) -> Path:
    folder = tmp_path / "described"
    shutil.copytree(shipped_folder("sample_describes"), folder)
    file = folder / f"{INVOICE}.json"
    content = json.loads(file.read_text("utf-8"))
    (field,) = (f for f in content["fields"] if f["name"] == "ONB2__BillingCity__c")
    assert field["length"] == 40
    field["length"], field["byteLength"] = 60, 180
    file.write_text(json.dumps(content), "utf-8")
    return folder


def test_the_pages_show_the_data_without_showing_records(journey: Journey) -> None:
    """Counts for all, masked samples in a private file, values on demand only."""
    journey.planned()
    ended = journey.run("plan")
    assert "always the same (candidates for skip)" in ended.stdout
    assert "mapping.yaml stays" in ended.stdout
    told = journey.invoke("-C", journey.root, "--json", "plan")
    codes = {each["code"] for each in json.loads(told.stdout)["findings"]}
    assert "always-the-same" in codes
    mapping = (journey.root / "mapping.yaml").read_text("utf-8")
    assert "always-the-same" not in mapping
    record = journey.client.one("SELECT Name FROM ONB2__Invoice__c ORDER BY Id LIMIT 1")
    journey.run("review")
    folder = journey.root / "review"
    page = (folder / "mapping.html").read_text("utf-8")
    assert "60 records" in page
    assert "never blank (60 records)" in page
    assert record["Name"] not in page
    sheet = (folder / "mapping.xlsx").read_bytes()
    assert record["Name"].encode() not in sheet

    journey.run("review", "--with-samples")
    private = folder / "mapping.sample.html"
    assert private.stat().st_mode & 0o777 == 0o600
    masked = private.read_text("utf-8")
    assert "Samples" in masked
    assert record["Name"] not in masked
    journey.run("review", "--with-samples", "--unmasked")
    assert record["Name"] in private.read_text("utf-8")
    ignored = (journey.root / ".gitignore").read_text("utf-8").split()
    assert "*.sample.*" in ignored
