"""
The sample describes: reproducible, complete in shape, and consistent in themselves.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_describes"
REAL = ROOT.parent / "shared" / "data" / "describes"
DESCRIBES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(SAMPLES.glob("*.json"))
}
INVOICE = "ONB2__Invoice__c"
LINE = "ONB2__InvoiceLineItem__c"
# Objects that fields point at and that are no part of the sample.
ELSEWHERE = {"Group", "Profile"}
SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "double": "xsd:double",
    "percent": "xsd:double",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "location": "urn:location",
}


def fields_of(api_name: str) -> dict[str, dict[str, Any]]:
    """
    The fields of one sample by name.
    """
    return {each["name"]: each for each in DESCRIBES[api_name]["fields"]}


def every_field() -> list[tuple[str, dict[str, Any]]]:
    """
    Each field of each sample, with a readable name.
    """
    return [
        (f"{api_name}.{each['name']}", each)
        for api_name, described in DESCRIBES.items()
        for each in described["fields"]
    ]


def test_the_script_makes_the_committed_files(tmp_path: Path) -> None:
    """
    Expects every committed describe, and INFERRED.md, byte for byte.
    """
    script = SAMPLES / "make.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {
        path.name: path.read_bytes()
        for path in SAMPLES.iterdir()
        if path.suffix == ".json" or path.name == "INFERRED.md"
    }
    assert len(made) == 16
    assert made == kept


def test_every_describe_has_the_45_keys_and_every_field_the_57() -> None:
    """
    Expects one set of keys for all objects and one for all fields.
    """
    tops = {frozenset(described) for described in DESCRIBES.values()}
    keys = {frozenset(each) for _, each in every_field()}

    assert [len(top) for top in tops] == [45]
    assert [len(each) for each in keys] == [57]


def test_the_well_known_fields_are_there() -> None:
    """
    Expects at least 120 fields of the invoice and 46 of the line item from the vendor.
    """
    invoice, line = fields_of(INVOICE), fields_of(LINE)

    assert sum(name.startswith("ONB2__") or name == "Name" for name in invoice) >= 120
    assert sum(name.startswith("ONB2__") or name == "Name" for name in line) >= 46
    assert {"ONB2__GrandTotal__c", "ONB2__CanceledWith__c"} <= invoice.keys()
    assert {"ONB2__PosTotalNet__c", "ONB2__SourceId__c"} <= line.keys()


def test_names_are_unique_and_labels_fit() -> None:
    """
    Expects no field twice (in any case), labels of 1 to 40 characters, names of 40.
    """
    for api_name, described in DESCRIBES.items():
        names = [each["name"].lower() for each in described["fields"]]
        assert max(Counter(names).values()) == 1, api_name
    for name, each in every_field():
        assert 1 <= len(each["label"]) <= 40, name
        bare = each["name"].removesuffix("__c").removeprefix("ONB2__")
        assert len(bare) <= 40, name


def test_every_reference_leads_to_a_described_object() -> None:
    """
    Expects reference fields to name samples (or Group, Profile) and a traversal name.
    """
    for name, each in every_field():
        targets = set(each["referenceTo"])
        assert bool(targets) == (each["type"] == "reference"), name
        assert targets <= DESCRIBES.keys() | ELSEWHERE, name
        assert (each["relationshipName"] is not None) == bool(targets), name


def test_child_relationships_mirror_the_lookups() -> None:
    """
    Expects each parent to list each custom lookup once, with names unique per parent.
    """
    for parent, described in DESCRIBES.items():
        listed = described["childRelationships"]
        names = [each["relationshipName"] for each in listed]
        known = [name for name in names if name]
        assert len(known) == len(set(known)), parent
        pairs = {(each["childSObject"], each["field"]) for each in listed}
        pointing = {
            (child, each["name"])
            for child, other in DESCRIBES.items()
            for each in other["fields"]
            if each["custom"] and parent in each["referenceTo"]
        }
        assert pointing <= pairs, parent


def test_types_carry_the_attributes_an_org_gives_them() -> None:
    """
    Expects soapType, byteLength, precision and sortability to follow from the type.
    """
    for name, each in every_field():
        kind, length = each["type"], each["length"]
        assert each["soapType"] == SOAP_TYPES.get(kind, "xsd:string"), name
        if kind in {"id", "reference"}:
            assert (length, each["byteLength"]) == (18, 18), name
        elif kind == "multipicklist":
            assert (length, each["byteLength"]) == (4099, 4099), name
        else:
            assert each["byteLength"] == 3 * length, name
        if kind in {"currency", "double", "percent"}:
            assert 0 <= each["scale"] <= each["precision"] <= 18, name
        if kind == "textarea":
            rich = each["htmlFormatted"]
            info = "richtextarea" if rich else "plaintextarea"
            assert each["extraTypeInfo"] == info, name
            assert each["sortable"] == (length <= 255), name
        if kind == "boolean":
            assert (each["nillable"], each["defaultedOnCreate"]) == (False, True), name
        if each["calculated"] or each["autoNumber"]:
            assert not each["createable"], name
            assert not each["updateable"], name


def test_what_makes_orgs_hard_is_there() -> None:
    """
    Expects collisions, formulas of each kind, roll-ups, auto numbers, inactive values.
    """
    invoice, line = fields_of(INVOICE), fields_of(LINE)

    assert {"Region__c", "ONB2__Region__c", "ON_Region__c"} <= invoice.keys()
    assert {"Status__c", "ONB2__Status__c"} <= invoice.keys()
    formulas = {
        each["type"]
        for each in invoice.values()
        if each["calculatedFormula"] is not None
    }
    assert {"string", "double", "currency", "date", "boolean", "percent"} <= formulas
    for total in ("GrandTotal", "TotalNet", "TotalTax"):
        found = invoice[f"ONB2__{total}__c"]
        assert found["calculated"], total
        assert found["calculatedFormula"] is None, total
    assert "TODAY()" in invoice["ONB2__DaysOverdue__c"]["calculatedFormula"]
    assert line["Name"]["autoNumber"]
    assert line["Name"]["length"] == 30
    net = line["ONB2__PosTotalNet__c"]
    assert (net["calculated"], net["precision"], net["scale"]) == (True, 18, 2)
    source_id = line["ONB2__SourceId__c"]
    assert source_id["unique"]
    assert source_id["externalId"]
    assert line["ONB2__Invoice__c"]["relationshipOrder"] == 0
    types = invoice["ONB2__Type__c"]["picklistValues"]
    assert {each["active"] for each in types} == {True, False}
    for self_lookup in ("ONB2__CanceledWith__c", "ONB2__RelatedInvoice__c"):
        assert invoice[self_lookup]["referenceTo"] == [INVOICE]
    assert invoice["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert "OwnerId" not in line
    assert any(set("<&\"'") <= set(each["label"]) for each in invoice.values())


def test_rare_kinds_of_field_are_there() -> None:
    """
    Expects the statement to carry one field of each kind that invoices lack.
    """
    statement = fields_of("ONB2__Dunning__c")

    assert statement["Debtor_Position__c"]["type"] == "location"
    part = statement["Debtor_Position__Latitude__s"]
    assert (part["type"], part["compoundFieldName"]) == ("double", "Debtor_Position__c")
    assert statement["Collector_Notes__c"]["htmlFormatted"]
    assert statement["Collector_Pin__c"]["type"] == "encryptedstring"
    assert statement["Contact_Window__c"]["type"] == "time"
    assert statement["Reasons__c"]["type"] == "multipicklist"
    assert statement["Reasons__c"]["precision"] == 5
    assert statement["Statement_Link__c"]["htmlFormatted"]
    assert "HYPERLINK(" in statement["Statement_Link__c"]["calculatedFormula"]
    step = statement["Escalation_Step__c"]
    assert (step["dependentPicklist"], step["controllerName"]) == (
        True,
        "Escalation__c",
    )
    valid = {each["value"]: each["validFor"] for each in step["picklistValues"]}
    assert valid == {
        "Call": "gA==",
        "Letter": "wA==",
        "Court order": "QA==",
        "Bailiff": "QA==",
    }


@pytest.mark.shared_data
@pytest.mark.skipif(not REAL.is_dir(), reason="real describes are not beside us")
def test_system_fields_equal_those_of_a_real_custom_object() -> None:
    """
    Expects key for key what an org answered, for the fields every object has.
    """
    path = REAL / "dreamhouse" / "EventInstance__c.json"
    real = json.loads(path.read_text(encoding="utf-8"))
    ours = fields_of(INVOICE)

    system = [each for each in real["fields"] if not each["custom"]]
    assert len(system) >= 10
    for each in system:
        label = ours[each["name"]]["label"]
        assert ours[each["name"]] == each | {"label": label}


@pytest.mark.shared_data
@pytest.mark.skipif(not REAL.is_dir(), reason="real describes are not beside us")
def test_keys_are_those_of_a_real_describe() -> None:
    """
    Expects the 45 and 57 keys of a recorded answer, in its order.
    """
    path = REAL / "cumulusci" / "Account_PersonAccount.json"
    real = json.loads(path.read_text(encoding="utf-8"))

    assert list(DESCRIBES["Account"]) == list(real)
    assert list(DESCRIBES["Account"]["fields"][0]) == list(real["fields"][0])
