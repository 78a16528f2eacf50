"""
The partner SOAP API: `/services/Soap/u/NN.0`, with or without a tail.

Thirteen operations over the same engine as REST; elements stand in the order of the
partner WSDL, errors of a whole call are faults with their own element in the detail
(SOAP API Developer Guide, "API Fault Element").
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import Route

from migrator.emulator.errors import SalesforceError, not_emulated
from migrator.emulator.metadata.xml_tree import escape
from migrator.emulator.records.dml import MOST_AT_ONCE, apply_mixed, delete_rows
from migrator.emulator.schema.describes import describe_brief, describe_object
from migrator.emulator.schema.ids import is_id, to_18
from migrator.emulator.soql.scope import no_such_column, not_supported
from migrator.emulator.wire.soap.envelope import (
    answered,
    check_version,
    element,
    read_envelope,
)
from migrator.emulator.wire.soap.partner_describe import (
    describe_global_result,
    describe_result,
)
from migrator.emulator.wire.soap.partner_rows import (
    query_result,
    read_sobject,
    record_element,
    save_result,
)
from migrator.emulator.wire.soap.partner_session import PartnerCall, login, user_info
from migrator.emulator.wire.views import view_of, visible_object

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from migrator.emulator.org.org import Org
    from migrator.emulator.start.services import Services

PARTNER_NS: Final = "urn:partner.soap.sforce.com"
_SOBJECT_NS: Final = "urn:sobject.partner.soap.sforce.com"
_FAULT_NS: Final = "urn:fault.partner.soap.sforce.com"
_OLDEST: Final = 31
_PAGE, _SMALLEST, _LARGEST = 500, 200, 2_000
_MOST_DESCRIBES, _MOST_RETRIEVED = 100, 2_000
_PLACE = re.compile(r"Row:(\d+):Column:(\d+)")
_DETAILS: Final = {
    "INVALID_FIELD": "InvalidFieldFault",
    "INVALID_LOGIN": "LoginFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "MALFORMED_ID": "InvalidIdFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
}
_WITH_PLACE: Final = frozenset(
    {"InvalidFieldFault", "InvalidSObjectFault", "MalformedQueryFault"}
)


def routes(services: Services) -> list[Route]:
    """
    Return the routes of the partner API.
    """

    async def call(request: Request) -> Response:
        body = await request.body()
        return await asyncio.to_thread(_answer, services, request, body)

    base = "/services/Soap/u/{version}"
    return [
        Route(base, call, methods=["POST"]),
        Route(f"{base}/{{tail:path}}", call, methods=["POST"]),
        # The other SOAP APIs: their clients want a fault, too.
        Route("/services/Soap/{tail:path}", _absent, methods=["POST"]),
    ]


def _absent(request: Request) -> Response:
    return _fault(not_emulated(request.url.path))


def _answer(services: Services, request: Request, body: bytes) -> Response:
    org = services.org
    version = request.path_params["version"]
    base = str(request.base_url).rstrip("/")
    try:
        check_version(version, _OLDEST, org.settings.max_version)
        soap = read_envelope(body, PARTNER_NS)
        name = soap.operation.name
        if name == "login":
            return _envelope(name, login(org, soap, version, base))
        user = soap.sign_in(org)
        call = PartnerCall(services=services, user=user, version=version, soap=soap)
        result = _OPERATIONS.get(name, _not_emulated)(call)
    except SalesforceError as error:
        return _fault(error)
    return _envelope(name, result, header=_limit_info(org))


def _envelope(operation: str, result: str, *, header: str = "") -> Response:
    name = f"{operation}Response"
    namespaces = (
        f'xmlns="{PARTNER_NS}" xmlns:sf="{_SOBJECT_NS}" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    )
    return answered(namespaces, f"<{name}>{result}</{name}>", header=header)


def _limit_info(org: Org) -> str:
    info = {
        "current": org.limits.used_calls,
        "limit": org.limits.api_limit,
        "type": "API REQUESTS",
    }
    return element("LimitInfoHeader", {"limitInfo": info})


def _fault(error: SalesforceError) -> Response:
    """
    Make a fault; its detail is the element that the WSDL has for the exception.
    """
    code, message = escape(error.code), escape(error.message)
    kind = _DETAILS.get(error.code, "UnexpectedErrorFault")
    found = _PLACE.search(error.message)
    row, column = found.groups() if found else ("-1", "-1")
    place = f"<sf:row>{row}</sf:row><sf:column>{column}</sf:column>"
    content = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode>"
        f"<faultstring>{code}: {message}</faultstring>"
        f'<detail><sf:{kind} xsi:type="sf:{kind}">'
        f"<sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage>"
        f"{place if kind in _WITH_PLACE else ''}</sf:{kind}></detail></soapenv:Fault>"
    )
    return answered(f'xmlns:sf="{_FAULT_NS}"', content, status=500)


def _get_user_info(call: PartnerCall) -> str:
    return element("result", user_info(call.org, call.user, call.number))


def _get_server_timestamp(call: PartnerCall) -> str:
    return element("result", {"timestamp": call.org.clock.stamp()})


def _describe_global(call: PartnerCall) -> str:
    with call.org.lock:
        view = view_of(call.org, call.user, call.version)
        briefs = [
            describe_brief(each, view)
            for each in call.org.schema
            if view.may_use(each, "read")
        ]
    return f"<result>{describe_global_result(briefs, call.number)}</result>"


def _describe_sobject(call: PartnerCall) -> str:
    return _described(call, call.text("sObjectType"))


def _describe_sobjects(call: PartnerCall) -> str:
    names = call.texts("sObjectType")
    _at_most(names, _MOST_DESCRIBES)
    return "".join(_described(call, name) for name in names)


def _described(call: PartnerCall, name: str) -> str:
    with call.org.lock:
        try:
            definition = visible_object(call.org, call.user, name)
        except SalesforceError:
            raise SalesforceError("INVALID_TYPE", not_supported(name)) from None
        view = view_of(call.org, call.user, call.version)
        found = describe_object(call.org.schema, definition, view)
    return f"<result>{describe_result(found, call.number)}</result>"


def _query(call: PartnerCall, *, include_deleted: bool = False) -> str:
    text = call.text("queryString")
    result = call.services.queries.run(call.user, text, include_deleted=include_deleted)
    size = _page_size(call)
    locator = ""
    if result.total_size > size and not result.features.count_only:
        key = call.services.cursors.open(result, size)
        locator = f"{key}-{size}"
    page = query_result(result, 0, size, locator, call.version)
    return f'<result xsi:type="QueryResult">{page}</result>'


def _query_all(call: PartnerCall) -> str:
    return _query(call, include_deleted=True)


def _query_more(call: PartnerCall) -> str:
    locator = call.text("queryLocator")
    key, result, start, size = call.services.cursors.at(locator)
    end = start + size
    more = f"{key}-{end}" if end < result.total_size else ""
    page = query_result(result, start, size, more, call.version)
    return f'<result xsi:type="QueryResult">{page}</result>'


def _page_size(call: PartnerCall) -> int:
    """
    Choose 500 records, or what the header QueryOptions asks for (200 to 2,000).
    """
    wanted = call.soap.option("QueryOptions", "batchSize")
    number = int(wanted) if wanted.isdecimal() else _PAGE
    return min(max(number, _SMALLEST), _LARGEST)


def _retrieve(call: PartnerCall) -> str:
    """
    Write one record for each id, nil for those that are not there.
    """
    ids = call.texts("ids")
    _at_most(ids, _MOST_RETRIEVED)
    for each in ids:
        if not is_id(each):
            raise SalesforceError("MALFORMED_ID", f"malformed id {each}")
    wanted = ", ".join(f"'{to_18(each)}'" for each in ids) or "''"
    soql = (
        f"SELECT Id, {call.text('fieldList')} FROM {call.text('sObjectType')} "
        f"WHERE Id IN ({wanted})"
    )
    if re.match(r"\s*Id\s*(,|$)", call.text("fieldList"), re.IGNORECASE):
        soql = soql.replace("SELECT Id, ", "SELECT ", 1)
    result = call.services.queries.run(call.user, soql)
    found = {each["Id"]: each for each in result.json_records(version=call.version)}
    records = (found.get(to_18(each)) for each in ids)
    return "".join(record_element("result", each, frozenset()) for each in records)


def _create(call: PartnerCall) -> str:
    return _written(call, "insert")


def _update(call: PartnerCall) -> str:
    return _written(call, "update")


def _upsert(call: PartnerCall) -> str:
    return _written(call, "upsert", call.text("externalIDFieldName"))


def _written(call: PartnerCall, operation: str, key: str | None = None) -> str:
    nodes = call.soap.operation.all("sObjects")
    _at_most(nodes, MOST_AT_ONCE)
    rows = [read_sobject(each) for each in nodes]
    for name, row in rows:
        _refuse_unknown(call, name, row)
    results = apply_mixed(
        call.org,
        call.user,
        operation,
        rows,
        key,
        all_or_none=call.is_all_or_none,
    )
    is_upsert = operation == "upsert"
    return "".join(save_result(each, upsert=is_upsert) for each in results)


def _refuse_unknown(call: PartnerCall, name: str, row: dict[str, Any]) -> None:
    """
    Refuse a field nobody knows as the whole call's fault, not its row's [K].
    """
    definition = call.org.schema.get(name)
    for field_name, value in row.items() if definition else ():
        assert definition is not None
        field = definition.find(field_name)
        permissions = call.org.permissions
        seen = field and permissions.may_read(call.user, definition, field)
        if not seen and not isinstance(value, dict):
            raise SalesforceError("INVALID_FIELD", no_such_column(field_name, name))


def _delete(call: PartnerCall) -> str:
    ids = call.texts("ids")
    _at_most(ids, MOST_AT_ONCE)
    done = delete_rows(call.org, call.user, ids, all_or_none=call.is_all_or_none)
    return "".join(map(save_result, done))


def _at_most(given: Sequence[object], most: int) -> None:
    if len(given) > most:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records into this "
            "call",
        )


def _not_emulated(call: PartnerCall) -> str:
    raise not_emulated(call.soap.operation.name)


_OPERATIONS: Final[dict[str, Callable[[PartnerCall], str]]] = {
    "create": _create,
    "delete": _delete,
    "describeGlobal": _describe_global,
    "describeSObject": _describe_sobject,
    "describeSObjects": _describe_sobjects,
    "getServerTimestamp": _get_server_timestamp,
    "getUserInfo": _get_user_info,
    "query": _query,
    "queryAll": _query_all,
    "queryMore": _query_more,
    "retrieve": _retrieve,
    "update": _update,
    "upsert": _upsert,
}
