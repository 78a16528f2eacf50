"""
Deployments that change the org: what is there afterwards, and who sees it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    an_object,
    field_line,
    field_package,
    object_line,
    object_package,
    problems,
    xml,
)


@pytest.fixture
def client() -> Iterator[Client]:
    """A fresh org that the test may change."""
    with start_org(OrgSettings(invoices=2)) as running:
        running.services.deployments.latency_s = 0.005
        yield Client(running=running)


def whole_package() -> bytes:
    """Two objects, a required lookup between them, rights, a tab and an app."""
    parent = a_field(
        "Paper__c",
        "Lookup",
        deleteConstraint="Restrict",
        referenceTo="Paper__c",
        relationshipLabel="Leaves",
        relationshipName="Leaves",
        required=True,
    )
    lines = "\n".join(
        [
            field_line("Paper__c.Note__c"),
            field_line("Paper__c.Total__c", editable=True),
        ]
    )
    objects = object_line("Leaf__c") + object_line("Paper__c", viewAllRecords=True)
    tab = (
        "<tabSettings><tab>Paper__c</tab><visibility>Visible</visibility></tabSettings>"
    )
    rights = xml("PermissionSet", f"{lines}<label>Reader</label>\n{objects}\n{tab}")
    layout = xml(
        "Layout",
        "<layoutSections><layoutColumns><layoutItems><behavior>Required</behavior>"
        "<field>Name</field></layoutItems></layoutColumns><style>OneColumn</style>"
        "</layoutSections>",
    )
    return a_zip(
        {
            "package.xml": a_manifest(
                CustomObject=["Leaf__c", "Paper__c"],
                CustomTab=["Paper__c"],
                CustomApplication=["Archive"],
                Layout=["Paper__c-Paper Layout"],
                PermissionSet=["Reader"],
            ),
            "objects/Paper__c.object": an_object(
                a_field(),
                a_field("Total__c", "Currency", precision=18, scale=2),
                "<listViews><fullName>All</fullName><columns>NAME</columns>"
                "<columns>Note__c</columns><filterScope>Everything</filterScope>"
                "<label>All</label></listViews>",
            ),
            "objects/Leaf__c.object": an_object(parent, label="Leaf"),
            "tabs/Paper__c.tab": xml(
                "CustomTab",
                "<customObject>true</customObject><motif>Custom1: Heart</motif>",
            ),
            "applications/Archive.app": xml(
                "CustomApplication",
                "<label>Archive</label><navType>Standard</navType>"
                "<tabs>Paper__c</tabs><uiType>Lightning</uiType>",
            ),
            "layouts/Paper__c-Paper Layout.layout": layout,
            "permissionsets/Reader.permissionset": rights,
        }
    )


def describe(client: Client, name: str) -> dict[str, dict[str, object]]:
    """The described fields by name."""
    answer = client.call("GET", f"/sobjects/{name}/describe")
    assert answer.status_code == 200, answer.text
    return {field["name"]: field for field in answer.json()["fields"]}


def test_a_deployed_object_is_seen_after_the_assignment_only(client: Client) -> None:
    """First 404, then an object with the fields that were granted."""
    result = client.deploy(whole_package())
    assert result["status"] == "Succeeded", problems(result)
    assert result["success"] is True
    assert client.call("GET", "/sobjects/Paper__c/describe").status_code == 404
    client.assign("Reader")
    fields = describe(client, "Paper__c")
    assert fields["Note__c"]["length"] == 80
    assert (fields["Total__c"]["precision"], fields["Total__c"]["scale"]) == (18, 2)
    assert fields["Name"]["nameField"] is True
    leaf = describe(client, "Leaf__c")
    assert leaf["Paper__c"]["referenceTo"] == ["Paper__c"]
    assert leaf["Paper__c"]["restrictedDelete"] is True
    assert leaf["Paper__c"]["nillable"] is False
    assert leaf["Paper__c"]["relationshipName"] == "Paper__r"
    children = client.call("GET", "/sobjects/Paper__c/describe").json()
    assert "Leaves__r" in {
        each["relationshipName"] for each in children["childRelationships"]
    }


def test_every_component_is_reported(client: Client) -> None:
    """Objects, their fields and parts, and package.xml without a type."""
    result = client.deploy(whole_package())
    messages = result["details"]["componentSuccesses"]
    shown = {(each["componentType"], each["fullName"]) for each in messages}
    assert shown == {
        ("", "package.xml"),
        ("CustomApplication", "Archive"),
        ("CustomField", "Leaf__c.Paper__c"),
        ("CustomField", "Paper__c.Note__c"),
        ("CustomField", "Paper__c.Total__c"),
        ("CustomObject", "Leaf__c"),
        ("CustomObject", "Paper__c"),
        ("CustomTab", "Paper__c"),
        ("Layout", "Paper__c-Paper Layout"),
        ("ListView", "Paper__c.All"),
        ("PermissionSet", "Reader"),
    }
    assert result["numberComponentsTotal"] == 10
    assert result["numberComponentsDeployed"] == 10
    (field,) = [each for each in messages if each["fullName"] == "Paper__c.Note__c"]
    assert field["created"] is True
    assert field["changed"] is True
    assert field["deleted"] is False
    assert field["fileName"] == "objects/Paper__c.object"
    assert str(field["id"]).startswith("00N")


def test_a_second_deploy_changes_instead_of_creating(client: Client) -> None:
    """Only what differs is marked as changed."""
    client.deploy(object_package(a_field("A__c"), a_field("B__c")))
    result = client.deploy(object_package(a_field("A__c"), a_field("B__c", length=90)))
    messages = {
        each["fullName"]: each for each in result["details"]["componentSuccesses"]
    }
    assert not any(each["created"] for each in messages.values())
    assert messages["Paper__c.A__c"]["changed"] is False
    assert messages["Paper__c.B__c"]["changed"] is True


def test_a_validation_changes_nothing(client: Client) -> None:
    """The same package can be validated, deployed, and validated again."""
    data = object_package(a_field())
    checked = client.deploy(data, checkOnly=True)
    assert (checked["status"], checked["checkOnly"]) == ("Succeeded", True)
    created = [each["created"] for each in checked["details"]["componentSuccesses"]]
    assert created.count(True) == 2
    assert "Paper__c" not in client.running.org.schema
    assert client.deploy(data)["status"] == "Succeeded"
    assert "Paper__c" in client.running.org.schema


def test_one_error_rolls_everything_back(client: Client) -> None:
    """With rollbackOnError the innocent object does not appear either."""
    data = a_zip(
        {
            "package.xml": a_manifest(CustomObject=["Good__c", "Bad__c"]),
            "objects/Good__c.object": an_object(a_field()),
            "objects/Bad__c.object": an_object(a_field("F__c", "Checkbox")),
        }
    )
    result = client.deploy(data)
    assert result["status"] == "Failed"
    assert result["numberComponentErrors"] == 1
    assert "Good__c" not in client.running.org.schema
    assert not any(
        each["changed"]
        for each in result["details"]["componentSuccesses"]
        if each["componentType"]
    )


def test_without_rollback_the_rest_stays(client: Client) -> None:
    """SucceededPartial: the good object exists, the bad field does not."""
    data = object_package(a_field("Good__c"), a_field("Bad__c", "Checkbox"))
    result = client.deploy(data, rollbackOnError=False)
    assert result["status"] == "SucceededPartial"
    schema = client.running.org.schema
    owner = schema.get("Paper__c")
    assert owner is not None
    assert owner.find("Good__c") is not None
    assert owner.find("Bad__c") is None


def test_a_field_can_be_added_to_an_object_that_exists(client: Client) -> None:
    """CustomField members are enough, for own, standard and packaged objects."""
    client.deploy(object_package(a_field()))
    for owner in ("Paper__c", "Account", "ONB2__Invoice__c"):
        data = field_package(owner, a_field("Extra__c"), names=["Extra__c"])
        result = client.deploy(data)
        assert result["status"] == "Succeeded", problems(result)
        definition = client.running.org.schema.get(owner)
        assert definition is not None
        assert definition.find("Extra__c") is not None


def test_a_formula_cannot_become_a_plain_field(client: Client) -> None:
    """The org refuses the change of kind."""
    client.deploy(object_package(a_field(formula='"x"')))
    assert problems(client.deploy(object_package(a_field()))) == [
        "Cannot update a field from a Formula to something else"
    ]


def test_a_field_with_records_keeps_its_type(client: Client) -> None:
    """On an empty object the type changes, on one with records it does not."""
    org = client.running.org
    client.deploy(object_package(a_field()))
    number = object_package(a_field(kind="Number", precision=5, scale=0))
    assert client.deploy(number, checkOnly=True)["status"] == "Succeeded"
    org.rows.add("Paper__c", [{"Name": "One"}])
    (problem,) = problems(client.deploy(number))
    assert problem.startswith("Cannot change type of field Paper__c.Note__c from Text")


def test_an_object_needs_its_history_first(client: Client) -> None:
    """On an object that exists, tracking is a second deployment."""
    client.deploy(object_package(a_field()))
    tracked = object_package(a_field(trackHistory=True), enableHistory=True)
    assert problems(client.deploy(tracked)) == [
        "The entity: Paper__c does not have history tracking enabled"
    ]
    assert client.deploy(object_package(a_field(), enableHistory=True))["success"]
    assert client.deploy(tracked)["success"]


def test_a_relationship_name_stays_taken_after_a_deletion(client: Client) -> None:
    """For 15 days, unless the deletion purged."""
    lookup = a_field(
        "Customer__c", "Lookup", referenceTo="Account", relationshipName="Papers"
    )
    taken = "There is already a Child Relationship named Papers on Account."

    def remove(*, purge: bool) -> None:
        manifest = a_manifest(CustomObject=["Paper__c"])
        data = a_zip({"package.xml": a_manifest(), "destructiveChanges.xml": manifest})
        assert client.deploy(data, purgeOnDelete=purge)["status"] == "Succeeded"

    assert client.deploy(object_package(lookup))["status"] == "Succeeded"
    remove(purge=True)
    assert client.deploy(object_package(lookup))["status"] == "Succeeded"
    remove(purge=False)
    assert problems(client.deploy(object_package(lookup))) == [taken]


def test_a_default_date_is_written_as_a_call(client: Client) -> None:
    """DATE(y, m, d) is a day; other formulas give no default."""
    for formula, expected in (("DATE(2001, 2, 3)", "2001-02-03"), ("TODAY()", None)):
        field = a_field("Day__c", "Date", defaultValue=formula)
        assert client.deploy(object_package(field))["status"] == "Succeeded"
        paper = client.running.org.schema.get("Paper__c")
        assert paper is not None
        day = paper.find("Day__c")
        assert day is not None
        assert day.default_value == expected


def test_a_deletion_takes_the_object_away(client: Client) -> None:
    """The component is reported as deleted; a missing one is a warning."""
    client.deploy(object_package(a_field()))
    data = a_zip(
        {
            "package.xml": a_manifest(),
            "destructiveChanges.xml": a_manifest(CustomObject=["Paper__c"]),
        }
    )
    result = client.deploy(data)
    (gone,) = [
        each
        for each in result["details"]["componentSuccesses"]
        if each["componentType"] == "CustomObject"
    ]
    assert (gone["deleted"], gone["fullName"]) == (True, "Paper__c")
    assert "Paper__c" not in client.running.org.schema
    again = client.deploy(data)
    assert again["status"] == "Failed"
    warned = client.deploy(data, ignoreWarnings=True)
    assert warned["status"] == "Succeeded"
    (message,) = [
        each
        for each in warned["details"]["componentSuccesses"]
        if each["problemType"] == "Warning"
    ]
    assert message["problem"] == "No CustomObject named: Paper__c found"


def test_an_object_that_others_point_to_is_not_deleted(client: Client) -> None:
    """The lookup's object has to go first."""
    client.deploy(whole_package())
    data = a_zip(
        {
            "package.xml": a_manifest(),
            "destructiveChanges.xml": a_manifest(CustomObject=["Paper__c"]),
        }
    )
    (problem,) = problems(client.deploy(data))
    assert problem.startswith("This custom object is referenced elsewhere")


def test_everything_can_be_taken_back_at_once(client: Client) -> None:
    """Objects that point to each other, their tab, app and rights in one go."""
    client.deploy(whole_package())
    client.assign("Reader")
    data = a_zip(
        {
            "package.xml": a_manifest(),
            "destructiveChanges.xml": a_manifest(
                CustomObject=["Paper__c", "Leaf__c"],
                CustomTab=["Paper__c"],
                CustomApplication=["Archive"],
                PermissionSet=["Reader"],
            ),
        }
    )
    result = client.deploy(data, purgeOnDelete=True)
    assert result["status"] == "Succeeded", problems(result)
    assert client.query("SELECT Id FROM PermissionSet WHERE Name = 'Reader'") == []
    again = client.deploy(whole_package())
    assert again["status"] == "Succeeded", problems(again)
    created = [
        each["created"]
        for each in again["details"]["componentSuccesses"]
        if each["componentType"]
    ]
    assert all(created)


def test_deployments_wait_for_each_other(client: Client) -> None:
    """The second is pending while the first is on its way, and both end."""
    client.running.services.deployments.latency_s = 0.15
    first = client.start_deploy(object_package(a_field("A__c"))).json()
    second = client.start_deploy(object_package(a_field("B__c"))).json()
    assert first["deployResult"]["status"] == "Pending"
    time.sleep(0.2)
    path = "/metadata/deployRequest/"
    running = client.call("GET", path + first["id"]).json()["deployResult"]
    waiting = client.call("GET", path + second["id"]).json()["deployResult"]
    assert (running["status"], waiting["status"]) == ("InProgress", "Pending")
    assert "details" not in running
    assert client.finished(second["id"])["status"] == "Succeeded"
    assert client.finished(first["id"])["status"] == "Succeeded"


def test_a_deployment_can_be_cancelled(client: Client) -> None:
    """202, then Canceled, and nothing changed; a finished one is refused."""
    client.running.services.deployments.latency_s = 0.1
    started = client.start_deploy(object_package(a_field())).json()
    path = f"/metadata/deployRequest/{started['id']}"
    body = {"deployResult": {"status": "Canceling"}}
    answer = client.call("PATCH", path, json=body)
    assert answer.status_code == 202
    assert answer.json()["deployResult"]["status"] == "Canceling"
    result = client.finished(started["id"])
    assert (result["status"], result["success"]) == ("Canceled", False)
    assert result["canceledBy"].startswith("005")
    assert "Paper__c" not in client.running.org.schema
    assert client.call("PATCH", path, json=body).status_code == 400


def test_the_options_come_back(client: Client) -> None:
    """201 with the options; an unknown option is refused."""
    answer = client.start_deploy(object_package(), checkOnly=True)
    assert answer.status_code == 201
    assert answer.json()["deployOptions"]["checkOnly"] is True
    assert answer.json()["deployResult"]["done"] is False
    client.finished(answer.json()["id"])
    wrong = client.start_deploy(object_package(), dryRun=True)
    assert wrong.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert client.call("GET", "/metadata/deployRequest/0AfX").status_code == 404


def test_production_wants_a_rollback() -> None:
    """Outside of sandboxes a partial deployment is refused at once."""
    with start_org(
        OrgSettings(invoices=1, organization_type="Enterprise Edition")
    ) as running:
        production = Client(running=running)
        refused = production.start_deploy(object_package(), rollbackOnError=False)
        assert refused.status_code == 400
        refused = production.start_deploy(object_package(), testLevel="NoTestRun")
        assert "NoTestRun" in refused.json()[0]["message"]
        assert production.deploy(object_package())["status"] == "Succeeded"


def test_an_edition_has_its_own_allocation() -> None:
    """A hundred fields in Professional Edition, and not one more."""
    fields = [a_field(f"F{n}__c") for n in range(101)]
    settings = OrgSettings(invoices=1, organization_type="Professional Edition")
    with start_org(settings) as running:
        small = Client(running=running)
        found = problems(small.deploy(object_package(*fields), checkOnly=True))
        assert any("CUSTOM_ENTITY_OR_FIELD_LIMIT" in text for text in found)
        fitting = small.deploy(object_package(*fields[:-1]), checkOnly=True)
        assert fitting["status"] == "Succeeded", problems(fitting)


def test_a_permission_set_needs_no_order_of_files(client: Client) -> None:
    """It is applied after the objects it names, and merges when deployed again."""
    rights = a_permission_set(field_line("Paper__c.A__c"))
    data = a_zip(
        {
            "permissionsets/Reader.permissionset": rights,
            "objects/Paper__c.object": an_object(a_field("A__c")),
            "package.xml": a_manifest(
                PermissionSet=["Reader"], CustomObject=["Paper__c"]
            ),
        }
    )
    assert client.deploy(data)["status"] == "Succeeded"
    assert client.deploy(data)["status"] == "Succeeded"
