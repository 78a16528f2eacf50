"""
Answers of real orgs, recorded by others, against the emulator's to the same requests.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.schemas import a_field, an_object
from tests.conftest import SHARED_DATA
from tests.emulator.conftest import TODAY, Caller, add_archive, signed_in
from tests.emulator.wire.recorded_cases import CASES, REFUSED, Case
from tests.emulator.wire.shapes import disagreements, facts_of, xml_value

pytestmark = pytest.mark.shared_data

RECORDINGS = SHARED_DATA / "recordings"
AGREEMENT, MOST = 0.95, 10
# Where the answers differ, and why; the test prints each difference.
EXPLAINED = {
    "amp-labs/read-list-leads.json": (
        "edited: a page that is done names no further one (REST guide, Query)"
    ),
    "amp-labs/metadata/read/accounts-sampled.json": (
        "edited: `urls` emptied to a list; the custom object's recording has an object"
    ),
}


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    """An org with an archive and enough lines for two pages."""
    with start_org(OrgSettings(invoices=80, today=TODAY)) as running:
        found = signed_in(running)
        add_archive(found.org)
        account = found.create("Account", Name="Parent", Phone="1")
        values = {"Day__c": "2026-01-01", "Sent__c": "2026-01-01T00:00:00Z"}
        bill = found.create("Bill__c", Customer__c=account, Colour__c="Red", **values)
        found.create("Line__c", Bill__c=bill)
        add_lead(found)
        yield found
        found.http.close()


def add_lead(caller: Caller) -> None:
    """Lead with its compound address, and one record."""
    parts = [
        a_field(name, compound_field_name="Address", custom=False, permissionable=False)
        for name in ("Street", "City", "State", "PostalCode", "Country")
    ]
    whole = a_field("Address", "address", custom=False, permissionable=False)
    others = [
        a_field(name, custom=False, permissionable=False)
        for name in ("FirstName", "CleanStatus")
    ]
    definition = an_object("Lead", *parts, whole, *others, custom=False, setup=True)
    caller.org.definitions.create_object(definition)
    caller.org.rows.add("Lead", [{"City": "Tallahassee", "State": "FL"}])


def recorded(case: Case) -> Any:
    """A recording as a value to compare."""
    return _value(case.path, (RECORDINGS / case.path).read_bytes())


def given(case: Case, caller: Caller) -> Any:
    """The emulator's answer as a value to compare."""
    return _value(case.path, case.send(caller).content)


def _value(path: str, data: bytes) -> Any:
    if not data.strip():
        return None
    if path.endswith(".xml"):
        return xml_value(data)
    if path.endswith(".csv"):
        # The columns are the uploaded file's; the results' own come before them.
        return [row[:2] for row in csv.reader(io.StringIO(data.decode()))][:1]
    return json.loads(data)


def test_every_recording_is_compared_or_named() -> None:
    """No answer is left out silently."""
    payloads = {"payload.json", "-payload.xml", "LICENSE", "ORIGIN", ".txt"}
    known = {case.path for case in CASES} | set(REFUSED)
    found = {
        path.relative_to(RECORDINGS).as_posix()
        for path in RECORDINGS.rglob("*")
        if path.is_file() and not path.name.endswith(tuple(payloads))
    }
    assert found == known


def test_recorded_shapes_agree(
    caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    """At least 95 percent of what the recordings show; the rest is listed."""
    facts, different = 0, []
    for case in CASES:
        real = facts_of(recorded(case), case.names)
        mine = facts_of(given(case, caller))
        facts += len(real)
        found = disagreements(real, mine, whole=case.is_whole)
        different += [f"{case.path}: {each}" for each in found]
    agreement = 1 - len(different) / facts
    with capsys.disabled():
        print(f"\n{len(CASES)} recordings, {facts} facts, {agreement:.1%} agree")  # noqa: T201
        for line in different:
            why = EXPLAINED.get(line.partition(": ")[0], "unexplained")
            print(f"  {line} ({why})")  # noqa: T201
    assert facts > 800
    assert agreement >= AGREEMENT
    assert len(different) <= MOST
    assert {line.partition(": ")[0] for line in different} == set(EXPLAINED)
