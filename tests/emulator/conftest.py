"""
Running orgs for the emulator's own tests, spoken to over real HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import httpx
import pytest

from migrator.emulator.org.org import Org
from migrator.emulator.org.permissions import ObjectRight
from migrator.emulator.schema.schema import PicklistValue
from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from tests.builders.schemas import a_field, an_object

TODAY = date(2026, 3, 2)
_SMALL = OrgSettings(invoices=3, today=TODAY)
BASE = "/services/data/v66.0"
FULL = ObjectRight(read=True, create=True, edit=True, delete=True, view_all=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    A signed-in HTTP client of a running org, and the org's inside.
    """

    http: httpx.Client
    running: RunningOrg

    @property
    def org(self) -> Org:
        """The org behind the server."""
        return self.running.org

    def query(self, soql: str, resource: str = "query") -> dict[str, Any]:
        """The answer of a query that must succeed."""
        answer = self.http.get(f"{BASE}/{resource}", params={"q": soql})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def records(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query, without their attributes."""
        return [
            {name: value for name, value in record.items() if name != "attributes"}
            for record in self.query(soql)["records"]
        ]

    def refusal(self, soql: str) -> tuple[str, str]:
        """Code and message of a query that must be refused."""
        answer = self.http.get(f"{BASE}/query", params={"q": soql})
        return error_of(answer)

    def create(self, object_name: str, **values: Any) -> str:
        """The id of a new record; the insert must succeed."""
        answer = self.http.post(f"{BASE}/sobjects/{object_name}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def insert_error(self, object_name: str, **values: Any) -> tuple[str, str]:
        """Code and message of an insert that must be refused."""
        answer = self.http.post(f"{BASE}/sobjects/{object_name}", json=values)
        return error_of(answer)

    def value(self, object_name: str, record_id: str, field: str) -> Any:
        """One field of one record."""
        address = f"{BASE}/sobjects/{object_name}/{record_id}"
        answer = self.http.get(address, params={"fields": field})
        assert answer.status_code == 200, answer.text
        return answer.json()[field]


def error_of(answer: httpx.Response) -> tuple[str, str]:
    """Code and message of an answer that must be a refusal."""
    assert answer.status_code >= 400, answer.text
    entry = answer.json()[0]
    return entry["errorCode"], entry["message"]


@pytest.fixture
def running_org() -> Iterator[Callable[..., Caller]]:
    """Starts orgs with the given settings and stops them after the test."""
    started: list[Caller] = []

    def start(**settings: Any) -> Caller:
        running = start_org(replace(_SMALL, **settings))
        caller = signed_in(running)
        started.append(caller)
        return caller

    yield start
    for caller in started:
        caller.http.close()
        caller.running.stop()


def signed_in(running: RunningOrg, token: str | None = None) -> Caller:
    """A caller with the running user's token, or another."""
    headers = {"Authorization": f"Bearer {token or running.token}"}
    http = httpx.Client(base_url=running.url, headers=headers, timeout=10)
    return Caller(http=http, running=running)


@pytest.fixture(scope="session")
def shared_org() -> Iterator[Caller]:
    """One org of sixty invoices for tests that only read."""
    with start_org(OrgSettings(invoices=60, today=TODAY)) as running:
        caller = signed_in(running)
        yield caller
        caller.http.close()


@pytest.fixture
def archive_org(running_org: Callable[..., Caller]) -> Caller:
    """An org with `Bill__c` and `Line__c`, granted to the running user."""
    caller = running_org()
    add_archive(caller.org)
    return caller


BILL_FIELDS = (
    a_field(
        "Origin_Id__c",
        length=18,
        external_id=True,
        unique=True,
        case_sensitive=True,
    ),
    a_field("Amount__c", "currency", precision=18, scale=2),
    a_field("Rate__c", "double", precision=5, scale=3),
    a_field("Day__c", "date"),
    a_field("Sent__c", "datetime"),
    a_field("Paid__c", "boolean", default_value="true"),
    a_field("Mail__c", "email", length=80),
    a_field("Note__c", "textarea", length=1_000),
    a_field("Group__c", external_id=True),
    a_field(
        "State__c",
        "picklist",
        length=255,
        restricted_picklist=True,
        picklist_values=(
            PicklistValue(value="Open", label="Open", default=True),
            PicklistValue(value="Closed", label="Closed"),
        ),
    ),
    a_field(
        "Colour__c",
        "picklist",
        length=255,
        picklist_values=(PicklistValue(value="Red", label="Red"),),
    ),
    a_field(
        "Customer__c",
        "reference",
        length=18,
        reference_to=("Account",),
        relationship_name="Customer__r",
        child_relationship_name="Bills__r",
    ),
)
LINE_FIELDS = (
    a_field("Origin_Id__c", length=18, external_id=True, unique=True),
    a_field(
        "Bill__c",
        "reference",
        length=18,
        nillable=False,
        permissionable=False,
        reference_to=("Bill__c",),
        relationship_name="Bill__r",
        child_relationship_name="Lines__r",
        delete_constraint="Restrict",
    ),
)


def add_archive(org: Org, right: ObjectRight = FULL) -> str:
    """Create `Bill__c` and `Line__c` and grant them; the permission set's id."""
    org.definitions.create_object(an_object("Bill__c", *BILL_FIELDS))
    org.definitions.create_object(an_object("Line__c", *LINE_FIELDS))
    return grant(org, "Archive", {"Bill__c": right, "Line__c": right})


def grant(org: Org, name: str, objects: Mapping[str, ObjectRight]) -> str:
    """A permission set with all fields of *objects*, assigned to the running user."""
    fields = {
        f"{owner.name}.{field.name}": (True, True)
        for owner in org.schema
        if owner.name in objects
        for field in owner.fields
        if field.permissionable
    }
    with org.lock:
        set_id, _ = org.permissions.save_permission_set(
            name, label=name, description=None, objects=dict(objects), fields=fields
        )
        assignment = {"PermissionSetId": set_id, "AssigneeId": org.users.running_id}
        org.rows.add("PermissionSetAssignment", [assignment])
    return set_id
