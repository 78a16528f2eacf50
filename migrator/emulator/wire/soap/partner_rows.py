"""
sObjects of the partner API: generic records, written and read as XML.

Every record has its type and its Id, nil when it was not asked for; a queried Id
comes once more among the fields (SOAP API Developer Guide, "sObject").
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from migrator.emulator.errors import SalesforceError, not_emulated
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.values import number_text
from migrator.emulator.wire.soap.envelope import NIL, element

if TYPE_CHECKING:
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.records.dml import RowResult
    from migrator.emulator.soql.query import QueryResult

Path = tuple[str, ...]


def query_result(
    result: QueryResult, start: int, size: int, locator: str, version: str
) -> str:
    """
    Write a page of *result* as a QueryResult; *locator* is empty on the last one.
    """
    if any(field.holds is Holds.BYTES for field in result.fields):
        raise not_emulated("binary fields in a partner API query")
    times = _time_columns(result)
    records = () if result.features.count_only else _page(result, start, size, version)
    return (
        f"{element('done', not locator)}{element('queryLocator', locator or NIL)}"
        + "".join(record_element("records", each, times) for each in records)
        + element("size", result.total_size)
    )


def _page(
    result: QueryResult, start: int, size: int, version: str
) -> list[dict[str, Any]]:
    return list(result.json_records(start, size, version=version))


def record_element(
    tag: str, record: dict[str, Any] | None, times: frozenset[Path], at: Path = ()
) -> str:
    """
    Write one record under *tag*, nil for None; *times* are the columns of instants.
    """
    if record is None:
        return element(tag, NIL)
    inside = element("sf:type", record["attributes"]["type"])
    inside += element("sf:Id", record.get("Id") or NIL)
    for name, value in record.items():
        if name != "attributes":
            inside += _field(name, value, times, (*at, name))
    return f'<{tag} xsi:type="sf:sObject">{inside}</{tag}>'


def _field(name: str, value: Any, times: frozenset[Path], at: Path) -> str:
    tag = f"sf:{name}"
    if isinstance(value, dict):
        if "attributes" in value:
            return record_element(tag, value, times, at)
        return _children(tag, value, times, at) or _compound(tag, value)
    if isinstance(value, Decimal):
        return element(tag, number_text(str(value)))
    if value is not None and at in times:
        return element(tag, str(value).replace("+0000", "Z"))
    return element(tag, NIL if value is None else value)


def _children(
    tag: str, value: dict[str, Any], times: frozenset[Path], at: Path
) -> str | None:
    if "records" not in value:
        return None
    records = (record_element("records", each, times, at) for each in value["records"])
    done = "<done>true</done>" + element("queryLocator", NIL)
    inside = done + "".join(records)
    size = element("size", value["totalSize"])
    return f'<{tag} xsi:type="QueryResult">{inside}{size}</{tag}>'


def _compound(tag: str, value: dict[str, Any]) -> str:
    kind = "location" if value.keys() <= {"latitude", "longitude"} else "address"
    parts = sorted((name, each) for name, each in value.items() if each is not None)
    inside = "".join(element(name, each) for name, each in parts)
    return f'<{tag} xsi:type="{kind}">{inside}</{tag}>'


def _time_columns(result: QueryResult) -> frozenset[Path]:
    own = zip(result.columns, result.fields, strict=True)
    found = {
        tuple(name.split(".")) for name, field in own if field.holds is Holds.MOMENT
    }
    for relationship, columns in result.children:
        found |= {
            (relationship, *each.names)
            for each in columns
            if each.field.holds is Holds.MOMENT
        }
    return frozenset(found)


def read_sobject(node: Node) -> tuple[str, dict[str, Any]]:
    """
    Read object name and row of an sObject; names in `fieldsToNull` become nulls.

    Nil and empty elements say nothing; a nested sObject names a parent by its
    external id. Raises SalesforceError INVALID_TYPE without a type.
    """
    kind = node.text("type").strip()
    if not kind:
        raise SalesforceError("INVALID_TYPE", "Must send a concrete entity type.")
    return kind, _fields(node)


def _fields(node: Node) -> dict[str, Any]:
    row: dict[str, Any] = {
        each.content.strip(): None for each in node.all("fieldsToNull")
    }
    for each in node.children:
        if each.name in {"type", "fieldsToNull"} or each.is_nil:
            continue
        if each.children:
            row[each.name] = _fields(each)
        elif each.content:
            row[each.name] = each.content
    return row


def save_result(result: RowResult, *, upsert: bool = False) -> str:
    """
    Write the SaveResult, DeleteResult or UpsertResult of one row.
    """
    errors = "".join(
        "<errors>"
        + "".join(element("fields", name) for name in error.fields)
        + element("message", error.message)
        + element("statusCode", error.code)
        + "</errors>"
        for error in result.errors
    )
    shown_id = result.id if result.success else NIL
    created = element("created", result.created) if upsert else ""
    inside = created + errors + element("id", shown_id)
    return f"<result>{inside}{element('success', result.success)}</result>"
