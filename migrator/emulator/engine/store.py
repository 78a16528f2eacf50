"""
Records in SQLite: one table per object, one column per stored field.

Values are *stored values*: text as str, numbers as exact decimal text, booleans as
0/1, dates `YYYY-MM-DD`, datetimes `YYYY-MM-DDThh:mm:ss.sssZ` (UTC), ids 18 chars.
`values.parse` makes them, `values.to_json` and `values.to_csv_text` show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from migrator.emulator.engine.schema import FieldDef, ObjectDef

Stored = str | int | None
Row = dict[str, Stored]


class Store:
    """
    The org's records. Callers hold `Org.lock`; *versions* grows with each write.
    """

    def create_table(self, definition: ObjectDef) -> None:
        """
        Make the empty table of a new object.
        """
        raise NotImplementedError

    def drop_table(self, object_name: str) -> None:
        """
        Remove an object's table and records.
        """
        raise NotImplementedError

    def add_column(self, object_name: str, definition: FieldDef) -> None:
        """
        Add the column of a new field; existing records hold null (false) there.
        """
        raise NotImplementedError

    def drop_column(self, object_name: str, field_name: str) -> None:
        """
        Remove a field's column.
        """
        raise NotImplementedError

    def insert_many(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """
        Store *rows* (API name -> stored value, `Id` included); their number.
        """
        raise NotImplementedError

    def update(
        self, object_name: str, record_id: str, changes: Mapping[str, Any]
    ) -> None:
        """
        Put *changes* (API name -> stored value) into one record.
        """
        raise NotImplementedError

    def delete(self, object_name: str, record_ids: Sequence[str]) -> None:
        """
        Move records to the recycle bin (IsDeleted = 1).
        """
        raise NotImplementedError

    def get(self, object_name: str, record_id: str) -> Row | None:
        """
        One live record by its 18-character id, or None.
        """
        raise NotImplementedError

    def find(
        self, object_name: str, field_name: str, values: Sequence[Any]
    ) -> list[Row]:
        """
        The live records whose *field_name* equals one of *values*.
        """
        raise NotImplementedError

    def select(
        self, object_name: str, where: str = "", parameters: Sequence[Any] = ()
    ) -> Iterator[Row]:
        """
        The live records of an object; *where* is SQL over quoted field names.
        """
        raise NotImplementedError

    def count(self, object_name: str) -> int:
        """
        How many live records the object has, whoever asks.
        """
        raise NotImplementedError
