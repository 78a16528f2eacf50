"""
What the org's fields say they hold, against what was compared.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.mapping import MappedObject, Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage
from migrator.rules.reconcile.claims import check_claims
from migrator.rules.target.objects import build_target
from tests.builders.frames import ENTRIES, a_compared_object
from tests.builders.mappings import an_entry

MIGRATION = Migration(id="0a1b2c3d")
EXTRA = (
    an_entry(
        "ONB2__Account__c",
        "Lookup(Account)",
        target="Account__c",
        treatment=Treatment.LOOKUP,
        relationship_name="Lines_of_Account",
        name_source="ONB2__Account__r.Name",
        name_target=ApiName("Account_Name__c"),
    ),
    an_entry(
        "ParentId",
        "Text(18)",
        target="Parent_Id__c",
        treatment=Treatment.SNAPSHOT,
        name_source="SomeParent.Name",
        name_target=ApiName("Parent_Name__c"),
    ),
    an_entry(
        "ONB2__Rule__c",
        "Text(20)",
        target="Rule__c",
        original_target=ApiName("Was__c"),
    ),
    an_entry("ONB2__Place__c", "Location(5, decimal)", target="Place__c"),
    an_entry("ONB2__Place__Latitude__s", "Number(8, 5)", target="Place__Latitude__s"),
)
MAPPED = a_compared_object(
    *(
        replace(e, relationship_name="Lines") if e.treatment is Treatment.PARENT else e
        for e in (*ENTRIES, *EXTRA)
    )
)


def described(mapped: MappedObject = MAPPED) -> dict[ApiName, str]:
    """
    The custom fields that a deployment of *mapped* leaves, with their descriptions.
    """
    mapping = Mapping(namespace="ONB2", objects=(mapped,))
    (made,) = build_target(mapping, MIGRATION).objects
    return {field.name: field.description for field in made.fields}


def with_entry(source: str, **settings: object) -> MappedObject:
    """
    The object with other *settings* of one entry.
    """
    return a_compared_object(
        *(
            replace(each, **settings) if each.source == source else each  # type: ignore[arg-type]
            for each in MAPPED.fields
        )
    )


def found(
    mapped: MappedObject, descriptions: dict[ApiName, str] | None = None
) -> list[tuple[Damage, str, str]]:
    """
    The differences that *mapped* has with the fields of a sound deployment.
    """
    given = described() if descriptions is None else descriptions
    differences, _ = check_claims(mapped, given, MIGRATION.marker)
    return [(d.damage, d.source_field, str(d.target_field)) for d in differences]


def test_a_deployed_mapping_is_what_its_fields_say() -> None:
    """Every kind of sibling, a location, an original: nothing to say, nobody silent."""
    assert len(described()) > len(ENTRIES)
    assert check_claims(MAPPED, described(), MIGRATION.marker) == ((), ())


def test_two_exchanged_targets_are_named() -> None:
    """Both fields, each with the source that it says it holds."""
    targets = {"ONB2__Net__c": "Total__c", "ONB2__Total__c": "Net__c"}
    exchanged = a_compared_object(
        *(
            replace(e, target=ApiName(targets.get(e.source, str(e.target))))
            for e in MAPPED.fields
        )
    )
    assert found(exchanged) == [
        (Damage.ORIGIN, "ONB2__Net__c", "Net__c"),
        (Damage.ORIGIN, "ONB2__Total__c", "Total__c"),
    ]


@pytest.mark.parametrize(
    ("source", "sibling", "told"),
    [
        ("OwnerId", "name_target", "OwnerId (name of the referenced record)"),
        (
            "ONB2__Invoice__c",
            "id_target",
            "ONB2__Invoice__c (id of the referenced record)",
        ),
        (
            "ONB2__Rule__c",
            "original_target",
            "ONB2__Rule__c (as it was, before the value rule)",
        ),
    ],
)
def test_a_forgotten_sibling_is_named(source: str, sibling: str, told: str) -> None:
    """The org has the field, the mapping compares it with nothing."""
    entry = MAPPED.entry(ApiName(source))
    assert entry is not None
    target = getattr(entry, sibling)
    assert found(with_entry(source, **{sibling: None})) == [
        (Damage.UNCOMPARED, told, target)
    ]


def test_exchanged_siblings_are_named() -> None:
    """An id where the field says that it holds the name."""
    both = {"id_target": ApiName("Origin_Owner_Name__c"), "name_target": None}
    names = [name for _, _, name in found(with_entry("OwnerId", **both))]
    assert names == ["Origin_Owner_Name__c"]


@pytest.mark.parametrize(
    ("source", "path"),
    [("OwnerId", "LastModifiedBy.Name"), ("ONB2__Account__c", "ONB2__Payer__r.Name")],
)
def test_a_name_read_from_another_record_is_named(source: str, path: str) -> None:
    """The path does not begin with the reference that the field says it belongs to."""
    (difference,) = found(with_entry(source, name_source=path))
    assert difference[0] is Damage.ORIGIN
    assert difference[1].startswith(source)


def test_a_lost_entry_is_named() -> None:
    """A source field that the mapping does not have at all, but the org says it had."""
    fewer = a_compared_object(
        *(e for e in MAPPED.fields if e.source != "ONB2__Note__c")
    )
    assert found(fewer) == [(Damage.UNCOMPARED, "ONB2__Note__c", "Note__c")]


def test_decisions_after_the_deployment_are_no_difference() -> None:
    """A field skipped since, and one that goes elsewhere now: somebody decided that."""
    skipped: dict[str, object] = {"treatment": Treatment.SKIP, "target": None}
    assert found(with_entry("ONB2__Note__c", **skipped)) == []
    elsewhere = with_entry("ONB2__Note__c", target=ApiName("Remark__c"))
    assert found(elsewhere) == []


def test_another_objects_field_is_no_witness_for_this_one() -> None:
    """A description that names the fields of another object contradicts this one."""
    other = replace(MAPPED, source=ApiName("ONB2__Invoice__c"))
    differences = found(other)
    assert len(differences) >= len(described()) - 1
    assert {damage for damage, _, _ in differences} <= {
        Damage.ORIGIN,
        Damage.UNCOMPARED,
    }


@pytest.mark.parametrize("text", ["", "Ours alone", "From X.Y; copy"])
def test_fields_that_say_nothing_are_counted(text: str) -> None:
    """A description that somebody rewrote, or another's: to know, not a difference."""
    descriptions = {**described(), ApiName("Note__c"): text}
    differences, (finding,) = check_claims(MAPPED, descriptions, MIGRATION.marker)
    assert differences == ()
    assert (finding.code, finding.object) == ("field-claims-missing", MAPPED.source)
    assert finding.message.startswith("1 fields of InvoiceLineItem__c")


def test_an_org_that_tells_nothing_is_said() -> None:
    """No description was given at all: every custom field is counted."""
    differences, (finding,) = check_claims(MAPPED, {}, MIGRATION.marker)
    assert differences == ()
    assert finding.message.startswith(f"{len(described()) - 1} fields of")


def test_names_are_compared_without_case() -> None:
    """The org may spell a name otherwise."""
    shouted = {
        ApiName(name): text.replace("ONB2__Note__c", "onb2__NOTE__c")
        for name, text in described().items()
    }
    assert found(MAPPED, shouted) == []
