"""
The recordings of real orgs, and for each the request that gives the same answer here.
"""

# ruff: noqa: S608 - SOQL over names of this test, never SQL
from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.builders.packages import Client, a_manifest, a_permission_set, a_zip
from tests.emulator.conftest import BASE, Caller
from tests.emulator.wire.test_soap import post

Send = Callable[[Caller], httpx.Response]
_INVOICE = {
    "AccountId": "ONB2__Account__c",
    "Amount": "ONB2__GrandTotal__c",
    "StageName": "ONB2__Status__c",
}

# Recordings of resources that are not emulated (COVERAGE.md: refused), and one whose
# request nobody recorded.
_UPSERT = "upsertMetadata"
REFUSED = {
    "amp-labs/metadata/delete/delete-field-not-found.xml": "deleteMetadata",
    "amp-labs/metadata/delete/delete-fields-response.xml": "deleteMetadata",
    "amp-labs/metadata/upsert/err-bad-request.xml": _UPSERT,
    "amp-labs/metadata/upsert/success.xml": _UPSERT,
    "amp-labs/metadata/write/object15/bad-request.xml": _UPSERT,
    "amp-labs/metadata/write/object15/mix-of-many-fields-response.xml": _UPSERT,
    "amp-labs/metadata/write/write-field-permissions-response.xml": _UPSERT,
    "amp-labs/success-with-errors.json": "its request was not recorded",
    "restforce/sobject/get_deleted_success_response.json": "getDeleted",
    "restforce/sobject/get_updated_success_response.json": "getUpdated",
    "restforce/sobject/list_view_results_success_response.json": "list views",
    "restforce/sobject/recent_success_response.json": "recent items",
    "restforce/sobject/search_error_response.json": "search",
    "restforce/sobject/search_success_response.json": "search",
}


_SHORTENED = ("restforce", "sampled", "user-info", "custom-object-with-custom-fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    A recording and the request that gives the same answer here.

    Recordings of *restforce* and a few more were shortened by hand: what they lack is
    no difference.
    """

    path: str
    send: Send
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the recording is the whole answer."""
        return not any(word in self.path for word in _SHORTENED)


def get(path: str, **query: str) -> Send:
    """A GET request."""
    return lambda caller: caller.http.get(f"{BASE}/{path}", params=query)


def query(soql: str) -> Send:
    """A query."""
    return get("query", q=soql)


def sent(method: str, path: str, body: Any = None) -> Send:
    """A request with a JSON body, whose `{account}` ... are records of the org."""

    def send(caller: Caller) -> httpx.Response:
        ids = {
            "account": caller.create("Account", Name="Recorded"),
            "bill": caller.create("Bill__c", Name="Recorded"),
        }
        text = json.dumps(body)
        for name, value in ids.items():
            text = text.replace(f"{{{name}}}", value)
        address = f"{BASE}/{path.format(**ids)}"
        content = None if body is None else text
        headers = {"Content-Type": "application/json"}
        return caller.http.request(method, address, content=content, headers=headers)

    return send


def contacts(*rows: Mapping[str, str], all_or_none: bool = False) -> dict[str, Any]:
    """The body of a collection call."""
    kind = {"attributes": {"type": "Contact"}}
    return {"allOrNone": all_or_none, "records": [dict(row) | kind for row in rows]}


def twice(send: Send) -> Send:
    """The answer to the second of two equal requests."""

    def again(caller: Caller) -> httpx.Response:
        send(caller)
        return send(caller)

    return again


def deleted_twice(caller: Caller) -> httpx.Response:
    """A record deleted again."""
    address = f"{BASE}/sobjects/Bill__c/{caller.create('Bill__c', Name='x')}"
    caller.http.delete(address)
    return caller.http.delete(address)


def assigned_twice(caller: Caller) -> httpx.Response:
    """A permission set assigned again."""
    where = "WHERE Name = 'Archive'"
    found = caller.records(f"SELECT Id FROM PermissionSet {where}")[0]["Id"]
    line = {"PermissionSetId": found, "AssigneeId": caller.org.users.running_id}
    return caller.http.post(f"{BASE}/sobjects/PermissionSetAssignment", json=line)


def updated(row: Mapping[str, str]) -> Send:
    """Two contacts updated together; both get *row*, one of them a bad field too."""

    def send(caller: Caller) -> httpx.Response:
        ids = [caller.create("Contact", LastName=name) for name in ("One", "Two")]
        rows = [{"id": ids[0], "FirstName": "x"}, {"id": ids[1]} | dict(row)]
        body = contacts(*rows, all_or_none=bool(set(row) - {"FirstName"}))
        return caller.http.patch(f"{BASE}/composite/sobjects", json=body)

    return send


def job(state: str, csv: str = "", operation: str = "upsert") -> Send:
    """An ingest job on its way to *state*."""

    def send(caller: Caller) -> httpx.Response:
        jobs = f"{BASE}/jobs/ingest"
        body = {"object": "Bill__c", "operation": operation, "lineEnding": "LF"}
        if operation == "upsert":
            body["externalIdFieldName"] = "Origin_Id__c"
        made = caller.http.post(jobs, json=body)
        if state == "Open":
            return made
        one = f"{jobs}/{made.json()['id']}"
        text = csv or ("Id\n" if operation == "delete" else "Origin_Id__c\nA1\n")
        kind = {"Content-Type": "text/csv"}
        caller.http.put(f"{one}/batches", content=text, headers=kind)
        # A job that is to be met at work has to be slow.
        slow = b"latency: {batch: 0.5}" if state == "InProgress" else b"{}"
        caller.http.post("/emulator/faults", content=slow)
        closed = caller.http.patch(one, json={"state": "UploadComplete"})
        if state == "UploadComplete":
            return closed
        return _awaited(caller, one, state)

    return send


def _awaited(caller: Caller, address: str, state: str) -> httpx.Response:
    for _ in range(200):
        answer = caller.http.get(address)
        if answer.json()["state"] == state:
            return answer
        time.sleep(0.01)
    raise AssertionError(f"{address} never was {state}")


def failures(caller: Caller) -> httpx.Response:
    """The failed rows of a job."""
    csv = "Origin_Id__c,Day__c\nA7,2003-04-987654321987654321\nA8,2003-04-05\n"
    done = job("JobComplete", csv)(caller).json()
    return caller.http.get(f"{BASE}/jobs/ingest/{done['id']}/failedResults")


def token(**form: str) -> Send:
    """An answer of the token endpoint."""

    def send(caller: Caller) -> httpx.Response:
        given = dict(form)
        if given.get("refresh_token") == "right":
            given["refresh_token"] = caller.org.users.refresh_token
        return caller.http.post("/services/oauth2/token", data=given)

    return send


def expired(caller: Caller) -> httpx.Response:
    """A request with a token that is none."""
    headers = {"Authorization": "Bearer 00Dx!expired"}
    return caller.http.get(f"{BASE}/sobjects", headers=headers)


def described(name: str) -> Send:
    """A describe inside a composite call."""
    part = {
        "method": "GET",
        "url": f"{BASE}/sobjects/{name}/describe",
        "referenceId": "x",
    }
    body = {"compositeRequest": [part]}
    return lambda caller: caller.http.post(f"{BASE}/composite", json=body)


def permission_set(caller: Caller) -> httpx.Response:
    """A permission set with a field line, deployed and read back."""
    client = Client(running=caller.running)
    line = "<fieldPermissions><editable>true</editable><field>Bill__c.Note__c</field>"
    rights = a_permission_set(f"{line}<readable>true</readable></fieldPermissions>")
    files = {
        "package.xml": a_manifest(PermissionSet=["Fields"]),
        "permissionsets/Fields.permissionset": rights,
    }
    client.deploy(a_zip(files), checkOnly=False)
    read = "<type>PermissionSet</type><fullNames>Fields</fullNames>"
    return post(client, f"<readMetadata>{read}</readMetadata>")


def many(pages: int) -> Send:
    """A page of a query over more records than a page holds."""

    def send(caller: Caller) -> httpx.Response:
        options = {"Sforce-Query-Options": "batchSize=200"}
        parameters = {"q": "SELECT Name FROM ONB2__InvoiceLineItem__c"}
        answer = caller.http.get(f"{BASE}/query", params=parameters, headers=options)
        while pages and not answer.json()["done"]:
            answer = caller.http.get(answer.json()["nextRecordsUrl"])
        return answer

    return send


def by_key(method: str, *, found: int, version: str = "66.0") -> Send:
    """A request by external id that *found* so many bills."""

    def send(caller: Caller) -> httpx.Response:
        key = f"K{time.monotonic_ns()}"
        for _ in range(found):
            caller.create("Bill__c", Group__c=key, Name="x")
        base = f"/services/data/v{version}/sobjects/Bill__c/Group__c/{key}"
        return caller.http.request(method, base, json={"Name": "y"})

    return send


_CONTACT = "SELECT AccountId, LastName, FirstName, Email FROM Contact"
_CHILDREN = (
    "SELECT Id, Name, ONB2__GrandTotal__c, ONB2__Status__c, "
    "(SELECT Id, ONB2__Invoice__c, Name FROM ONB2__InvoiceLineItems__r) "
    "FROM ONB2__Invoice__c LIMIT 3"
)
_AMP, _FORCE = "amp-labs", "restforce/sobject"
_CREATE, _UPDATE = f"{_AMP}/batch/create/contacts", f"{_AMP}/batch/update/contacts"
CASES = (
    Case(
        path=f"{_AMP}/create-ok.json",
        send=sent("POST", "sobjects/Account", {"Name": "x"}),
    ),
    Case(
        path=f"{_AMP}/invalid-field-upsert.json",
        send=sent("PATCH", "sobjects/Account/{account}", {"CreatedById": "{account}"}),
    ),
    Case(
        path=f"{_AMP}/read-list-contacts.json",
        send=query(_CONTACT),
        names={
            "Department": "LastName",
            "AssistantName": "FirstName",
            "Description": "Email",
        },
    ),
    Case(
        path=f"{_AMP}/read-list-leads.json",
        send=query("SELECT Address, City, CleanStatus, FirstName FROM Lead"),
    ),
    Case(
        path=f"{_AMP}/read-opportunity-with-account.json",
        send=query(
            "SELECT Id, Name, ONB2__Account__c, ONB2__GrandTotal__c, ONB2__Status__c "
            "FROM ONB2__Invoice__c"
        ),
        names=_INVOICE,
    ),
    Case(
        path=f"{_AMP}/read-opportunity-with-contacts.json",
        send=query(_CHILDREN),
        names=_INVOICE
        | {
            "OpportunityContactRoles": "ONB2__InvoiceLineItems__r",
            "ContactId": "ONB2__Invoice__c",
            "Role": "Name",
        },
    ),
    Case(
        path=f"{_AMP}/unknown-field.json",
        send=sent("POST", "sobjects/Account", {"Name": "x", "AccountNumer": "1"}),
    ),
    Case(
        path=f"{_AMP}/unknown-object.json",
        send=query("SELECT Id, Name,BillingCity,IsDeleted FROM Nobody"),
    ),
    Case(
        path=f"{_CREATE}/err-bad-request.json",
        send=sent("POST", "composite/sobjects", contacts()),
    ),
    Case(
        path=f"{_CREATE}/partial-but-allOrNone.json",
        send=sent(
            "POST",
            "composite/sobjects",
            contacts({"FirstName": "x"}, {"LastName": "y"}, all_or_none=True),
        ),
    ),
    Case(
        path=f"{_CREATE}/success.json",
        send=sent("POST", "composite/sobjects", contacts({"LastName": "y"})),
    ),
    Case(
        path=f"{_UPDATE}/err-each-no-ids.json",
        send=sent("PATCH", "composite/sobjects", contacts({"LastName": "y"})),
    ),
    Case(path=f"{_UPDATE}/partial-but-allOrNone.json", send=updated({"Nonsense": "x"})),
    Case(path=f"{_UPDATE}/success.json", send=updated({"FirstName": "x"})),
    Case(
        path=f"{_AMP}/bulk/delete/launch-job-opportunity.json",
        send=job("Open", operation="delete"),
    ),
    Case(
        path=f"{_AMP}/bulk/delete/update-job-opportunity.json",
        send=job("UploadComplete", operation="delete"),
    ),
    Case(
        path=f"{_AMP}/bulk/info/complete-failure.json",
        send=job("Failed", "Origin_Id__c,Nonsense\n1,2\n"),
    ),
    Case(path=f"{_AMP}/bulk/info/in-progress.json", send=job("InProgress")),
    Case(
        path=f"{_AMP}/bulk/info/partial-failure.json",
        send=job("JobComplete", "Origin_Id__c,Day__c\nA7,never\nA8,2003-04-05\n"),
    ),
    Case(path=f"{_AMP}/bulk/info/success.json", send=job("JobComplete")),
    Case(path=f"{_AMP}/bulk/write/launch-job-opportunity.json", send=job("Open")),
    Case(
        path=f"{_AMP}/bulk/write/update-job-opportunity.json",
        send=job("UploadComplete"),
    ),
    Case(
        path=f"{_AMP}/bulk/read-launch-job-account.json",
        send=sent(
            "POST",
            "jobs/query",
            {"operation": "query", "query": "SELECT Id FROM Account"},
        ),
    ),
    Case(path=f"{_AMP}/crm/delete/not-found.json", send=deleted_twice),
    Case(
        path=f"{_AMP}/metadata/write/err-duplicate-permission-assignment.json",
        send=assigned_twice,
    ),
    Case(
        path=f"{_AMP}/metadata/write/permission-set.json",
        send=query("SELECT Id, Name FROM PermissionSet"),
    ),
    Case(
        path=f"{_AMP}/metadata/write/user-info.json",
        send=lambda caller: caller.http.get("/services/oauth2/userinfo"),
    ),
    Case(path=f"{_AMP}/metadata/read/accounts-sampled.json", send=described("Account")),
    Case(
        path=f"{_AMP}/metadata/read/custom-object-with-custom-fields.json",
        send=described("Bill__c"),
    ),
    Case(
        path=f"{_AMP}/metadata/read/organization-sampled.json",
        send=described("Organization"),
    ),
    Case(
        path="restforce/auth_error_response.json",
        send=token(grant_type="password", username="nobody@example.org"),
    ),
    Case(path="restforce/expired_session_response.json", send=expired),
    Case(
        path="restforce/reauth_success_response.json",
        send=token(grant_type="password", username="admin@example.org"),
    ),
    Case(
        path="restforce/refresh_error_response.json",
        send=token(grant_type="refresh_token", refresh_token="wrong"),
    ),
    Case(
        path="restforce/refresh_success_response.json",
        send=token(grant_type="refresh_token", refresh_token="right"),
    ),
    Case(
        path="restforce/services_data_success_response.json",
        send=lambda caller: caller.http.get("/services/data"),
    ),
    Case(
        path=f"{_FORCE}/create_success_response.json",
        send=sent("POST", "sobjects/Bill__c", {"Name": "x"}),
    ),
    Case(
        path=f"{_FORCE}/delete_error_response.json",
        send=sent("DELETE", "sobjects/Bill__c/rid"),
    ),
    Case(
        path=f"{_FORCE}/describe_sobjects_success_response.json", send=get("sobjects")
    ),
    Case(path=f"{_FORCE}/list_sobjects_success_response.json", send=get("sobjects")),
    Case(
        path=f"{_FORCE}/org_query_response.json",
        send=query("SELECT Id FROM Organization"),
    ),
    Case(
        path=f"{_FORCE}/query_aggregate_success_response.json",
        send=query(
            "SELECT ONB2__Account__c, SUM(ONB2__GrandTotal__c) FROM ONB2__Invoice__c "
            "GROUP BY ONB2__Account__c"
        ),
        names={"CampaignId": "ONB2__Account__c"},
    ),
    Case(
        path=f"{_FORCE}/query_empty_response.json",
        send=query("SELECT Id FROM Account WHERE Name = 'nobody'"),
    ),
    Case(
        path=f"{_FORCE}/query_error_response.json",
        send=query("SELECT Nonsense FROM Account"),
    ),
    Case(
        path=f"{_FORCE}/query_paginated_first_page_response.json",
        send=many(0),
        names={"Text_Label": "Name"},
    ),
    Case(
        path=f"{_FORCE}/query_paginated_last_page_response.json",
        send=many(1),
        names={"Text_Label": "Name"},
    ),
    Case(
        path=f"{_FORCE}/query_success_response.json",
        send=query(
            "SELECT Paid__c, Name, Day__c, Sent__c, Colour__c, Customer__r.Name, "
            "Customer__r.Phone, (SELECT Name FROM Lines__r) FROM Bill__c"
        ),
        names={
            "Checkbox_Label": "Paid__c",
            "Text_Label": "Name",
            "Date_Label": "Day__c",
            "DateTime_Label": "Sent__c",
            "Picklist_Multiselect_Label": "Colour__c",
            "ParentWhizbang__r": "Customer__r",
            "Whizbangs__r": "Lines__r",
        },
    ),
    Case(
        path=f"{_FORCE}/sobject_describe_error_response.json",
        send=get("sobjects/Nonsense__c/describe"),
    ),
    Case(
        path=f"{_FORCE}/sobject_describe_success_response.json",
        send=get("sobjects/Bill__c/describe"),
    ),
    Case(
        path=f"{_FORCE}/sobject_find_error_response.json",
        send=get("sobjects/Bill__c/23foo"),
    ),
    Case(
        path=f"{_FORCE}/sobject_find_success_response.json",
        send=sent("GET", "sobjects/Bill__c/{bill}"),
        names={
            "Auto_Number": "Name",
            "Checkbox_Label": "Paid__c",
            "Currency_Label": "Amount__c",
            "Date_Label": "Day__c",
            "DateTime_Label": "Sent__c",
            "OtherDateTime_Label": "Sent__c",
            "Email_Label": "Mail__c",
            "Number_Label": "Rate__c",
            "Percent_Label": "Rate__c",
            "Phone_Label": "Note__c",
            "Picklist_Label": "State__c",
            "Picklist_Multiselect_Label": "Colour__c",
            "Text_Label": "Name",
            "TextArea_Label": "Note__c",
            "TextAreaLong_Label": "Note__c",
            "TextAreaRich_Label": "Note__c",
            "URL_Label": "Note__c",
            "ParentWhizbang_Label": "Customer__c",
        },
    ),
    Case(
        path=f"{_FORCE}/sobject_select_success_response.json",
        send=sent("GET", "sobjects/Bill__c/{bill}?fields=Origin_Id__c,Id"),
        names={"External_Field__c": "Origin_Id__c"},
    ),
    Case(
        path=f"{_FORCE}/upsert_created_success_response.json",
        send=by_key("PATCH", found=0, version="37.0"),
    ),
    Case(
        path=f"{_FORCE}/upsert_updated_success_response.json",
        send=by_key("PATCH", found=1, version="37.0"),
    ),
    Case(
        path=f"{_FORCE}/upsert_multiple_error_response.json",
        send=by_key("PATCH", found=2),
    ),
    Case(
        path=f"{_FORCE}/upsert_error_response.json",
        send=sent("PATCH", "sobjects/Bill__c/Namez/x", {"Name": "y"}),
    ),
    Case(
        path=f"{_FORCE}/write_error_response.json",
        send=sent("PATCH", "sobjects/Bill__c/{bill}", {"foo": "x"}),
    ),
    Case(
        path=f"{_AMP}/metadata/write/read-field-permissions-response.xml",
        send=permission_set,
    ),
    Case(path=f"{_AMP}/bulk/info/partial-failure.csv", send=failures),
)
