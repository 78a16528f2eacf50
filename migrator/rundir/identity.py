"""
Which org a folder of state belongs to: written once, never silently replaced.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from migrator.errors import RunDirectoryError
from migrator.rundir.layout import PRIVATE_FILE, OrgState


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """
    The org and the migration that a state folder was begun for.
    """

    org_id: str
    migration_id: str
    org_name: str = ""


def bind(state: OrgState, identity: Identity) -> None:
    """
    Make *state* the folder of *identity*, or confirms that it already is.

    Raises RunDirectoryError, naming both, when the folder was begun for another org
    or another migration. The org's name may change between two runs.
    """
    state.make()
    if not state.identity.is_file():
        _write(state, identity)
        return
    found = read_identity(state)
    for what, ours, theirs in (
        ("org", identity.org_id, found.org_id),
        ("migration", identity.migration_id, found.migration_id),
    ):
        if ours != theirs:
            raise RunDirectoryError(
                f"{state.root} belongs to {what} {theirs}, not to {what} {ours}",
                hint="use the migration directory this org was begun with, or move "
                f"{state.root} away",
            )


def read_identity(state: OrgState) -> Identity:
    """
    Return what `bind` wrote; RunDirectoryError when the file is damaged.
    """
    try:
        raw = json.loads(state.identity.read_bytes())
        return Identity(
            org_id=str(raw["org_id"]),
            migration_id=str(raw["migration_id"]),
            org_name=str(raw.get("org_name", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunDirectoryError(
            f"{state.identity} cannot be read as this folder's identity",
            hint="put the file back from a backup, or move the folder away and extract "
            "again",
        ) from error


def _write(state: OrgState, identity: Identity) -> None:
    text = json.dumps(asdict(identity), indent=2, sort_keys=True) + "\n"
    temporary = state.identity.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(state.identity)
