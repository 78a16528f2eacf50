"""
Which record a row means: a new one, one named by id, or one named by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.store import Store
from migrator.emulator.records.columns import Draft
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.values import parse


class Identity:
    """
    Says of the rows of one call which records they create or change; *key* is the
    external id field of an upsert.
    """

    def __init__(
        self, store: Store, definition: ObjectDef, operation: str, key: FieldDef | None
    ) -> None:
        self._store = store
        self._definition = definition
        self._operation = operation
        self._key = key

    def identify(self, drafts: list[Draft]) -> None:
        """
        Say of each row whether it is a new record, or which one it changes.
        """
        if self._operation == "insert":
            for draft in drafts:
                if draft.given_id:
                    draft.fail(
                        "INVALID_FIELD_FOR_INSERT_UPDATE",
                        "cannot specify Id in an insert call",
                        "Id",
                    )
                draft.is_new = True
        elif self._key:
            self._by_key(drafts, self._key)
        else:
            self._by_id(drafts)

    def _by_id(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            if draft.given_id is None:
                if self._operation == "upsert":
                    draft.is_new = True
                else:
                    draft.fail("MISSING_ARGUMENT", "Id not specified in an update call")
            else:
                self.by_id(draft, draft.given_id)

    def by_id(self, draft: Draft, given: str) -> None:
        """
        Note which record the id *given* names, or what is wrong with it.
        """
        if not is_id(given):
            draft.fail(
                "MALFORMED_ID",
                f"{self._definition.label} ID: id value of incorrect type: {given}",
                "Id",
            )
        elif given[:3] != self._definition.key_prefix:
            draft.fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        else:
            draft.record_id = to_18(given)

    def _by_key(self, drafts: list[Draft], key: FieldDef) -> None:
        keys: dict[int, str] = {}
        for place, draft in enumerate(drafts):
            try:
                value = draft.cell(key.name)
                parsed = None if value is None else parse(key, value)
            except SalesforceError as error:
                draft.errors.append(error)
                continue
            if parsed is None:
                draft.fail("MISSING_ARGUMENT", f"{key.name} not specified")
            else:
                keys[place] = str(parsed)
        self._match(drafts, key, keys)

    def _match(
        self, drafts: list[Draft], key: FieldDef, keys: Mapping[int, str]
    ) -> None:
        """
        Find the records that have the keys, none or one for each row.
        """
        pairs = self._store.find_ids(
            self._definition.name, key.name, sorted(set(keys.values()))
        )
        known = _grouped(pairs, key)
        times = _counted(_folded(key, value) for value in keys.values())
        for place, value in keys.items():
            draft, folded = drafts[place], _folded(key, value)
            matches = known.get(folded, [])
            if times[folded] > 1:
                draft.fail(
                    "DUPLICATE_VALUE",
                    f"Duplicate external id specified: {value}",
                    key.name,
                )
            elif len(matches) > 1:
                draft.fail(
                    "DUPLICATE_EXTERNAL_ID",
                    f"{key.label}: more than one record found for external id field: "
                    f"[{', '.join(each[:15] for each in matches)}]",
                )
            else:
                draft.is_new = not matches
                draft.record_id = matches[0] if matches else None


def _folded(key: FieldDef, value: Any) -> str:
    return str(value) if key.case_sensitive else str(value).lower()


def _grouped(pairs: list[tuple[str, Any]], key: FieldDef) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for record_id, value in pairs:
        groups.setdefault(_folded(key, value), []).append(record_id)
    return groups


def _counted(values: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts
