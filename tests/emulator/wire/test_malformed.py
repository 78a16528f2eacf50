"""
Requests no client would send: each is answered, in Salesforce's shape, at once.

`make test` sends a few hundred; MALFORMED_REQUESTS=10000 says how many instead.
"""

# ruff: noqa: SIM905 - lists of words are easier to read as text
from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from migrator.emulator.server import OrgSettings, start_org
from tests.emulator.conftest import BASE, TODAY, Caller, add_archive, signed_in
from tests.emulator.wire.watching import Watch, listening

EXAMPLES = int(os.environ.get("MALFORMED_REQUESTS", "400"))
WITHIN_S = 10.0
_UNFORESEEN = "An unexpected error occurred"
_IDS = ("001000000000001AAA", "7505g0000000001AAA", "0Af5g0000000001CAA", "a00", "x")
_PATHS = (
    "/services/data",
    "/services/data/v{word}",
    "/services/oauth2/token",
    "/services/oauth2/userinfo",
    "/services/Soap/m/66.0",
    "/services/Soap/m/{word}",
    "/services/Soap/u/66.0",
    "/services/Soap/u/{word}",
    "/id/{id}/{id}",
    *(
        f"{BASE}/{path}"
        for path in (
            "",
            "{word}",
            "query",
            "queryAll",
            "query/{id}",
            "query/{word}-{word}",
            "sobjects",
            "sobjects/{word}",
            "sobjects/Bill__c",
            "sobjects/Bill__c/{id}",
            "sobjects/Bill__c/Origin_Id__c/{word}",
            "sobjects/Account/{word}/{word}",
            "sobjects/{word}/describe",
            "sobjects/ContentVersion",
            "composite",
            "composite/batch",
            "composite/sobjects",
            "composite/sobjects/Bill__c/{word}",
            "limits/recordCount",
            "tooling/query",
            "jobs/ingest",
            "jobs/ingest/{id}",
            "jobs/ingest/{id}/batches",
            "jobs/ingest/{id}/{word}",
            "jobs/query",
            "jobs/query/{id}/results",
            "metadata/deployRequest",
            "metadata/deployRequest/{id}",
        )
    ),
)
_KEYS = (
    "records attributes type allOrNone Id Name Bill__c Origin_Id__c Amount__c State__c "
    "Customer__r object operation query lineEnding columnDelimiter state "
    "externalIdFieldName compositeRequest batchRequests method url body referenceId "
    "deployOptions deployResult validatedDeployRequestId VersionData PathOnClient"
).split()
_VALUES = (
    "Bill__c Account insert upsert UploadComplete Aborted LF COMMA PATCH GET "
    "@{x.id} 2026-13-45 NaN 1e999 true null"
).split()
_TYPES = (
    "application/json",
    "text/csv",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "nonsense",
)


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request as it goes over the wire.
    """

    method: str
    path: str
    query: str
    kind: str
    body: bytes
    token: bool


_words = st.one_of(
    st.sampled_from(_IDS), st.sampled_from(_VALUES), st.text(max_size=12)
)
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(_VALUES),
)
_json = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(_KEYS), st.text(max_size=6)), inner, max_size=5
        ),
    ),
    max_leaves=12,
)
_soql = st.lists(
    st.one_of(
        st.sampled_from(
            "SELECT Id Name FROM Bill__c Account WHERE ( ) , = != LIKE IN AND OR NOT "
            "ORDER BY LIMIT 1 -1 OFFSET GROUP COUNT() 'x' '% TODAY 2026-01-01 null "
            "FIELDS(ALL) Lines__r Customer__r.Name HAVING SUM(Amount__c) CustomField "
            "EntityDefinition FieldDefinition DurableId COUNT(Id)".split()
        ),
        st.text(max_size=5),
    ),
    max_size=12,
).map(" ".join)
_tags = st.sampled_from(
    "Envelope Body Header deploy ZipFile DeployOptions retrieve request types "
    "queryString queryLocator sObjects sObjectType type Id Name ids fieldList "
    "fieldsToNull externalIDFieldName Amount__c Customer__r username password".split()
)
_xml = st.recursive(
    st.one_of(st.text(max_size=8), st.sampled_from(_VALUES), _soql),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        _tags,
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
# Bodies of the right form with one or more wrong parts: these get furthest in.
_row = st.one_of(
    _json,
    st.fixed_dictionaries(
        {"attributes": st.one_of(st.just({"type": "Bill__c"}), _json)},
        optional=dict.fromkeys(
            ["Id", "Name", "Amount__c", "State__c", "Customer__r", "Paid__c"], _json
        ),
    ),
)
_part = st.fixed_dictionaries(
    {"method": st.one_of(st.sampled_from(["GET", "POST"]), _scalars)},
    optional={
        "url": st.one_of(
            st.sampled_from([f"{BASE}/sobjects/Bill__c", f"{BASE}/query?q=%"]), _json
        ),
        "body": _row,
        "richInput": _json,
        "referenceId": st.one_of(st.sampled_from(["x", "y", "z"]), _json),
    },
)
_records = st.fixed_dictionaries(
    {"records": st.one_of(st.lists(_row, min_size=1, max_size=3), _json)},
    optional={"allOrNone": _json},
)
_several = st.fixed_dictionaries(
    {
        "compositeRequest": st.one_of(st.lists(_part, max_size=3), _json),
        "batchRequests": st.one_of(st.lists(_part, max_size=3), _json),
    },
    optional={"allOrNone": _json, "haltOnError": _json},
)
_job = st.fixed_dictionaries(
    {
        "object": st.one_of(st.just("Bill__c"), _json),
        "operation": st.one_of(st.sampled_from(["insert", "upsert"]), _json),
    },
    optional=dict.fromkeys(
        ["lineEnding", "columnDelimiter", "externalIdFieldName", "contentType"], _json
    ),
)
_question = st.fixed_dictionaries(
    {
        "operation": st.one_of(st.sampled_from(["query", "queryAll"]), _json),
        "query": st.one_of(_soql, _json),
    },
    optional={"lineEnding": _json, "contentType": _json, "columnDelimiter": _json},
)
_change = st.fixed_dictionaries(
    {"state": st.one_of(st.sampled_from(["Aborted", "UploadComplete"]), _json)}
)
_deploy = st.fixed_dictionaries(
    {}, optional={"deployResult": _json, "validatedDeployRequestId": _json}
)
_OPERATIONS = {
    "/services/Soap/m/66.0": (
        "http://soap.sforce.com/2006/04/metadata",
        (
            "deploy retrieve checkDeployStatus checkRetrieveStatus readMetadata "
            "listMetadata cancelDeploy deployRecentValidation nonsense"
        ),
    ),
    "/services/Soap/u/64.0": (
        "urn:partner.soap.sforce.com",
        (
            "login getUserInfo query queryAll queryMore retrieve create update upsert "
            "delete describeGlobal describeSObject describeSObjects nonsense"
        ),
    ),
}


def _envelope(namespace: str, name: str, inside: str) -> str:
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<e:Header><SessionHeader xmlns="{namespace}">'
        "<sessionId>{token}</sessionId></SessionHeader></e:Header><e:Body>"
        f'<{name} xmlns="{namespace}">{inside}</{name}>'
        "</e:Body></e:Envelope>"
    )


_AIMED = (
    ("POST", "composite/sobjects", _records),
    ("PATCH", "composite/sobjects", _records),
    ("PATCH", "composite/sobjects/Bill__c/Origin_Id__c", _records),
    ("POST", "composite", _several),
    ("POST", "composite/batch", _several),
    ("POST", "sobjects/Bill__c", _row),
    ("PATCH", "sobjects/Bill__c/Origin_Id__c/x", _row),
    ("POST", "sobjects/ContentVersion", _row),
    ("POST", "sobjects/PermissionSetAssignment", _row),
    ("POST", "jobs/ingest", _job),
    ("POST", "jobs/query", _question),
    ("PATCH", "jobs/ingest/{job}", _change),
    ("PATCH", "jobs/query/{job}", _change),
    ("POST", "metadata/deployRequest", _deploy),
    ("PATCH", "metadata/deployRequest/{job}", _deploy),
)
_bodies = st.one_of(
    st.binary(max_size=200),
    _json.map(lambda value: json.dumps(value).encode()),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
    _soql.map(lambda text: json.dumps({"query": text, "operation": "query"}).encode()),
    _xml.map(lambda text: text.encode("utf-8", "replace")),
)
_queries = st.one_of(
    st.just(""),
    _soql.map(lambda text: f"q={quote(text, errors='replace')}"),
    st.text(max_size=30).map(lambda text: quote(text, safe="=&%+", errors="replace")),
    _words.map(lambda text: f"maxRecords={quote(text, errors='replace')}&locator=%00"),
)


@st.composite
def _aimed(draw: st.DrawFn) -> Call:
    """A body of the right form where it belongs, with wrong parts."""
    method, path, bodies = draw(st.sampled_from(_AIMED))
    body = json.dumps(draw(bodies)).encode()
    return Call(method, f"{BASE}/{path}", "", "application/json", body, token=True)


@st.composite
def _soap(draw: st.DrawFn) -> Call:
    """An operation with wrong content."""
    path = draw(st.sampled_from(list(_OPERATIONS)))
    namespace, names = _OPERATIONS[path]
    name = draw(st.sampled_from(names.split()))
    body = _envelope(namespace, name, draw(_xml)).encode("utf-8", "replace")
    return Call("POST", path, "", "text/xml", body, token=True)


@st.composite
def _wild(draw: st.DrawFn) -> Call:
    path = draw(st.sampled_from(_PATHS))
    for name in ("{word}", "{id}"):
        while name in path:
            word = quote(draw(_words), safe="", errors="replace")
            path = path.replace(name, word or "-", 1)
    methods = (
        "GET",
        "POST",
        "POST",
        "PATCH",
        "PUT",
        "PATCH",
        "DELETE",
        "HEAD",
        "OPTIONS",
        "NONSENSE",
    )
    return Call(
        draw(st.sampled_from(methods)),
        path,
        draw(_queries),
        draw(st.one_of(st.just("application/json"), st.sampled_from(_TYPES))),
        draw(_bodies),
        draw(st.integers(0, 19)) > 0,
    )


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """What the org's threads touch; compiled modules are not written meanwhile."""
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    found = Watch()
    yield found
    found.active, sys.dont_write_bytecode = False, written


@pytest.fixture(scope="module")
def caller(watch: Watch) -> Iterator[Caller]:
    """A small org with an archive."""
    with start_org(OrgSettings(invoices=3, today=TODAY, api_limit=10**9)) as running:
        found = signed_in(running)
        add_archive(found.org)
        found.http.timeout = httpx.Timeout(WITHIN_S)
        yield found
        found.http.close()
    assert not watch.seen


@given(call=st.one_of(_aimed(), _aimed(), _wild(), _soap()))
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_request_is_answered_in_shape(
    caller: Caller, watch: Watch, call: Call
) -> None:
    """No hang, no crash behind an error, no file touched, errors as the vendor's."""
    headers = {"Content-Type": call.kind}
    if not call.token:
        headers["Authorization"] = "Bearer 00Dx!nobody"
    path = call.path.replace("{job}", _open_job(caller))
    url = f"{caller.running.url}{path}?{call.query}"
    body = call.body.replace(b"{token}", caller.running.token.encode())
    request = caller.http.build_request(call.method, url, content=body, headers=headers)
    answer = caller.http.send(request)
    assert answer.elapsed.total_seconds() < WITHIN_S, call
    assert not watch.seen, (call, watch.seen)
    assert _UNFORESEEN not in answer.text, (call, answer.text)
    if answer.status_code >= 400 and call.method != "HEAD":
        _check_error(answer, call)


def _open_job(caller: Caller) -> str:
    """The id of an ingest job, made where none is open."""
    jobs = caller.running.services.ingest.all()
    known = [each.id for each in jobs if each.state == "Open"]
    if known:
        return known[0]
    body = {"object": "Bill__c", "operation": "insert"}
    return str(caller.http.post(f"{BASE}/jobs/ingest", json=body).json()["id"])


def _check_error(answer: httpx.Response, call: Call) -> None:
    if "/Soap/" in call.path and answer.status_code == 500:
        fault = etree.fromstring(answer.content).findtext(".//faultcode")
        assert fault
        assert fault.startswith("sf:"), (call, answer.text)
        return
    assert answer.status_code != 500, (call, answer.text)
    found: Any = answer.json()
    if "oauth2/token" in call.path and isinstance(found, dict):
        assert set(found) == {"error", "error_description"}
        return
    assert isinstance(found, list), (call, answer.text)
    for entry in found:
        assert {"message", "errorCode"} <= set(entry), (call, answer.text)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_only_the_local_address_is_bound(caller: Caller) -> None:
    """Whatever this process listens on is 127.0.0.1."""
    assert caller.running.url.startswith("http://127.0.0.1:")
    assert listening() == {"0100007F"}


def test_the_watch_notices_files_and_sockets(watch: Watch, tmp_path: Path) -> None:
    """A file written and an address bound by another thread do not pass."""

    def misbehave() -> None:
        (tmp_path / "written").write_text("x")
        (tmp_path / "made").mkdir()
        with socket.socket() as own:
            own.bind(("127.0.0.2", 0))

    thread = threading.Thread(target=misbehave)
    thread.start()
    thread.join()
    noticed = [each.partition(" ")[0] for each in watch.seen]
    watch.seen.clear()
    assert noticed == ["open", "os.mkdir", "socket.bind"]


def test_the_check_notices_a_wrong_shape() -> None:
    """A bare text or a 500 without a body of errors does not pass."""
    call = Call("GET", BASE, "", "", b"", token=True)
    for status, text in ((500, "[]"), (404, '{"detail": "x"}'), (404, '[{"x": 1}]')):
        answer = httpx.Response(status, text=text)
        with pytest.raises(AssertionError):
            _check_error(answer, replace(call))
