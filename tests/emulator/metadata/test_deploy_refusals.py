"""
Every sentence the org refuses metadata with, each provoked over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from migrator.emulator.server import OrgSettings, start_org
from tests.builders.packages import (
    Client,
    a_field,
    a_manifest,
    a_permission_set,
    a_zip,
    an_object,
    elements,
    field_line,
    field_package,
    object_line,
    object_package,
    problems,
    xml,
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An org that is only validated against."""
    with start_org(OrgSettings(invoices=3)) as running:
        running.services.deployments.latency_s = 0.001
        yield Client(running=running)


def a_lookup(**more: object) -> str:
    """A lookup to Account, or to what *more* says."""
    values = {"referenceTo": "Account", "relationshipName": "Papers"} | more
    return a_field("Customer__c", "Lookup", **values)


def a_master(**more: object) -> str:
    """A master-detail to Account."""
    values = {"referenceTo": "Account", "relationshipName": "Papers"} | more
    return a_field("Customer__c", "MasterDetail", **values)


def a_picklist(*values: str, **more: object) -> str:
    """A picklist whose values are given as `name` or `name=label`."""
    listed = "".join(
        "<value>"
        + elements(
            fullName=value.partition("=")[0],
            default=False,
            label=value.rpartition("=")[2],
        )
        + "</value>"
        for value in values
    )
    definition = f"<sorted>false</sorted>{listed}"
    inside = f"<valueSetDefinition>{definition}</valueSetDefinition>"
    return a_field("Status__c", "Picklist", valueSet=inside, **more)


FORBIDDEN = [
    ("TextArea", {"length": 255}, "length"),
    ("Email", {"length": 80}, "length"),
    ("Phone", {"length": 40}, "length"),
    ("Url", {"length": 255}, "length"),
    ("Number", {"length": 5, "precision": 5, "scale": 0}, "length"),
    ("Text", {"scale": 0}, "scale"),
    ("Text", {"precision": 5}, "precision"),
    ("Date", {"precision": 5}, "precision"),
    (
        "LongTextArea",
        {"length": 300, "visibleLines": 3, "required": True},
        "required",
    ),
    (
        "LongTextArea",
        {"length": 300, "visibleLines": 3, "defaultValue": '"x"'},
        "defaultValue",
    ),
    ("LongTextArea", {"length": 300, "visibleLines": 3, "unique": True}, "unique"),
    ("Html", {"length": 300, "visibleLines": 25, "required": True}, "required"),
    ("Checkbox", {"defaultValue": "false", "required": True}, "required"),
    (
        "Location",
        {"scale": 5, "displayLocationInDecimal": True, "required": True},
        "required",
    ),
    (
        "Summary",
        {
            "precision": 18,
            "summaryForeignKey": "Line__c.Paper__c",
            "summaryOperation": "count",
        },
        "precision",
    ),
    ("AutoNumber", {"displayFormat": "{0}", "required": True}, "required"),
    ("Date", {"externalId": True}, "externalId"),
]


@pytest.mark.parametrize(("kind", "more", "element"), FORBIDDEN)
def test_an_element_is_refused_for_a_type(
    client: Client, kind: str, more: dict[str, object], element: str
) -> None:
    """The org names the element and the type that does not take it."""
    result = client.deploy(object_package(a_field("F__c", kind, **more)))
    expected = f"Can not specify '{element}' for a CustomField of type {kind}"
    assert problems(result) == [expected]
    assert result["status"] == "Failed"


MISSING = [
    ("Checkbox", {}, "defaultValue"),
    ("Number", {"scale": 2}, "precision"),
    ("Currency", {"precision": 18}, "scale"),
    ("LongTextArea", {"length": 300}, "visibleLines"),
    ("LongTextArea", {"visibleLines": 3}, "length"),
    ("Html", {"length": 300}, "visibleLines"),
    ("AutoNumber", {}, "displayFormat"),
    ("Lookup", {"relationshipName": "Papers"}, "referenceTo"),
    ("EncryptedText", {"length": 20, "maskChar": "X"}, "maskType"),
    ("Picklist", {}, "valueSet"),
]


@pytest.mark.parametrize(("kind", "more", "element"), MISSING)
def test_an_element_is_needed_by_a_type(
    client: Client, kind: str, more: dict[str, object], element: str
) -> None:
    """The org names the element that the type must have."""
    result = client.deploy(object_package(a_field("F__c", kind, **more)))
    expected = f"Must specify '{element}' for a CustomField of type {kind}"
    assert expected in problems(result)


FIELDS = {
    "md-required": (
        a_master(required=False),
        "Master-Detail Relationship Fields Cannot be Optional or Required",
    ),
    "md-constraint": (
        a_master(deleteConstraint="Cascade"),
        "Can not specify 'deleteConstraint' for a CustomField of type MasterDetail",
    ),
    "md-filter": (
        a_master(lookupFilter="<active>true</active>"),
        "Lookup filters are only supported on Lookup Relationship Fields",
    ),
    "md-user": (
        a_master(referenceTo="User"),
        "Cannot create a master-detail relationship to User",
    ),
    "lookup-order": (
        a_lookup(relationshipOrder=0),
        "Can not specify 'relationshipOrder' for a CustomField of type Lookup",
    ),
    "lookup-required": (
        a_lookup(required=True),
        (
            "must specify either cascade delete or restrict delete for required lookup "
            "foreign key"
        ),
    ),
    "lookup-user": (
        a_lookup(referenceTo="User", deleteConstraint="Restrict"),
        (
            "Cannot add a lookup relationship child with cascade or restrict options "
            "to User"
        ),
    ),
    "lookup-cascade": (
        a_lookup(deleteConstraint="Cascade"),
        "If you want to cascade delete, please contact salesforce.com",
    ),
    "lookup-nowhere": (
        a_lookup(referenceTo="Nowhere__c"),
        "referenceTo value of 'Nowhere__c' does not resolve to a valid sObject type",
    ),
    "relationship-long": (
        a_lookup(relationshipName="R" * 41),
        "relationship name too long",
    ),
    "text-length": (a_field(length=999), "Invalid length, maximum is: 255"),
    "long-text-length": (
        a_field("F__c", "LongTextArea", length=255, visibleLines=3),
        "Invalid length, minimum is: 256",
    ),
    "digits": (
        a_field("F__c", "Number", precision=19, scale=2),
        (
            "The sum of length and decimal places must be an integer less than or "
            "equal to 18 (precision 19, scale 2)"
        ),
    ),
    "scale": (
        a_field("F__c", "Number", precision=2, scale=3),
        (
            "The sum of length and decimal places must be an integer less than or "
            "equal to 18 (precision 2, scale 3)"
        ),
    ),
    "label": (a_field(label=""), "Must specify a non-empty label for the CustomField"),
    "label-long": (
        a_field(label="L" * 41),
        f"Label: data value too large: {'L' * 41} (max length=40)",
    ),
    "standard": (a_field("Note"), "Could not resolve standard field's name."),
    "name": (
        a_field("No__te__x__c"),
        (
            "Cannot modify managed object: entity=CustomFieldDefinition, "
            "component=No__te__x__c, state=installed"
        ),
    ),
    "name-long": (
        a_field(f"{'n' * 41}__c", label="Note"),
        "field name too long, maximum is: 40",
    ),
    "picklist-characters": (
        a_picklist(*(f"{number:02}{'x' * 153}" for number in range(99))),
        "Picklist has too many characters, maximum is: 15000",
    ),
    "case-without-unique": (
        a_field(length=18, caseSensitive=True),
        "Can not specify 'caseSensitive' for a CustomField that is not unique",
    ),
    "formula-unique": (
        a_field(formula='"x"', unique=True),
        "Can not specify unique for CustomFields that have a formula",
    ),
    "formula-external": (
        a_field(formula='"x"', externalId=True),
        "Can not specify externalId for CustomFields that have a formula",
    ),
    "formula-long": (
        a_field(formula="1" * 3_916),
        "Formula is too long (3,916 characters). Maximum length is 3,900 characters",
    ),
    "values-double": (
        a_picklist("Open", "open=Other"),
        "duplicate value found: [open] is defined multiple times",
    ),
    "picklist-name": (a_picklist("A" * 256), f"Invalid fullName ({'A' * 256})"),
    "labels-double": (a_picklist("A=Open", "B=Open"), "Duplicate label: Open"),
    "picklist-external": (a_picklist("A", externalId=True), "Invalid data type."),
    "picklist-trending": (a_picklist("A", trackTrending=True), "Invalid data type."),
    "both-value-sets": (
        a_field(
            "F__c",
            "Picklist",
            valueSet="<valueSetDefinition><sorted>false</sorted></valueSetDefinition>"
            "<valueSetName>Colours</valueSetName>",
        ),
        "Value set must reference a value set name or define a value set, but not both",
    ),
    "unknown-value-set": (
        a_field("F__c", "Picklist", valueSet="<valueSetName>Colours</valueSetName>"),
        "In field: valueSetName - no GlobalValueSet named Colours found",
    ),
    "history": (
        a_field(trackHistory=True),
        "The entity: Paper__c does not have history tracking enabled",
    ),
    "summary-key": (
        a_field(
            "F__c", "Summary", summaryForeignKey="Paper__c", summaryOperation="count"
        ),
        "Must specify the name in the CustomObject.CustomField format",
    ),
    "summary-count": (
        a_field(
            "F__c",
            "Summary",
            summarizedField="Line__c.Net__c",
            summaryForeignKey="Line__c.Paper__c",
            summaryOperation="count",
        ),
        (
            "Custom Field Definition ID: bad value for restricted picklist field: "
            "Line__c.Net__c"
        ),
    ),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_is_refused(client: Client, case: str) -> None:
    """The org says its sentence about the field."""
    field, sentence = FIELDS[case]
    sharing = "ControlledByParent" if "MasterDetail" in field else "Private"
    result = client.deploy(object_package(field, sharingModel=sharing))
    assert sentence in problems(result)
    failure = result["details"]["componentFailures"][0]
    assert failure["componentType"] == "CustomField"
    assert failure["fileName"] == "objects/Paper__c.object"
    assert failure["problemType"] == "Error"
    assert failure["lineNumber"] > 1
    assert failure["columnNumber"] > 0


OBJECTS: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "label": (
        {"label": None},
        [],
        "Must specify a non-empty label for the CustomObject",
    ),
    "plural": (
        {"pluralLabel": None},
        [],
        "Must specify a non-empty pluralLabel for the CustomObject",
    ),
    "name-field": (
        {"nameField": None},
        [],
        "Must specify a nameField of type Text or AutoNumber",
    ),
    "name-field-type": (
        {"nameField": "<label>N</label><type>Number</type>"},
        [],
        "Must specify a nameField of type Text or AutoNumber",
    ),
    "name-field-format": (
        {"nameField": "<label>N</label><type>AutoNumber</type>"},
        [],
        "Must specify 'displayFormat' for a CustomField of type AutoNumber",
    ),
    "sharing": (
        {"sharingModel": None},
        [],
        "Must specify a sharingModel for the CustomObject",
    ),
    "status": (
        {"deploymentStatus": None},
        [],
        "Must specify a deploymentStatus for the CustomObject",
    ),
    "description": (
        {"description": "d" * 1_001},
        [],
        f"Description: data value too large: {'d' * 1_001} (max length=1000)",
    ),
    "trio": (
        {"enableBulkApi": False},
        [],
        "enableBulkApi, enableSharing and enableStreamingApi must have the same value",
    ),
    "detail-sharing": (
        {"sharingModel": "ReadWrite"},
        [a_master()],
        (
            "Cannot set sharingModel to ReadWrite on a CustomObject with a "
            "MasterDetail relationship field"
        ),
    ),
    "no-master": (
        {"sharingModel": "ControlledByParent"},
        [],
        (
            "Cannot set sharingModel to ControlledByParent on a CustomObject without a "
            "MasterDetail relationship field"
        ),
    ),
    "lookup": (
        {"enableEnhancedLookup": True},
        [],
        "Enhanced lookup requires search to be enabled",
    ),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_an_object_is_refused(client: Client, case: str) -> None:
    """The org says its sentence about the object."""
    more, fields, sentence = OBJECTS[case]
    result = client.deploy(object_package(*fields, **more))
    assert sentence in problems(result)


def test_an_object_needs_the_custom_suffix(client: Client) -> None:
    """A name without __c is told the suffixes there are."""
    result = client.deploy(object_package(name="Paper"))
    assert problems(result)[0].startswith("fullName must end with: __c or ")


def test_a_packaged_object_is_read_only(client: Client) -> None:
    """The package's object cannot be redefined, nor its fields."""
    name = "ONB2__Invoice__c"
    assert "Cannot modify managed object: entity=CustomEntityDefinition, " in str(
        problems(client.deploy(object_package(name=name)))
    )
    data = field_package(name, a_field("ONB2__X__c"), names=["ONB2__X__c"])
    assert "Cannot modify managed object: entity=CustomFieldDefinition, " in str(
        problems(client.deploy(data))
    )


def test_a_relationship_name_is_taken_once_on_the_parent(client: Client) -> None:
    """Two children of one parent cannot share a child relationship name."""
    both = a_zip(
        {
            "package.xml": a_manifest(CustomObject=["Leaf__c", "Paper__c"]),
            "objects/Paper__c.object": an_object(a_lookup()),
            "objects/Leaf__c.object": an_object(a_lookup(), label="Leaf"),
        }
    )
    result = client.deploy(both)
    assert problems(result) == [
        "There is already a Child Relationship named Papers on Account."
    ]


LIMITS = {
    "indexed": (
        [a_field(f"F{n}__c", externalId=True) for n in range(26)],
        "CUSTOM_FIELD_INDEX_LIMIT_EXCEEDED",
    ),
    "relationships": (
        [
            a_field(
                f"F{n}__c", "Lookup", referenceTo="Account", relationshipName=f"R{n}"
            )
            for n in range(41)
        ],
        "Maximum number of relationship fields (40) reached on Paper__c",
    ),
    "masters": (
        [
            a_field(
                f"F{n}__c",
                "MasterDetail",
                referenceTo="Account",
                relationshipName=f"R{n}",
            )
            for n in range(3)
        ],
        "Maximum number of master-detail relationships (2) reached on Paper__c",
    ),
    "history": (
        [a_field(f"F{n}__c", trackHistory=True) for n in range(21)],
        "NUM_HISTORY_FIELDS_BY_SOBJECT_EXCEEDED",
    ),
    "long-text": (
        [
            a_field(f"F{n}__c", "LongTextArea", length=131_072, visibleLines=3)
            for n in range(13)
        ],
        "CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED",
    ),
    "fields": (
        [a_field(f"F{n}__c") for n in range(501)],
        "CUSTOM_ENTITY_OR_FIELD_LIMIT",
    ),
}


@pytest.mark.parametrize("case", LIMITS)
def test_an_allocation_is_enforced(client: Client, case: str) -> None:
    """One more than the allocation fails, the allocation itself does not."""
    fields, sentence = LIMITS[case]
    sharing = "ControlledByParent" if case == "masters" else "Private"
    more: dict[str, Any] = {"sharingModel": sharing, "enableHistory": True}
    result = client.deploy(object_package(*fields, **more))
    assert [text for text in problems(result) if sentence in text]
    fitting = client.deploy(object_package(*fields[:-1], **more), checkOnly=True)
    assert fitting["status"] == "Succeeded", problems(fitting)


PERMISSIONS = {
    "required": (
        field_line("Paper__c.Must__c"),
        "You cannot deploy to a required field: Paper__c.Must__c",
    ),
    "name": (
        field_line("Paper__c.Name"),
        "You cannot deploy to a required field: Paper__c.Name",
    ),
    "unknown-field": (
        field_line("Paper__c.Gone__c"),
        "In field: field - no CustomField named Paper__c.Gone__c found",
    ),
    "unknown-object": (
        field_line("Gone__c.F__c"),
        "In field: field - no CustomObject named Gone__c found",
    ),
    "unknown-object-line": (
        object_line("Gone__c"),
        "In field: object - no CustomObject named Gone__c found",
    ),
    "edit": (
        object_line("Paper__c", allowRead=False, allowCreate=False, allowDelete=False),
        "Permission Edit Paper__c depends on permission(s): Read Paper__c",
    ),
    "delete": (
        object_line("Paper__c", allowEdit=False),
        "Permission Delete Paper__c depends on permission(s): Edit Paper__c",
    ),
    "modify-all": (
        object_line("Paper__c", modifyAllRecords=True),
        "Permission Modify All Paper__c depends on permission(s): View All Paper__c",
    ),
    "master": (
        object_line("Leaf__c"),
        "Permission Read Leaf__c depends on permission(s): Read Paper__c",
    ),
    "tab": (
        (
            "<tabSettings><tab>Paper__c</tab>"
            "<visibility>Visible</visibility></tabSettings>"
        ),
        "In field: tab - no CustomTab named Paper__c found",
    ),
    "user-permission": (
        "<userPermissions><enabled>true</enabled><name>Fly</name></userPermissions>",
        "Unknown user permission: Fly",
    ),
    "audit": (
        (
            "<userPermissions><enabled>true</enabled><name>CreateAuditFields</name>"
            "</userPermissions>"
        ),
        "Unknown user permission: CreateAuditFields",
    ),
}


@pytest.mark.parametrize("case", PERMISSIONS)
def test_a_permission_set_line_is_refused(client: Client, case: str) -> None:
    """The org says its sentence about the line."""
    line, sentence = PERMISSIONS[case]
    leaf = a_field(
        "Paper__c", "MasterDetail", referenceTo="Paper__c", relationshipName="Leaves"
    )
    data = a_zip(
        {
            "package.xml": a_manifest(
                CustomObject=["Paper__c", "Leaf__c"], PermissionSet=["Reader"]
            ),
            "objects/Paper__c.object": an_object(a_field("Must__c", required=True)),
            "objects/Leaf__c.object": an_object(
                leaf, label="Leaf", sharingModel="ControlledByParent"
            ),
            "permissionsets/Reader.permissionset": a_permission_set(line),
        }
    )
    result = client.deploy(data)
    assert problems(result) == [sentence]
    assert result["numberComponentErrors"] == 1


SHAPES = {
    "duplicated": (
        an_object(label="A</label><label>B"),
        (
            "Error parsing file: Element label is duplicated at this location in type "
            "CustomObject"
        ),
    ),
    "interrupted": (
        an_object(a_field("A__c"), "<gender>Neuter</gender>", a_field("B__c")),
        (
            "Error parsing file: Element fields is duplicated at this location in type "
            "CustomObject"
        ),
    ),
    "unknown": (
        an_object(enableChangeDataCapture=True),
        (
            "Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}"
            "enableChangeDataCapture invalid at this location in type CustomObject"
        ),
    ),
    "misplaced": (
        an_object(
            a_field(
                "F__c",
                "Picklist",
                valueSet="<valueSetDefinition><restricted>true</restricted>"
                "<sorted>false</sorted></valueSetDefinition>",
            )
        ),
        (
            "Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}"
            "restricted invalid at this location in type ValueSetValuesDefinition"
        ),
    ),
    "enum": (
        an_object(a_field("F__c", "Txt")),
        "Error parsing file: 'Txt' is not a valid value for the enum 'FieldType'",
    ),
    "boolean": (
        an_object(enableReports="True"),
        "Error parsing file: 'True' is not a valid value for the type xsd:boolean",
    ),
    "sorted": (
        an_object(
            a_field(
                "F__c",
                "Picklist",
                valueSet="<valueSetDefinition></valueSetDefinition>",
            )
        ),
        "Required field is missing: sorted",
    ),
    "doctype": (
        '<!DOCTYPE x [<!ENTITY a "b">]>' + an_object().partition("?>\n")[2],
        "Error parsing file: DOCTYPE is not allowed in metadata files",
    ),
    "malformed": (
        an_object().replace("</CustomObject>", ""),
        "Error parsing file: no element found",
    ),
    "namespace": (
        an_object().replace("2006/04", "2007/04"),
        (
            "Error parsing file: Element {http://soap.sforce.com/2007/04/metadata}"
            "CustomObject invalid at this location in type CustomObject"
        ),
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_file_of_the_wrong_shape_is_refused(client: Client, case: str) -> None:
    """The parser's sentence stands against the file."""
    content, sentence = SHAPES[case]
    data = a_zip(
        {
            "package.xml": a_manifest(CustomObject=["Paper__c"]),
            "objects/Paper__c.object": content,
        }
    )
    assert problems(client.deploy(data)) == [sentence]


def test_the_manifest_and_the_zip_must_agree_both_ways(client: Client) -> None:
    """A member without a file and a file without a member are both refused."""
    data = a_zip(
        {
            "package.xml": a_manifest(CustomObject=["Paper__c", "Gone__c"]),
            "objects/Paper__c.object": an_object(),
            "objects/Extra__c.object": an_object(),
        }
    )
    result = client.deploy(data)
    assert sorted(problems(result)) == [
        (
            "An object 'Gone__c' of type CustomObject was named in package.xml, but "
            "was not found in zipped directory"
        ),
        "Not in package.xml",
    ]


def test_a_field_that_the_manifest_leaves_out_is_refused(client: Client) -> None:
    """With CustomField members only, each field must be one of them."""
    data = field_package("Account", a_field("A__c"), a_field("B__c"), names=["A__c"])
    assert problems(client.deploy(data)) == ["Not in package.xml"]


def test_a_new_object_cannot_come_as_fields_only(client: Client) -> None:
    """Fields of an object that nobody defines have nowhere to go."""
    data = field_package("Paper__c", a_field("A__c"), names=["A__c"])
    assert problems(client.deploy(data)) == [
        "In field: CustomField - no CustomObject named Paper__c found"
    ]


MANIFESTS = {
    "type": (
        a_manifest(Flow=["X"]),
        "Unknown type name 'Flow' specified in package.xml",
    ),
    "wildcard": (
        a_manifest(CustomField=["*"]),
        "Wildcard is not supported for type CustomField",
    ),
    "version": (a_manifest(version="99.0"), "Invalid version specified: 99.0"),
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_manifest_is_refused(client: Client, case: str) -> None:
    """package.xml itself is the failing component."""
    manifest, sentence = MANIFESTS[case]
    result = client.deploy(a_zip({"package.xml": manifest}))
    (failure,) = result["details"]["componentFailures"]
    assert (failure["fullName"], failure["problem"]) == ("package.xml", sentence)
    assert failure["componentType"] == ""
    assert result["status"] == "Failed"


def test_a_zip_without_a_manifest_is_refused(client: Client) -> None:
    """package.xml is looked for at the top of a single package."""
    data = a_zip({"pkg/package.xml": a_manifest()})
    assert problems(client.deploy(data)) == ["No package.xml found"]
    assert client.deploy(data, singlePackage=False)["status"] == "Succeeded"


@pytest.mark.parametrize("name", ["../evil.object", "/etc/x", "objects\\x.object"])
def test_a_zip_that_leaves_its_folder_is_refused(client: Client, name: str) -> None:
    """No entry is looked at once one name points outside."""
    data = a_zip({"package.xml": a_manifest(), name: "x"})
    result = client.deploy(data)
    assert result["errorStatusCode"] == "INVALID_ZIP"
    assert result["status"] == "Failed"
    assert result["numberComponentErrors"] == 0


def test_no_zip_at_all_is_refused(client: Client) -> None:
    """Bytes that are no zip fail the deployment, not the server."""
    assert client.deploy(b"not a zip")["errorStatusCode"] == "INVALID_ZIP"


def test_a_zip_that_unpacks_to_too_much_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small on the wire, too large in the end: nothing of it is read."""
    limit = "migrator.emulator.metadata.package.MAX_UNPACKED_BYTES"
    monkeypatch.setattr(limit, 1 << 20)
    bomb = {"objects/B__c.object": bytes(1 << 20)}
    data = a_zip({"package.xml": a_manifest(), **bomb})
    assert len(data) < 1 << 12
    assert client.deploy(data)["errorStatusCode"] == "LIMIT_EXCEEDED"


def test_a_zip_of_too_many_files_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of entries is limited, too."""
    monkeypatch.setattr("migrator.emulator.metadata.package.MAX_FILES", 2)
    files = {f"objects/X{n}__c.object": "" for n in range(2)}
    data = a_zip({"package.xml": a_manifest()} | files)
    assert client.deploy(data)["errorStatusCode"] == "LIMIT_EXCEEDED"


def test_files_of_other_kinds_are_refused_loudly(client: Client) -> None:
    """What the emulator does not know is an error, never ignored."""
    data = a_zip({"package.xml": a_manifest(), "classes/A.cls": "class A {}"})
    assert problems(client.deploy(data)) == ["Not emulated: this kind of metadata file"]


PARTS = {
    "list-view-column": (
        (
            "<listViews><fullName>All</fullName><columns>Name</columns>"
            "<filterScope>Everything</filterScope><label>All</label></listViews>"
        ),
        "Could not resolve list view column: Name",
    ),
    "rule-name": (
        (
            "<validationRules><fullName>Sealed__c</fullName><active>false</active>"
            "<errorConditionFormula>true</errorConditionFormula>"
            "<errorMessage>No</errorMessage></validationRules>"
        ),
        (
            "The validation name can only contain alphanumeric characters, must begin "
            "with a letter, cannot end with an underscore or contain two consecutive "
            "underscore characters"
        ),
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_part_of_an_object_is_refused(client: Client, case: str) -> None:
    """The org says its sentence about the list view or rule."""
    part, sentence = PARTS[case]
    assert problems(client.deploy(object_package(part))) == [sentence]


def test_an_ownerless_object_has_no_list_view_of_mine(client: Client) -> None:
    """A detail object's records have no owner to filter by."""
    view = (
        "<listViews><fullName>Mine</fullName><columns>NAME</columns>"
        "<filterScope>Mine</filterScope><label>Mine</label></listViews>"
    )
    data = object_package(a_master(), view, sharingModel="ControlledByParent")
    assert problems(client.deploy(data)) == ["Invalid scope:Mine, not allowed"]


def a_layout(*items: tuple[str, str]) -> str:
    """A one-column layout with (field, behavior) items."""
    placed = "".join(
        f"<layoutItems><behavior>{how}</behavior><field>{name}</field></layoutItems>"
        for name, how in items
    )
    return xml(
        "Layout",
        f"<layoutSections><layoutColumns>{placed}</layoutColumns>"
        "<style>OneColumn</style></layoutSections>",
    )


LAYOUTS = {
    "left-out": (
        a_layout(("Note__c", "Edit")),
        "Layout must contain an item for required layout field: Name",
    ),
    "unknown": (
        a_layout(("Name", "Required"), ("Gone__c", "Edit")),
        "In field: field - no CustomField named Paper__c.Gone__c found",
    ),
    "formula": (
        a_layout(("Name", "Required"), ("Sum__c", "Required")),
        "Field:Sum__c must not be Required",
    ),
    "behavior": (
        a_layout(("Name", "ReadOnly")),
        "Error parsing file: 'ReadOnly' is not a valid value for the enum 'UiBehavior'",
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_a_layout_is_refused(client: Client, case: str) -> None:
    """The org says its sentence about the layout."""
    layout, sentence = LAYOUTS[case]
    data = a_zip(
        {
            "package.xml": a_manifest(
                CustomObject=["Paper__c"], Layout=["Paper__c-Paper Layout"]
            ),
            "objects/Paper__c.object": an_object(
                a_field(), a_field("Sum__c", formula='"x"')
            ),
            "layouts/Paper__c-Paper Layout.layout": layout,
        }
    )
    assert problems(client.deploy(data)) == [sentence]


TRANSLATIONS = {
    "name-field": ("de", "Name", "Cannot translate standard field: Paper__c.Name"),
    "unknown": (
        "de",
        "Gone__c",
        "In field: name - no CustomField named Paper__c.Gone__c found",
    ),
    "language": ("xx", "Note__c", "Not available for deploy: language xx"),
}


@pytest.mark.parametrize("case", TRANSLATIONS)
def test_a_translation_is_refused(client: Client, case: str) -> None:
    """The org says its sentence, in the file and at the line of the name."""
    language, name, sentence = TRANSLATIONS[case]
    line = f"\n<fields><label>L</label><name>{name}</name></fields>"
    data = a_zip(
        {
            "package.xml": a_manifest(
                CustomObject=["Paper__c"],
                CustomObjectTranslation=[f"Paper__c-{language}"],
            ),
            "objects/Paper__c.object": an_object(a_field()),
            f"objectTranslations/Paper__c-{language}.objectTranslation": xml(
                "CustomObjectTranslation", line
            ),
        }
    )
    result = client.deploy(data)
    assert problems(result) == [sentence]
    (failure,) = result["details"]["componentFailures"]
    assert failure["fileName"].endswith(f"Paper__c-{language}.objectTranslation")
    assert failure["lineNumber"] > 1
    assert failure["columnNumber"] > 0
