"""
One field of every kind from the package to the archive, through both programs.

The package's object is made of the table of kinds alone: a new kind is in it, and must
be described, extracted, planned, made, deployed, copied and compared as what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from migrator.documents.mapping.read import parse_mapping
from migrator.emulator.server import OrgSettings, start_org
from migrator.model.kinds.described import DESCRIBED
from migrator.model.kinds.row import Extent, Family, Summed
from migrator.model.kinds.table import KINDS, Kind
from migrator.model.mapping import FieldMapping
from migrator.model.names import LOCATION_PARTS
from migrator.rundir.layout import shipped_folder
from tests.builders.kinds import (
    KINDS_OBJECT,
    OWN,
    RECORDS,
    ROOT_OBJECT,
    a_type,
    source_name,
    write_package,
    write_records,
)
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import invoked

TARGET = "Kinds__c"


@pytest.fixture(scope="module")
def arrived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A migration of that object that has gone all the way."""
    root = tmp_path_factory.mktemp("kinds")
    write_package(root / "metadata")
    write_records(root / "records")
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"),
        metadata=root / "metadata",
        records=root / "records",
        invoices=1,
    )
    with start_org(settings) as running:
        journey = Journey(root / "run", running, invoked)
        _prepare(journey)
        journey.online("describe")
        journey.online("extract")
        journey.run("plan")
        _wish_for_master_detail(journey)
        journey.run("plan")
        journey.run("review")
        journey.run("generate")
        journey.online("deploy", "--execute", "--allow-unreviewed")
        journey.online("copy", "--execute", "--allow-unreviewed")
        journey.online("reconcile", "--allow-unreviewed")
        yield journey


def _prepare(journey: Journey) -> None:
    journey.run("init")
    file = journey.root / "migration.yaml"
    head, _, rest = file.read_text("utf-8").partition("objects:\n")
    tail = rest.partition("\n#")[2]
    names = f"  - {ROOT_OBJECT}\n  - {KINDS_OBJECT}\n"
    file.write_text(f"{head}objects:\n{names}\n#{tail}", "utf-8")
    found = journey.client.one(
        "SELECT Id FROM PermissionSet WHERE Name = 'JustOn_Full_Access'"
    )
    rights = {"PermissionsViewEncryptedData": True}
    journey.client.request("PATCH", f"/sobjects/PermissionSet/{found['Id']}", rights)


def _wish_for_master_detail(journey: Journey) -> None:
    file = journey.root / "mapping.yaml"
    text = file.read_text("utf-8")
    wished = text.replace("parent_link: restrict-lookup", "parent_link: master-detail")
    assert wished != text
    file.write_text(wished, "utf-8")


def _entry(journey: Journey, kind: Kind) -> FieldMapping:
    text = (journey.root / "mapping.yaml").read_text("utf-8")
    mapped = parse_mapping(text, file="mapping.yaml").object(KINDS_OBJECT)
    assert mapped is not None
    entry = mapped.entry(source_name(kind))
    assert entry is not None
    return entry


def _described(journey: Journey, name: str) -> dict[str, Any]:
    reply = journey.client.request("GET", f"/sobjects/{name}/describe")
    return {each["name"]: each for each in reply["fields"]}


@pytest.mark.parametrize("kind", OWN)
def test_a_kind_is_planned_as_what_it_was(arrived: Journey, kind: Kind) -> None:
    """The same kind with the same arguments; a parent under its new name."""
    entry = _entry(arrived, kind)
    assert entry.type is not None
    expected = str(a_type(kind)).replace(ROOT_OBJECT, "Root__c")
    assert str(entry.type) == expected


@pytest.mark.parametrize("kind", OWN)
def test_a_kind_is_described_as_what_it_was(arrived: Journey, kind: Kind) -> None:
    """The org says of the new field what it says of the package's."""
    was = _described(arrived, KINDS_OBJECT)[source_name(kind)]
    now = _described(arrived, TARGET)[str(_entry(arrived, kind).target)]
    for key in ("type", "length", "precision", "scale", "htmlFormatted", "mask"):
        assert now[key] == was[key], key
    kept = DESCRIBED[was["type"]].kept_by
    row = KINDS[kind]
    assert kind in kept or row.takes_any_text or row.family is Family.REFERENCE


@pytest.mark.parametrize("kind", OWN)
def test_the_values_of_a_kind_arrive(arrived: Journey, kind: Kind) -> None:
    """The org holds the same values under both names, and there are some."""
    here, there = _columns(arrived, kind)
    names = ", ".join(here)
    rows = arrived.client.query(
        f"SELECT Id, {names} FROM {KINDS_OBJECT} ORDER BY Id"  # noqa: S608
    )
    copies = arrived.client.query(
        f"SELECT Origin_Id__c, {', '.join(there)} FROM {TARGET} "  # noqa: S608
        "ORDER BY Origin_Id__c"
    )
    values = [[_value(row, path) for path in here] for row in rows]
    assert len(values) == RECORDS
    assert [[_value(row, path) for path in there] for row in copies] == values
    # No record of the package looks up an account: none is there for sure.
    assert any(each[0] is not None for each in values) is (kind is not Kind.LOOKUP)


def _value(row: dict[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    return _value(row[first], rest) if rest else row[first]


def _columns(journey: Journey, kind: Kind) -> tuple[list[str], list[str]]:
    """
    Where the values of *kind* are read, in the package's object and in the new one.
    """
    entry = _entry(journey, kind)
    source, target = str(entry.source), str(entry.target)
    if KINDS[kind].family is Family.LOCATION:
        here, there = (
            [f"{name.removesuffix('__c')}__{part}__s" for part in LOCATION_PARTS]
            for name in (source, target)
        )
        return here, there
    if kind is Kind.MASTER_DETAIL:
        return [source], [target.replace("__c", "__r.Origin_Id__c")]
    return [source], [target]


def test_the_report_counts_every_kind(arrived: Journey) -> None:
    """Nothing differs, and what is an amount has a total."""
    report = json.loads((arrived.root / "report/reconciliation.json").read_text())
    kinds = next(each for each in report["objects"] if each["target"] == TARGET)
    assert kinds["source_records"] == kinds["target_records"] == RECORDS
    assert kinds["differences"] == 0
    assert kinds["cells_compared"] >= RECORDS * len(OWN)
    amounts = {k for k, row in KINDS.items() if row.summed is Summed.ALWAYS}
    assert set(kinds["totals"]) == {source_name(kind) for kind in amounts}


@pytest.mark.parametrize("kind", OWN)
def test_a_kind_is_shown_as_what_it_is(arrived: Journey, kind: Kind) -> None:
    """In its section of the layout, and on the review page with its extent."""
    target = str(_entry(arrived, kind).target)
    path = f"force-app/main/default/layouts/{TARGET}-Kinds Layout.layout-meta.xml"
    layout = etree.parse(arrived.root / path)
    found = layout.xpath(
        "//*[local-name()='layoutSections'][.//*[local-name()='field']"
        f"[text()='{target}']]/*[local-name()='label']/text()"
    )
    assert found == [KINDS[kind].section.value]
    page = (arrived.root / "review/mapping.html").read_text("utf-8")
    _, _, rest = page.partition(f'id="{KINDS_OBJECT}.{source_name(kind)}"')
    shown = rest.partition("</tr>")[0]
    word = _described(arrived, KINDS_OBJECT)[source_name(kind)]["type"]
    assert (" decimals" in shown) == (DESCRIBED[word].extent is Extent.DIGITS)
