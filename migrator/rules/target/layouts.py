"""
How the archive is shown: page layouts, list views, the app, the seal on its records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migrator.model.field_type import Kind
from migrator.model.limits import MAX_LABEL
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.target import (
    Application,
    Behavior,
    Layout,
    LayoutItem,
    LayoutSection,
    ListView,
    TargetField,
    TargetObject,
    ValidationRule,
)
from migrator.rules.target.names import ORIGIN_PREFIX
from migrator.rules.target.permission_sets import archive_name, unseal_permission
from migrator.rules.target.source_layouts import (
    CURRENCY,
    NAME,
    SYSTEM_ITEMS,
    arranged_sections,
    arranged_views,
    layout_item,
)
from migrator.rules.target.words import marked, shortened

APP_LABEL = "Invoice Archive"
SEAL = "Sealed"
"""The name of the validation rule that refuses every later change."""

_IDENTITY, _DATES, _AMOUNTS, _ADDRESSES, _REFERENCES, _TEXTS, _ORIGIN = (
    *("Identity", "Dates", "Amounts", "Addresses", "References", "Texts", "Origin"),
)
_SECTIONS = (_IDENTITY, _DATES, _AMOUNTS, _ADDRESSES, _REFERENCES, _TEXTS, _ORIGIN)
_BY_KIND = {
    Kind.DATE: _DATES,
    Kind.DATE_TIME: _DATES,
    Kind.TIME: _DATES,
    Kind.CURRENCY: _AMOUNTS,
    Kind.NUMBER: _AMOUNTS,
    Kind.PERCENT: _AMOUNTS,
    Kind.LOCATION: _ADDRESSES,
    Kind.LOOKUP: _REFERENCES,
    Kind.MASTER_DETAIL: _REFERENCES,
    Kind.TEXT_AREA: _TEXTS,
    Kind.LONG_TEXT_AREA: _TEXTS,
    Kind.HTML: _TEXTS,
}
_ADDRESS = re.compile(r"Street|City|Postal_?Code|Zip|Country|State(?!m)|Address")
_NO_ADDRESS = {Kind.CHECKBOX, Kind.DATE, Kind.DATE_TIME, Kind.EMAIL}
_COLUMNS = {_DATES: 2, _AMOUNTS: 3, _IDENTITY: 3}
"""How many fields of which section a list of records shows beside the name."""
_ALL = "All"
_NOT_LISTED = {Kind.MULTISELECT_PICKLIST, Kind.ENCRYPTED_TEXT}


def layout(label: str, fields: Sequence[TargetField], mapped: MappedObject) -> Layout:
    """
    The page layout under the name that the platform gives an object's first one, so
    that it takes the place of the empty layout everybody is assigned to.

    Nothing on it can be edited but what the platform demands for a new record. The
    mapping's own sections go before those by kind.
    """
    if mapped.layout:
        own = tuple(arranged_sections(fields, mapped))
        return Layout(name=f"{label} Layout", sections=own)
    parts: dict[str, list[LayoutItem]] = {name: [] for name in _SECTIONS}
    parts[_IDENTITY].append(_required(NAME))
    if any(entry.target == CURRENCY for entry in mapped.fields):
        parts[_AMOUNTS].append(_required(CURRENCY))
    siblings = _siblings(mapped)
    for field in fields:
        parts[_section(field, siblings)].append(layout_item(field))
    parts[_ORIGIN].extend(SYSTEM_ITEMS)
    return Layout(
        name=f"{label} Layout",
        sections=tuple(_halved(name, items) for name, items in parts.items() if items),
    )


def _siblings(mapped: MappedObject) -> set[ApiName]:
    """
    The text fields that keep what a reference pointed at.
    """
    kept = {
        name
        for entry in mapped.fields
        for name in (entry.id_target, entry.name_target)
        if name is not None
    }
    return kept | {
        entry.target for entry in mapped.fields if entry.name_target and entry.target
    }


def _section(field: TargetField, siblings: set[ApiName]) -> str:
    if field.name.startswith(ORIGIN_PREFIX):
        return _ORIGIN
    if field.name in siblings:
        return _REFERENCES
    kind = field.type.kind
    if kind not in _NO_ADDRESS and _ADDRESS.search(field.name):
        return _BY_KIND.get(kind, _ADDRESSES) if kind is Kind.LOOKUP else _ADDRESSES
    return _BY_KIND.get(kind, _IDENTITY)


def _required(field: ApiName) -> LayoutItem:
    return LayoutItem(field=field, behavior=Behavior.REQUIRED)


def _halved(label: str, items: Sequence[LayoutItem]) -> LayoutSection:
    """
    The first half left, the second right: both columns are read from top to bottom.
    """
    middle = (len(items) + 1) // 2
    return LayoutSection(
        label=label, left=tuple(items[:middle]), right=tuple(items[middle:])
    )


def list_views(
    fields: Sequence[TargetField], mapped: MappedObject
) -> tuple[ListView, ...]:
    """
    One list of all records: the name, then dates, amounts and what tells them apart.

    The mapping's own lists follow it, or take its place when one has its name.
    """
    own = arranged_views(mapped)
    if any(each.name.casefold() == _ALL.casefold() for each in own):
        return own
    siblings = _siblings(mapped)
    sections = {field.name: _section(field, siblings) for field in fields}
    columns = [
        str(name)
        for section, most in _COLUMNS.items()
        for name in _first(fields, sections, section, most)
    ]
    return (ListView(name=_ALL, label=_ALL, columns=("NAME", *columns)), *own)


def _first(
    fields: Iterable[TargetField],
    sections: dict[ApiName, str],
    section: str,
    most: int,
) -> Iterator[ApiName]:
    found = (
        field.name
        for field in fields
        if sections[field.name] == section and field.type.kind not in _NOT_LISTED
    )
    for _, name in zip(range(most), found, strict=False):
        yield name


def seal(mapping: Mapping, migration: Migration) -> ValidationRule:
    """
    The rule that refuses every change of a record, for all but who may unseal.

    It is made inactive: rules hold for API loads too, so the copy comes first.
    """
    permission = unseal_permission(mapping, migration).name
    return ValidationRule(
        name=SEAL,
        formula=f"AND(NOT(ISNEW()), NOT($Permission.{permission}))",
        message="This record belongs to a sealed archive and cannot be changed.",
        description=marked(
            "Refuses every change of an archived record; inactive until the archive is "
            "sealed.",
            migration.marker,
        ),
    )


def application(
    objects: Sequence[TargetObject], mapping: Mapping, migration: Migration
) -> Application:
    """
    The app that shows the archive: one tab an object, in the mapping's order.
    """
    name = archive_name(mapping, migration)
    plain = name.removesuffix("_Archive").casefold() == "invoice"
    label = APP_LABEL if plain else name.replace("_", " ")
    return Application(
        name=name,
        label=shortened(label, MAX_LABEL),
        description=marked(
            "The archive of invoices and what belongs to them.", migration.marker
        ),
        tabs=tuple(made.name for made in objects),
    )
