"""
sObject rows over REST: read, create, change, delete, also by external id.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from migrator.emulator.errors import SalesforceError, not_found
from migrator.emulator.org.users import User
from migrator.emulator.records.dml import RowResult, apply_rows
from migrator.emulator.schema.describes import View, describe_brief
from migrator.emulator.schema.field_types import Holds
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.schema.schema import FieldDef, ObjectDef
from migrator.emulator.schema.values import parse
from migrator.emulator.start.services import Services
from migrator.emulator.wire.json_text import answer, error_entry, read_json

_BASE = "/services/data/v{version}"
# Found while the request is read: these errors name no fields.
_OF_REQUEST = frozenset({"INVALID_FIELD", "JSON_PARSER_ERROR"})
_CREATED_SINCE = 46
Handler = Callable[[Request, bytes], Response]
_STATUS = {
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": 403,
    "STORAGE_LIMIT_EXCEEDED": 403,
    "ENTITY_IS_DELETED": 404,
}


def routes(services: Services) -> list[BaseRoute]:
    """
    Return the row resources of an org.
    """
    found: list[BaseRoute] = []
    for tail, methods in handlers(services).items():
        path = f"{_BASE}{tail}"
        found += _by_method(path, methods)
        if "{key}" not in path:
            found += _by_method(f"{path}/", methods)
    return found


def handlers(services: Services) -> dict[str, dict[str, Handler]]:
    """
    Return the handlers of rows, by the path behind the version and by method.
    """
    rows = Rows(services)
    return {
        "/sobjects/{name}": {"GET": rows.basic, "POST": rows.create},
        "/sobjects/{name}/{id}": {
            "GET": rows.read,
            "PATCH": rows.change,
            "DELETE": rows.delete,
        },
        "/sobjects/{name}/{key}/{value:path}": {
            "GET": rows.read_by_key,
            "PATCH": rows.upsert,
            "DELETE": rows.delete_by_key,
        },
    }


def _by_method(path: str, methods: dict[str, Any]) -> list[Route]:
    """
    Make one route that dispatches, so that a wrong method is told all the right ones.
    """

    async def dispatch(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            body = await _multipart_row(request)
        else:
            body = await request.body()
        response: Response = await run_in_threadpool(methods[method], request, body)
        return response

    return [Route(path, dispatch, methods=list(methods))]


async def _multipart_row(request: Request) -> bytes:
    """
    Read the JSON row of a multipart body, its binary parts as base64 under their names.

    REST guide, "Insert or Update Blob Data"; the parts come in any order.
    """
    row: dict[str, Any] | None = None
    blobs: dict[str, str] = {}
    async with request.form() as form:
        for name, part in form.multi_items():
            data = await part.read() if isinstance(part, UploadFile) else part.encode()
            if isinstance(part, UploadFile) and part.filename:
                blobs[name] = base64.b64encode(data).decode()
            else:
                found = read_json(data)
                row = found if isinstance(found, dict) else None
    if row is None:
        raise SalesforceError(
            "INVALID_MULTIPART_REQUEST", "The part with the record's JSON is missing"
        )
    request.state.is_multipart = True
    return json.dumps(row | blobs, default=str).encode()


class Rows:
    """
    The handlers; each gets the request and its body.
    """

    def __init__(self, services: Services) -> None:
        self._org = services.org
        self._queries = services.queries

    def _object(self, request: Request) -> ObjectDef:
        definition = self._org.schema.get(request.path_params["name"])
        user = request.state.user
        permissions = self._org.permissions
        if definition is None or not permissions.may_use(user, definition, "read"):
            raise not_found()
        return definition

    def basic(self, request: Request, _body: bytes) -> Response:
        """
        Answer with the object's brief describe and its recent items (none are kept).
        """
        with self._org.lock:
            definition = self._object(request)
            permissions, user = self._org.permissions, request.state.user
            view = View(
                version=request.path_params["version"],
                may_read=lambda owner, field: permissions.may_read(user, owner, field),
                may_create=lambda *_: False,
                may_update=lambda *_: False,
                may_use=lambda owner, action: permissions.may_use(user, owner, action),
            )
            brief = describe_brief(definition, view)
        return answer({"objectDescribe": brief, "recentItems": []})

    def create(self, request: Request, body: bytes) -> Response:
        """
        Insert one record: 201 with its id.
        """
        row = _json_object(request, body)
        definition = self._object(request)
        result = self._apply(request, "insert", definition.name, row)
        return _written(result, 201)

    def read(self, request: Request, _body: bytes) -> Response:
        """
        Answer with one record by id, all visible fields or those in `fields=`.
        """
        definition = self._object(request)
        return self._shown(request, definition, request.path_params["id"])

    def change(self, request: Request, body: bytes) -> Response:
        """
        Update one record: 204.
        """
        row = _json_object(request, body)
        if any(name.lower() == "id" for name in row):
            raise SalesforceError(
                "INVALID_FIELD",
                "The Id field should not be specified in the sobject data.",
                fields=("Id",),
            )
        definition = self._object(request)
        record_id = self._known_id(definition, request.path_params["id"])
        self._apply(request, "update", definition.name, row | {"Id": record_id})
        return Response(status_code=204)

    def delete(self, request: Request, _body: bytes) -> Response:
        """
        Delete one record: 204.
        """
        definition = self._object(request)
        record_id = self._known_id(definition, request.path_params["id"])
        self._apply(request, "delete", definition.name, {"Id": record_id})
        return Response(status_code=204)

    def read_by_key(self, request: Request, _body: bytes) -> Response:
        """
        Answer with one record by external id; 300 with addresses when several match.
        """
        definition = self._object(request)
        blob = definition.find(request.path_params["value"])
        if blob and blob.holds is Holds.BYTES and is_id(request.path_params["key"]):
            return self._bytes(request, definition, blob)
        found = self._by_key(request, definition)
        if not found:
            raise not_found()
        if len(found) > 1:
            return _ambiguous(request, definition, found)
        return self._shown(request, definition, found[0])

    def _bytes(
        self, request: Request, definition: ObjectDef, blob: FieldDef
    ) -> Response:
        """
        Answer with the content of a binary field.
        """
        record_id = self._known_id(definition, request.path_params["key"])
        with self._org.lock:
            row = self._org.store.get(definition.name, record_id)
        text = row.get(blob.name) if row else None
        if text is None:
            raise not_found()
        data = base64.b64decode(str(text))
        return Response(data, media_type="application/octetstream")

    def upsert(self, request: Request, body: bytes) -> Response:
        """
        Insert or update by external id: 201 when created, else 200.
        """
        row = _json_object(request, body)
        definition = self._object(request)
        key = self._key(request, definition)
        found = self._by_key(request, definition)
        if len(found) > 1:
            return _ambiguous(request, definition, found)
        if any(name.lower() == key.name.lower() for name in row):
            raise SalesforceError(
                "INVALID_FIELD",
                f"The {key.name} field should not be specified in the sobject data.",
                fields=(key.name,),
            )
        row = row | {key.name: request.path_params["value"]}
        result = self._apply(request, "upsert", definition.name, row, key.name)
        status = 201 if result.created else 200
        if float(request.path_params["version"]) < _CREATED_SINCE:
            if not result.created:
                return Response(status_code=204)
            return _written(result, status)
        return _written(result, status, created=result.created)

    def delete_by_key(self, request: Request, _body: bytes) -> Response:
        """
        Delete one record by external id: 204.
        """
        definition = self._object(request)
        found = self._by_key(request, definition)
        if not found:
            raise not_found()
        if len(found) > 1:
            return _ambiguous(request, definition, found)
        self._apply(request, "delete", definition.name, {"Id": found[0]})
        return Response(status_code=204)

    def _known_id(self, definition: ObjectDef, given: str) -> str:
        """
        Return the 18-character id of an existing record; raises NOT_FOUND.
        """
        if not is_id(given) or given[:3] != definition.key_prefix:
            raise _no_record(given)
        record_id = to_18(given)
        with self._org.lock:
            deleted = self._org.store.is_deleted(definition.name, record_id)
        if deleted is None:
            raise _no_record(given)
        if deleted:
            raise RowRefused(
                (SalesforceError("ENTITY_IS_DELETED", "entity is deleted"),)
            )
        return record_id

    def _key(self, request: Request, definition: ObjectDef) -> FieldDef:
        name = request.path_params["key"]
        field = definition.find(name)
        visible = field and self._org.permissions.may_read(
            request.state.user, definition, field
        )
        if field is None or not visible or not (field.external_id or field.id_lookup):
            raise SalesforceError(
                "NOT_FOUND",
                "Provided external ID field does not exist or is not accessible: "
                f"{name}",
                status=404,
            )
        return field

    def _by_key(self, request: Request, definition: ObjectDef) -> list[str]:
        field = self._key(request, definition)
        value = parse(field, request.path_params["value"])
        with self._org.lock:
            pairs = self._org.store.find_ids(definition.name, field.name, [value])
        return [record_id for record_id, _ in pairs]

    def _apply(
        self,
        request: Request,
        operation: str,
        name: str,
        row: dict[str, Any],
        key: str | None = None,
    ) -> RowResult:
        user: User = request.state.user
        result = apply_rows(self._org, user, operation, name, [row], key)[0]
        if not result.success:
            definition = self._object(request)
            raise RowRefused(
                tuple(_as_parser_error(definition, each) for each in result.errors)
            )
        return result

    def _shown(self, request: Request, definition: ObjectDef, given: str) -> Response:
        if not is_id(given):
            raise _no_record(given)
        names = request.query_params.get("fields")
        if names is None:
            listed = [
                each.name
                for each in definition.fields
                if each.is_stored
                and self._org.permissions.may_read(request.state.user, definition, each)
            ]
        else:
            listed = [name.strip() for name in names.split(",") if name.strip()]
        text = (
            f"SELECT {', '.join(listed)} FROM {definition.name} "
            f"WHERE Id = '{to_18(given)}'"
        )
        result = self._queries.run(request.state.user, text)
        version = request.path_params["version"]
        records = list(result.json_records(version=version))
        if not records:
            raise _no_record(given)
        return answer(records[0])


class RowRefused(SalesforceError):
    """
    The errors of one row, all listed in the answer.
    """

    def __init__(self, errors: tuple[SalesforceError, ...]) -> None:
        first = errors[0]
        super().__init__(
            first.code,
            first.message,
            status=_STATUS.get(first.code, 400),
            fields=first.fields,
        )
        self.errors = errors


def _as_parser_error(definition: ObjectDef, error: SalesforceError) -> SalesforceError:
    """
    Make a value of the wrong type the JSON parser's matter, as this resource does.
    """
    if error.code != "INVALID_TYPE_ON_FIELD_IN_RECORD":
        return error
    field = definition.find(error.fields[0])
    kind = field.type if field else "string"
    value = error.message.rpartition(": ")[2]
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from VALUE_STRING value {value} or "
        "request may be missing a required field at [line:1, column:1]",
    )


def _no_record(given: str) -> SalesforceError:
    return SalesforceError(
        "NOT_FOUND",
        f"Provided external ID field does not exist or is not accessible: {given}",
        status=404,
    )


def _json_object(request: Request, body: bytes) -> dict[str, Any]:
    """
    Read the JSON object in a body; another content type is refused with 415.
    """
    check_json(request)
    data = read_json(body)
    if not isinstance(data, dict):
        raise SalesforceError(
            "JSON_PARSER_ERROR",
            "The value you've provided is not a JSON object at [line:1, column:1]",
        )
    return data


def check_json(request: Request) -> None:
    """
    Refuse a body that is not JSON (415).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if getattr(request.state, "is_multipart", False):
        return
    if kind != "application/json":
        raise SalesforceError(
            "UNSUPPORTED_MEDIA_TYPE",
            f"Content type '{kind}' is not supported for this resource",
            status=415,
        )


def _written(result: RowResult, status: int, **more: bool) -> Response:
    body: dict[str, Any] = {"id": result.id, "success": True, "errors": []}
    return answer(body | more, status)


def _ambiguous(request: Request, definition: ObjectDef, found: list[str]) -> Response:
    base = f"/services/data/v{request.path_params['version']}/sobjects/"
    return answer([f"{base}{definition.name}/{each}" for each in found], 300)


def refused_entries(error: SalesforceError) -> list[dict[str, Any]]:
    """
    List all errors of a refused row, or the one error.
    """
    if not isinstance(error, RowRefused):
        return [error_entry(error)]
    return [
        error_entry(each, of_row=each.code not in _OF_REQUEST) for each in error.errors
    ]
