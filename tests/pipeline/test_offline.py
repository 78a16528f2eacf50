"""
`init`, `plan`, `generate` without any org.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from migrator.documents.mapping.read import parse_mapping
from migrator.rundir.layout import shipped_folder
from tests.conftest import Invoke
from tests.metadata_schema import (
    SHARED_SCHEMA,
    installed_schema,
    shared_schema,
    violations,
)

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
SAMPLES = shipped_folder("sample_describes")
REFERENCES = {
    "controllingField",
    "customObject",
    "field",
    "formula",
    "fullName",
    "members",
    "object",
    "referenceTo",
    "relationshipName",
    "summarizedField",
    "summaryForeignKey",
    "tab",
    "valueSetName",
}


def _tree(root: Path) -> dict[str, bytes]:
    made = [root / name for name in ("force-app", "manifest", "describes")]
    files = [file for folder in made for file in folder.rglob("*") if file.is_file()]
    files += [root / "mapping.yaml", root / "sfdx-project.json"]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def _plan_and_generate(root: Path, invoke: Invoke) -> None:
    for words in (("plan", "--describes", SAMPLES), ("generate",)):
        ended = invoke("-C", root, *words)
        assert ended.code == 0, ended.text


@pytest.fixture
def generated(tmp_path: Path, invoke: Invoke) -> Path:
    """A migration directory generated from the sample describes."""
    root = tmp_path / "first"
    assert invoke("-C", root, "init").code == 0
    _plan_and_generate(root, invoke)
    return root


def test_the_same_migration_file_gives_the_same_bytes_elsewhere(
    generated: Path, tmp_path: Path, invoke: Invoke
) -> None:
    """Nothing of the machine, the folder or the hour gets into the output."""
    other = tmp_path / "else" / "where"
    other.mkdir(parents=True)
    (other / "migration.yaml").write_bytes((generated / "migration.yaml").read_bytes())
    assert invoke("-C", other, "init").code == 0
    _plan_and_generate(other, invoke)
    assert _tree(generated)
    assert _tree(other) == _tree(generated)


def _xml(root: Path) -> dict[str, bytes]:
    files = [*root.glob("force-app/**/*.xml"), *root.glob("manifest/*.xml")]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def test_every_file_is_valid_by_the_installed_schema(generated: Path) -> None:
    """Each XML file validates by the 63.0 schema; the project file parses."""
    files = _xml(generated)
    assert len(files) > 200
    assert violations(files, installed_schema()) == []
    assert json.loads((generated / "sfdx-project.json").read_text("utf-8"))


@pytest.mark.shared_data
def test_every_file_is_valid_by_the_newest_schema(generated: Path) -> None:
    """Each XML file validates by the 66.0 schema."""
    assert SHARED_SCHEMA.is_file()
    assert violations(_xml(generated), shared_schema()) == []


def test_nothing_generated_refers_to_the_package(generated: Path) -> None:
    """A reference to ONB2__ would block the uninstall."""
    seen = 0
    for file in generated.glob("force-app/**/*.xml"):
        for element in etree.fromstring(file.read_bytes()).iter():
            if etree.QName(element).localname in REFERENCES:
                seen += 1
                assert "ONB2__" not in (element.text or ""), file
        assert "ONB2__" not in file.name
    assert seen > 500


def test_each_field_names_its_source_and_none_is_lost(generated: Path) -> None:
    """The number of field files is the mapping's, each says where it comes from."""
    text = (generated / "mapping.yaml").read_text("utf-8")
    mapping = parse_mapping(text, file="mapping.yaml")
    described = {
        file.stem: json.loads(file.read_text()) for file in SAMPLES.glob("*.json")
    }
    for mapped in mapping.objects:
        sources = [field["name"] for field in described[mapped.source]["fields"]]
        assert [entry.source for entry in mapped.fields] == sources
        folder = generated / "force-app/main/default/objects" / mapped.target / "fields"
        files = {
            file.name.removesuffix(".field-meta.xml"): file for file in folder.iterdir()
        }
        assert set(files) == set(mapped.made_fields)
        for entry in mapped.fields:
            for name in entry.made_targets:
                root = etree.fromstring(files[name].read_bytes())
                description = root.findtext(f"{NAMESPACE}description") or ""
                assert f"{mapped.source}.{entry.source}" in description


def test_check_tells_a_changed_file(generated: Path, invoke: Invoke) -> None:
    """`generate --check` is quiet on its own output and exits 3 on any other."""
    assert invoke("-C", generated, "generate", "--check").code == 0
    (file, *_) = generated.glob("force-app/**/GrandTotal__c.field-meta.xml")
    file.write_text(file.read_text("utf-8").replace("<scale>2", "<scale>1"), "utf-8")
    ended = invoke("-C", generated, "generate", "--check")
    assert ended.code == 3
    assert "GrandTotal__c" in ended.text


def test_plan_again_changes_nothing(generated: Path, invoke: Invoke) -> None:
    """The same input, the same mapping, and the file is not touched."""
    before = _tree(generated)
    _plan_and_generate(generated, invoke)
    assert _tree(generated) == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"name": "ONB2__Invoice__c", "fields": [{"na', "ONB2__Invoice__c.json"),
        ('{"name": "ONB2__Invoice__c"}', "fields"),
        (
            '{"fields": [{"name": "X__c", "label": "X", "type": "hologram"}]}',
            "hologram",
        ),
        ("[]", "ONB2__Invoice__c.json"),
    ],
    ids=["truncated", "no-fields", "unknown-type", "not-an-object"],
)
def test_a_wrong_describe_is_one_clear_message(
    tmp_path: Path, invoke: Invoke, content: str, expected: str
) -> None:
    """Exit 1, the file and the place named, what to do, no traceback."""
    (tmp_path / "ONB2__Invoice__c.json").write_text(content, "utf-8")
    root = tmp_path / "run"
    invoke("-C", root, "init")
    ended = invoke("-C", root, "plan", "--describes", tmp_path)
    assert ended.code == 1
    assert expected in ended.stderr
    assert "->" in ended.stderr
    assert "Traceback" not in ended.text
    assert not (root / "mapping.yaml").exists()


def test_a_place_that_cannot_be_written_is_one_clear_message(
    tmp_path: Path, invoke: Invoke
) -> None:
    """A file where a folder should be: exit 1 and the path named."""
    (tmp_path / "file").write_text("in the way", "utf-8")
    ended = invoke("-C", tmp_path / "file" / "run", "init")
    assert ended.code == 1
    assert "cannot write migration.yaml" in ended.stderr
    assert "Traceback" not in ended.text


def test_a_verb_without_init_names_the_command(tmp_path: Path, invoke: Invoke) -> None:
    """The message says what to run first."""
    ended = invoke("-C", tmp_path, "plan")
    assert ended.code == 1
    assert "init" in ended.stderr


def test_an_unknown_option_is_wrong_usage(tmp_path: Path, invoke: Invoke) -> None:
    """Click's own exit code stays."""
    assert invoke("-C", tmp_path, "plan", "--frobnicate").code == 2


def _labels(file: Path, element: str) -> list[str]:
    root = etree.fromstring(file.read_bytes())
    found = root.iterfind(f"{NAMESPACE}{element}/{NAMESPACE}label")
    return [str(each.text) for each in found]


def test_layout_lists_and_shared_values_follow_the_source(
    generated: Path, invoke: Invoke
) -> None:
    """
    Sections in the source's order and one for the rest; the lists that can be made,
    with a finding for each other; retired values of a shared set.
    """
    folder = generated / "force-app" / "main" / "default"
    layout = folder / "layouts" / "Invoice__c-Invoice Layout.layout-meta.xml"
    sections = _labels(layout, "layoutSections")
    assert sections[:4] == ["Information", "Amounts", "Payment", "Billing Address"]
    assert sections[-1] == "Further Fields"
    views = folder / "objects" / "Invoice__c" / "listViews"
    assert sorted(each.name.partition(".")[0] for each in views.iterdir()) == [
        "All",
        "Overdue",
    ]
    text = (generated / "mapping.yaml").read_text("utf-8")
    mapped = parse_mapping(text, file="mapping.yaml").objects[0]
    left_out = [e.message for e in mapped.findings if e.code == "list-view-left-out"]
    assert len(left_out) == 2
    assert "My Invoices (ONB2__MyInvoices)" in left_out[0]
    (method,) = [e for e in mapped.fields if e.target == "PaymentMethod__c"]
    assert "Bill of Exchange" in method.values
    assert "ONB2__PaymentMethods" in method.why
    again = invoke("-C", generated, "plan")
    assert again.code == 0, again.text
    assert (generated / "mapping.yaml").read_text("utf-8") == text
