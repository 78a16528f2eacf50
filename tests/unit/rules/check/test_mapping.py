"""
The check of a mapping: each rule fires on the mapping that breaks it, and on no other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.model.describe import ChildRelationship, FieldDescribe, ObjectDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Level
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    ParentLink,
)
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import plan
from tests.builders.describes import a_described, a_described_object, a_reference
from tests.builders.mappings import (
    a_field,
    a_key,
    a_location,
    a_mapped_object,
    a_mapping,
    a_name,
    a_parent,
)

INVOICE, LINE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Line__c")
NOTE, TOTAL = ApiName("ONB2__Note__c"), ApiName("ONB2__Total__c")
FIELDS = (
    a_described(NOTE, length=40),
    a_described(TOTAL, "currency", precision=18, scale=2, formula="1"),
    a_described("ONB2__Status__c", "picklist", length=255, values=("Open",)),
    a_reference("ONB2__Account__c", "Account"),
    a_reference("ONB2__Template__c", "ONB2__Template__c"),
)
DESCRIBES: dict[ApiName, ObjectDescribe] = {
    INVOICE: a_described_object(INVOICE, *FIELDS),
    LINE: a_described_object(LINE, a_reference("ONB2__Invoice__c", INVOICE, order=0)),
}


def _planned() -> Mapping:
    return plan(DESCRIBES, Migration(id="abcd1234", objects=(INVOICE, LINE)))


def _edited(mapping: Mapping, edited: str, /, **changes: Any) -> Mapping:
    """*mapping* with the entries of *edited* changed, on whichever object."""
    if "type" in changes and isinstance(changes["type"], str):
        changes["type"] = FieldType.parse(changes["type"])

    def entry(each: FieldMapping) -> FieldMapping:
        return replace(each, **changes) if each.source == edited else each

    return replace(
        mapping,
        objects=tuple(
            replace(each, fields=tuple(map(entry, each.fields)))
            for each in mapping.objects
        ),
    )


def _with_invoice(mapping: Mapping, **changes: Any) -> Mapping:
    first, *others = mapping.objects
    return replace(mapping, objects=(replace(first, **changes), *others))


def _codes(mapping: Mapping) -> list[tuple[str, str]]:
    found = check(mapping, DESCRIBES)
    return [(each.level.value, each.code) for each in found]


def test_a_proposal_passes() -> None:
    """Nothing is found where nothing is wrong, with and without describes."""
    assert check(_planned(), DESCRIBES) == ()
    assert check(_planned()) == ()


B = "blocker"


@pytest.mark.parametrize(
    ("source", "changes", "code"),
    [
        (NOTE, {"target": "Total__c"}, "duplicate-target"),
        (NOTE, {"target": "TOTAL__C"}, "illegal-name"),
        (NOTE, {"target": "total__c"}, "duplicate-target"),
        (NOTE, {"target": "Account_Id__c"}, "duplicate-target"),
        (NOTE, {"target": "Note"}, "illegal-name"),
        (NOTE, {"target": "My__Note__c"}, "illegal-name"),
        (NOTE, {"target": "ONB2__Note__c"}, "illegal-name"),
        (NOTE, {"target": "1Note__c"}, "illegal-name"),
        (NOTE, {"target": f"{'N' * 41}__c"}, "illegal-name"),
        (NOTE, {"type": "Text(256)"}, "type-range"),
        (NOTE, {"type": "LongTextArea(131073)"}, "type-range"),
        (NOTE, {"type": "LongTextArea(255)"}, "type-range"),
        (NOTE, {"type": "Name(80)"}, "name-type"),
        (NOTE, {"type": "Standard"}, "standard-type"),
        (NOTE, {"type": "Lookup(Account)"}, "treatment-type"),
        (NOTE, {"required": True}, "required"),
        (NOTE, {"label": "x" * 41}, "label"),
        (NOTE, {"values": ("A",)}, "values-type"),
        (NOTE, {"treatment": Treatment.PARENT}, "treatment-type"),
        (NOTE, {"type": "Text(39)"}, "loses"),
        (NOTE, {"type": "Number(18, 0)"}, "loses"),
        (TOTAL, {"type": "Currency(19, 2)"}, "type-range"),
        (TOTAL, {"type": "Currency(1, 2)"}, "type-range"),
        (TOTAL, {"type": "Currency(18, 1)"}, "loses"),
        (TOTAL, {"treatment": Treatment.COPY}, "copies-calculation"),
        ("ONB2__Status__c", {"values": ()}, "no-values"),
        ("ONB2__Status__c", {"values": ("A", "a")}, "values-alike"),
        ("ONB2__Status__c", {"values": ("x" * 256,)}, "value-too-long"),
        ("ONB2__Account__c", {"type": "MasterDetail(Account)"}, "detail-of-others"),
        ("ONB2__Account__c", {"type": "Lookup(Invoice__c)"}, "lookup-to-copied"),
        (
            "ONB2__Account__c",
            {"relationship_name": "Line Account"},
            "illegal-relationship-name",
        ),
        (
            "ONB2__Account__c",
            {"relationship_name": ""},
            "illegal-relationship-name",
        ),
        (
            "ONB2__Template__c",
            {
                "type": "Lookup(ONB2__Template__c)",
                "treatment": Treatment.LOOKUP,
                "relationship_name": "Invoices",
            },
            "package-reference",
        ),
        ("ONB2__Template__c", {"type": "Lookup(Other__c)"}, "treatment-type"),
        ("ONB2__Invoice__c", {"type": "Lookup(Other__c)"}, "parent-not-mapped"),
        (
            "ONB2__Invoice__c",
            {"treatment": Treatment.SNAPSHOT, "type": "Text(18)", "required": False},
            "detail-not-linked",
        ),
        ("Id", {"target": "My_Id__c"}, "no-origin-id"),
        ("Id", {"type": "Text(17)"}, "no-origin-id"),
        ("Name", {"type": "Text(80)"}, "name-type"),
    ],
)
def test_a_wrong_entry_is_a_blocker(
    source: str, changes: dict[str, Any], code: str
) -> None:
    """The finding names the rule that is broken."""
    found = _codes(_edited(_planned(), source, **changes))
    assert (B, code) in found


def _all_of(mapping: Mapping) -> str:
    return " ".join(each.message for each in check(mapping, DESCRIBES))


def test_a_loss_that_was_agreed_is_a_warning() -> None:
    """With `loses:` it may go, and the report will count what went."""
    mapping = _edited(_planned(), NOTE, type="Text(20)", loses="the end of long notes")
    assert _codes(mapping) == [("warning", "loses-as-agreed")]
    assert "room for 20 characters, the source for 40" in _all_of(mapping)


def test_a_loss_that_cannot_happen_is_pointed_out() -> None:
    """A needless `loses:` would let a later mistake pass."""
    assert _codes(_edited(_planned(), NOTE, loses="nothing")) == [
        ("info", "loses-nothing")
    ]


def test_a_wider_type_is_fine() -> None:
    """More room, or text for anything, loses nothing."""
    for type_ in ("Text(255)", "TextArea", "LongTextArea(1000)", "Html(256)"):
        assert check(_edited(_planned(), NOTE, type=type_), DESCRIBES) == ()
    assert check(_edited(_planned(), TOTAL, type="Number(18, 4)"), DESCRIBES) == ()


def test_a_snapshot_instead_of_an_optional_parent_is_a_warning() -> None:
    """Only a detail has to be linked."""
    field = a_reference("ONB2__Parent__c", INVOICE)
    describes = {INVOICE: a_described_object(INVOICE, field)}
    mapping = plan(describes, Migration(id="abcd1234", objects=(INVOICE,)))
    cut = _edited(mapping, field.name, treatment=Treatment.SNAPSHOT, type="Text(18)")
    found = [(each.level, each.code) for each in check(cut, describes)]
    assert found == [(Level.WARNING, "parent-not-linked")]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"target": ApiName("Line__c")}, (B, "duplicate-target")),
        ({"target": ApiName("Invoice")}, (B, "illegal-name")),
        ({"label": ""}, (B, "label")),
        ({"plural_label": "x" * 41}, (B, "label")),
        ({"sharing": Sharing.CONTROLLED_BY_PARENT}, (B, "sharing")),
    ],
)
def test_a_wrong_object_is_a_blocker(
    changes: dict[str, Any], finding: tuple[str, str]
) -> None:
    """Names and labels of objects have the platform's limits too."""
    assert finding in _codes(_with_invoice(_planned(), **changes))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"target": "Total__c"}, ("duplicate-target", "target")),
        ({"id_target": "Total__c"}, ("duplicate-target", "id_target")),
        ({"name_target": "Total__c"}, ("duplicate-target", "name_target")),
        ({"name_target": "No Name"}, ("illegal-name", "name_target")),
        ({"label": "x" * 41}, ("label", "label")),
    ],
)
def test_a_finding_names_the_setting_it_is_about(
    changes: dict[str, Any], found: tuple[str, str]
) -> None:
    """Its line is the one to mend, also when a sibling is to blame."""
    mapping = _edited(_planned(), "ONB2__Account__c", **changes)
    assert found in [(each.code, each.setting) for each in check(mapping, DESCRIBES)]


def test_a_label_of_an_object_is_found_by_its_setting() -> None:
    """An object has three of them."""
    mapping = _with_invoice(_planned(), plural_label="x" * 41, name_label="")
    found = [(each.code, each.setting) for each in check(mapping, DESCRIBES)]
    assert found == [("label", "plural_label"), ("label", "name_label")]


def _without(mapped: MappedObject, source: str) -> MappedObject:
    return replace(mapped, fields=tuple(e for e in mapped.fields if e.source != source))


def test_entries_and_described_fields_have_to_match() -> None:
    """A field without an entry and an entry without a field are both named."""
    mapping = _planned()
    first, *others = mapping.objects
    lacking = replace(mapping, objects=(_without(first, NOTE), *others))
    assert _codes(lacking) == [(B, "no-entry")]
    stray = _edited(mapping, NOTE, source=ApiName("ONB2__Gone__c"))
    assert _codes(stray) == [(B, "unknown-field"), (B, "no-entry")]


def test_without_a_name_there_is_a_warning() -> None:
    """The new records would be named by their own ids."""
    mapping = _edited(
        _planned(), "Name", treatment=Treatment.SKIP, target=None, type=None
    )
    assert _codes(mapping) == [("warning", "no-name")] * 2


def test_relationship_names_are_compared_over_all_objects() -> None:
    """Two children of Account with one name are refused by the org."""
    lookup = a_reference("ONB2__Account__c", "Account")
    describes = {
        INVOICE: a_described_object(INVOICE, lookup),
        LINE: a_described_object(LINE, lookup),
    }
    mapping = plan(describes, Migration(id="abcd1234", objects=(INVOICE, LINE)))
    assert check(mapping, describes) == ()
    same = _edited(mapping, "ONB2__Account__c", relationship_name="Archived")
    assert [each.code for each in check(same, describes)] == ["relationship-name-taken"]


def _many(fields: tuple[FieldDescribe, ...]) -> Mapping:
    describes = {INVOICE: a_described_object(INVOICE, *fields)}
    return plan(describes, Migration(id="abcd1234", objects=(INVOICE,)))


def test_allocations_of_an_object_are_counted() -> None:
    """Fifty-one areas of 32,768 characters are more than one object may have."""
    areas = tuple(
        a_described(f"ONB2__A{n}__c", "textarea", length=32_768) for n in range(51)
    )
    found = [each for each in check(_many(areas)) if each.code == "over-limit"]
    assert len(found) == 1
    assert "1,671,168 characters of long and rich text" in found[0].message
    assert check(_many(areas[:50])) == ()


def test_a_relationship_that_the_parent_has_already_is_a_blocker() -> None:
    """Named by hand; the plan itself goes out of the way of every described one."""
    lookup = a_reference("ONB2__Account__c", "Account")
    theirs = ChildRelationship(
        child=ApiName("Parcel__c"), field=ApiName("Customer__c"), name="Parcels__r"
    )
    describes = {
        INVOICE: a_described_object(INVOICE, lookup),
        ApiName("Account"): a_described_object("Account", children=(theirs,)),
    }
    mapping = plan(describes, Migration(id="abcd1234", objects=(INVOICE,)))
    assert check(mapping, describes) == ()
    taken = _edited(mapping, "ONB2__Account__c", relationship_name="Parcels")
    (found,) = check(taken, describes)
    assert (found.code, found.level) == ("relationship-name-taken", Level.BLOCKER)
    assert "from the org" in found.message


def _lookup(number: int) -> FieldMapping:
    return a_field(
        f"L{number}__c",
        "Lookup(User)",
        treatment=Treatment.LOOKUP,
        relationship=f"Rel{number}",
    )


def _masters(count: int) -> tuple[FieldMapping, ...]:
    parent = a_parent(link=ParentLink.MASTER_DETAIL)
    return tuple(
        replace(
            parent,
            source=ApiName(f"ONB2__M{n}__c"),
            target=ApiName(f"M{n}__c"),
            relationship_name=f"Rel{n}",
        )
        for n in range(count)
    )


ALLOCATIONS: dict[str, tuple[tuple[FieldMapping, ...], int, str]] = {
    # what is made, how much of it fits, what the finding counts
    "custom fields": (
        tuple(a_field(f"F{n}__c", "Checkbox") for n in range(100)),
        99,
        "101 custom fields",
    ),
    "relationships": (tuple(map(_lookup, range(41))), 40, "41 relationships"),
    "indexes": (
        tuple(a_field(f"U{n}__c", "Text(9)", unique=True) for n in range(25)),
        24,
        "26 unique fields and external ids",
    ),
    "master-details": (_masters(3), 2, "3 master-detail relationships"),
    "long text": (
        tuple(a_field(f"T{n}__c", "LongTextArea(131072)") for n in range(13)),
        12,
        "1,703,936 characters of long and rich text",
    ),
    "locations": (
        tuple(
            replace(each, source=ApiName(f"{n}"), target=ApiName(f"P{n}{end}"))
            for n in range(34)
            for each, end in zip(
                a_location(), ("__c", "__Latitude__s", "__Longitude__s"), strict=True
            )
        ),
        99,
        "103 custom fields",
    ),
}


@pytest.mark.parametrize("name", ALLOCATIONS)
def test_an_allocation_is_a_blocker_when_one_more_is_wanted(name: str) -> None:
    """In Professional Edition, with its 100 fields; the last that fits passes."""
    fields, fitting, words = ALLOCATIONS[name]

    def problems(wanted: tuple[FieldMapping, ...]) -> list[str]:
        other = a_mapped_object(a_key(), a_name())
        child = a_mapped_object(a_key(), a_name(), *wanted, name="Part")
        found = check(a_mapping(other, child), None, "Professional Edition")
        return [each.message for each in found if each.code == "over-limit"]

    assert problems(fields[:fitting]) == []
    (message,) = problems(fields)
    assert words in message
    assert "Professional Edition" in message


@pytest.mark.parametrize("word", ["Select", "from", "WHERE", "Limit"])
def test_words_of_the_query_language_are_no_names(word: str) -> None:
    """The org keeps them for itself; other frequent words may be names."""
    assert _codes(_edited(_planned(), NOTE, target=f"{word}__c")) == [
        (B, "reserved-name")
    ]
    assert _codes(_edited(_planned(), NOTE, target="Group__c")) == []


def test_all_mistakes_come_at_once() -> None:
    """A reviewer sees the whole list, not the first one of it."""
    mapping = _edited(_planned(), NOTE, target="Note", type="Text(300)", required=True)
    mapping = _edited(mapping, TOTAL, treatment=Treatment.COPY)
    assert {code for _, code in _codes(mapping)} >= {
        *("illegal-name", "type-range", "required", "copies-calculation")
    }
