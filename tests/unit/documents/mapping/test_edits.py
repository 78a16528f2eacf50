"""
Edits at the marks: what was asked for changes, every other byte stays.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.documents.mapping.edits import edited, with_approved
from migrator.documents.mapping.read import parse_mapping
from migrator.documents.mapping.write import render_mapping
from migrator.errors import MappingError
from migrator.model.mapping import ApprovedObject, FieldMapping, Mapping
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.review import Edit
from migrator.model.treatment import Treatment
from migrator.rules.plan.proposal import plan
from tests.builders.describes import SAMPLES, read_describes
from tests.conftest import ROOT

TEXT = """\
# a comment before
version: 1
namespace: ONB2   # theirs
objects:
  - source: ONB2__Invoice__c
    target: Invoice__c
    label: "Invoice"   # what people call it
    plural_label: Invoices
    name_label: Number
    fields:
      # about the id
      - source: Id
        target: Origin_Id__c
        type: Text(18)
        treatment: system
        why: >
          the key that every
          later step needs

        # not yet decided
        status: proposed

      - treatment: copy
        source: ONB2__Note__c
        type:   Text(40)
        target: Note__c
        why: 'the same
          kind'
        values: []
        label:
      - source: IsDeleted
        treatment: skip
        why: nobody needs it
"""
INVOICE = ApiName("ONB2__Invoice__c")


def _edit(field: str | None, setting: str, value: str | None) -> Edit:
    name = ApiName(field) if field else None
    return Edit(object=INVOICE, field=name, setting=setting, value=value)


def _lines_changed(before: str, after: str) -> list[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = list(difflib.unified_diff(old, new, n=0))[2:]
    return [f"{line[0]} {line[1:]}" for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (
            _edit("Id", "type", "Text(20)"),
            ["-         type: Text(18)\n", "+         type: Text(20)\n"],
        ),
        (
            _edit("ONB2__Note__c", "type", "Text(50)"),
            ["-         type:   Text(40)\n", "+         type:   Text(50)\n"],
        ),
        (
            _edit("Id", "why", "NO"),
            [
                "-         why: >\n",
                "-           the key that every\n",
                "-           later step needs\n",
                '+         why: "NO"\n',
            ],
        ),
        (
            _edit("ONB2__Note__c", "why", "because"),
            [
                "-         why: 'the same\n",
                "-           kind'\n",
                "+         why: because\n",
            ],
        ),
        (
            _edit("ONB2__Note__c", "label", "Note"),
            ["-         label:\n", "+         label: Note\n"],
        ),
        (_edit("Id", "status", None), ["-         status: proposed\n"]),
        (
            _edit("ONB2__Note__c", "status", "approved"),
            ["+         status: approved\n"],
        ),
        (_edit("IsDeleted", "label", "x"), ["+         label: x\n"]),
        (
            _edit("ONB2__Note__c", "treatment", None),
            [
                "-       - treatment: copy\n",
                "-         source: ONB2__Note__c\n",
                "+       - source: ONB2__Note__c\n",
            ],
        ),
        (
            _edit(None, "label", "Bill"),
            [
                '-     label: "Invoice"   # what people call it\n',
                "+     label: Bill   # what people call it\n",
            ],
        ),
        (_edit(None, "sharing", "Read"), ["+     sharing: Read\n"]),
        (_edit("Id", "note", None), []),
    ],
)
def test_one_edit_touches_its_lines_alone(edit: Edit, changes: list[str]) -> None:
    """Comments, quotes and odd spacing elsewhere stay as they are."""
    after = edited(TEXT, [edit], file="mapping.yaml")
    assert _lines_changed(TEXT, after) == changes


def test_line_ends_and_byte_order_marks_stay() -> None:
    """A file that was saved on Windows stays one."""
    windows = "\ufeff" + TEXT.replace("\n", "\r\n")
    edits = [
        _edit("Id", "why", "new"),
        _edit("Id", "by", "Eva"),
        _edit("IsDeleted", "why", "gone"),
    ]
    after = edited(windows, edits, file="mapping.yaml")
    assert after.startswith("\ufeff#")
    assert after.count("\n") == after.count("\r\n")
    assert after.replace("\r\n", "\n").removeprefix("\ufeff") == edited(
        TEXT, edits, file="mapping.yaml"
    )


def test_a_file_without_a_last_line_break_can_grow() -> None:
    """The new line stands on its own."""
    after = edited(TEXT.rstrip(), [_edit("IsDeleted", "note", "ok")], file="m")
    assert after.endswith("why: nobody needs it\n        note: ok")


def test_an_entry_in_braces_is_refused() -> None:
    """With its name, because there is no line to edit."""
    text = TEXT[: TEXT.index("      - source: IsDeleted")] + (
        "      - {source: IsDeleted, treatment: skip, why: no}\n"
    )
    with pytest.raises(MappingError, match=r"IsDeleted is written in braces"):
        edited(text, [_edit("IsDeleted", "why", "x")], file="mapping.yaml")


@pytest.fixture(scope="module")
def sample() -> Mapping:
    """The proposal for the shipped describes."""
    return plan(read_describes(SAMPLES), Migration(id="0123456789"))


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
SETTINGS = st.sampled_from(["why", "label", "help", "by", "note", "loses", "digest"])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_many_edits_mean_what_they_say(sample: Mapping, data: st.DataObject) -> None:
    """Any texts in any places: read back, exactly these are different."""
    text = render_mapping(sample, templates=[ROOT / "templates"])
    mapped = sample.objects[0]
    picked = data.draw(
        st.lists(st.sampled_from(mapped.fields), max_size=8, unique=True)
    )
    changes: dict[ApiName, dict[str, str]] = {
        each.source: data.draw(st.dictionaries(SETTINGS, VALUES, min_size=1))
        for each in picked
    }
    edits = [
        Edit(object=mapped.source, field=source, setting=setting, value=value)
        for source, group in changes.items()
        for setting, value in group.items()
    ]
    again = parse_mapping(edited(text, edits, file="m"), file="m")
    wanted = tuple(
        _changed(each, changes.get(each.source, {})) for each in mapped.fields
    )
    assert again == replace(
        sample, objects=(replace(mapped, fields=wanted), *sample.objects[1:])
    )


def _changed(entry: FieldMapping, changes: dict[str, Any]) -> FieldMapping:
    return replace(entry, **changes)


def test_a_field_becomes_skipped_by_taking_its_lines_out(sample: Mapping) -> None:
    """Target, type and what belongs to them go."""
    text = render_mapping(sample, templates=[ROOT / "templates"])
    mapped = sample.objects[0]
    source = ApiName("ONB2__Account__c")
    gone = ("target", "type", "id_target", "name_source", "name_target", "label")
    edits = [
        Edit(object=mapped.source, field=source, setting="treatment", value="skip"),
        *(
            Edit(object=mapped.source, field=source, setting=each, value=None)
            for each in (*gone, "help", "relationship_name", "values", "required")
        ),
    ]
    again = parse_mapping(edited(text, edits, file="m"), file="m")
    entry = again.objects[0].entry(source)
    assert entry is not None
    assert entry.treatment is Treatment.SKIP
    assert entry.targets == ()


SIGNS = ("{", "}", "[", "]", ": ", ", ", "\n", "  ", "# ", "- ", "&a ", "*a", '"')
WORDS = ("map", "field", "is", "de", "why", " because ", "source: Id", "NO", "12")
CELLS = st.text(max_size=40) | st.lists(
    st.sampled_from(SIGNS) | st.sampled_from(WORDS), max_size=12
).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(["rule", "labels", "rows", "plural_labels"]), CELLS)
def test_no_text_in_a_cell_reaches_another_setting(setting: str, cell: str) -> None:
    """Either a mistake that is named, or a mapping that differs there alone."""
    before = parse_mapping(TEXT, file="m")
    is_field = setting == "rule"
    edit = Edit(
        object=INVOICE,
        field=ApiName("ONB2__Note__c") if is_field else None,
        setting=setting,
        value=cell or None,
    )
    try:
        after = parse_mapping(edited(TEXT, [edit], file="m"), file="m")
    except MappingError:
        return
    (old,), (new,) = before.objects, after.objects
    fields = tuple(
        replace(entry, rule=None) if is_field else entry for entry in new.fields
    )
    assert replace(new, **{**_settings_of(old, setting), "fields": fields}) == old


def _settings_of(old: Any, setting: str) -> dict[str, Any]:
    return {} if setting == "rule" else {setting: getattr(old, setting)}


# -- The register of approvals ---------------------------------------------------------

REGISTER = (
    ApprovedObject(object=ApiName("ONB2__Invoice__c"), entries=2, digest="0a1b"),
)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_register_comes_to_the_top_and_goes_again(ending: str) -> None:
    """Above the objects, in the file's own line ends; every other byte stays."""
    text = TEXT.replace("\n", ending)
    made = with_approved(text, REGISTER, file="mapping.yaml")
    lines = [line for line in made.split(ending) if line not in text.split(ending)]
    assert lines == [
        "approved:",
        '  - {object: ONB2__Invoice__c, entries: 2, digest: "0a1b"}',
    ]
    assert parse_mapping(made, file="mapping.yaml").approved == REGISTER
    other = (replace(REGISTER[0], entries=3),)
    again = with_approved(made, other, file="mapping.yaml")
    assert again == made.replace("entries: 2", "entries: 3")
    assert with_approved(again, (), file="mapping.yaml") == text


def test_a_register_in_one_line_is_replaced_whole() -> None:
    """However somebody spelled it."""
    line = "approved: [{object: A__c, entries: 1, digest: x}]  # by hand\n"
    text = TEXT.replace("objects:\n", f"{line}objects:\n", 1)
    made = with_approved(text, REGISTER, file="mapping.yaml")
    assert "by hand" not in made
    assert parse_mapping(made, file="mapping.yaml").approved == REGISTER


def test_a_register_is_printed_where_it_is_edited() -> None:
    """A mapping written from nothing has it in the same place and spelling."""
    mapping = replace(parse_mapping(TEXT, file="mapping.yaml"), approved=REGISTER)
    printed = render_mapping(mapping, templates=(ROOT / "templates",))
    assert parse_mapping(printed, file="mapping.yaml") == mapping
    bare = with_approved(printed, (), file="mapping.yaml")
    assert with_approved(bare, REGISTER, file="mapping.yaml") == printed


def test_a_document_in_braces_has_no_line_for_the_register() -> None:
    """It is refused by name, and nothing is guessed."""
    with pytest.raises(MappingError, match="written in braces"):
        with_approved(
            "{version: 1, namespace: ONB2, objects: []}", REGISTER, file="m.yaml"
        )
