"""
Objects and fields of an org made, changed and deleted: schema, tables and ids as one.

A deployment comes here after its own checks; here nothing is refused.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from migrator.emulator.org.clock import Clock
from migrator.emulator.org.permissions import Permissions
from migrator.emulator.org.store import Store
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.ids import IdSequence
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema
from migrator.emulator.schema.system_fields import with_system_fields

__all__ = ["Definitions"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Definitions:
    """
    Keeps the definitions of an org, their tables and their Tooling ids together.

    *field_ids* are the Tooling ids given to (object, field), *tabs* id and motif of
    the tabs by object; names are lower-case.
    """

    def __init__(
        self,
        schema: Schema,
        store: Store,
        permissions: Permissions,
        *,
        ids: IdSequence,
        clock: Clock,
        lock: AbstractContextManager[bool],
    ) -> None:
        self._schema = schema
        self._store = store
        self._permissions = permissions
        self._ids = ids
        self._clock = clock
        self._lock = lock
        self._seen = (0, clock.now().replace(microsecond=0))
        self._next_prefix = 0
        self.field_ids: dict[tuple[str, str], str] = {}
        self.tabs: dict[str, tuple[str, str]] = {}

    def changed_at(self) -> datetime:
        """
        Tell when schema or rights last changed, to the second (Last-Modified).
        """
        stamp = self._schema.version + sum(self._permissions.stamp())
        if stamp != self._seen[0]:
            # Rounded up: a change within the second of the last look must show.
            second = timedelta(seconds=1)
            moment = self._clock.now().replace(microsecond=0) + second
            moment = max(moment, self._seen[1] + second)
            self._seen = (stamp, moment)
        return self._seen[1]

    def add_object(self, definition: ObjectDef) -> ObjectDef:
        """
        Add an object as it is, with its table; a custom one gets its Tooling ids.
        """
        if definition.custom and not definition.durable_id:
            definition = replace(definition, durable_id=self._ids.next("01I"))
        with self._lock:
            self._schema.add_object(definition)
            self._store.create_table(definition)
            for each in definition.fields:
                if each.custom:
                    self.field_id(definition.name, each.name)
        return definition

    def create_object(self, definition: ObjectDef) -> ObjectDef:
        """
        Add a new custom object with its table.

        System fields (Id, OwnerId unless it is a detail, IsDeleted, Name,
        CurrencyIsoCode, audit fields) are added where *definition* lacks them; its
        `key_prefix` and `durable_id` are assigned when empty. Gives the stored
        definition.
        """
        with self._lock:
            fields = tuple(with_system_fields(definition))
            prefix = definition.key_prefix or self._free_prefix()
            return self.add_object(
                replace(definition, fields=fields, key_prefix=prefix)
            )

    def _free_prefix(self) -> str:
        """
        Choose the next unused a0_ prefix; like the real ones, in base 36 increments.
        """
        while True:
            high, low = divmod(self._next_prefix, 36)
            self._next_prefix += 1
            prefix = f"a{_DIGITS[high]}{_DIGITS[low]}"
            if self._schema.by_prefix(prefix) is None:
                return prefix

    def change_object(self, definition: ObjectDef) -> None:
        """
        Put *definition* (same name and fields) in the place of an object: labels,
        sharing model, description.
        """
        with self._lock:
            self._schema.add_object(definition)

    def delete_object(self, name: str) -> None:
        """
        Remove an object, its records and the permission lines that name it.
        """
        with self._lock:
            self._permissions.forget_object(name)
            self._store.drop_table(name)
            self._schema.remove_object(name)
            self.tabs.pop(name.lower(), None)
            for key in [key for key in self.field_ids if key[0] == name.lower()]:
                del self.field_ids[key]

    def create_field(self, object_name: str, definition: FieldDef) -> str:
        """
        Add a field with its column to a custom or standard object; its 00N id.

        Nobody sees it until a permission set grants it (required and master-detail
        fields, which are not permissionable, are seen with the object).
        """
        with self._lock:
            self._schema.add_field(object_name, definition)
            self._store.add_column(object_name, definition)
            default = definition.default_value
            if definition.holds is Holds.FLAG and default == "true":
                self._store.fill(object_name, definition.name, 1)
            return self.field_id(object_name, definition.name)

    def change_field(self, object_name: str, definition: FieldDef) -> None:
        """
        Put *definition* in the place of the field of that name.
        """
        with self._lock:
            self._schema.add_field(object_name, definition)

    def delete_field(self, object_name: str, field_name: str) -> None:
        """
        Remove a field, its values and the permission lines that name it.
        """
        with self._lock:
            self._permissions.forget_field(object_name, field_name)
            self._store.drop_column(object_name, field_name)
            self._schema.remove_field(object_name, field_name)
            self.field_ids.pop((object_name.lower(), field_name.lower()), None)

    def field_id(self, object_name: str, field_name: str) -> str:
        """
        Give a custom field its Tooling id (00N...); always the same for one field.
        """
        key = (object_name.lower(), field_name.lower())
        if key not in self.field_ids:
            self.field_ids[key] = self._ids.next("00N")
        return self.field_ids[key]

    def add_tab(self, object_name: str, motif: str) -> None:
        """
        Note that an object has a tab (Tooling CustomTab).
        """
        known = self.tabs.get(object_name.lower())
        tab_id = known[0] if known else self._ids.next("01r")
        self.tabs[object_name.lower()] = (tab_id, motif)
