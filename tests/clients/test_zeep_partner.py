"""
zeep holds every answer of the partner API against the vendor's WSDL, strictly.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.conftest import Shell
from tests.clients.partner_wsdl import newer_wsdl, old_wsdl

pytestmark = pytest.mark.clients("zeep", "wsdl", "types")

_SCRIPT = """
import json, os, warnings, zeep
from lxml import etree
warnings.simplefilter("error")
client = zeep.Client(os.environ["WSDL"])
sobject = "urn:sobject.partner.soap.sforce.com"
version = os.environ["VERSION"]
service = client.create_service(
    "{urn:partner.soap.sforce.com}SoapBinding",
    os.environ["URL"] + "/services/Soap/u/" + version,
)
try:
    result = service.login("admin@example.org", "secret")
    session, login = result["sessionId"], result["userInfo"]["userName"]
except zeep.exceptions.Fault as error:
    session, login = os.environ["TOKEN"], error.code
def call(name, *values, token=session, batch=None, **named):
    header = {"SessionHeader": {"sessionId": token}}
    if batch:
        header["QueryOptions"] = {"batchSize": batch}
    found = getattr(service, name)(*values, _soapheaders=header, **named)
    has_both = hasattr(found, "__values__") and "body" in found
    return found["body"]["result"] if has_both else found
def record(kind, Id=None, fieldsToNull=(), **fields):
    values = []
    for name, value in fields.items():
        element = etree.Element("{%s}%s" % (sobject, name))
        element.text = value
        values.append(element)
    return {"type": kind, "Id": Id or zeep.xsd.SkipValue, "_value_1": values,
            "fieldsToNull": list(fieldsToNull)}
def refusal(name, *values, **named):
    try:
        call(name, *values, **named)
    except zeep.exceptions.Fault as error:
        detail = error.detail[0]
        return [error.code, etree.QName(detail).localname, detail[0].text]
def value(row, name):
    return next(each.text for each in row["_value_1"] or ()
                if getattr(each, "tag", "").endswith("}" + name))
created = call("create", [record("Account", Name="One"), record("Account", Name=""),
                          record("Account", Name="Two", Phone="1")])
one, two = created[0]["id"], created[2]["id"]
updated = call("update", [record("Account", Id=two, fieldsToNull=["Phone"])])
upserted = call("upsert", "Id", [record("Account", Id=one, Name="Eins")])
first = call("query", "SELECT Id, Name, CreatedDate FROM Account", batch=200)
rows, page = list(first["records"]), first
while not page["done"]:
    page = call("queryMore", page["queryLocator"])
    rows += page["records"]
nested = call("query", "SELECT Name, ONB2__Account__r.Name, "
    "(SELECT Id FROM ONB2__InvoiceLineItems__r) FROM ONB2__Invoice__c LIMIT 2")
counted = call("query", "SELECT COUNT() FROM ONB2__Invoice__c")
retrieved = call("retrieve", "Id, Name", "Account", [two, "001000000000001"])
described = call("describeSObject", "ONB2__Invoice__c")
several = call("describeSObjects", ["Account", "ONB2__InvoiceLineItem__c"])
everything = call("describeGlobal")
deleted = call("delete", [two])
print(json.dumps({
    "login": login, "user": call("getUserInfo")["userName"],
    "timestamp": call("getServerTimestamp")["timestamp"].isoformat(),
    "created": [each["success"] for each in created],
    "errors": [each["statusCode"] for each in created[1]["errors"]],
    "updated": updated[0]["success"], "deleted": deleted[0]["success"],
    "upserted": [upserted[0]["success"], upserted[0]["created"]],
    "rows": len(rows), "size": first["size"], "count": counted["size"],
    "nested": len(nested["records"]),
    "children": nested["records"][0]["_value_1"][-1]["size"],
    "retrieved": [each["type"] and value(each, "Name") for each in retrieved],
    "fields": len(described["fields"]), "keys": dir(described["fields"][0]),
    "several": [each["name"] for each in several],
    "objects": [each["name"] for each in everything["sobjects"]],
    "refused": [
        refusal("query", "SELECT Nope FROM Account"), refusal("query", "SELECT FROM"),
        refusal("query", "SELECT Id FROM Nope"), refusal("queryMore", "01g-1"),
        refusal("describeSObject", "Nope"), refusal("getUserInfo", token="wrong"),
        refusal("create", [record("Account", Nope="1")]),
        refusal("undelete", [two]),
    ],
}))
"""
_REFUSED = [
    ["sf:INVALID_FIELD", "InvalidFieldFault", "INVALID_FIELD"],
    ["sf:MALFORMED_QUERY", "MalformedQueryFault", "MALFORMED_QUERY"],
    ["sf:INVALID_TYPE", "InvalidSObjectFault", "INVALID_TYPE"],
    ["sf:INVALID_QUERY_LOCATOR", "InvalidQueryLocatorFault", "INVALID_QUERY_LOCATOR"],
    ["sf:INVALID_TYPE", "InvalidSObjectFault", "INVALID_TYPE"],
    ["sf:INVALID_SESSION_ID", "UnexpectedErrorFault", "INVALID_SESSION_ID"],
    ["sf:INVALID_FIELD", "InvalidFieldFault", "INVALID_FIELD"],
    [
        "sf:FUNCTIONALITY_NOT_ENABLED",
        "UnexpectedErrorFault",
        "FUNCTIONALITY_NOT_ENABLED",
    ],
]


def _run(shell: Shell, wsdl: str, version: str) -> Any:
    before = {row[0] for row in shell.rows("Account", "Name")}
    found = shell.python("zeep", _SCRIPT, WSDL=wsdl, VERSION=version)
    after = {row[0] for row in shell.rows("Account", "Name")}
    assert after - before <= {"Eins"}
    assert "Eins" in after
    assert "Two" not in after
    assert found["refused"] == _REFUSED
    assert found["created"] == [True, False, True]
    assert found["errors"] == ["REQUIRED_FIELD_MISSING"]
    assert (found["updated"], found["deleted"]) == (True, True)
    assert found["upserted"] == [True, False]
    assert found["rows"] == found["size"] > 0
    assert found["count"] == len(shell.rows("ONB2__Invoice__c", "Id"))
    assert (found["nested"], found["children"] > 0) == (2, True)
    assert found["retrieved"] == ["Two", None]
    assert found["several"] == ["Account", "ONB2__InvoiceLineItem__c"]
    assert {"Account", "ONB2__Invoice__c"} <= set(found["objects"])
    assert found["fields"] > 100
    return found


def test_the_oldest_version_follows_its_wsdl(shell: Shell) -> None:
    """API 31.0 against the file of 29.0: sign-in, rows, queries, describes, faults."""
    found = _run(shell, str(old_wsdl()), "31.0")
    assert found["login"] == "admin@example.org" == found["user"]
    assert "compoundFieldName" not in found["keys"]


def test_the_newest_version_follows_its_types(shell: Shell) -> None:
    """API 66.0 against the newest types; there login() has ended."""
    path = shell.folder / "partner.wsdl"
    path.write_bytes(newer_wsdl())
    found = _run(shell, str(path), "66.0")
    assert found["login"] == "sf:UNSUPPORTED_API_VERSION"
    assert "compoundFieldName" in found["keys"]
