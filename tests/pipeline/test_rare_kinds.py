"""
The journey of an object with a geolocation and encrypted text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.conftest import Invoke
from tests.pipeline.conftest import Journey

SOURCE = "ONB2__Dunning__c"
PIN = f"{SOURCE}.Collector_Pin__c"
PARTS = ("Debtor_Position__Latitude__s", "Debtor_Position__Longitude__s")


@pytest.fixture
def statements(journey: Journey) -> Journey:
    """A migration of the statements alone, described."""
    return _described(journey)


@pytest.fixture
def many_statements(tmp_path: Path, invoke: Invoke) -> Iterator[Journey]:
    """The same in an org with enough of them for values in each rare field."""
    settings = OrgSettings(describes=shipped_folder("sample_describes"), invoices=900)
    with start_org(settings) as running:
        yield _described(Journey(tmp_path / "run", running, invoke))


def _described(journey: Journey) -> Journey:
    journey.run("init")
    file = journey.root / "migration.yaml"
    head, _, rest = file.read_text("utf-8").partition("objects:\n")
    tail = rest.partition("\n#")[2]
    file.write_text(f"{head}objects:\n  - {SOURCE}\n\n#{tail}", "utf-8")
    journey.online("describe")
    return journey


def _let_see_encrypted(journey: Journey) -> None:
    found = journey.client.one(
        "SELECT Id FROM PermissionSet WHERE Name = 'JustOn_Full_Access'"
    )
    journey.client.request(
        "PATCH",
        f"/sobjects/PermissionSet/{found['Id']}",
        {"PermissionsViewEncryptedData": True},
    )


def _rows(journey: Journey, columns: str, name: str, key: str) -> dict[str, Any]:
    rows = journey.client.query(f"SELECT {key}, {columns} FROM {name}")  # noqa: S608
    return {
        row[key]: {c: row[c] for c in columns.replace(" ", "").split(",")}
        for row in rows
    }


def test_masked_values_are_no_backup(statements: Journey) -> None:
    """Every step that reads them refuses, names the field and the permission."""
    refused = statements.online("extract", code=3)
    assert PIN in refused.text
    assert "View Encrypted Data" in refused.text
    _let_see_encrypted(statements)
    statements.online("extract")


def test_a_masked_field_that_is_left_behind_stops_nobody(statements: Journey) -> None:
    """The mapping says skip, so nothing of it is kept."""
    statements.run("plan")
    file = statements.root / "mapping.yaml"
    head, mark, rest = file.read_text("utf-8").partition("- source: Collector_Pin__c\n")
    _, _, others = rest.partition("\n\n      - source: ")
    skipped = "        treatment: skip\n        why: not needed\n"
    file.write_text(f"{head}{mark}{skipped}\n      - source: {others}", "utf-8")
    statements.online("extract")


def test_a_location_and_its_encrypted_neighbour_arrive(
    many_statements: Journey,
) -> None:
    """
    Made as what they were, copied through the parts, compared cell by cell, and
    described like the source: type, digits, mask, notation.
    """
    statements = many_statements
    _let_see_encrypted(statements)
    statements.online("extract")
    statements.run("plan")
    statements.run("generate")
    statements.online("deploy", "--execute", "--allow-unreviewed")
    statements.online("copy", "--execute", "--allow-unreviewed")
    statements.online("reconcile", "--allow-unreviewed")
    columns = ", ".join((*PARTS, "Collector_Pin__c"))
    there = _rows(statements, columns, SOURCE, "Id")
    here = _rows(statements, columns, "Dunning__c", "Origin_Id__c")
    assert here == there
    for column in (*PARTS, "Collector_Pin__c"):
        assert any(row[column] is not None for row in here.values()), column
    verdict = json.loads((statements.root / "report/reconciliation.json").read_text())
    assert verdict["objects"][0]["differences"] == 0
    _compare_describes(statements)


def _compare_describes(statements: Journey) -> None:
    text = (statements.root / "mapping.yaml").read_text("utf-8")
    (mapped,) = parse_mapping(text, file="mapping.yaml").objects
    was, now = (
        {
            field["name"]: field
            for field in statements.client.request("GET", f"/sobjects/{name}/describe")[
                "fields"
            ]
        }
        for name in (SOURCE, "Dunning__c")
    )
    for name in ("Debtor_Position__c", *PARTS, "Collector_Pin__c", "Reasons__c"):
        entry = next(each for each in mapped.fields if each.source == name)
        digits = () if name == "Debtor_Position__c" else ("precision", "scale")
        for key in ("type", "length", *digits, "mask", "maskType"):
            assert now[entry.target][key] == was[name][key], (name, key)
    assert now["Debtor_Position__c"]["displayLocationInDecimal"] is True
