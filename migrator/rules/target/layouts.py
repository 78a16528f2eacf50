"""
How the archive is shown: page layouts, list views, the app, the seal on its records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from migrator.model.kinds.row import Section
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

_ADDRESS = re.compile(r"Street|City|Postal_?Code|Zip|Country|State(?!m)|Address")
_COLUMNS = {Section.DATES: 2, Section.AMOUNTS: 3, Section.IDENTITY: 3}
"""How many fields of which section a list of records shows beside the name."""
_ALL = "All"


def layout(label: str, fields: Sequence[TargetField], mapped: MappedObject) -> Layout:
    """
    Return the page layout under the name that the platform gives an object's first one,
    so that it takes the place of the empty layout everybody is assigned to.

    Nothing on it can be edited but what the platform demands for a new record. The
    mapping's own sections take the place of those by kind.
    """
    if mapped.layout:
        own = tuple(arranged_sections(fields, mapped))
        return Layout(name=f"{label} Layout", sections=own)
    parts: dict[Section, list[LayoutItem]] = {section: [] for section in Section}
    parts[Section.IDENTITY].append(_required(NAME))
    if any(entry.target == CURRENCY for entry in mapped.fields):
        parts[Section.AMOUNTS].append(_required(CURRENCY))
    siblings = _siblings(mapped)
    for field in fields:
        parts[_section(field, siblings)].append(layout_item(field))
    parts[Section.ORIGIN].extend(SYSTEM_ITEMS)
    return Layout(
        name=f"{label} Layout",
        sections=tuple(
            _halved(section.value, items) for section, items in parts.items() if items
        ),
    )


def _siblings(mapped: MappedObject) -> set[ApiName]:
    """
    Return the text fields that keep what a reference pointed at.
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


def _section(field: TargetField, siblings: set[ApiName]) -> Section:
    if field.name.startswith(ORIGIN_PREFIX):
        return Section.ORIGIN
    if field.name in siblings:
        return Section.REFERENCES
    row = field.type.row
    if row.may_be_address and _ADDRESS.search(field.name):
        return Section.ADDRESSES
    return row.section


def _required(field: ApiName) -> LayoutItem:
    return LayoutItem(field=field, behavior=Behavior.REQUIRED)


def _halved(label: str, items: Sequence[LayoutItem]) -> LayoutSection:
    """
    Return the first half left, the second right: both columns are read from top to
    bottom.
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
    sections: dict[ApiName, Section],
    section: Section,
    most: int,
) -> Iterator[ApiName]:
    found = (
        field.name
        for field in fields
        if sections[field.name] is section
        and field.type.row.is_listed
        and not field.type.row.is_masked
    )
    for _, name in zip(range(most), found, strict=False):
        yield name


def seal(mapping: Mapping, migration: Migration) -> ValidationRule:
    """
    Return the rule that refuses every change of a record, for all but who may unseal.

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
    Return the app that shows the archive: one tab an object, in the mapping's order.
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
