"""
SOQL: what comes back, exact to the digit, and in Salesforce's shape.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from json import loads

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.emulator.conftest import BASE, TODAY, Caller, add_archive, signed_in

_INVOICES = "ONB2__Invoice__c"


@pytest.fixture(scope="module")
def three_bills() -> Iterator[Caller]:
    """Alpha, Beta and Gamma; Beta has a line, Gamma a customer."""
    with start_org(OrgSettings(invoices=1, today=TODAY)) as running:
        caller = signed_in(running)
        add_archive(caller.org)
        customer = caller.create("Account", Name="Muster AG")
        caller.create(
            "Bill__c",
            Name="Alpha",
            Amount__c=9.5,
            Day__c="2026-01-31",
            Sent__c="2026-01-01T00:00:00Z",
            Colour__c="it's \\ red",
        )
        beta = caller.create(
            "Bill__c",
            Name="Beta",
            Amount__c=10,
            Day__c="2026-03-01",
            Sent__c="2026-02-01T00:00:00Z",
            Paid__c=False,
            State__c="Closed",
        )
        caller.create("Bill__c", Name="Gamma", Amount__c=100, Customer__c=customer)
        caller.create("Line__c", Name="Of Beta", Bill__c=beta)
        yield caller
        caller.http.close()


def test_parents_are_nested_objects(shared_org: Caller) -> None:
    """A relationship path becomes an object with attributes of its own."""
    record = shared_org.query(
        "SELECT Id, ONB2__Account__r.Name, ONB2__Account__r.Owner.Name "
        f"FROM {_INVOICES} LIMIT 1"
    )["records"][0]
    account = record["ONB2__Account__r"]
    assert record["attributes"] == {
        "type": _INVOICES,
        "url": f"{BASE}/sobjects/{_INVOICES}/{record['Id']}",
    }
    assert account["attributes"]["type"] == "Account"
    assert account["Name"]
    assert account["Owner"]["attributes"]["type"] == "User"


def test_a_null_reference_is_a_null_object(shared_org: Caller) -> None:
    """Where there is no parent, the relationship itself is null."""
    record = shared_org.query(
        f"SELECT ONB2__CanceledWith__r.Name FROM {_INVOICES} "
        "WHERE ONB2__CanceledWith__c = null LIMIT 1"
    )["records"][0]
    assert record["ONB2__CanceledWith__r"] is None


def test_count_alone_gives_a_total_and_no_records(shared_org: Caller) -> None:
    """COUNT() answers in totalSize."""
    found = shared_org.query(f"SELECT COUNT() FROM {_INVOICES}")
    assert found == {"totalSize": 60, "done": True, "records": []}


def test_aggregates_add_up_to_the_rows(shared_org: Caller) -> None:
    """SUM and COUNT per currency equal the sum of the rows, to the cent."""
    rows = shared_org.http.get(
        f"{BASE}/query",
        params={"q": f"SELECT CurrencyIsoCode, ONB2__GrandTotal__c FROM {_INVOICES}"},
    )
    expected: dict[str, Decimal] = {}
    for row in loads(rows.text, parse_float=Decimal)["records"]:
        code = row["CurrencyIsoCode"]
        amount = row["ONB2__GrandTotal__c"]
        expected[code] = expected.get(code, Decimal(0)) + (amount or 0)
    grouped = shared_org.http.get(
        f"{BASE}/query",
        params={
            "q": "SELECT CurrencyIsoCode, SUM(ONB2__GrandTotal__c) total, COUNT(Id) "
            f"FROM {_INVOICES} GROUP BY CurrencyIsoCode"
        },
    )
    records = loads(grouped.text, parse_float=Decimal)["records"]
    assert {row["CurrencyIsoCode"]: row["total"] for row in records} == expected
    assert sum(row["expr0"] for row in records) == 60
    assert records[0]["attributes"] == {"type": "AggregateResult"}


def test_eighteen_digits_stay_exact(archive_org: Caller) -> None:
    """Sums of amounts beyond the reach of floats come back to the last digit."""
    for amount in ("9007199254740993.01", "1000000000000000.02"):
        archive_org.create("Bill__c", Amount__c=amount)
    answer = archive_org.http.get(
        f"{BASE}/query", params={"q": "SELECT SUM(Amount__c) s FROM Bill__c"}
    )
    assert '"s":1.000719925474099303E16' in answer.text
    found = loads(answer.text, parse_float=Decimal)["records"][0]["s"]
    assert found == Decimal("10007199254740993.03")


def test_years_and_months_can_be_grouped_and_filtered(shared_org: Caller) -> None:
    """CALENDAR_YEAR and CALENDAR_MONTH in SELECT, GROUP BY, HAVING and ORDER BY."""
    rows = shared_org.records(
        f"SELECT CALENDAR_YEAR(ONB2__Date__c) y, COUNT(Id) n FROM {_INVOICES} "
        "WHERE ONB2__Date__c != null GROUP BY CALENDAR_YEAR(ONB2__Date__c) "
        "HAVING COUNT(Id) > 1 ORDER BY CALENDAR_YEAR(ONB2__Date__c) DESC"
    )
    years = [row["y"] for row in rows]
    assert len(years) > 1
    assert years == sorted(years, reverse=True)
    assert all(row["n"] > 1 for row in rows)


def test_functions_without_alias_are_numbered(shared_org: Caller) -> None:
    """expr0, expr1 in the order of the SELECT list."""
    row = shared_org.records(
        "SELECT MIN(ONB2__Date__c), MAX(ONB2__Date__c), COUNT_DISTINCT(Name) "
        f"FROM {_INVOICES}"
    )[0]
    assert row["expr0"] < row["expr1"]
    assert row["expr2"] == 60


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Name = 'alpha'", "Alpha"),
        ("Name != 'Alpha'", "Beta Gamma"),
        ("Name LIKE '%a' AND Amount__c > 9.5", "Beta Gamma"),
        ("Name LIKE 'B_ta'", "Beta"),
        ("Name IN ('Alpha', 'Gamma')", "Alpha Gamma"),
        ("Name NOT IN ('Alpha', 'Gamma')", "Beta"),
        ("Amount__c = 100", "Gamma"),
        ("Amount__c >= 10.00", "Beta Gamma"),
        ("Amount__c < 10", "Alpha"),
        ("NOT Amount__c = 10", "Alpha Gamma"),
        ("Day__c = 2026-03-01", "Beta"),
        ("Day__c = YESTERDAY", "Beta"),
        ("Day__c < TODAY", "Alpha Beta"),
        ("Day__c = LAST_N_DAYS:2", "Beta"),
        ("Day__c = null", "Gamma"),
        ("Day__c != null", "Alpha Beta"),
        ("Paid__c = false", "Beta"),
        ("State__c != 'Open'", "Beta"),
        ("Sent__c >= 2026-01-01T01:00:00+01:00", "Alpha Beta"),
        ("Sent__c > 2026-01-01T00:00:00Z", "Beta"),
        ("Name = 'Alpha' OR (Name = 'Beta' AND Paid__c = false)", "Alpha Beta"),
        ("Note__r = 'x'", None),
        ("Colour__c = 'it\\'s \\\\ red'", "Alpha"),
        ("Id IN (SELECT Bill__c FROM Line__c WHERE Name = 'Of Beta')", "Beta"),
        ("Id NOT IN (SELECT Bill__c FROM Line__c)", "Alpha Gamma"),
        ("Customer__r.Name = 'Muster AG'", "Gamma"),
    ],
)
def test_conditions_pick_the_right_records(
    three_bills: Caller, condition: str, names: str | None
) -> None:
    """Each operator, literal and rule of null picks exactly these records."""
    soql = f"SELECT Name FROM Bill__c WHERE {condition} ORDER BY Name"
    if names is None:
        assert three_bills.refusal(soql)[0] == "INVALID_FIELD"
    else:
        found = [row["Name"] for row in three_bills.records(soql)]
        assert found == names.split()


def test_ids_match_in_both_lengths_and_by_case(shared_org: Caller) -> None:
    """15 and 18 characters name the same record; another case does not."""
    row = shared_org.records(f"SELECT Id FROM {_INVOICES} LIMIT 1")[0]
    long, short = row["Id"], row["Id"][:15]
    soql = f"SELECT Id FROM {_INVOICES} WHERE Id = "
    assert shared_org.records(f"{soql}'{short}'") == [{"Id": long}]
    assert shared_org.records(f"{soql}'{short.swapcase()}'") == []


def test_order_limit_and_offset_page(shared_org: Caller) -> None:
    """OFFSET continues where LIMIT stopped; nulls come first unless told."""
    soql = f"SELECT Name FROM {_INVOICES} ORDER BY Name"
    every = shared_org.records(soql)
    assert shared_org.records(f"{soql} LIMIT 2 OFFSET 3") == every[3:5]
    first = shared_org.records(
        f"SELECT ONB2__CanceledWith__c FROM {_INVOICES} "
        "ORDER BY ONB2__CanceledWith__c LIMIT 1"
    )
    assert first == [{"ONB2__CanceledWith__c": None}]


def test_long_results_come_in_pages(running_org: Callable[..., Caller]) -> None:
    """NextRecordsUrl leads through all records of the moment of the query."""
    caller = running_org(invoices=120)
    answer = caller.http.get(
        f"{BASE}/query",
        params={"q": "SELECT Id FROM ONB2__TaxDetail__c"},
        headers={"Sforce-Query-Options": "batchSize=200"},
    ).json()
    total, seen = answer["totalSize"], [row["Id"] for row in answer["records"]]
    assert len(seen) == 200
    while not answer["done"]:
        answer = caller.http.get(answer["nextRecordsUrl"]).json()
        seen += [row["Id"] for row in answer["records"]]
    assert total > 400
    assert len(set(seen)) == len(seen) == total


def test_pages_do_not_see_later_writes(running_org: Callable[..., Caller]) -> None:
    """A cursor is a snapshot: a record deleted meanwhile is still listed."""
    caller = running_org(invoices=1)
    records = [
        {"attributes": {"type": "Account"}, "Name": f"N{place:04d}"}
        for place in range(200)
    ]
    for _ in range(11):
        caller.http.post(
            f"{BASE}/composite/sobjects", json={"records": records}
        ).raise_for_status()
    page = caller.query("SELECT Id FROM Account ORDER BY Name, Id")
    rest = caller.org.store
    last = page["totalSize"]
    with caller.org.lock:
        rest.connection.execute('UPDATE "Account" SET "IsDeleted" = 1')
    more = caller.http.get(page["nextRecordsUrl"]).json()
    assert len(page["records"]) + len(more["records"]) == last
    assert caller.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_query_all_shows_deleted_records(running_org: Callable[..., Caller]) -> None:
    """/queryAll lists what is in the recycle bin, with IsDeleted."""
    caller = running_org()
    record_id = caller.create("Account", Name="Gone")
    caller.http.delete(f"{BASE}/sobjects/Account/{record_id}").raise_for_status()
    soql = "SELECT IsDeleted FROM Account WHERE Name = 'Gone'"
    assert caller.query(soql)["records"] == []
    assert caller.query(soql, "queryAll")["records"][0]["IsDeleted"] is True


def test_days_overdue_follow_the_clock(shared_org: Caller) -> None:
    """A formula over TODAY() is computed when it is read."""
    for row in shared_org.records(
        f"SELECT ONB2__DaysOverdue__c, ONB2__PaymentDueDate__c FROM {_INVOICES}"
    ):
        due = row["ONB2__PaymentDueDate__c"]
        if due is not None:
            days = TODAY - date.fromisoformat(due)
            assert timedelta(days=row["ONB2__DaysOverdue__c"]) == days


def test_fields_lists_what_the_user_sees(shared_org: Caller) -> None:
    """FIELDS(ALL) needs a small LIMIT and gives every visible field."""
    described = shared_org.http.get(f"{BASE}/sobjects/Account/describe").json()
    row = shared_org.records("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]
    assert set(row) == {field["name"] for field in described["fields"]}
    code, message = shared_org.refusal("SELECT FIELDS(ALL) FROM Account")
    assert code == "MALFORMED_QUERY"
    assert "LIMIT of at most 200" in message
