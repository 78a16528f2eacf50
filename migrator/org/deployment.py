"""
The Metadata API: deploying a bundle over REST, reading components over SOAP.
"""

from __future__ import annotations

import json
import secrets
from collections import abc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from migrator.errors import DeploymentRefused, LoginRefused, OrgRefused
from migrator.org.metadata_soap import (
    ComponentInfo,
    is_expired,
    list_envelope,
    listed_names,
    read_definitions,
    read_envelope,
    read_result,
)
from migrator.org.polling import Pace
from migrator.org.rest import Call, Reply, RestClient

READ_AT_ONCE = 10
"""Components one readMetadata call may name (Metadata API guide, "readMetadata")."""
MAX_BUNDLE_BYTES = 39 * 1024 * 1024
"""Compressed size that an org takes (Metadata API guide, "deploy")."""

_RESOURCE = "metadata/deployRequest"
_ABSENT = frozenset({"NOT_FOUND", "HTTP_404", "METHOD_NOT_ALLOWED", "HTTP_405"})

__all__ = [
    "ComponentInfo",
    "ComponentProblem",
    "DeployProgress",
    "DeployReport",
    "DeploymentClient",
]


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

    def __str__(self) -> str:
        """
        `objects/Invoice__c.object:12:8 CustomField Invoice__c.Total__c: ...`.
        """
        place = ":".join(str(p) for p in (self.file, self.line, self.column) if p)
        named = " ".join(part for part in (place, self.type, self.full_name) if part)
        return f"{named}: {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployProgress:
    """
    How far a deployment is.
    """

    id: str
    status: str
    """Salesforce's word: `Pending`, `InProgress`, `Finalizing`, `Succeeded` ..."""
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
    """`CustomField:Invoice__c.Total__c` and the like."""
    changed: tuple[str, ...]
    errors: tuple[ComponentProblem, ...]
    warnings: tuple[ComponentProblem, ...]
    message: str = ""
    """The org's words when the whole deployment failed."""


class DeploymentClient:
    """
    Deployments to one org and readings of its metadata.
    """

    def __init__(self, rest: RestClient, *, pace: Pace | None = None) -> None:
        self._rest = rest
        self._pace = pace or Pace()

    def deploy(
        self,
        bundle: bytes,
        *,
        check_only: bool,
        purge: bool = False,
        on_progress: Callable[[DeployProgress], None] | None = None,
    ) -> DeployReport:
        """
        How the deployment of *bundle* (an mdapi zip) ended.

        All or nothing: a failed one leaves nothing behind. *check_only* validates and
        leaves nothing either way. *purge* has what a destructive manifest names erased
        at once. Raises DeploymentRefused when it did not start.
        """
        deploy_id = self.start(bundle, check_only=check_only, purge=purge)
        return self.await_deploy(deploy_id, on_progress)

    def start(self, bundle: bytes, *, check_only: bool, purge: bool = False) -> str:
        """
        Return the id of a new deployment of *bundle*.
        """
        if len(bundle) > MAX_BUNDLE_BYTES:
            raise DeploymentRefused(
                f"the bundle has {len(bundle):,} bytes; an org takes "
                f"{MAX_BUNDLE_BYTES:,}",
                hint="migrate fewer objects at a time",
            )
        content, content_type = _multipart(
            _options(check_only=check_only, purge=purge), bundle
        )
        call = Call(
            method="POST",
            path=_RESOURCE,
            content=content,
            headers={"Content-Type": content_type},
            # May be sent twice: the same bundle deployed again changes nothing.
            repeatable=True,
        )
        try:
            reply = self._rest.send(call)
        except LoginRefused:
            raise
        except OrgRefused as error:
            raise _not_started(error) from error
        body = reply.object()
        found = body.get("id") or (body.get("deployResult") or {}).get("id")
        if not found:
            raise reply.unusable("a deployment's id")
        return str(found)

    def await_deploy(
        self,
        deploy_id: str,
        on_progress: Callable[[DeployProgress], None] | None = None,
    ) -> DeployReport:
        """
        How the deployment *deploy_id* ended; *on_progress* hears every answer.
        """
        path = f"{_RESOURCE}/{deploy_id}"
        for _ in self._pace.rounds(f"deployment {deploy_id}"):
            reply = self._rest.get(path, params={"includeDetails": "true"})
            result = _result(reply)
            if on_progress:
                on_progress(_progress(deploy_id, result))
            if result.get("done"):
                return _report(deploy_id, result)
        raise AssertionError("rounds never end by themselves")

    def read_components(
        self, metadata_type: str, names: Iterable[str]
    ) -> dict[str, ComponentInfo]:
        """
        Those of *names* that exist in the org, by full name.

        *metadata_type* is the Metadata API's word: `CustomObject`, `PermissionSet` ...
        """
        return {
            each.full_name: each
            for reply in self._read(metadata_type, names)
            for each in read_result(reply)
        }

    def read_definitions(
        self, metadata_type: str, names: Iterable[str]
    ) -> dict[str, bytes]:
        """
        As `read_components`, but whole: each as a metadata file, always the same for
        the same component.
        """
        found: dict[str, bytes] = {}
        for reply in self._read(metadata_type, names):
            found |= read_definitions(reply, metadata_type)
        return found

    def _read(self, metadata_type: str, names: Iterable[str]) -> Iterator[Reply]:
        wanted = list(dict.fromkeys(names))
        for start in range(0, len(wanted), READ_AT_ONCE):
            yield self._ask(metadata_type, wanted[start : start + READ_AT_ONCE])

    def list_names(self, metadata_type: str) -> list[str]:
        """
        Return the full names of all components of a type that the org has, sorted.
        """
        return listed_names(
            self._exchange(lambda key: list_envelope(key, metadata_type))
        )

    def _ask(self, metadata_type: str, names: list[str]) -> Reply:
        return self._exchange(lambda key: read_envelope(key, metadata_type, names))

    def _exchange(self, envelope: Callable[[str], bytes]) -> Reply:
        """
        Return the answer to an *envelope* with the session's id; asked again when the
        session had to be renewed.
        """
        reply = self._sent(envelope(used := self._rest.session_id))
        if is_expired(reply) and self._rest.renew(used):
            reply = self._sent(envelope(self._rest.session_id))
        return reply

    def _sent(self, envelope: bytes) -> Reply:
        return self._rest.exchange(
            Call(
                method="POST",
                path=f"/services/Soap/m/{self._rest.api_version}",
                content=envelope,
                headers={
                    "Content-Type": "text/xml; charset=UTF-8",
                    "SOAPAction": '""',
                },
                repeatable=True,  # it only reads
            )
        )


def _options(*, check_only: bool, purge: bool = False) -> dict[str, Any]:
    """
    Salesforce's deployOptions, all said: the defaults are wrong for us.

    Warnings do not fail the deployment; they are in the report. No testLevel: without
    Apex in the bundle no tests run, in production neither. purgeOnDelete is for
    sandboxes and developer orgs; a production org refuses it (Metadata API guide).
    """
    return {
        "deployOptions": {
            "allowMissingFiles": False,
            "autoUpdatePackage": False,
            "checkOnly": check_only,
            "ignoreWarnings": True,
            "performRetrieve": False,
            "purgeOnDelete": purge,
            "rollbackOnError": True,
            "singlePackage": True,
        }
    }


def _multipart(options: abc.Mapping[str, Any], bundle: bytes) -> tuple[bytes, str]:
    """
    Return the two parts of a deployRequest (Metadata API guide, "deployRequest").
    """
    boundary = secrets.token_hex(16)
    pieces = (
        (
            'form-data; name="json"',
            "application/json",
            json.dumps(options).encode("utf-8"),
        ),
        (
            'form-data; name="file"; filename="deploy.zip"',
            "application/zip",
            bundle,
        ),
    )
    content = b"".join(
        f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        f"Content-Type: {kind}\r\n\r\n".encode()
        + piece
        + b"\r\n"
        for disposition, kind, piece in pieces
    )
    ended = content + f"--{boundary}--\r\n".encode()
    return ended, f"multipart/form-data; boundary={boundary}"


def _not_started(error: OrgRefused) -> DeploymentRefused:
    if error.code in _ABSENT:
        return DeploymentRefused(
            "this org does not offer deployments over REST "
            "(/services/data/vNN.0/metadata/deployRequest)",
            hint="deploy the generated force-app/ with `sf project deploy start`",
            code=error.code,
        )
    return DeploymentRefused(
        error.message,
        hint=error.hint
        or "deploying needs the permission Modify Metadata Through Metadata API "
        "Functions",
        code=error.code,
    )


def _result(reply: Reply) -> dict[str, Any]:
    result = reply.object().get("deployResult")
    if not isinstance(result, dict):
        raise reply.unusable("a deployResult")
    return result


def _progress(deploy_id: str, result: abc.Mapping[str, Any]) -> DeployProgress:
    return DeployProgress(
        id=deploy_id,
        status=str(result.get("status") or ""),
        components_done=_number(result.get("numberComponentsDeployed")) or 0,
        components_total=_number(result.get("numberComponentsTotal")) or 0,
    )


def _report(deploy_id: str, result: abc.Mapping[str, Any]) -> DeployReport:
    details = result.get("details") or {}
    failures = _messages(details.get("componentFailures"))
    successes = _messages(details.get("componentSuccesses"))
    problems = [_problem(each) for each in (*failures, *successes)]
    made = [each for each in successes if each.get("componentType")]
    words = (result.get("errorStatusCode"), result.get("errorMessage"))
    return DeployReport(
        id=deploy_id,
        success=bool(result.get("success")),
        status=str(result.get("status") or ""),
        components=_number(result.get("numberComponentsTotal")) or len(made),
        created=tuple(_named(each) for each in made if each.get("created")),
        changed=tuple(_named(each) for each in made if each.get("changed")),
        errors=tuple(p for p in problems if p.problem and not p.is_warning),
        warnings=tuple(p for p in problems if p.problem and p.is_warning),
        message=": ".join(str(word) for word in words if word),
    )


def _messages(found: Any) -> list[dict[str, Any]]:
    """
    DeployMessages; the org may give a single one without a list around it.
    """
    return [found] if isinstance(found, dict) else list(found or ())


def _named(message: abc.Mapping[str, Any]) -> str:
    return f"{message.get('componentType')}:{message.get('fullName')}"


def _problem(message: abc.Mapping[str, Any]) -> ComponentProblem:
    return ComponentProblem(
        type=str(message.get("componentType") or ""),
        full_name=str(message.get("fullName") or ""),
        file=str(message.get("fileName") or ""),
        line=_number(message.get("lineNumber")),
        column=_number(message.get("columnNumber")),
        problem=str(message.get("problem") or ""),
        is_warning=message.get("problemType") in {"Warning", "Info"},
    )


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None
