"""
The table from describe types to target types, row by row.
"""

from __future__ import annotations

import pytest

from migrator.model.describe import FieldDescribe
from migrator.model.finding import Level
from migrator.model.kinds.described import DESCRIBED
from migrator.model.records import Observed
from migrator.rules.check.fit import what_is_lost
from migrator.rules.check.ranges import range_problem
from migrator.rules.plan.field_types import choose
from tests.builders.describes import a_described

F = a_described


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (F(length=40), "Text(40)"),
        (F(length=255), "Text(255)"),
        (F(length=0), "Text(255)"),
        (F(length=1_000), "LongTextArea(1000)"),
        (F(length=30, auto_number=True), "Text(80)"),
        (F(type_="textarea", length=255, extra="plaintextarea"), "TextArea"),
        (F(type_="textarea", length=256, extra="plaintextarea"), "LongTextArea(256)"),
        (F(type_="textarea", length=131_072), "LongTextArea(131072)"),
        (F(type_="textarea", length=100, extra="richtextarea"), "Html(256)"),
        (F(type_="textarea", length=32_768, html=True), "Html(32768)"),
        (F(type_="boolean"), "Checkbox"),
        (F(type_="int"), "Number(18, 0)"),
        (F(type_="double", precision=18, scale=5), "Number(18, 5)"),
        (F(type_="double", precision=3), "Number(3, 0)"),
        (F(type_="currency", precision=18, scale=2), "Currency(18, 2)"),
        (F(type_="percent", precision=5, scale=2), "Percent(5, 2)"),
        (F(type_="date"), "Date"),
        (F(type_="datetime"), "DateTime"),
        (F(type_="time"), "Time"),
        (F(type_="email", length=80), "Email"),
        (F(type_="phone", length=40), "Phone"),
        (F(type_="phone", length=60), "Text(60)"),
        (F(type_="url", length=255), "Url"),
        (F(type_="picklist", length=255, values=("A", "B")), "Picklist"),
        (F(type_="picklist", length=255), "Text(255)"),
        (F(type_="multipicklist", values=("A",)), "MultiselectPicklist"),
        (F(type_="multipicklist", length=4_099), "LongTextArea(4099)"),
        (F(type_="combobox", length=255), "Text(255)"),
        (
            F(type_="encryptedstring", length=175),
            "EncryptedText(175, all, asterisk)",
        ),
        (F(type_="date", calculated=True), "Date"),
        (F(type_="boolean", formula="TRUE"), "Checkbox"),
    ],
)
def test_each_kind_of_field_has_its_type(field: FieldDescribe, expected: str) -> None:
    """Without data, the describe decides; the type takes all it allows."""
    choice = choose(field, None)
    assert str(choice.type) == expected
    assert choice.type is not None
    assert not range_problem(choice.type)
    assert not list(what_is_lost(field, choice.type))


def test_no_describe_type_is_forgotten() -> None:
    """Every type gets a target or a reason; references are decided elsewhere."""
    for type_ in sorted(DESCRIBED.keys() - {"reference"}):
        choice = choose(F(type_=type_), None)
        assert choice.type or choice.skipped, type_


@pytest.mark.parametrize("type_", ["address", "location", "base64", "anyType", "json"])
def test_what_no_field_can_hold_is_skipped_with_a_reason(type_: str) -> None:
    """A compound's parts come one by one, a file comes as a file."""
    choice = choose(F(type_=type_), None)
    assert choice.type is None
    assert choice.skipped


def _codes(field: FieldDescribe, seen: Observed | None) -> list[str]:
    return [each.code for each in choose(field, seen).findings]


def test_a_text_formula_is_as_long_as_its_texts() -> None:
    """The describe says 1300 for every one of them; an extract knows better."""
    field = F(length=1_300, formula='"x"')
    assert str(choose(field, None).type) == "LongTextArea(1300)"
    assert _codes(field, None) == ["type-without-data"]
    assert str(choose(field, Observed(max_length=255)).type) == "Text(255)"
    assert _codes(field, Observed(max_length=255)) == []
    long = choose(field, Observed(max_length=256))
    assert str(long.type) == "LongTextArea(1300)"
    assert str(choose(field, Observed(max_length=1_300)).type) == "LongTextArea(1950)"
    broken = Observed(max_length=20, has_line_breaks=True)
    assert str(choose(field, broken).type) == "LongTextArea(1300)"


def test_a_calculated_number_is_as_wide_as_its_digits() -> None:
    """Decimals grow to what was seen and never fall below the described ones."""
    field = F(type_="currency", precision=18, scale=2, calculated=True)
    assert str(choose(field, None).type) == "Currency(18, 2)"
    assert _codes(field, None) == ["type-without-data"]
    plain = Observed(max_scale=1, max_integer_digits=5)
    assert str(choose(field, plain).type) == "Currency(18, 2)"
    assert _codes(field, plain) == []
    seen = Observed(max_scale=9, max_integer_digits=9)
    assert str(choose(field, seen).type) == "Currency(18, 9)"
    assert _codes(field, seen) == ["scale-widened"]


def test_a_small_number_grows_by_its_decimals() -> None:
    """Digits before the point stay possible as described."""
    field = F(type_="double", precision=5, scale=2)
    seen = Observed(max_scale=4, max_integer_digits=1)
    assert str(choose(field, seen).type) == "Number(7, 4)"


@pytest.mark.parametrize(("integers", "scale"), [(10, 9), (1, 18), (19, 0)])
def test_too_many_digits_are_a_blocker(integers: int, scale: int) -> None:
    """No number field holds more than 18 digits, 17 of them decimals."""
    field = F(type_="double", precision=18, scale=2)
    seen = Observed(max_scale=scale, max_integer_digits=integers)
    (remark,) = choose(field, seen).findings
    assert (remark.level, remark.code) == (Level.BLOCKER, "digits-do-not-fit")


def test_picklists_know_withdrawn_and_unlisted_values() -> None:
    """Described order first, then what only the records hold."""
    field = F(type_="picklist", length=255, values=("Open", "Paid"))
    seen = Observed(values=("Settled", "Draft", "Open"))
    assert choose(field, seen).values == ("Open", "Paid", "Draft", "Settled")
    many = F(type_="multipicklist", values=("B",))
    assert choose(many, Observed(values=("B;C", "A"))).values == ("B", "A", "C")


@pytest.mark.parametrize(
    "values",
    [
        ("Open", "OPEN"),
        ("x" * 256,),
        tuple(f"{n:03}{'x' * 200}" for n in range(80)),
        tuple(str(n) for n in range(1_001)),
    ],
)
def test_values_that_no_picklist_takes_become_text(values: tuple[str, ...]) -> None:
    """The platform would store another spelling, or refuse the field."""
    choice = choose(F(type_="picklist", length=255, values=values), None)
    assert choice.type is not None
    assert str(choice.type).startswith(("Text(", "LongTextArea("))
    assert choice.values == ()
    assert [each.code for each in choice.findings] == ["picklist-as-text"]
