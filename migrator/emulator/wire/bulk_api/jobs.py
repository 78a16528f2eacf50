"""
Bulk API 2.0 over HTTP: `/services/data/vNN.0/jobs/ingest` and `/jobs/query`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from migrator.emulator.bulk.ingest import MAX_UPLOAD_BYTES
from migrator.emulator.bulk.refusals import job_error
from migrator.emulator.errors import SalesforceError, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.requests import Request

    from migrator.emulator.bulk.ingest import IngestJobs
    from migrator.emulator.bulk.ingest_job import IngestJob
    from migrator.emulator.bulk.query import QueryJob, QueryJobs
    from migrator.emulator.start.services import Services

__all__ = ["routes"]

_CSV: Final = "text/csv; charset=UTF-8"
_RESULT_KINDS: Final = {
    "successfulResults": "success",
    "failedResults": "failed",
    "unprocessedrecords": "unprocessed",
}
_MULTIPART_CHARS: Final = 100_000
_PAGES_SINCE: Final = 58.0


def routes(services: Services) -> list[Route]:
    """
    Return the routes of both kinds of jobs, each with and without a trailing slash.
    """
    made = []
    for path, methods in (
        *_ingest_handlers(services.ingest).items(),
        *_query_handlers(services.bulk_queries).items(),
    ):
        for method, handler in methods.items():
            for slash in ("", "/"):
                address = f"/services/data/v{{version}}/jobs/{path}{slash}"
                made.append(Route(address, handler, methods=[method]))
    return made


Handlers = dict[str, dict[str, "Callable[[Request], Any]"]]


def _ingest_handlers(jobs: IngestJobs) -> Handlers:  # noqa: C901 - one a method
    async def create(request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return await _create_with_data(jobs, request)
        body = _json_object(await request.body())
        job = await asyncio.to_thread(jobs.create, *_who(request), body)
        return _json(_ingest_head(job) | _ingest_format(job))

    def list_jobs(_request: Request) -> Response:
        return _listing([_ingest_status(job) for job in jobs.all()])

    def status(request: Request) -> Response:
        return _json(_ingest_status(_ingest_job(jobs, request)))

    async def change(request: Request) -> Response:
        job = _ingest_job(jobs, request)
        body = _json_object(await request.body())
        await asyncio.to_thread(jobs.change_state, job, body.get("state"))
        return _json(_ingest_head(job))

    def delete(request: Request) -> Response:
        jobs.delete(_ingest_job(jobs, request))
        return Response(status_code=204)

    async def upload(request: Request) -> Response:
        job = _ingest_job(jobs, request)
        if not request.headers.get("content-type", "").startswith("text/csv"):
            raise SalesforceError(
                "UNSUPPORTED_MEDIA_TYPE",
                "Content type not supported, text/csv is expected",
                status=415,
            )
        jobs.receive(job, await _stored(request, jobs.folder))
        return Response(status_code=201)

    def results(request: Request) -> Response:
        kind = _RESULT_KINDS.get(request.path_params["kind"])
        if kind is None:
            raise not_found()
        body = jobs.results(_ingest_job(jobs, request), kind)
        return StreamingResponse(body, media_type=_CSV)

    return {
        "ingest": {"POST": create, "GET": list_jobs},
        "ingest/{job_id}": {"GET": status, "PATCH": change, "DELETE": delete},
        "ingest/{job_id}/batches": {"PUT": upload},
        "ingest/{job_id}/{kind}": {"GET": results},
    }


async def _create_with_data(jobs: IngestJobs, request: Request) -> Response:
    """
    Create a job with its data in one request, at most 100,000 characters.
    """
    async with request.form() as form:
        part, content = form.get("job"), form.get("content")
        described = await part.read() if isinstance(part, UploadFile) else part
        data = await content.read() if isinstance(content, UploadFile) else content
    if described is None or data is None:
        raise job_error("INVALIDJOB", "InvalidJob : parts job and content are needed")
    body = _json_object(described)
    raw = data.encode() if isinstance(data, str) else data
    if len(raw.decode(errors="replace")) > _MULTIPART_CHARS:
        raise job_error(
            "INVALIDJOB",
            f"InvalidJob : multipart data may have {_MULTIPART_CHARS} characters",
        )
    job = jobs.create(*_who(request), body)
    with tempfile.NamedTemporaryFile(dir=jobs.folder, delete=False) as file:
        file.write(raw)
    jobs.receive(job, Path(file.name))
    jobs.change_state(job, "UploadComplete")
    return _json(_ingest_head(job) | _ingest_format(job))


async def _stored(request: Request, folder: Path) -> Path:
    """
    Store the body in a file of *folder*; refused above the limit of one upload.
    """
    size = 0
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        async for block in request.stream():
            size += len(block)
            if size <= MAX_UPLOAD_BYTES:
                file.write(block)
    path = Path(file.name)
    if size > MAX_UPLOAD_BYTES:
        await asyncio.to_thread(path.unlink)
        raise SalesforceError(
            "REQUEST_ENTITY_TOO_LARGE",
            f"Maximum upload size is {MAX_UPLOAD_BYTES} bytes",
            status=413,
        )
    return path


def _query_handlers(jobs: QueryJobs) -> Handlers:
    async def create(request: Request) -> Response:
        body = _json_object(await request.body())
        job = await asyncio.to_thread(jobs.create, *_who(request), body)
        return _json(_query_head(job))

    def list_jobs(_request: Request) -> Response:
        return _listing([_query_status(job) for job in jobs.all()])

    def status(request: Request) -> Response:
        return _json(_query_status(_query_job(jobs, request)))

    async def change(request: Request) -> Response:
        job = _query_job(jobs, request)
        jobs.abort(job, _json_object(await request.body()).get("state"))
        return _json(_query_head(job))

    def delete(request: Request) -> Response:
        jobs.delete(_query_job(jobs, request))
        return Response(status_code=204)

    def results(request: Request) -> Response:
        job = _query_job(jobs, request)
        page = jobs.page(job, request.query_params.get("locator"), _most(request))
        headers = {
            "Sforce-NumberOfRecords": str(page.records),
            "Sforce-Locator": page.locator,
        }
        return Response(page.body, media_type=_CSV, headers=headers)

    def pages(request: Request) -> Response:
        if float(request.path_params["version"]) < _PAGES_SINCE:
            raise not_found()
        job = _query_job(jobs, request)
        most = _most(request)
        found, after = jobs.page_locators(
            job, request.query_params.get("locator"), most
        )
        base = f"/services/data/v{job.version}/jobs/query/{job.id}"
        size = f"&maxRecords={most}" if most else ""
        return _json(
            {
                "resultPages": [
                    {"resultUrl": f"{base}/results?locator={each}"} for each in found
                ],
                "nextRecordsUrl": after and f"{base}/resultPages?locator={after}{size}",
                "done": after is None,
            }
        )

    return {
        "query": {"POST": create, "GET": list_jobs},
        "query/{job_id}": {"GET": status, "PATCH": change, "DELETE": delete},
        "query/{job_id}/results": {"GET": results},
        "query/{job_id}/resultPages": {"GET": pages},
    }


def _who(request: Request) -> tuple[Any, str]:
    return request.state.user, request.path_params["version"]


def _ingest_job(jobs: IngestJobs, request: Request) -> IngestJob:
    return jobs.get(request.path_params["job_id"], request.path_params["version"])


def _query_job(jobs: QueryJobs, request: Request) -> QueryJob:
    return jobs.get(request.path_params["job_id"], request.path_params["version"])


def _most(request: Request) -> int | None:
    text = request.query_params.get("maxRecords")
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise job_error("INVALIDJOB", f"InvalidJob : maxRecords {text} is not valid")
    return int(text)


def _json_object(body: bytes | str) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise SalesforceError("JSON_PARSER_ERROR", f"Malformed JSON: {error}") from None
    if not isinstance(data, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "A JSON object is expected")
    return data


def _json(data: Mapping[str, Any]) -> Response:
    return JSONResponse(dict(data))


def _listing(records: list[dict[str, Any]]) -> Response:
    return _json({"done": True, "records": records, "nextRecordsUrl": None})


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _head(job: IngestJob | QueryJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object_name,
        "createdById": job.user.id,
        "createdDate": _stamp(job.created),
        "systemModstamp": _stamp(job.modified),
        "state": job.state,
    }


def _ingest_head(job: IngestJob) -> dict[str, Any]:
    external = (
        {"externalIdFieldName": job.external_id_field} if job.external_id_field else {}
    )
    return (
        _head(job)
        | external
        | {
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(job.version),
        }
    )


def _ingest_format(job: IngestJob) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if job.state == "Open":
        address = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
        shown["contentUrl"] = address
    return shown | {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}


def _ingest_status(job: IngestJob) -> dict[str, Any]:
    error = {"errorMessage": job.error_message} if job.error_message else {}
    return (
        _ingest_head(job)
        | {"jobType": "V2Ingest"}
        | _ingest_format(job)
        | {
            "numberRecordsProcessed": job.processed,
            "numberRecordsFailed": job.failed,
            "retries": job.retries,
            "totalProcessingTime": job.total_ms,
            "apiActiveProcessingTime": job.active_ms,
            "apexProcessingTime": 0,
        }
        | error
    )


def _query_head(job: QueryJob) -> dict[str, Any]:
    return _head(job) | {
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }


def _query_status(job: QueryJob) -> dict[str, Any]:
    error = {"errorMessage": job.error_message} if job.error_message else {}
    return (
        _query_head(job)
        | {
            "jobType": "V2Query",
            "numberRecordsProcessed": job.records,
            "retries": 0,
            "totalProcessingTime": job.total_ms,
            "isPkChunkingSupported": job.supports_chunking,
        }
        | error
    )
