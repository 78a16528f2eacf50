"""
How the last reconciliation of one org ended, and whether records have moved since.

`report/` shows the newest report, whichever org it is about; here each org has its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from migrator.errors import RunDirectoryError
from migrator.model.verdict import Result, Verdict
from migrator.rundir.journal_reader import journal_reader
from migrator.rundir.layout import OrgState, RunDirectory

Position = tuple[int, int]
"""How far a journal has come: its last entry, and the records the org has confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """
    What a reconciliation said, and whether it still says it of what is there.
    """

    differences: int
    made_at: str
    is_open: bool
    """True when nothing differs but something was not compared."""
    is_outdated: bool
    """True when records were copied, mended or removed since it began."""


def journal_position(state: OrgState) -> Position:
    """
    How far the copy has come; (0, 0) before the first.
    """
    if not state.journal.is_file():
        return 0, 0
    with journal_reader(state) as db:
        entry, confirmed = db.execute(
            "SELECT COALESCE(MAX(entry), 0), COALESCE(SUM(succeeded), 0) FROM jobs"
        ).fetchone()
    return int(entry), int(confirmed)


def note_reconciled(
    run: RunDirectory,
    state: OrgState,
    verdict: Verdict,
    *,
    begun_at: Position,
) -> None:
    """
    Keep the *verdict* on the org of *state*, in short; it was begun when the journal
    had come to *begun_at*.
    """
    said = {
        "differences": verdict.differences,
        "result": verdict.result.value,
        "made_at": verdict.made_at.isoformat(timespec="seconds"),
        "journal": begun_at,
    }
    text = json.dumps(said, indent=2, sort_keys=True) + "\n"
    run.write_private(state.reconciled, text.encode("utf-8"))


def read_reconciled(state: OrgState) -> Reconciled | None:
    """
    Return the last reconciliation of the org of *state*; None before the first.

    Raises RunDirectoryError when the note or the journal is damaged.
    """
    try:
        content = state.reconciled.read_bytes()
    except FileNotFoundError:
        return None
    try:
        said = json.loads(content)
        entry, confirmed = said["journal"]
        return Reconciled(
            differences=int(said["differences"]),
            made_at=str(said["made_at"]),
            is_open=said.get("result") == Result.OPEN,
            is_outdated=journal_position(state) != (entry, confirmed),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RunDirectoryError(
            f"{state.reconciled} is damaged", hint="migrator reconcile --org ORG"
        ) from error
