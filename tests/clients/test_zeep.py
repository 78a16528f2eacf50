"""
zeep holds every SOAP answer against the Metadata WSDL, element by element.
"""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
import simple_salesforce

from tests.clients.conftest import Shell
from tests.clients.projects import mdapi_project, zipped

pytestmark = pytest.mark.clients("zeep")

_SCRIPT = """
import base64, json, os, pathlib, time, warnings, zeep
warnings.simplefilter("error")
client = zeep.Client(os.environ["WSDL"])
binding = "{http://soap.sforce.com/2006/04/metadata}MetadataBinding"
address = os.environ["URL"] + "/services/Soap/m/66.0"
service = client.create_service(binding, address)
header = {"SessionHeader": {"sessionId": os.environ["TOKEN"]}}
def call(name, *values, **named):
    found = getattr(service, name)(*values, _soapheaders=header, **named)
    # Operations with a header in their answer come with both.
    has_both = hasattr(found, "__values__") and "body" in found
    return found["body"]["result"] if has_both else found
def until_done(name, *values):
    while True:
        found = call(name, *values)
        if found["done"]:
            return found
        time.sleep(0.02)
options = dict.fromkeys(
    ["allowMissingFiles", "autoUpdatePackage", "ignoreWarnings", "performRetrieve",
     "purgeOnDelete"], False
) | {"rollbackOnError": True, "singlePackage": True, "runTests": []}
data = pathlib.Path("paper.zip").read_bytes()
def deploy(level, check):
    more = {"checkOnly": check, "testLevel": level}
    started = call("deploy", ZipFile=data, DeployOptions=options | more)
    return until_done("checkDeployStatus", started["id"], True)
checked = deploy("RunLocalTests", True)
quick = call("deployRecentValidation", validationId=checked["id"])
deployed = until_done("checkDeployStatus", quick, True)
kinds = [{"name": "CustomObject", "members": ["Paper__c", "Nobody__c"]},
         {"name": "PermissionSet", "members": ["*"]}]
wanted = {"apiVersion": 66.0, "singlePackage": True,
          "unpackaged": {"types": kinds, "version": "66.0"}}
retrieved = until_done(
    "checkRetrieveStatus", call("retrieve", retrieveRequest=wanted)["id"], True
)
broken = pathlib.Path("broken.zip").read_bytes()
more = {"checkOnly": True, "testLevel": "NoTestRun"}
started = call("deploy", ZipFile=broken, DeployOptions=options | more)
failed = until_done("checkDeployStatus", started["id"], True)
listed = call("listMetadata", [{"type": "CustomField"}], 66.0)
read = call("readMetadata", "CustomObject", ["Paper__c", "ONB2__Invoice__c"])
described = call("describeMetadata", 66.0)
try:
    call("createMetadata", [])
    fault = ""
except zeep.exceptions.Fault as error:
    fault = error.message
zip_bytes = retrieved["zipFile"]
print(json.dumps({
    "deployed": deployed["status"], "checkOnly": deployed["checkOnly"],
    "zip": base64.b64encode(zip_bytes).decode(),
    "messages": [each["problem"] for each in retrieved["messages"]],
    "files": [each["fileName"] for each in retrieved["fileProperties"]],
    "failure": [
        [each["lineNumber"], each["columnNumber"], each["problem"]]
        for each in failed["details"]["componentFailures"]
    ],
    "listed": len(listed), "read": [each["fullName"] for each in read],
    "kinds": [each["xmlName"] for each in described["metadataObjects"]],
    "fault": fault,
}))
"""


def test_metadata_answers_follow_the_wsdl(shell: Shell) -> None:
    """Validation, quick deploy, retrieve, lists and faults parse strictly."""
    files = mdapi_project()
    (shell.folder / "paper.zip").write_bytes(zipped(files))
    broken = files["objects/Paper__c.object"].replace("<length>18</length>", "")
    wrong = files | {"objects/Paper__c.object": broken}
    (shell.folder / "broken.zip").write_bytes(zipped(wrong))
    wsdl = Path(simple_salesforce.__file__).with_name("metadata.wsdl")
    found = shell.python("zeep", _SCRIPT, WSDL=str(wsdl))
    assert (found["deployed"], found["checkOnly"]) == ("Succeeded", False)
    assert "Paper__c" in shell.org.schema
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(found["zip"]))) as archive:
        names = set(archive.namelist())
    paths = {"objects/Paper__c.object", "permissionsets/Papers.permissionset"}
    assert names == paths | {"package.xml"} == set(found["files"])
    assert "named 'Nobody__c' cannot be found" in found["messages"][0]
    ((line, column, problem), *_) = found["failure"]
    assert line > 1
    assert column > 0
    assert "length" in problem
    assert found["read"] == ["Paper__c", "ONB2__Invoice__c"]
    assert found["listed"] > 100
    assert "CustomObject" in found["kinds"]
    assert "Not emulated: createMetadata" in found["fault"]
