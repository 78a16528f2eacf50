"""
The step `plan`: which describes and which extract are read, and what is written.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from migrator.documents.mapping.read import parse_mapping
from migrator.errors import (
    DecisionNeeded,
    DescribeError,
    MappingError,
    RunDirectoryError,
)
from migrator.model.finding import blockers
from migrator.model.mapping import MappedObject
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rundir.layout import RunDirectory
from migrator.rundir.snapshots import Extract, Taken
from migrator.steps.init import initialise
from migrator.steps.plan import PlanOutcome, plan
from tests.builders.describes import SAMPLES
from tests.builders.workspaces import a_workspace

TAX = ApiName("ONB2__TaxDetail__c")
LINE = ApiName("ONB2__InvoiceLineItem__c")
CLASS = ApiName("ONB2__Class__c")
INVOICE = ApiName("ONB2__Invoice__c")
ORGS = ("00D000000000001EAA", "00D000000000002EAA")

Planner = Callable[..., PlanOutcome]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """An initialised migration directory."""
    run = RunDirectory(tmp_path / "migration")
    initialise(run=run)
    return run


@pytest.fixture
def planning(run: RunDirectory) -> Planner:
    """`plan` for that directory."""

    def planned(**options: object) -> PlanOutcome:
        migration = options.pop("migration", Migration(id="abcd1234"))
        assert isinstance(migration, Migration)
        opened = a_workspace(run, migration=migration)
        return plan(opened, **options)  # type: ignore[arg-type]

    return planned


def test_a_folder_of_describes_is_enough(run: RunDirectory, planning: Planner) -> None:
    """The mapping and its schema are written, the describes used are kept."""
    outcome = planning(describes_dir=SAMPLES)
    assert outcome.written
    assert not blockers(outcome.findings)
    text = run.read_text(run.mapping_file)
    assert parse_mapping(text, file="mapping.yaml") == outcome.mapping
    schema = json.loads(run.read_text(run.root / "mapping.schema.json"))
    assert schema["$ref"] == "#/$defs/Mapping"
    kept = {path.stem for path in run.describes.glob("*.json")}
    assert {INVOICE, LINE, "Account", "ONB2__Template__c"} <= kept
    assert "ONB2__DunningRun__c" not in kept


def test_planning_again_writes_nothing(run: RunDirectory, planning: Planner) -> None:
    """Also not over a comment that somebody put into the file."""
    planning(describes_dir=SAMPLES)
    text = run.read_text(run.mapping_file).replace(
        "version: 1", "version: 1 # ask Jana about the notes"
    )
    run.write_text(run.mapping_file, text)
    again = planning()
    assert not again.written
    assert run.read_text(run.mapping_file) == text


def test_a_missing_describe_is_named_with_the_command(planning: Planner) -> None:
    """Every one that is missing, and what fetches them."""
    with pytest.raises(RunDirectoryError, match=f"{INVOICE}, {LINE}") as caught:
        planning()
    assert "describe --org ORG" in caught.value.hint


def test_neighbours_need_no_describe(tmp_path: Path, planning: Planner) -> None:
    """What a reference points at is known by its name."""
    shutil.copy(SAMPLES / f"{TAX}.json", tmp_path)
    outcome = planning(describes_dir=tmp_path, objects=(TAX,))
    (mapped,) = outcome.mapping.objects
    parent = mapped.entry(LINE)
    assert parent is not None
    assert parent.targets == ("InvoiceLineItem_Id__c", "InvoiceLineItem_Name__c")


def test_a_picked_object_joins_the_mapping(planning: Planner) -> None:
    """Decisions about other objects are not thrown away."""
    planning(describes_dir=SAMPLES, objects=(TAX,))
    outcome = planning(describes_dir=SAMPLES, objects=(LINE,))
    assert [each.source for each in outcome.mapping.objects] == [TAX, LINE]


def test_reviewed_entries_are_not_dropped_unasked(
    run: RunDirectory, planning: Planner
) -> None:
    """An object that left migration.yaml keeps its block until a person deletes it."""
    planning(describes_dir=SAMPLES)
    fewer = replace(Migration(id="abcd1234"), objects=(INVOICE,))
    assert len(planning(migration=fewer).mapping.objects) == 1
    planning(describes_dir=SAMPLES)
    text = run.read_text(run.mapping_file).replace("proposed\n", "approved\n")
    run.write_text(run.mapping_file, text)
    with pytest.raises(DecisionNeeded, match=f"reviewed entries of {LINE}"):
        planning(migration=fewer)


def test_wrong_files_are_refused(
    run: RunDirectory, planning: Planner, tmp_path: Path
) -> None:
    """A broken describe or mapping is named; nothing is written over it."""
    (tmp_path / "Broken.json").write_text('{"fields": [', encoding="utf-8")
    with pytest.raises(DescribeError, match=r"Broken\.json:1:"):
        planning(describes_dir=tmp_path)
    run.write_text(run.mapping_file, "version: 1\nobjects: 7\n")
    with pytest.raises(MappingError, match=r"mapping\.yaml:2, objects"):
        planning(describes_dir=SAMPLES)
    assert run.read_text(run.mapping_file) == "version: 1\nobjects: 7\n"


def _extracted(run: RunDirectory, org: str, value: str) -> None:
    """An extract of one invoice for *org*."""
    state = run.org_state(org)
    state.make()
    extract = Extract(state.extract)
    extract.begin()
    columns = ("Id", CLASS, "ONB2__GrandTotal__c", "ONB2__Status__c")
    cells = ("a00000000000001AAA", value, "10.12345", "Withdrawn")
    frame = pl.DataFrame(dict(zip(columns, ([cell] for cell in cells), strict=True)))
    parts = list(extract.write(INVOICE, [frame], columns))
    taken = Taken(
        columns=columns,
        soql="SELECT",
        api_version="66.0",
        count_at_start=1,
        max_system_modstamp="",
        taken_at="2026-01-01T00:00:00Z",
    )
    extract.switch(INVOICE, parts, taken)
    extract.finish()


def _types(mapped: MappedObject) -> dict[str, str]:
    return {entry.source: str(entry.type) for entry in mapped.fields}


def test_types_follow_the_extract(run: RunDirectory, planning: Planner) -> None:
    """Lengths, decimals and unlisted values come from the records."""
    planning(describes_dir=SAMPLES)
    _extracted(run, ORGS[0], "Credit")
    outcome = planning()
    invoice = outcome.mapping.objects[0]
    assert outcome.written
    assert _types(invoice)[CLASS] == "Text(255)"
    assert _types(invoice)["ONB2__GrandTotal__c"] == "Currency(18, 5)"
    status = invoice.entry(ApiName("ONB2__Status__c"))
    assert status is not None
    assert "Withdrawn" in status.values
    assert not planning().written


def test_two_extracts_ask_for_a_choice(run: RunDirectory, planning: Planner) -> None:
    """A rehearsal's data and production's may want different types."""
    planning(describes_dir=SAMPLES)
    _extracted(run, ORGS[0], "Credit")
    _extracted(run, ORGS[1], "x" * 300)
    with pytest.raises(DecisionNeeded, match=f"{ORGS[0]}, {ORGS[1]}") as caught:
        planning()
    assert f"--org-id {ORGS[0]}" in caught.value.hint
    chosen = planning(org_id=ORGS[1])
    assert _types(chosen.mapping.objects[0])[CLASS] == "LongTextArea(1300)"
    with pytest.raises(RunDirectoryError, match="no extract of the org"):
        planning(org_id="00D000000000009EAA")
