"""
Load order: parents first, circles broken where they may be.
"""

from __future__ import annotations

import pytest

from migrator.model.field_type import FieldType
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.copy.load_order import LoadOrder, load_order


def a_mapping(*references: tuple[str, str, bool], names: str = "A B C D") -> Mapping:
    """
    Objects called *names*; each reference is (from, to, required).
    """
    return Mapping(
        namespace="X",
        objects=tuple(
            MappedObject(
                source=ApiName(f"Old{name}__c"),
                target=ApiName(f"{name}__c"),
                label=name,
                plural_label=name,
                name_label=name,
                fields=tuple(
                    a_reference(other, required=required)
                    for start, other, required in references
                    if start == name
                ),
            )
            for name in names.split()
        ),
    )


def a_reference(to: str, *, required: bool) -> FieldMapping:
    """
    A parent entry that points at the object *to*.
    """
    return FieldMapping(
        source=ApiName(f"Old{to}Ref__c"),
        target=ApiName(f"{to}Ref__c"),
        type=FieldType.parse(f"Lookup({to}__c)"),
        treatment=Treatment.PARENT,
        why="a test",
        required=required,
    )


def names(order: LoadOrder) -> str:
    """
    The targets in load order.
    """
    return " ".join(each.target.removesuffix("__c") for each in order.objects)


def deferred(order: LoadOrder) -> list[tuple[str, str]]:
    """
    The deferred references.
    """
    return [(each.object, each.field) for each in order.deferred]


def test_grandparents_come_before_parents_before_children() -> None:
    """
    Every object follows all it points at.
    """
    order = load_order(
        a_mapping(("A", "B", True), ("B", "C", False), ("A", "D", False))
    )
    assert names(order) == "C B D A"
    assert deferred(order) == []


def test_without_references_the_mapping_order_stays() -> None:
    """
    Nothing is moved without need.
    """
    assert names(load_order(a_mapping())) == "A B C D"


def test_a_reference_to_itself_is_deferred_and_blocks_nothing() -> None:
    """
    Self references are filled by the second pass.
    """
    order = load_order(a_mapping(("A", "A", False), ("B", "A", True)))
    assert names(order) == "A B C D"
    assert deferred(order) == [("OldA__c", "OldARef__c")]
    assert order.deferred_of(ApiName("OldA__c")) == {"OldARef__c"}


def test_a_circle_is_broken_at_the_reference_that_is_not_required() -> None:
    """
    The required one can be followed, so the other waits.
    """
    order = load_order(a_mapping(("A", "B", True), ("B", "A", False), names="A B"))
    assert names(order) == "B A"
    assert deferred(order) == [("OldB__c", "OldARef__c")]


def test_a_circle_of_required_references_is_refused_by_name() -> None:
    """
    No order can satisfy it, and the message says who takes part.
    """
    with pytest.raises(ValueError) as caught:
        load_order(a_mapping(("A", "B", True), ("B", "A", True)))
    assert "OldA__c, OldB__c" in str(caught.value)
