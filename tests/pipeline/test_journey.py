"""
The whole journey through the command line, and what it must refuse or name.
"""

from __future__ import annotations

import json
import re
from collections import abc
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Invoke
from tests.pipeline.conftest import INVOICES, Journey


def _report(root: Path) -> dict[str, object]:
    found = json.loads((root / "report" / "reconciliation.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _count(journey: Journey, name: str) -> int:
    with journey.org.org.lock:
        return journey.org.org.store.count(name)


def test_every_cell_arrives(journey: Journey) -> None:
    """Four objects, no count zero, no difference; a second copy sends nothing."""
    journey.copied()
    journey.online("reconcile", "--allow-unreviewed")
    report = _report(journey.root)
    assert report["differences"] == 0
    objects = report["objects"]
    assert isinstance(objects, list)
    assert len(objects) == 4
    for each in objects:
        assert each["source_records"] == each["target_records"] > 0
        assert each["cells_compared"] > each["source_records"]
    assert objects[0]["source_records"] == INVOICES
    journey.online("copy", "--execute", "--allow-unreviewed")
    for each in objects:
        assert _count(journey, each["target"]) == each["target_records"]


def test_tampering_is_named_by_record_and_field(journey: Journey) -> None:
    """A cent, a lost line, a swapped parent, a cut digit: exit 3 and each one named."""
    journey.copied()
    client = journey.client
    _allow_deleting(journey)
    cent = client.query(
        "SELECT Id, Origin_Id__c, GrandTotal__c FROM Invoice__c "
        "WHERE GrandTotal__c > 1 ORDER BY Origin_Id__c LIMIT 1"
    )[0]
    client.request(
        "PATCH",
        f"/sobjects/Invoice__c/{cent['Id']}",
        {"GrandTotal__c": round(cent["GrandTotal__c"] + 0.01, 2)},
    )
    lines = client.query(
        "SELECT Id, Origin_Id__c, Invoice__r.Origin_Id__c, PosTotalNet__c "
        "FROM InvoiceLineItem__c ORDER BY Origin_Id__c"
    )
    first = lines[0]["Invoice__r"]["Origin_Id__c"]
    moved = lines[0]
    stranger = next(
        line for line in lines if line["Invoice__r"]["Origin_Id__c"] != first
    )
    client.request(
        "PATCH",
        f"/sobjects/InvoiceLineItem__c/{moved['Id']}",
        {"Invoice__r": {"Origin_Id__c": stranger["Invoice__r"]["Origin_Id__c"]}},
    )
    cut = next(
        line
        for line in lines[1:]
        if re.search(r"\.\d{5}$", str(line["PosTotalNet__c"]))
    )
    client.request(
        "PATCH",
        f"/sobjects/InvoiceLineItem__c/{cut['Id']}",
        {"PosTotalNet__c": str(cut["PosTotalNet__c"])[:-1]},
    )
    dropped = next(line for line in reversed(lines) if line not in (moved, cut))
    for detail in client.query("SELECT Id, InvoiceLineItem__c FROM TaxDetail__c"):
        if detail["InvoiceLineItem__c"] == dropped["Id"]:
            client.request("DELETE", f"/sobjects/TaxDetail__c/{detail['Id']}")
    client.request("DELETE", f"/sobjects/InvoiceLineItem__c/{dropped['Id']}")
    ended = journey.online("reconcile", "--allow-unreviewed", code=3)
    report = _report(journey.root)
    named = {
        (each["record"], each["field"])
        for each in report["named_differences"]  # type: ignore[attr-defined]
    }
    assert (cent["Origin_Id__c"], "ONB2__GrandTotal__c") in named
    assert (moved["Origin_Id__c"], "ONB2__Invoice__c") in named
    assert (cut["Origin_Id__c"], "ONB2__PosTotalNet__c") in named
    assert any(record == dropped["Origin_Id__c"] for record, _ in named)
    for record in (cent, moved, cut, dropped):
        assert record["Origin_Id__c"] in ended.stdout


def _allow_deleting(journey: Journey) -> None:
    """
    What an administrator can do to himself: the archive's own sets allow no deleting.
    """
    for permission in journey.client.query(
        "SELECT Id FROM ObjectPermissions WHERE PermissionsEdit = true AND "
        "SobjectType IN ('InvoiceLineItem__c', 'TaxDetail__c')"
    ):
        journey.client.request(
            "PATCH",
            f"/sobjects/ObjectPermissions/{permission['Id']}",
            {"PermissionsDelete": True},
        )


def test_a_scale_too_small_is_a_blocker_and_a_counted_loss_when_agreed(
    journey: Journey,
) -> None:
    """Five decimals into two: exit 3 naming the field; with `loses:` a report line."""
    journey.planned()
    file = journey.root / "mapping.yaml"
    text = file.read_text("utf-8")
    entry = re.search(
        r"- source: ONB2__PosTotalNet__c\n(?:.*\n)*?\s+type: (\S.*)\n", text
    )
    assert entry, "the line item maps its five-decimal formula"
    assert "5" in entry[1]
    narrowed = text[: entry.start(1)] + "Currency(18, 2)" + text[entry.end(1) :]
    file.write_text(narrowed, "utf-8")
    journey.run("generate")
    journey.online("deploy", "--execute", "--allow-unreviewed")
    ended = journey.online("copy", "--execute", "--allow-unreviewed", code=3)
    assert "ONB2__PosTotalNet__c" in ended.text
    assert not _stored(journey, "InvoiceLineItem__c"), "nothing may be written yet"
    agreed = file.read_text("utf-8")
    place = agreed.index("Currency(18, 2)", agreed.index("ONB2__PosTotalNet__c"))
    start = agreed.rindex("\n", 0, place) + 1
    indent = re.match(r"\s*", agreed[start:])
    assert indent
    line = f"{indent[0]}loses: digits after the second\n"
    file.write_text(agreed[:start] + line + agreed[start:], "utf-8")
    journey.online("copy", "--execute", "--allow-unreviewed")
    ended = journey.online("reconcile", "--allow-unreviewed")
    assert "digits after the second" in ended.stdout
    losses = _report(journey.root)["objects"][1]["losses"]  # type: ignore[index]
    assert losses[0]["cells"] > 0


@pytest.fixture
def foreign_journey(tmp_path: Path, invoke: Invoke) -> Iterator[Journey]:
    """An org that has a populated Invoice__c of its own."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=20, own_objects=True
    )
    with start_org(settings) as running:
        yield Journey(tmp_path / "run", running, invoke)


def _stored(journey: Journey, name: str) -> list[abc.Mapping[str, object]]:
    """
    Every stored record of the object, whoever may see it.
    """
    org = journey.org.org
    with org.lock:
        return list(org.store.select(name))


def test_the_customers_own_object_stays_untouched(foreign_journey: Journey) -> None:
    """Planned with the org at hand, the new object gets another name."""
    journey = foreign_journey
    before = _stored(journey, "Invoice__c")
    assert len(before) > 10
    journey.copied()
    journey.online("reconcile", "--allow-unreviewed")
    assert _stored(journey, "Invoice__c") == before
    assert _count(journey, "JustOn_Invoice__c") == 20


def test_a_plan_made_without_the_org_is_refused_there(foreign_journey: Journey) -> None:
    """Deploy and copy exit 3, name the object and the remedy, and write nothing."""
    journey = foreign_journey
    before = _stored(journey, "Invoice__c")
    journey.run("init")
    journey.run("plan", "--describes", shipped_folder("sample_describes"))
    journey.run("generate")
    for verb in ("deploy", "copy"):
        ended = journey.online(verb, "--execute", "--allow-unreviewed", code=3)
        assert "Invoice__c" in ended.stderr
        assert "naming" in ended.stderr
    assert _stored(journey, "Invoice__c") == before


def test_a_user_without_view_all_is_refused(journey: Journey) -> None:
    """Seeing 60 % of the invoices: extract and copy exit 3 and say so."""
    journey.deployed()
    client = journey.client
    permission = client.one(
        "SELECT Id FROM ObjectPermissions WHERE SobjectType = 'ONB2__Invoice__c' "
        "AND PermissionsViewAllRecords = true"
    )
    client.request(
        "PATCH",
        f"/sobjects/ObjectPermissions/{permission['Id']}",
        {"PermissionsViewAllRecords": False},
    )
    visible = client.one("SELECT COUNT(Id) n FROM ONB2__Invoice__c")["n"]
    assert visible == INVOICES * 6 // 10
    writing = ("--execute", "--allow-unreviewed")
    for words in (("extract",), ("copy", *writing), ("deploy", *writing)):
        ended = journey.online(*words, code=3)
        assert "ONB2__Invoice__c" in ended.stderr
        assert "View All" in ended.stderr


def test_a_user_who_lacks_a_field_is_refused(journey: Journey) -> None:
    """One hidden field: describe, extract and copy exit 3 and name it."""
    journey.deployed()
    client = journey.client
    permission = client.one(
        "SELECT Id FROM FieldPermissions WHERE SobjectType = 'ONB2__Invoice__c' "
        "AND Field = 'ONB2__Invoice__c.ONB2__TotalTax__c'"
    )
    client.request("DELETE", f"/sobjects/FieldPermissions/{permission['Id']}")
    for words in (
        ("extract",),
        ("copy", "--execute", "--allow-unreviewed"),
        ("describe",),
    ):
        ended = journey.online(*words, code=3)
        assert "ONB2__TotalTax__c" in ended.text


def test_an_unreviewed_mapping_is_refused(journey: Journey) -> None:
    """Without the word for rehearsals, deploy --execute exits 3."""
    journey.planned()
    journey.run("generate")
    ended = journey.online("deploy", "--execute", code=3)
    assert "approved" in ended.stderr


def test_production_wants_its_name(tmp_path: Path, invoke: Invoke) -> None:
    """On an org that is no sandbox the first write needs the org's name."""
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"),
        invoices=5,
        organization_type="Enterprise Edition",
        organization_name="Real Company",
    )
    with start_org(settings) as running:
        journey = Journey(tmp_path / "run", running, invoke)
        journey.planned()
        journey.run("generate")
        words = ("--execute", "--allow-unreviewed")
        refused = journey.online("deploy", *words, code=3)
        assert "Real Company" in refused.stderr
        wrong = ("--yes-production", "Another Company")
        journey.online("deploy", *words, *wrong, code=3)
        journey.online("deploy", *words, "--yes-production", "Real Company")


def test_nothing_is_written_without_execute(journey: Journey) -> None:
    """Deploy validates and copy counts; the org has no new object and no new record."""
    journey.planned()
    journey.run("generate")
    journey.online("deploy")
    names = {
        each["name"] for each in journey.client.request("GET", "/sobjects")["sobjects"]
    }
    assert "Invoice__c" not in names


def test_a_wrong_token_is_one_clear_message(journey: Journey) -> None:
    """Exit 1, no traceback, and the token is nowhere in the output."""
    journey.run("init")
    environ = {"SF_ACCESS_TOKEN": "00Dwrong!planted-token"}
    ended = journey.invoke(
        "-C", journey.root, "describe", "--org", journey.org.url, env=environ
    )
    assert ended.code == 1
    assert "planted-token" not in ended.text
    assert "Traceback" not in ended.text
    assert "SF_ACCESS_TOKEN" in ended.stderr


def test_a_stopped_org_is_one_clear_message(journey: Journey) -> None:
    """Exit 4: nothing is lost, the same command can be run again."""
    journey.run("init")
    journey.org.stop()
    ended = journey.online("describe", code=4)
    assert "127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.text


def test_no_token_or_value_is_left_where_it_does_not_belong(journey: Journey) -> None:
    """The token is in no file; record values only under private places, 0600."""
    journey.copied()
    journey.online("reconcile", "--allow-unreviewed")
    private = (journey.root / ".migrator", journey.root / "report" / "private")
    name = journey.client.query(
        "SELECT Name FROM ONB2__Invoice__c WHERE ONB2__Status__c != 'Draft' LIMIT 1"
    )[0]["Name"]
    for file in journey.root.rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        assert journey.org.token.encode() not in content, file
        if any(file.is_relative_to(folder) for folder in private):
            assert file.stat().st_mode & 0o077 == 0, file
        else:
            assert str(name).encode() not in content, file
