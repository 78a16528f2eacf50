"""
Frames of an extract, and of a clean copy of it to plant damage in.
"""

from __future__ import annotations

import polars as pl

from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.reconcile import source_columns, target_columns
from tests.builders.mappings import an_entry

LINES = "Musterstraße 1\n10115 Berlin 🧾"
IDS = ("a0A000000000001AAA", "a0A000000000002AAA", "a0A000000000003AAA")
PARENTS = ("a0B000000000001AAA", "a0B000000000002AAA", "a0B000000000003AAA")
ENTRIES = (
    an_entry("Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM),
    an_entry("Name", "Name(80)"),
    an_entry("CurrencyIsoCode", "Standard", treatment=Treatment.SYSTEM),
    an_entry(
        "OwnerId",
        "Text(18)",
        target="Origin_Owner__c",
        treatment=Treatment.SYSTEM,
        name_source="Owner.Name",
        name_target=ApiName("Origin_Owner_Name__c"),
    ),
    an_entry(
        "CreatedDate",
        "DateTime",
        target="Origin_Created_Date__c",
        treatment=Treatment.SYSTEM,
    ),
    an_entry("ONB2__Date__c", "Date", target="Date__c"),
    an_entry(
        "ONB2__Total__c",
        "Currency(18, 2)",
        target="Total__c",
        treatment=Treatment.FREEZE,
    ),
    an_entry("ONB2__Net__c", "Currency(18, 2)", target="Net__c"),
    an_entry("ONB2__Rate__c", "Number(18, 9)", target="Rate__c"),
    an_entry("ONB2__Paid__c", "Checkbox", target="Paid__c"),
    an_entry("ONB2__Status__c", "Picklist", target="Status__c"),
    an_entry("ONB2__Address__c", "LongTextArea(32768)", target="Address__c"),
    an_entry("ONB2__Note__c", "Text(40)", target="Note__c"),
    an_entry(
        "ONB2__Invoice__c",
        "Lookup(Invoice__c)",
        target="Invoice__c",
        treatment=Treatment.PARENT,
        id_target=ApiName("Invoice_Id__c"),
    ),
)
RECORDS = (
    {
        "Id": IDS[0],
        "Name": "RE-2024-0001",
        "CurrencyIsoCode": "EUR",
        "OwnerId": "005000000000001AAA",
        "Owner.Name": "Änne Öl",
        "CreatedDate": "2024-01-02T03:04:05.000Z",
        "ONB2__Date__c": "2024-01-31",
        "ONB2__Total__c": "1234.56",
        "ONB2__Net__c": "1000.00",
        "ONB2__Rate__c": "123456789.123456789",
        "ONB2__Paid__c": "true",
        "ONB2__Status__c": "Open",
        "ONB2__Address__c": LINES,
        "ONB2__Note__c": "two words",
        "ONB2__Invoice__c": PARENTS[0],
    },
    {
        "Id": IDS[1],
        "Name": "RE-2024-0002",
        "CurrencyIsoCode": "USD",
        "OwnerId": "005000000000001AAA",
        "Owner.Name": "Änne Öl",
        "CreatedDate": "2024-02-29T23:59:59.000Z",
        "ONB2__Date__c": "2024-02-29",
        "ONB2__Total__c": "-0.01",
        "ONB2__Net__c": "7",
        "ONB2__Rate__c": "0.1",
        "ONB2__Paid__c": "false",
        "ONB2__Status__c": "Cancelled",
        "ONB2__Address__c": None,
        "ONB2__Note__c": "=SUM(A1)",
        "ONB2__Invoice__c": PARENTS[1],
    },
    {
        "Id": IDS[2],
        "Name": "RE-2025-0001",
        "CurrencyIsoCode": "EUR",
        "OwnerId": "005000000000002AAA",
        "Owner.Name": "O'Brien",
        "CreatedDate": "2025-01-01T00:00:00.000Z",
        "ONB2__Date__c": "2025-01-01",
        "ONB2__Total__c": None,
        "ONB2__Net__c": "0",
        "ONB2__Rate__c": "999999999999999999",
        "ONB2__Paid__c": "false",
        "ONB2__Status__c": None,
        "ONB2__Address__c": "x",
        "ONB2__Note__c": None,
        "ONB2__Invoice__c": PARENTS[2],
    },
)


def a_compared_object(*entries: FieldMapping) -> MappedObject:
    """
    An object with *entries*, or with one of each kind.
    """
    return MappedObject(
        source=ApiName("ONB2__InvoiceLineItem__c"),
        target=ApiName("InvoiceLineItem__c"),
        label="Line",
        plural_label="Lines",
        name_label="Number",
        fields=entries or ENTRIES,
    )


def a_source(mapped: MappedObject) -> pl.DataFrame:
    """
    The records as the source gives them.
    """
    columns = source_columns(mapped)
    schema = dict.fromkeys(columns, pl.String())
    return pl.DataFrame([{c: r[c] for c in columns} for r in RECORDS], schema=schema)


def a_copy(source: pl.DataFrame, mapped: MappedObject) -> pl.DataFrame:
    """
    *source* as it arrives in the target when nothing goes wrong.
    """
    made: dict[str, pl.Series] = {}
    for entry in mapped.fields:
        filled = (
            (entry.source, entry.target),
            (entry.source, entry.id_target),
            (entry.name_source, entry.name_target),
            (entry.source, entry.original_target),
        )
        for path, name in filled:
            if path and name:
                made[name] = source[path].alias(name)
        if entry.treatment is Treatment.PARENT and entry.target:
            column = entry.target.replace("__c", "__r.Origin_Id__c")
            made[column] = source[str(entry.source)].alias(column)
    own = [f"a0Z00000000000{row}AAA" for row in range(source.height)]
    made["Id"] = pl.Series("Id", own)
    return pl.DataFrame({name: made[name] for name in target_columns(mapped)})


def planted(
    frame: pl.DataFrame, row: int, column: str, value: str | None
) -> pl.DataFrame:
    """
    *frame* with one other cell.
    """
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, dtype=pl.String))


def an_id(number: int) -> str:
    """
    An id of 18 characters.
    """
    return f"a0X{number:012}AAA"


def a_converted_object(*entries: FieldMapping) -> MappedObject:
    """
    A mapped object with an id, a name and *entries*.
    """
    return MappedObject(
        source=ApiName("Old__c"),
        target=ApiName("New__c"),
        label="New",
        plural_label="News",
        name_label="Name",
        fields=(
            an_entry(
                "Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM
            ),
            an_entry("Name", "Name(80)"),
            *entries,
        ),
    )


def an_extract_frame(**columns: list[str | None]) -> pl.DataFrame:
    """
    An extract frame: ids and names are made up where they are not given.
    """
    rows = len(next(iter(columns.values())))
    ids: dict[str, list[str | None]] = {"Id": [an_id(n) for n in range(rows)]}
    names: dict[str, list[str | None]] = {"Name": [f"N-{n}" for n in range(rows)]}
    content = ids | names | columns
    return pl.DataFrame(content, schema=dict.fromkeys(content, pl.String))
