"""
The survey of a directory: each org on its own, and what comes next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migrator.errors import RunDirectoryError
from migrator.model.job import Purpose
from migrator.model.names import ApiName
from migrator.model.records import Operation, UploadPart
from migrator.model.verdict import Verdict
from migrator.rundir.identity import Identity, bind
from migrator.rundir.journal import Journal
from migrator.rundir.layout import OrgState, RunDirectory
from migrator.rundir.reconciled import (
    journal_position,
    note_reconciled,
    read_reconciled,
)
from migrator.steps.init import initialise
from migrator.steps.status import survey
from tests.builders.verdicts import a_clean_verdict, an_open_verdict

REHEARSAL, PRODUCTION = "00D000000000001EAA", "00D000000000002EAA"
MIGRATION = "abc123"
TARGET = ApiName("Invoice__c")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """Described, planned and generated."""
    run = RunDirectory(tmp_path)
    migration = initialise(run=run).migration
    for name in migration.objects:
        run.write_text(run.describes / f"{name}.json", "{}")
    mapping = "objects:\n  - fields:\n      - status: proposed\n"
    run.write_text(run.mapping_file, mapping)
    run.write_text(run.root / "sfdx-project.json", "{}")
    return run


def extracted(run: RunDirectory, org: str) -> OrgState:
    """
    The state of *org*, with an extract of one object.
    """
    state = run.org_state(org)
    bind(state, Identity(org_id=org, migration_id=MIGRATION, org_name=f"Org {org[14]}"))
    meta = '{"object": "ONB2__Invoice__c", "parts": [{"rows": 3}]}'
    (state.extract / "ONB2__Invoice__c.json").write_text(meta, "utf-8")
    return state


def sent(state: OrgState, operation: Operation = Operation.INSERT) -> None:
    """
    Three records that the org has confirmed.
    """
    part = UploadPart(
        object=TARGET,
        operation=operation,
        number=1,
        rows=3,
        content=b"",
        first_id="a",
        last_id="c",
    )
    is_delete = operation is Operation.DELETE
    purpose = Purpose.UNLOAD if is_delete else Purpose.LOAD
    org = state.root.name
    with Journal(state, org_id=org, migration_id=MIGRATION) as journal:
        entry = journal.plan_job(part, purpose, NOON.isoformat())
        journal.record_job_created(entry, f"750{entry}{org}")
        journal.record_job_closed(entry)
        (job,) = journal.unfinished_jobs(TARGET)
        journal.confirm_job(job, [], 0)


def a_verdict(differences: int) -> Verdict:
    """
    One object's comparison, made at noon.
    """
    clean = a_clean_verdict()
    (first, *_) = clean.objects
    objects = (replace(first, differences=differences),)
    return replace(clean, objects=objects, made_at=NOON)


def reconciled(run: RunDirectory, state: OrgState, differences: int = 0) -> None:
    """
    A reconciliation that has just ended.
    """
    verdict = a_verdict(differences)
    note_reconciled(run, state, verdict, begun_at=journal_position(state))


def test_a_reconciliation_is_of_what_was_there(run: RunDirectory) -> None:
    """An unload, or a copy that sent something, leaves it behind."""
    state = extracted(run, REHEARSAL)
    assert survey(run=run).next.startswith("deploy")
    sent(state)
    assert survey(run=run).next == "reconcile --org ORG"
    reconciled(run, state)
    (org,) = survey(run=run).orgs
    assert org.reconciled is not None
    assert (org.reconciled.differences, org.reconciled.is_outdated) == (0, False)
    assert survey(run=run).next == ""
    sent(state)
    (org,) = survey(run=run).orgs
    assert org.reconciled is not None
    assert org.reconciled.is_outdated
    assert survey(run=run).next == "reconcile --org ORG"
    reconciled(run, state)
    for _ in range(2):
        sent(state, Operation.DELETE)
    (org,) = survey(run=run).orgs
    assert org.reconciled is not None
    assert org.reconciled.is_outdated
    assert not org.holds_records
    assert survey(run=run).next.startswith("deploy")


def test_records_sent_while_both_sides_were_compared_are_not_covered(
    run: RunDirectory,
) -> None:
    """What counts is how far the copy had come when the comparison began."""
    state = extracted(run, REHEARSAL)
    sent(state)
    before = journal_position(state)
    sent(state)
    note_reconciled(run, state, a_verdict(0), begun_at=before)
    found = read_reconciled(state)
    assert found is not None
    assert found.is_outdated


def test_a_comparison_that_left_something_out_is_not_the_end(
    run: RunDirectory,
) -> None:
    """Nothing differs, and it is to be done again."""
    state = extracted(run, REHEARSAL)
    sent(state)
    open_ = replace(an_open_verdict(), made_at=NOON)
    note_reconciled(run, state, open_, begun_at=journal_position(state))
    (org,) = survey(run=run).orgs
    assert org.reconciled is not None
    assert (org.reconciled.differences, org.reconciled.is_open) == (0, True)
    assert survey(run=run).next.startswith("reconcile")


def test_a_rehearsal_does_not_stand_for_production(run: RunDirectory) -> None:
    """Each org has its own reconciliation, and production is still to be done."""
    rehearsal = extracted(run, REHEARSAL)
    sent(rehearsal)
    reconciled(run, rehearsal)
    production = extracted(run, PRODUCTION)
    assert survey(run=run).next.startswith("deploy")
    sent(production)
    assert survey(run=run).next == "reconcile --org ORG"
    reconciled(run, production, differences=2)
    first, second = survey(run=run).orgs
    assert first.reconciled is not None
    assert second.reconciled is not None
    assert [first.reconciled.differences, second.reconciled.differences] == [0, 2]
    assert "when all it named is mended" in survey(run=run).next


def test_an_unloaded_rehearsal_is_done_with(run: RunDirectory) -> None:
    """Beside production it asks for nothing."""
    rehearsal, production = extracted(run, REHEARSAL), extracted(run, PRODUCTION)
    sent(rehearsal)
    sent(rehearsal, Operation.DELETE)
    sent(production)
    reconciled(run, production)
    assert survey(run=run).next == ""


def test_a_mapping_that_is_no_yaml_is_told(run: RunDirectory) -> None:
    """The rest of the survey stands, and the check of the file comes next."""
    extracted(run, REHEARSAL)
    run.write_text(run.mapping_file, "objects: [\n")
    found = survey(run=run)
    assert found.unreadable.startswith("mapping.yaml:")
    assert found.orgs
    assert found.next == "review check"


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"journal": 1}'])
def test_a_damaged_note_is_named(run: RunDirectory, content: bytes) -> None:
    """With the verb that writes it again."""
    state = extracted(run, REHEARSAL)
    state.reconciled.write_bytes(content)
    with pytest.raises(RunDirectoryError, match=r"reconciled\.json") as caught:
        survey(run=run)
    assert "reconcile" in caught.value.hint


def test_a_damaged_journal_is_named(run: RunDirectory) -> None:
    """By its org, for a survey and for a reconciliation."""
    state = extracted(run, REHEARSAL)
    state.journal.write_bytes(b"no database at all, but a text of some length")
    with pytest.raises(RunDirectoryError, match=f"journal of org {REHEARSAL}"):
        survey(run=run)
    with pytest.raises(RunDirectoryError, match=f"journal of org {REHEARSAL}"):
        journal_position(state)
