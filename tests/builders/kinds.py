"""
A field of each kind, by the facts of its row alone: a new row needs nothing here.

Described for a plan; as a package's object with records, for an org to start with.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrator.documents.metadata.files import render_source
from migrator.documents.templates import make_environment
from migrator.model.describe import FieldDescribe
from migrator.model.field_type import FieldType
from migrator.model.kinds.described import DESCRIBED
from migrator.model.kinds.row import CHOICES, Argument, Family
from migrator.model.kinds.table import KINDS, Kind
from migrator.model.mapping import FieldMapping
from migrator.model.names import LOCATION_PARTS, ApiName
from migrator.model.treatment import Treatment
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.describes import RECORD_NAME, a_described, a_reference
from tests.builders.mappings import a_field, a_mapped_object, a_mapping, a_migration

KINDS_OBJECT = ApiName("ONB2__Kinds__c")
ROOT_OBJECT = ApiName("ONB2__Root__c")
"""The object that the master-detail points at."""
VALUES = ("Open", "Paid")
OWN = sorted(kind for kind, row in KINDS.items() if row.is_own_field)
"""The kinds of fields that are made."""
RECORDS = 5
"""Of `KINDS_OBJECT`; the last one has no value where none is needed."""
_NUMBERS = {Argument.LENGTH: 40, Argument.PRECISION: 6, Argument.SCALE: 2}
_SETTINGS = {
    Argument.LENGTH: "length",
    Argument.PRECISION: "precision",
    Argument.SCALE: "scale",
    Argument.MASK_TYPE: "mask_type",
    Argument.MASK_CHARACTER: "mask_character",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """
    A value as a bulk query gives it, the same value as it may be spelled too, another.
    """

    value: str
    alike: str
    other: str


EXAMPLES = {
    Family.TEXT: Example(value="a@b.org", alike="a@b.org", other="a@c.org"),
    Family.NUMBER: Example(value="1.5", alike="1.50", other="1.51"),
    Family.CHECKBOX: Example(value="true", alike="True", other="false"),
    Family.DATE: Example(value="2024-02-29", alike="2024-02-29", other="2024-03-01"),
    Family.DATE_TIME: Example(
        value="2024-02-29T10:00:00.000Z",
        alike="2024-02-29T10:00:00Z",
        other="2024-02-29T10:00:01.000Z",
    ),
    Family.TIME: Example(
        value="10:11:12.000Z", alike="10:11:12Z", other="10:11:13.000Z"
    ),
    Family.PICKLIST: Example(value="Open", alike="Open", other="Paid"),
    Family.MULTISELECT: Example(value="Open;Paid", alike="Open;Paid", other="Open"),
    Family.REFERENCE: Example(
        value="001000000000001AAA",
        alike="001000000000001AAA",
        other="001000000000002AAA",
    ),
    Family.OTHER: Example(value="EUR", alike="EUR", other="USD"),
}
"""By what the values are; those of a location are the numbers of its parts."""


def a_type(kind: Kind) -> FieldType:
    """
    A small type of *kind*, every argument legal.
    """
    settings: dict[str, Any] = {}
    for argument, legal in KINDS[kind].arguments.items():
        if argument is Argument.OBJECT:
            is_detail = kind is Kind.MASTER_DETAIL
            settings["reference_to"] = ROOT_OBJECT if is_detail else ApiName("Account")
        elif argument is Argument.NOTATION:
            settings["decimal"] = True
        elif legal is None:
            settings[_SETTINGS[argument]] = CHOICES[argument][0]
        else:
            usual = max(_NUMBERS[argument], legal[0])
            settings[_SETTINGS[argument]] = min(usual, legal[1])
    return FieldType(kind=kind, **settings)


def source_name(kind: Kind) -> ApiName:
    """
    The field of `KINDS_OBJECT` that is of *kind*.
    """
    return ApiName(f"ONB2__{kind.value}__c")


# -- Described ------------------------------------------------------------------------


def described_as(kind: Kind) -> tuple[FieldDescribe, ...]:
    """
    The field of `KINDS_OBJECT` that a plan makes a *kind* of, with what belongs to it.
    """
    name = source_name(kind)
    shared = {
        Kind.LONG_TEXT_AREA: a_described(name, "textarea", length=1_000),
        Kind.HTML: a_described(name, "textarea", length=1_000, html=True),
        Kind.LOOKUP: a_reference(name, "Account"),
        Kind.MASTER_DETAIL: a_reference(name, ROOT_OBJECT, order=0),
        Kind.NAME: RECORD_NAME,
        Kind.STANDARD: a_described("CurrencyIsoCode", "picklist", length=3),
    }
    if kind is Kind.LOCATION:
        return _location(name)
    return (shared[kind] if kind in shared else _plain(kind, name),)


def _plain(kind: Kind, name: str) -> FieldDescribe:
    word = next((word for word, row in DESCRIBED.items() if row.kind is kind), None)
    assert word is not None, f"no describe's word becomes {kind}"
    made = a_type(kind)
    return a_described(
        name,
        word,
        length=made.room or 0,
        precision=made.precision or 0,
        scale=made.scale or 0,
        values=VALUES if KINDS[kind].most_values else (),
    )


def _location(name: str) -> tuple[FieldDescribe, ...]:
    parts = (
        a_described(_part(name, part), "double", precision=5, scale=2)
        for part in LOCATION_PARTS
    )
    return (
        a_described(name, "location"),
        *(replace(each, compound_field=ApiName(name)) for each in parts),
    )


def _part(location: str, part: str) -> str:
    return f"{location.removesuffix('__c')}__{part}__s"


# -- In an org ------------------------------------------------------------------------


def write_package(folder: Path) -> None:
    """
    The metadata of both objects, a field of every kind in the one.
    """
    kinds = a_mapped_object(*map(_made, OWN), target=KINDS_OBJECT, label="Kinds")
    root = a_mapped_object(target=ROOT_OBJECT, label="Root")
    target = build_target(a_mapping(root, kinds), a_migration())
    environment = make_environment([shipped_folder("templates")])
    for path, content in render_source(target, environment).items():
        if path.endswith((".object-meta.xml", ".field-meta.xml")):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _made(kind: Kind) -> FieldMapping:
    is_reference = KINDS[kind].family is Family.REFERENCE
    return a_field(
        source_name(kind),
        str(a_type(kind)),
        label=kind.value,
        values=VALUES if KINDS[kind].most_values else (),
        treatment=Treatment.PARENT if is_reference else Treatment.COPY,
        relationship=f"Kinds_{kind.value}" if is_reference else "",
    )


def write_records(folder: Path) -> None:
    """
    A record of the one object, and some of the other that belong to it.
    """
    root = f"a9y{0:012}AAA"
    rows = [
        {"Id": f"a9x{number:012}AAA", "Name": f"K-{number}"}
        | {column: cell for kind in OWN for column, cell in _cells(kind, number, root)}
        for number in range(RECORDS)
    ]
    folder.mkdir(parents=True)
    _write_csv(folder / f"{KINDS_OBJECT}.csv", rows)
    _write_csv(folder / f"{ROOT_OBJECT}.csv", [{"Id": root, "Name": "R"}])


def _cells(kind: Kind, number: int, root: str) -> Iterator[tuple[str, str]]:
    row, name = KINDS[kind], source_name(kind)
    is_blank = row.nullable and number == RECORDS - 1
    if row.family is Family.LOCATION:
        for part in LOCATION_PARTS:
            yield _part(name, part), "" if is_blank else f"{number}.25"
    elif row.family is Family.REFERENCE:
        yield name, root if kind is Kind.MASTER_DETAIL else ""
    else:
        example = EXAMPLES[row.family]
        value = example.other if number % 2 else example.value
        yield name, "" if is_blank else value


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
