"""
What a user's describe shows, for REST and the partner API.
"""

from __future__ import annotations

from migrator.emulator.errors import not_found
from migrator.emulator.org.org import Org
from migrator.emulator.org.users import User
from migrator.emulator.schema.describes import View
from migrator.emulator.schema.schema import ObjectDef


def view_of(org: Org, user: User, version: str) -> View:
    """
    Return what *user* may see and write, for a describe.
    """
    permissions = org.permissions
    return View(
        version=version,
        may_read=lambda owner, field: permissions.may_read(user, owner, field),
        may_create=lambda owner, field: permissions.may_create_field(
            user, owner, field
        ),
        may_update=lambda owner, field: permissions.may_update_field(
            user, owner, field
        ),
        may_use=lambda owner, action: permissions.may_use(user, owner, action),
    )


def visible_object(org: Org, user: User, name: str) -> ObjectDef:
    """
    Find the object called *name*; raises NOT_FOUND when it does not exist for *user*.
    """
    definition = org.schema.get(name)
    if definition is None or not org.permissions.may_use(user, definition, "read"):
        raise not_found()
    return definition
