"""
Two mappings by meaning: every decision that differs, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from migrator.model.field_type import FieldType
from migrator.model.finding import Finding, Level
from migrator.model.mapping import Mapping, Status, TextRule
from migrator.model.names import ApiName
from migrator.model.review import Change, MappingChange
from migrator.model.target import Sharing
from migrator.rules.review.diff import differences
from tests.builders.mappings import a_field, a_key, a_mapped_object, a_mapping, a_name

OLD = a_mapping(a_mapped_object(a_key(), a_name(), a_field(), a_field("Other__c")))
INVOICE, NOTE = ApiName("ONB2__Invoice__c"), ApiName("ONB2__Note__c")


def _edited(**changes: Any) -> Mapping:
    (mapped,) = OLD.objects
    fields = tuple(
        replace(each, **changes) if each.source == NOTE else each
        for each in mapped.fields
    )
    return replace(OLD, objects=(replace(mapped, fields=fields),))


def test_a_mapping_does_not_differ_from_itself() -> None:
    """Nor from one in another order, or with other findings."""
    (mapped,) = OLD.objects
    turned = replace(mapped, fields=tuple(reversed(mapped.fields)))
    news = Finding(level=Level.INFO, code="x", message="y")
    remarked = _edited(findings=(news,), digest="1", on="2", basis="3", author="4")
    for other in (OLD, replace(OLD, objects=(turned,)), remarked):
        assert differences(OLD, other) == ()


@pytest.mark.parametrize(
    ("setting", "value", "old", "new"),
    [
        ("type", FieldType.parse("Text(80)"), "Text(40)", "Text(80)"),
        ("target", ApiName("Remark__c"), "Note__c", "Remark__c"),
        ("why", "because", "same kind of field", "because"),
        ("status", Status.CHANGED, "approved", "changed"),
        ("by", "Eva", "", "Eva"),
        ("values", ("a", "b"), "", "a, b"),
        ("required", True, "false", "true"),
        ("id_target", ApiName("Note_Id__c"), "", "Note_Id__c"),
    ],
)
def test_each_setting_is_told(setting: str, value: Any, old: str, new: str) -> None:
    """With its place and both values."""
    (change,) = differences(OLD, _edited(**{setting: value}))
    assert change == MappingChange(
        change=Change.CHANGED,
        object=INVOICE,
        field=NOTE,
        setting=setting,
        old=old,
        new=new,
    )


def test_entries_and_objects_come_and_go() -> None:
    """By name, with what they decide."""
    (mapped,) = OLD.objects
    fewer = replace(OLD, objects=(replace(mapped, fields=mapped.fields[:-1]),))
    (gone,) = differences(OLD, fewer)
    assert (gone.change, gone.where) == (Change.REMOVED, f"{INVOICE}.ONB2__Other__c")
    (come,) = differences(fewer, OLD)
    assert (come.change, come.new) == (Change.ADDED, "copy Other__c Text(40)")
    second = a_mapped_object(a_key(), name="Line")
    wide = replace(OLD, objects=(mapped, second))
    assert [each.change for each in differences(OLD, wide)] == [Change.ADDED]
    assert [each.change for each in differences(wide, OLD)] == [Change.REMOVED]


def test_settings_of_objects_and_of_the_whole_are_told() -> None:
    """Sharing, and the rule for texts."""
    (mapped,) = OLD.objects
    shared = replace(mapped, sharing=Sharing.READ)
    new = replace(OLD, objects=(shared,), text=TextRule(trim=False))
    found = {(each.where, each.setting): each.new for each in differences(OLD, new)}
    assert found == {("", "trim"): "false", (INVOICE, "sharing"): "Read"}
