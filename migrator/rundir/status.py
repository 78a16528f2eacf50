"""
How far one org's migration has come, read without disturbing a run in progress.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from migrator.model.names import ApiName
from migrator.model.verdict import Repair
from migrator.rundir.identity import read_identity
from migrator.rundir.journal_reader import journal_reader
from migrator.rundir.layout import OrgState
from migrator.rundir.reconciled import Reconciled, read_reconciled


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgStanding:
    """
    What the directory knows about one org.
    """

    org_id: str
    org_name: str
    extracted: tuple[tuple[str, int], ...]
    """(source object, records) of every finished extract."""
    sent: tuple[tuple[str, int], ...] = ()
    """(target object, records) that the org has confirmed as stored by our loads."""
    unfinished_jobs: int = 0
    """Jobs that a killed run left; `copy` takes them up again."""
    refused: int = 0
    """Records the org refused and that nobody has mended yet."""
    reconciled: Reconciled | None = None

    @property
    def holds_records(self) -> bool:
        """
        True when records that we have copied are there.
        """
        return any(records > 0 for _, records in self.sent)


def read_standing(state: OrgState) -> OrgStanding:
    """
    Return the standing of the org that *state* belongs to.

    May be asked while a copy runs. Raises RunDirectoryError when a file is damaged.
    """
    identity = read_identity(state)
    sent: tuple[tuple[str, int], ...] = ()
    unfinished = refused = 0
    if state.journal.is_file():
        sent, unfinished, refused = _journal_figures(state)
    return OrgStanding(
        org_id=identity.org_id,
        org_name=identity.org_name,
        extracted=_extracted(state),
        sent=sent,
        unfinished_jobs=unfinished,
        refused=refused,
        reconciled=read_reconciled(state),
    )


def read_repairs(state: OrgState) -> tuple[Repair, ...]:
    """
    Return what repairs have sent again so far; nothing without a journal,
    RunDirectoryError when it is damaged.
    """
    if not state.journal.is_file():
        return ()
    with journal_reader(state) as db:
        rows = db.execute(
            "SELECT object, SUM(CASE operation WHEN 'insert' THEN succeeded ELSE 0 END)"
            ", SUM(CASE operation WHEN 'upsert' THEN succeeded ELSE 0 END) FROM jobs "
            "WHERE purpose = 'repair' GROUP BY object ORDER BY MIN(entry)"
        ).fetchall()
    return tuple(
        Repair(target=ApiName(target), inserted=inserted, updated=updated)
        for target, inserted, updated in rows
    )


def _journal_figures(state: OrgState) -> tuple[tuple[tuple[str, int], ...], int, int]:
    with journal_reader(state) as db:
        sent = db.execute(
            "SELECT object, SUM(CASE operation WHEN 'insert' THEN succeeded "
            "WHEN 'delete' THEN -succeeded ELSE 0 END) FROM jobs "
            "GROUP BY object ORDER BY MIN(entry)"
        ).fetchall()
        (unfinished,) = db.execute(
            "SELECT COUNT(*) FROM jobs WHERE state NOT IN ('confirmed', 'abandoned')"
        ).fetchone()
        (refused,) = db.execute("SELECT COUNT(*) FROM failures").fetchone()
    return tuple(sent), unfinished, refused


def _extracted(state: OrgState) -> tuple[tuple[str, int], ...]:
    files = sorted(state.extract.glob("*__*.json"))
    found = []
    for file in files:
        meta = json.loads(file.read_text(encoding="utf-8"))
        found.append((meta["object"], sum(part["rows"] for part in meta["parts"])))
    return tuple(found)
