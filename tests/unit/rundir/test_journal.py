"""
The journal: one org, one writer, and every job exactly where it was left.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.errors import RunDirectoryError, Stopped
from migrator.model.job import NO_LINKS, Basis, Purpose, SentRecords, Stage
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
            journal.plan_job(a_part(), Purpose.LOAD, "2026-01-01T00:00:00+00:00")
            for _ in range(5)
        ]
        for entry in entries[1:]:
            journal.record_job_created(entry, f"750{entry}")
        for entry in entries[2:]:
            journal.record_job_closed(entry)
        journal.abandon_job(entries[4])
        confirmed = journal.unfinished_jobs(TARGET)[3]
        journal.confirm_job(confirmed, [a_failure("b")], 1)
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
        journal.record_failures([a_failure("a"), a_failure("b")], Purpose.LOAD)
        journal.record_failures([a_failure("a", "OTHER")], Purpose.LOAD)
        journal.record_failures([a_failure("c")], Purpose.LINK)
        journal.settle_records(TARGET, ["b"], Purpose.LOAD)
        assert [(f.origin_id, f.code) for f in journal.failures(TARGET)] == [
            ("a", "OTHER"),
            ("c", "INVALID_FIELD"),
        ]
        journal.forget_failures(TARGET, Purpose.LOAD)
        assert [f.origin_id for f in journal.failures(TARGET)] == ["c"]


def sent(journal: Journal) -> list[tuple[str, bytes | None, bytes | None, str]]:
    """
    What *journal* knows of the target's records, turn by turn.
    """
    return [
        (each.origin_ids, each.digests, each.links, each.until)
        for each in journal.sent_records(TARGET)
    ]


def test_what_was_sent_is_known_when_the_org_has_confirmed_it(tmp_path: Path) -> None:
    """
    Before that nothing is known of the records; refused ones are struck out.
    """
    ids = "".join(name * 18 for name in "abc")
    part = replace(a_part(), origin_ids=ids, digests=b"1" * 8 + b"2" * 8 + b"3" * 8)
    basis = Basis(extract="e", method="m")
    with a_journal(tmp_path) as journal:
        number = journal.plan_job(part, Purpose.LOAD, "2026-01-01T00:00", basis)
        assert sent(journal) == []
        assert not journal.has_inserted(TARGET)
        journal.record_job_created(number, "7501")
        assert sent(journal) == [(ids, b"", b"", "")]
        assert journal.has_inserted(TARGET)
        (entry,) = journal.unfinished_jobs(TARGET)
        journal.confirm_job(entry, [], 0, {"b" * 18}, until="then")
        kept = "a" * 18 + "c" * 18
        assert sent(journal) == [(kept, b"1" * 8 + b"3" * 8, NO_LINKS, "then")]
        assert [each.basis for each in journal.sent_records(TARGET)] == [basis]
        assert list(journal.inserted_ids(TARGET)) == [kept]
        journal.doubt_object(TARGET)
        assert [each.basis.method for each in journal.sent_records(TARGET)] == [""]
        journal.forget_records(TARGET)
        assert sent(journal) == []
        assert journal.last_turn(TARGET) == 0


@pytest.mark.parametrize(
    ("purpose", "values", "links"),
    [
        (Purpose.RENEW, b"1" * 8, None),
        (Purpose.LINK, None, b"1" * 8),
        (Purpose.REPAIR, b"", b""),
    ],
)
def test_each_purpose_tells_what_it_has_written(
    tmp_path: Path, purpose: Purpose, values: bytes | None, links: bytes | None
) -> None:
    """
    An update leaves the links alone, the second pass the values; a repair says nothing.
    """
    part = replace(
        a_part(1), operation=Operation.UPSERT, origin_ids="a" * 18, digests=b"1" * 8
    )
    with a_journal(tmp_path) as journal:
        number = journal.plan_job(part, purpose, "2026-01-01T00:00:00+00:00")
        journal.record_job_created(number, "7501")
        (entry,) = journal.unfinished_jobs(TARGET)
        journal.confirm_job(entry, [], 0, until="then")
        assert sent(journal) == [("a" * 18, values, links, "then")]
        assert not journal.has_inserted(TARGET)


def test_what_was_read_and_what_is_doubted_are_turns_too(tmp_path: Path) -> None:
    """
    They come after what was sent, and are never numbered anew.
    """
    with a_journal(tmp_path) as journal:
        told = SentRecords(origin_ids="a" * 18, digests=b"1" * 8, until="then")
        journal.record_read(TARGET, told)
        first = journal.last_turn(TARGET)
        journal.doubt_records(TARGET, "a" * 18)
        assert sent(journal) == [
            ("a" * 18, b"1" * 8, None, "then"),
            ("a" * 18, b"", b"", ""),
        ]
        journal.record_kept_values(TARGET, journal.last_turn(TARGET))
        assert journal.kept_turn(TARGET) == first + 1
        journal.forget_records(TARGET)
        assert journal.kept_turn(TARGET) == 0
        journal.doubt_records(TARGET, "a" * 18)
        assert journal.last_turn(TARGET) == first + 2


def test_a_journal_of_version_2_is_taken_over(tmp_path: Path) -> None:
    """
    What it had inserted is still ours, and nothing is known of what that holds.
    """
    state = OrgState(tmp_path / "x" / ORG)
    state.make()
    db = sqlite3.connect(state.journal)
    db.executescript((Path(__file__).parent / "journal_2.sql").read_text("utf-8"))
    ids = zlib.compress(("a" * 18 + "b" * 18).encode("ascii"))
    with db:
        db.execute("INSERT INTO setup VALUES (1, 2, ?, ?)", (ORG, MIGRATION))
        db.execute(
            "INSERT INTO jobs VALUES (4, 'Invoice__c', 'insert', 'load', 1,"
            " 'confirmed', '7501', 2, 'a', 'b', '2026-01-01T00:00:00+00:00', 2, 0, 0)"
        )
        db.execute("INSERT INTO inserted VALUES (4, ?)", (ids,))
        db.execute("INSERT INTO applied VALUES ('Invoice__c', 'digest')")
    db.close()
    for _ in range(2):
        with a_journal(tmp_path) as journal:
            assert list(journal.inserted_ids(TARGET)) == ["a" * 18 + "b" * 18]
            assert sent(journal) == [("a" * 18 + "b" * 18, b"", b"", "")]


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
