"""
A journal looked into without disturbing the run that writes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from migrator.errors import RunDirectoryError
from migrator.rundir.layout import OrgState


@contextmanager
def journal_reader(state: OrgState) -> Iterator[sqlite3.Connection]:
    """
    Lend the journal of *state*, which is there, opened read-only and without its lock.

    Raises RunDirectoryError, also for what is asked of it, when it is damaged.
    """
    uri = f"{state.journal.as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as db:
            yield db
    except sqlite3.Error as error:
        raise RunDirectoryError(
            f"the journal of org {state.root.name} cannot be read: {error}",
            hint="move journal.sqlite away; the next copy makes a new one, and no "
            "record is stored twice by that",
        ) from error
