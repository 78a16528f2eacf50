"""
Every kind goes all the way by its row: planned, checked, made, converted, compared.

A kind of which a room knows nothing fails there, under its own name.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from lxml import etree

from migrator.documents.metadata.files import render_source
from migrator.documents.metadata.template_digests import template_digests
from migrator.documents.templates import make_environment
from migrator.model.field_type import FieldType
from migrator.model.finding import blockers
from migrator.model.kinds.described import DESCRIBED
from migrator.model.kinds.row import Argument, Extent, Family, Section, Summed
from migrator.model.kinds.table import KINDS, Kind
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    ParentLink,
    RowRule,
)
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.row_rule import Condition
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.check.ranges import range_problem
from migrator.rules.check.row_rules import check_rows
from migrator.rules.copy.convert import Conversion, check_frame, convert
from migrator.rules.plan.proposal import plan
from migrator.rules.reconcile import compare
from migrator.rules.reconcile.org_sums import amount_fields
from migrator.rules.review.review import profile_words
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.describes import a_described, a_described_object
from tests.builders.frames import a_compared_object, an_extract_frame
from tests.builders.kinds import (
    EXAMPLES,
    KINDS_OBJECT,
    OWN,
    ROOT_OBJECT,
    a_type,
    described_as,
)
from tests.builders.mappings import a_mapping, a_migration, an_entry

EVERY = sorted(Kind)
VALUED = sorted(kind for kind, row in KINDS.items() if row.family in EXAMPLES)
"""Kinds whose values are written and read under their own name."""


@cache
def _planned(kind: Kind) -> tuple[Mapping, FieldMapping]:
    """
    The plan of an object with a field of *kind*, and the entry of that field.
    """
    fields = described_as(kind)
    with_name = kind is not Kind.NAME
    described = a_described_object(
        KINDS_OBJECT, *(fields if with_name else ()), with_name=True
    )
    root = a_described_object(ROOT_OBJECT)
    account = replace(a_described_object("Account"), custom=False)
    describes = {each.name: each for each in (root, described, account)}
    migration = replace(a_migration(), objects=(ROOT_OBJECT, KINDS_OBJECT))
    mapping = plan(describes, migration)
    if kind is Kind.MASTER_DETAIL:
        wished = (
            replace(each, parent_link=ParentLink.MASTER_DETAIL)
            for each in mapping.objects
        )
        chosen = replace(mapping, objects=tuple(wished))
        mapping = plan(describes, migration, previous=chosen)
    assert blockers(check(mapping, describes)) == ()
    mapped = mapping.object(KINDS_OBJECT)
    assert mapped is not None
    entry = mapped.entry(fields[0].name)
    assert entry is not None
    return mapping, entry


def _field(kind: Kind, treatment: Treatment = Treatment.COPY) -> FieldMapping:
    target = "Name" if kind is Kind.NAME else "Field__c"
    return an_entry("Field__c", str(a_type(kind)), target=target, treatment=treatment)


def _alone(*entries: FieldMapping) -> MappedObject:
    key = an_entry("Id", "Text(18)", target="Origin_Id__c", treatment=Treatment.SYSTEM)
    return a_compared_object(key, *entries)


# -- The rows -------------------------------------------------------------------------


def test_every_word_has_a_row() -> None:
    """No kind without facts, no facts without a kind, and each kind has a source."""
    assert set(KINDS) == set(Kind)
    assert all(row.source for row in KINDS.values())
    known = {kind for row in DESCRIBED.values() for kind in row.kept_by}
    assert known <= set(Kind)


@pytest.mark.parametrize("word", DESCRIBED)
def test_a_described_word_says_what_becomes_of_it(word: str) -> None:
    """A kind, a reason why there is none, or the decision about references."""
    row = DESCRIBED[word]
    assert bool(row.kind) + bool(row.skipped) == (word != "reference")
    if row.kind is not None:
        kept = row.kind in row.kept_by or KINDS[row.kind].takes_any_text
        assert kept, f"{row.kind} does not keep the values of {word}"
        assert row.is_masked == KINDS[row.kind].is_masked


@pytest.mark.parametrize("kind", EVERY)
def test_a_kind_is_read_as_it_is_spelled(kind: Kind) -> None:
    """Each argument has its place, and the legal range is the one of its row."""
    made = a_type(kind)
    assert FieldType.parse(str(made)) == made
    assert range_problem(made) == ""
    for argument, legal in KINDS[kind].arguments.items():
        if legal is not None:
            name = argument.value
            changes: dict[str, Any] = {name: legal[1] + 1}
            wide = replace(made, **changes)
            assert range_problem(wide).startswith(f"{name} must be ")
    with pytest.raises(ValueError, match="expected"):
        FieldType.parse(f"{kind.value}(1, 2, 3, 4)")


@pytest.mark.parametrize("kind", EVERY)
def test_what_a_row_says_goes_together(kind: Kind) -> None:
    """Digits are those of numbers, values those of picklists, lines are printed."""
    row = KINDS[kind]
    digits = Argument.PRECISION in row.arguments
    assert digits == (row.family is Family.NUMBER)
    assert bool(row.most_values) == ("valueSet" in row.elements)
    assert (row.lines is not None) == ("visibleLines" in row.elements)
    assert row.summed is Summed.NEVER or digits
    assert not (row.is_one_line or row.is_masked) or row.family is Family.TEXT
    assert {"precision", "scale", "length"} & row.elements == {
        argument.value
        for argument, legal in row.arguments.items()
        if legal is not None and row.is_own_field
    }


# -- Planned, checked, made -----------------------------------------------------------


@pytest.mark.parametrize("kind", EVERY)
def test_a_kind_is_planned_and_passes_the_check(kind: Kind) -> None:
    """What a plan proposes, the check of the same describes has nothing against."""
    _, entry = _planned(kind)
    assert entry.type is not None
    assert entry.type.kind is kind


@pytest.mark.parametrize("kind", OWN)
def test_a_kind_is_made(kind: Kind) -> None:
    """One file, printed by its own template, shown in the section of its row."""
    mapping, entry = _planned(kind)
    target = build_target(mapping, a_migration())
    environment = make_environment([shipped_folder("templates")])
    (printed,) = (
        content
        for path, content in render_source(target, environment).items()
        if path.endswith(f"/{entry.target}.field-meta.xml")
    )
    assert etree.fromstring(printed).findtext("{*}type") == kind.value
    assert template_digests(environment)[kind]
    sections = {
        section.label
        for section in target.objects[-1].layout.sections
        for item in (*section.left, *section.right)
        if item.field == entry.target
    }
    assert sections == {KINDS[kind].section.value}


def test_the_sections_are_those_of_the_rows() -> None:
    """Only what came with the records has a section without a kind."""
    used = {row.section for row in KINDS.values()}
    assert used == set(Section) - {Section.ORIGIN}


# -- Converted and compared -----------------------------------------------------------


@pytest.mark.parametrize("kind", VALUED)
def test_a_kind_is_converted(kind: Kind) -> None:
    """Its values fit however they are spelled; an empty one fits where one may be."""
    example, row = EXAMPLES[KINDS[kind].family], KINDS[kind]
    mapped = _alone(_field(kind))
    conversion = Conversion(mapped=mapped)
    frame = an_extract_frame(Field__c=[example.value, example.alike, example.other])
    made = convert(frame, conversion)
    assert made.findings == ()
    column = made.frame[str(mapped.fields[-1].target)].to_list()
    assert column[0] == example.value
    assert column[2] == example.other
    empty = check_frame(an_extract_frame(Field__c=[None]), conversion)
    assert [each.code for each in empty.findings] == (
        [] if row.nullable else ["value-missing"]
    )


@pytest.mark.parametrize("kind", VALUED)
def test_a_value_of_another_kind_is_no_value(kind: Kind) -> None:
    """What is not free in its form is refused; text is refused for its length alone."""
    family, made = KINDS[kind].family, a_type(kind)
    free = {Family.TEXT, Family.PICKLIST, Family.MULTISELECT, Family.OTHER}
    is_free = family in free
    wrong = "x" * ((made.room or 0) + 1) if is_free else "nothing of the sort"
    conversion = Conversion(mapped=_alone(_field(kind)))
    found = check_frame(an_extract_frame(Field__c=[wrong]), conversion).findings
    expected = 0 if made.room is None and is_free else 1
    assert len(found) == expected, [each.code for each in found]


@pytest.mark.parametrize("kind", VALUED)
def test_a_kind_is_compared(kind: Kind) -> None:
    """One value however it is spelled is no difference, another value is one."""
    example = EXAMPLES[KINDS[kind].family]
    mapped = _alone(_field(kind))
    source = pl.DataFrame({"Id": ["1"], "Field__c": [example.value]})

    def differences(value: str) -> int:
        column = str(mapped.fields[-1].target)
        made = {"Id": "9", "Origin_Id__c": "1", column: value}
        target = pl.DataFrame({name: [cell] for name, cell in made.items()})
        return compare(source, target, mapped, a_mapping(mapped)).verdict.differences

    assert differences(example.value) == 0
    assert differences(example.alike) == 0
    assert differences(example.other) > 0


@pytest.mark.parametrize("kind", VALUED)
def test_totals_are_of_the_kinds_that_say_so(kind: Kind) -> None:
    """Amounts always, numbers where they are results, nothing else."""
    added = {
        treatment
        for treatment in (Treatment.COPY, Treatment.FREEZE)
        if amount_fields(_alone(_field(kind, treatment)))
    }
    assert (
        added
        == {
            Summed.ALWAYS: {Treatment.COPY, Treatment.FREEZE},
            Summed.FROZEN: {Treatment.FREEZE},
            Summed.NEVER: set(),
        }[KINDS[kind].summed]
    )


# -- What is asked of the source ------------------------------------------------------


@pytest.mark.parametrize("word", DESCRIBED)
def test_a_profile_says_what_room_the_values_take(word: str) -> None:
    """Numbers by digits, texts by length, what is always alike by nothing."""
    seen = Observed(rows=2, max_length=9, max_scale=2, max_integer_digits=3)
    words = tuple(profile_words(seen, a_described(type_=word)))
    said = {
        Extent.DIGITS: "3 digits, 2 decimals",
        Extent.LENGTH: "longest text 9",
        Extent.NOTHING: None,
    }
    extents = {extent for extent, each in said.items() if each in words}
    assert (extents or {Extent.NOTHING}) == {DESCRIBED[word].extent}
    is_number = DESCRIBED[word].family is Family.NUMBER
    assert is_number == (DESCRIBED[word].extent is Extent.DIGITS)


@pytest.mark.parametrize("word", DESCRIBED)
def test_rows_are_chosen_by_what_can_be_asked(word: str) -> None:
    """No text is asked of a number, a day only of what has one."""
    row, field = DESCRIBED[word], a_described("Field__c", word)
    described = a_described_object(KINDS_OBJECT, field)

    def problems(**asked: object) -> int:
        condition = Condition(field=ApiName("Field__c"), **asked)  # type: ignore[arg-type]
        rule = RowRule(exclude=condition, why="not needed")
        mapped = replace(_alone(), rows=(rule,))
        return len(tuple(check_rows(mapped, described)))

    is_day = row.family in {Family.DATE, Family.DATE_TIME}
    unread = 0 if row.in_bulk else 1
    assert problems(before=date(2024, 1, 1)) == (not is_day) + unread
    is_number = row.family is Family.NUMBER
    assert problems(is_=("true",)) == is_number + unread
