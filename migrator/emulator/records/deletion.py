"""
Deleting a record with what hangs on it: restricted, cascading and cleared lookups.
"""

from __future__ import annotations

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.store import Row, Store
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema

_SHOWN = 10


class Deleter:
    """
    Deletes records of *store*, or says what stands in the way.
    """

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema = schema
        self._store = store

    def delete(self, definition: ObjectDef, record_id: str) -> None:
        """
        Delete one record and its details; clear optional lookups to it.

        Raises DELETE_FAILED when a restricting child exists at any level; nothing
        is changed then.
        """
        with self._store.transaction():
            self._delete(definition, record_id)

    def _delete(self, definition: ObjectDef, record_id: str) -> None:
        children = list(self._schema.children_of(definition.name))
        for child, field in children:
            if field.delete_constraint == "Restrict":
                self._refuse_if_held(definition, record_id, child, field)
        for child, field in children:
            if not self._store.has_column(child.name, field.name):
                continue
            held = self._held(child, field, record_id)
            if field.is_master_detail or field.delete_constraint == "Cascade":
                for row in held:
                    self._delete(child, str(row["Id"]))
            elif field.updateable and field.nillable:
                for row in held:
                    self._store.update(child.name, str(row["Id"]), {field.name: None})
        self._store.delete(definition.name, [record_id])

    def _held(self, child: ObjectDef, field: FieldDef, record_id: str) -> list[Row]:
        return self._store.find(child.name, field.name, [record_id])

    def _refuse_if_held(
        self, definition: ObjectDef, record_id: str, child: ObjectDef, field: FieldDef
    ) -> None:
        held = self._held(child, field, record_id)
        if not held:
            return
        row = self._store.get(definition.name, record_id)
        name = row.get("Name") if row else None
        listed = ", ".join(map(_shown, held[:_SHOWN]))
        children = child.label_plural.lower()
        raise SalesforceError(
            "DELETE_FAILED",
            f"Your attempt to delete {name or record_id} could not be completed "
            f"because it is associated with the following {children}.: "
            f"{listed}\n",
        )


def _shown(row: Row) -> str:
    return str(row.get("Name") or row["Id"])
