"""
Retrieve gives back what was deployed; a recent validation is deployed without its zip.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import NS, Client, a_field, object_package, problems
from tests.emulator.wire.test_soap import post, result, text


@pytest.fixture
def client() -> Iterator[Client]:
    """A small org."""
    with start_org(OrgSettings(invoices=1)) as running:
        yield Client(running=running)


def retrieved(client: Client, *members: tuple[str, str]) -> tuple[dict[str, str], str]:
    """The files of a retrieve by name, and its first message."""
    types = "".join(
        f"<types><members>{name}</members><name>{kind}</name></types>"
        for kind, name in members
    )
    wanted = f"<apiVersion>66.0</apiVersion><unpackaged>{types}</unpackaged>"
    (started,) = result(
        post(client, f"<retrieve><request>{wanted}</request></retrieve>")
    )
    identity = f"<asyncProcessId>{text(started, 'id')}</asyncProcessId>"
    answer = post(client, f"<checkRetrieveStatus>{identity}</checkRetrieveStatus>")
    (status,) = result(answer)
    data = base64.b64decode(text(status, "zipFile") or "")
    message = status.findtext(f"{{{NS}}}messages/{{{NS}}}problem") or ""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    return files, message


def test_a_field_comes_back_in_its_object(client: Client) -> None:
    """One member, one file beside package.xml; what is not there is a message."""
    client.deploy(object_package(a_field()))
    name = "Paper__c.Note__c"
    members = (("CustomField", name), ("CustomField", "Paper__c.Nothing__c"))
    files, message = retrieved(client, *members)
    path = "unpackaged/objects/Paper__c.object"
    assert set(files) == {"unpackaged/package.xml", path}
    assert files[path].count("<fullName>Note__c</fullName>") == 1
    assert message.endswith("named 'Paper__c.Nothing__c' cannot be found")


def test_a_retrieved_object_can_be_deployed_again(client: Client) -> None:
    """The files of the zip pass the checks of a deployment."""
    client.deploy(object_package(a_field()))
    files, message = retrieved(client, ("CustomObject", "Paper__c"))
    assert message == ""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.removeprefix("unpackaged/"), content)
    again = client.deploy(packed.getvalue())
    assert (again["status"], problems(again)) == ("Succeeded", [])


def test_only_a_tested_validation_is_deployed_quickly(client: Client) -> None:
    """With tests it is deployed, without them it is refused."""
    data = object_package(a_field())
    plain = client.deploy(data, checkOnly=True)
    tested = client.deploy(data, checkOnly=True, testLevel="RunLocalTests")
    path = "/metadata/deployRequest"
    refused = client.call("POST", path, json={"validatedDeployRequestId": plain["id"]})
    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALID_ID_FIELD"
    assert "Paper__c" not in client.running.org.schema
    quick = client.call("POST", path, json={"validatedDeployRequestId": tested["id"]})
    assert quick.status_code == 201, quick.text
    assert client.finished(quick.json()["id"])["status"] == "Succeeded"
    assert "Paper__c" in client.running.org.schema


def test_the_package_has_a_layout_list_views_and_a_value_set(client: Client) -> None:
    """Retrieved with the namespace in their names; a field names its value set."""
    layout = "ONB2__Invoice__c-ONB2__Invoice Layout"
    files, message = retrieved(
        client,
        ("CustomObject", "ONB2__Invoice__c"),
        ("Layout", layout),
        ("GlobalValueSet", "ONB2__PaymentMethods"),
        ("StandardValueSet", "Salutation"),
    )
    assert message == ""
    assert (
        "<label>Billing Address</label>" in files[f"unpackaged/layouts/{layout}.layout"]
    )
    path = "unpackaged/globalValueSets/ONB2__PaymentMethods.globalValueSet"
    assert "<isActive>false</isActive>" in files[path]
    invoice = files["unpackaged/objects/ONB2__Invoice__c.object"]
    assert "<valueSetName>ONB2__PaymentMethods</valueSetName>" in invoice
    assert "<fullName>ONB2__Overdue</fullName>" in invoice
    assert "unpackaged/standardValueSets/Salutation.standardValueSet" in files


@pytest.mark.parametrize("kind", ["Layout", "GlobalValueSet", "ListView"])
def test_what_is_listed_can_be_read(client: Client, kind: str) -> None:
    """By its full name, as one record."""
    query = f"<queries><type>{kind}</type></queries>"
    listed = result(post(client, f"<listMetadata>{query}</listMetadata>"))
    names = [text(each, "fullName") for each in listed]
    assert names
    wanted = f"<type>{kind}</type><fullNames>{names[0]}</fullNames>"
    (found,) = result(post(client, f"<readMetadata>{wanted}</readMetadata>"))
    records = found.findall(f"{{{NS}}}records")
    assert [text(each, "fullName") for each in records] == names[:1]


def test_a_location_is_one_component(client: Client) -> None:
    """With its decimals and notation; its two parts are none of their own."""
    owner = "ONB2__Dunning__c"
    listed = result(
        post(
            client,
            "<listMetadata><queries><type>CustomField</type></queries></listMetadata>",
        )
    )
    names = {text(each, "fullName") or "" for each in listed}
    assert f"{owner}.Debtor_Position__c" in names
    assert not [name for name in names if name.endswith("__s")]
    files, _ = retrieved(client, ("CustomObject", owner))
    found = files[f"unpackaged/objects/{owner}.object"]
    _, _, place = found.partition("<fullName>Debtor_Position__c</fullName>")
    assert "<displayLocationInDecimal>true</displayLocationInDecimal>" in place
    assert "<scale>6</scale>" in place.partition("</fields>")[0]
    _, _, pin = found.partition("<fullName>Collector_Pin__c</fullName>")
    assert "<maskChar>asterisk</maskChar>" in pin.partition("</fields>")[0]
