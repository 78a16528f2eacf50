"""
The target that a mapping asks for: fields, texts, sharing and permissions.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import MappingError
from migrator.model.field_type import FieldType
from migrator.model.kinds.table import Kind
from migrator.model.mapping import Mapping, ParentLink
from migrator.model.migration import Naming
from migrator.model.names import ApiName
from migrator.model.target import DeleteConstraint, Sharing, Target, TargetField
from migrator.model.treatment import Treatment
from migrator.rules.target.objects import build_target
from migrator.rules.target.permission_sets import permission_set_names
from migrator.rules.target.words import marked, shortened, sibling_label
from tests.builders.mappings import (
    MIGRATION_ID,
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_parent,
    a_skipped,
)

MARKER = f"[migrator {MIGRATION_ID}]"


def _built(mapping: Mapping) -> Target:
    return build_target(mapping, a_migration())


def _fields(mapping: Mapping) -> dict[str, TargetField]:
    return {
        field.name: field for made in _built(mapping).objects for field in made.fields
    }


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _family(link: ParentLink = ParentLink.RESTRICT_LOOKUP) -> Mapping:
    line = a_mapped_object(a_key(), a_parent(link=link), name="Line", label="Line")
    return a_mapping(a_mapped_object(a_key()), line)


def test_the_fields_made_are_those_the_mapping_announces() -> None:
    """Every made target of every entry becomes one field, in mapping order."""
    account = a_field(
        "Account__c",
        "Lookup(Account)",
        relationship="Invoices",
        id_target="Account_Id__c",
        name_target="Account_Name__c",
    )
    currency = a_field("CurrencyIsoCode", "Standard", source="CurrencyIsoCode")
    mapping = a_mapping(
        a_mapped_object(a_key(), a_name(), account, currency, a_skipped())
    )
    assert tuple(_fields(mapping)) == mapping.objects[0].made_fields
    assert tuple(_fields(mapping)) == (
        "Origin_Id__c",
        "Account__c",
        "Account_Id__c",
        "Account_Name__c",
    )


def test_the_key_is_the_only_external_id() -> None:
    """Origin_Id__c is unique, case-sensitive and an external id; nothing else is."""
    fields = _fields(a_mapping())
    key = fields["Origin_Id__c"]
    assert (key.unique, key.external_id, key.case_sensitive) == (True, True, True)
    assert key.type == FieldType(kind=Kind.TEXT, length=18)
    assert not key.required
    note = fields["Note__c"]
    assert not note.unique
    assert not note.external_id
    assert not note.case_sensitive


def test_siblings_are_text_and_named_after_their_field() -> None:
    """An id is Text(18), a name Text(255), the labels end with Id and Name."""
    entry = a_field(
        "Account__c",
        "Lookup(Account)",
        label="Account",
        relationship="Invoices",
        id_target="Account_Id__c",
        name_target="Account_Name__c",
    )
    fields = _fields(a_mapping(a_mapped_object(entry)))
    by_id, name = fields["Account_Id__c"], fields["Account_Name__c"]
    assert (str(by_id.type), by_id.label) == ("Text(18)", "Account Id")
    assert (str(name.type), name.label) == ("Text(255)", "Account Name")
    assert "(name of the referenced record)" in name.description
    assert "(id of the referenced record)" in by_id.description
    for field in fields.values():
        assert field.description.startswith("From ONB2__Invoice__c.ONB2__Account__c")
        assert field.description.endswith(MARKER)


def test_a_parent_lookup_restricts_and_others_let_go() -> None:
    """Required means Restrict, everything else SetNull."""
    parent = _fields(_family())["Invoice__c"]
    assert parent.required
    assert parent.delete_constraint is DeleteConstraint.RESTRICT
    loose = a_field("Account__c", "Lookup(Account)", relationship="Invoices")
    account = _fields(a_mapping(a_mapped_object(loose)))["Account__c"]
    assert not account.required
    assert account.delete_constraint is DeleteConstraint.SET_NULL


def test_only_lookups_can_be_required() -> None:
    """A required text would fail records that are older than the rule."""
    entry = a_field("Note__c", "Text(40)", required=True)
    assert not _fields(a_mapping(a_mapped_object(entry)))["Note__c"].required


def test_a_detail_takes_its_sharing_from_its_master() -> None:
    """With a master-detail the sharing is ControlledByParent, whatever was asked."""
    target = _built(_family(ParentLink.MASTER_DETAIL))
    invoice, line = target.objects
    (link,) = (each for each in line.fields if each.type.kind is Kind.MASTER_DETAIL)
    assert invoice.sharing is Sharing.PRIVATE
    assert line.sharing is Sharing.CONTROLLED_BY_PARENT
    assert link.relationship_order == 0
    assert link.delete_constraint is None
    assert not link.required


def test_a_second_master_comes_second() -> None:
    """Two master-details are numbered, the first is the primary one."""
    other = a_field("Run__c", "MasterDetail(Run__c)", relationship="Lines")
    parent = a_parent(link=ParentLink.MASTER_DETAIL)
    line = a_mapped_object(parent, other, name="Line")
    mapping = a_mapping(
        a_mapped_object(a_key()), a_mapped_object(a_key(), name="Run"), line
    )
    fields = _built(mapping).objects[2].fields
    assert [each.relationship_order for each in fields] == [0, 1]


def test_two_links_to_one_parent_have_two_titles() -> None:
    """Related lists of one object tell themselves apart by their field."""
    first = a_field("A__c", "Lookup(Invoice__c)", label="Cancels", relationship="X")
    second = a_field("B__c", "Lookup(Invoice__c)", label="Corrects", relationship="Y")
    fields = _fields(a_mapping(a_mapped_object(first, second)))
    assert fields["A__c"].relationship_label == "Invoices (Cancels)"
    assert fields["B__c"].relationship_label == "Invoices (Corrects)"


@pytest.mark.parametrize(
    ("type_", "lines"),
    [
        ("LongTextArea(1000)", 3),
        ("Html(1000)", 25),
        ("MultiselectPicklist", 4),
        ("Text(20)", 0),
    ],
)
def test_visible_lines_are_given_where_they_must_be(type_: str, lines: int) -> None:
    """The Metadata API demands a figure for three types and refuses it for others."""
    fields = _fields(a_mapping(a_mapped_object(a_field("X__c", type_, values=("a",)))))
    assert fields["X__c"].visible_lines == lines


def test_picklist_values_are_distinct_without_case() -> None:
    """A value set refuses two spellings of one value; the first one stays."""
    entry = a_field("S__c", "Picklist", values=("Open", "OPEN", "", "Paid", "open"))
    assert _fields(a_mapping(a_mapped_object(entry)))["S__c"].values == ("Open", "Paid")


def test_a_missing_label_is_read_off_the_name() -> None:
    """A blank label would be refused by the org."""
    entry = a_field("Grand_Total__c", "Currency(18, 2)", label="  ")
    assert (
        _fields(a_mapping(a_mapped_object(entry)))["Grand_Total__c"].label
        == "Grand Total"
    )


def test_permission_sets_list_what_they_may() -> None:
    """Required and master-detail fields, Name and standard ones never appear."""
    line = a_mapped_object(
        a_key(),
        a_name(),
        a_parent(),
        a_field("CurrencyIsoCode", "Standard", source="CurrencyIsoCode"),
        name="Line",
    )
    target = _built(a_mapping(a_mapped_object(a_field("Z__c"), a_key()), line))
    for each in target.permission_sets[:2]:
        listed = [(field.object, field.field) for field in each.fields]
        assert listed == [
            ("Invoice__c", "Origin_Id__c"),
            ("Invoice__c", "Z__c"),
            ("Line__c", "Origin_Id__c"),
        ]
        assert each.tabs == ("Invoice__c", "Line__c")
        assert each.description.endswith(MARKER)


def test_the_reader_reads_and_the_loader_writes() -> None:
    """Both see every record, none deletes or modifies all."""
    target = _built(_family())
    reader = target.permission_set("Invoice_Archive_Reader")
    loader = target.permission_set("Invoice_Archive_Loader")
    assert {(f.readable, f.editable) for f in reader.fields} == {(True, False)}
    assert {(f.readable, f.editable) for f in loader.fields} == {(True, True)}
    for each, writes in ((reader, False), (loader, True)):
        assert len(each.objects) == 2
        for allowed in each.objects:
            assert allowed.read
            assert allowed.view_all
            assert (allowed.create, allowed.edit) == (writes, writes)
            assert not allowed.delete
            assert not allowed.modify_all


def test_the_unloader_deletes_and_does_nothing_else() -> None:
    """Whoever owns a record; it makes none, and sees no field."""
    unloader = _built(_family()).permission_set("Invoice_Archive_Unloader")
    assert unloader.description.endswith(MARKER)
    assert (unloader.fields, unloader.tabs, unloader.applications) == ((), (), ())
    assert len(unloader.objects) == 2
    for allowed in unloader.objects:
        assert allowed.delete
        assert allowed.modify_all
        assert not allowed.create


@pytest.mark.parametrize("link", ParentLink)
def test_whoever_reads_a_child_reads_its_parent(link: ParentLink) -> None:
    """Read on a detail depends on read on its master."""
    target = _built(_family(link))
    for each in target.permission_sets:
        allowed = {permission.object for permission in each.objects}
        for made in target.objects:
            for field in made.fields:
                if field.type.kind is Kind.MASTER_DETAIL:
                    assert field.type.reference_to in allowed


@pytest.mark.parametrize(
    ("naming", "target", "stem"),
    [
        (Naming(), "Invoice__c", "Invoice"),
        (Naming(always_prefix=True), "Invoice__c", "JustOn_Invoice"),
        (Naming(always_prefix=True), "JustOn_Invoice__c", "JustOn_Invoice"),
        (Naming(), "JustOn_Invoice__c", "JustOn_Invoice"),
        (Naming(prefix=""), "Invoice__c", "Invoice"),
    ],
)
def test_permission_sets_are_called_after_the_first_object(
    naming: Naming, target: str, stem: str
) -> None:
    """The prefix is there when it is asked for or an object carries it, once."""
    names = permission_set_names(
        a_mapping(a_mapped_object(a_key(), target=target)), a_migration(naming=naming)
    )
    assert names.reader == f"{stem}_Archive_Reader"
    assert names.loader == f"{stem}_Archive_Loader"


def test_a_prefix_on_a_later_object_names_the_sets_too() -> None:
    """One prefixed object is enough: the plain names may be taken as well."""
    mapping = a_mapping(
        a_mapped_object(a_key()),
        a_mapped_object(a_key(), name="Line", target="JustOn_Line__c"),
    )
    names = permission_set_names(mapping, a_migration())
    assert names.reader == "JustOn_Invoice_Archive_Reader"


def test_what_cannot_become_a_component_is_named_at_once() -> None:
    """All mistakes are in one error, each with its entry."""
    untyped = replace(a_field("A__c"), type=None)
    nameless = a_field("B__c", "Lookup(Account)")
    twin = a_field("c__c", source="ONB2__Twin__c")
    with pytest.raises(MappingError) as caught:
        _built(a_mapping(a_mapped_object(untyped, nameless, a_field("C__c"), twin)))
    assert caught.value.problems == (
        "ONB2__Invoice__c.ONB2__A__c: target A__c has no type",
        (
            "ONB2__Invoice__c.ONB2__B__c: Lookup(Account) needs a relationship_name, "
            "the name of the related list on Account"
        ),
        "ONB2__Invoice__c: C__c is the target of several entries",
        "ONB2__Invoice__c: c__c is the target of several entries",
    )


def test_the_why_of_an_entry_is_in_its_description() -> None:
    """A reader of the field in Setup learns what it was and why it is so."""
    entry = a_field(
        "Total__c", "Currency(18, 2)", treatment=Treatment.FREEZE, why="issued amount"
    )
    (field,) = _fields(a_mapping(a_mapped_object(entry))).values()
    assert field.description == (
        f"From ONB2__Invoice__c.ONB2__Total__c; freeze: issued amount {MARKER}"
    )


@given(why=st.text(), label=st.text(max_size=60), help_text=st.text(max_size=20))
def test_texts_fit_whatever_they_were(why: str, label: str, help_text: str) -> None:
    """Labels have 40 UTF-16 units at most, descriptions 1,000 with the marker last."""
    entry = a_field(
        "Account__c",
        "Lookup(Account)",
        label=label,
        help_text=help_text,
        why=why * 50,
        relationship="Invoices",
        id_target="Account_Id__c",
        name_target="Account_Name__c",
    )
    for field in _fields(
        a_mapping(a_mapped_object(entry, label=label or "x"))
    ).values():
        assert 0 < _utf16(field.label) <= 40
        assert _utf16(field.relationship_label) <= 40
        assert _utf16(field.description) <= 1000
        assert field.description.endswith(MARKER)


@given(label=st.text(min_size=1))
def test_sibling_labels_keep_their_suffix(label: str) -> None:
    """However long the label, Id and Name still tell the siblings apart."""
    for suffix in ("Id", "Name"):
        made = sibling_label(label, suffix)
        assert made.endswith(suffix)
        assert _utf16(made) <= 40


def test_a_sibling_of_an_id_does_not_say_id_twice() -> None:
    """The name beside `Invoice Run Id` is `Invoice Run Name`."""
    assert sibling_label("Invoice Run Id", "Name") == "Invoice Run Name"
    assert sibling_label("Paid", "Id") == "Paid Id"


def test_cutting_never_halves_a_character() -> None:
    """A pair of UTF-16 units goes or stays as a whole."""
    assert shortened("ab🧾", 3) == "ab"
    assert shortened("ab🧾", 4) == "ab🧾"
    assert marked("x" * 2000, "[m]") == "x" * 996 + " [m]"


def test_the_api_version_is_the_migrations() -> None:
    """What is printed into package.xml is the ceiling of migration.yaml."""
    target = build_target(a_mapping(), a_migration(api_version="64.0"))
    assert target.api_version == "64.0"
    assert [made.name for made in target.objects] == [ApiName("Invoice__c")]
