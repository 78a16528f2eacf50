"""
Who may see and do what: permission sets, assignments, record counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from migrator.errors import OrgRefused
from migrator.model.names import ApiName
from migrator.org.rest import RestClient
from migrator.org.soql import ABSENT, SoqlClient, literal

_RIGHTS = {
    "read": "PermissionsRead",
    "view_all": "PermissionsViewAllRecords",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectAccess:
    """
    What one user may do with one object, over all permission sets and the profile.
    """

    read: bool = False
    view_all: bool = False
    create: bool = False
    edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSets:
    """
    The permission sets that one user has, the one of the profile among them.
    """

    ids: frozenset[str]
    view_all_data: bool
    """True when any of them lets the user read every record of the org."""
    view_encrypted_data: bool = False
    """True when any of them shows encrypted text as it is, not masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageLicense:
    """
    The licence of an installed package.
    """

    namespace: str
    status: str
    """Salesforce's word: `Active`, `Trial`, `Free`, `Expired`, `Suspended` ..."""
    expires: str | None
    """ISO date and time, None for a licence without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """
    One user's hold on one permission set.
    """

    id: str
    permission_set: str
    user_id: str
    username: str


class AccessClient:
    """
    Permissions of users, and the org's own record counts.
    """

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._soql = SoqlClient(rest)

    def held_sets(self, user_id: str) -> HeldSets:
        """
        Return the permission sets of *user_id*.

        A profile is one of the assigned permission sets (IsOwnedByProfile), so that
        assignments alone tell everything.
        """
        rows = self._soql.query(
            "SELECT PermissionSetId, PermissionSet.PermissionsViewAllData, "  # noqa: S608
            "PermissionSet.PermissionsViewEncryptedData "
            f"FROM PermissionSetAssignment WHERE AssigneeId = {literal(user_id)}"
        )
        sets = [row.get("PermissionSet") or {} for row in rows]
        return HeldSets(
            ids=frozenset(str(row["PermissionSetId"]) for row in rows),
            view_all_data=any(each.get("PermissionsViewAllData") for each in sets),
            view_encrypted_data=any(
                each.get("PermissionsViewEncryptedData") for each in sets
            ),
        )

    def object_permissions(
        self, held: HeldSets, objects: Iterable[ApiName]
    ) -> dict[ApiName, ObjectAccess]:
        """
        Return what a user who has the sets *held* may do with each of *objects*.
        """
        wanted = tuple(objects)
        if not held.ids or not wanted:
            return {name: ObjectAccess() for name in wanted}
        rows = self._soql.query(
            f"SELECT SobjectType, {', '.join(_RIGHTS.values())} "  # noqa: S608
            "FROM ObjectPermissions "
            f"WHERE ParentId IN ({_listed(sorted(held.ids))}) "
            f"AND SobjectType IN ({_listed(wanted)})"
        )
        return {name: _access(name, rows) for name in wanted}

    def permission_set_id(self, name: str) -> str | None:
        """
        Return the id of the permission set called *name*; None when there is none.
        """
        rows = self._soql.query(
            f"SELECT Id FROM PermissionSet WHERE Name = {literal(name)} "  # noqa: S608
            "AND NamespacePrefix = null"
        )
        return str(rows[0]["Id"]) if rows else None

    def assign(self, permission_set: str, user_id: str) -> bool:
        """
        Return True when the assignment was made now, False when it was there already.

        Raises OrgRefused when there is no permission set called *permission_set*.
        """
        set_id = self.permission_set_id(permission_set)
        if set_id is None:
            raise OrgRefused(
                f"the org has no permission set {permission_set}",
                hint="deploy first: `migrator deploy --execute`",
                code="NOT_FOUND",
            )
        if set_id in self.held_sets(user_id).ids:
            return False
        body = {"AssigneeId": user_id, "PermissionSetId": set_id}
        try:
            # May be sent twice: the second one is a duplicate, which is as good.
            self._rest.post("sobjects/PermissionSetAssignment", body, repeatable=True)
        except OrgRefused as error:
            if error.code != "DUPLICATE_VALUE":
                raise
            return False
        return True

    def assignments(self, permission_sets: Iterable[str]) -> tuple[Assignment, ...]:
        """
        Who has one of *permission_sets* (API names of the org's own), sorted.
        """
        names = tuple(permission_sets)
        if not names:
            return ()
        rows = self._soql.query(
            "SELECT Id, PermissionSet.Name, AssigneeId, Assignee.Username "  # noqa: S608
            "FROM PermissionSetAssignment "
            f"WHERE PermissionSet.Name IN ({_listed(names)}) "
            "AND PermissionSet.NamespacePrefix = null"
        )
        found = (
            Assignment(
                id=str(row["Id"]),
                permission_set=str(row["PermissionSet"]["Name"]),
                user_id=str(row["AssigneeId"]),
                username=str((row.get("Assignee") or {}).get("Username") or ""),
            )
            for row in rows
        )
        return tuple(sorted(found, key=lambda a: (a.permission_set, a.username)))

    def unassign(self, assignment_id: str) -> None:
        """
        Take one assignment away; OrgRefused when the org does not let the user.
        """
        self._rest.delete(f"sobjects/PermissionSetAssignment/{assignment_id}")

    def record_counts(self, objects: Iterable[ApiName]) -> dict[ApiName, int]:
        """
        Return records per object as storage counts them: approximate, whoever may see
        them.

        Objects that the org does not count are absent.
        """
        wanted = tuple(objects)
        reply = self._rest.get(
            "limits/recordCount", params={"sObjects": ",".join(wanted)}
        )
        counted = {
            str(entry["name"]).casefold(): int(entry["count"])
            for entry in reply.object().get("sObjects", ())
        }
        return {
            name: counted[name.casefold()]
            for name in wanted
            if name.casefold() in counted
        }

    def package_license(self, namespace: str) -> PackageLicense | None:
        """
        Return the licence of the package *namespace*; None when the org does not tell.
        """
        try:
            rows = self._soql.query(
                "SELECT NamespacePrefix, Status, ExpirationDate "  # noqa: S608
                f"FROM PackageLicense WHERE NamespacePrefix = {literal(namespace)}"
            )
        except OrgRefused as error:
            # The object is only there for users who manage packages.
            if error.code in ABSENT:
                return None
            raise
        if not rows:
            return None
        return PackageLicense(
            namespace=namespace,
            status=str(rows[0].get("Status") or ""),
            expires=rows[0].get("ExpirationDate"),
        )


def _listed(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _access(name: ApiName, rows: list[dict[str, Any]]) -> ObjectAccess:
    mine = [r for r in rows if str(r["SobjectType"]).casefold() == name.casefold()]
    return ObjectAccess(
        **{
            right: any(bool(row.get(column)) for row in mine)
            for right, column in _RIGHTS.items()
        }
    )
