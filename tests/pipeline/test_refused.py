"""
Bad records of six kinds among good ones: exactly those listed, and sent when mended.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from migrator.emulator.schema.ids import to_18
from migrator.emulator.schema.schema import PicklistValue
from migrator.emulator.server import OrgSettings, start_org
from migrator.rundir.layout import shipped_folder
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import Copying, invoked

SOURCE, TARGET = "ONB2__Balance__c", "Balance__c"
EACH = 23
GOOD: dict[str, Any] = {
    "Reference__c": "short",
    "PaymentMethod__c": None,
    "ConversionRate__c": "1",
    "TransactionNo__c": "T1",
    "WriteOffReason__c": None,
}
STRICT: dict[str, dict[str, Any]] = {
    "Reference__c": {"length": 10},
    "PaymentMethod__c": {
        "restricted_picklist": True,
        "picklist_values": (PicklistValue(value="Cash", label="Cash"),),
    },
    "ConversionRate__c": {"precision": 6, "scale": 2},
    "TransactionNo__c": {"nillable": False},
    "WriteOffReason__c": {"unique": True},
}
"""What somebody has changed in the org since the deployment."""
BAD = (
    ("STRING_TOO_LONG", "Reference__c", "much longer than ten characters"),
    ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "PaymentMethod__c", "Barter"),
    ("NUMBER_OUTSIDE_VALID_RANGE", "ConversionRate__c", "99999999"),
    ("REQUIRED_FIELD_MISSING", "TransactionNo__c", None),
    ("INVALID_CROSS_REFERENCE_KEY", "Account__c", to_18("0015g00000ZZZZZ")),
    ("DUPLICATE_VALUE", "WriteOffReason__c", "one and the same"),
)


@pytest.fixture
def big(tmp_path: Any) -> Iterator[Copying]:
    """An org with some hundreds of balances, the targets deployed."""
    settings = OrgSettings(describes=shipped_folder("sample_describes"), invoices=200)
    with start_org(settings) as running:
        Journey(tmp_path / "run", running, invoked).deployed()
        yield Copying(tmp_path / "run", running)


def put(copying: Copying, record_id: str, values: dict[str, Any]) -> None:
    """
    Changes a source record, somebody else's just now.
    """
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    stamps = {"LastModifiedDate": now, "SystemModstamp": now}
    named = {f"ONB2__{name}": value for name, value in values.items()}
    copying.org.org.store.update(SOURCE, record_id, stamps | named)


def test_exactly_the_bad_records_are_listed_and_sent_when_mended(big: Copying) -> None:
    """One hundred and thirty-seven, each with the org's words and an advice."""
    org = big.org.org
    rows = sorted(big.stored(SOURCE), key=lambda row: str(row["Id"]))
    accounts = {str(row["Id"]): row["ONB2__Account__c"] for row in rows}
    expected: dict[str, str] = {}
    with org.lock:
        for row in rows:
            put(big, str(row["Id"]), GOOD)
        definition = org.schema.get(TARGET)
        assert definition is not None
        for name, changes in STRICT.items():
            found = definition.find(name)
            assert found is not None, name
            org.schema.add_field(TARGET, replace(found, **changes))
        waiting = iter(rows)
        for code, field, value in BAD:
            for number in range(EACH):
                record_id = str(next(waiting)["Id"])
                put(big, record_id, {field: value})
                if number or code != "DUPLICATE_VALUE":
                    expected[record_id] = code
    assert len(expected) == 137
    found_ = big.copy(code=3)
    assert found_[TARGET]["failed"] == 137
    assert found_[TARGET]["inserted"] == len(rows) - 137
    path = big.root / "report" / "private" / f"failed-{TARGET}.csv"
    text = io.StringIO(path.read_bytes().decode("utf-8"), newline="")
    listed = list(csv.DictReader(text))
    told = {row["Origin_Id__c"]: row["code"] for row in listed}
    assert Counter(told.values()) == Counter(expected.values())
    duplicates = {key for key, code in told.items() if code == "DUPLICATE_VALUE"}
    others = {key: code for key, code in expected.items() if code != "DUPLICATE_VALUE"}
    assert {k: c for k, c in told.items() if k not in duplicates} == others
    assert all(row["message"] and row["advice"] for row in listed)
    with org.lock:
        for record_id in told:
            put(big, record_id, GOOD | {"Account__c": accounts[record_id]})
    jobs = len(big.jobs())
    again = big.copy()
    assert again[TARGET]["inserted"] == 137
    assert again[TARGET]["updated"] == 0
    sent = big.jobs()[jobs:]
    assert {job["object"] for job in sent if job["operation"] == "insert"} == {TARGET}
    assert not path.exists()
