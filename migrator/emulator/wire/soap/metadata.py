"""
The Metadata API's SOAP resource: `/services/Soap/m/NN.0`, with or without a tail.

Elements are read case-sensitively, booleans in any case, stray text between elements
is ignored; answers have the element order of the Metadata WSDL.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import Route

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.deployment import DeployOptions
from migrator.emulator.metadata.read_metadata import (
    describe_metadata,
    list_metadata,
    read_metadata,
)
from migrator.emulator.metadata.xml_tree import METADATA_NS, escape
from migrator.emulator.wire.deploy_result import (
    OPTION_NAMES,
    message_fields,
    result_fields,
)
from migrator.emulator.wire.soap.envelope import (
    answered,
    check_version,
    element,
    read_envelope,
)
from migrator.emulator.wire.soap.retrieve import retrieve_status, start_retrieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from migrator.emulator.metadata.deployment import Deployment
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User
    from migrator.emulator.start.services import Services

__all__ = ["routes"]

_MAX_READ: Final = 10
_MAX_LIST_QUERIES: Final = 3


def routes(services: Services) -> list[Route]:
    """
    Return the routes of the SOAP Metadata API.
    """

    async def call(request: Request) -> Response:
        body = await request.body()
        version = request.path_params["version"]
        return await asyncio.to_thread(_answer, services, version, body)

    base = "/services/Soap/m/{version}"
    return [
        Route(base, call, methods=["POST"]),
        Route(f"{base}/{{tail:path}}", call, methods=["POST"]),
    ]


def _answer(services: Services, version: str, body: bytes) -> Response:
    org = services.org
    try:
        call = read_envelope(body, METADATA_NS)
        user = call.sign_in(org)
        check_version(version, org.settings.min_version, org.settings.max_version)
        operation = call.operation
        handler = _OPERATIONS.get(operation.name, _not_emulated)
        result = "".join(handler(services, user, operation))
    except SalesforceError as error:
        return _fault(error)
    name = f"{operation.name}Response"
    return _envelope(f"<{name}>{result}</{name}>")


def _envelope(content: str) -> Response:
    return answered(f'xmlns="{METADATA_NS}"', content)


def _fault(error: SalesforceError) -> Response:
    """
    Make a fault: no default namespace, or strict clients do not find its parts.
    """
    code, message = escape(error.code), escape(error.message)
    content = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode>"
        f"<faultstring>{code}: {message}</faultstring></soapenv:Fault>"
    )
    return answered(f'xmlns:sf="{METADATA_NS}"', content, status=500)


def _is_true(node: Node, name: str) -> bool:
    return node.text(name).strip().lower() in {"true", "1"}


def _deploy(services: Services, user: User, call: Node) -> Iterator[str]:
    given = call.first("DeployOptions")
    if given is None or not call.has("ZipFile"):
        raise SalesforceError("MISSING_ARGUMENT", "ZipFile and DeployOptions needed")
    try:
        data = base64.b64decode(call.text("ZipFile"))
    except binascii.Error:
        raise SalesforceError("INVALID_ZIP", "ZipFile is not base64") from None
    flags = {attribute: _is_true(given, name) for name, attribute in _OPTIONS}
    level = given.text("testLevel").strip()
    options = DeployOptions(**flags, test_level="" if level == "None" else level)
    deployment = services.deployments.start(user, data, options)
    yield element("result", {"done": False, "id": deployment.id, "state": "Queued"})


_OPTIONS: Final = tuple(OPTION_NAMES.items())


def _find(services: Services, deployment_id: str) -> Deployment:
    return services.deployments.get(deployment_id.strip())


def _check_deploy_status(services: Services, _user: User, call: Node) -> Iterator[str]:
    deployment = _find(services, call.text("asyncProcessId"))
    fields = result_fields(deployment)
    result: dict[str, Any] = {}
    for name, value in fields.items():
        result[name] = value
        if name == "createdDate" and _is_true(call, "includeDetails"):
            result["details"] = _details(deployment)
    yield element("result", result)


def _details(deployment: Deployment) -> dict[str, Any]:
    messages = [message_fields(each) for each in deployment.messages]
    return {
        "componentFailures": [each for each in messages if not each["success"]],
        "componentSuccesses": [each for each in messages if each["success"]],
        "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
    }


def _cancel_deploy(services: Services, _user: User, call: Node) -> Iterator[str]:
    deployment = _find(services, call.text("String"))
    services.deployments.cancel(deployment)
    yield element("result", {"done": deployment.done, "id": deployment.id})


def _require_metadata_right(org: Org, user: User) -> None:
    """
    Require for reading the same permission as for deploying (Metadata API guide).
    """
    if not org.permissions.has(user, "ModifyMetadata"):
        raise SalesforceError(
            "INSUFFICIENT_ACCESS",
            "use of the Metadata API requires a user with the ModifyAllData or "
            "ModifyMetadata permissions",
        )


def _read_metadata(services: Services, user: User, call: Node) -> Iterator[str]:
    _require_metadata_right(services.org, user)
    names = [each.content for each in call.all("fullNames")]
    if len(names) > _MAX_READ:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than "
            f"{_MAX_READ} records in this operation",
        )
    kind = call.text("type")
    yield "<result>"
    with services.org.lock:
        for name in names:
            found = read_metadata(services.org, services.components, kind, name)
            if found is None:
                yield '<records xsi:nil="true"/>'
            else:
                yield f'<records xsi:type="{escape(kind)}">{found}</records>'
    yield "</result>"


def _list_metadata(services: Services, _user: User, call: Node) -> Iterator[str]:
    queries = call.all("queries")
    if len(queries) > _MAX_LIST_QUERIES:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT", f"more than {_MAX_LIST_QUERIES} queries"
        )
    with services.org.lock:
        for query in queries:
            for properties in list_metadata(
                services.org, services.components, query.text("type")
            ):
                yield element("result", properties)


def _describe_metadata(_services: Services, _user: User, _call: Node) -> Iterator[str]:
    yield element("result", describe_metadata())


def _retrieve(services: Services, _user: User, call: Node) -> Iterator[str]:
    yield element("result", start_retrieve(services.retrievals, call))


def _check_retrieve_status(
    services: Services, _user: User, call: Node
) -> Iterator[str]:
    yield element("result", retrieve_status(services.retrievals, call))


def _deploy_recent_validation(
    services: Services, user: User, call: Node
) -> Iterator[str]:
    validation_id = call.text("validationId").strip()
    yield element("result", services.deployments.quick(user, validation_id).id)


def _not_emulated(_services: Services, _user: User, call: Node) -> Iterator[str]:
    raise SalesforceError("UNKNOWN_EXCEPTION", f"Not emulated: {call.name}")


_OPERATIONS: Final[dict[str, Callable[[Services, User, Node], Iterator[str]]]] = {
    "cancelDeploy": _cancel_deploy,
    "checkDeployStatus": _check_deploy_status,
    "checkRetrieveStatus": _check_retrieve_status,
    "deploy": _deploy,
    "deployRecentValidation": _deploy_recent_validation,
    "describeMetadata": _describe_metadata,
    "listMetadata": _list_metadata,
    "readMetadata": _read_metadata,
    "retrieve": _retrieve,
}
