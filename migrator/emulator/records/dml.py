"""
Insert, update, upsert and delete of rows with the platform's checks.

A call is worked in chunks of 200, as the platform does: lookups by external id,
references and unique values are asked for a whole chunk at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.org import Org
from migrator.emulator.org.row_locks import Hold, lock_error, locking_fields
from migrator.emulator.org.users import User
from migrator.emulator.records.checks import Checks
from migrator.emulator.records.columns import Columns, Draft, Lookup, Target
from migrator.emulator.records.content import (
    check_content,
    fill_attachment,
    finish_versions,
)
from migrator.emulator.records.deletion import Deleter
from migrator.emulator.records.identity import Identity
from migrator.emulator.records.row_values import NewRecords, Values
from migrator.emulator.schema.schema import FieldDef, ObjectDef

CHUNK = 200
# Records of one call of sObject Collections or of the partner API.
MOST_AT_ONCE = 200
_NOT_FIELDS = frozenset({"attributes", "id"})


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
    call = DmlCall(org, user, operation, object_name, external_id_field)
    return call.apply(rows, all_or_none=all_or_none)


class DmlCall:
    """
    One operation on one object, for rows that come in parts; `apply_rows` says how.

    What it knows of columns, rights and defaults serves every part until the schema
    or somebody's rights change. With a *hold*, records and parents that another one
    holds fail with UNABLE_TO_LOCK_ROW.
    """

    def __init__(
        self,
        org: Org,
        user: User,
        operation: str,
        object_name: str,
        external_id_field: str | None = None,
        *,
        hold: Hold | None = None,
    ) -> None:
        self._org = org
        self._user = user
        self._hold = hold
        self._what = (operation, object_name, external_id_field)
        self._stamp: tuple[int, ...] = ()
        self._writer: _Writer | None = None

    def apply(
        self, rows: Sequence[Mapping[str, Any]], *, all_or_none: bool = False
    ) -> list[RowResult]:
        """
        Apply *rows*, one result each, in order; with *all_or_none* one failure undoes
        all.
        """
        with self._org.lock:
            writer = self._ready()

            def work() -> list[RowResult]:
                with self._org.store.transaction():
                    chunks = (
                        rows[start : start + CHUNK]
                        for start in range(0, len(rows), CHUNK)
                    )
                    return [
                        result
                        for chunk in chunks
                        for result in writer.apply(writer.drafts(chunk))
                    ]

            return _all_or_none(self._org, work) if all_or_none else work()

    def apply_cells(
        self, names: Sequence[str], rows: Sequence[Sequence[str | None]]
    ) -> list[RowResult]:
        """
        Apply a chunk of rows that all have the columns *names*, one result each; an
        empty text is an absent column.
        """
        with self._org.lock:
            writer = self._ready()
            with self._org.store.transaction():
                return writer.apply(writer.drafts_of_cells(names, rows))

    def _ready(self) -> _Writer:
        operation, name, key = self._what
        definition = _visible_object(self._org, self._user, name)
        stamp = (self._org.schema.version, *self._org.permissions.stamp())
        if self._writer is None or stamp != self._stamp:
            self._writer = _Writer(self._org, self._user, operation, definition, key)
            self._writer.hold = self._hold
            self._stamp = stamp
        return self._writer


def apply_mixed(
    org: Org,
    user: User,
    operation: str,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    external_id_field: str | None = None,
    *,
    all_or_none: bool = False,
) -> list[RowResult]:
    """
    Apply *operation* to pairs of object name and row, one result each, in order.

    Objects are worked in the order in which they are first met; *all_or_none*
    holds for all rows together. The rest is as for `apply_rows`.
    """
    results: dict[int, RowResult] = {}
    kinds = [kind for kind, _ in rows]

    def work() -> list[RowResult]:
        for kind in dict.fromkeys(kinds):
            places = [place for place, each in enumerate(kinds) if each == kind]
            records = [rows[place][1] for place in places]
            found = apply_rows(org, user, operation, kind, records, external_id_field)
            results.update(zip(places, found, strict=True))
        return [results[place] for place in range(len(rows))]

    with org.lock:
        return _all_or_none(org, work) if all_or_none else work()


def delete_rows(
    org: Org, user: User, ids: list[str], *, all_or_none: bool
) -> list[RowResult]:
    """
    Delete records of any objects by id, one result each, in order.
    """
    owners = [org.schema.by_prefix(each[:3]) for each in ids]
    rows = [
        (owner.name, {"Id": record_id})
        for owner, record_id in zip(owners, ids, strict=True)
        if owner
    ]
    if all_or_none and len(rows) < len(ids):
        done = iter([undone()] * len(rows))
    else:
        done = iter(apply_mixed(org, user, "delete", rows, all_or_none=all_or_none))
    return [
        next(done) if owner else _malformed(record_id)
        for owner, record_id in zip(owners, ids, strict=True)
    ]


def _malformed(record_id: str) -> RowResult:
    error = SalesforceError("MALFORMED_ID", f"malformed id {record_id}")
    return RowResult(id=None, success=False, errors=(error,))


def _all_or_none(org: Org, work: Callable[[], list[RowResult]]) -> list[RowResult]:
    """
    Run *work* and return its results; when one of them is a failure nothing of it
    stays.
    """
    results: list[RowResult] = []
    try:
        with org.store.transaction():
            results = work()
            _roll_back_unless(all(each.success for each in results))
    except _RollBackError:
        return [undone() if each.success else each for each in results]
    return results


def _roll_back_unless(kept: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not kept:
        raise _RollBackError


def undone() -> RowResult:
    """
    Make the outcome of a sound row of a call that failed as a whole.
    """
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
        definition: ObjectDef,
        external_id_field: str | None,
    ) -> None:
        self.org = org
        self.user = user
        self.operation = operation
        self.definition = definition
        self.key = self._key_field(external_id_field)
        self.identity = Identity(org.store, definition, operation, self.key)
        parts = (org.schema, org.store, org.permissions)
        self.columns = Columns(*parts, user, definition)
        self.checks = Checks(*parts, user, definition)
        self.values = Values(user, definition, self.key)
        self.new_records = NewRecords(org.numbers, definition, user)
        self.hold: Hold | None = None
        self._locking = [each.name for each in locking_fields(definition)]

    def _key_field(self, name: str | None) -> FieldDef | None:
        """
        Find the external id field of an upsert; None when records go by Id.
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

    def apply(self, drafts: list[Draft]) -> list[RowResult]:
        if self.operation == "delete":
            return self._delete(drafts)
        self._resolve_lookups(drafts)
        self.identity.identify(drafts)
        self._check_rights(drafts)
        for draft in drafts:
            self.values.check(draft)
        self.checks.references([each for each in drafts if each.is_sound])
        self.checks.unique([each for each in drafts if each.is_sound])
        self.checks.permission_lines([each for each in drafts if each.is_sound])
        sound = [each for each in drafts if each.is_sound]
        check_content(self.org.store, self.definition.name, sound)
        self._lock([each for each in sound if each.is_sound])
        self._write([each for each in drafts if each.is_sound])
        return [_result(each) for each in drafts]

    def drafts(self, rows: Sequence[Mapping[str, Any]]) -> list[Draft]:
        """
        Sort the cells of the rows into fields, lookups and errors.
        """
        drafts = []
        for row in rows:
            draft = Draft()
            for name, value in row.items():
                self._take(draft, name, value)
            drafts.append(draft)
        return drafts

    def drafts_of_cells(
        self, names: Sequence[str], rows: Sequence[Sequence[str | None]]
    ) -> list[Draft]:
        """
        Do the same for rows of one table, whose columns are looked up once.
        """
        plans = [self.columns.plan(name, None) for name in names]
        plain = [plan if type(plan) is Target else None for plan in plans]
        others = [
            (at, name)
            for at, (name, plan) in enumerate(zip(names, plain, strict=True))
            if plan is None or name.lower() == "id"
        ]
        for at, _ in others:
            plain[at] = None
        drafts = []
        for row in rows:
            draft = Draft(
                cells=[
                    (target, text)
                    for target, text in zip(plain, row, strict=True)
                    if text != "" and target is not None
                ]
            )
            for at, name in others:
                if row[at] != "":
                    self._take(draft, name, row[at])
            drafts.append(draft)
        return drafts

    def _take(self, draft: Draft, name: str, value: Any) -> None:
        if name in _NOT_FIELDS or name.lower() in _NOT_FIELDS:
            if name.lower() == "id":
                draft.given_id = str(value).strip() if value else None
            return
        plan = self.columns.plan(name, value)
        if isinstance(plan, Target):
            draft.cells.append((plan, value))
        elif isinstance(plan, Lookup):
            draft.lookups.append((plan, plan.key_of(value)))
        else:
            draft.errors.append(plan)

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
        Check object rights, then (for existing records) sight and edit of each.
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

    def _lock(self, drafts: list[Draft]) -> None:
        """
        Hold the records and parents of a chunk, as far as nobody else does.
        """
        if self.hold is None:
            return
        for draft in drafts:
            touched = [draft.values.get(name) for name in self._locking]
            touched.append(draft.record_id)
            if not self.hold.take([each for each in touched if each]):
                draft.errors.append(lock_error())

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
            draft.values = self.new_records.complete(draft, now)
        if self.definition.name == "ContentVersion":
            finish_versions(self.org.store, self.org.rows, self.user, new)
        if self.definition.name == "Attachment":
            for draft in new:
                fill_attachment(draft.values)
        self.org.store.insert_many(self.definition.name, [each.values for each in new])
        stamps = self._stamps(now)
        self.org.store.update_many(
            self.definition.name,
            [
                (draft.record_id, draft.values | stamps)
                for draft in drafts
                if not draft.is_new and draft.record_id
            ],
        )

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
        deleter = Deleter(self.org.schema, self.org.store)
        for draft in drafts:
            if draft.given_id:
                self.identity.by_id(draft, draft.given_id)
            else:
                draft.fail("MISSING_ARGUMENT", "Id not specified in a delete call")
        self.checks.existing([each for each in drafts if each.is_sound])
        right = self.org.permissions.object_right(self.user, self.definition.name)
        for draft in drafts:
            if draft.is_sound and not (right.delete and self.definition.deletable):
                draft.fail(*self.checks.no_right())
            if draft.is_sound and draft.record_id:
                self._lock([draft])
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


def _result(draft: Draft) -> RowResult:
    success = not draft.errors
    return RowResult(
        id=draft.record_id if success or not draft.is_new else None,
        success=success,
        created=success and draft.is_new,
        errors=tuple(draft.errors),
    )
