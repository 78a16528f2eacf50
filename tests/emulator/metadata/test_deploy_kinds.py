"""
Every field type, deployed, described and written to; and other people's metadata.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.emulator.metadata.refusals import field_problems
from migrator.emulator.metadata.xml_tree import MetadataError, parse_metadata
from migrator.emulator.schema.field_types import CUSTOM_TYPES
from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    an_object,
    field_line,
    object_line,
    object_package,
    problems,
)

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "metadata"
VALUES = (
    "<restricted>true</restricted><valueSetDefinition><sorted>false</sorted>"
    "<value><fullName>a</fullName><default>false</default><label>A</label></value>"
    "<value><fullName>b</fullName><default>false</default><label>B</label></value>"
    "</valueSetDefinition>"
)

# kind -> (elements, what describe says, a value to write, the value to read)
KINDS: dict[str, tuple[dict[str, object], dict[str, Any], Any, Any]] = {
    "AutoNumber": (
        {"displayFormat": "P-{0000}"},
        {"type": "string", "length": 30, "autoNumber": True, "createable": False},
        None,
        None,
    ),
    "Checkbox": (
        {"defaultValue": "false"},
        {"type": "boolean", "nillable": False, "defaultedOnCreate": True},
        True,
        True,
    ),
    "Currency": (
        {"precision": 18, "scale": 2},
        {"type": "currency", "precision": 18, "scale": 2, "length": 0},
        12.34,
        12.34,
    ),
    "Date": ({}, {"type": "date"}, "2026-02-28", "2026-02-28"),
    "DateTime": (
        {},
        {"type": "datetime"},
        "2026-02-28T10:00:00Z",
        "2026-02-28T10:00:00.000+0000",
    ),
    "Email": ({}, {"type": "email", "length": 80}, "a@example.org", "a@example.org"),
    "EncryptedText": (
        {"length": 20, "maskChar": "asterisk", "maskType": "all"},
        {"type": "encryptedstring", "length": 20, "mask": "*", "maskType": "all"},
        "4711",
        "********",
    ),
    "Html": (
        {"length": 300, "visibleLines": 25},
        {"type": "textarea", "htmlFormatted": True, "extraTypeInfo": "richtextarea"},
        "<p>x</p>",
        "<p>x</p>",
    ),
    "LongTextArea": (
        {"length": 400, "visibleLines": 3},
        {"type": "textarea", "length": 400, "extraTypeInfo": "plaintextarea"},
        "long",
        "long",
    ),
    "Lookup": (
        {"referenceTo": "Account", "relationshipName": "Kinds"},
        {"type": "reference", "referenceTo": ["Account"], "length": 18},
        None,
        None,
    ),
    "MultiselectPicklist": (
        {"valueSet": VALUES, "visibleLines": 5},
        {"type": "multipicklist", "length": 4099, "precision": 5},
        "a;b",
        "a;b",
    ),
    "Number": (
        {"precision": 10, "scale": 3},
        {"type": "double", "precision": 10, "scale": 3, "digits": 0},
        1.5,
        1.5,
    ),
    "Percent": (
        {"precision": 5, "scale": 2},
        {"type": "percent", "precision": 5},
        19,
        19,
    ),
    "Phone": ({}, {"type": "phone", "length": 40}, "+49 30", "+49 30"),
    "Picklist": (
        {"valueSet": VALUES},
        {"type": "picklist", "length": 255, "restrictedPicklist": True},
        "b",
        "b",
    ),
    "Text": (
        {"length": 18, "externalId": True, "unique": True, "caseSensitive": True},
        {
            "type": "string",
            "length": 18,
            "externalId": True,
            "unique": True,
            "idLookup": True,
        },
        "k1",
        "k1",
    ),
    "TextArea": (
        {},
        {"type": "textarea", "length": 255, "extraTypeInfo": "plaintextarea"},
        "x",
        "x",
    ),
    "Time": ({}, {"type": "time"}, "10:11:12.000Z", "10:11:12.000Z"),
    "Url": ({}, {"type": "url", "length": 255}, "https://a.example", None),
}


def test_every_type_that_is_known_is_tried() -> None:
    """But for those that need another object, or are none of a custom object."""
    elsewhere = {"Hierarchy", "Location", "MasterDetail", "Summary"}
    assert set(KINDS) | elsewhere == set(CUSTOM_TYPES)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An org with an object that has a field of each kind."""
    fields = [a_field(f"{kind}__c", kind, **KINDS[kind][0]) for kind in KINDS]
    fields += [
        a_field("Sum__c", "Number", precision=18, scale=2, formula="1 + 1"),
        a_field("Say__c", formula='"x"'),
        a_field("Place__c", "Location", scale=4, displayLocationInDecimal=True),
        a_field("Must__c", required=True),
    ]
    lines = [
        field_line(f"Kind__c.{name}__c", editable=name != "AutoNumber")
        for name in [*KINDS, "Sum", "Say", "Place"]
    ]
    rights = a_permission_set("\n".join(lines)).replace(
        "<label>Paper Reader</label>",
        f"<label>All</label>{object_line('Kind__c', viewAllRecords=True)}",
    )
    data = a_zip(
        {
            "package.xml": a_manifest(CustomObject=["Kind__c"], PermissionSet=["All"]),
            "objects/Kind__c.object": an_object(*fields, label="Kind"),
            "permissionsets/All.permissionset": rights,
        }
    )
    with start_org(OrgSettings(invoices=2)) as running:
        made = Client(running=running)
        result = made.deploy(data)
        assert result["status"] == "Succeeded", problems(result)
        made.assign("All")
        yield made


@pytest.fixture(scope="module")
def described(client: Client) -> dict[str, dict[str, Any]]:
    """The described fields by name."""
    fields = client.call("GET", "/sobjects/Kind__c/describe").json()["fields"]
    return {field["name"]: field for field in fields}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_described_as_the_platform_does(
    described: dict[str, dict[str, Any]], kind: str
) -> None:
    """Type, sizes and switches of the describe follow from the metadata."""
    field = described[f"{kind}__c"]
    expected = KINDS[kind][1]
    assert {name: field[name] for name in expected} == expected
    assert len(field) == 57


def test_formulas_are_described_as_calculated(
    described: dict[str, dict[str, Any]],
) -> None:
    """They cannot be written; text has the length of formula results."""
    assert described["Sum__c"]["calculated"] is True
    assert described["Sum__c"]["createable"] is False
    assert described["Sum__c"]["calculatedFormula"] == "1 + 1"
    assert described["Say__c"]["length"] == 1300


def test_a_location_brings_its_two_parts(described: dict[str, dict[str, Any]]) -> None:
    """The compound cannot be written, its parts are doubles that name it."""
    assert described["Place__c"]["type"] == "location"
    assert described["Place__c"]["createable"] is False
    assert described["Place__c"]["displayLocationInDecimal"] is True
    for part in ("Place__Latitude__s", "Place__Longitude__s"):
        assert described[part]["type"] == "double"
        assert described[part]["compoundFieldName"] == "Place__c"
        assert described[part]["createable"] is True


def test_a_required_field_is_seen_without_a_line(
    described: dict[str, dict[str, Any]],
) -> None:
    """Nobody can take it away, so no permission set names it."""
    assert described["Must__c"]["nillable"] is False
    assert described["Must__c"]["permissionable"] is False


def test_a_record_keeps_a_value_of_each_kind(client: Client) -> None:
    """What is written comes back in the platform's own form."""
    values = {
        f"{kind}__c": value
        for kind, (_, _, value, _) in KINDS.items()
        if value is not None
    }
    body = {"Name": "one", "Must__c": "x", "Place__Latitude__s": 52.5} | values
    answer = client.call("POST", "/sobjects/Kind__c", json=body)
    assert answer.status_code == 201, answer.text
    record = client.call("GET", f"/sobjects/Kind__c/{answer.json()['id']}").json()
    expected = {
        f"{kind}__c": read
        for kind, (_, _, _, read) in KINDS.items()
        if read is not None
    }
    assert {name: record[name] for name in expected} == expected
    assert record["Place__Latitude__s"] == 52.5


@pytest.mark.parametrize(("part", "most"), [("Latitude", 90), ("Longitude", 180)])
def test_degrees_stay_on_the_globe(client: Client, part: str, most: int) -> None:
    """Beyond the pole and the date line there is nothing."""
    body = {"Name": part, "Must__c": "x", f"Place__{part}__s": -most}
    assert client.call("POST", "/sobjects/Kind__c", json=body).status_code == 201
    body[f"Place__{part}__s"] = most + 1
    answer = client.call("POST", "/sobjects/Kind__c", json=body)
    assert answer.json()[0]["errorCode"] == "NUMBER_OUTSIDE_VALID_RANGE"


def test_encrypted_text_is_read_by_those_who_may(client: Client) -> None:
    """Masked for others in REST and Bulk; nobody filters by it."""
    body = {"Name": "pin", "Must__c": "x", "EncryptedText__c": "0815"}
    made = client.call("POST", "/sobjects/Kind__c", json=body).json()["id"]
    soql = f"SELECT EncryptedText__c FROM Kind__c WHERE Id = '{made}'"  # noqa: S608

    def read() -> str:
        answer = client.call("GET", "/query", params={"q": soql}).json()
        return str(answer["records"][0]["EncryptedText__c"])

    assert read() == "********"
    by_pin = "SELECT Id FROM Kind__c WHERE EncryptedText__c = '0815'"
    refused = client.call("GET", "/query", params={"q": by_pin})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD"
    found = client.call(
        "GET", "/query", params={"q": "SELECT Id FROM PermissionSet WHERE Name='All'"}
    )
    path = f"/sobjects/PermissionSet/{found.json()['records'][0]['Id']}"
    for sees, shown in ((True, "0815"), (False, "********")):
        rights = {"PermissionsViewEncryptedData": sees}
        assert client.call("PATCH", path, json=rights).status_code == 204
        assert read() == shown


def test_a_picklist_deploy_adds_and_never_removes(client: Client) -> None:
    """Values that are left out stay; their labels cannot be taken."""

    def with_value(name: str, label: str) -> bytes:
        value = (
            "<valueSetDefinition><sorted>false</sorted><value>"
            f"<fullName>{name}</fullName><default>false</default>"
            f"<label>{label}</label></value></valueSetDefinition>"
        )
        field = a_field("Picklist__c", "Picklist", valueSet=value)
        return a_zip(
            {
                "package.xml": a_manifest(CustomField=["Kind__c.Picklist__c"]),
                "objects/Kind__c.object": (
                    '<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">'
                    f"{field}</CustomObject>"
                ),
            }
        )

    assert problems(client.deploy(with_value("c", "B"))) == ["Duplicate label: B"]
    assert client.deploy(with_value("c", "C"))["status"] == "Succeeded"
    owner = client.running.org.schema.get("Kind__c")
    field = owner.find("Picklist__c") if owner else None
    assert field is not None
    assert [each.value for each in field.picklist_values] == ["c", "a", "b"]


@pytest.mark.shared_data
def test_fields_of_real_projects_are_accepted() -> None:
    """1,500 fields that live in real orgs; only what is not emulated is refused."""
    checked = 0
    refused: Counter[str] = Counter()
    for path in sorted(SHARED.rglob("*.field-meta.xml")):
        node = parse_metadata(path.read_bytes(), "CustomField")
        if not node.text("fullName").endswith("__c"):
            continue
        checked += 1
        refused.update(problem.text for problem in field_problems(node))
    assert checked > 1_500
    assert set(refused) == {
        "Cannot create a CustomField of type MetadataRelationship",
        "Can not specify 'unique' for a CustomField of type MetadataRelationship",
    }


@pytest.mark.shared_data
def test_objects_of_real_projects_have_an_accepted_shape() -> None:
    """The element tables know what retrieved objects contain."""
    problems_seen: Counter[str] = Counter()
    files = [*SHARED.rglob("*.object"), *SHARED.rglob("*.object-meta.xml")]
    for path in files:
        try:
            parse_metadata(path.read_bytes(), "CustomObject")
        except MetadataError as error:
            problems_seen[error.problem] += 1
    assert len(files) > 80
    # Gone from the schema since version 48, and not taken by the real org either.
    assert all("enableChangeDataCapture" in problem for problem in problems_seen)


def test_a_hierarchy_is_refused_loudly(client: Client) -> None:
    """Only users have them, and this org does not make any."""
    data = object_package(a_field("Boss__c", "Hierarchy"), name="Team__c")
    assert problems(client.deploy(data)) == [
        "Not emulated: a CustomField of type Hierarchy"
    ]
