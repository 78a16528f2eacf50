"""
An org that outlives the process: what its store file holds beside the records.

The file is the store's SQLite database. A table of its own keeps the definitions of
objects, what was deployed, counters, and what kind of org it is. It is written when
the org has been built, with each deployment (in the same transaction) and at the end;
counters of ids are worked out again from the records, so that an org that was killed
goes on as well. Jobs, tokens, query cursors and the day's quota are not kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from migrator.emulator.errors import SettingsError
from migrator.emulator.schema.schema import ObjectDef
from migrator.emulator.start.definition_json import from_json, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.emulator.metadata.components import Components
    from migrator.emulator.org.org import Org
    from migrator.emulator.org.settings import OrgSettings

__all__ = ["StoreFile", "kept_settings"]

VERSION = 1
_APPLICATION_ID = 0x4F_52_47_31
_TABLE = "emulator_state"
_IDENTITY = (
    "org_number",
    "organization_type",
    "is_sandbox",
    "organization_name",
    "own_objects",
    "package_installed",
)


def kept_settings(settings: OrgSettings) -> OrgSettings | None:
    """
    Add to *settings* what kind of org its store file holds; None for a new file.

    Raises SettingsError for a file that is no store, or one of another version.
    """
    path = settings.store
    if path is None or not path.exists() or not path.stat().st_size:
        return None
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        ) as file:
            if _is_blank(file):
                return None
            _check_version(path, file)
            found = file.execute(
                f"SELECT content FROM {_TABLE} WHERE name = 'identity'"
            ).fetchone()
    except sqlite3.Error as error:
        raise SettingsError(
            f"{path}: not a store of the local org, or in use by another one ({error})"
        ) from None
    identity: dict[str, Any] = from_json(found[0])
    return replace(settings, **identity)


def _is_blank(file: sqlite3.Connection) -> bool:
    """
    Tell whether nothing was ever written to a database.
    """
    return not file.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]


def _check_version(path: Path, file: sqlite3.Connection) -> None:
    application = file.execute("PRAGMA application_id").fetchone()[0]
    if application != _APPLICATION_ID:
        raise SettingsError(f"{path}: a database, but not a store of the local org")
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise SettingsError(
            f"{path}: a store of version {version}, this program reads version "
            f"{VERSION}; name another file to start a new org"
        )


class StoreFile:
    """
    Writes what an org is beside its records into its store file, and reads it.

    Without a file of its own an org has nothing to keep.
    """

    def __init__(self, org: Org, components: Components) -> None:
        self._org = org
        self._components = components
        self._saved: dict[str, ObjectDef] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Write schema and state as one; also what an error leaves half done.
        """
        failure: Exception | None = None
        with self._org.lock, self._org.store.transaction():
            try:
                yield
            except Exception as error:  # noqa: BLE001 - raised again below
                failure = error
            self.save()
        if failure is not None:
            raise failure

    def save(self) -> None:
        """
        Write what changed since the last time. Callers hold `Org.lock`.
        """
        org = self._org
        if org.settings.store is None:
            return
        current = {each.name: each for each in org.schema}
        gone = [name for name in self._saved if name not in current]
        fresh = [
            each for name, each in current.items() if self._saved.get(name) is not each
        ]
        connection = org.store.connection
        with org.store.transaction():
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {_TABLE} "
                "(name TEXT PRIMARY KEY, content TEXT NOT NULL)"
            )
            connection.executemany(
                f"DELETE FROM {_TABLE} WHERE name = ?",
                [(f"object:{name}",) for name in gone],
            )
            rows = [(f"object:{each.name}", to_json(each)) for each in fresh]
            connection.executemany(
                f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?)",
                [*rows, *((name, to_json(value)) for name, value in self._state())],
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        self._saved = current

    def _state(self) -> Iterator[tuple[str, Any]]:
        org = self._org
        identity = {name: getattr(org.settings, name) for name in _IDENTITY}
        yield "identity", identity
        yield "ids", org.ids.used()
        yield "tabs", org.definitions.tabs
        yield "field_ids", list(org.definitions.field_ids.items())
        yield "numbers", list(org.numbers.used.items())
        yield "components", self._components.kept()

    def load(self) -> None:
        """
        Make the org what its file says. Raises SettingsError for a damaged file.
        """
        org = self._org
        rows = dict(org.store.connection.execute(f"SELECT name, content FROM {_TABLE}"))
        for name, text in rows.items():
            if name.startswith("object:"):
                definition: ObjectDef = from_json(text)
                org.schema.add_object(definition)
                org.store.adopt_table(definition.name)
        self._saved = {each.name: each for each in org.schema}
        org.definitions.tabs.update(from_json(rows["tabs"]))
        org.definitions.field_ids.update(from_json(rows["field_ids"]))
        org.numbers.used.update(from_json(rows["numbers"]))
        self._components.restore(from_json(rows["components"]))
        for prefix, number in from_json(rows["ids"]).items():
            org.ids.skip_to(prefix, number)
        org.rows.skip_used_ids()
