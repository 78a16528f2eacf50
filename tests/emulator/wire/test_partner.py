"""
The partner SOAP API over raw envelopes: rows, queries, describes and faults.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from lxml import etree

from migrator.emulator.server import OrgSettings, start_org
from tests.emulator.conftest import TODAY, Caller, add_archive, signed_in
from tests.emulator.wire.test_soap import ENVELOPE, XSI

NS = "urn:partner.soap.sforce.com"
ROWS = "urn:sobject.partner.soap.sforce.com"
FAULTS = "urn:fault.partner.soap.sforce.com"


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    """An org with an archive, for the whole module."""
    with start_org(OrgSettings(invoices=3, today=TODAY)) as running:
        found = signed_in(running)
        add_archive(found.org)
        yield found
        found.http.close()


def post(
    caller: Caller,
    body: str,
    *,
    version: str = "66.0",
    token: str | None = None,
    header: str = "",
) -> httpx.Response:
    """One call, the token in the header of the envelope."""
    session = caller.running.token if token is None else token
    text = (
        f'<e:Envelope xmlns:e="{ENVELOPE}" xmlns="{NS}" xmlns:r="{ROWS}" '
        f'xmlns:xsi="{XSI}"><e:Header><SessionHeader><sessionId>{session}</sessionId>'
        f"</SessionHeader>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    address = f"{caller.running.url}/services/Soap/u/{version}"
    return httpx.post(address, content=text.encode(), headers={"SOAPAction": '""'})


def results(answer: httpx.Response) -> list[etree._Element]:
    """The result elements of an answer that must be a success."""
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content).findall(f".//{{{NS}}}result")


def fault(answer: httpx.Response) -> tuple[str | None, ...]:
    """Code, sentence, and the name and code inside the detail of a fault."""
    assert answer.status_code == 500, answer.text
    tree = etree.fromstring(answer.content)
    detail = tree.find(".//detail")
    assert detail is not None
    return (
        tree.findtext(".//faultcode"),
        tree.findtext(".//faultstring"),
        etree.QName(detail[0]).localname,
        detail[0].findtext(f"{{{FAULTS}}}exceptionCode"),
    )


def create(*rows: str) -> str:
    """A create call; each row is the inside of its sObject."""
    inside = "".join(f"<sObjects>{row}</sObjects>" for row in rows)
    return f"<create>{inside}</create>"


def names(element: etree._Element) -> list[str]:
    """The names of the children, in order."""
    return [etree.QName(each).localname for each in element]


BILL = "<r:type>Bill__c</r:type>"


def test_rows_are_written_one_result_each(caller: Caller) -> None:
    """SaveResult in the order of the WSDL; a refused row says why and has no id."""
    right = f"{BILL}<r:Name>A</r:Name><r:Amount__c>1.5</r:Amount__c>"
    wrong = f"{BILL}<r:State__c>Nowhere</r:State__c>"
    good, bad = results(post(caller, create(right, wrong)))
    assert names(good) == ["id", "success"]
    assert names(bad) == ["errors", "id", "success"]
    assert names(bad[0]) == ["fields", "message", "statusCode"]
    code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert bad.findtext(f".//{{{NS}}}statusCode") == code
    assert bad[1].get(f"{{{XSI}}}nil") == "true"
    record_id = good.findtext(f"{{{NS}}}id")
    assert caller.value("Bill__c", str(record_id), "Amount__c") == 1.5


def test_nulls_are_named_and_empty_elements_say_nothing(caller: Caller) -> None:
    """Only `fieldsToNull` empties a field."""
    record_id = caller.create("Bill__c", Name="N", Note__c="kept", Group__c="gone")
    row = (
        f"{BILL}<r:fieldsToNull>Group__c</r:fieldsToNull><r:Id>{record_id}</r:Id>"
        '<r:Note__c/><r:Amount__c xsi:nil="true"/>'
    )
    body = f"<update><sObjects>{row}</sObjects></update>"
    (saved,) = results(post(caller, body))
    assert saved.findtext(f"{{{NS}}}success") == "true"
    assert caller.value("Bill__c", record_id, "Note__c") == "kept"
    assert caller.value("Bill__c", record_id, "Group__c") is None


def test_a_parent_is_named_by_its_external_id(caller: Caller) -> None:
    """A nested sObject with one key field."""
    bill = caller.create("Bill__c", Name="Parent", Origin_Id__c="p1")
    parent = f"<r:Bill__r>{BILL}<r:Origin_Id__c>p1</r:Origin_Id__c></r:Bill__r>"
    key = "<externalIDFieldName>Origin_Id__c</externalIDFieldName>"
    line = "<r:type>Line__c</r:type><r:Origin_Id__c>l1</r:Origin_Id__c>"
    body = f"<upsert>{key}<sObjects>{line}{parent}</sObjects></upsert>"
    (saved,) = results(post(caller, body))
    assert names(saved) == ["created", "id", "success"]
    found = str(saved.findtext(f"{{{NS}}}id"))
    assert caller.value("Line__c", found, "Bill__c") == bill


def test_all_or_none_undoes_the_good_row(caller: Caller) -> None:
    """With the header nothing is kept, and the good row is told."""
    header = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
    wrong = f"{BILL}<r:Amount__c>much</r:Amount__c>"
    body = create(f"{BILL}<r:Name>Undone</r:Name>", wrong)
    first, _ = results(post(caller, body, header=header))
    code = first.findtext(f".//{{{NS}}}statusCode")
    assert code == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert not caller.records("SELECT Id FROM Bill__c WHERE Name = 'Undone'")


def test_records_have_type_and_id_and_their_parents(caller: Caller) -> None:
    """The Id stands twice when it is asked for and is nil when it is not."""
    soql = (
        "SELECT Id, CreatedDate, ONB2__Account__r.Name, "
        "(SELECT Name FROM ONB2__InvoiceLineItems__r) FROM ONB2__Invoice__c LIMIT 1"
    )
    (page,) = results(post(caller, f"<query><queryString>{soql}</queryString></query>"))
    assert names(page) == ["done", "queryLocator", "records", "size"]
    record = page[2]
    shown = ["type", "Id", "Id", "CreatedDate", "ONB2__Account__r"]
    assert names(record) == [*shown, "ONB2__InvoiceLineItems__r"]
    assert str(record[3].text).endswith(".000Z")
    assert names(record[4]) == ["type", "Id", "Name"]
    assert record[4][1].get(f"{{{XSI}}}nil") == "true"
    assert names(record[5])[:3] == ["done", "queryLocator", "records"]


def test_pages_follow_the_batch_size(caller: Caller) -> None:
    """200 records a page at least; the locator leads to the rest."""
    rows = [{"attributes": {"type": "Bill__c"}, "Name": str(n)} for n in range(200)]
    for name in ("a", "b"):
        body = {"records": [row | {"Group__c": name} for row in rows]}
        caller.http.post("/services/data/v66.0/composite/sobjects", json=body)
    options = "<QueryOptions><batchSize>1</batchSize></QueryOptions>"
    call = "<query><queryString>SELECT Id FROM Bill__c</queryString></query>"
    (page,) = results(post(caller, call, header=options))
    assert len(page.findall(f"{{{NS}}}records")) == 200
    seen, total = 200, int(str(page.findtext(f"{{{NS}}}size")))
    while page.findtext(f"{{{NS}}}done") == "false":
        locator = page.findtext(f"{{{NS}}}queryLocator")
        more = f"<queryMore><queryLocator>{locator}</queryLocator></queryMore>"
        (page,) = results(post(caller, more))
        seen += len(page.findall(f"{{{NS}}}records"))
    assert seen == total >= 400


def test_a_describe_says_what_rest_says(caller: Caller) -> None:
    """Same fields, elements by name in the order of the WSDL."""
    name = "<sObjectType>Bill__c</sObjectType>"
    (found,) = results(post(caller, f"<describeSObject>{name}</describeSObject>"))
    rest = caller.http.get("/services/data/v66.0/sobjects/Bill__c/describe").json()
    fields = found.findall(f"{{{NS}}}fields")
    wanted = [each["name"] for each in rest["fields"]]
    assert [each.findtext(f"{{{NS}}}name") for each in fields] == wanted
    order = list(dict.fromkeys(names(found)))
    assert order == sorted(order)
    assert found.findtext(f"{{{NS}}}keyPrefix") == rest["keyPrefix"]


def test_login_ends_with_64(caller: Caller) -> None:
    """Any password opens a session up to 64.0, an empty one does not."""

    def login(password: str, user: str = "admin@example.org") -> str:
        word = f"<password>{password}</password>"
        return f"<login><username>{user}</username>{word}</login>"

    (found,) = results(post(caller, login("x"), version="64.0", token=""))
    session = found.findtext(f"{{{NS}}}sessionId")
    assert results(post(caller, "<getUserInfo/>", token=session))
    for body in (login(""), login("x", "nobody@example.org")):
        refused = fault(post(caller, body, version="64.0", token=""))
        assert refused[0::2] == ("sf:INVALID_LOGIN", "LoginFault")
    ended = fault(post(caller, login("x"), version="65.0", token=""))
    assert ended[0] == "sf:UNSUPPORTED_API_VERSION"


@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        ("<query/>", "MISSING_ARGUMENT", "UnexpectedErrorFault"),
        ("<merge/>", "FUNCTIONALITY_NOT_ENABLED", "UnexpectedErrorFault"),
        (create("<r:Name>A</r:Name>"), "INVALID_TYPE", "InvalidSObjectFault"),
        (create(*[BILL] * 201), "EXCEEDED_ID_LIMIT", "UnexpectedErrorFault"),
        (create(f"{BILL}<r:No>1</r:No>"), "INVALID_FIELD", "InvalidFieldFault"),
        (
            (
                "<retrieve><fieldList>Id</fieldList><sObjectType>Bill__c</sObjectType>"
                "<ids>x</ids></retrieve>"
            ),
            "MALFORMED_ID",
            "InvalidIdFault",
        ),
    ],
)
def test_whole_calls_are_refused_by_faults(
    caller: Caller, body: str, code: str, kind: str
) -> None:
    """The detail holds the element that the WSDL has for the exception."""
    found = fault(post(caller, body))
    assert (found[0], found[2], found[3]) == (f"sf:{code}", kind, code)


def test_other_soap_apis_are_refused_by_a_fault(caller: Caller) -> None:
    """The enterprise and the Tooling API, in a shape their clients read."""
    for name in ("c", "T", "s"):
        answer = httpx.post(f"{caller.running.url}/services/Soap/{name}/66.0/00D")
        assert fault(answer)[0] == "sf:FUNCTIONALITY_NOT_ENABLED"


def test_session_and_version_are_looked_at(caller: Caller) -> None:
    """A wrong token and a retired version are faults, too."""
    sentence = "Invalid Session ID found in SessionHeader: Illegal Session"
    found = fault(post(caller, "<getUserInfo/>", token="no"))
    assert found[:2] == ("sf:INVALID_SESSION_ID", f"INVALID_SESSION_ID: {sentence}")
    # A character that XML cannot hold does not break the answer.
    for version in ("30.0", "67.0", "x", "%1F"):
        found = fault(post(caller, "<getUserInfo/>", version=version))
        assert found[0] == "sf:UNSUPPORTED_API_VERSION"
