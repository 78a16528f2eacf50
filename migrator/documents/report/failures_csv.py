"""
Every record the org refused, with what was sent and what to do, for the private folder.
"""

from __future__ import annotations

import csv
import io
from collections import abc
from collections.abc import Iterable

from migrator.model.mapping import ORIGIN_ID
from migrator.model.records import RowFailure

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_VERDICT = ("code", "message", "advice")
_ADVICE = {
    "UNABLE_TO_LOCK_ROW": "something else writes to the same records: copy again later",
    "UNPROCESSED": "the org's job ended early: copy again",
    "STORAGE_LIMIT_EXCEEDED": "the org's data storage is full: free or buy storage",
    "REQUIRED_FIELD_MISSING": "a field was made required in the org: make it optional",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "a validation rule refuses the record: switch it off until the copy is done"
    ),
    "INVALID_FIELD": "the referred record is not there: copy its object first",
    "INVALID_CROSS_REFERENCE_KEY": (
        "the referred record is gone: empty the reference in the source"
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "the referred record cannot be seen: give the user access to it"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": "give the user the Loader permission set",
    "DUPLICATE_VALUE": "another record has this value in a unique field: compare them",
    "STRING_TOO_LONG": "widen the field's type in mapping.yaml and deploy again",
    "INVALID_EMAIL_ADDRESS": "make the field a text in mapping.yaml and deploy again",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        "the picklist in the org was restricted: lift the restriction"
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        "a trigger or flow on the object fails: switch it off until the copy is done"
    ),
}
"""What a person can do, by Salesforce status code (SOAP API guide, "StatusCode")."""


def failures_csv(
    failures: Iterable[RowFailure],
    columns: Iterable[str],
    sent: abc.Mapping[str, abc.Mapping[str, str | None]],
) -> bytes:
    """
    Return the content of `report/private/failed-<object>.csv`, safe to open in a
    spreadsheet.

    *sent* holds the load-file cells by origin id. A cell that a spreadsheet would run
    as a formula gets an apostrophe before it (OWASP, "CSV Injection").
    """
    names = [name for name in columns if name != ORIGIN_ID]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([ORIGIN_ID, *_VERDICT, *names])
    for each in failures:
        cells = sent.get(each.origin_id, {})
        verdict = (each.origin_id, each.code, each.message, advice(each.code))
        row = [*verdict, *(cells.get(name) or "" for name in names)]
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8")


def advice(code: str) -> str:
    """
    Return what a person can do about a record refused with *code*.
    """
    return _ADVICE.get(code, "read the org's message, mend the record or the org")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
