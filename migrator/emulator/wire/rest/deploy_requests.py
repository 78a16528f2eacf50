"""
The Metadata API's REST resource: `/services/data/vNN.0/metadata/deployRequest`.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from migrator.emulator.errors import SalesforceError
from migrator.emulator.metadata.deployment import DeployOptions
from migrator.emulator.wire.deploy_result import (
    OPTION_NAMES,
    message_fields,
    result_fields,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from migrator.emulator.metadata.deployment import Deployment
    from migrator.emulator.start.services import Services

__all__ = ["routes"]

_IGNORED: Final = frozenset({"runTests", "testLevel"})


def routes(services: Services) -> list[Route]:
    """
    Return the routes of deployRequest.
    """
    deployments = services.deployments

    async def start(request: Request) -> Response:
        validation_id = await _validation_id(request)
        if validation_id is not None:
            deployment = deployments.quick(request.state.user, validation_id)
            body = _summary(deployment) | {"validatedDeployRequestId": validation_id}
            return JSONResponse(body, status_code=201)
        options, data = await _parts(request)
        deployment = await asyncio.to_thread(
            deployments.start, request.state.user, data, options
        )
        body = _summary(deployment) | {"deployOptions": _options_json(options)}
        return JSONResponse(body, status_code=201)

    def status(request: Request) -> Response:
        deployment = deployments.get(request.path_params["deployment_id"])
        wanted = request.query_params.get("includeDetails", "").lower() == "true"
        result = result_fields(deployment)
        if wanted:
            result["details"] = _details(deployment)
        return JSONResponse(
            {
                "id": deployment.id,
                "url": str(request.url.replace(query="")),
                "deployResult": result,
            }
        )

    async def change(request: Request) -> Response:
        deployment = deployments.get(request.path_params["deployment_id"])
        body = _json_object(await request.body())
        wanted = body.get("deployResult")
        if not isinstance(wanted, dict) or wanted.get("status") != "Canceling":
            raise SalesforceError(
                "INVALID_STATUS", "deployResult.status must be Canceling"
            )
        deployments.cancel(deployment)
        return JSONResponse(_summary(deployment), status_code=202)

    base = "/services/data/v{version}/metadata/deployRequest"
    one = f"{base}/{{deployment_id}}"
    return [
        Route(base, start, methods=["POST"]),
        Route(f"{base}/", start, methods=["POST"]),
        Route(one, status, methods=["GET"]),
        Route(one, change, methods=["PATCH"]),
    ]


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def _validation_id(request: Request) -> str | None:
    """
    Read the validation that a quick deploy names, None for other requests.
    """
    if _is_multipart(request):
        return None
    body = await request.body()
    if b"validatedDeployRequestId" not in body:
        return None
    return str(_json_object(body).get("validatedDeployRequestId"))


async def _parts(request: Request) -> tuple[DeployOptions, bytes]:
    """
    Read the options and the zip of a multipart body, in any order.
    """
    if not _is_multipart(request):
        raise SalesforceError(
            "UNSUPPORTED_MEDIA_TYPE", "multipart/form-data is expected", status=415
        )
    async with request.form() as form:
        # The guide calls the part `json`; the sf CLI sends `entity_content`.
        options = form.get("json") or form.get("entity_content")
        file = form.get("file")
        text = await options.read() if isinstance(options, UploadFile) else options
        if text is None or not isinstance(file, UploadFile):
            raise SalesforceError(
                "INVALID_MULTIPART_REQUEST", "The parts json and file are required"
            )
        return _read_options(_json_object(text)), await file.read()


def _read_options(body: dict[str, Any]) -> DeployOptions:
    given = body.get("deployOptions")
    if not isinstance(given, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "deployOptions is missing")
    unknown = sorted(set(given) - set(OPTION_NAMES) - _IGNORED)
    if unknown:
        raise SalesforceError(
            "JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" in DeployOptions'
        )
    flags = {
        attribute: given.get(name) is True for name, attribute in OPTION_NAMES.items()
    }
    return DeployOptions(**flags, test_level=str(given.get("testLevel") or ""))


def _json_object(body: bytes | str) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise SalesforceError("JSON_PARSER_ERROR", f"Malformed JSON: {error}") from None
    if not isinstance(data, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "A JSON object is expected")
    return data


def _options_json(options: DeployOptions) -> dict[str, Any]:
    flags: dict[str, Any] = {
        name: getattr(options, attribute) for name, attribute in OPTION_NAMES.items()
    }
    return flags | {"testLevel": options.test_level or None, "runTests": None}


def _summary(deployment: Deployment) -> dict[str, Any]:
    options = deployment.options
    return {
        "id": deployment.id,
        "validatedDeployRequestId": None,
        "deployResult": {
            "id": deployment.id,
            "success": deployment.success,
            "checkOnly": options.check_only,
            "ignoreWarnings": options.ignore_warnings,
            "rollbackOnError": options.rollback_on_error,
            "status": deployment.status,
            "runTestsEnabled": False,
            "done": deployment.done,
        },
    }


def _details(deployment: Deployment) -> dict[str, Any]:
    messages = [message_fields(each) for each in deployment.messages]
    return {
        "allComponentMessages": messages,
        "componentFailures": [each for each in messages if not each["success"]],
        "componentSuccesses": [each for each in messages if each["success"]],
        "retrieveResult": None,
        "runTestResult": {
            "apexLogId": "",
            "codeCoverage": [],
            "codeCoverageWarnings": [],
            "failures": [],
            "flowCoverage": [],
            "flowCoverageWarnings": [],
            "numFailures": 0,
            "numTestsRun": 0,
            "successes": [],
            "totalTime": 0.0,
        },
    }
