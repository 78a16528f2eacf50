"""
Deployments and component readings, in the shapes that Salesforce documents.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any

import pytest
from lxml import etree

from migrator.errors import DeploymentRefused, LoginRefused, OrgRefused, OrgUnreachable
from migrator.org.deployment import DeploymentClient
from migrator.org.polling import Pace
from tests.unit.org.scripted import Answer, Scripted, refused, scripted, told

STARTED = told({"id": "0Af1", "deployOptions": {}}, 201)
SOAP = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="http://soap.sforce.com/2006/04/metadata" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    "{}</soapenv:Body></soapenv:Envelope>"
)


def client(org: Scripted) -> DeploymentClient:
    """
    A client that does not sleep.
    """
    pace = Pace(sleep=org.waits.append)
    return DeploymentClient(org.rest(), pace=pace)


def ended(**result: Any) -> Answer:
    """
    A finished deployment.
    """
    return told({"id": "0Af1", "deployResult": {"done": True, **result}})


def test_a_bundle_travels_whole_with_every_option_said() -> None:
    """Two parts: options that roll back and do not fail on warnings, and the zip."""
    bundle = bytes(range(256)) + b"\r\n--PK"
    with scripted(STARTED) as org:
        assert client(org).start(bundle, check_only=True) == "0Af1"
        heard = org.heard[0]
    kind = heard.headers["Content-Type"].encode()
    message: Any = message_from_bytes(
        b"Content-Type: " + kind + b"\r\n\r\n" + heard.body
    )
    options, file = message.get_payload()
    told_options = json.loads(options.get_payload(decode=True))["deployOptions"]
    assert told_options["checkOnly"] is True
    assert told_options["rollbackOnError"] is True
    assert told_options["ignoreWarnings"] is True
    assert "testLevel" not in told_options
    assert file.get_payload(decode=True) == bundle


def test_every_problem_is_kept_with_its_place() -> None:
    """File, line, column and the org's words; warnings are told apart."""
    failure = {
        "componentType": "CustomField",
        "fullName": "Invoice__c.Total__c",
        "fileName": "objects/Invoice__c.object",
        "lineNumber": 12,
        "columnNumber": "8",
        "problem": "Wert fehlt",
        "problemType": "Error",
        "success": False,
    }
    warning = failure | {"problemType": "Warning", "problem": "Hm", "lineNumber": None}
    made = {"componentType": "CustomObject", "fullName": "Invoice__c", "created": True}
    package = {"componentType": "", "fullName": "package.xml", "changed": True}
    details = {
        "componentFailures": [failure, warning],
        "componentSuccesses": [made, package],
    }
    failed = ended(success=False, status="Failed", details=details)
    with scripted(STARTED, failed) as org:
        report = client(org).deploy(b"PK", check_only=False)
    assert [str(each) for each in report.errors] == [
        "objects/Invoice__c.object:12:8 CustomField Invoice__c.Total__c: Wert fehlt"
    ]
    assert [each.problem for each in report.warnings] == ["Hm"]
    assert report.created == ("CustomObject:Invoice__c",)
    assert report.changed == ()
    assert not report.success


def test_a_deployment_that_failed_as_a_whole_brings_its_words() -> None:
    """No component is to blame then."""
    failed = ended(
        success=False,
        status="Failed",
        errorStatusCode="UNKNOWN_EXCEPTION",
        errorMessage="ErrorId: 1",
    )
    with scripted(failed) as org:
        report = client(org).await_deploy("0Af1")
    assert report.message == "UNKNOWN_EXCEPTION: ErrorId: 1"
    assert report.errors == ()


def test_waiting_tells_how_far_it_is() -> None:
    """Every answer is passed on, the last one too."""
    busy = {
        "done": False,
        "status": "InProgress",
        "numberComponentsDeployed": 3,
        "numberComponentsTotal": 9,
    }
    seen = []
    with scripted(
        told({"deployResult": busy}), ended(success=True, status="Succeeded")
    ) as org:
        report = client(org).await_deploy(
            "0Af1", lambda p: seen.append((p.status, p.components_done))
        )
        assert "includeDetails=true" in org.heard[0].path
    assert seen == [("InProgress", 3), ("Succeeded", 0)]
    assert report.success


def test_an_org_without_rest_deployments_is_told_what_to_do() -> None:
    """The resource is absent: use another tool on the same files."""
    with (
        scripted(refused(404, "NOT_FOUND")) as org,
        pytest.raises(DeploymentRefused) as caught,
    ):
        client(org).start(b"PK", check_only=True)
    assert "REST" in caught.value.message
    assert "sf project deploy" in caught.value.hint


def test_a_missing_right_to_deploy_is_named() -> None:
    """The org's code stays, the permission is the hint."""
    with (
        scripted(refused(403, "INSUFFICIENT_ACCESS")) as org,
        pytest.raises(DeploymentRefused) as caught,
    ):
        client(org).start(b"PK", check_only=True)
    assert caught.value.code == "INSUFFICIENT_ACCESS"
    assert "Modify Metadata" in caught.value.hint


def test_a_session_that_ended_is_no_refused_deployment() -> None:
    """The remedy is to sign in."""
    with scripted(refused(401, "INVALID_SESSION_ID")) as org:
        with pytest.raises(LoginRefused) as caught:
            client(org).start(b"PK", check_only=True)
        assert "SF_ACCESS_TOKEN" in caught.value.hint


def records(*inner: str) -> Answer:
    """
    A readMetadata answer.
    """
    joined = "".join(inner)
    body = f"<readMetadataResponse><result>{joined}</result></readMetadataResponse>"
    return Answer(body=SOAP.format(body).encode())


OBJECT = (
    '<records xsi:type="CustomObject"><fullName>Invoice__c</fullName>'
    "<description>Rechnung [migrator 1]</description>"
    "<fields><fullName>Total__c</fullName><description>sum</description></fields>"
    "<fields><fullName>Bare__c</fullName></fields></records>"
)


def test_components_come_with_descriptions_and_missing_ones_do_not() -> None:
    """A component that is not there comes as an empty record."""
    with scripted(records(OBJECT, '<records xsi:nil="true"/>', "<records/>")) as org:
        found = client(org).read_components("CustomObject", ["Invoice__c", "No__c"])
    assert list(found) == ["Invoice__c"]
    assert found["Invoice__c"].description == "Rechnung [migrator 1]"
    assert found["Invoice__c"].fields == {"Total__c": "sum", "Bare__c": ""}


def test_ten_names_travel_in_one_call() -> None:
    """Each name once, escaped, eleven of them in two calls."""
    names = [f"A{n}&<__c" for n in range(11)]
    with scripted(records()) as org:
        client(org).read_components("CustomObject", names + names)
        sent = [
            [e.text for e in etree.fromstring(h.body).iter("{*}fullNames")]
            for h in org.heard
        ]
    assert sent == [names[:10], names[10:]]


def fault(code: str) -> Answer:
    """
    A SOAP fault.
    """
    body = (
        f'<soapenv:Fault xmlns=""><faultcode>sf:{code}</faultcode>'
        f"<faultstring>{code}: words</faultstring></soapenv:Fault>"
    )
    return Answer(status=500, body=SOAP.format(body).encode())


def test_faults_are_refusals_in_the_orgs_words() -> None:
    """And an ended session is a refused login."""
    with scripted(fault("INSUFFICIENT_ACCESS")) as org:
        with pytest.raises(OrgRefused, match="words") as caught:
            client(org).read_components("CustomObject", ["X__c"])
        assert caught.value.code == "INSUFFICIENT_ACCESS"
    with scripted(fault("INVALID_SESSION_ID")) as org, pytest.raises(LoginRefused):
        client(org).read_components("CustomObject", ["X__c"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(body=b"<html>hello"), OrgUnreachable),
        (Answer(body=b"<html/>"), OrgUnreachable),
        (Answer(status=404, body=b"not here"), OrgRefused),
    ],
)
def test_what_is_no_soap_is_said(answer: Answer, error: type[Exception]) -> None:
    """A page of some other server."""
    with scripted(answer) as org, pytest.raises(error):
        client(org).read_components("CustomObject", ["X__c"])


def test_entities_in_an_answer_are_not_resolved(tmp_path: Any) -> None:
    """No file of this machine is read for an answer."""
    secret = tmp_path / "secret"
    secret.write_text("planted")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    body = records("<records><fullName>A__c&e;</fullName></records>").body
    with scripted(Answer(body=doctype.encode() + body)) as org:
        found = client(org).read_components("CustomObject", ["A__c"])
    assert "planted" not in str(found)
