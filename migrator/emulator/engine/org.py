"""
The emulated org: schema, records, users, rights, clock and limits in one place.

Every reader and writer holds `Org.lock` while it touches the store or the schema;
the lock is re-entrant. Metadata hooks (`create_custom_object` and its siblings) keep
schema, tables and Tooling ids together; deploy calls them after its own checks.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrator.emulator.engine.ids import IdSequence
    from migrator.emulator.engine.limits import Limits
    from migrator.emulator.engine.permissions import Permissions, User
    from migrator.emulator.engine.schema import FieldDef, ObjectDef, Schema
    from migrator.emulator.engine.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgSettings:
    """
    What kind of org to build; the defaults are a small Developer Edition org.

    *today* fixes the clock's day (None: the real one). *faults* is handed to
    `faults.Faults` as it is. *storage_mb* is the data storage limit. *own_objects*
    adds a populated `Invoice__c` of the customer's own.
    """

    port: int = 0
    token: str | None = None
    describes: Path | None = None
    invoices: int = 200
    seed: int = 1
    today: date | None = None
    organization_type: str = "Developer Edition"
    is_sandbox: bool = False
    organization_name: str = "Rehearsal"
    own_objects: bool = False
    package_installed: bool = True
    api_limit: int = 15_000
    storage_mb: int = 1_024
    min_version: int = 60
    max_version: int = 66
    idle_minutes: float = 60.0
    end_with_stdin: bool = False
    faults: Any = None


class Clock:
    """
    The org's time: real, or a fixed day with a second more at each question.
    """

    def __init__(self, today: date | None) -> None:
        self._today = today

    def now(self) -> datetime:
        """
        The time in UTC.
        """
        raise NotImplementedError

    def today(self) -> date:
        """
        The day in UTC.
        """
        raise NotImplementedError


class Org:
    """
    A local Salesforce org.

    *faults* and *jobs* are set by `app.build_app`: `faults` is
    `engine.faults.Faults(settings.faults)`, `jobs` a dict for Bulk jobs and
    deployments to keep their state in (keys are the modules' own).
    """

    settings: OrgSettings
    id: str
    lock: threading.RLock
    clock: Clock
    ids: IdSequence
    schema: Schema
    store: Store
    permissions: Permissions
    limits: Limits
    faults: Any
    jobs: dict[str, Any]

    def __init__(self, settings: OrgSettings) -> None:
        self.settings = settings

    def authenticate(self, token: str | None) -> User:
        """
        The user of an access token (the running user, or another signed in through
        OAuth). Raises SalesforceError INVALID_SESSION_ID.
        """
        raise NotImplementedError

    def create_custom_object(self, definition: ObjectDef) -> ObjectDef:
        """
        Add a new custom object with its table.

        System fields (Id, OwnerId unless it is a detail, IsDeleted, Name,
        CurrencyIsoCode, audit fields) are added where *definition* lacks them; its
        `key_prefix` and `durable_id` are assigned when empty. Gives the stored
        definition.
        """
        raise NotImplementedError

    def change_custom_object(self, definition: ObjectDef) -> None:
        """
        Put *definition* (same name and fields) in the place of an object: labels,
        sharing model, description.
        """
        raise NotImplementedError

    def delete_custom_object(self, name: str) -> None:
        """
        Remove an object, its records and the permission lines that name it.
        """
        raise NotImplementedError

    def create_custom_field(self, object_name: str, definition: FieldDef) -> str:
        """
        Add a field with its column to a custom or standard object; its 00N id.

        Nobody sees it until a permission set grants it (required and master-detail
        fields, which are not permissionable, are seen with the object).
        """
        raise NotImplementedError

    def change_custom_field(self, object_name: str, definition: FieldDef) -> None:
        """
        Put *definition* in the place of the field of that name.
        """
        raise NotImplementedError

    def delete_custom_field(self, object_name: str, field_name: str) -> None:
        """
        Remove a field, its values and the permission lines that name it.
        """
        raise NotImplementedError

    def field_id(self, object_name: str, field_name: str) -> str:
        """
        The Tooling id (00N...) of a custom field; always the same for one field.
        """
        raise NotImplementedError

    def add_custom_tab(self, object_name: str, motif: str) -> None:
        """
        Note that an object has a tab (Tooling CustomTab, LastViewedDate).
        """
        raise NotImplementedError
