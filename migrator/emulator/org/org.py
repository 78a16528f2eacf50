"""
The emulated org: schema, records, users, rights, clock and limits in one place.

Every reader and writer holds `Org.lock` while it touches the store or the schema;
the lock is re-entrant. Metadata hooks (`create_custom_object` and its siblings) keep
schema, tables and Tooling ids together; deploy calls them after its own checks.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from migrator.emulator.errors import SalesforceError, invalid_session
from migrator.emulator.org.auto_numbers import AutoNumbers
from migrator.emulator.org.faults import Faults
from migrator.emulator.org.limits import Limits
from migrator.emulator.org.permissions import Permissions, User
from migrator.emulator.org.store import Store
from migrator.emulator.schema import standard_objects
from migrator.emulator.schema.ids import IdSequence
from migrator.emulator.schema.schema import FieldDef, ObjectDef, PicklistValue, Schema
from migrator.emulator.schema.values import datetime_text
from migrator.emulator.start.store_file import Saving

_ASSIGNMENTS = ("permissionset", "permissionsetassignment")
CURRENCIES = {"EUR": "1", "USD": "1.08", "CHF": "0.95", "GBP": "0.86"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgSettings:
    """
    What kind of org to build; the defaults are a small Developer Edition org.

    *today* fixes the clock's day (None: the real one). *faults* is handed to
    `faults.Faults` as it is. *storage_mb* is the data storage limit. *own_objects*
    adds a populated `Invoice__c` of the customer's own. *describes* None takes the
    sample describes that come with the program. *metadata* is a folder of metadata
    files whose objects and fields the org has as well, *records* one of files with
    records (`Account.csv`, `Invoice__c.parquet`). The package's licence ends
    in *licence_days*; after it the package's objects are gone. *tls* serves HTTPS
    with a certificate authority of its own. *audit_fields* is the switch "Set Audit
    Fields upon Record Creation". *org_number* tells the ids of two orgs
    apart, say of a sandbox and of production. *store* is a file to keep the org in:
    one that holds an org is that org again, whatever else would build a new one.
    """

    port: int = 0
    token: str | None = None
    describes: Path | None = None
    metadata: Path | None = None
    store: Path | None = None
    records: Path | None = None
    invoices: int = 200
    seed: int = 1
    org_number: int = 0
    today: date | None = None
    organization_type: str = "Developer Edition"
    is_sandbox: bool = False
    organization_name: str = "Rehearsal"
    own_objects: bool = False
    package_installed: bool = True
    licence_days: int = 90
    api_limit: int = 15_000
    storage_mb: int = 1_024
    min_version: int = 60
    max_version: int = 66
    tls: bool = False
    audit_fields: bool = False
    idle_minutes: float = 60.0
    end_with_stdin: bool = False
    faults: Any = None


class Clock:
    """
    The org's time: real, or running on from noon of a fixed day.
    """

    def __init__(self, today: date | None) -> None:
        self._today = today
        self._started = time.monotonic()

    def now(self) -> datetime:
        """
        The time in UTC.
        """
        if self._today is None:
            return datetime.now(UTC)
        noon = datetime(
            self._today.year, self._today.month, self._today.day, 12, tzinfo=UTC
        )
        # The fixed day never ends, however long the org runs.
        passed = min(time.monotonic() - self._started, 43_000)
        return noon + timedelta(seconds=passed)

    def today(self) -> date:
        """
        The day in UTC.
        """
        return self.now().date()

    def stamp(self) -> str:
        """
        The time as datetimes are stored.
        """
        return datetime_text(self.now())


class Org:
    """
    A local Salesforce org, empty but for its standard objects; `building.build_org`
    fills it.

    *field_ids* are the Tooling ids given to (object, field), lower-case. *faults* is
    `org.faults.Faults(settings.faults)`; *jobs* is a dict for Bulk
    jobs and deployments to keep their state in (keys are the modules' own).
    """

    def __init__(self, settings: OrgSettings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = Clock(settings.today)
        self.ids = IdSequence()
        self.id = self.ids.numbered("00D", settings.org_number)
        self.token = settings.token or f"{self.id[:15]}!{secrets.token_urlsafe(24)}"
        self.refresh_token = f"5Aep8{self.token.partition('!')[2]}"
        self.schema = Schema()
        self.store = Store(settings.store)
        self.permissions = Permissions(self)
        self.limits = Limits(self)
        self.numbers = AutoNumbers(self)
        self.faults = Faults(settings.faults)
        self.jobs: dict[str, Any] = {}
        self.saving = Saving(self)
        self.tabs: dict[str, tuple[str, str]] = {}
        self.running_user_id = self.ids.numbered("005", 0)
        self.last_request = time.monotonic()
        self._metadata_seen = (0, self.clock.now().replace(microsecond=0))
        self._users: dict[str, tuple[int, User]] = {}
        self._tokens: dict[str, str] = {self.token: self.running_user_id}
        self._licences: tuple[int, dict[str, str]] = (-1, {})
        self.field_ids: dict[tuple[str, str], str] = {}
        self._next_prefix = 0

    def close(self) -> None:
        """
        Write down what is kept, and give the storage back.
        """
        with self.lock:
            self.saving.save()
            self.store.close()

    def authenticate(self, token: str | None) -> User:
        """
        The user of an access token (the running user, or another signed in through
        OAuth). Raises SalesforceError INVALID_SESSION_ID.
        """
        user_id = self._tokens.get(token or "")
        if user_id is None:
            raise invalid_session()
        # Asked for each request on the event loop: no lock, unless users changed.
        version = self.store.versions["user"]
        known = self._users.get(user_id)
        if known is None or known[0] != version:
            known = (version, self.user(user_id))
            self._users[user_id] = known
        return known[1]

    def user(self, user_id: str) -> User:
        """
        The user with *user_id*.
        """
        with self.lock:
            row = self.store.get("User", user_id)
        if row is None or not row["IsActive"]:
            raise invalid_session()
        currency = row.get("DefaultCurrencyIsoCode") or "EUR"
        return User(
            id=user_id,
            username=str(row["Username"]),
            name=str(row["Name"]),
            currency=str(currency),
        )

    def sign_in(self, username: str) -> str:
        """
        A new access token for the active user called *username*.
        """
        with self.lock:
            found = self.store.find("User", "Username", [username])
        if not found or not found[0]["IsActive"]:
            raise SalesforceError("invalid_grant", "authentication failure")
        token = f"{self.id[:15]}!{secrets.token_urlsafe(24)}"
        self._tokens[token] = str(found[0]["Id"])
        return token

    def is_licensed(self, namespace: str) -> bool:
        """
        Whether the licence of a package has not ended (True without a licence row).
        """
        version = self.store.versions["packagelicense"]
        if self._licences[0] != version:
            with self.lock:
                rows = list(self.store.select("PackageLicense"))
            ends = {
                str(row["NamespacePrefix"]): str(row["ExpirationDate"] or "9")
                for row in rows
            }
            self._licences = (version, ends)
        ends_at = self._licences[1].get(namespace)
        return ends_at is None or self.clock.stamp() < ends_at

    def metadata_changed(self) -> datetime:
        """
        When schema or rights last changed, to the second (Last-Modified).
        """
        versions = self.store.versions
        stamp = self.schema.version + sum(
            versions[name]
            for name in ("objectpermissions", "fieldpermissions", *_ASSIGNMENTS)
        )
        if stamp != self._metadata_seen[0]:
            # Rounded up: a change within the second of the last look must show.
            second = timedelta(seconds=1)
            moment = self.clock.now().replace(microsecond=0) + second
            moment = max(moment, self._metadata_seen[1] + second)
            self._metadata_seen = (stamp, moment)
        return self._metadata_seen[1]

    def add_object(self, definition: ObjectDef) -> ObjectDef:
        """
        Add an object as it is, with its table; a custom one gets its Tooling ids.
        """
        if definition.custom and not definition.durable_id:
            definition = replace(definition, durable_id=self.ids.next("01I"))
        with self.lock:
            self.schema.add_object(definition)
            self.store.create_table(definition)
            for each in definition.fields:
                if each.custom:
                    self.field_id(definition.name, each.name)
        return definition

    def add_rows(
        self, object_name: str, rows: Iterable[Mapping[str, Any]]
    ) -> list[str]:
        """
        Store rows that the org itself makes (stored values), stamped; their ids.
        """
        definition = self.schema.get(object_name)
        assert definition is not None
        prefix = definition.key_prefix or "a00"
        now, me = self.clock.stamp(), self.running_user_id
        stamps = {
            "CreatedDate": now,
            "CreatedById": me,
            "LastModifiedDate": now,
            "LastModifiedById": me,
            "SystemModstamp": now,
            "OwnerId": me,
        }
        stamped = [{"Id": self.ids.next(prefix)} | stamps | dict(row) for row in rows]
        with self.lock:
            self.store.insert_many(object_name, stamped)
        return [str(row["Id"]) for row in stamped]

    def skip_used_ids(self) -> None:
        """
        Go on behind the ids that the records already have.
        """
        for each in self.schema:
            prefix = each.key_prefix or "a00"
            last = self.store.last_id(each.name, *self.ids.bounds(prefix))
            if last is not None:
                self.ids.skip_to(prefix, self.ids.number_of(last) + 1)

    def touch(
        self, object_name: str, record_id: str, changes: Mapping[str, Any]
    ) -> None:
        """
        Change a record on the org's own behalf (stored values), stamped.
        """
        now = self.clock.stamp()
        stamps = {"LastModifiedDate": now, "SystemModstamp": now}
        self.store.update(object_name, record_id, stamps | dict(changes))

    def create_custom_object(self, definition: ObjectDef) -> ObjectDef:
        """
        Add a new custom object with its table.

        System fields (Id, OwnerId unless it is a detail, IsDeleted, Name,
        CurrencyIsoCode, audit fields) are added where *definition* lacks them; its
        `key_prefix` and `durable_id` are assigned when empty. Gives the stored
        definition.
        """
        with self.lock:
            fields = tuple(_with_system_fields(definition))
            prefix = definition.key_prefix or self._free_prefix()
            return self.add_object(
                replace(definition, fields=fields, key_prefix=prefix)
            )

    def _free_prefix(self) -> str:
        """
        The next unused a0_ prefix; like the real ones, in base 36 increments.
        """
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        while True:
            high, low = divmod(self._next_prefix, 36)
            self._next_prefix += 1
            prefix = f"a{digits[high]}{digits[low]}"
            if self.schema.by_prefix(prefix) is None:
                return prefix

    def change_custom_object(self, definition: ObjectDef) -> None:
        """
        Put *definition* (same name and fields) in the place of an object: labels,
        sharing model, description.
        """
        with self.lock:
            self.schema.add_object(definition)

    def delete_custom_object(self, name: str) -> None:
        """
        Remove an object, its records and the permission lines that name it.
        """
        with self.lock:
            self.permissions.forget_object(name)
            self.store.drop_table(name)
            self.schema.remove_object(name)
            self.tabs.pop(name.lower(), None)
            for key in [key for key in self.field_ids if key[0] == name.lower()]:
                del self.field_ids[key]

    def create_custom_field(self, object_name: str, definition: FieldDef) -> str:
        """
        Add a field with its column to a custom or standard object; its 00N id.

        Nobody sees it until a permission set grants it (required and master-detail
        fields, which are not permissionable, are seen with the object).
        """
        with self.lock:
            self.schema.add_field(object_name, definition)
            self.store.add_column(object_name, definition)
            default = definition.default_value
            if definition.type == "boolean" and default == "true":
                self.store.fill(object_name, definition.name, 1)
            return self.field_id(object_name, definition.name)

    def change_custom_field(self, object_name: str, definition: FieldDef) -> None:
        """
        Put *definition* in the place of the field of that name.
        """
        with self.lock:
            self.schema.add_field(object_name, definition)

    def delete_custom_field(self, object_name: str, field_name: str) -> None:
        """
        Remove a field, its values and the permission lines that name it.
        """
        with self.lock:
            self.permissions.forget_field(object_name, field_name)
            self.store.drop_column(object_name, field_name)
            self.schema.remove_field(object_name, field_name)
            self.field_ids.pop((object_name.lower(), field_name.lower()), None)

    def field_id(self, object_name: str, field_name: str) -> str:
        """
        The Tooling id (00N...) of a custom field; always the same for one field.
        """
        key = (object_name.lower(), field_name.lower())
        if key not in self.field_ids:
            self.field_ids[key] = self.ids.next("00N")
        return self.field_ids[key]

    def add_custom_tab(self, object_name: str, motif: str) -> None:
        """
        Note that an object has a tab (Tooling CustomTab).
        """
        known = self.tabs.get(object_name.lower())
        tab_id = known[0] if known else self.ids.next("01r")
        self.tabs[object_name.lower()] = (tab_id, motif)


def _with_system_fields(definition: ObjectDef) -> list[FieldDef]:
    """
    The fields of a custom object with the platform's own ones in front.
    """
    own = {each.name.lower() for each in definition.fields}
    owned = not definition.master_fields
    system = standard_objects.system_fields(owned=owned)
    places = {each.name: each for each in system}
    at = list(places).index("IsDeleted") + 1
    system[at:at] = [_name_field(), currency_field()]
    given_name = [each for each in definition.fields if each.name_field]
    front = [each for each in system if each.name.lower() not in own]
    if given_name and "name" in own:
        front.insert(at, given_name[0])
    rest = [each for each in definition.fields if each not in front]
    return [*front, *rest]


def _name_field() -> FieldDef:
    return FieldDef(
        name="Name",
        label="Name",
        type="string",
        length=80,
        name_field=True,
        id_lookup=True,
        permissionable=False,
        custom=False,
    )


def currency_field() -> FieldDef:
    """
    CurrencyIsoCode, which every object of a multi-currency org has.
    """
    return FieldDef(
        name="CurrencyIsoCode",
        label="Currency ISO Code",
        type="picklist",
        length=3,
        permissionable=False,
        custom=False,
        restricted_picklist=True,
        picklist_values=tuple(
            PicklistValue(value=code, label=code) for code in sorted(CURRENCIES)
        ),
        raw={"defaultedOnCreate": True},
    )
