"""
REST resources around the rows: versions, identity, sign-in, limits, refusals.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.emulator.conftest import BASE, Caller, error_of, signed_in


def test_versions_need_no_token(shared_org: Caller) -> None:
    """The offered versions come without sign-in, the newest last."""
    answer = httpx.get(f"{shared_org.running.url}/services/data/")
    assert answer.status_code == 200
    assert answer.json()[-1] == {
        "label": "Spring '26",
        "url": "/services/data/v66.0",
        "version": "66.0",
    }
    assert answer.json()[0]["version"] == "60.0"


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_missing_or_wrong_token_is_refused(
    shared_org: Caller, token: str | None
) -> None:
    """401 with the one sentence every client knows."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.get(f"{shared_org.running.url}{BASE}/limits", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_version_not_offered_is_not_found(shared_org: Caller) -> None:
    """A version from the future is 404, a retired one 410 GONE."""
    future = shared_org.http.get("/services/data/v99.0/limits")
    retired = shared_org.http.get("/services/data/v29.0/limits")
    assert (future.status_code, error_of(future)[0]) == (404, "NOT_FOUND")
    assert (retired.status_code, error_of(retired)[0]) == (410, "GONE")


def test_identity_names_user_and_org(shared_org: Caller) -> None:
    """Userinfo, the resource list and the identity URL tell one story."""
    info = shared_org.http.get("/services/oauth2/userinfo").json()
    resources = shared_org.http.get(BASE).json()
    identity = httpx.get(
        resources["identity"],
        headers={"Authorization": f"Bearer {shared_org.running.token}"},
    ).json()
    assert info["organization_id"] == shared_org.org.id
    assert info["preferred_username"] == "admin@example.org"
    assert identity["user_id"] == info["user_id"]


def test_each_reply_tells_the_api_usage(running_org: Callable[..., Caller]) -> None:
    """Sforce-Limit-Info counts the calls; beyond the quota comes 403."""
    caller = running_org(api_limit=2)
    first = caller.http.get(f"{BASE}/limits")
    second = caller.http.get(f"{BASE}/limits")
    third = caller.http.get(f"{BASE}/limits")
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/2"
    assert second.json()["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    assert third.status_code == 403
    assert error_of(third) == (
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    )


def test_large_replies_are_compressed_when_accepted(shared_org: Caller) -> None:
    """Gzip on request, plain otherwise."""
    address = f"{BASE}/sobjects/Account/describe"
    packed = shared_org.http.get(address)
    plain = shared_org.http.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_wrong_method_type_and_body_are_told_apart(shared_org: Caller) -> None:
    """405, 415 and JSON_PARSER_ERROR in Salesforce's shape."""
    address = f"{BASE}/sobjects/Account"
    method = shared_org.http.put(address, json={})
    kind = shared_org.http.post(address, content="Name=x")
    body = shared_org.http.post(
        address, content="{", headers={"Content-Type": "application/json"}
    )
    found = [(each.status_code, error_of(each)[0]) for each in (method, kind, body)]
    assert found == [
        (405, "METHOD_NOT_ALLOWED"),
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        (400, "JSON_PARSER_ERROR"),
    ]


def test_what_is_absent_is_refused_loudly(shared_org: Caller) -> None:
    """A resource that is not emulated says so, an unknown one is not found."""
    absent = shared_org.http.post(f"{BASE}/composite/graph", json={})
    unknown = shared_org.http.get(f"{BASE}/nonsense")
    assert absent.status_code == 501
    assert "Not emulated" in error_of(absent)[1]
    assert (unknown.status_code, error_of(unknown)[0]) == (404, "NOT_FOUND")


def test_two_slashes_count_as_one(shared_org: Caller) -> None:
    """As for clients whose instance URL ends with a slash."""
    url = f"{shared_org.running.url}/{BASE}/limits"
    assert "DataStorageMB" in shared_org.http.get(url).json()


def test_bulk_api_one_is_refused_in_its_own_shape(shared_org: Caller) -> None:
    """XML or JSON, with an exception code; no silent 404."""
    address = "/services/async/66.0/job"
    told = shared_org.http.post(address, content="<jobInfo/>")
    assert told.status_code == 400
    assert "<exceptionCode>FeatureNotEnabled</exceptionCode>" in told.text
    told = shared_org.http.post(address, json={"operation": "insert"})
    assert told.json()["exceptionCode"] == "FeatureNotEnabled"
    assert "Bulk API 1.0" in told.json()["exceptionMessage"]


def test_record_counts_ignore_sharing(running_org: Callable[..., Caller]) -> None:
    """limits/recordCount counts the table; COUNT() what the user sees."""
    caller = running_org(invoices=20)
    hide_all = '"SobjectType" = ?'
    store = caller.org.store
    row = next(store.select("ObjectPermissions", hide_all, ["ONB2__Invoice__c"]))
    caller.http.patch(
        f"{BASE}/sobjects/ObjectPermissions/{row['Id']}",
        json={"PermissionsViewAllRecords": False},
    ).raise_for_status()
    counted = caller.http.get(
        f"{BASE}/limits/recordCount", params={"sObjects": "ONB2__Invoice__c"}
    ).json()
    seen = caller.query("SELECT COUNT() FROM ONB2__Invoice__c")["totalSize"]
    assert counted == {"sObjects": [{"count": 20, "name": "ONB2__Invoice__c"}]}
    assert seen == 12


def test_password_grant_signs_another_user_in(shared_org: Caller) -> None:
    """A second user gets his own token; an unknown one the OAuth error."""
    address = f"{shared_org.running.url}/services/oauth2/token"
    form = {"grant_type": "password", "username": "user1@example.org"}
    token = httpx.post(address, data=form).json()["access_token"]
    other = signed_in(shared_org.running, token)
    name = other.http.get("/services/oauth2/userinfo").json()["preferred_username"]
    other.http.close()
    refused = httpx.post(address, data=form | {"username": "nobody@example.org"})
    assert name == "user1@example.org"
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_grant"


class _PlainAdapter(requests.adapters.HTTPAdapter):
    """Sends what a client addresses to https:// over http:// instead."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def test_simple_salesforce_works_against_it(running_org: Callable[..., Caller]) -> None:
    """The real client describes, queries, creates and gets the vendor's errors."""
    caller = running_org()
    with requests.Session() as session:
        session.mount("https://", _PlainAdapter())
        client: Any = Salesforce(
            instance_url=caller.running.url.replace("http://", "https://"),
            session_id=caller.running.token,
            session=session,
            version="66.0",
        )
        described = client.ONB2__Invoice__c.describe()
        made = client.Account.create({"Name": "Muster AG"})
        found = client.query_all("SELECT Name FROM Account WHERE Name = 'muster ag'")
        with pytest.raises(SalesforceMalformedRequest) as refused:
            client.Account.create({"Nonsense": 1})
        assert len(described["fields"][0]) == 57
        assert made["success"]
        assert found["records"][0]["Name"] == "Muster AG"
        content: Any = refused.value.content
        assert content[0]["errorCode"] == "INVALID_FIELD"


_SERVE = """
from migrator.emulator.server import OrgSettings, serve
serve(OrgSettings(invoices=1, end_with_stdin=True, idle_minutes=%s))
"""


@pytest.mark.parametrize("ending", ["stdin", "signal", "idle"])
def test_serving_ends_by_itself(ending: str) -> None:
    """The foreground server says where it is; it ends with stdin, SIGTERM, idleness."""
    minutes = 0.01 if ending == "idle" else 60
    command = [sys.executable, "-c", _SERVE % minutes]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        url = process.stdout.readline().strip().removeprefix("URL=")
        token = process.stdout.readline().strip().removeprefix("TOKEN=")
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{url}{BASE}/limits", headers=headers).status_code == 200
        if ending == "stdin":
            process.stdin.close()
        elif ending == "signal":
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
