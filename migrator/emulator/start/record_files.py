"""
Records from files, one CSV or Parquet file for each object, named by it.

Cells are typed as an insert types them. Unlike an insert, an Id column is kept (an
object without records takes the key prefix of its file), so are audit fields, values of
formulas and roll-ups, and references to records that no file brings; rights, storage
and validity of owners are not asked. What a file does not say is filled in.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from migrator.emulator.errors import SalesforceError, SettingsError
from migrator.emulator.org.org import Org
from migrator.emulator.records.checks import required_fields
from migrator.emulator.records.columns import Draft
from migrator.emulator.records.row_values import NewRecords, defaults_of
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.values import Memo, Stored, parser

__all__ = ["load_records"]

_AT_ONCE = 5_000
_KINDS = (".csv", ".parquet")
# Never empty in an org, so an empty cell takes the default here.
_NEEDED = frozenset({"OwnerId", "CurrencyIsoCode"})


def load_records(org: Org, folder: Path) -> None:
    """
    Fill *org* with the records of every file in *folder*. Callers hold `Org.lock`.

    Raises SettingsError for what cannot be loaded, with file, row and column.
    """
    files = sorted(each for each in folder.iterdir() if each.suffix.lower() in _KINDS)
    if not files:
        raise SettingsError(
            f"{folder}: no records; files are named by their object, as Account.csv "
            "or Invoice__c.parquet"
        )
    for path in files:
        definition = org.schema.get(path.stem)
        if definition is None:
            raise SettingsError(
                f"{path.name}: the org has no object {path.stem}; add it with "
                "--describes or --metadata"
            )
        _load(org, definition, path)
    org.rows.skip_used_ids()


def _load(org: Org, definition: ObjectDef, path: Path) -> None:
    rows = _rows(path)
    header = next(rows, [])
    columns = _columns(definition, path, header)
    loader = _Loader(org, definition, path, columns)
    numbered = enumerate(rows, start=1)
    while block := list(islice(numbered, _AT_ONCE)):
        loader.store(block)
    loader.check_unique()


def _rows(path: Path) -> Iterator[list[str]]:
    """
    Yield header and rows of a file as texts.
    """
    if path.suffix.lower() == ".csv":
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from filter(None, csv.reader(file, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            raise SettingsError(f"{path.name}: not a CSV file ({error})") from None
        return
    # Only who has Parquet waits for the library.
    from migrator.emulator.start.parquet import (  # noqa: PLC0415
        PolarsError,
        parquet_rows,
    )

    try:
        yield from parquet_rows(path)
    except PolarsError as error:
        raise SettingsError(
            f"{path.name}: not a Parquet file of plain columns ({type(error).__name__})"
        ) from None


@dataclass(frozen=True, slots=True)
class _Column:
    """
    A column of a file: its field, and the memory of its texts.
    """

    field: FieldDef
    parsed: Memo


def _columns(definition: ObjectDef, path: Path, header: list[str]) -> list[_Column]:
    found = [definition.find(name) for name in header]
    unknown = [
        name
        for name, field in zip(header, found, strict=True)
        if field is None or not field.is_stored
    ]
    if unknown or not header:
        raise SettingsError(
            f"{path.name}: {definition.name} has no columns {', '.join(unknown)}; "
            "columns are API names of fields, references hold record ids"
        )
    fields = [each for each in found if each is not None]
    names = [each.name for each in fields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f"{path.name}: columns that come twice: {', '.join(twice)}")
    return [_Column(each, Memo(_reader(each))) for each in fields]


def _reader(field: FieldDef) -> Callable[[str], Stored]:
    parse = parser(field)
    return lambda text: parse(text or None)


class _Loader:
    """
    Stores the rows of one file.
    """

    def __init__(
        self, org: Org, definition: ObjectDef, path: Path, columns: list[_Column]
    ) -> None:
        self._org = org
        self._definition = definition
        self._path = path
        self._columns = columns
        self._names = [each.field.name for each in columns]
        self._user = org.users.get(org.users.running_id)
        self._required = required_fields(definition)
        self._defaults = defaults_of(definition, self._user)
        self._has_ids = "Id" in self._names

    def store(self, block: list[tuple[int, list[str]]]) -> None:
        """
        Store the numbered rows of *block*.
        """
        values = [self._values(number, cells) for number, cells in block]
        if self._has_ids and values:
            self._take_prefix(str(values[0]["Id"])[:3])
        drafts = [
            self._draft(number, row)
            for (number, _), row in zip(block, values, strict=True)
        ]
        now = self._org.clock.stamp()
        new = NewRecords(self._org.numbers, self._definition, self._user)
        self._insert(new.complete(draft, now) for draft in drafts)

    def _values(self, number: int, cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(self._columns):
            raise SettingsError(
                f"{self._path.name}: row {number} has {len(cells)} cells, the header "
                f"has {len(self._columns)}"
            )
        try:
            return {
                column.field.name: column.parsed[text]
                for column, text in zip(self._columns, cells, strict=True)
            }
        except SalesforceError as error:
            raise self._refused(number, error.code, *error.fields) from None

    def _refused(self, number: int, code: str, *fields: str) -> SettingsError:
        return SettingsError(
            f"{self._path.name}: row {number}, {', '.join(fields)}: {code}"
        )

    def _take_prefix(self, prefix: str) -> None:
        """
        Welcome ids of another key prefix as long as the object has no record.
        """
        definition, schema = self._definition, self._org.schema
        if prefix == definition.key_prefix:
            return
        other = schema.by_prefix(prefix)
        if other is not None or self._org.store.count_ever(definition.name):
            whose = f", {other.name}'s prefix" if other else ""
            raise SettingsError(
                f"{self._path.name}: the ids begin with {prefix}{whose}, records of "
                f"{definition.name} with {definition.key_prefix}"
            )
        self._definition = replace(definition, key_prefix=prefix)
        schema.add_object(self._definition)

    def _draft(self, number: int, values: dict[str, Any]) -> Draft:
        record_id = values.get("Id")
        prefix = self._definition.key_prefix or "a00"
        if self._has_ids:
            if not record_id or not is_id(record_id) or record_id[:3] != prefix:
                raise self._refused(number, f"MALFORMED_ID, {prefix}... expected", "Id")
            values["Id"] = to_18(record_id)
        else:
            record_id = self._org.ids.next(prefix)
        filled = {
            name: value
            for name, value in self._defaults.items()
            if values.get(name) is None and (name not in values or name in _NEEDED)
        }
        values |= filled
        missing = [name for name in self._required if values.get(name) is None]
        if missing:
            raise self._refused(number, "REQUIRED_FIELD_MISSING", *missing)
        return Draft(values=values, record_id=record_id, is_new=True)

    def _insert(self, rows: Iterable[dict[str, Any]]) -> None:
        if not self._org.store.insert_new(self._definition.name, rows):
            raise SettingsError(
                f"{self._path.name}: a record id comes twice, or is in the org already"
            )

    def check_unique(self) -> None:
        """
        Refuse a file whose records share the value of a unique field.
        """
        for field in self._definition.fields:
            if field.unique and self._org.store.has_twice(
                self._definition.name, field.name
            ):
                raise SettingsError(
                    f"{self._path.name}: {field.name}: DUPLICATE_VALUE, the field is "
                    "unique"
                )
