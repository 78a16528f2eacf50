"""
The SOAP Metadata API as strict and as lax clients use it.
"""

from __future__ import annotations

import base64
import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import NS, Client, a_field, object_package

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An org for the whole module."""
    with start_org(OrgSettings(invoices=2)) as running:
        running.services.deployments.latency_s = 0.01
        yield Client(running=running)


def post(
    client: Client, body: str, *, token: str | None = None, path: str = "66.0"
) -> httpx.Response:
    """One call with the token in the header of the envelope."""
    session = client.running.token if token is None else token
    text = (
        f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}">'
        f'<soapenv:Header><SessionHeader xmlns="{NS}"><sessionId>{session}'
        "</sessionId></SessionHeader></soapenv:Header>"
        f'<soapenv:Body xmlns="{NS}">{body}</soapenv:Body></soapenv:Envelope>'
    )
    return httpx.post(
        f"{client.running.url}/services/Soap/m/{path}",
        content=text.encode(),
        headers={"Content-Type": "text/xml", "SOAPAction": '""'},
        verify=False,  # noqa: S501
    )


def result(answer: httpx.Response) -> list[etree._Element]:
    """The result elements of an answer."""
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content).findall(f".//{{{NS}}}result")


def text(element: etree._Element, path: str) -> str | None:
    """The text of a descendant, names without namespace."""
    steps = "/".join(f"{{{NS}}}{step}" for step in path.split("/"))
    return element.findtext(steps)


def fault(answer: httpx.Response) -> tuple[str | None, str | None]:
    """Faultcode and faultstring."""
    assert answer.status_code == 500
    found = etree.fromstring(answer.content).find(f".//{{{ENVELOPE}}}Fault")
    assert found is not None
    return found.findtext("faultcode"), found.findtext("faultstring")


def deploy(client: Client, data: bytes, options: str = "") -> etree._Element:
    """A deployment through SOAP, to its end."""
    call = (
        f"<deploy><ZipFile>{base64.b64encode(data).decode()}</ZipFile>"
        "<DeployOptions><checkOnly>False</checkOnly>None None"
        "<rollbackOnError>True</rollbackOnError><singlePackage>TRUE</singlePackage>"
        f"{options}</DeployOptions></deploy>"
    )
    (queued,) = result(post(client, call, path="66.0/deployRequest"))
    assert text(queued, "state") == "Queued"
    for _ in range(500):
        check = (
            f"<checkDeployStatus><asyncProcessId>{text(queued, 'id')}"
            "</asyncProcessId><includeDetails>true</includeDetails>"
            "</checkDeployStatus>"
        )
        (status,) = result(post(client, check))
        if text(status, "done") == "true":
            return status
        time.sleep(0.01)
    raise AssertionError


def test_a_deployment_runs_to_its_end(client: Client) -> None:
    """Booleans in any case and stray text are taken; details list components."""
    status = deploy(client, object_package(a_field(), name="Soapy__c"))
    assert text(status, "status") == "Succeeded"
    names = [
        each.findtext(f"{{{NS}}}fullName")
        for each in status.iter(f"{{{NS}}}componentSuccesses")
    ]
    assert sorted(map(str, names)) == ["Soapy__c", "Soapy__c.Note__c", "package.xml"]
    order = [etree.QName(child).localname for child in status]
    assert order == sorted(order, key=lambda name: name.lower())


def test_a_failure_has_its_place(client: Client) -> None:
    """lineNumber, columnNumber, problem and problemType stand in the details."""
    status = deploy(client, object_package(a_field("F__c", "Checkbox"), name="X__c"))
    assert text(status, "status") == "Failed"
    failure = status.find(f".//{{{NS}}}componentFailures")
    assert failure is not None
    assert text(failure, "problemType") == "Error"
    assert text(failure, "problem") == (
        "Must specify 'defaultValue' for a CustomField of type Checkbox"
    )
    assert int(text(failure, "lineNumber") or 0) > 1
    assert text(failure, "componentType") == "CustomField"


def test_a_deployment_can_be_cancelled(client: Client) -> None:
    """CancelDeploy answers at once, the status is Canceled in the end."""
    client.running.services.deployments.latency_s = 0.1
    started = client.start_deploy(object_package(name="Stopped__c")).json()["id"]
    call = f"<cancelDeploy><String>{started}</String></cancelDeploy>"
    (answer,) = result(post(client, call))
    client.running.services.deployments.latency_s = 0.01
    assert text(answer, "id") == started
    assert client.finished(started)["status"] == "Canceled"


def test_deployed_metadata_can_be_read_back(client: Client) -> None:
    """In schema order; a name that nobody has is a nil record."""
    deploy(client, object_package(a_field("A__c"), name="Readable__c"))
    call = (
        "<readMetadata><type>CustomObject</type>"
        "<fullNames>Readable__c</fullNames><fullNames>Gone__c</fullNames>"
        "<fullNames>ONB2__Invoice__c</fullNames></readMetadata>"
    )
    (answer,) = result(post(client, call))
    mine, gone, packaged = answer
    assert gone.get(f"{{{XSI}}}nil") == "true"
    assert mine.get(f"{{{XSI}}}type") == "CustomObject"
    assert text(mine, "fullName") == "Readable__c"
    assert text(mine, "fields/fullName") == "A__c"
    assert text(mine, "nameField/type") == "Text"
    order = [etree.QName(child).localname for child in mine][1:]
    assert order == sorted(order)
    assert text(packaged, "fullName") == "ONB2__Invoice__c"
    assert len(packaged.findall(f"{{{NS}}}fields")) > 20


@pytest.mark.parametrize(
    ("kind", "name", "path", "value"),
    [
        ("CustomField", "Readable__c.A__c", "fullName", "Readable__c.A__c"),
        ("CustomField", "ONB2__Invoice__c.ONB2__Account__c", "referenceTo", "Account"),
    ],
)
def test_a_field_can_be_read_back(
    client: Client, kind: str, name: str, path: str, value: str
) -> None:
    """Fields are read by Object.Field, own and packaged ones."""
    deploy(client, object_package(a_field("A__c"), name="Readable__c"))
    call = (
        f"<readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata>"
    )
    (answer,) = result(post(client, call))
    assert text(answer[0], path) == value


def test_at_most_ten_names_are_read(client: Client) -> None:
    """The eleventh is a fault."""
    names = "<fullNames>X__c</fullNames>" * 11
    call = f"<readMetadata><type>CustomObject</type>{names}</readMetadata>"
    code, message = fault(post(client, call))
    assert code == "sf:EXCEEDED_ID_LIMIT"
    assert "10" in str(message)


def test_components_are_listed(client: Client) -> None:
    """FileProperties with the namespace of what is installed."""
    call = "<listMetadata><queries><type>CustomObject</type></queries></listMetadata>"
    found = {text(each, "fullName"): each for each in result(post(client, call))}
    packaged = found["ONB2__Invoice__c"]
    assert text(packaged, "namespacePrefix") == "ONB2"
    assert text(packaged, "manageableState") == "installed"
    assert text(packaged, "fileName") == "objects/ONB2__Invoice__c.object"


def test_the_types_are_described(client: Client) -> None:
    """DescribeMetadata lists what can be deployed."""
    (answer,) = result(
        post(
            client,
            "<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>",
        )
    )
    names = [
        each.findtext(f"{{{NS}}}xmlName")
        for each in answer.iter(f"{{{NS}}}metadataObjects")
    ]
    assert "CustomObject" in names
    assert text(answer, "testRequired") == "false"


def test_faults_have_a_code_and_a_sentence(client: Client) -> None:
    """Token, version, operation and envelope are each refused in SOAP's shape."""
    call = "<describeMetadata/>"
    assert fault(post(client, call, token="no"))[0] == "sf:INVALID_SESSION_ID"
    assert fault(post(client, call, path="99.0"))[0] == "sf:UNSUPPORTED_API_VERSION"
    code, message = fault(post(client, "<createMetadata/>"))
    assert (code, message) == (
        "sf:UNKNOWN_EXCEPTION",
        "UNKNOWN_EXCEPTION: Not emulated: createMetadata",
    )
    raw = httpx.post(
        f"{client.running.url}/services/Soap/m/66.0",
        content=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        verify=False,  # noqa: S501
    )
    assert raw.status_code == 500
    assert "DOCTYPE" in raw.text


class StrictClient:
    """
    zeep with the published Metadata WSDL, which refuses answers out of its order.
    """

    def __init__(self, client: Client) -> None:
        zeep: Any = importlib.import_module("zeep")
        wsdl = Path(importlib.import_module("simple_salesforce").__file__ or "")
        made = zeep.Client(str(wsdl.parent / "metadata.wsdl"))
        self.service = made.create_service(
            f"{{{NS}}}MetadataBinding",
            f"{client.running.url}/services/Soap/m/66.0",
        )
        self.headers = {"SessionHeader": {"sessionId": client.running.token}}

    def call(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """One operation; the result without the envelope of headers."""
        method = getattr(self.service, operation)
        answer = method(*arguments, **more, _soapheaders=self.headers)
        names = dir(answer)
        return answer["body"]["result"] if "body" in names else answer


def test_a_strict_soap_client_understands_every_answer(client: Client) -> None:
    """Element names, order and types are those of the WSDL."""
    strict = StrictClient(client)
    flags = (
        "allowMissingFiles autoUpdatePackage checkOnly ignoreWarnings performRetrieve "
        "purgeOnDelete"
    )
    options: dict[str, Any] = dict.fromkeys(flags.split(), False)
    options |= {
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
        "runTests": [],
    }
    data = object_package(a_field("A__c"), name="Strict__c")
    queued = strict.call("deploy", ZipFile=data, DeployOptions=options)
    assert queued["state"] == "Queued"
    client.finished(queued["id"])
    status = strict.call("checkDeployStatus", queued["id"], includeDetails=True)
    assert status["status"] == "Succeeded"
    names = [each["fullName"] for each in status["details"]["componentSuccesses"]]
    assert sorted(names) == ["Strict__c", "Strict__c.A__c", "package.xml"]
    described = strict.call("describeMetadata", 66.0)
    assert described["partialSaveAllowed"] is True
    listed = strict.call("listMetadata", [{"type": "CustomField"}], 66.0)
    assert "Strict__c.A__c" in {each["fullName"] for each in listed}
    names = ["Strict__c", "ONB2__Invoice__c", "Gone__c"]
    mine, packaged, gone = strict.call("readMetadata", "CustomObject", names)
    assert mine["fields"][0]["fullName"] == "A__c"
    assert packaged["nameField"]["type"] in {"AutoNumber", "Text"}
    assert gone["fullName"] is None
