"""
Options and results of deployments by the API's names, as REST and SOAP share them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

    from migrator.emulator.metadata.deploy_outcomes import DeployMessage
    from migrator.emulator.metadata.deployment import Deployment

__all__ = ["OPTION_NAMES", "message_fields", "result_fields"]

# API name -> attribute of DeployOptions.
OPTION_NAMES: Final = {
    "allowMissingFiles": "allow_missing_files",
    "autoUpdatePackage": "auto_update_package",
    "checkOnly": "check_only",
    "ignoreWarnings": "ignore_warnings",
    "performRetrieve": "perform_retrieve",
    "purgeOnDelete": "purge_on_delete",
    "rollbackOnError": "rollback_on_error",
    "singlePackage": "single_package",
}


def _stamp(moment: datetime | None) -> str | None:
    """
    Spell a point in time as REST shows it.
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000") if moment else None


def result_fields(deployment: Deployment) -> dict[str, Any]:
    """
    Return the DeployResult without its details; absent values are None.
    """
    options = deployment.options
    return {
        "canceledBy": deployment.user.id if deployment.status == "Canceled" else None,
        "canceledByName": deployment.user.name
        if deployment.status == "Canceled"
        else None,
        "checkOnly": options.check_only,
        "completedDate": _stamp(deployment.completed),
        "createdBy": deployment.user.id,
        "createdByName": deployment.user.name,
        "createdDate": _stamp(deployment.created),
        "done": deployment.done,
        "errorMessage": deployment.error_message or None,
        "errorStatusCode": deployment.error_status_code or None,
        "id": deployment.id,
        "ignoreWarnings": options.ignore_warnings,
        "lastModifiedDate": _stamp(deployment.modified),
        "numberComponentErrors": deployment.errors,
        "numberComponentsDeployed": deployment.deployed,
        "numberComponentsTotal": deployment.total,
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "rollbackOnError": options.rollback_on_error,
        "runTestsEnabled": False,
        "startDate": _stamp(deployment.started),
        "stateDetail": deployment.state_detail or None,
        "status": deployment.status,
        "success": deployment.success,
    }


def message_fields(message: DeployMessage) -> dict[str, Any]:
    """
    Return a DeployMessage in the order of the API's schema; absent values are None.
    """
    return {
        "changed": message.changed,
        "columnNumber": message.column,
        "componentType": message.kind,
        "created": message.created,
        "createdDate": _stamp(message.created_date),
        "deleted": message.deleted,
        "fileName": message.file_name,
        "fullName": message.full_name,
        "id": message.component_id,
        "lineNumber": message.line,
        "problem": message.problem,
        "problemType": message.problem_type,
        "success": message.success,
    }
