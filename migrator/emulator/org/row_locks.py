"""
Row locks: two batches that run at the same time cannot hold one record.

A batch holds the records it changes and the parents of its rows from their chunk to its
own end. A parent is held through a master-detail, and through a lookup that is required
or restricts or cascades deletes; an optional lookup that is cleared holds nothing.
Sources: "Record Locking Cheat Sheet" and Bulk API 2.0 guide, "General Guidelines"; [K]
for which lookups and that a batch holds on until its end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.schema import FieldDef, ObjectDef

__all__ = ["Hold", "RowLocks", "lock_error", "locking_fields"]

_HOLDING = frozenset({"Restrict", "Cascade"})


def locking_fields(definition: ObjectDef) -> tuple[FieldDef, ...]:
    """
    Return the references of an object whose parents are held while its rows are
    written.
    """
    return tuple(
        each
        for each in definition.fields
        if each.is_master_detail
        or (
            each.custom
            and each.reference_to
            and (not each.nillable or each.delete_constraint in _HOLDING)
        )
    )


def lock_error() -> SalesforceError:
    """
    Refuse a row whose record or parent somebody else holds.
    """
    return SalesforceError(
        "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access to this record or 1 records",
    )


@dataclass(slots=True)
class RowLocks:
    """
    The records that are held, each with its holder. Callers hold `Org.lock`.
    """

    holders: dict[str, str] = field(default_factory=dict)

    def release(self, holder: str) -> None:
        """
        Let go of everything that *holder* has.
        """
        self.holders = {
            record: each for record, each in self.holders.items() if each != holder
        }


@dataclass(frozen=True, slots=True)
class Hold:
    """
    What one *holder* takes in *locks*.
    """

    locks: RowLocks
    holder: str

    def take(self, records: Collection[str]) -> bool:
        """
        Hold all of *records*, or none of them when another has one; whether it did.
        """
        holders = self.locks.holders
        if any(holders.get(each, self.holder) != self.holder for each in records):
            return False
        holders.update(dict.fromkeys(records, self.holder))
        return True
