"""
The Metadata API: deploying a bundle over REST, reading components over SOAP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from migrator.model.names import ApiName


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentProblem:
    """
    What the org says about one component, in its own words.
    """

    type: str
    full_name: str
    file: str
    line: int | None
    column: int | None
    problem: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployProgress:
    """
    How far a deployment is.
    """

    id: str
    status: str
    components_done: int
    components_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployReport:
    """
    How a deployment ended.
    """

    id: str
    success: bool
    status: str
    components: int
    """Components in the bundle, package.xml not counted."""
    created: tuple[str, ...]
    changed: tuple[str, ...]
    errors: tuple[ComponentProblem, ...]
    warnings: tuple[ComponentProblem, ...]
    message: str = ""
    """The org's words when the whole deployment failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentInfo:
    """
    A component of the org, as far as ownership is decided from it.
    """

    full_name: str
    description: str
    fields: Mapping[ApiName, str]
    """Descriptions of a CustomObject's own fields; empty for other types."""


class DeploymentClient:
    """
    Deployments to one org and readings of its metadata.
    """

    def deploy(
        self,
        bundle: bytes,
        *,
        check_only: bool,
        on_progress: Callable[[DeployProgress], None] | None = None,
    ) -> DeployReport:
        """
        How the deployment of *bundle* (an mdapi zip) ended; nothing stays of a failed one.
        """
        raise NotImplementedError

    def start(self, bundle: bytes, *, check_only: bool) -> str:
        """
        The id of a new deployment of *bundle*.
        """
        raise NotImplementedError

    def await_deploy(
        self,
        deploy_id: str,
        on_progress: Callable[[DeployProgress], None] | None = None,
    ) -> DeployReport:
        """
        How the deployment *deploy_id* ended.
        """
        raise NotImplementedError

    def read_components(
        self, metadata_type: str, names: Iterable[str]
    ) -> dict[str, ComponentInfo]:
        """
        Those of *names* that exist in the org, by full name.

        *metadata_type* is the Metadata API's word: `CustomObject`, `PermissionSet` ...
        """
        raise NotImplementedError
