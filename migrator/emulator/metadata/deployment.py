"""
A deployment and its options: values that the queue, the checks and the wire share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from migrator.emulator.metadata.deploy_outcomes import DeployMessage
    from migrator.emulator.org.users import User

__all__ = ["DeployOptions", "Deployment"]

_DONE: Final = frozenset({"Succeeded", "SucceededPartial", "Failed", "Canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOptions:
    """
    The options of deploy(), with the defaults of the API.
    """

    allow_missing_files: bool = False
    auto_update_package: bool = False
    check_only: bool = False
    ignore_warnings: bool = False
    perform_retrieve: bool = False
    purge_on_delete: bool = False
    rollback_on_error: bool = False
    single_package: bool = False
    test_level: str = ""


@dataclass(slots=True, kw_only=True)
class Deployment:
    """
    One deployment and, in the end, its DeployResult.
    """

    id: str
    user: User
    data: bytes
    options: DeployOptions
    created: datetime
    modified: datetime
    started: datetime | None = None
    completed: datetime | None = None
    status: str = "Pending"
    state_detail: str = ""
    error_message: str = ""
    error_status_code: str = ""
    cancel_wanted: bool = False
    messages: list[DeployMessage] = field(default_factory=list)
    total: int = 0
    deployed: int = 0
    errors: int = 0

    @property
    def done(self) -> bool:
        """
        Whether the deployment has ended, well or badly.
        """
        return self.status in _DONE

    @property
    def success(self) -> bool:
        """
        Whether it ended well.
        """
        return self.status in {"Succeeded", "SucceededPartial"}
