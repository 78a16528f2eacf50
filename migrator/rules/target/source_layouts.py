"""
The source's own way of showing records: its layout and its lists, as far as they fit.

`plan` writes them into the mapping, where people change them; `generate` makes them of
whatever the fields have become.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.model.codes import check as check_codes
from migrator.model.codes import plan as codes
from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.mapping import FieldMapping, MappedObject
from migrator.model.names import ApiName
from migrator.model.source_layout import EVERYTHING, Section, View, ViewFilter
from migrator.model.target import (
    Behavior,
    FilterLine,
    LayoutItem,
    LayoutSection,
    ListView,
    TargetField,
)
from migrator.model.treatment import Treatment
from migrator.rules.target.words import MAX_LABEL, shortened

MAX_SECTION_LABEL = 80
FURTHER = "Further Fields"
"""The last section: what is not on the source's layout."""
NAME = ApiName("Name")
CURRENCY = ApiName("CurrencyIsoCode")

_STANDARD_COLUMNS = {NAME: "NAME", CURRENCY: "CURRENCY_ISO_CODE"}
SYSTEM_ITEMS = (
    LayoutItem(field=ApiName("CreatedById"), behavior=Behavior.READONLY),
    LayoutItem(field=ApiName("LastModifiedById"), behavior=Behavior.READONLY),
)


# -- Into the mapping -----------------------------------------------------------------


def arranged(mapped: MappedObject, described: ObjectDescribe) -> MappedObject:
    """
    Return *mapped* with the sections and lists of its source, unless it has its own
    already.
    """
    return replace(
        mapped,
        layout=mapped.layout or tuple(_sections(mapped, described)),
        list_views=mapped.list_views or tuple(_carried_views(mapped, described)),
    )


def _sections(mapped: MappedObject, described: ObjectDescribe) -> Iterator[Section]:
    for section in described.layouts[0].sections if described.layouts else ():
        left = tuple(each for each in section.left if mapped.entry(each))
        right = tuple(each for each in section.right if mapped.entry(each))
        if left or right:
            yield replace(section, left=left, right=right)


def _carried_views(mapped: MappedObject, described: ObjectDescribe) -> Iterator[View]:
    names: set[str] = set()
    for view in described.list_views:
        name = view.name.rpartition("__")[2]
        if not _obstacle(view, mapped) and name.casefold() not in names:
            names.add(name.casefold())
            yield replace(view, name=name)


def arrangement_findings(
    mapped: MappedObject, described: ObjectDescribe
) -> Iterator[Finding]:
    """
    Which of several layouts is followed, and which lists are left out.
    """
    if len(described.layouts) > 1:
        first, *others = (each.name for each in described.layouts)
        found = codes.SEVERAL_LAYOUTS(first=first, others=", ".join(others))
        yield found.at(mapped.source)
    for view in described.list_views:
        obstacle = _obstacle(view, mapped)
        if obstacle:
            found = codes.LIST_VIEW_LEFT_OUT(
                label=view.label, name=view.name, obstacle=obstacle
            )
            yield found.at(mapped.source)


def _obstacle(view: View, mapped: MappedObject) -> str:
    """
    Why *view* cannot be made of what is carried over; empty when it can.
    """
    if view.scope != EVERYTHING:
        return f"its scope is {view.scope}, and an archive's records have one owner"
    for field in view.asked:
        if not _column(field, mapped):
            return f"{field} is not carried over as a field that a list can show"
    return ""


def _column(field: ApiName, mapped: MappedObject) -> str:
    """
    Return what a list calls the field that *field* became; empty when it shows no such
    field.
    """
    entry = mapped.entry(field)
    if field == NAME:
        return _STANDARD_COLUMNS[NAME]
    if entry is None or entry.target is None:
        return ""
    if entry.treatment is Treatment.SNAPSHOT and entry.name_target:
        return str(entry.name_target)
    if entry.type is not None and not entry.type.row.is_listed:
        return ""
    return _STANDARD_COLUMNS.get(entry.target, str(entry.target))


# -- Out of the mapping ---------------------------------------------------------------


def unknown_shown(mapped: MappedObject) -> Iterator[Finding]:
    """
    Names in `layout:` and `list_views:` that no component can be made from.
    """
    for section in mapped.layout:
        for field in (*section.left, *section.right):
            if field != NAME and mapped.entry(field) is None:
                found = check_codes.LAYOUT_WITHOUT_ENTRY(field=field)
                yield found.at(mapped.source)
    for view in mapped.list_views:
        for field in view.asked:
            if field != NAME and mapped.entry(field) is None:
                found = check_codes.LIST_VIEW_WITHOUT_ENTRY(name=view.name, field=field)
                yield found.at(mapped.source)


def unlisted_views(mapped: MappedObject) -> Iterator[Finding]:
    """
    Yield lists of the mapping that are not made, because a field is no longer carried
    over as one that a list can show.
    """
    for view in mapped.list_views:
        obstacle = _obstacle(view, mapped)
        if obstacle:
            found = check_codes.LIST_VIEW_NOT_MADE(
                label=view.label, name=view.name, obstacle=obstacle
            )
            yield found.at(mapped.source)


def arranged_sections(
    fields: Sequence[TargetField], mapped: MappedObject
) -> Iterator[LayoutSection]:
    """
    Yield the sections of the mapping, each field once, then one with all that is on
    none.
    """
    items = _items(fields, mapped)
    sections = [
        LayoutSection(
            label=shortened(section.label or mapped.label, MAX_SECTION_LABEL),
            left=_taken(section.left, items, mapped),
            right=_taken(section.right, items, mapped),
            columns=section.columns,
        )
        for section in mapped.layout
    ]
    name = items.pop(NAME, None)
    if name is not None:  # no record can be made without it
        sections[0] = replace(sections[0], left=(name, *sections[0].left))
    yield from (each for each in sections if each.left or each.right)
    rest = (*items.values(), *SYSTEM_ITEMS)
    middle = (len(rest) + 1) // 2
    yield LayoutSection(label=FURTHER, left=rest[:middle], right=rest[middle:])


def _items(
    fields: Sequence[TargetField], mapped: MappedObject
) -> dict[ApiName, LayoutItem]:
    """
    Everything that belongs on a layout, by name.
    """
    required = [NAME]
    if any(entry.target == CURRENCY for entry in mapped.fields):
        required.append(CURRENCY)
    standard = {
        name: LayoutItem(field=name, behavior=Behavior.REQUIRED) for name in required
    }
    return standard | {field.name: layout_item(field) for field in fields}


def layout_item(field: TargetField) -> LayoutItem:
    """
    *field* on a layout: nothing can be edited but what a new record demands.
    """
    behavior = Behavior.REQUIRED if field.is_demanded else Behavior.READONLY
    return LayoutItem(field=field.name, behavior=behavior)


def _taken(
    sources: Sequence[ApiName],
    items: dict[ApiName, LayoutItem],
    mapped: MappedObject,
) -> tuple[LayoutItem, ...]:
    """
    Return the items that the *sources* became, taken out of *items*.
    """
    names = (name for each in sources for name in _made(mapped.entry(each), each))
    return tuple(items.pop(name) for name in names if name in items)


def _made(entry: FieldMapping | None, source: ApiName) -> tuple[ApiName, ...]:
    if entry is None:
        return (source,)
    standard = (entry.target,) if entry.target in _STANDARD_COLUMNS else ()
    return (*(each for each in standard if each), *entry.made_targets)


def arranged_views(mapped: MappedObject) -> tuple[ListView, ...]:
    """
    Return the lists of the mapping that can be made, under the names of what their
    fields became.
    """
    return tuple(
        ListView(
            name=view.name,
            label=shortened(view.label, MAX_LABEL),
            columns=tuple(
                dict.fromkeys(_column(each, mapped) for each in view.columns)
            ),
            filters=tuple(_line(each, mapped) for each in view.filters),
            logic=view.logic,
        )
        for view in mapped.list_views
        if not _obstacle(view, mapped)
    )


def _line(line: ViewFilter, mapped: MappedObject) -> FilterLine:
    return FilterLine(
        field=_column(line.field, mapped), operation=line.operation, value=line.value
    )
