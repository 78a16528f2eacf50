"""
`init`: a migration directory with an id of its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from migrator.documents.migration_yaml import parse_migration, render_migration
from migrator.model.migration import Migration
from migrator.rundir.layout import GITIGNORE, RunDirectory

ID_BYTES = 5
"""Ten hexadecimal digits: short in every description, long enough to be unique."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """
    What `init` found or made.
    """

    migration: Migration
    written: tuple[str, ...]
    """Paths within the directory; empty when everything was there already."""


def initialise(*, run: RunDirectory) -> Initialised:
    """
    Return a migration directory at *run*, with what was missing written.

    An existing `migration.yaml` is read, never replaced: its id marks the components
    that are ours in the org. Raises RunDirectoryError when the directory cannot be
    written, MappingError when the existing file is wrong.
    """
    written = []
    if run.migration_file.is_file():
        text = run.read_text(run.migration_file)
        migration = parse_migration(text, file=run.shown(run.migration_file))
    else:
        migration = Migration(id=secrets.token_hex(ID_BYTES))
        run.write_text(run.migration_file, render_migration(migration))
        written.append(run.shown(run.migration_file))
    if _ignore(run):
        written.append(run.shown(run.gitignore))
    return Initialised(migration=migration, written=tuple(written))


def _ignore(run: RunDirectory) -> bool:
    """
    Return True when lines had to be added to `.gitignore`; the customer's own lines
    stay.
    """
    given = run.read_text(run.gitignore) if run.gitignore.is_file() else ""
    have = {line.strip() for line in given.splitlines()}
    missing = [line for line in GITIGNORE.splitlines() if line not in have]
    if not missing:
        return False
    start = given if not given or given.endswith("\n") else given + "\n"
    run.write_text(run.gitignore, start + "\n".join(missing) + "\n")
    return True
