"""
Insert, update, upsert and delete of rows with the platform's checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.emulator.engine.permissions import User
from migrator.emulator.errors import SalesforceError

if TYPE_CHECKING:
    from migrator.emulator.engine.org import Org


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
    raise NotImplementedError
