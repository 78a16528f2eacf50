"""
Checks of a chunk of rows against the records already there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from migrator.emulator.org.permissions import Permissions
from migrator.emulator.org.store import Store, quoted
from migrator.emulator.org.users import User
from migrator.emulator.records.columns import Draft
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema

_DEPENDENCIES = {
    "Create": ("Read",),
    "Edit": ("Read",),
    "Delete": ("Read", "Edit"),
    "ViewAllRecords": ("Read",),
    "ModifyAllRecords": ("Read", "Edit", "Delete", "ViewAllRecords"),
}
_UNKNOWN = "<unknown>"
_PAIRS = {
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
    "ObjectPermissions": ("ParentId", "SobjectType"),
    "FieldPermissions": ("ParentId", "Field"),
}


def required_fields(definition: ObjectDef) -> tuple[str, ...]:
    """
    Return the fields that no row may leave empty (all on insert, given ones on update).
    """
    return tuple(each.name for each in definition.fields if _is_required(each))


def _is_required(field: FieldDef) -> bool:
    if field.nillable or field.holds is Holds.FLAG or field.auto_number:
        return False
    return field.createable and not field.raw.get("defaultedOnCreate")


class Checks:
    """
    The checks of one call's object, for its user.
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

    def no_right(self) -> tuple[str, str]:
        """
        Return the refusal for a missing object permission.
        """
        return (
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
        )

    def existing(self, drafts: list[Draft]) -> None:
        """
        Refuse records that are gone, invisible or read-only to the user.
        """
        ids = [str(each.record_id) for each in drafts]
        permissions, owner = self._permissions, self._definition
        if not ids:
            return
        visible = permissions.visible_sql(self._user, owner, "t")
        open_to = permissions.editable_sql(self._user, owner, "t")
        seen = self._matching(owner, ids, visible)
        editable = seen if open_to == visible else self._matching(owner, ids, open_to)
        for draft in drafts:
            if draft.record_id not in seen:
                self._fail_missing(draft)
            elif draft.record_id not in editable:
                draft.fail(*self.no_right())

    def _fail_missing(self, draft: Draft) -> None:
        name, record_id = self._definition.name, str(draft.record_id)
        if self._store.is_deleted(name, record_id):
            draft.fail("ENTITY_IS_DELETED", "entity is deleted")
        else:
            draft.fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")

    def _matching(
        self, owner: ObjectDef, ids: list[str], condition: str | None
    ) -> set[str]:
        marks = ", ".join("?" * len(ids))
        where = f" AND {condition}" if condition else ""
        rows = self._store.connection.execute(
            f'SELECT t."Id" FROM {quoted(owner.name)} t '
            f'WHERE t."IsDeleted" = 0 AND t."Id" IN ({marks}){where}',
            ids,
        )
        return {row[0] for row in rows}

    def references(self, drafts: list[Draft]) -> None:
        """
        Refuse references that do not lead to live records of the right object.
        """
        for field in self._definition.fields:
            if not field.reference_to:
                continue
            with_value = [each for each in drafts if each.values.get(field.name)]
            if with_value:
                self._check_reference(field, with_value)

    def _check_reference(self, field: FieldDef, drafts: list[Draft]) -> None:
        by_object: dict[str, list[Draft]] = {}
        for draft in drafts:
            target = self._schema.by_prefix(draft.values[field.name][:3])
            if target is None or not field.refers_to(target):
                draft.fail(
                    "FIELD_INTEGRITY_EXCEPTION",
                    f"{field.label}: id value of incorrect type: "
                    f"{draft.values[field.name]}",
                    field.name,
                )
            else:
                by_object.setdefault(target.name, []).append(draft)
        for name, group in by_object.items():
            target = self._schema.get(name)
            if target:
                self._check_targets(field, target, group)

    def _check_targets(
        self, field: FieldDef, target: ObjectDef, drafts: list[Draft]
    ) -> None:
        ids = sorted({each.values[field.name] for each in drafts})
        there = self._matching(target, ids, None)
        shared = self._permissions.visible_sql(self._user, target, "t")
        visible = self._matching(target, ids, shared) if shared else there
        inactive = self._inactive_owners(field, target, ids)
        blind = self._blind_owners(field, target, ids)
        for draft in drafts:
            value = draft.values[field.name]
            if value not in there:
                draft.fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            elif value not in visible:
                draft.fail(
                    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                    f"insufficient access rights on cross-reference id: {value[:15]}",
                )
            elif value in inactive:
                draft.fail(
                    "INACTIVE_OWNER_OR_USER",
                    f"operation performed with inactive user [{value[:15]}] as owner "
                    "of " + self._definition.label.lower(),
                )
            elif value in blind:
                draft.fail(
                    "TRANSFER_REQUIRES_READ",
                    "The new owner must have read permission",
                )

    def _inactive_owners(
        self, field: FieldDef, target: ObjectDef, ids: list[str]
    ) -> set[str]:
        """
        Find inactive users, who cannot become owners without a permission of its own.
        """
        permitted = self._permissions.has(self._user, "UpdateWithInactiveOwners")
        if field.name != "OwnerId" or target.name != "User" or permitted:
            return set()
        rows = self._store.find("User", "Id", ids)
        return {str(row["Id"]) for row in rows if not row["IsActive"]}

    def _blind_owners(
        self, field: FieldDef, target: ObjectDef, ids: list[str]
    ) -> set[str]:
        """
        Find users who may not read the object: they cannot become owners of its
        records.
        """
        if field.name != "OwnerId" or target.name != "User" or self._definition.setup:
            return set()
        name = self._definition.name
        permissions = self._permissions
        return {each for each in ids if not permissions.may_own(each, name)}

    def permission_lines(self, drafts: list[Draft]) -> None:
        """
        Refuse object permissions that need another one, as the permission set editor
        does.
        """
        if self._definition.name != "ObjectPermissions":
            return
        for draft in drafts:
            before = self._store.get("ObjectPermissions", draft.record_id or "")
            line: dict[str, Any] = (before or {}) | draft.values
            for right, needed in _DEPENDENCIES.items():
                missing = [
                    each for each in needed if not line.get(f"Permissions{each}")
                ]
                if line.get(f"Permissions{right}") and missing:
                    target = line["SobjectType"]
                    listed = ", ".join(f"{each} {target}" for each in missing)
                    draft.fail(
                        "FIELD_INTEGRITY_EXCEPTION",
                        f"Permission {right} {target} depends on permission(s): "
                        f"{listed}",
                    )

    def unique(self, drafts: list[Draft]) -> None:
        """
        Check values of unique fields, against the store and within the chunk.
        """
        for field in self._definition.fields:
            if field.unique:
                given = [each for each in drafts if each.values.get(field.name)]
                self._check_unique(field, given)
        pair = _PAIRS.get(self._definition.name)
        if pair:
            self._check_pairs(pair, drafts)

    def _check_unique(self, field: FieldDef, drafts: list[Draft]) -> None:
        def folded(value: Any) -> str:
            return str(value) if field.case_sensitive else str(value).lower()

        values = sorted({each.values[field.name] for each in drafts})
        pairs = self._store.find_ids(self._definition.name, field.name, values)
        holders = {folded(value): record_id for record_id, value in pairs}
        seen: set[str] = set()
        for draft in drafts:
            value = folded(draft.values[field.name])
            holder = holders.get(value)
            if holder and holder != draft.record_id:
                draft.fail(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record "
                    f"with id: {holder[:15]}",
                )
            elif value in seen:
                draft.fail(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {_UNKNOWN} duplicates value on record "
                    f"with id: {_UNKNOWN}",
                )
            seen.add(value)

    def _check_pairs(self, pair: tuple[str, str], drafts: list[Draft]) -> None:
        first, second = pair
        taken = set(self._taken_pairs(pair, drafts))
        for draft in drafts:
            if not draft.is_new:
                continue
            key = (draft.values[first], str(draft.values[second]).lower())
            if key in taken:
                draft.fail("DUPLICATE_VALUE", self._pair_message(draft), first, second)
            taken.add(key)

    def _taken_pairs(
        self, pair: tuple[str, str], drafts: Iterable[Draft]
    ) -> Iterator[tuple[Any, str]]:
        first, second = pair
        values = sorted({each.values[first] for each in drafts if each.is_new})
        for row in self._store.find(self._definition.name, first, values):
            yield row[first], str(row[second]).lower()

    def _pair_message(self, draft: Draft) -> str:
        values = draft.values
        if self._definition.name == "PermissionSetAssignment":
            return (
                "Duplicate PermissionSetAssignment.  Assignee: "
                f"{values['AssigneeId'][:15]}; Permission Set: "
                f"{values['PermissionSetId'][:15]}"
            )
        return (
            f"duplicate value found: {_UNKNOWN} duplicates value on record with id: "
            f"{_UNKNOWN}"
        )
