"""
Insert, update, upsert and delete of rows with the platform's checks.

A call is worked in chunks of 200, as the platform does: lookups by external id,
references and unique values are asked for a whole chunk at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.emulator.engine.content import (
    check_content,
    fill_attachment,
    finish_versions,
)
from migrator.emulator.engine.dml_checks import Checks, required_missing
from migrator.emulator.engine.dml_columns import Columns, Draft, Lookup
from migrator.emulator.engine.dml_delete import Deleter
from migrator.emulator.engine.dml_identity import Identity
from migrator.emulator.engine.permissions import AUDIT_FIELDS, User
from migrator.emulator.engine.schema import FieldDef, ObjectDef
from migrator.emulator.engine.values import parse
from migrator.emulator.errors import SalesforceError

if TYPE_CHECKING:
    from migrator.emulator.engine.org import Org

CHUNK = 200
_RIGHTS = {"insert": "create", "update": "edit", "delete": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """
    The outcome of one row; *errors* is empty exactly when *success*.

    REST shows an error as `{statusCode, message, fields}`, Bulk as
    `CODE:message:fields --`.
    """

    id: str | None
    success: bool
    created: bool = False
    errors: tuple[SalesforceError, ...] = field(default=())


class _RollBackError(Exception):
    """
    Leaves the transaction of an all-or-none call.
    """


def apply_rows(  # noqa: PLR0913 - the parts of one DML call
    org: Org,
    user: User,
    operation: str,
    object_name: str,
    rows: Sequence[Mapping[str, Any]],
    external_id_field: str | None = None,
    *,
    all_or_none: bool = False,
) -> list[RowResult]:
    """
    Apply *operation* (`insert`, `update`, `upsert`, `delete`) to *rows*, one result
    each, in order.

    A row maps API names or one-level relationship paths (`Invoice__r.Origin_Id__c`,
    or a nested dict under `Invoice__r`) to text or JSON values; a column that is
    absent takes its default on insert, None is an explicit null. Callers of Bulk
    leave empty cells out and turn `#N/A` into None. Raises SalesforceError when
    the call as a whole is refused: unknown object, unknown external id field.
    """
    with org.lock:
        writer = _Writer(org, user, operation, object_name, external_id_field)
        results: list[RowResult] = []
        try:
            with org.store.transaction():
                for start in range(0, len(rows), CHUNK):
                    results += writer.apply(rows[start : start + CHUNK])
                _roll_back_unless(not all_or_none or all(map(_succeeded, results)))
        except _RollBackError:
            return [_rolled_back(each) for each in results]
        return results


def _succeeded(result: RowResult) -> bool:
    return result.success


def _roll_back_unless(kept: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not kept:
        raise _RollBackError


def _rolled_back(result: RowResult) -> RowResult:
    if not result.success:
        return result
    error = SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was "
        "using AllOrNone header",
    )
    return RowResult(id=None, success=False, errors=(error,))


class _Writer:
    """
    One DML call: its object, its rights and the chunks it works through.
    """

    def __init__(
        self,
        org: Org,
        user: User,
        operation: str,
        object_name: str,
        external_id_field: str | None,
    ) -> None:
        self.org = org
        self.user = user
        self.operation = operation
        self.definition = _visible_object(org, user, object_name)
        self.key = self._key_field(external_id_field)
        self.identity = Identity(org, self.definition, operation, self.key)
        self.columns = Columns(org, user, self.definition)
        self.checks = Checks(org, user, self.definition)
        self._writable: dict[tuple[str, bool], bool] = {}

    def _key_field(self, name: str | None) -> FieldDef | None:
        """
        The external id field of an upsert; None when records go by Id.
        """
        if self.operation != "upsert" or not name or name.lower() == "id":
            return None
        found = self.definition.find(name)
        usable = found and (found.external_id or found.id_lookup)
        if found is None or not usable or not self._may_read(found):
            raise SalesforceError(
                "INVALID_FIELD",
                "Invalid field for upsert, must be an External Id custom or standard "
                f"indexed field: {name} (UPSERT)",
            )
        return found

    def _may_read(self, field: FieldDef) -> bool:
        return self.org.permissions.may_read(self.user, self.definition, field)

    def apply(self, rows: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        drafts = [Draft(row=row) for row in rows]
        if self.operation == "delete":
            return self._delete(drafts)
        for draft in drafts:
            self._read_row(draft)
        self._resolve_lookups(drafts)
        self.identity.identify(drafts)
        self._check_rights(drafts)
        for draft in drafts:
            self._check_values(draft)
        self.checks.references([each for each in drafts if each.is_sound])
        self.checks.unique([each for each in drafts if each.is_sound])
        self.checks.permission_lines([each for each in drafts if each.is_sound])
        sound = [each for each in drafts if each.is_sound]
        check_content(self.org, self.definition.name, sound)
        self._write([each for each in drafts if each.is_sound])
        return [_result(each) for each in drafts]

    def _read_row(self, draft: Draft) -> None:
        """
        Sort the cells of a row into fields, lookups and errors.
        """
        for name, value in draft.row.items():
            if name.lower() in {"attributes", "id"}:
                if name.lower() == "id":
                    draft.given_id = str(value).strip() if value else None
                continue
            try:
                plan = self.columns.plan(name, value)
                if isinstance(plan, Lookup):
                    draft.lookups.append((plan, plan.key_of(value)))
                else:
                    draft.cells.append((plan, value))
            except SalesforceError as error:
                draft.errors.append(error)

    def _resolve_lookups(self, drafts: list[Draft]) -> None:
        """
        Turn parents named by external id into their record ids.
        """
        wanted: dict[Lookup, set[str]] = {}
        for draft in drafts:
            for lookup, key in draft.lookups:
                if key is not None:
                    wanted.setdefault(lookup, set()).add(key)
        found = {
            lookup: self.columns.parents(lookup, sorted(keys))
            for lookup, keys in wanted.items()
        }
        for draft in drafts:
            for lookup, key in draft.lookups:
                try:
                    parent = found[lookup].one(key) if key is not None else None
                    draft.cells.append((lookup.reference, parent))
                except SalesforceError as error:
                    draft.errors.append(error)

    def _check_rights(self, drafts: list[Draft]) -> None:
        """
        Object rights, then (for existing records) sight and edit of each.
        """
        permissions = self.org.permissions
        right = permissions.object_right(self.user, self.definition.name)
        existing = [draft for draft in drafts if draft.is_sound and draft.record_id]
        self.checks.existing(existing)
        for draft in drafts:
            allowed = right.create if draft.is_new else right.edit
            writable = (
                self.definition.createable
                if draft.is_new
                else self.definition.updateable
            )
            if draft.is_sound and not (allowed and writable):
                draft.fail(*self.checks.no_right())

    def _check_values(self, draft: Draft) -> None:
        refused = []
        for found, value in draft.cells:
            if self._is_given_key(found, draft):
                continue
            if not self._may_write(found, is_new=draft.is_new):
                refused.append(found.name)
                continue
            try:
                draft.values[found.name] = parse(found, value)
            except SalesforceError as error:
                draft.errors.append(error)
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
        if draft.is_sound and draft.is_new:
            self._complete(draft)
        missing = required_missing(self.definition, draft)
        if draft.is_sound and missing:
            draft.fail(
                "REQUIRED_FIELD_MISSING",
                f"Required fields are missing: [{', '.join(missing)}]",
                *missing,
            )

    def _is_given_key(self, found: FieldDef, draft: Draft) -> bool:
        """
        The key of an upsert that matched says which record, not what to change.
        """
        return found is self.key and not draft.is_new

    def _may_write(self, found: FieldDef, *, is_new: bool) -> bool:
        known = self._writable.get((found.name, is_new))
        if known is None:
            permissions = self.org.permissions
            test = (
                permissions.may_create_field if is_new else permissions.may_update_field
            )
            known = test(self.user, self.definition, found)
            self._writable[found.name, is_new] = known
        return known

    def _complete(self, draft: Draft) -> None:
        """
        Defaults of absent columns, owner, currency, name.
        """
        for each in self.definition.fields:
            if each.name not in draft.values and not each.calculated:
                default = _default(each, self.user)
                if default is not None:
                    draft.values[each.name] = default

    def _write(self, drafts: list[Draft]) -> None:
        new = [each for each in drafts if each.is_new]
        try:
            if not self.definition.setup and new:
                self.org.limits.check_storage(len(new))
        except SalesforceError as error:
            for draft in new:
                draft.errors.append(error)
            new = []
        now = self.org.clock.stamp()
        for draft in new:
            draft.record_id = self.org.ids.next(self.definition.key_prefix or "a00")
            draft.values = self._stamped_new(draft, now)
        if self.definition.name == "ContentVersion":
            finish_versions(self.org, self.user, new)
        if self.definition.name == "Attachment":
            for draft in new:
                fill_attachment(draft.values)
        self.org.store.insert_many(self.definition.name, [each.values for each in new])
        for draft in drafts:
            if not draft.is_new and draft.record_id:
                changes = draft.values | self._stamps(now)
                self.org.store.update(self.definition.name, draft.record_id, changes)

    def _stamped_new(self, draft: Draft, now: str) -> dict[str, Any]:
        me = self.user.id
        stamps: dict[str, Any] = {
            "Id": draft.record_id,
            "CreatedDate": now,
            "CreatedById": me,
            "LastModifiedDate": now,
            "LastModifiedById": me,
            "SystemModstamp": now,
        }
        if self.definition.find("IsActive") and self.definition.setup:
            stamps["IsActive"] = 1
        given = {
            name: value
            for name, value in draft.values.items()
            if value is not None or name not in AUDIT_FIELDS
        }
        values = stamps | given
        name = self.definition.find("Name")
        if name and name.auto_number:
            values["Name"] = self._next_number(name)
        elif name and not values.get("Name"):
            values["Name"] = _person_name(values) or str(draft.record_id)[:15]
        return values

    def _next_number(self, name: FieldDef) -> str:
        count = self.org.store.count(self.definition.name) + 1
        before, _, rest = (name.auto_number_format or "{0000}").partition("{")
        zeros, _, after = rest.partition("}")
        return f"{before}{count:0{len(zeros) or 1}d}{after}"

    def _stamps(self, now: str) -> dict[str, Any]:
        stamps = {
            "LastModifiedDate": now,
            "LastModifiedById": self.user.id,
            "SystemModstamp": now,
        }
        return {
            name: value for name, value in stamps.items() if self.definition.find(name)
        }

    def _delete(self, drafts: list[Draft]) -> list[RowResult]:
        deleter = Deleter(self.org)
        for draft in drafts:
            given = draft.row.get("Id") or draft.row.get("id")
            if not given:
                draft.fail("MISSING_ARGUMENT", "Id not specified in a delete call")
            else:
                self.identity.by_id(draft, str(given).strip())
        self.checks.existing([each for each in drafts if each.is_sound])
        right = self.org.permissions.object_right(self.user, self.definition.name)
        for draft in drafts:
            if draft.is_sound and not (right.delete and self.definition.deletable):
                draft.fail(*self.checks.no_right())
            if draft.is_sound and draft.record_id:
                try:
                    deleter.delete(self.definition, draft.record_id)
                except SalesforceError as error:
                    draft.errors.append(error)
        return [_result(each) for each in drafts]


def _visible_object(org: Org, user: User, name: str) -> ObjectDef:
    definition = org.schema.get(name)
    if definition is None or not org.permissions.may_use(user, definition, "read"):
        raise SalesforceError(
            "NOT_FOUND", "The requested resource does not exist", status=404
        )
    return definition


def _default(field: FieldDef, user: User) -> Any:
    if field.type == "boolean":
        return int(field.default_value == "true")
    if field.name == "OwnerId":
        return user.id
    if field.name == "CurrencyIsoCode":
        return user.currency
    chosen = [each.value for each in field.picklist_values if each.default]
    if chosen and field.type in {"picklist", "multipicklist"}:
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
    The compound name of a person, from its parts.
    """
    parts = (values.get("FirstName"), values.get("LastName"))
    return " ".join(part for part in parts if part)


def _result(draft: Draft) -> RowResult:
    success = not draft.errors
    return RowResult(
        id=draft.record_id if success or not draft.is_new else None,
        success=success,
        created=success and draft.is_new,
        errors=tuple(draft.errors),
    )
