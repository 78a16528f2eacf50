"""
The journal: one org, one writer, and every job exactly where it was left.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from migrator.errors import RunDirectoryError, Stopped
from migrator.model.job import Purpose, Stage
from migrator.model.names import ApiName
from migrator.model.records import Operation, RowFailure, UploadPart
from migrator.rundir.identity import Identity, bind
from migrator.rundir.journal import Journal
from migrator.rundir.layout import OrgState

ORG, MIGRATION = "00D000000000001AAA", "abc123"
TARGET = ApiName("Invoice__c")


def a_journal(folder: Path, *, org: str = ORG, migration: str = MIGRATION) -> Journal:
    """
    The journal in *folder*.
    """
    return Journal(OrgState(folder / "x" / org), org_id=org, migration_id=migration)


def a_part(rows: int = 3) -> UploadPart:
    """
    A part of *rows* records.
    """
    return UploadPart(
        object=TARGET,
        operation=Operation.INSERT,
        number=1,
        rows=rows,
        content=b"",
        first_id="a",
        last_id="c",
    )


def a_failure(origin_id: str, code: str = "INVALID_FIELD") -> RowFailure:
    """
    A refused record.
    """
    return RowFailure(
        object=TARGET,
        origin_id=origin_id,
        code=code,
        message="no",
        fields=(ApiName("A__c"), ApiName("B__c")),
    )


def test_a_job_is_found_in_the_state_it_was_left_in(tmp_path: Path) -> None:
    """
    Planned, created, closed survive the process; confirmed and abandoned are over.
    """
    with a_journal(tmp_path) as journal:
        entries = [
            journal.job_planned(a_part(), Purpose.LOAD, "2026-01-01T00:00:00+00:00")
            for _ in range(5)
        ]
        for entry in entries[1:]:
            journal.job_created(entry, f"750{entry}")
        for entry in entries[2:]:
            journal.job_closed(entry)
        journal.job_abandoned(entries[4])
        confirmed = journal.unfinished_jobs(TARGET)[3]
        journal.job_confirmed(confirmed, [a_failure("b")], 1)
    with a_journal(tmp_path) as journal:
        found = journal.unfinished_jobs(TARGET)
        assert [(e.stage, e.job_id) for e in found] == [
            (Stage.PLANNED, ""),
            (Stage.CREATED, "7502"),
            (Stage.CLOSED, "7503"),
        ]
        assert journal.job_ids(TARGET) == {"7502", "7503", "7504", "7505"}
        assert journal.failures(TARGET) == (a_failure("b"),)


def test_refusals_are_replaced_settled_and_forgotten(tmp_path: Path) -> None:
    """
    The last word about a record counts.
    """
    with a_journal(tmp_path) as journal:
        journal.records_failed([a_failure("a"), a_failure("b")], Purpose.LOAD)
        journal.records_failed([a_failure("a", "OTHER")], Purpose.LOAD)
        journal.records_failed([a_failure("c")], Purpose.LINK)
        journal.records_settled(TARGET, ["b"], Purpose.LOAD)
        assert [(f.origin_id, f.code) for f in journal.failures(TARGET)] == [
            ("a", "OTHER"),
            ("c", "INVALID_FIELD"),
        ]
        journal.failures_forgotten(TARGET, Purpose.LOAD)
        assert [f.origin_id for f in journal.failures(TARGET)] == ["c"]


def test_the_applied_mapping_is_remembered(tmp_path: Path) -> None:
    """
    The last digest counts, and none is the empty text.
    """
    with a_journal(tmp_path) as journal:
        assert journal.applied_mapping(TARGET) == ""
        journal.mapping_applied(TARGET, "one")
        journal.mapping_applied(TARGET, "two")
        assert journal.applied_mapping(TARGET) == "two"


def test_a_second_run_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    """
    Two writers never meet; the lock goes with the journal.
    """
    with a_journal(tmp_path):
        with pytest.raises(Stopped) as caught:
            a_journal(tmp_path)
        assert str(os.getpid()) in caught.value.message
    a_journal(tmp_path).close()


@pytest.mark.parametrize(
    ("column", "other"), [("version", 99), ("org_id", "00Dx"), ("migration_id", "m")]
)
def test_another_ones_journal_is_refused_naming_both(
    tmp_path: Path, column: str, other: object
) -> None:
    """
    Version, org and migration must be the ones it was begun with.
    """
    with a_journal(tmp_path):
        pass
    db = sqlite3.connect(tmp_path / "x" / ORG / "journal.sqlite")
    with db:
        db.execute(f"UPDATE setup SET {column} = ?", (other,))  # noqa: S608
    db.close()
    with pytest.raises(RunDirectoryError) as caught:
        a_journal(tmp_path)
    expected = {"version": "1", "org_id": ORG, "migration_id": MIGRATION}[column]
    assert str(other) in caught.value.message
    assert expected in caught.value.message


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    """
    Foreign bytes are not overwritten.
    """
    path = tmp_path / "x" / ORG / "journal.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nothing of SQLite's" * 100)
    with pytest.raises(RunDirectoryError):
        a_journal(tmp_path)
    assert path.read_bytes().startswith(b"nothing")


def test_the_journal_is_private(tmp_path: Path) -> None:
    """
    Files 0600 and the folder 0700.
    """
    with a_journal(tmp_path):
        folder = tmp_path / "x" / ORG
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.glob("*"):
            if path.is_file():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_folder_belongs_to_one_org_and_migration(tmp_path: Path) -> None:
    """
    A second bind with the same identity is nothing, with another it is refused.
    """
    state = OrgState(tmp_path / "x" / ORG)
    bind(state, Identity(org_id=ORG, migration_id=MIGRATION, org_name="One"))
    bind(state, Identity(org_id=ORG, migration_id=MIGRATION, org_name="Renamed"))
    with pytest.raises(RunDirectoryError) as caught:
        bind(state, Identity(org_id="00D000000000002AAA", migration_id=MIGRATION))
    assert ORG in caught.value.message
    assert "00D000000000002AAA" in caught.value.message
