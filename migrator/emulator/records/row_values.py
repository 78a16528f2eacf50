"""
The values of a row: which may be written, what they are, and what the org adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.auto_numbers import AutoNumbers, numbered_fields
from migrator.emulator.org.permissions import AUDIT_FIELDS
from migrator.emulator.org.users import User
from migrator.emulator.records.checks import required_fields
from migrator.emulator.records.columns import Draft
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.values import parse

__all__ = ["NewRecords", "Values", "defaults_of"]


class Values:
    """
    Reads the cells of the rows of one call; *key* is the external id of an upsert.
    """

    def __init__(self, user: User, definition: ObjectDef, key: FieldDef | None) -> None:
        self._key = key
        self._required = required_fields(definition)
        self._defaults = defaults_of(definition, user)

    def check(self, draft: Draft) -> None:
        """
        Put the stored values into *draft*, with defaults when it is new, or its
        errors.
        """
        refused = self._read(draft)
        if draft.values.get("OwnerId", "") is None:
            draft.fail(
                "INVALID_CROSS_REFERENCE_KEY",
                "Owner ID: owner cannot be blank",
                "OwnerId",
            )
        if refused:
            listed = ", ".join(refused)
            draft.fail(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {listed}. Please check the security "
                "settings of this field and verify that it is read/write for your "
                "profile or permission set.",
                *refused,
            )
        if draft.errors:
            return
        if draft.is_new:
            draft.values = self._defaults | draft.values
        missing = self._missing(draft)
        if missing:
            draft.fail(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                *missing,
            )

    def _read(self, draft: Draft) -> list[str]:
        """
        Parse the cells and return the names of the fields that may not be written.
        """
        refused = []
        is_new, values = draft.is_new, draft.values
        for target, value in draft.cells:
            # The key of an upsert that matched says which record, not what to change.
            if not is_new and target.field is self._key:
                continue
            if not (target.may_insert if is_new else target.may_update):
                refused.append(target.name)
                continue
            try:
                values[target.name] = (
                    target.parsed[value] if type(value) is str else target.parse(value)
                )
            except SalesforceError as error:
                draft.errors.append(error)
        return refused

    def _missing(self, draft: Draft) -> list[str]:
        values = draft.values
        return [
            name
            for name in self._required
            if values.get(name) is None and (draft.is_new or name in values)
        ]


def defaults_of(definition: ObjectDef, user: User) -> dict[str, Any]:
    """
    Return the values of absent columns, by field; those without a default are not
    there.
    """
    defaults = {
        each.name: _default(each, user)
        for each in definition.fields
        if not each.calculated
    }
    return {name: value for name, value in defaults.items() if value is not None}


class NewRecords:
    """
    Completes the new records of one call with what the org itself fills in: audit
    fields, automatic numbers, a name.
    """

    def __init__(self, numbers: AutoNumbers, definition: ObjectDef, user: User) -> None:
        self._numbers = numbers
        self._definition = definition
        self._user = user
        self._numbered = numbered_fields(definition)
        self._is_named = definition.find("Name") is not None
        self._is_active = definition.setup and definition.find("IsActive") is not None

    def complete(self, draft: Draft, now: str) -> dict[str, Any]:
        """
        Complete the values to store for *draft*, which has its record id.
        """
        me = self._user.id
        values: dict[str, Any] = {
            "Id": draft.record_id,
            "CreatedDate": now,
            "CreatedById": me,
            "LastModifiedDate": now,
            "LastModifiedById": me,
            "SystemModstamp": now,
        }
        if self._is_active:
            values["IsActive"] = 1
        stamps = {name: values[name] for name in AUDIT_FIELDS}
        values |= draft.values
        for name in AUDIT_FIELDS:
            if values[name] is None:
                values[name] = stamps[name]
        for each in self._numbered:
            # Only files of records bring numbers along.
            if not values.get(each.name):
                values[each.name] = self._numbers.next(self._definition, each)
        if self._is_named and not values.get("Name"):
            values["Name"] = _person_name(values) or str(draft.record_id)[:15]
        return values


def _default(field: FieldDef, user: User) -> Any:
    if field.holds is Holds.FLAG:
        return int(field.default_value == "true")
    if field.name == "OwnerId":
        return user.id
    if field.name == "CurrencyIsoCode":
        return user.currency
    chosen = [each.value for each in field.picklist_values if each.default]
    if chosen and field.holds in {Holds.CHOICE, Holds.CHOICES}:
        return chosen[0]
    if field.default_value is None:
        return None
    return _default_value(field, field.default_value.strip())


def _default_value(field: FieldDef, text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    try:
        return parse(field, text)
    except SalesforceError:
        # A default formula that this emulator does not compute gives nothing.
        return None


def _person_name(values: Mapping[str, Any]) -> str:
    """
    Compose the name of a person from its parts.
    """
    parts = (values.get("FirstName"), values.get("LastName"))
    return " ".join(part for part in parts if part)
