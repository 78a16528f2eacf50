"""
How the archive is shown: layouts, list views, the app and the seal.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.documents.metadata.files import layout_member
from migrator.model.kinds.table import Kind
from migrator.model.mapping import AuditChoice, ParentLink
from migrator.model.migration import Naming
from migrator.model.target import Behavior, Layout, Target, TargetObject
from migrator.model.treatment import Treatment
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from tests.builders.describes import SAMPLES, read_describes
from tests.builders.mappings import (
    a_field,
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_parent,
)


def _sample() -> Target:
    migration = a_migration()
    return build_target(plan(read_describes(SAMPLES), migration), migration)


def _made(*fields: object, label: str = "Invoice") -> TargetObject:
    mapped = a_mapped_object(a_key(), a_name(), *fields, label=label)  # type: ignore[arg-type]
    (made,) = build_target(a_mapping(mapped), a_migration()).objects
    return made


def _sections(layout: Layout) -> dict[str, list[str]]:
    return {
        section.label: [item.field for item in (*section.left, *section.right)]
        for section in layout.sections
    }


def test_every_field_stands_on_the_layout_once() -> None:
    """Nothing that was kept is out of sight, nothing is shown twice."""
    for made in _sample().objects:
        shown = [name for names in _sections(made.layout).values() for name in names]
        assert len(shown) == len(set(shown))
        assert {field.name for field in made.fields} <= set(shown)
        assert "Name" in shown


def test_the_layout_takes_the_place_of_the_platforms_own() -> None:
    """A new object is given a layout named after its label."""
    assert _made(label="Credit Note").layout.name == "Credit Note Layout"


def test_fields_stand_in_the_section_of_their_kind() -> None:
    """Dates, amounts, addresses, references and their text, long texts, origin."""
    made = _made(
        a_field("Due__c", "Date"),
        a_field("Total__c", "Currency(18, 2)"),
        a_field("StateTax__c", "Currency(18, 2)"),
        a_field("Billing_Street__c", "Text(255)"),
        a_field("StatementNo__c", "Text(20)"),
        a_field("Footer__c", "LongTextArea(32768)"),
        a_field(
            "Account__c",
            "Lookup(Account)",
            treatment=Treatment.LOOKUP,
            relationship="Invoices",
            id_target="Account_Id__c",
            name_target="Account_Name__c",
        ),
    )
    assert _sections(made.layout) == {
        "Identity": ["Name", "StatementNo__c"],
        "Dates": ["Due__c"],
        "Amounts": ["Total__c", "StateTax__c"],
        "Addresses": ["Billing_Street__c"],
        "References": ["Account__c", "Account_Id__c", "Account_Name__c"],
        "Texts": ["Footer__c"],
        "Origin": ["Origin_Id__c", "CreatedById", "LastModifiedById"],
    }


@pytest.mark.parametrize("link", ParentLink)
def test_only_what_the_platform_demands_is_required(link: ParentLink) -> None:
    """Name and parent; a field that is not required must not be marked so."""
    line = a_mapped_object(a_key(), a_name(), a_parent(link=link), name="Line")
    target = build_target(
        a_mapping(a_mapped_object(a_key(), a_name()), line), a_migration()
    )
    items = [
        item
        for section in target.objects[1].layout.sections
        for item in (*section.left, *section.right)
    ]
    required = {item.field for item in items if item.behavior is Behavior.REQUIRED}
    assert required == {"Name", "Invoice__c"}
    assert {item.behavior for item in items} == {Behavior.REQUIRED, Behavior.READONLY}


@pytest.mark.parametrize(
    ("label", "member"),
    [
        ("Invoice", "Invoice__c-Invoice Layout"),
        ("Account (old)", "Invoice__c-Account %28old%29 Layout"),
        ("A/B & C", "Invoice__c-A%2FB %26 C Layout"),
        ("Fällige Posten", "Invoice__c-Fällige Posten Layout"),
    ],
)
def test_a_layouts_file_name_is_encoded(label: str, member: str) -> None:
    """As the platform names the files of layouts in a retrieved package."""
    assert layout_member(_made(label=label)) == member


def test_a_list_shows_the_name_first_and_no_long_text() -> None:
    """At most nine columns, each of a kind that a list can show."""
    for made in _sample().objects:
        (view,) = made.list_views
        kinds = {field.name: field.type.kind for field in made.fields}
        assert view.columns[0] == "NAME"
        assert 1 < len(view.columns) <= 9
        for column in view.columns[1:]:
            assert kinds[column] not in {  # type: ignore[index]
                Kind.LONG_TEXT_AREA,
                Kind.HTML,
                Kind.MULTISELECT_PICKLIST,
            }


def test_the_app_shows_every_object_in_the_order_of_the_mapping() -> None:
    """One tab an object; who reads or loads can open the app."""
    target = _sample()
    assert target.application.label == "Invoice Archive"
    assert target.application.tabs == tuple(made.name for made in target.objects)
    for each in target.permission_sets[:2]:
        assert each.applications == (target.application.name,)


def test_the_seal_lets_pass_who_may_unseal() -> None:
    """New records and the loader pass; the rule asks for this archive's permission."""
    target = _sample()
    name = target.custom_permission.name
    for made in target.objects:
        (rule,) = made.rules
        assert rule.formula == f"AND(NOT(ISNEW()), NOT($Permission.{name}))"
    allowed = [each.custom_permissions for each in target.permission_sets]
    assert allowed == [(), (name,), ()]


def test_audit_fields_have_a_permission_set_of_their_own() -> None:
    """Only where they are to be kept: most orgs refuse that permission."""
    plain = a_mapped_object(a_key(), a_name())
    kept = replace(plain, audit=AuditChoice.KEEP)
    sets = build_target(a_mapping(kept), a_migration()).permission_sets
    assert [each.name for each in sets] == [
        "Invoice_Archive_Reader",
        "Invoice_Archive_Loader",
        "Invoice_Archive_Unloader",
        "Invoice_Archive_Loader_Audit",
    ]
    assert sets[3].user_permissions == ("CreateAuditFields", "UpdateWithInactiveOwners")
    assert len(build_target(a_mapping(plain), a_migration()).permission_sets) == 3


def test_a_second_archive_has_components_of_its_own() -> None:
    """The prefix tells app, permission and permission sets of two archives apart."""
    migration = a_migration(naming=Naming(prefix="Old", always_prefix=True))
    target = build_target(a_mapping(), migration)
    assert target.application.name == "Old_Invoice_Archive"
    assert target.application.label == "Old Invoice Archive"
    assert target.custom_permission.name == "Old_Invoice_Archive_Unseal"
