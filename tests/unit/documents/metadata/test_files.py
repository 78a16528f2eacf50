"""
The files of a target: their places, their look, and that any text survives in them.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from migrator.documents.metadata.bundle import make_bundle
from migrator.documents.metadata.files import render_mdapi, render_source
from migrator.documents.templates import make_environment
from migrator.errors import MappingError, TemplateError
from migrator.model.field_type import FieldType
from migrator.model.kinds.table import Kind
from migrator.model.names import ApiName
from migrator.model.target import (
    Application,
    CustomPermission,
    Layout,
    Sharing,
    Target,
    TargetField,
    TargetObject,
)
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import (
    a_key,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_parent,
)
from tests.metadata_schema import METADATA, installed_schema, violations

ENVIRONMENT = make_environment([shipped_folder("templates")])
FIELD = "force-app/main/default/objects/Invoice__c/fields/Status__c.field-meta.xml"
SETS = "force-app/main/default/permissionsets"
OBJECT = "force-app/main/default/objects/Invoice__c/Invoice__c.object-meta.xml"
NAMES = {"m": METADATA}
ILLEGAL = ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"]


def _a_picklist(**texts: object) -> TargetField:
    field = TargetField(
        name=ApiName("Status__c"),
        label="Status",
        type=FieldType(kind=Kind.PICKLIST),
        description="From somewhere [migrator 1]",
    )
    return replace(field, **texts)  # type: ignore[arg-type]


def _a_target(*fields: TargetField, **texts: object) -> Target:
    made = TargetObject(
        name=ApiName("Invoice__c"),
        label="Invoice",
        plural_label="Invoices",
        name_label="Invoice No.",
        description="Archive [migrator 1]",
        sharing=Sharing.PRIVATE,
        fields=fields,
        layout=Layout(name="Invoice Layout", sections=()),
    )
    made = replace(made, **texts)  # type: ignore[arg-type]
    return Target(
        api_version="63.0",
        objects=(made,),
        permission_sets=(),
        application=Application(
            name="Archive", label="Archive", description="App", tabs=(made.name,)
        ),
        custom_permission=CustomPermission(
            name="Unseal", label="Unseal", description="For repairs"
        ),
    )


def _family() -> Target:
    line = a_mapped_object(a_key(), a_name(), a_parent(), name="Line", label="Line")
    return build_target(
        a_mapping(a_mapped_object(a_key(), a_name()), line), a_migration()
    )


def _texts(content: bytes, path: str) -> list[str]:
    nodes = etree.fromstring(content).findall(path, NAMES)
    return [node.text or "" for node in nodes]


def test_source_files_are_where_the_command_line_tools_look() -> None:
    """One file for each component, the manifest, and apart what takes it back."""
    top = "force-app/main/default"
    invoice, line = f"{top}/objects/Invoice__c", f"{top}/objects/Line__c"
    assert sorted(render_source(_family(), ENVIRONMENT)) == [
        f"{top}/applications/Invoice_Archive.app-meta.xml",
        f"{top}/customPermissions/Invoice_Archive_Unseal.customPermission-meta.xml",
        f"{top}/layouts/Invoice__c-Invoice Layout.layout-meta.xml",
        f"{top}/layouts/Line__c-Line Layout.layout-meta.xml",
        f"{invoice}/Invoice__c.object-meta.xml",
        f"{invoice}/fields/Origin_Id__c.field-meta.xml",
        f"{invoice}/listViews/All.listView-meta.xml",
        f"{invoice}/validationRules/Sealed.validationRule-meta.xml",
        f"{line}/Line__c.object-meta.xml",
        f"{line}/fields/Invoice__c.field-meta.xml",
        f"{line}/fields/Origin_Id__c.field-meta.xml",
        f"{line}/listViews/All.listView-meta.xml",
        f"{line}/validationRules/Sealed.validationRule-meta.xml",
        f"{SETS}/Invoice_Archive_Loader.permissionset-meta.xml",
        f"{SETS}/Invoice_Archive_Reader.permissionset-meta.xml",
        f"{SETS}/Invoice_Archive_Unloader.permissionset-meta.xml",
        f"{top}/tabs/Invoice__c.tab-meta.xml",
        f"{top}/tabs/Line__c.tab-meta.xml",
        "manifest/package.xml",
        "sfdx-project.json",
        "undo/README.md",
        "undo/destructiveChanges.xml",
        "undo/package.xml",
    ]


def test_a_deployment_carries_fields_inside_objects() -> None:
    """The wire format has one file per object, with every field in it."""
    files = render_mdapi(_family(), ENVIRONMENT)
    assert sorted(files) == [
        "applications/Invoice_Archive.app",
        "customPermissions/Invoice_Archive_Unseal.customPermission",
        "layouts/Invoice__c-Invoice Layout.layout",
        "layouts/Line__c-Line Layout.layout",
        "objects/Invoice__c.object",
        "objects/Line__c.object",
        "package.xml",
        "permissionsets/Invoice_Archive_Loader.permissionset",
        "permissionsets/Invoice_Archive_Reader.permissionset",
        "permissionsets/Invoice_Archive_Unloader.permissionset",
        "tabs/Invoice__c.tab",
        "tabs/Line__c.tab",
    ]
    names = _texts(files["objects/Line__c.object"], "m:fields/m:fullName")
    assert names == ["Origin_Id__c", "Invoice__c"]


def test_the_manifest_names_what_the_bundle_holds() -> None:
    """A component without a file, or a file without a member, is refused by the org."""
    files = render_mdapi(_family(), ENVIRONMENT)
    members = set(_texts(files["package.xml"], "m:types/m:members"))
    assert members == {Path(path).stem for path in files if "/" in path}
    assert _texts(files["package.xml"], "m:version") == ["63.0"]


def test_no_root_of_a_deployment_has_a_full_name() -> None:
    """In the wire format the file's name is the component's."""
    for content in render_mdapi(_family(), ENVIRONMENT).values():
        assert _texts(content, "m:fullName") == []


def test_files_look_as_the_org_writes_them() -> None:
    """Declaration first, four blanks a level, one newline at the end, no tab."""
    for files in (render_source, render_mdapi):
        for path, content in files(_family(), ENVIRONMENT).items():
            if path.endswith((".json", ".md")):
                continue
            text = content.decode()
            lines = text.splitlines()
            assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
            assert text.endswith(">\n")
            assert not text.endswith("\n\n")
            assert all(line.strip() for line in lines)
            assert all((len(ln) - len(ln.lstrip())) % 4 == 0 for ln in lines)


def test_the_project_file_is_json() -> None:
    """`sfdx-project.json` names the folder and the API version."""
    content = render_source(_family(), ENVIRONMENT)["sfdx-project.json"]
    project = json.loads(content)
    assert project["packageDirectories"] == [{"path": "force-app", "default": True}]
    assert project["sourceApiVersion"] == "63.0"


def test_the_same_target_gives_the_same_bytes() -> None:
    """Nothing depends on the moment, the machine or the order of a set."""
    first, second = (render_source(_family(), ENVIRONMENT) for _ in range(2))
    assert first == second
    assert make_bundle(first) == make_bundle(dict(reversed(second.items())))


def test_a_bundle_holds_the_files_sorted_and_timeless() -> None:
    """Content survives; time, order and permissions are fixed."""
    files = {"b.xml": b"b" * 1000, "a/c.xml": b"c", "package.xml": b""}
    with zipfile.ZipFile(io.BytesIO(make_bundle(files))) as archive:
        entries = archive.infolist()
        assert [each.filename for each in entries] == sorted(files)
        assert {each.filename: archive.read(each) for each in entries} == files
        assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.external_attr for each in entries} == {0o100644 << 16}
        assert {each.create_system for each in entries} == {3}


AWKWARD = "<&\"'> ]]> &amp; {{ x }} {% y %} 🧾 Zahlung\nüber\tTab\r\nEnde\r"


@pytest.mark.parametrize("element", ["label", "help_text", "description"])
def test_awkward_text_survives_in_a_field(element: str) -> None:
    """Mark-up, template syntax, emoji, line breaks and carriage returns come back."""
    tag = {"help_text": "inlineHelpText"}.get(element, element)
    target = _a_target(_a_picklist(**{element: AWKWARD}))
    content = render_source(target, ENVIRONMENT)[FIELD]
    assert _texts(content, f"m:{tag}") == [AWKWARD]
    assert violations({FIELD: content}, installed_schema()) == []


def test_awkward_text_survives_in_a_value_set() -> None:
    """A picklist value is its own name and label."""
    content = render_source(_a_target(_a_picklist(values=(AWKWARD,))), ENVIRONMENT)
    path = "m:valueSet/m:valueSetDefinition/m:value"
    assert _texts(content[FIELD], f"{path}/m:fullName") == [AWKWARD]
    assert _texts(content[FIELD], f"{path}/m:label") == [AWKWARD]


def test_awkward_text_survives_in_a_deployment() -> None:
    """Indentation inside the object file touches no line of a text."""
    target = _a_target(_a_picklist(help_text=AWKWARD), label=AWKWARD)
    content = render_mdapi(target, ENVIRONMENT)["objects/Invoice__c.object"]
    assert _texts(content, "m:fields/m:inlineHelpText") == [AWKWARD]
    assert _texts(content, "m:label") == [AWKWARD]


@pytest.mark.parametrize("character", ILLEGAL)
@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (
            lambda bad: _a_target(_a_picklist(values=("ok", f"a{bad}"))),
            "Invoice__c.Status__c: the picklist value holds the character",
        ),
        (
            lambda bad: _a_target(_a_picklist(label=bad)),
            "Invoice__c.Status__c: the label holds the character",
        ),
        (
            lambda bad: _a_target(plural_label=f"x{bad}"),
            "Invoice__c: the plural label holds the character",
        ),
    ],
)
def test_a_character_without_a_place_in_xml_is_refused(
    character: str, target: object, sentence: str
) -> None:
    """The field and the character are named; nothing is dropped silently."""
    assert callable(target)
    with pytest.raises(MappingError) as caught:
        render_source(target(character), ENVIRONMENT)
    (problem,) = caught.value.problems
    assert problem.startswith(sentence)
    assert f"U+{ord(character):04X}" in problem


LEGAL = st.characters(exclude_categories=("Cc", "Cs", "Cn")) | st.sampled_from(
    ["<", "&", '"', "'", "]]>", "\r\n", "\r", "\n", "\t", "{{", "{%", "🧾"]
)
PIECE = st.one_of(LEGAL, LEGAL, LEGAL, st.characters() | st.sampled_from(ILLEGAL))
ANY_TEXT = st.one_of(
    st.lists(LEGAL, max_size=20).map("".join), st.lists(PIECE, max_size=20).map("".join)
)


@given(label=ANY_TEXT, help_text=ANY_TEXT, values=st.lists(ANY_TEXT, max_size=4))
def test_any_text_survives_or_is_refused(
    label: str, help_text: str, values: list[str]
) -> None:
    """Schema-valid XML that reads back to the same text, or a clear refusal."""
    field = _a_picklist(label=label, help_text=help_text, values=tuple(values))
    texts = "".join([label, help_text, *values])
    try:
        files = render_source(_a_target(field), ENVIRONMENT)
    except MappingError:
        legal = all(_in_xml(character) for character in texts)
        assert not legal
        return
    assert all(_in_xml(character) for character in texts)
    assert violations(files, installed_schema()) == []
    assert _texts(files[FIELD], "m:label") == [label]
    assert _texts(files[FIELD], "m:inlineHelpText") == [help_text] * bool(help_text)
    names = "m:valueSet/m:valueSetDefinition/m:value/m:fullName"
    assert _texts(files[FIELD], names) == values


def _in_xml(character: str) -> bool:
    """The Char production of XML 1.0, spelled as the recommendation does."""
    code = ord(character)
    return (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


def test_a_customers_template_replaces_ours_by_name(tmp_path: Path) -> None:
    """The first folder wins, file by file; the rest stays ours."""
    own = tmp_path / "metadata" / "tab.xml.j2"
    own.parent.mkdir()
    own.write_text("<own>{{ object.name }}</own>", "utf-8")
    environment = make_environment([tmp_path, shipped_folder("templates")])
    files = render_source(_a_target(), environment)
    tab = files["force-app/main/default/tabs/Invoice__c.tab-meta.xml"]
    assert tab == b"<own>Invoice__c</own>"
    assert files[OBJECT] == render_source(_a_target(), ENVIRONMENT)[OBJECT]


def test_a_kind_without_a_template_is_named() -> None:
    """The message names the template that is missing."""
    field = _a_picklist(type=FieldType(kind=Kind.STANDARD))
    with pytest.raises(TemplateError) as caught:
        render_source(_a_target(field), ENVIRONMENT)
    assert "metadata/fields/Standard.xml.j2" in caught.value.message


def test_the_templates_need_nothing_they_are_not_given() -> None:
    """Every shipped metadata template compiles."""
    assert isinstance(ENVIRONMENT, jinja2.Environment)
    names = ENVIRONMENT.list_templates(filter_func=lambda name: name[:8] == "metadata")
    assert len(names) > 20
    for name in names:
        ENVIRONMENT.get_template(name)
