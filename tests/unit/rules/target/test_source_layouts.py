"""
The source's sections and lists: what is carried into the mapping, and out of it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.errors import MappingError
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Level
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.source_layout import Section, SourceLayout, View, ViewFilter
from migrator.model.target import Target
from migrator.rules.check.mapping import check
from migrator.rules.target.objects import build_target
from migrator.rules.target.source_layouts import arranged, arrangement_findings
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_parent,
    a_skipped,
)

DUE = a_field("Due__c", "Date", label="Due")
LOG = a_field("Log__c", "LongTextArea(32768)", label="Log")
GONE = a_skipped("Gone__c")
NAME = ApiName("Name")


def invoice(**settings: object) -> MappedObject:
    """
    An object with a date, an amount, a long text and a field that stays behind.
    """
    mapped = a_mapped_object(a_key(), a_name(), DUE, a_field(), LOG, GONE)
    return replace(mapped, **settings)  # type: ignore[arg-type]


def shown(*views: View, layouts: tuple[SourceLayout, ...] = ()) -> ObjectDescribe:
    """
    A describe with nothing but what is shown.
    """
    mapped = invoice()
    return ObjectDescribe(
        name=mapped.source,
        label="Invoice",
        plural_label="Invoices",
        custom=True,
        fields=(),
        layouts=layouts,
        list_views=views,
    )


def view(name: str, *columns: ApiName, **settings: object) -> View:
    """
    A list of all records.
    """
    made = View(name=name, label=name, columns=columns)
    return replace(made, **settings)  # type: ignore[arg-type]


def built(mapped: MappedObject) -> Target:
    """
    The components of *mapped* alone.
    """
    return build_target(a_mapping(mapped), a_migration())


def test_sections_hold_what_the_mapping_knows() -> None:
    """Unknown fields are left out, and a section without any goes."""
    sections = (
        Section(label="A", left=(DUE.source, ApiName("Hidden__c")), right=(NAME,)),
        Section(label="B", left=(ApiName("Hidden__c"),)),
    )
    layouts = (SourceLayout(name="Invoice Layout", sections=sections),)
    made = arranged(invoice(), shown(layouts=layouts))
    assert made.layout == (Section(label="A", left=(DUE.source,), right=(NAME,)),)
    changed = replace(made, layout=(Section(label="Mine", left=(NAME,)),))
    assert arranged(changed, shown(layouts=layouts)) == changed


def test_the_first_of_several_layouts_is_followed_and_named() -> None:
    """The others are named too."""
    layouts = tuple(
        SourceLayout(name=name, sections=(Section(label=name, left=(NAME,)),))
        for name in ("Invoice Layout", "Credit Layout")
    )
    described = shown(layouts=layouts)
    assert [each.label for each in arranged(invoice(), described).layout] == [
        "Invoice Layout"
    ]
    (finding,) = arrangement_findings(invoice(), described)
    assert finding.code == "several-layouts"
    assert "Credit Layout" in finding.message


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (view("ns__Mine", NAME, scope="Mine"), "scope is Mine"),
        (view("ns__Long", NAME, LOG.source), "Log__c"),
        (view("ns__Gone", NAME, GONE.source), "Gone__c"),
        (view("ns__Type", ApiName("RECORDTYPE")), "RECORDTYPE"),
        (
            view(
                "ns__Asks",
                NAME,
                filters=(ViewFilter(field=GONE.source, operation="equals"),),
            ),
            "Gone__c",
        ),
    ],
    ids=lambda each: each.name if isinstance(each, View) else "",
)
def test_a_list_that_cannot_be_made_is_left_out_by_name(
    left_out: View, reason: str
) -> None:
    """The others are carried, without the namespace."""
    described = shown(left_out, view("ns__Late", NAME, DUE.source))
    made = arranged(invoice(), described)
    assert [each.name for each in made.list_views] == ["Late"]
    (finding,) = arrangement_findings(invoice(), described)
    assert left_out.name in finding.message
    assert reason in finding.message


def test_every_field_is_on_the_layout_once() -> None:
    """Those in no section come last, and so do the system's own."""
    sections = (Section(label="", left=(DUE.source, DUE.source), columns=1),)
    target = built(invoice(layout=sections))
    (made,) = target.objects
    first, last = made.layout.sections
    assert (first.label, first.columns) == (made.label, 1)
    assert [each.field for each in first.left] == ["Name", "Due__c"]
    names = [each.field for s in (first, last) for each in (*s.left, *s.right)]
    assert sorted(names) == sorted(
        ["Name", *(f.name for f in made.fields), "CreatedById", "LastModifiedById"]
    )


def test_a_required_parent_stays_required_in_its_section() -> None:
    """Wherever the source has it."""
    parent = a_parent()
    lines = replace(
        a_mapped_object(a_key(), a_name(), parent, name="Line"),
        layout=(Section(label="Head", right=(parent.source,)),),
    )
    target = build_target(
        a_mapping(a_mapped_object(a_key(), a_name()), lines), a_migration()
    )
    (item,) = target.objects[1].layout.sections[0].right
    assert (item.field, item.behavior.value) == (parent.target, "Required")


def test_a_list_called_all_takes_the_place_of_ours() -> None:
    """Otherwise ours comes first."""
    late, own = view("Late", NAME, DUE.source), view("all", NAME)
    names = [
        [each.name for each in built(invoice(list_views=given)).objects[0].list_views]
        for given in ((late,), (late, own))
    ]
    assert names == [["All", "Late"], ["Late", "all"]]


def test_a_field_set_to_skip_takes_its_list_away_and_says_so() -> None:
    """The layout only has a place less; a name nobody knows is a blocker."""
    section = Section(label="A", left=(GONE.source, DUE.source))
    lists = (view("Gone", NAME, GONE.source), view("Late", NAME, DUE.source))
    mapped = invoice(layout=(section,), list_views=lists)
    (made,) = built(mapped).objects
    assert [each.name for each in made.list_views] == ["All", "Late"]
    (finding,) = check(a_mapping(mapped), {})
    assert (finding.code, finding.level) == ("list-view-not-made", Level.WARNING)
    unknown = Section(label="B", left=(ApiName("Nothing__c"),))
    found = check(a_mapping(invoice(layout=(unknown,))), {})
    assert [each.level for each in found] == [Level.BLOCKER]


@pytest.mark.parametrize(
    "settings",
    [
        {"layout": (Section(label="A", left=(ApiName("Nothing__c"),)),)},
        {"list_views": (view("Bad", NAME, ApiName("Nothing__c")),)},
    ],
)
def test_a_name_without_an_entry_is_a_mistake(settings: dict[str, object]) -> None:
    """Said by name when components are made."""
    with pytest.raises(MappingError, match="Nothing__c"):
        built(invoice(**settings))
