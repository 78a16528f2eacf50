"""
What the Bulk API refuses before there is a job, or because of a job's state.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.bulk.csv_text import DELIMITERS, LINE_ENDINGS
from migrator.emulator.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from migrator.emulator.schema.schema import ObjectDef

__all__ = [
    "bad_state",
    "check_ingest_body",
    "check_query_body",
    "check_version",
    "external_id_of",
    "job_error",
]

_OPERATIONS: Final = frozenset({"insert", "update", "upsert", "delete", "hardDelete"})
_QUERY_OPERATIONS: Final = frozenset({"query", "queryAll"})
_FORMATS: Final[dict[str, Collection[str]]] = {
    "contentType": ("CSV",),
    "columnDelimiter": DELIMITERS,
    "lineEnding": LINE_ENDINGS,
}
_INGEST_KEYS: Final = frozenset(
    {"object", "operation", "externalIdFieldName", "assignmentRuleId", *_FORMATS}
)
_QUERY_KEYS: Final = frozenset({"operation", "query", *_FORMATS})


def job_error(code: str, message: str) -> SalesforceError:
    """
    Make a refusal of the Bulk API (400) with its code and sentence.
    """
    return SalesforceError(code, message)


def check_version(made_with: str, asked_with: str) -> None:
    """
    Raise the 409 of a job that is read under another API version than its own.
    """
    if made_with != asked_with:
        raise SalesforceError(
            "INVALIDVERSION",
            f"The job was created with API version {made_with} and cannot be read "
            f"with {asked_with}",
            status=409,
        )


def bad_state(message: str) -> SalesforceError:
    """
    Make the refusal of what a job's state does not allow.
    """
    return job_error("INVALIDJOBSTATE", f"InvalidJobState : {message}")


def check_ingest_body(body: Mapping[str, Any]) -> None:
    """
    Raise for an unknown key or operation, or a format nobody reads.
    """
    _check(body, _INGEST_KEYS, _OPERATIONS)
    if body["operation"] == "hardDelete":
        raise job_error(
            "FEATURENOTENABLED",
            "FeatureNotEnabled : hardDelete operation requires special user profile "
            "permission, please contact your system administrator",
        )


def check_query_body(body: Mapping[str, Any]) -> None:
    """
    Raise for an unknown key or operation, a format nobody reads, or no query.
    """
    _check(body, _QUERY_KEYS, _QUERY_OPERATIONS)
    if not body.get("query"):
        raise job_error("INVALIDJOB", "InvalidJob : query is missing")


def _check(
    body: Mapping[str, Any], keys: Collection[str], operations: Collection[str]
) -> None:
    unknown = sorted(set(body) - set(keys))
    if unknown:
        raise job_error("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}"')
    for key, value in body.items():
        if not isinstance(value, str | int | float | Decimal):
            raise job_error(
                "JSON_PARSER_ERROR", f"Cannot deserialize the value of {key} as text"
            )
    if body.get("operation") not in operations:
        raise job_error(
            "INVALIDJOB", f"InvalidJob : Unsupported operation {body.get('operation')}"
        )
    for key, allowed in _FORMATS.items():
        if key in body and body[key] not in allowed:
            raise job_error(
                "INVALIDJOB", f"InvalidJob : {key} {body[key]} is not supported"
            )


def external_id_of(body: Mapping[str, Any], target: ObjectDef) -> str | None:
    """
    Find the external id field of an upsert, None for other operations.
    """
    name = body.get("externalIdFieldName")
    if body["operation"] != "upsert":
        return None
    if not name:
        raise job_error(
            "INVALIDJOB",
            f"InvalidJob : External ID was blank for {target.name}. "
            "An External ID must be specified for upsert.",
        )
    found = target.find(str(name))
    if found is None or not (found.external_id or found.id_lookup or name == "Id"):
        raise job_error(
            "INVALIDJOB",
            f"InvalidJob : Field name provided, {name} does not match an External "
            f"ID, Salesforce Id, or indexed field for {target.name}",
        )
    return found.name
