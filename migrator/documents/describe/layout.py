"""
Page layouts, list views and value sets, as `describe` keeps them, read into the model.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from migrator.documents.describe.object import metadata_root, node_text
from migrator.model.describe import PicklistValue
from migrator.model.names import ApiName
from migrator.model.source_layout import (
    EVERYTHING,
    Section,
    SourceLayout,
    View,
    ViewFilter,
)

_IN = {"m": "http://soap.sforce.com/2006/04/metadata"}
_LINKS = "CustomLinks"
_ONE_COLUMN = "OneColumn"
_COLUMN_FIELDS = {
    "NAME": "Name",
    "CREATED_DATE": "CreatedDate",
    "CREATEDBY_USER": "CreatedById",
    "CREATEDBY_USER.ALIAS": "CreatedById",
    "CURRENCY_ISO_CODE": "CurrencyIsoCode",
    "LAST_ACTIVITY": "LastActivityDate",
    "LAST_UPDATE": "LastModifiedDate",
    "OWNER.ALIAS": "OwnerId",
    "OWNER.FIRST_NAME": "OwnerId",
    "OWNER.LAST_NAME": "OwnerId",
    "UPDATEDBY_USER": "LastModifiedById",
    "UPDATEDBY_USER.ALIAS": "LastModifiedById",
}
"""What list views call the standard fields of a custom object."""


def parse_layout(content: bytes, *, name: str, file: str) -> SourceLayout:
    """
    Return the sections of a Layout file with their fields; links and blank spaces left
    out.

    Raises DescribeError for what is no such file, which *file* names.
    """
    root = metadata_root(content, "Layout", file)
    found = (_section(each) for each in root.iterfind("m:layoutSections", _IN))
    return SourceLayout(name=name, sections=tuple(each for each in found if each))


def _section(node: etree._Element) -> Section | None:
    style = node_text(node, "style")
    columns = [
        tuple(
            ApiName(field)
            for item in column.iterfind("m:layoutItems", _IN)
            if (field := node_text(item, "field"))
        )
        for column in node.iterfind("m:layoutColumns", _IN)
    ]
    if style == _LINKS or not any(columns):
        return None
    label = node_text(node, "label")
    if style == _ONE_COLUMN or len(columns) == 1:
        return Section(label=label, left=sum(columns, ()), columns=1)
    return Section(label=label, left=columns[0], right=sum(columns[1:], ()))


def parse_list_views(content: bytes, *, file: str) -> tuple[View, ...]:
    """
    Return the list views inside a CustomObject file, with the fields' own names.

    A column that is no field keeps the name it has there. DescribeError as above.
    """
    root = metadata_root(content, "CustomObject", file)
    return tuple(_view(each) for each in root.iterfind("m:listViews", _IN))


def _view(node: etree._Element) -> View:
    return View(
        name=node_text(node, "fullName"),
        label=node_text(node, "label") or node_text(node, "fullName"),
        columns=tuple(_fields(node)),
        filters=tuple(
            ViewFilter(
                field=_field(node_text(each, "field")),
                operation=node_text(each, "operation"),
                value=node_text(each, "value"),
            )
            for each in node.iterfind("m:filters", _IN)
        ),
        logic=node_text(node, "booleanFilter"),
        scope=node_text(node, "filterScope") or EVERYTHING,
    )


def _fields(node: etree._Element) -> Iterator[ApiName]:
    for column in node.iterfind("m:columns", _IN):
        yield _field((column.text or "").strip())


def _field(column: str) -> ApiName:
    return ApiName(_COLUMN_FIELDS.get(column, column))


def parse_value_set(
    content: bytes, *, kind: str, file: str
) -> tuple[PicklistValue, ...]:
    """
    Return the values of a GlobalValueSet or StandardValueSet file, those that nobody
    can choose any more among them. DescribeError as above.
    """
    root = metadata_root(content, kind, file)
    element = "customValue" if kind == "GlobalValueSet" else "standardValue"
    return tuple(
        PicklistValue(
            value=node_text(each, "fullName"),
            label=node_text(each, "label") or node_text(each, "fullName"),
            active=node_text(each, "isActive") != "false",
        )
        for each in root.iterfind(f"m:{element}", _IN)
    )
