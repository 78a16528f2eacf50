"""
The columns of a DML call: fields, and parents named by their external id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.permissions import Permissions
from migrator.emulator.org.store import Store
from migrator.emulator.org.users import User
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema
from migrator.emulator.schema.values import Memo, Stored, clean_text, parser


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """
    A field that a column writes: how its values are read, and when it may be
    written. *parsed* is *parse* with a memory for texts.
    """

    field: FieldDef
    name: str
    parse: Callable[[Any], Stored]
    parsed: Memo
    may_insert: bool
    may_update: bool


@dataclass(slots=True)
class Draft:
    """
    One row on its way into the store.
    """

    cells: list[tuple[Target, Any]] = field(default_factory=list)
    lookups: list[tuple[Lookup, str | None]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[SalesforceError] = field(default_factory=list)
    given_id: str | None = None
    record_id: str | None = None
    is_new: bool = False

    @property
    def is_sound(self) -> bool:
        """
        True while nothing is wrong with the row.
        """
        return not self.errors

    def fail(self, code: str, message: str, *fields: str) -> None:
        """
        Note an error of the row.
        """
        self.errors.append(SalesforceError(code, message, fields=fields))

    def cell(self, name: str) -> Any:
        """
        Return the incoming value of the field called *name*, or None.
        """
        return next((value for found, value in self.cells if found.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """
    A column `Invoice__r.Origin_Id__c`: *reference* gets the id of the *parent*
    record whose *key* has the value.
    """

    reference: Target
    parent: ObjectDef
    key: FieldDef

    def key_of(self, value: Any) -> str | None:
        """
        Read the external id in a cell or in a nested JSON object.
        """
        if isinstance(value, dict):
            given = [each for name, each in value.items() if name != "attributes"]
            value = given[0] if given else None
        return None if value is None else clean_text(value)


@dataclass(frozen=True, slots=True)
class Parents:
    """
    The parents found for one lookup, by folded external id.
    """

    lookup: Lookup
    ids: Mapping[str, list[str]]

    def one(self, key: str) -> str:
        """
        Return the id of the parent with *key*. Raises INVALID_FIELD when there is none.
        """
        lookup = self.lookup
        found = self.ids.get(_folded(lookup.key, key), [])
        if not found:
            raise SalesforceError(
                "INVALID_FIELD",
                f"Foreign key external ID: {key} not found for field "
                f"{lookup.key.name} in entity {lookup.parent.name}",
            )
        if len(found) > 1:
            raise SalesforceError(
                "DUPLICATE_EXTERNAL_ID",
                f"Foreign key external ID: {key} matches more than one record in "
                f"entity {lookup.parent.name}",
            )
        return found[0]


class Columns:
    """
    The plans of the columns seen in one call.
    """

    def __init__(
        self,
        schema: Schema,
        store: Store,
        permissions: Permissions,
        user: User,
        definition: ObjectDef,
    ) -> None:
        self._schema = schema
        self._store = store
        self._permissions = permissions
        self._user = user
        self._definition = definition
        self._plans: dict[str, Target | Lookup | SalesforceError] = {}
        self._targets: dict[str, Target] = {}

    def plan(self, name: str, value: Any) -> Target | Lookup | SalesforceError:
        """
        Say what the column *name* writes, or give the INVALID_FIELD of an unknown one.
        """
        path = name
        if isinstance(value, dict):
            nested = [key for key in value if key != "attributes"]
            path = f"{name}.{nested[0]}" if nested else name
        plan = self._plans.get(path)
        if plan is None:
            try:
                plan = self._make(path)
            except SalesforceError as error:
                plan = error
            self._plans[path] = plan
        return plan

    def target(self, found: FieldDef) -> Target:
        """
        Make the field *found* something to write to.
        """
        if found.name not in self._targets:
            make, rights = parser(found), self._permissions
            self._targets[found.name] = Target(
                field=found,
                name=found.name,
                parse=make,
                parsed=Memo(make),
                may_insert=rights.may_create_field(self._user, self._definition, found),
                may_update=rights.may_update_field(self._user, self._definition, found),
            )
        return self._targets[found.name]

    def _make(self, path: str) -> Target | Lookup:
        relationship, dot, key_name = path.rpartition(".")
        if not dot:
            return self.target(self._field(path))
        # `ObjectType:Rel.Field` names the parent's type of a polymorphic field.
        kind, _, relationship = relationship.rpartition(":")
        reference = self._definition.find_relationship(relationship)
        if reference is None or not self._may_read(self._definition, reference):
            raise self._unknown(relationship)
        names = [kind] if kind else list(reference.reference_to)
        for name in names:
            parent = self._schema.get(name)
            key = parent.find(key_name) if parent else None
            if (
                parent
                and key
                and (key.external_id or key.id_lookup)
                and self._permissions.may_use(self._user, parent, "read")
                and self._may_read(parent, key)
            ):
                return Lookup(self.target(reference), parent, key)
        raise SalesforceError(
            "INVALID_FIELD",
            f"Field name provided, {key_name} is not an External ID or indexed field "
            f"for {names[0] if names else relationship}",
        )

    def _field(self, name: str) -> FieldDef:
        found = self._definition.find(name)
        if found is None or not self._may_read(self._definition, found):
            raise self._unknown(name)
        return found

    def _may_read(self, owner: ObjectDef, found: FieldDef) -> bool:
        return self._permissions.may_read(self._user, owner, found)

    def _unknown(self, name: str) -> SalesforceError:
        return SalesforceError(
            "INVALID_FIELD",
            f"No such column '{name}' on sobject of type {self._definition.name}",
        )

    def parents(self, lookup: Lookup, keys: Sequence[str]) -> Parents:
        """
        Find the live records of the lookup's parent object with one of *keys*.
        """
        ids: dict[str, list[str]] = {}
        name = lookup.key.name
        for record_id, value in self._store.find_ids(lookup.parent.name, name, keys):
            ids.setdefault(_folded(lookup.key, value), []).append(record_id)
        return Parents(lookup, ids)


def _folded(key: FieldDef, value: Any) -> str:
    return str(value) if key.case_sensitive else str(value).lower()
