"""
Licences of managed packages: without a valid one a package's objects are gone.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from migrator.emulator.org.clock import Clock
from migrator.emulator.org.store import Store

__all__ = ["Licences"]


class Licences:
    """
    The licences of an org, read again when a record of PackageLicense changes.
    """

    def __init__(
        self, store: Store, clock: Clock, lock: AbstractContextManager[bool]
    ) -> None:
        self._store = store
        self._clock = clock
        self._lock = lock
        self._ends: tuple[int, dict[str, str]] = (-1, {})

    def is_valid(self, namespace: str) -> bool:
        """
        Tell whether the licence of a package has not ended (True without a licence
        row).
        """
        version = self._store.versions["packagelicense"]
        if self._ends[0] != version:
            with self._lock:
                rows = list(self._store.select("PackageLicense"))
            ends = {
                str(row["NamespacePrefix"]): str(row["ExpirationDate"] or "9")
                for row in rows
            }
            self._ends = (version, ends)
        ends_at = self._ends[1].get(namespace)
        return ends_at is None or self._clock.stamp() < ends_at
