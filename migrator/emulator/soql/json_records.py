"""
Rows of a query as REST shows them: attributes, nested parents, typed values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.values import json_converter
from migrator.emulator.soql.compiler import Column, Compiled

__all__ = ["JsonRecords"]

Raw = tuple[Any, ...]
Names = tuple[str, ...]


class JsonRecords:
    """
    Makes the JSON record of each raw row of a *compiled* query.

    Addresses of records are below *resource*; with a *shown_id* all have that id.
    """

    def __init__(
        self,
        compiled: Compiled,
        version: str,
        resource: str = "sobjects",
        shown_id: str | None = None,
    ) -> None:
        self._base = f"/services/data/v{version}/{resource}/"
        self._object_name = compiled.object_name
        self._is_aggregate = compiled.features.aggregate
        self._compounds = compiled.compounds
        self._values = [
            (each.names[:-1], each.names[-1], place, _converter(each, shown_id))
            for place, each in enumerate(compiled.columns)
        ]
        # Behind the columns come the id of the record and those of its parents.
        self._id_place = len(self._values)
        self._parents = {
            join.names: (self._id_place + 1 + offset, join.definition.name)
            for offset, join in enumerate(compiled.parents)
        }

    def record(self, row: Raw) -> dict[str, Any]:
        """
        Make the record of *row*.
        """
        record: dict[str, Any] = {"attributes": self._head(row)}
        nodes: dict[Names, Any] = {(): record}
        for names, key, place, convert in self._values:
            # Most columns are the record's own.
            node = self._node(nodes, names, row) if names else record
            if node is not None:
                node[key] = convert(row[place]) if convert else self._address(row, key)
        for name in self._compounds:
            # An address or a location without any part is null.
            if not any(value is not None for value in record[name].values()):
                record[name] = None
        return record

    def _head(self, row: Raw) -> dict[str, str]:
        if self._is_aggregate:
            return {"type": "AggregateResult"}
        return self._attributes(self._object_name, row[self._id_place])

    def _attributes(self, kind: str, record_id: str) -> dict[str, str]:
        return {"type": kind, "url": f"{self._base}{kind}/{record_id}"}

    def _address(self, row: Raw, key: str) -> str:
        return f"{self._base}{self._object_name}/{row[self._id_place]}/{key}"

    def _node(self, nodes: dict[Names, Any], names: Names, row: Raw) -> Any:
        """
        Find the nested object at *names*, made (or null) when first met.
        """
        if len(names) == 1 and names[0] in self._compounds:
            return nodes[()].setdefault(names[0], {})
        if names not in nodes:
            outer = self._node(nodes, names[:-1], row)
            place, kind = self._parents[names]
            node = None
            if outer is not None:
                record_id = row[place]
                if record_id:
                    node = {"attributes": self._attributes(kind, record_id)}
                outer[names[-1]] = node
            nodes[names] = node
        return nodes[names]


def _converter(column: Column, shown_id: str | None) -> Callable[[Any], Any] | None:
    """
    Choose how a column is shown; None for binary fields, whose value is an address.
    """
    if column.names == ("Id",) and shown_id is not None:
        return lambda _value: shown_id
    return None if column.field.holds is Holds.BYTES else json_converter(column.field)
