"""
Records that the org itself writes: no rights are asked, everything is stamped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from migrator.emulator.org.clock import Clock
from migrator.emulator.org.store import Store
from migrator.emulator.schema.ids import IdSequence
from migrator.emulator.schema.schema import Schema

__all__ = ["OwnRows"]


class OwnRows:
    """
    Writes into *store* on behalf of the user with the id *author*.
    """

    def __init__(
        self,
        schema: Schema,
        store: Store,
        *,
        ids: IdSequence,
        clock: Clock,
        lock: AbstractContextManager[bool],
        author: str,
    ) -> None:
        self._schema = schema
        self._store = store
        self._ids = ids
        self._clock = clock
        self._lock = lock
        self._author = author

    def add(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """
        Store rows that the org itself makes (stored values), stamped; their ids.
        """
        definition = self._schema.get(object_name)
        assert definition is not None
        prefix = definition.key_prefix or "a00"
        now, author = self._clock.stamp(), self._author
        stamps = {
            "CreatedDate": now,
            "CreatedById": author,
            "LastModifiedDate": now,
            "LastModifiedById": author,
            "SystemModstamp": now,
            "OwnerId": author,
        }
        stamped = [{"Id": self._ids.next(prefix)} | stamps | dict(row) for row in rows]
        with self._lock:
            self._store.insert_many(object_name, stamped)
        return [str(row["Id"]) for row in stamped]

    def touch(
        self, object_name: str, record_id: str, changes: Mapping[str, Any]
    ) -> None:
        """
        Change a record (stored values), stamped.
        """
        now = self._clock.stamp()
        stamps = {"LastModifiedDate": now, "SystemModstamp": now}
        self._store.update(object_name, record_id, stamps | dict(changes))

    def skip_used_ids(self) -> None:
        """
        Go on behind the ids that the records already have.
        """
        for each in self._schema:
            prefix = each.key_prefix or "a00"
            last = self._store.last_id(each.name, *self._ids.bounds(prefix))
            if last is not None:
                self._ids.skip_to(prefix, self._ids.number_of(last) + 1)
