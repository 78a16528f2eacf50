"""
The seed: sums that add up, references that resolve, and values that break exports.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tracemalloc
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from migrator.emulator.seed.own_object import (
    OWN_DESCRIPTION,
    own_invoice_describe,
    own_invoice_records,
)
from migrator.emulator.seed.recipe import KEY_OBJECTS, seed_records

SAMPLES = Path(__file__).resolve().parents[3] / "sample_describes"
DESCRIBES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(SAMPLES.glob("*.json"))
}
TODAY = date(2026, 11, 22)
CENT = Decimal("0.01")
INVOICE = "ONB2__Invoice__c"
LINE = "ONB2__InvoiceLineItem__c"
TAX = "ONB2__TaxDetail__c"
BALANCE = "ONB2__Balance__c"
Row = dict[str, str | None]
Records = dict[str, list[Row]]


def seeded(invoices: int, seed: int = 1) -> Records:
    """
    All records by object.
    """
    found: Records = defaultdict(list)
    batches = seed_records(DESCRIBES, invoices=invoices, seed=seed, today=TODAY)
    for api_name, rows in batches:
        assert 0 < len(rows) <= 5_000
        found[api_name] += rows
    return found


@pytest.fixture(scope="module")
def records() -> Records:
    """
    The seed of the usual size.
    """
    return seeded(2_000)


def amount(row: Row, name: str) -> Decimal:
    """
    A number of a row; it must be there.
    """
    text = row[name]
    assert text is not None, name
    return Decimal(text)


def values_of(rows: list[Row], name: str) -> Counter[str | None]:
    """
    How often each value of a field comes.
    """
    return Counter(row[name] for row in rows)


def test_counts_are_those_of_a_small_company(records: Records) -> None:
    """
    Expects 2,000 invoices, 8,000 to 12,000 lines, 1 or 2 taxes a line, 300 accounts.
    """
    lines, taxes = records[LINE], records[TAX]

    assert len(records[INVOICE]) == 2_000
    assert 8_000 <= len(lines) <= 12_000
    per_line = Counter(row["ONB2__InvoiceLineItem__c"] for row in taxes)
    assert len(per_line) == len(lines)
    assert set(per_line.values()) == {1, 2}
    assert len(records["Account"]) == len(records["Contact"]) == 300


def test_every_object_of_the_sample_gets_records(records: Records) -> None:
    """
    Expects no described object to stay empty.
    """
    assert set(records) == set(DESCRIBES)


def test_line_amounts_add_up_to_the_invoice(records: Records) -> None:
    """
    Expects net (rounded per line), tax and gross to sum to the invoice's totals.
    """
    tax: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in records[TAX]:
        tax[f"{row['ONB2__InvoiceLineItem__c']}"] += amount(row, "ONB2__Amount__c")
    sums: dict[str | None, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in records[LINE]:
        net = amount(row, "ONB2__PosTotalNet__c").quantize(CENT, ROUND_HALF_UP)
        gross = amount(row, "ONB2__PosTotalGross__c")
        line_tax = tax[f"@{row['_key']}"]
        assert gross == net + line_tax
        total = sums[row["ONB2__Invoice__c"]]
        sums[row["ONB2__Invoice__c"]] = [
            total[0] + net,
            total[1] + line_tax,
            total[2] + gross,
        ]

    for row in records[INVOICE]:
        names = ("ONB2__TotalNet__c", "ONB2__TotalTax__c", "ONB2__GrandTotal__c")
        assert [amount(row, name) for name in names] == sums[f"@{row['_key']}"]


def test_ledger_entries_add_up_to_the_balances(records: Records) -> None:
    """
    Expects 1 to 3 entries per issued invoice, none for drafts, exact sums.
    """
    entries: dict[str, list[Decimal]] = defaultdict(list)
    owed: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in records[BALANCE]:
        entries[f"{row['ONB2__Invoice__c']}"].append(amount(row, "ONB2__Amount__c"))
        owed[row["ONB2__Account__c"]] += amount(row, "ONB2__Amount__c")

    for row in records[INVOICE]:
        found = entries.get(f"@{row['_key']}", [])
        assert sum(found, Decimal(0)) == amount(row, "ONB2__Balance__c")
        draft = row["ONB2__Status__c"] == "Draft"
        assert (len(found) == 0) if draft else (1 <= len(found) <= 3)
        settled = row["ONB2__Status__c"] in {"Paid", "Settled", "Canceled", "Closed"}
        assert not (settled and amount(row, "ONB2__Balance__c"))
    for row in records["Account"]:
        assert amount(row, "ONB2__Balance__c") == owed[f"@{row['_key']}"]


@pytest.mark.parametrize("invoices", [5, 200, 2_000])
def test_the_running_user_owns_exactly_sixty_percent(invoices: int) -> None:
    """
    Expects three fifths of the invoices at User:0, the rest at several others.
    """
    owners = values_of(seeded(invoices)[INVOICE], "OwnerId")

    assert owners["@User:0"] * 5 == invoices * 3
    assert len(owners) >= 2
    assert invoices < 2_000 or len(owners) == 8


def test_references_resolve_to_records_of_the_right_object(records: Records) -> None:
    """
    Expects every `@Key:n` to be a seeded row of an object the field may point at.
    """
    keys = {str(row["_key"]) for rows in records.values() for row in rows}
    checked = 0
    for api_name, rows in records.items():
        fields = DESCRIBES[api_name]["fields"]
        references = [each for each in fields if each["type"] == "reference"]
        for row in rows:
            for each in references:
                value = row[each["name"]]
                if value is None:
                    assert each["nillable"], (api_name, each["name"])
                    continue
                word, _, _ = value[1:].partition(":")
                assert KEY_OBJECTS[word] in each["referenceTo"], value
                assert value[1:] in keys or word == "Profile", value
                checked += 1
    assert checked > 50_000


def test_keys_are_unique_and_name_their_object(records: Records) -> None:
    """
    Expects one row per key, with the word that belongs to its object.
    """
    for api_name, rows in records.items():
        keys = values_of(rows, "_key")
        assert set(keys.values()) == {1}
        words = {str(key).split(":")[0] for key in keys}
        assert [KEY_OBJECTS[word] for word in words] == [api_name]


def test_masters_come_before_their_details() -> None:
    """
    Expects each batch to name only masters that earlier batches brought.
    """
    seen: set[str] = set()
    for api_name, rows in seed_records(DESCRIBES, invoices=1_100, seed=1, today=TODAY):
        masters = [
            each["name"]
            for each in DESCRIBES[api_name]["fields"]
            if each["relationshipOrder"] is not None
        ]
        for row in rows:
            assert all(str(row[name])[1:] in seen for name in masters)
        seen.update(str(row["_key"]) for row in rows)
    assert "Invoice:1099" in seen


def fits_digits(each: dict[str, Any], value: str) -> bool:
    """
    True for a plain number without trailing zeros, within the field's digits.
    """
    match = re.fullmatch(r"-?(0|[1-9]\d*)(?:\.(\d*[1-9]))?", value)
    if match is None or value == "-0":
        return False
    scale = 5 if each["name"] == "ONB2__PosTotalNet__c" else each["scale"]
    whole = each["precision"] - each["scale"] or each["digits"] or 1
    return len(match[1]) <= whole and len(match[2] or "") <= scale


def fits_parts(each: dict[str, Any], value: str) -> bool:
    """
    True for a time of day, or for values of a multi-select picklist.
    """
    if each["type"] == "time":
        return bool(re.fullmatch(r"[0-2]\d:[0-5]\d:00\.000Z", value))
    chosen = set(value.split(";"))
    return chosen <= {entry["value"] for entry in each["picklistValues"]}


def fits(each: dict[str, Any], value: str) -> bool:
    """
    True when *value* is what the API could show for that field.
    """
    kind = each["type"]
    if kind in {"time", "multipicklist"}:
        return fits_parts(each, value)
    if kind in {"currency", "double", "percent", "int"}:
        return fits_digits(each, value)
    if kind == "date":
        return date.fromisoformat(value).isoformat() == value
    if kind == "datetime":
        moment = datetime.fromisoformat(value)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z" == value
    if kind == "boolean" or (kind == "picklist" and each["restrictedPicklist"]):
        known = {entry["value"] for entry in each["picklistValues"]}
        return value in (known or {"true", "false"})
    pattern = r"[a-z0-9.+]+@example\.(com|org)" if kind == "email" else r"(?s).+"
    return bool(re.fullmatch(pattern, value)) and len(value) <= int(each["length"])


def test_every_value_fits_its_field(records: Records) -> None:
    """
    Expects lengths, digits, dates, picklists, and nulls only where they are allowed.
    """
    for api_name, rows in records.items():
        for each in DESCRIBES[api_name]["fields"]:
            name = each["name"]
            if name == "Id" or each["type"] == "reference":
                continue
            found = values_of(rows, name)
            assert each["nillable"] or None not in found, (api_name, name)
            for value in found.keys() - {None}:
                assert value is not None
                assert fits(each, value), (api_name, name, value[:80])
                plain_text = each["soapType"] == "xsd:string"
                if plain_text and not each["calculated"]:
                    assert value == value.strip(" \t\r\n"), (api_name, name)


def test_multi_currency_runs_from_account_to_tax(records: Records) -> None:
    """
    Expects four currencies, and details with the currency of their invoice.
    """
    currency = {f"@{row['_key']}": row["CurrencyIsoCode"] for row in records[INVOICE]}
    assert set(currency.values()) == {"EUR", "USD", "CHF", "GBP"}
    line_currency = {}
    for row in records[LINE]:
        assert row["CurrencyIsoCode"] == currency[str(row["ONB2__Invoice__c"])]
        line_currency[f"@{row['_key']}"] = row["CurrencyIsoCode"]
    for row in records[TAX]:
        parent = str(row["ONB2__InvoiceLineItem__c"])
        assert row["CurrencyIsoCode"] == line_currency[parent]
    for row in records[BALANCE]:
        assert row["CurrencyIsoCode"] == currency[str(row["ONB2__Invoice__c"])]


def test_invoices_span_ten_years_and_all_statuses(records: Records) -> None:
    """
    Expects dates from ten years ago to now, a leap day, and each status.
    """
    rows = records[INVOICE]
    days = sorted(date.fromisoformat(str(row["ONB2__Date__c"])) for row in rows)
    assert days[0] <= TODAY - timedelta(days=3_650)
    assert TODAY - timedelta(days=10) <= days[-1] <= TODAY
    assert date(2020, 2, 29) in days
    assert {"Draft", "Open", "Paid", "Settled", "Canceled", "Closed"} == set(
        values_of(rows, "ONB2__Status__c")
    )
    drafts = [row for row in rows if row["ONB2__Status__c"] == "Draft"]
    assert all(str(row["Name"]).startswith("DRAFT-") for row in drafts)
    assert any(count > 1 for count in values_of(rows, "Name").values())


def test_cancelations_take_back_exactly_and_point_both_ways(records: Records) -> None:
    """
    Expects pairs with opposite totals; some forward over many invoices; some credits.
    """
    rows = {f"@{row['_key']}": row for row in records[INVOICE]}
    canceled = [row for row in rows.values() if row["ONB2__CanceledWith__c"]]
    assert len(canceled) > 100
    reach = set()
    for row in canceled:
        other = rows[str(row["ONB2__CanceledWith__c"])]
        assert other["ONB2__RelatedInvoice__c"] == f"@{row['_key']}"
        assert other["ONB2__Type__c"] == "Cancelation"
        total = amount(row, "ONB2__GrandTotal__c") + amount(
            other, "ONB2__GrandTotal__c"
        )
        assert total == 0
        mine, theirs = str(row["_key"]), str(other["_key"])
        reach.add(int(theirs.split(":")[1]) - int(mine.split(":")[1]))
    assert reach == {1, 67}
    assert any(
        row["ONB2__RelatedInvoice__c"] == row["ONB2__CanceledWith__c"]
        for row in canceled
    )
    credit_notes = [row for row in rows.values() if row["ONB2__Class__c"] == "Credit"]
    assert credit_notes
    assert all(amount(row, "ONB2__GrandTotal__c") < 0 for row in credit_notes)
    kinds = {(row["ONB2__Class__c"], row["ONB2__Type__c"]) for row in rows.values()}
    assert {("Credit", None), ("Credit", "Cancelation")} <= kinds
    assert ("Invoice", "Cancelation") in kinds


def test_old_records_hold_inactive_and_never_listed_values(records: Records) -> None:
    """
    Expects picklist values that describe calls inactive, and some it does not know.
    """
    by_field = (
        (INVOICE, "ONB2__Type__c", {"Installment", "Final with Installment"}),
        (INVOICE, "ONB2__PaymentMethod__c", {"Paypal", "SEPA"}),
        (INVOICE, "Region__c", {"Süd"}),
        (LINE, "ONB2__Unit__c", {"Stk"}),
        (LINE, "ONB2__Type__c", {"Tax Delta"}),
    )
    for api_name, name, inactive in by_field:
        assert inactive <= values_of(records[api_name], name).keys(), name
    assert "Dunning" in values_of(records[INVOICE], "ONB2__Type__c")
    assert "Std." in values_of(records[LINE], "ONB2__Unit__c")


@pytest.mark.parametrize("invoices", [200, 2_000])
def test_the_hard_values_are_there(invoices: int) -> None:
    """
    Expects each kind of text, number and date that breaks naive exports.
    """
    found = seeded(invoices)
    texts = {
        value
        for rows in found.values()
        for row in rows
        for name, value in row.items()
        if value is not None and name != "_key"
    }
    for literal in ("#N/A", "null", "NULL", "1970-01-01", "2020-02-29"):
        assert literal in texts, literal
    for part in (
        "\r\n",
        "\t",
        '"',
        ",",
        ";",
        "  ",
        "🧾",
        "請求書",
        "ü",
        "'",
        "<",
        "\u00a0",
    ):
        assert any(part in text for text in texts), repr(part)
    for start in ("=", "+", "@all", "-"):
        assert any(text.startswith(start) for text in texts), start
    lengths = {len(text) for text in texts}
    assert {80, 255, 30_000, 32_768} <= lengths
    longest = {len(str(row["Name"])) for row in found["Account"]}
    assert 255 in longest or invoices < 2_000
    assert {"9999999999999999.99", "123456789012345695"} <= texts


def test_formulas_show_more_than_describe_says(records: Records) -> None:
    """
    Expects five decimals in PosTotalNet, outer blanks in a text formula, and nulls.
    """
    nets = [str(row["ONB2__PosTotalNet__c"]) for row in records[LINE]]
    assert any(re.search(r"\.\d{5}$", text) for text in nets)
    joined = [str(row["ON_AddressLine__c"]) for row in records[INVOICE]]
    assert any(text.startswith(" ") for text in joined)
    assert any(text.endswith(" ") for text in joined)
    for name in ("ONB2__Email__c", "ONB2__RecipientAddress__c", "ONB2__PaymentDate__c"):
        nulls = values_of(records[INVOICE], name)[None]
        assert 0 < nulls < 2_000, name


def test_each_packaged_field_has_a_value_somewhere(records: Records) -> None:
    """
    Expects no custom field of any object to be null (or unchecked) in all records.
    """
    never = [
        f"{api_name}.{each['name']}"
        for api_name, rows in records.items()
        for each in DESCRIBES[api_name]["fields"]
        if each["custom"] and len(rows) >= 100
        if values_of(rows, each["name"]).keys() <= {None}
    ]
    assert never == []


def test_the_source_id_is_unique_whatever_the_case(records: Records) -> None:
    """
    Expects no two line items with one SourceId, compared without case; some blank.
    """
    found = [row["ONB2__SourceId__c"] for row in records[LINE]]
    given = [value.lower() for value in found if value]
    assert len(given) == len(set(given))
    assert None in found


def test_the_same_seed_gives_the_same_rows() -> None:
    """
    Expects equality for one seed and difference for another.
    """
    assert seeded(150) == seeded(150)
    assert seeded(150) != seeded(150, seed=2)


_DIGEST = """
import hashlib, json, pathlib, sys
from datetime import date
from migrator.emulator.seed.recipe import seed_records
paths = sorted(pathlib.Path(sys.argv[1]).glob("*.json"))
describes = {path.stem: json.loads(path.read_bytes()) for path in paths}
rows = seed_records(describes, invoices=60, seed=3, today=date(2026, 11, 22))
print(hashlib.sha256(json.dumps(list(rows)).encode()).hexdigest())
"""


def test_rows_do_not_depend_on_hashes_or_locale() -> None:
    """
    Expects the same bytes, in the same order, from two differently started Pythons.
    """
    digests = set()
    for hash_seed, locale in (("1", "C"), ("2", "C.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "LC_ALL": locale}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST, str(SAMPLES)],
            check=True,
            capture_output=True,
            env=environment,
            cwd=SAMPLES.parent,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_what_the_org_does_not_describe_is_left_out() -> None:
    """
    Expects only described objects and fields, also where the org has fewer.
    """
    trimmed = json.loads(json.dumps(DESCRIBES[INVOICE]))
    trimmed["fields"] = trimmed["fields"][:6]
    batches = dict(seed_records({INVOICE: trimmed}, invoices=10, seed=1, today=TODAY))

    assert batches.keys() == {INVOICE}
    names = {each["name"] for each in trimmed["fields"]} - {"Id"}
    assert batches[INVOICE][0].keys() == names | {"_key"}


def test_memory_does_not_grow_with_the_invoices() -> None:
    """
    Expects the peak of 1,000 invoices near that of 500: batches, not the whole.
    """

    def peak(invoices: int) -> int:
        tracemalloc.start()
        for _ in seed_records(DESCRIBES, invoices=invoices, seed=1, today=TODAY):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(1_000) < 1.3 * peak(500)


def test_two_thousand_invoices_take_seconds_not_minutes() -> None:
    """
    Expects the usual seed in well under ten seconds of CPU, on a loaded machine too.
    """
    start = time.process_time()
    seeded(2_000)
    assert time.process_time() - start < 10


def test_the_customers_own_invoice_is_an_ordinary_object() -> None:
    """
    Expects 45 and 57 keys, 25 rows with described fields, and no migration marker.
    """
    described = own_invoice_describe()
    rows = own_invoice_records(1)

    assert described["name"] == "Invoice__c"
    assert set(described) == set(DESCRIBES[INVOICE])
    for each in described["fields"]:
        assert set(each) == set(DESCRIBES[INVOICE]["fields"][0]), each["name"]
    assert described["keyPrefix"] not in {
        each["keyPrefix"] for each in DESCRIBES.values()
    }
    assert len(rows) == 25
    names = {each["name"] for each in described["fields"]} - {"Id"} | {"_key"}
    assert all(row.keys() == names for row in rows)
    assert "migrator" not in OWN_DESCRIPTION
    assert rows == own_invoice_records(1)
    for row in rows:
        for each in described["fields"]:
            value = row.get(each["name"])
            if value is not None and each["type"] != "reference":
                assert fits(each, value), each["name"]
