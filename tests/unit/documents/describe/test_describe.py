"""
Describe files: what is read, what is missed politely, what is refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.documents.describe.describe import parse_describe
from migrator.errors import DescribeError
from migrator.model.finding import Level
from migrator.model.kinds.described import DESCRIBED
from tests.builders.describes import SAMPLES, read_describes
from tests.conftest import SHARED_DATA

FIELD: dict[str, Any] = {"name": "ONB2__Note__c", "type": "string"}


def _a_text(**changes: object) -> str:
    return json.dumps({"name": "ONB2__X__c", "fields": [FIELD | changes]})


def test_a_name_and_a_type_are_enough() -> None:
    """The object is called after the file, and each lack is reported once."""
    text = json.dumps({"fields": [FIELD, {"name": "Id", "type": "id"}]})
    describe, findings = parse_describe(text, file="some/folder/ONB2__Invoice__c.json")
    assert describe.name == describe.label == "ONB2__Invoice__c"
    assert [each.name for each in describe.fields] == ["ONB2__Note__c", "Id"]
    assert describe.fields[0].custom
    lacks = [each.message for each in findings if "precision" in each.message]
    assert lacks == [
        "The describe gives no precision for 2 of 2 fields; the default was taken."
    ]
    assert {each.level for each in findings} == {Level.WARNING, Level.INFO}


def test_attributes_keep_their_meaning() -> None:
    """References, formulas and picklists arrive as the describe has them."""
    describe, _ = parse_describe(
        _a_text(
            type="reference",
            referenceTo=["Account", "Contact"],
            relationshipOrder=0,
            calculatedFormula="TODAY()",
            picklistValues=[{"value": "NO", "label": "Norge", "active": False}],
        ),
        file="x.json",
    )
    (field,) = describe.fields
    assert field.reference_to == ("Account", "Contact")
    assert field.is_master_detail
    assert field.changes_by_itself
    (value,) = field.picklist_values
    assert (value.value, value.label, value.active) == ("NO", "Norge", False)


def test_the_shipped_samples_are_complete() -> None:
    """No shipped describe lacks an attribute that decisions are made from."""
    paths = sorted(SAMPLES.glob("*.json"))
    assert paths
    for path in paths:
        describe, findings = parse_describe(
            path.read_text(encoding="utf-8"), file=path.name
        )
        assert (findings, describe.name) == ((), path.stem)


@pytest.mark.shared_data
def test_real_describes_can_be_read() -> None:
    """Describes of real orgs, of API versions 42 to 59, have no surprise for us."""
    for folder in ("cumulusci", "dreamhouse"):
        assert read_describes(SHARED_DATA / "describes" / folder)


def test_a_byte_order_mark_is_no_mistake() -> None:
    """Windows editors put one before the text."""
    describe, _ = parse_describe("\ufeff" + _a_text(), file="x.json")
    assert describe.name == "ONB2__X__c"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "x.json:1:1: this is no JSON document"),
        ('{\n "fields": [', "x.json:2:"),
        ('{\n "fields": [', "the file looks cut short"),
        ("[]", "x.json: expected one JSON object with a list called fields"),
        ("{}", "x.json: fields: is missing"),
        ('{"fields": {}}', "x.json: fields: expected a list, not an object"),
        ('{"fields": []}', "x.json: fields: expected at least one field"),
        ('{"fields": [1]}', "x.json: fields[0]: expected an object, not a number"),
        ('{"fields": [{}]}', "x.json: fields[0].name: "),
        ('{"fields": [{"name": "A"}]}', "x.json: fields[0].type: is missing"),
        (
            _a_text(type="colour"),
            "fields[0] (ONB2__Note__c).type: 'colour' is no field",
        ),
        (_a_text(length="18"), "fields[0] (ONB2__Note__c).length: expected a whole"),
        (_a_text(length=True), "expected a whole number, not true or false"),
        (_a_text(length=1.5), "expected a whole number, not a number"),
        (_a_text(calculated=1), "calculated: expected true or false, not a number"),
        (_a_text(label=7), "label: expected text, not a number"),
        (_a_text(referenceTo="A"), "referenceTo: expected a list, not text"),
        (_a_text(referenceTo=[7]), "referenceTo[0]: expected text, not a number"),
        (_a_text(picklistValues=[{}]), "picklistValues[0].value: is missing"),
        (_a_text(name="../../etc/passwd"), "name: expected an API name"),
        (_a_text(label="\ud800"), "lone surrogate"),
        ('{"fields": ' + "9" * 5_000 + "}", "endless number"),
        ("[" * 100_000, "nested too deeply"),
        (
            json.dumps({"fields": [FIELD, FIELD | {"name": "onb2__note__C"}]}),
            "fields[1].name: the field onb2__note__C stands here twice",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, sentence: str) -> None:
    """The message names file, place and expectation, and says what to run."""
    with pytest.raises(DescribeError) as caught:
        parse_describe(text, file="x.json")
    assert sentence in caught.value.message
    assert "migrator describe --org" in caught.value.hint


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["name", "type", "label", "length", "referenceTo", "picklistValues", "calculated"]
)


@given(
    st.dictionaries(KEYS, JSON),
    st.sampled_from(sorted(DESCRIBED)) | st.text(),
)
def test_no_describe_ends_in_a_traceback(changes: dict[str, Any], type_: str) -> None:
    """Whatever a field holds, it is read or refused by name."""
    text = json.dumps({"fields": [FIELD | {"type": type_} | changes]})
    try:
        describe, _ = parse_describe(text, file="x.json")
    except DescribeError as error:
        outcome = error.message
    else:
        outcome = f"x.json has {len(describe.fields)} field"
    assert outcome.startswith("x.json")


@given(st.data())
def test_a_truncated_sample_is_always_refused(data: st.DataObject) -> None:
    """A download cut at any byte is not taken for a describe."""
    text = (SAMPLES / "ONB2__TaxDetail__c.json").read_text(encoding="utf-8").rstrip()
    end = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    with pytest.raises(DescribeError):
        parse_describe(text[:end], file="x.json")


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Other people's JSON files are no describes."""
    with pytest.raises(DescribeError):
        parse_describe(json.dumps(value), file="x.json")
