"""
Twenty ways the conversion could go wrong, each seen by the comparison.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from migrator.model.names import ApiName
from migrator.rules.copy.convert import Conversion, convert
from migrator.rules.reconcile import compare, target_columns
from tests.builders.frames import a_compared_object, a_source
from tests.builders.mappings import a_mapping

MAPPED = a_compared_object()
SOURCE = a_source(MAPPED)
KEY = "Origin_Id__c"
PARENT = "Invoice__r.Origin_Id__c"
Mutation = Callable[[pl.DataFrame], pl.DataFrame]


def stored(made: pl.DataFrame) -> pl.DataFrame:
    """
    The load-file frame *made* as the org gives it back: `#N/A` and blanks are null.
    """
    columns = target_columns(MAPPED)
    present = [
        pl.when(~pl.col(name).is_in(["#N/A", ""])).then(pl.col(name)).alias(name)
        for name in columns
        if name in made.columns
    ]
    absent = [pl.lit(None, pl.String).alias(n) for n in columns if n not in made]
    return made.select(*present, *absent).select(columns)


def differences(mutate: Mutation) -> int:
    """
    What the comparison finds when the conversion's output is changed by *mutate*.
    """
    made = convert(SOURCE, Conversion(mapped=MAPPED)).frame
    verdict = compare(SOURCE, stored(mutate(made)), MAPPED, a_mapping(MAPPED)).verdict
    return verdict.differences


def cell(column: str, change: Callable[[pl.Expr], pl.Expr]) -> Mutation:
    """
    A mutation of the cells of one column that hold something.
    """

    def mutate(made: pl.DataFrame) -> pl.DataFrame:
        changed = change(pl.col(column))
        kept = pl.when(pl.col(column) == "#N/A").then(pl.col(column))
        return made.with_columns(kept.otherwise(changed).alias(column))

    return mutate


def swapped(one: str, other: str) -> Mutation:
    """
    Two columns under each other's name.
    """
    return lambda made: made.with_columns(
        pl.col(other).alias(one), pl.col(one).alias(other)
    )


def shifted(column: str) -> Mutation:
    """
    Every record with its neighbour's cell.
    """
    return lambda made: made.with_columns(
        pl.col(column).gather((pl.int_range(pl.len()) + 1) % pl.len()).alias(column)
    )


def a_day_later(text: pl.Expr) -> pl.Expr:
    """
    The next day's date.
    """
    return text.str.to_date().dt.offset_by("1d").cast(pl.String)


MUTATIONS: dict[str, Mutation] = {
    "the last digit is dropped": cell("Total__c", lambda x: x.str.head(-1)),
    "a digit is added": cell("Total__c", lambda x: x + "1"),
    "the sign is dropped": cell("Total__c", lambda x: x.str.strip_prefix("-")),
    "amounts are rounded to whole units": cell(
        "Total__c", lambda x: x.cast(pl.Float64).round(0).cast(pl.String)
    ),
    "numbers pass through a float": cell(
        "Rate__c", lambda x: x.cast(pl.Float64).cast(pl.String)
    ),
    "two amounts are swapped": swapped("Total__c", "Net__c"),
    "name and note are swapped": swapped("Name", "Note__c"),
    "inner blanks go": cell("Note__c", lambda x: x.str.replace_all(" ", "")),
    "texts are cut": cell("Note__c", lambda x: x.str.head(5)),
    "line breaks go": cell("Address__c", lambda x: x.str.replace_all("\n", " ")),
    "letters lose their marks": cell(
        "Origin_Owner_Name__c", lambda x: x.str.replace_all("Ä", "A")
    ),
    "capitals go": cell("Status__c", lambda x: x.str.to_lowercase()),
    "dates are a day later": cell("Date__c", a_day_later),
    "the time of day goes": cell(
        "Origin_Created_Date__c", lambda x: x.str.head(10) + "T00:00:00.000Z"
    ),
    "a time zone is added": cell(
        "Origin_Created_Date__c", lambda x: x.str.replace("Z", "+01:00", literal=True)
    ),
    "checkboxes are turned": cell(
        "Paid__c", lambda x: pl.when(x == "true").then(pl.lit("false")).otherwise(x)
    ),
    "a column is left out": lambda made: made.drop("Status__c"),
    "the last record is lost": lambda made: made.head(-1),
    "a record comes twice": lambda made: pl.concat([made, made.tail(1)]),
    "parents are the neighbours'": shifted(PARENT),
    "the currency is the user's": cell("CurrencyIsoCode", lambda _: pl.lit("EUR")),
    "formulas are disarmed": cell("Note__c", lambda x: x.str.replace("^=", "'=")),
}


def test_what_is_not_mutated_has_no_difference() -> None:
    """The sound conversion of these records is found equal."""
    assert differences(lambda made: made) == 0
    assert len(MUTATIONS) >= 20


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_comparison_sees_a_wrong_conversion(mutation: str) -> None:
    """Whatever the conversion did wrong, the certificate is not given."""
    assert differences(MUTATIONS[mutation]) > 0


def test_a_lost_entry_of_the_mapping_is_seen() -> None:
    """A conversion that knows fewer fields than the mapping leaves cells empty."""
    fewer = a_compared_object(
        *(e for e in MAPPED.fields if e.source != ApiName("ONB2__Net__c"))
    )
    made = convert(SOURCE, Conversion(mapped=fewer)).frame
    verdict = compare(SOURCE, stored(made), MAPPED, a_mapping(MAPPED)).verdict
    assert verdict.differences == 3
