"""
Who may see and edit what: permission sets, assignments, object and field rights.

Everything is derived from the records of PermissionSet, PermissionSetAssignment,
ObjectPermissions and FieldPermissions, so that writing them through REST counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from migrator.emulator.org.licences import Licences
from migrator.emulator.org.own_rows import OwnRows
from migrator.emulator.org.store import Store, quoted
from migrator.emulator.org.users import User
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema

_TABLES = (
    "permissionset",
    "permissionsetassignment",
    "objectpermissions",
    "fieldpermissions",
)
AUDIT_FIELDS = frozenset(
    {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
)
_RIGHT_COLUMNS = {
    "read": "PermissionsRead",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
    "delete": "PermissionsDelete",
    "view_all": "PermissionsViewAllRecords",
    "modify_all": "PermissionsModifyAllRecords",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRight:
    """
    Object permissions, named as in a permission set's objectPermissions.
    """

    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False


_NO_RIGHT = ObjectRight()
_READ_RIGHT = ObjectRight(read=True, view_all=True)
_SETUP_WRITES = {
    "PermissionSet": "ManageProfilesPermissionsets",
    "ObjectPermissions": "ManageProfilesPermissionsets",
    "FieldPermissions": "ManageProfilesPermissionsets",
    "PermissionSetAssignment": "AssignPermissionSets",
    "UserPackageLicense": "ManageProfilesPermissionsets",
    "Attachment": "ApiEnabled",
    "ContentDocument": "ApiEnabled",
    "ContentDocumentLink": "ApiEnabled",
    "ContentVersion": "ApiEnabled",
}
"""Which user permission lets a setup object be written."""
_FULL_RIGHT = ObjectRight(read=True, create=True, edit=True, delete=True, view_all=True)


@dataclass(frozen=True, slots=True)
class _Rights:
    """
    What one user has from all his permission sets; keys are lower-case.
    """

    permissions: frozenset[str] = frozenset()
    objects: Mapping[str, ObjectRight] = field(default_factory=dict)
    fields: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)


class Permissions:
    """
    Effective rights of users, cached until a permission record changes.
    """

    def __init__(
        self, schema: Schema, store: Store, rows: OwnRows, licences: Licences
    ) -> None:
        self._schema = schema
        self._store = store
        self._rows = rows
        self._licences = licences
        self._cache: dict[str, tuple[tuple[int, ...], _Rights]] = {}

    def object_right(self, user: User, object_name: str) -> ObjectRight:
        """
        Return what *user* may do with an object (all rights of his permission sets).
        """
        definition = self._schema.get(object_name)
        if definition is None:
            return _NO_RIGHT
        namespace = definition.namespace
        if namespace and not self._licences.is_valid(namespace):
            return _NO_RIGHT
        if definition.setup:
            needed = _SETUP_WRITES.get(definition.name)
            may_write = needed is not None and self.has(user, needed)
            return _FULL_RIGHT if may_write else _READ_RIGHT
        return self._rights(user).objects.get(object_name.lower(), _NO_RIGHT)

    def may_own(self, user_id: str, object_name: str) -> bool:
        """
        Tell whether the user with *user_id*, signed in or not, may read an object.
        """
        owner = User(id=user_id, username="", name="", currency="")
        wide = self.has(owner, "ViewAllData") or self.has(owner, "ModifyAllData")
        return wide or self.object_right(owner, object_name).read

    def may_use(self, user: User, definition: ObjectDef, action: str) -> bool:
        """
        Tell whether *user* has the object permission *action* (`read`, `create` ...).
        """
        return bool(getattr(self.object_right(user, definition.name), action))

    def may_read(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        Tell whether *user* sees *field* of the object *owner*.
        """
        if owner.setup or not field.permissionable:
            return True
        key = _granted_name(owner, field)
        return self._rights(user).fields.get(key, (False, False))[0]

    def may_edit(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        Tell whether field-level security lets *user* write *field*.
        """
        if owner.setup or not field.permissionable:
            return True
        key = _granted_name(owner, field)
        return self._rights(user).fields.get(key, (False, False))[1]

    def may_create_field(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        Tell whether *user* may give *field* a value on insert (describe.createable).
        """
        if not owner.setup and field.name in AUDIT_FIELDS:
            return self.has(user, "CreateAuditFields")
        return field.createable and self.may_edit(user, owner, field)

    def may_update_field(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        Tell whether *user* may change *field* (describe.updateable).
        """
        return field.updateable and self.may_edit(user, owner, field)

    def has(self, user: User, permission: str) -> bool:
        """
        Tell whether *user* has a user permission, named without the prefix
        `Permissions` (`ModifyMetadata`, `ViewAllData`, `AssignPermissionSets` ...).
        """
        return permission in self._rights(user).permissions

    def visible_sql(self, user: User, definition: ObjectDef, alias: str) -> str | None:
        """
        Write the SQL condition on *alias* for the records *user* sees; None means all.
        """
        return self._sharing_sql(user, definition, alias, "view_all", {"Private"})

    def editable_sql(self, user: User, definition: ObjectDef, alias: str) -> str | None:
        """
        Write the SQL condition on *alias* for the records *user* may change; None: all.
        """
        closed = {"Private", "Read"}
        return self._sharing_sql(user, definition, alias, "modify_all", closed)

    def _sharing_sql(
        self,
        user: User,
        definition: ObjectDef,
        alias: str,
        right: str,
        closed: set[str],
    ) -> str | None:
        wide = "ViewAllData" if right == "view_all" else "ModifyAllData"
        if definition.setup or self.has(user, wide):
            return None
        if getattr(self.object_right(user, definition.name), right):
            return None
        if definition.sharing_model == "ControlledByParent":
            return self._master_sql(user, definition, alias, right, closed)
        if definition.sharing_model in closed and definition.find("OwnerId"):
            return f"{alias}.\"OwnerId\" = '{user.id}'"
        return None

    def _master_sql(
        self,
        user: User,
        definition: ObjectDef,
        alias: str,
        right: str,
        closed: set[str],
    ) -> str | None:
        conditions = []
        for depth, each in enumerate(definition.master_fields):
            master = self._schema.get(each.reference_to[0])
            if master is None:
                continue
            inner = f"{alias}_m{depth}"
            shared = self._sharing_sql(user, master, inner, right, closed)
            if shared:
                conditions.append(
                    f"EXISTS (SELECT 1 FROM {quoted(master.name)} {inner} WHERE "
                    f'{inner}."Id" = {alias}.{quoted(each.name)} AND {shared})'
                )
        return " AND ".join(conditions) or None

    def stamp(self) -> tuple[int, ...]:
        """
        Return what changes whenever somebody's rights do.
        """
        versions = self._store.versions
        return tuple(versions[name] for name in _TABLES)

    def _rights(self, user: User) -> _Rights:
        stamp = self.stamp()
        cached = self._cache.get(user.id)
        if cached and cached[0] == stamp:
            return cached[1]
        rights = self._read_rights(user)
        self._cache[user.id] = (stamp, rights)
        return rights

    def _read_rights(self, user: User) -> _Rights:
        store = self._store
        assigned = store.find("PermissionSetAssignment", "AssigneeId", [user.id])
        ids = list({str(row["PermissionSetId"]) for row in assigned})
        permissions = {
            name.removeprefix("Permissions")
            for row in store.find("PermissionSet", "Id", ids)
            for name, value in row.items()
            if name.startswith("Permissions") and value
        }
        objects: dict[str, ObjectRight] = {}
        for row in store.find("ObjectPermissions", "ParentId", ids):
            name = str(row["SobjectType"]).lower()
            before = objects.get(name, _NO_RIGHT)
            objects[name] = _union(before, _right_of(row))
        fields: dict[str, tuple[bool, bool]] = {}
        for row in store.find("FieldPermissions", "ParentId", ids):
            key = str(row["Field"]).lower()
            read, edit = fields.get(key, (False, False))
            fields[key] = (
                read or bool(row["PermissionsRead"]),
                edit or bool(row["PermissionsEdit"]),
            )
        return _Rights(frozenset(permissions), objects, fields)

    def save_permission_set(  # noqa: PLR0913 - the parts of one permission set
        self,
        name: str,
        *,
        label: str,
        description: str | None,
        objects: dict[str, ObjectRight],
        fields: dict[str, tuple[bool, bool]],
        user_permissions: Iterable[str] = (),
        owned_by_profile: str | None = None,
    ) -> tuple[str, bool]:
        """
        Create or merge the permission set *name*; gives (its id, created?).

        *fields* maps `Object__c.Field__c` to (readable, editable). Lines not named
        stay, as a metadata deploy leaves them. Used by deploy and by the seed.
        *owned_by_profile* is the profile id of a profile's own permission set.
        """
        own: dict[str, Any] = {"Name": name, "Label": label, "Description": description}
        own |= {f"Permissions{each}": 1 for each in user_permissions}
        own |= {"IsCustom": 1, "Type": "Regular", "ProfileId": owned_by_profile}
        if owned_by_profile:
            own |= {"IsOwnedByProfile": 1, "IsCustom": 0, "Type": "Profile"}
        columns = {
            key: value
            for key, value in own.items()
            if self._store.has_column("PermissionSet", key)
        }
        with self._store.transaction():
            found = self._store.find("PermissionSet", "Name", [name])
            if found:
                set_id = str(found[0]["Id"])
                self._rows.touch("PermissionSet", set_id, columns)
            else:
                set_id = self._rows.add("PermissionSet", [columns])[0]
            self._merge("ObjectPermissions", "SobjectType", set_id, _lines(objects))
            self._merge("FieldPermissions", "Field", set_id, _field_lines(fields))
        return set_id, not found

    def _merge(
        self, table: str, key: str, set_id: str, lines: list[dict[str, Any]]
    ) -> None:
        rows = self._store.find(table, "ParentId", [set_id])
        existing = {str(row[key]).lower(): str(row["Id"]) for row in rows}
        fresh = []
        for line in lines:
            record_id = existing.get(str(line[key]).lower())
            if record_id:
                self._rows.touch(table, record_id, line)
            else:
                fresh.append({"ParentId": set_id, **line})
        self._rows.add(table, fresh)

    def forget_object(self, object_name: str) -> None:
        """
        Remove the permission lines that name a deleted object.
        """
        for table in ("ObjectPermissions", "FieldPermissions"):
            self._remove(table, '"SobjectType" = ?', object_name)

    def forget_field(self, object_name: str, field_name: str) -> None:
        """
        Remove the permission lines that name a deleted field.
        """
        self._remove("FieldPermissions", '"Field" = ?', f"{object_name}.{field_name}")

    def _remove(self, table: str, where: str, value: str) -> None:
        rows = list(self._store.select(table, where, [value]))
        self._store.delete(table, [str(row["Id"]) for row in rows])


def _granted_name(owner: ObjectDef, field: FieldDef) -> str:
    """
    Name the field that a permission names: a custom location stands for its parts.
    """
    is_part = field.name.endswith("__s") and field.compound_field_name
    name = field.compound_field_name if is_part else field.name
    return f"{owner.name}.{name}".lower()


def _right_of(row: Mapping[str, Any]) -> ObjectRight:
    return ObjectRight(
        **{name: bool(row[column]) for name, column in _RIGHT_COLUMNS.items()}
    )


def _union(first: ObjectRight, second: ObjectRight) -> ObjectRight:
    return ObjectRight(
        **{
            name: bool(getattr(first, name) or getattr(second, name))
            for name in _RIGHT_COLUMNS
        }
    )


def _lines(objects: Mapping[str, ObjectRight]) -> list[dict[str, Any]]:
    return [
        {"SobjectType": name}
        | {
            column: int(getattr(right, attribute))
            for attribute, column in _RIGHT_COLUMNS.items()
        }
        for name, right in objects.items()
    ]


def _field_lines(fields: Mapping[str, tuple[bool, bool]]) -> list[dict[str, Any]]:
    return [
        {
            "SobjectType": name.partition(".")[0],
            "Field": name,
            "PermissionsRead": int(read or edit),
            "PermissionsEdit": int(edit),
        }
        for name, (read, edit) in fields.items()
    ]
