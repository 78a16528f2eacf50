"""
Metadata deployments: the queue, the check of a package and the result.

One deployment runs at a time, in a background thread. Everything is checked against
a catalog of org and zip first; the org changes only when the whole package passed,
or (rollbackOnError false) by the components that did. Source: Metadata API guide,
deploy() and DeployResult.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.deploy_changes import apply_components
from migrator.emulator.metadata.deploy_check import inspect
from migrator.emulator.metadata.deployment import Deployment
from migrator.emulator.metadata.package import PackageRefused
from migrator.emulator.org.background import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from migrator.emulator.metadata.components import Components
    from migrator.emulator.metadata.deploy_outcomes import Inspection
    from migrator.emulator.metadata.deployment import DeployOptions
    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User

__all__ = ["Deployments"]

_RECENT: Final = timedelta(days=10)
_TEST_LEVELS: Final = frozenset(
    {"NoTestRun", "RunLocalTests", "RunAllTestsInOrg", "RunSpecifiedTests"}
)


class Deployments:
    """
    The deployments of an org, and the *components* they leave in it.

    What one changes, it changes within a *transaction*.
    """

    def __init__(
        self,
        org: Org,
        components: Components,
        transaction: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._org = org
        self._components = components
        self._transaction = transaction
        self._all: dict[str, Deployment] = {}
        self._worker = Worker("deploy")
        self.latency_s = 0.03

    def start(self, user: User, data: bytes, options: DeployOptions) -> Deployment:
        """
        Queue the zip *data*; SalesforceError when it may not be deployed like that.
        """
        self._check_options(user, options)
        return self._queue(user, data, options)

    def quick(self, user: User, validation_id: str) -> Deployment:
        """
        Deploy a recent validation: one that succeeded, with tests, ten days ago at
        most. Raises INVALID_ID_FIELD for any other (deployRecentValidation()).
        """
        known = self.get(validation_id)
        age = self._org.clock.now() - known.created
        tested = known.options.test_level not in {"", "NoTestRun"}
        if known.status != "Succeeded" or not known.data or not tested or age > _RECENT:
            raise SalesforceError(
                "INVALID_ID_FIELD",
                f"Invalid validation ID: {validation_id}. The validation must have "
                "succeeded with tests within the last 10 days.",
            )
        options = replace(known.options, check_only=False)
        return self._queue(user, known.data, options)

    def _queue(self, user: User, data: bytes, options: DeployOptions) -> Deployment:
        now = self._org.clock.now()
        deployment = Deployment(
            id=self._org.ids.next("0Af"),
            user=user,
            data=data,
            options=options,
            created=now,
            modified=now,
        )
        self._all[deployment.id] = deployment
        self._worker.submit(lambda: self._run(deployment))
        return deployment

    def _check_options(self, user: User, options: DeployOptions) -> None:
        if not self._org.permissions.has(user, "ModifyMetadata"):
            raise SalesforceError(
                "INSUFFICIENT_ACCESS",
                "insufficient access rights on cross-reference id: the Modify Metadata "
                "Through Metadata API Functions permission is needed",
                status=403,
            )
        if options.test_level and options.test_level not in _TEST_LEVELS:
            raise SalesforceError(
                "INVALID_TYPE",
                f"'{options.test_level}' is not a valid value for the enum 'TestLevel'",
            )
        settings = self._org.settings
        sandbox = settings.is_sandbox or "Developer" in settings.organization_type
        if sandbox:
            return
        if not options.rollback_on_error or options.allow_missing_files:
            raise SalesforceError(
                "INVALID_OPERATION",
                "rollbackOnError must be true, allowMissingFiles false in production",
            )
        if options.test_level == "NoTestRun":
            raise SalesforceError(
                "INVALID_OPERATION",
                "testLevel of NoTestRun cannot be used in production organizations",
            )

    def get(self, deployment_id: str) -> Deployment:
        """
        Find the deployment of a 15- or 18-character id.
        """
        for key, deployment in self._all.items():
            if len(deployment_id) in {15, 18} and key[:15] == deployment_id[:15]:
                return deployment
        raise SalesforceError(
            "INVALID_CROSS_REFERENCE_KEY",
            f"invalid cross reference id: {deployment_id}",
            status=404,
        )

    def cancel(self, deployment: Deployment) -> None:
        """
        Ask a deployment that has not ended to stop before it changes anything.
        """
        if deployment.done:
            raise SalesforceError(
                "INVALID_ID_FIELD",
                f"Deployment already completed: {deployment.id}",
            )
        deployment.cancel_wanted = True
        deployment.status = "Canceling"

    def _run(self, deployment: Deployment) -> None:
        time.sleep(self.latency_s)
        if not deployment.cancel_wanted:
            deployment.status = "InProgress"
            deployment.started = deployment.modified = self._org.clock.now()
            time.sleep(self.latency_s)
        try:
            end = self._deploy(deployment)
        except PackageRefused as refusal:
            end = _refuse(deployment, refusal.code, refusal.message)
        except Exception as error:  # noqa: BLE001 - a deployment must end
            message = f"An unexpected error occurred: {type(error).__name__}: {error}"
            end = _refuse(deployment, "UNKNOWN_EXCEPTION", message)
        deployment.completed = deployment.modified = self._org.clock.now()
        if not (deployment.options.check_only and end == "Succeeded"):
            deployment.data = b""
        # The status comes last: who sees the end finds the whole result.
        deployment.status = end

    def _deploy(self, deployment: Deployment) -> str:
        """
        Check and, unless it was cancelled, change the org; the final status.
        """
        options = deployment.options
        with self._org.lock:
            if deployment.cancel_wanted:
                return "Canceled"
            found = inspect(self._org, self._components, deployment.data, options)
            status = self._verdict(found, options)
            if status != "Failed" and not options.check_only:
                with self._transaction():
                    apply_components(self._org, self._components, found, options)
            deployment.messages = found.messages(
                self._org.clock.now(), changed=status != "Failed"
            )
        deployment.total = len(found.outcomes)
        deployment.errors = found.errors
        deployment.deployed = max(deployment.total - found.errors, 0)
        return status

    def _verdict(self, found: Inspection, options: DeployOptions) -> str:
        warned = found.warnings and not options.ignore_warnings
        if not found.errors and not warned:
            return "Succeeded"
        fine = any(outcome.is_fine for outcome in found.outcomes)
        if options.rollback_on_error or not fine or found.broken:
            return "Failed"
        return "SucceededPartial"


def _refuse(deployment: Deployment, code: str, message: str) -> str:
    deployment.error_status_code = code
    deployment.error_message = message
    return "Failed"
