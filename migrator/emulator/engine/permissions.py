"""
Who may see and edit what: permission sets, assignments, object and field rights.

Everything is derived from the records of PermissionSet, PermissionSetAssignment,
ObjectPermissions and FieldPermissions, so that writing them through REST counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.emulator.engine.schema import FieldDef, ObjectDef

if TYPE_CHECKING:
    from migrator.emulator.engine.org import Org


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    Who is asking: the session's user.
    """

    id: str
    username: str
    name: str
    currency: str


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


class Permissions:
    """
    Effective rights of users, cached until a permission record changes.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    def object_right(self, user: User, object_name: str) -> ObjectRight:
        """
        What *user* may do with an object (all rights of his permission sets).
        """
        raise NotImplementedError

    def may_read(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        True when *user* sees *field* of the object *owner*.
        """
        raise NotImplementedError

    def may_edit(self, user: User, owner: ObjectDef, field: FieldDef) -> bool:
        """
        True when field-level security lets *user* write *field*.
        """
        raise NotImplementedError

    def has(self, user: User, permission: str) -> bool:
        """
        True when *user* has a user permission, named without the prefix
        `Permissions` (`ModifyMetadata`, `ViewAllData`, `AssignPermissionSets` ...).
        """
        raise NotImplementedError

    def save_permission_set(
        self,
        name: str,
        *,
        label: str,
        description: str | None,
        objects: dict[str, ObjectRight],
        fields: dict[str, tuple[bool, bool]],
        user_permissions: Iterable[str] = (),
    ) -> tuple[str, bool]:
        """
        Create or merge the permission set *name*; gives (its id, created?).

        *fields* maps `Object__c.Field__c` to (readable, editable). Lines not named
        stay, as a metadata deploy leaves them. Used by deploy and by the seed.
        """
        raise NotImplementedError
