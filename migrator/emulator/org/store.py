"""
Records in SQLite: one table per object, one column per stored field.

Values are *stored values*: text as str, numbers as exact decimal text, booleans as
0/1, dates `YYYY-MM-DD`, datetimes `YYYY-MM-DDThh:mm:ss.sssZ` (UTC), ids 18 chars.
`values.parse` makes them, its converters show them.
Numbers are text under the collation DECIMAL, so that 18 digits stay exact; sums
come from the aggregate functions registered here. Every table has `IsDeleted`.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

from migrator.emulator.errors import SettingsError
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.values import Stored, decimal_text

Row = dict[str, Stored]

_EXACT = Context(prec=60)
_AVERAGE = Context(prec=18)
_IN_BLOCK = 500


def compare_decimals(left: str, right: str) -> int:
    """
    Compare numbers for the collation of their columns: -1, 0 or 1 by value.
    """
    first, second = Decimal(left), Decimal(right)
    return (first > second) - (first < second)


class _Sum:
    """
    SUM over decimal text without rounding; null when there was no value.
    """

    def __init__(self) -> None:
        self.total: Decimal = Decimal(0)
        self.seen = 0

    def step(self, value: str | None) -> None:
        if value is not None:
            self.total = _EXACT.add(self.total, Decimal(value))
            self.seen += 1

    def finalize(self) -> str | None:
        return decimal_text(self.total) if self.seen else None


class _Average(_Sum):
    """
    AVG over decimal text, to 18 significant digits.
    """

    def finalize(self) -> str | None:
        if not self.seen:
            return None
        return decimal_text(_AVERAGE.divide(self.total, Decimal(self.seen)))


def quoted(name: str) -> str:
    """
    Quote *name* as an SQL identifier.
    """
    return '"' + name.replace('"', '""') + '"'


def _column_sql(field: FieldDef) -> str:
    name = quoted(field.name)
    if field.holds is Holds.FLAG:
        return f"{name} INTEGER NOT NULL DEFAULT 0"
    if field.is_numeric:
        return f"{name} TEXT COLLATE DECIMAL"
    if field.holds is Holds.ID or field.case_sensitive:
        return f"{name} TEXT"
    return f"{name} TEXT COLLATE NOCASE"


class Store:
    """
    The org's records. Callers hold `Org.lock`; *versions* grows with each write.

    They lie in the file *path*, or in a temporary one that ends with the store.
    Raises SettingsError when *path* is no database, or another org has it open.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._folder = None if path else tempfile.TemporaryDirectory(prefix="org-")
        file = path or Path(self._folder.name if self._folder else ".") / "org.sqlite"
        self._is_kept = path is not None
        self.connection = sqlite3.connect(
            file, check_same_thread=False, isolation_level=None, timeout=0.5
        )
        self.versions: dict[str, int] = defaultdict(int)
        self._columns: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self._booleans: dict[str, frozenset[str]] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self._snapshots = itertools.count(1)
        try:
            self._prepare_connection()
        except sqlite3.Error as error:
            self.close()
            raise SettingsError(
                f"{file}: not a store of the local org, or in use by another one "
                f"({error})"
            ) from None

    def _prepare_connection(self) -> None:
        connection = self.connection
        for pragma in (
            # One org at a time; what is kept survives the end of the process.
            "locking_mode=EXCLUSIVE" if self._is_kept else "locking_mode=NORMAL",
            "journal_mode=WAL",
            "synchronous=NORMAL" if self._is_kept else "synchronous=OFF",
            "temp_store=FILE",
            "cache_size=-65536",
            "case_sensitive_like=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_collation("DECIMAL", compare_decimals)
        connection.create_aggregate("exact_sum", 1, _Sum)  # type: ignore[arg-type]
        connection.create_aggregate("exact_avg", 1, _Average)  # type: ignore[arg-type]

    def close(self) -> None:
        """
        Close the database and remove its temporary folder.
        """
        self.connection.close()
        if self._folder:
            self._folder.cleanup()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Keep all writes inside, or none of them when an exception leaves it; nestable.
        """
        # One name for all depths: SQLite ends the innermost of that name.
        self.connection.execute("SAVEPOINT s")
        counts = {key: self._counts[key][1] for key in self._known_counts()}
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO s")
            self.connection.execute("RELEASE s")
            for each in list(self.versions):
                self.versions[each] += 1
            for each, count in counts.items():
                self._counts[each] = (self.versions[each], count)
            raise
        self.connection.execute("RELEASE s")

    def _known_counts(self) -> list[str]:
        versions = self.versions
        return [key for key, known in self._counts.items() if known[0] == versions[key]]

    def create_table(self, definition: ObjectDef) -> None:
        """
        Make the empty table of a new object.
        """
        stored = [each for each in definition.fields if each.is_stored]
        columns = [_column_sql(each) for each in stored if each.name != "Id"]
        if definition.find("IsDeleted") is None:
            columns.append('"IsDeleted" INTEGER NOT NULL DEFAULT 0')
        listed = ", ".join(['"Id" TEXT PRIMARY KEY', *columns])
        self.connection.execute(f"CREATE TABLE {quoted(definition.name)} ({listed})")
        self._names[definition.name.lower()] = definition.name
        self._learn_columns(definition.name)
        for each in stored:
            self._index(definition.name, each)

    def adopt_table(self, object_name: str) -> None:
        """
        Take over the table of an object that an earlier process made.
        """
        self._names[object_name.lower()] = object_name
        self._learn_columns(object_name)
        if not self._columns[object_name.lower()]:
            raise SettingsError(f"the store has no table of {object_name}")

    def last_id(self, object_name: str, first: str, behind: str) -> str | None:
        """
        Find the highest record id from *first* up to, not including, *behind*.
        """
        row = self.connection.execute(
            f'SELECT MAX("Id") FROM {self._table(object_name)} '
            'WHERE "Id" >= ? AND "Id" < ?',
            [first, behind],
        ).fetchone()
        return None if row[0] is None else str(row[0])

    def _learn_columns(self, name: str) -> None:
        info = self.connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        self._columns[name.lower()] = tuple(row[1] for row in info)
        self._booleans[name.lower()] = frozenset(
            row[1] for row in info if row[2] == "INTEGER"
        )
        self.versions[name.lower()] += 1

    def _index(self, name: str, field: FieldDef) -> None:
        wanted = field.external_id or field.unique or field.id_lookup
        if field.type == "id" or not (wanted or field.type == "reference"):
            return
        index = quoted(f"ix_{name}_{field.name}")
        self.connection.execute(
            f"CREATE INDEX IF NOT EXISTS {index} "
            f"ON {quoted(name)} ({quoted(field.name)})"
        )

    def _table(self, object_name: str) -> str:
        return quoted(self._names[object_name.lower()])

    def drop_table(self, object_name: str) -> None:
        """
        Remove an object's table and records.
        """
        self.connection.execute(f"DROP TABLE {self._table(object_name)}")
        del self._names[object_name.lower()]
        del self._columns[object_name.lower()]
        del self._booleans[object_name.lower()]
        self.versions[object_name.lower()] += 1

    def add_column(self, object_name: str, definition: FieldDef) -> None:
        """
        Add the column of a new field; existing records hold null (false) there.
        """
        if not definition.is_stored:
            return
        table = self._table(object_name)
        self.connection.execute(f"ALTER TABLE {table} ADD {_column_sql(definition)}")
        name = self._names[object_name.lower()]
        self._learn_columns(name)
        self._index(name, definition)

    def drop_column(self, object_name: str, field_name: str) -> None:
        """
        Remove a field's column.
        """
        name = self._names[object_name.lower()]
        found = [
            each
            for each in self._columns[object_name.lower()]
            if each.lower() == field_name.lower()
        ]
        for column in found:
            index = quoted(f"ix_{name}_{column}")
            self.connection.execute(f"DROP INDEX IF EXISTS {index}")
            self.connection.execute(
                f"ALTER TABLE {quoted(name)} DROP COLUMN {quoted(column)}"
            )
        self._learn_columns(name)

    def has_column(self, object_name: str, field_name: str) -> bool:
        """
        Tell whether the object's table holds *field_name* (exact case).
        """
        return field_name in self._columns[object_name.lower()]

    def insert_many(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """
        Store *rows* (API name -> stored value, `Id` included); their number.
        """
        columns = self._columns[object_name.lower()]
        listed = ", ".join(map(quoted, columns))
        marks = ", ".join("?" * len(columns))
        cursor = self.connection.cursor()
        with self.transaction():
            cursor.executemany(
                f"INSERT INTO {self._table(object_name)} ({listed}) VALUES ({marks})",
                self._laid_out(object_name, rows),
            )
        number = max(cursor.rowcount, 0)
        self._changed(object_name, more=number)
        return number

    def insert_new(self, object_name: str, rows: Iterable[Mapping[str, Any]]) -> bool:
        """
        Store *rows* unless an id is taken; whether it was done.
        """
        try:
            self.insert_many(object_name, rows)
        except sqlite3.IntegrityError:
            return False
        return True

    def has_twice(self, object_name: str, field_name: str) -> bool:
        """
        Tell whether two live records share a value of an indexed field.
        """
        column = quoted(field_name)
        found = self.connection.execute(
            f"SELECT 1 FROM {self._table(object_name)} "
            f'WHERE {column} IS NOT NULL AND "IsDeleted" = 0 '
            f"GROUP BY {column} HAVING COUNT(*) > 1 LIMIT 1"
        ).fetchone()
        return found is not None

    def _laid_out(
        self, object_name: str, rows: Iterable[Mapping[str, Any]]
    ) -> Iterator[tuple[Any, ...]]:
        """
        Yield the values of *rows* in the order of the table's columns.
        """
        columns = self._columns[object_name.lower()]
        booleans = self._booleans[object_name.lower()]
        empty: dict[str, Any] = dict.fromkeys(columns)
        empty |= dict.fromkeys(booleans, 0)
        pick = itemgetter(*columns, "Id")
        for row in rows:
            full = {**empty, **row}
            for name in booleans:
                if full[name] is None:
                    full[name] = 0
            yield pick(full)[:-1]

    def update(
        self, object_name: str, record_id: str, changes: Mapping[str, Any]
    ) -> None:
        """
        Put *changes* (API name -> stored value) into one record.
        """
        self.update_many(object_name, [(record_id, changes)])

    def update_many(
        self, object_name: str, rows: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> None:
        """
        Put the changes (API name -> stored value) of each record into it.
        """
        for names, group in itertools.groupby(rows, lambda row: tuple(row[1])):
            if not names:
                continue
            assigned = ", ".join(f"{quoted(name)} = ?" for name in names)
            self.connection.executemany(
                f'UPDATE {self._table(object_name)} SET {assigned} WHERE "Id" = ?',
                [(*changes.values(), record_id) for record_id, changes in group],
            )
            self._changed(object_name)

    def fill(self, object_name: str, field_name: str, value: Stored) -> None:
        """
        Give every record of an object the same *value* in one field.
        """
        self.connection.execute(
            f"UPDATE {self._table(object_name)} SET {quoted(field_name)} = ?", [value]
        )
        self._changed(object_name)

    def delete(self, object_name: str, record_ids: Sequence[str]) -> None:
        """
        Move records to the recycle bin (IsDeleted = 1).
        """
        cursor = self.connection.executemany(
            f'UPDATE {self._table(object_name)} SET "IsDeleted" = 1 '
            'WHERE "Id" = ? AND "IsDeleted" = 0',
            [(each,) for each in record_ids],
        )
        self._changed(object_name, more=-max(cursor.rowcount, 0))

    def get(self, object_name: str, record_id: str) -> Row | None:
        """
        Read one live record by its 18-character id, or None.
        """
        found = self.find(object_name, "Id", [record_id])
        return found[0] if found else None

    def is_deleted(self, object_name: str, record_id: str) -> bool | None:
        """
        Tell whether a record is in the recycle bin; None when there never was one.
        """
        row = self.connection.execute(
            f'SELECT "IsDeleted" FROM {self._table(object_name)} WHERE "Id" = ?',
            [record_id],
        ).fetchone()
        return None if row is None else bool(row[0])

    def find(
        self, object_name: str, field_name: str, values: Sequence[Any]
    ) -> list[Row]:
        """
        Find the live records whose *field_name* equals one of *values*.
        """
        rows: list[Row] = []
        for start in range(0, len(values), _IN_BLOCK):
            block = values[start : start + _IN_BLOCK]
            marks = ", ".join("?" * len(block))
            where = f"{quoted(field_name)} IN ({marks})"
            rows.extend(self.select(object_name, where, block))
        return rows

    def select(
        self, object_name: str, where: str = "", parameters: Sequence[Any] = ()
    ) -> Iterator[Row]:
        """
        Read the live records of an object; *where* is SQL over quoted field names.
        """
        columns = self._columns[object_name.lower()]
        listed = ", ".join(map(quoted, columns))
        condition = f"AND ({where})" if where else ""
        cursor = self.connection.execute(
            f"SELECT {listed} FROM {self._table(object_name)} "
            f'WHERE "IsDeleted" = 0 {condition} ORDER BY rowid',
            parameters,
        )
        return (dict(zip(columns, row, strict=True)) for row in cursor)

    def find_ids(
        self, object_name: str, field_name: str, values: Sequence[Any]
    ) -> list[tuple[str, Any]]:
        """
        Find (record id, value) of the live records whose field equals one of *values*.
        """
        pairs: list[tuple[str, Any]] = []
        column = quoted(field_name)
        for start in range(0, len(values), _IN_BLOCK):
            block = values[start : start + _IN_BLOCK]
            marks = ", ".join("?" * len(block))
            pairs += self.connection.execute(
                f'SELECT "Id", {column} FROM {self._table(object_name)} '
                f'WHERE "IsDeleted" = 0 AND {column} IN ({marks})',
                block,
            ).fetchall()
        return pairs

    def count(self, object_name: str) -> int:
        """
        Count the live records that the object has, whoever asks.
        """
        version = self.versions[object_name.lower()]
        known = self._counts.get(object_name.lower())
        if known is None or known[0] != version:
            where = '"IsDeleted" = 0'
            row = self.connection.execute(
                f"SELECT COUNT(*) FROM {self._table(object_name)} WHERE {where}"
            ).fetchone()
            known = (version, int(row[0]))
            self._counts[object_name.lower()] = known
        return known[1]

    def _changed(self, object_name: str, more: int = 0) -> None:
        """
        Count a write; a known number of records goes on with *more* of them.
        """
        key = object_name.lower()
        version = self.versions[key]
        known = self._counts.get(key)
        self.versions[key] = version + 1
        if known and known[0] == version:
            self._counts[key] = (version + 1, known[1] + more)

    def count_ever(self, object_name: str) -> int:
        """
        Count the records that the object has or had.
        """
        row = self.connection.execute(
            f"SELECT COUNT(*) FROM {self._table(object_name)}"
        ).fetchone()
        return int(row[0])

    def snapshot(self, select_sql: str, parameters: Mapping[str, Any]) -> str:
        """
        Keep the rows of *select_sql* in a temporary table; its name.
        """
        name = f"snapshot_{next(self._snapshots)}"
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {select_sql}", parameters)
        return name
