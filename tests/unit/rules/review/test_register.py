"""
The register of approvals: what a mapping lacks since they were given.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.rules.review.register import lost_approvals, register
from tests.builders.mappings import a_field, a_key, a_mapped_object, a_mapping

INVOICE, BALANCE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Balance__c")


def a_signed(name: str) -> MappedObject:
    """An object of three entries, the last of them unsigned."""
    key, note = (replace(each, digest="0a-1b") for each in (a_key(), a_field()))
    return a_mapped_object(key, note, a_field("New__c"), name=name)


def a_registered() -> Mapping:
    """Two objects, as they are registered today."""
    mapping = a_mapping(a_signed("Invoice"), a_signed("Balance"))
    return replace(mapping, approved=register(mapping, before=mapping, renewed=()))


def without(mapping: Mapping, place: int, *sources: str) -> Mapping:
    """*mapping* without the entries of *sources* in the object at *place*."""
    objects = list(mapping.objects)
    fields = tuple(e for e in objects[place].fields if e.source not in sources)
    objects[place] = replace(objects[place], fields=fields)
    return replace(mapping, objects=tuple(objects))


def test_what_is_registered_is_not_lost() -> None:
    """By object the signed entries count, in the order of the objects' names."""
    mapping = a_registered()
    assert [(each.object, each.entries) for each in mapping.approved] == [
        (BALANCE, 2),
        (INVOICE, 2),
    ]
    assert lost_approvals(mapping) == ()
    # What nobody has signed may come and go.
    assert lost_approvals(without(mapping, 0, "ONB2__New__c")) == ()
    assert lost_approvals(a_mapping()) == ()


def test_an_entry_and_a_mapped_object_that_are_gone_are_lost() -> None:
    """Each object that lacks something is named once, with what is left of it."""
    shorter = without(a_registered(), 0, "ONB2__Note__c")
    shorter = replace(shorter, objects=shorter.objects[:1])
    said = [
        str(each).partition(" entries were approved, ")
        for each in lost_approvals(shorter)
    ]
    assert [(before, left) for before, _, left in said] == [
        (f"{BALANCE}: 2", "and none of them is in the mapping any more"),
        (f"{INVOICE}: 2", "1 of them are left in the mapping"),
    ]


def test_an_entry_in_the_place_of_another_is_lost() -> None:
    """As many as before, and not the same."""
    mapping = without(a_registered(), 1, "ONB2__Note__c")
    balance = mapping.objects[1]
    other = replace(a_field("Other__c"), digest="0a-1b")
    mapping = replace(
        mapping,
        objects=(
            mapping.objects[0],
            replace(balance, fields=(*balance.fields, other)),
        ),
    )
    (lost,) = lost_approvals(mapping)
    assert str(lost).endswith("and the approved ones of today are others")


def test_only_a_renewed_approval_forgets_what_is_lost() -> None:
    """An approval of another object leaves the line of the lost one as it is."""
    shorter = without(a_registered(), 0, "ONB2__Note__c")
    before = {each.object: each for each in shorter.approved}
    kept = register(shorter, before=shorter, renewed={BALANCE})
    assert {each.object: each for each in kept} == before
    renewed = register(shorter, before=shorter, renewed={INVOICE})
    assert [(each.object, each.entries) for each in renewed] == [
        (BALANCE, 2),
        (INVOICE, 1),
    ]
    gone = replace(shorter, objects=shorter.objects[1:])
    kept = register(gone, before=gone, renewed=())
    assert [each.object for each in kept] == [BALANCE, INVOICE]
    renewed = register(gone, before=gone, renewed={INVOICE})
    assert [each.object for each in renewed] == [BALANCE]


def test_one_more_signature_is_registered() -> None:
    """The object had lost nothing, so its line follows."""
    before = a_registered()
    invoice, balance = before.objects
    fields = tuple(replace(each, digest="0a-1b") for each in invoice.fields)
    after = replace(before, objects=(replace(invoice, fields=fields), balance))
    made = register(after, before=before, renewed=())
    assert [each.entries for each in made] == [2, 3]
    assert lost_approvals(replace(after, approved=made)) == ()
