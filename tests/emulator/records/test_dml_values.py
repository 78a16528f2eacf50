"""
What the platform does to values on their way in, and what it refuses.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.emulator.errors import SalesforceError
from migrator.emulator.schema.values import number_text, parse
from tests.builders.schemas import a_field
from tests.emulator.conftest import BASE, Caller, error_of


@pytest.mark.parametrize(
    ("field", "given_value", "stored"),
    [
        ("Group__c", "  two words \t", "two words"),
        ("Group__c", "   ", None),
        ("Group__c", "\u00a0kept\u00a0", "\u00a0kept\u00a0"),
        ("Note__c", "one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("Amount__c", "12.349", 12.34),
        ("Amount__c", "-12.349", -12.34),
        ("Amount__c", "1.25E3", 1250.0),
        ("Rate__c", 1.2345, 1.234),
        ("Day__c", "2024-02-29", "2024-02-29"),
        ("Sent__c", "2024-02-29T23:30:00+01:00", "2024-02-29T22:30:00.000+0000"),
        ("Paid__c", "FALSE", False),
        ("Colour__c", "RED", "Red"),
        ("Colour__c", "Blue", "Blue"),
        ("State__c", "closed", "Closed"),
    ],
)
def test_values_are_kept_as_the_platform_keeps_them(
    archive_org: Caller, field: str, given_value: Any, stored: Any
) -> None:
    """Trimming, LF, cut digits, UTC, picklist spelling: all without an error."""
    record_id = archive_org.create("Bill__c", **{field: given_value})
    assert archive_org.value("Bill__c", record_id, field) == stored


@pytest.mark.parametrize(
    ("field", "given_value", "code", "sentence"),
    [
        (
            "Group__c",
            "x" * 41,
            "STRING_TOO_LONG",
            f"Group: data value too large: {'x' * 41} (max length=40)",
        ),
        (
            "Mail__c",
            "nobody@home",
            "INVALID_EMAIL_ADDRESS",
            "Mail: invalid email address: nobody@home",
        ),
        (
            "State__c",
            "Lost",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "State: bad value for restricted picklist field: Lost",
        ),
        (
            "Amount__c",
            "12345678901234567",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 12345678901234567",
        ),
        (
            "Customer__c",
            "001xx",
            "MALFORMED_ID",
            "Customer: id value of incorrect type: 001xx",
        ),
        (
            "Customer__c",
            "0015g0000000zzzAAB",
            "MALFORMED_ID",
            "Customer: id value of incorrect type: 0015g0000000zzzAAB",
        ),
        (
            "Customer__c",
            "0015g0000000zzz",
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            "Customer__c",
            "0035g0000000001",
            "FIELD_INTEGRITY_EXCEPTION",
            "Customer: id value of incorrect type: 0035g0000000001AAA",
        ),
        (
            "CreatedDate",
            "2020-01-01T00:00:00Z",
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            (
                "Unable to create/update fields: CreatedDate. Please check the "
                "security settings of this field and verify that it is read/write "
                "for your profile or permission set."
            ),
        ),
        (
            "CurrencyIsoCode",
            "XXX",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Currency ISO Code: bad value for restricted picklist field: XXX",
        ),
        (
            "Nonsense__c",
            "x",
            "INVALID_FIELD",
            "No such column 'Nonsense__c' on sobject of type Bill__c",
        ),
    ],
)
def test_bad_values_are_refused_in_the_vendors_words(
    archive_org: Caller, field: str, given_value: Any, code: str, sentence: str
) -> None:
    """Code and sentence of each refusal."""
    assert archive_org.insert_error("Bill__c", **{field: given_value}) == (
        code,
        sentence,
    )


@pytest.mark.parametrize(
    ("field", "given_value"),
    [
        ("Amount__c", "abc"),
        ("Day__c", "2024-02-30"),
        ("Day__c", "2024-02-28+01:00"),
        ("Sent__c", "2024-02-28"),
        ("Paid__c", "perhaps"),
    ],
)
def test_values_of_another_type_are_parser_errors(
    archive_org: Caller, field: str, given_value: str
) -> None:
    """JSON says JSON_PARSER_ERROR where Bulk names the field and type."""
    code, message = archive_org.insert_error("Bill__c", **{field: given_value})
    assert code == "JSON_PARSER_ERROR"
    assert given_value in message


def test_absent_columns_take_defaults_and_nulls_do_not(archive_org: Caller) -> None:
    """A default fills an absent column only; a checkbox is never null."""
    absent = archive_org.create("Bill__c")
    null = archive_org.create("Bill__c", State__c=None, Paid__c=None)
    assert archive_org.value("Bill__c", absent, "State__c") == "Open"
    assert archive_org.value("Bill__c", absent, "Paid__c") is True
    assert archive_org.value("Bill__c", null, "State__c") is None
    assert archive_org.value("Bill__c", null, "Paid__c") is False


def test_owner_currency_name_and_stamps_are_given(archive_org: Caller) -> None:
    """What the platform fills in by itself."""
    record_id = archive_org.create("Bill__c")
    row = archive_org.http.get(f"{BASE}/sobjects/Bill__c/{record_id}").json()
    assert row["OwnerId"] == archive_org.org.users.running_id
    assert row["CurrencyIsoCode"] == "EUR"
    assert row["Name"] == record_id[:15]
    assert row["CreatedDate"] == row["SystemModstamp"]
    assert row["CreatedDate"].startswith("2026-03-02T12:")


def test_several_mistakes_of_a_row_come_together(archive_org: Caller) -> None:
    """All errors of one record are listed."""
    answer = archive_org.http.post(
        f"{BASE}/sobjects/Bill__c", json={"Mail__c": "x", "State__c": "y"}
    )
    assert error_of(answer)[0]
    assert len(answer.json()) == 2


_NUMBER = a_field("N__c", "double", precision=18, scale=4)


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4))
def test_numbers_survive_the_scientific_spelling(value: Any) -> None:
    """Text out, text in: the same stored value, whatever the magnitude."""
    stored = parse(_NUMBER, str(value))
    assert isinstance(stored, str)
    assert parse(_NUMBER, number_text(stored)) == stored


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("0", "0.0"),
        ("300", "300.0"),
        ("912260031", "9.12260031E8"),
        ("9999999.5", "9999999.5"),
        ("10000000", "1.0E7"),
        ("-0.0005", "-5.0E-4"),
    ],
)
def test_doubles_are_written_as_java_writes_them(stored: str, shown: str) -> None:
    """Scientific notation from ten million up and below a thousandth."""
    assert number_text(stored) == shown


def test_nan_is_no_number() -> None:
    """What Decimal would take, the platform does not."""
    with pytest.raises(SalesforceError):
        parse(_NUMBER, "NaN")
