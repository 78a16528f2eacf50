"""
Records from files: typed as an insert types them, ids and audit fields kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from migrator.emulator.errors import SettingsError
from migrator.emulator.schema.ids import to_18
from migrator.emulator.server import OrgSettings, start_org
from migrator.emulator.start.record_files import load_records
from tests.emulator.conftest import BASE, Caller, add_archive, signed_in

BILL = to_18("a0X5g00000ABCDE")
ACCOUNT = to_18("0015g00000ABCDE")


@pytest.fixture
def org(running_org: Callable[..., Caller]) -> Caller:
    """An org with the empty objects Bill__c and Line__c."""
    caller = running_org()
    add_archive(caller.org)
    return caller


@pytest.fixture(scope="module")
def shared() -> Iterator[Caller]:
    """The same org for files that are refused, which leave nothing behind."""
    with start_org(OrgSettings(invoices=1)) as running:
        add_archive(running.org)
        caller = signed_in(running)
        yield caller
        caller.http.close()


def load(caller: Caller, folder: Path, **files: str) -> None:
    """Load CSV files, named by their objects."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    with caller.org.lock, caller.org.store.transaction():
        load_records(caller.org, folder)


def rows(caller: Caller, query: str) -> list[dict[str, Any]]:
    """The records of a query, without their attributes."""
    found = caller.http.get(f"{BASE}/query", params={"q": query}).json()["records"]
    return [
        {key: value for key, value in each.items() if key != "attributes"}
        for each in found
    ]


def test_ids_audit_fields_and_references_are_kept(org: Caller, tmp_path: Path) -> None:
    """Children find their parents by the ids of the files."""
    load(
        org,
        tmp_path,
        Bill__c="Id,Name,amount__c,Day__c,Mail__c,CreatedDate,State__c\n"
        f'{BILL},B-1, 10.999 ,2026-01-31,"",2020-05-06T07:08:09.000+0000,closed\n',
        Line__c=f"Origin_Id__c,Bill__c\nx1,{BILL}\nx2,{BILL[:15]}\n",
    )
    (bill,) = rows(
        org,
        "SELECT Id, Name, Amount__c, Day__c, Mail__c, CreatedDate, State__c, Paid__c "
        "FROM Bill__c",
    )
    assert bill == {
        "Id": BILL,
        "Name": "B-1",
        "Amount__c": 10.99,
        "Day__c": "2026-01-31",
        "Mail__c": None,
        "CreatedDate": "2020-05-06T07:08:09.000+0000",
        "State__c": "Closed",
        "Paid__c": True,
    }
    lines = rows(org, "SELECT Origin_Id__c, Bill__r.Name FROM Line__c")
    assert [each["Bill__r"]["Name"] for each in lines] == ["B-1", "B-1"]


def test_a_new_record_does_not_take_a_loaded_id(org: Caller, tmp_path: Path) -> None:
    """Ids of the same form go on behind those of the file."""
    prefix = org.org.schema.get("Bill__c").key_prefix  # type: ignore[union-attr]
    taken = org.org.ids.numbered(str(prefix), 4)
    load(org, tmp_path, Bill__c=f"Id,Name\n{taken},x\n")
    answer = org.http.post(f"{BASE}/sobjects/Bill__c", json={"Name": "y"})
    assert answer.json()["id"] > taken


def test_parquet_says_the_same_as_csv(org: Caller, tmp_path: Path) -> None:
    """Numbers, dates, times with a zone, booleans and nulls."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    pl.DataFrame(
        {
            "Name": ["p", None],
            "Amount__c": [Decimal("12.50"), None],
            "Day__c": [date(2026, 1, 2), None],
            "Sent__c": [at, None],
            "Paid__c": [False, None],
        }
    ).write_parquet(tmp_path / "Bill__c.parquet")
    load(org, tmp_path)
    found = rows(org, "SELECT Name, Amount__c, Day__c, Sent__c, Paid__c FROM Bill__c")
    assert found[0] == {
        "Name": "p",
        "Amount__c": 12.5,
        "Day__c": "2026-01-02",
        "Sent__c": "2026-01-02T03:04:05.000+0000",
        "Paid__c": False,
    }
    assert found[1]["Amount__c"] is None
    assert found[1]["Name"].startswith("a0")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Nmae,Id,Nuance__c\n", "Bill__c has no columns Nmae, Nuance__c"),
        ("Name,name\n", "come twice: Name"),
        ("Name,Day__c\nx,1.2.2026\n", "row 1, Day__c: INVALID_TYPE_ON_FIELD"),
        ("Name\nx\ny,z\n", "row 2 has 2 cells"),
        ("Id\n001\n", "row 1, Id: MALFORMED_ID"),
        (f"Id\n{BILL}\n{BILL}\n", "a record id comes twice"),
        (f"Id\n{ACCOUNT}\n", "Account's prefix"),
        ("Origin_Id__c\nx\nx\n", "Origin_Id__c: DUPLICATE_VALUE"),
        ('Name\n"x\n', "not a CSV file"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_name(
    shared: Caller, tmp_path: Path, text: str, told: str
) -> None:
    """File, row and column are told, the value is not."""
    with pytest.raises(SettingsError, match=rf"^Bill__c\.csv: .*{told}"):
        load(shared, tmp_path, Bill__c=text)


def test_a_file_of_an_unknown_object_is_refused(shared: Caller, tmp_path: Path) -> None:
    """And so is a folder without any file."""
    with pytest.raises(SettingsError, match="no records"):
        load(shared, tmp_path)
    with pytest.raises(SettingsError, match="the org has no object Bil__c"):
        load(shared, tmp_path, Bil__c="Name\n")


def test_a_required_field_is_asked_for(shared: Caller, tmp_path: Path) -> None:
    """As an insert asks for it."""
    with pytest.raises(SettingsError, match="Bill__c: REQUIRED_FIELD_MISSING"):
        load(shared, tmp_path, Line__c="Origin_Id__c\nx\n")
