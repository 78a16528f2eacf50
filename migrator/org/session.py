"""
Signing in: from the word after `--org` to an org that has said who it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from migrator.model.names import ApiName
from migrator.org.access import AccessClient
from migrator.org.bulk import BulkClient
from migrator.org.collections import CollectionsClient
from migrator.org.deployment import DeploymentClient
from migrator.org.rest import RestClient
from migrator.org.soql import SoqlClient
from migrator.org.tooling import ToolingClient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgIdentity:
    """
    Which org this is and who is signed in.
    """

    org_id: str
    org_name: str
    organization_type: str
    is_sandbox: bool
    user_id: str
    username: str
    api_version: str
    """For instance `66.0`."""
    is_production: bool
    """Neither a sandbox nor a Developer Edition, scratch or trial org."""


class Org:
    """
    A signed-in org and its clients.
    """

    facts: OrgIdentity
    rest: RestClient
    soql: SoqlClient
    bulk: BulkClient
    collections: CollectionsClient
    deployment: DeploymentClient
    tooling: ToolingClient
    access: AccessClient

    def describe(self, name: ApiName) -> dict[str, Any]:
        """
        The sObject describe of *name*, as received.

        Raises OrgRefused with code NOT_FOUND when the user does not see the object.
        """
        raise NotImplementedError

    def describe_global(self) -> list[dict[str, Any]]:
        """
        One short entry per sObject the user sees.
        """
        raise NotImplementedError

    def currencies(self) -> tuple[str, ...]:
        """
        Active currency codes, sorted; empty when the org has a single currency.
        """
        raise NotImplementedError

    def close(self) -> None:
        """
        Give the connections back.
        """
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_org(
    spec: str, *, environ: Mapping[str, str], ceiling: str, timeout_s: float = 120
) -> Org:
    """
    The org that *spec* names, signed in.

    *spec* is `env` (SF_INSTANCE_URL and SF_ACCESS_TOKEN of *environ*) or
    `http://127.0.0.1:PORT` (with SF_ACCESS_TOKEN). The API version is the newest that
    the org offers, not above *ceiling*.
    """
    raise NotImplementedError
