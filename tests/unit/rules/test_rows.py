"""
`rows:` on both sides: the copy's conditions and the comparison's agree row by row.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.schema import mapping_digest
from migrator.documents.mapping.write import render_mapping
from migrator.model.mapping import MappedObject, Mapping, RowRule, Status
from migrator.model.names import ApiName
from migrator.model.row_rule import Condition, Excluded
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage
from migrator.rules.copy.convert import left_out
from migrator.rules.copy.row_rules import deciding_fields, restricted_targets
from migrator.rules.reconcile import (
    compare,
    parent_targets,
    selected,
    thinned_targets,
    with_signed_rules,
)
from migrator.rules.review.diff import differences
from migrator.rundir.layout import shipped_folder
from tests.builders.frames import (
    IDS,
    PARENTS,
    RECORDS,
    a_compared_object,
    a_copy,
    a_source,
)
from tests.builders.mappings import a_mapping, an_entry

STATUS, DAY = ApiName("ONB2__Status__c"), ApiName("ONB2__Date__c")
CONDITIONS = {
    "is": Condition(field=STATUS, is_=("Open", "Cancelled")),
    "is_not": Condition(field=STATUS, is_not=("Open",)),
    "blank": Condition(field=STATUS, blank=True),
    "not_blank": Condition(field=STATUS, not_blank=True),
    "before": Condition(field=DAY, before=date(2024, 2, 29)),
    "after": Condition(field=DAY, after=date(2024, 2, 29)),
}
EXPECTED = {
    "is": [0, 1],
    "is_not": [1, 2],
    "blank": [2],
    "not_blank": [0, 1],
    "before": [0],
    "after": [2],
}


def _with_rows(*conditions: Condition) -> MappedObject:
    rules = tuple(RowRule(exclude=each, why="test") for each in conditions)
    return replace(a_compared_object(), rows=rules)


@pytest.mark.parametrize("operator", EXPECTED)
def test_each_operator_leaves_out_what_it_says(operator: str) -> None:
    """Three records, six operators: the same ids on both sides, counted once."""
    mapped = _with_rows(CONDITIONS[operator])
    source = a_source(mapped)
    expected = [IDS[number] for number in EXPECTED[operator]]
    here = left_out([source], mapped, {})
    there = selected(source, mapped)
    assert here.ids.to_list() == expected
    assert sorted(there.left_out.to_list()) == expected
    assert here.excluded == there.excluded
    assert [each.records for each in here.excluded] == [len(expected)]


_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["Open", "open", "", " ", "2024-02-29", "2024-02-28T23:59:59Z"]),
    st.text(max_size=12),
    st.dates(date(1600, 1, 1), date(2999, 12, 31)).map(str),
)


def _reference(condition: Condition, text: str | None) -> bool:
    """
    The conditions once more, as the documentation says them.
    """
    if condition.is_ or condition.is_not:
        listed = text in (condition.is_ or condition.is_not)
        return listed is bool(condition.is_)
    if condition.blank or condition.not_blank:
        is_blank = text is None or not text.strip(" \t\n\r\x0b\x0c")
        return is_blank is condition.blank
    bound = condition.before or condition.after
    assert bound is not None
    first = (text or "")[:10]
    try:
        spelled = date.fromisoformat(first)
    except ValueError:
        return False
    return spelled < bound if condition.before else spelled > bound


@pytest.mark.parametrize("operator", EXPECTED)
@given(st.lists(_TEXTS, min_size=1, max_size=20))
def test_any_text_is_judged_alike(operator: str, texts: list[str | None]) -> None:
    """What the reference leaves out, row by row, and nothing else."""
    condition = replace(CONDITIONS[operator], field=ApiName("F"))
    mapped = _with_rows(condition)
    ids = [f"a0A{number:012}AAA" for number in range(len(texts))]
    frame = pl.DataFrame({"Id": ids, "F": texts}, schema_overrides={"F": pl.String})
    expected = [
        name
        for name, text in zip(ids, texts, strict=True)
        if _reference(condition, text)
    ]
    assert left_out([frame], mapped, {}).ids.to_list() == expected
    assert sorted(selected(frame, mapped).left_out.to_list()) == expected


def _family(*, required: bool) -> tuple[MappedObject, Mapping]:
    """
    Lines whose parent is another object, of which records are left out.
    """
    link = an_entry(
        "ONB2__Invoice__c",
        "Lookup(Invoice__c)",
        target="Invoice__c",
        treatment=Treatment.PARENT,
        required=required,
        id_target=None if required else ApiName("Invoice_Id__c"),
    )
    entries = [e for e in a_compared_object().fields if e.source != "ONB2__Invoice__c"]
    lines = a_compared_object(*entries, link)
    invoices = replace(
        _with_rows(CONDITIONS["is"]),
        source=ApiName("ONB2__Invoice__c"),
        target=ApiName("Invoice__c"),
        fields=(
            an_entry(
                "Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM
            ),
        ),
    )
    return lines, Mapping(namespace="ONB2", objects=(invoices, lines))


def test_children_go_with_a_mandatory_parent() -> None:
    """A line of an excluded invoice is no line; a dangling id stays a problem."""
    lines, mapping = _family(required=True)
    restricted = restricted_targets(mapping)
    assert restricted == {"Invoice__c", "InvoiceLineItem__c"}
    assert thinned_targets(mapping) == restricted
    assert parent_targets(lines) == ("Invoice__c",)
    assert deciding_fields(lines, restricted) == ("ONB2__Invoice__c",)
    gone = {ApiName("Invoice__c"): pl.Series("Id", [PARENTS[1]])}
    source = a_source(lines)
    here, there = left_out([source], lines, gone), selected(source, lines, gone)
    assert here.ids.to_list() == there.left_out.to_list() == [IDS[1]]
    assert here.excluded == there.excluded
    assert here.excluded[-1] == Excluded(
        reason="the record of ONB2__Invoice__c is left out", records=1
    )
    kept = a_copy(source, lines).filter(pl.col("Origin_Id__c") != IDS[1])
    result = compare(source, kept, lines, mapping, left_out=gone)
    assert result.verdict.differences == 0
    assert result.verdict.source_records == 2


def test_a_chain_of_details_goes_with_its_first_master() -> None:
    """Listed from the last child up: each master-detail goes along, all the way."""

    def detail(name: str, of: str) -> MappedObject:
        link = an_entry("P__c", f"MasterDetail({of}__c)", treatment=Treatment.PARENT)
        return replace(
            a_compared_object(link),
            source=ApiName(f"X__{name}__c"),
            target=ApiName(f"{name}__c"),
        )

    first = replace(
        _with_rows(CONDITIONS["is"]),
        source=ApiName("X__A__c"),
        target=ApiName("A__c"),
    )
    objects = (detail("D", "C"), detail("C", "B"), detail("B", "A"), first)
    mapping = Mapping(namespace="X", objects=objects)
    everything = {"A__c", "B__c", "C__c", "D__c"}
    assert restricted_targets(mapping) == thinned_targets(mapping) == everything


def test_an_optional_link_to_an_excluded_record_stays_empty() -> None:
    """The record stays, its id text too; a filled link would be a difference."""
    lines, mapping = _family(required=False)
    assert restricted_targets(mapping) == {"Invoice__c"}
    assert thinned_targets(mapping) == {"Invoice__c"}
    gone = {ApiName("Invoice__c"): pl.Series("Id", [PARENTS[1]])}
    source = a_source(lines)
    filled = a_copy(source, lines)
    link = "Invoice__r.Origin_Id__c"
    is_it = pl.col("Origin_Id__c") == IDS[1]
    empty = filled.with_columns(pl.when(~is_it).then(link).alias(link))
    right = compare(source, empty, lines, mapping, left_out=gone)
    assert right.verdict.differences == 0
    wrong = compare(source, filled, lines, mapping, left_out=gone)
    (difference,) = wrong.differences
    assert (difference.origin_id, difference.damage) == (IDS[1], Damage.PARENT)


@pytest.mark.parametrize(
    ("settings", "holds"),
    [
        ({"status": Status.APPROVED, "by": "Eva", "digest": "sha256:1"}, True),
        ({"status": Status.PROPOSED, "by": "Eva", "digest": "sha256:1"}, False),
        ({"status": Status.CHANGED, "by": "Eva", "digest": "sha256:1"}, False),
        ({"status": Status.APPROVED, "by": "", "digest": "sha256:1"}, False),
        ({"status": Status.APPROVED, "by": "Eva", "digest": ""}, False),
    ],
)
def test_a_rule_that_nobody_signed_hides_no_record(
    settings: dict[str, Any], *, holds: bool
) -> None:
    """Whatever else was judged: without status, name and digest it leaves in."""
    mapped = _with_rows(CONDITIONS["is"])
    rule = replace(mapped.rows[0], **settings)
    mapping = a_mapping(replace(mapped, rows=(rule,)))
    (found,) = with_signed_rules(mapping).objects
    assert found.rows == ((rule,) if holds else ())


def test_an_excluded_record_in_the_target_is_surplus() -> None:
    """Everything copied though one record should not have been: named, counted."""
    mapped = _with_rows(CONDITIONS["blank"])
    source = a_source(mapped)
    result = compare(source, a_copy(source, mapped), mapped, a_mapping(mapped))
    (difference,) = result.differences
    assert (difference.origin_id, difference.damage) == (IDS[2], Damage.SURPLUS)
    assert result.verdict.source_records == 2
    assert [each.records for each in result.verdict.excluded] == [1]


def test_the_orgs_own_sums_are_held_against_all_records() -> None:
    """The source's sums count what is left out, the totals of the report do not."""
    mapped = _with_rows(CONDITIONS["is_not"])
    source = a_source(mapped)
    copied = a_copy(source, mapped).filter(pl.col("Origin_Id__c") == IDS[0])
    result = compare(source, copied, mapped, a_mapping(mapped))
    assert result.verdict.differences == 0
    assert sum(group.records for group in result.sums.source) == len(RECORDS)
    assert sum(group.records for group in result.sums.target) == 1
    assert all(each.source == each.target for each in result.verdict.totals)


def test_rows_come_back_from_the_file_and_change_the_digest() -> None:
    """Every operator as it was written; without rows the digest is what it was."""
    odd = Condition(field=STATUS, is_=("a, b", 'say "no"', "NO"))
    mapping = a_mapping(_with_rows(*CONDITIONS.values(), odd))
    text = render_mapping(mapping, templates=[shipped_folder("templates")])
    assert "exclude: {field: ONB2__Status__c, is: [Open, Cancelled]}" in text
    assert parse_mapping(text, file="mapping.yaml") == mapping
    assert mapping_digest(mapping) != mapping_digest(a_mapping(a_compared_object()))
    (change,) = differences(a_mapping(a_compared_object()), a_mapping(_with_rows(odd)))
    assert change.setting == "rows"
    assert "ONB2__Status__c is a, b" in change.new
