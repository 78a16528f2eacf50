"""
Describes for tests: valid by default, one argument per point a test makes.
"""

from __future__ import annotations

from pathlib import Path

from migrator.documents.describe.describe import parse_describe
from migrator.model.describe import (
    ChildRelationship,
    FieldDescribe,
    ObjectDescribe,
    PicklistValue,
)
from migrator.model.names import ApiName, is_custom
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_describes"


def a_described(
    name: str = "ONB2__Note__c",
    type_: str = "string",
    *,
    length: int = 0,
    precision: int = 0,
    scale: int = 0,
    formula: str | None = None,
    calculated: bool = False,
    auto_number: bool = False,
    name_field: bool = False,
    unique: bool = False,
    to: tuple[str, ...] = (),
    order: int | None = None,
    values: tuple[str, ...] = (),
    extra: str | None = None,
    html: bool = False,
    label: str | None = None,
) -> FieldDescribe:
    """One field."""
    step = name.replace("__c", "__r") if name.endswith("__c") else name[:-2]
    return FieldDescribe(
        name=ApiName(name),
        label=name if label is None else label,
        type=type_,
        custom=is_custom(ApiName(name)),
        length=length,
        precision=precision,
        scale=scale,
        calculated=calculated or formula is not None,
        calculated_formula=formula,
        auto_number=auto_number,
        name_field=name_field,
        unique=unique,
        reference_to=tuple(ApiName(each) for each in to),
        relationship_name=step if type_ == "reference" else None,
        relationship_order=order,
        picklist_values=tuple(PicklistValue(value=v, label=v) for v in values),
        extra_type_info=extra,
        html_formatted=html,
    )


def a_reference(name: str, *to: str, order: int | None = None) -> FieldDescribe:
    """A reference to the objects *to*; a master-detail when it has an *order*."""
    return a_described(name, "reference", length=18, to=to, order=order)


RECORD_ID = a_described("Id", "id", length=18)
RECORD_NAME = a_described("Name", length=80, name_field=True)


def a_described_object(
    name: str,
    *fields: FieldDescribe,
    children: tuple[ChildRelationship, ...] = (),
    with_name: bool = True,
) -> ObjectDescribe:
    """One object with Id, Name and *fields*."""
    first = (RECORD_ID, RECORD_NAME) if with_name else (RECORD_ID,)
    return ObjectDescribe(
        name=ApiName(name),
        label=name,
        plural_label=name,
        custom=True,
        fields=(*first, *fields),
        child_relationships=children,
    )


def read_describes(folder: Path) -> dict[ApiName, ObjectDescribe]:
    """Every describe in *folder*, by object."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        text = path.read_text(encoding="utf-8")
        if '"fields"' in text:
            described, _ = parse_describe(text, file=path.name)
            found[described.name] = described
    return found
