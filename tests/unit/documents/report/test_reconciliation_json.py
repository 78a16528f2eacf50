"""
The reconciliation for programs, and the private file with the values.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest

from migrator.documents.report.differences_csv import HEADER, differences_csv
from migrator.documents.report.reconciliation_json import spelled, verdict_json
from migrator.model.verdict import Verdict
from tests.builders.verdicts import (
    SECRET,
    a_clean_verdict,
    a_damaged_verdict,
    a_total,
    an_open_verdict,
)


def test_the_promised_keys_are_there() -> None:
    """Pipelines read these names."""
    content = json.loads(verdict_json(a_damaged_verdict()))
    assert content["differences"] == 1003
    first = content["objects"][0]
    assert {
        key: first[key]
        for key in (
            "source",
            "target",
            "source_records",
            "target_records",
            "cells_compared",
            "differences",
            "by_field",
        )
    } == {
        "source": "ONB2__Invoice__c",
        "target": "Invoice__c",
        "source_records": 1200,
        "target_records": 1200,
        "cells_compared": 98_400,
        "differences": 1,
        "by_field": {"ONB2__GrandTotal__c": 1},
    }
    assert content["org"] == {
        "id": "00D000000000001EAA",
        "name": "Muster & Söhne <GmbH>",
    }
    assert content["made_at"] == "2026-11-22T19:30:00+00:00"
    assert content["unreviewed"] == 37


def test_totals_are_decimal_text_by_field_currency_and_year() -> None:
    """No float ever touches an amount; both sides have the same places."""
    content = json.loads(verdict_json(a_damaged_verdict()))
    totals = content["objects"][0]["totals"]
    assert totals["ONB2__TotalNet__c"]["EUR"]["2024"] == {
        "source": "1037451.1",
        "target": "1037451.1",
    }
    assert content["objects"][1]["totals"] == {
        "ONB2__PosTotalNet__c": {
            "EUR": {"": {"source": "-0.00001", "target": "-0.00001"}}
        }
    }


def test_a_total_says_what_is_agreed_and_what_nobody_knows() -> None:
    """Only where there is something to say."""
    verdict = a_damaged_verdict()
    total = a_total("ONB2__Fee__c", "EUR", 2023, "1.005", "1.01")
    total = replace(total, agreed=Decimal("0.005"), unexplained=Decimal("0.10"))
    first = replace(verdict.objects[0], totals=(total,))
    content = json.loads(verdict_json(replace(verdict, objects=(first,))))
    assert content["objects"][0]["totals"]["ONB2__Fee__c"]["EUR"]["2023"] == {
        "source": "1.005",
        "target": "1.010",
        "agreed": "0.005",
        "unexplained": "0.10",
    }


def test_differences_are_named_without_values() -> None:
    """Record, field and kind; the values are private."""
    text = verdict_json(a_damaged_verdict())
    assert SECRET not in text
    assert json.loads(text)["named_differences"][0] == {
        "object": "ONB2__Invoice__c",
        "record": "a0A000000000001AAA",
        "field": "ONB2__GrandTotal__c",
        "target_field": "GrandTotal__c",
        "damage": "different value",
    }


@pytest.mark.parametrize(
    ("amounts", "texts"),
    [
        (("1.10", "1"), ("1.1", "1.0")),
        (("1E+3", "1000.00"), ("1000", "1000")),
        (("1E-18", "-0.5"), ("0.000000000000000001", "-0.500000000000000000")),
        ((), ()),
    ],
)
def test_amounts_are_spelled_with_equal_places(
    amounts: tuple[str, ...], texts: tuple[str, ...]
) -> None:
    """As many places as the longest needs, never fewer."""
    assert spelled(tuple(map(Decimal, amounts))) == texts


def test_the_private_file_has_both_values_of_every_difference() -> None:
    """One line each, in the order found, readable by any CSV reader."""
    content = differences_csv(a_damaged_verdict().examples).decode("utf-8")
    rows = list(csv.reader(io.StringIO(content)))
    assert tuple(rows[0]) == HEADER
    assert rows[1] == [
        "ONB2__Invoice__c",
        "a0A000000000001AAA",
        "ONB2__GrandTotal__c",
        "GrandTotal__c",
        "different value",
        SECRET,
        "'=1+1",
    ]
    assert len(rows) == 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_can_be_run_by_a_spreadsheet(start: str) -> None:
    """Text from customers may look like a formula."""
    (cent, *_) = a_damaged_verdict().examples
    given = replace(cent, source_value=f"{start}HYPERLINK(1)")
    content = differences_csv([given]).decode("utf-8")
    (_, row) = list(csv.reader(io.StringIO(content, newline="")))
    assert row[5] == f"'{start}HYPERLINK(1)"


def test_line_breaks_in_values_stay_one_row() -> None:
    """A value is quoted whole."""
    (cent, *_) = a_damaged_verdict().examples
    given = replace(cent, source_value='a\nb"c,d')
    rows = list(csv.reader(io.StringIO(differences_csv([given]).decode("utf-8"))))
    assert rows[1][5] == 'a\nb"c,d'


def test_a_clean_verdict_has_empty_lists() -> None:
    """Nothing is left out when there is nothing to say."""
    content = json.loads(verdict_json(a_clean_verdict()))
    assert (content["differences"], content["named_differences"]) == (0, [])


@pytest.mark.parametrize(
    ("verdict", "result"),
    [
        (a_clean_verdict(), "equal"),
        (an_open_verdict(), "open"),
        (a_damaged_verdict(), "differs"),
        (replace(a_clean_verdict(), objects=()), "empty"),
    ],
)
def test_the_result_is_one_word(verdict: Verdict, result: str) -> None:
    """A pipeline that looks for `equal` is told of everything else."""
    assert json.loads(verdict_json(verdict))["result"] == result


def test_what_was_not_compared_is_listed() -> None:
    """By field, with the number of cells and the reason."""
    content = json.loads(verdict_json(an_open_verdict()))
    assert content["objects"][0]["not_compared"] == [
        {
            "field": "ONB2__DaysOverdue__c",
            "cells": 1200,
            "why": "it reads the clock",
        }
    ]
