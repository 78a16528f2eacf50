"""
Who may see and do what: permission sets, assignments, record counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from migrator.model.names import ApiName


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
class PackageLicense:
    """
    The licence of an installed package.
    """

    namespace: str
    status: str
    expires: str | None
    """ISO date and time, None for a licence without end."""


class AccessClient:
    """
    Permissions of users, and the org's own record counts.
    """

    def object_permissions(
        self, user_id: str, objects: Iterable[ApiName]
    ) -> dict[ApiName, ObjectAccess]:
        """
        What *user_id* may do with each of *objects*.
        """
        raise NotImplementedError

    def has_view_all_data(self, user_id: str) -> bool:
        """
        True when the user reads every record of the org.
        """
        raise NotImplementedError

    def permission_set_id(self, name: str) -> str | None:
        """
        The id of the permission set called *name*; None when there is none.
        """
        raise NotImplementedError

    def assign(self, permission_set: str, user_id: str) -> bool:
        """
        True when the assignment was made now, False when it was there already.
        """
        raise NotImplementedError

    def record_counts(self, objects: Iterable[ApiName]) -> dict[ApiName, int]:
        """
        Records per object as storage counts them: approximate, whoever may see them.
        """
        raise NotImplementedError

    def package_license(self, namespace: str) -> PackageLicense | None:
        """
        The licence of the package *namespace*; None when the org does not tell.
        """
        raise NotImplementedError
