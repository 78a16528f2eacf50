"""
`mapping.yaml`: exact both ways, and every mistake with its line.
"""

from __future__ import annotations

import os
import string
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.documents.mapping.read import parse_mapping, read_mapping
from migrator.documents.mapping.schema import mapping_digest, mapping_schema
from migrator.documents.mapping.write import render_mapping
from migrator.documents.yaml_text import flow, scalar
from migrator.errors import MappingError
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding, Level
from migrator.model.mapping import (
    AuditChoice,
    FieldMapping,
    MappedObject,
    Mapping,
    OwnerChoice,
    ParentLink,
    Status,
    TextRule,
)
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.model.target import Sharing
from migrator.model.treatment import Treatment
from migrator.rules.plan.proposal import plan
from tests.builders.describes import SAMPLES, read_describes
from tests.conftest import ROOT

TEMPLATES = [ROOT / "templates"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text(string.ascii_letters, min_size=1, max_size=8).map(
    lambda stem: ApiName(f"{stem}__c")
)
TYPES = st.sampled_from(
    ["Text(18)", "Currency(18, 2)", "Date", "Lookup(Account)", "Picklist", "Name(80)"]
).map(FieldType.parse)


def _rendered(mapping: Mapping) -> str:
    return render_mapping(mapping, templates=TEMPLATES)


@st.composite
def _findings(draw: st.DrawFn, owner: ApiName, field: ApiName | None) -> Finding:
    return Finding(
        level=draw(st.sampled_from(Level)),
        code=draw(TEXT),
        message=draw(TEXT),
        remedy=draw(TEXT),
        object=owner,
        field=field,
    )


@st.composite
def _entries(draw: st.DrawFn, owner: ApiName, source: ApiName) -> FieldMapping:
    treatment = draw(st.sampled_from(Treatment))
    skipped = treatment is Treatment.SKIP
    has_name = not skipped and draw(st.booleans())
    return FieldMapping(
        source=source,
        target=None if skipped else draw(NAMES),
        type=None if skipped else draw(TYPES),
        treatment=treatment,
        why=draw(TEXT),
        status=draw(st.sampled_from(Status)),
        label=draw(TEXT),
        help=draw(TEXT),
        values=tuple(draw(st.lists(TEXT, max_size=3))),
        relationship_name=draw(TEXT),
        required=draw(st.booleans()),
        id_target=None if skipped else draw(st.none() | NAMES),
        name_source="Owner.Name" if has_name else "",
        name_target=draw(NAMES) if has_name else None,
        volatile=draw(st.booleans()),
        loses=draw(TEXT),
        findings=tuple(draw(st.lists(_findings(owner, source), max_size=2))),
    )


@st.composite
def _objects(draw: st.DrawFn, source: ApiName) -> MappedObject:
    sources = draw(st.lists(NAMES, max_size=3, unique_by=str.casefold))
    vanished = draw(st.none() | NAMES)
    return MappedObject(
        source=source,
        target=draw(NAMES),
        label=draw(TEXT),
        plural_label=draw(TEXT),
        name_label=draw(TEXT),
        fields=tuple(draw(_entries(source, each)) for each in sources),
        sharing=draw(st.sampled_from(Sharing)),
        parent_link=draw(st.sampled_from(ParentLink)),
        owner=draw(st.sampled_from(OwnerChoice)),
        audit=draw(st.sampled_from(AuditChoice)),
        findings=tuple(draw(st.lists(_findings(source, vanished), max_size=2))),
    )


@st.composite
def _mappings(draw: st.DrawFn) -> Mapping:
    sources = draw(st.lists(NAMES, max_size=2, unique_by=str.casefold))
    return Mapping(
        namespace=draw(TEXT),
        objects=tuple(draw(_objects(each)) for each in sources),
        text=TextRule(trim=draw(st.booleans())),
    )


@settings(deadline=None)
@given(_mappings())
def test_what_is_written_is_read_back(mapping: Mapping) -> None:
    """Any mapping survives the file, whatever its texts hold."""
    assert parse_mapping(_rendered(mapping), file="mapping.yaml") == mapping


@given(TEXT)
def test_any_text_survives_its_quotes(text: str) -> None:
    """Every YAML reader sees the text that was meant, never a number or a date."""
    assert yaml.safe_load(f"key: {scalar(text)}\n") == {"key": text}
    assert yaml.safe_load(f"key: {flow({text: (text,)})}\n") == {"key": {text: [text]}}


@pytest.fixture(scope="module")
def sample() -> Mapping:
    """The mapping proposed for the shipped describes."""
    return plan(read_describes(SAMPLES), Migration(id="0123456789"))


@pytest.fixture(scope="module")
def sample_text(sample: Mapping) -> str:
    """The same as a file."""
    return _rendered(sample)


def test_the_first_line_names_the_schema(sample_text: str) -> None:
    """Editors complete and check the file by it."""
    first, _ = sample_text.split("\n", 1)
    assert first == "# yaml-language-server: $schema=mapping.schema.json"
    assert mapping_schema()["$defs"]["FieldMapping"]["additionalProperties"] is False


def test_the_file_is_read_as_ordinary_yaml(sample: Mapping, sample_text: str) -> None:
    """Other programs find one entry for each field."""
    content = yaml.safe_load(sample_text)
    assert [len(each["fields"]) for each in content["objects"]] == [
        len(each.fields) for each in sample.objects
    ]


def test_the_bytes_do_not_depend_on_the_machine(sample_text: str) -> None:
    """Another hash seed and another locale give the same file."""
    script = (
        "import sys;"
        "from tests.unit.documents.mapping import test_read as t;"
        "m = t.plan(t.read_describes(t.SAMPLES), t.Migration(id='0123456789'));"
        "sys.stdout.buffer.write(t._rendered(m).encode('utf-8'))"
    )
    for seed, locale in (("1", "C"), ("2", "tr_TR.UTF-8")):
        made = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale},
            capture_output=True,
            check=True,
        )
        assert made.stdout.decode("utf-8") == sample_text


MINIMAL = """\
version: 1
namespace: ONB2
objects:
  - source: ONB2__Invoice__c
    target: Invoice__c
    label: Invoice
    plural_label: Invoices
    name_label: Number
    fields:
      - source: ONB2__Country__c
        target: Country__c
        type: Picklist
        treatment: copy
        why: the same
        values: [NO, 012, 2026-01-01, ~, 1e3, yes]
      - source: IsDeleted
        treatment: skip
        why: nobody needs it
"""


def test_scalars_stay_text() -> None:
    """Norway is no boolean, 012 is not ten, and a date is what was written."""
    mapping = parse_mapping(MINIMAL, file="mapping.yaml")
    country, deleted = mapping.objects[0].fields
    assert country.values == ("NO", "012", "2026-01-01", "~", "1e3", "yes")
    assert (deleted.target, deleted.type) == (None, None)
    assert country.status is Status.PROPOSED


def _problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, file="mapping.yaml")
    return caught.value.problems


FIELD = "ONB2__Invoice__c.ONB2__Country__c"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "treatment: copy",
            "treatment: copyy",
            (
                f"mapping.yaml:13, {FIELD}.treatment: 'copyy': expected 'copy', "
                "'freeze', 'parent', 'lookup', 'snapshot', 'system' or 'skip'; did "
                "you mean copy?"
            ),
        ),
        (
            "type: Picklist",
            "type: Text",
            (
                f"mapping.yaml:12, {FIELD}.type: 'Text' does not fit; expected "
                "Text(length)"
            ),
        ),
        (
            "        why: the same\n",
            "",
            f"mapping.yaml:10, {FIELD}.why: is missing",
        ),
        (
            "why: the same",
            "wyh: the same",
            (
                f"mapping.yaml:14, {FIELD}.wyh: is no setting here; mend its "
                "spelling or remove it"
            ),
        ),
        (
            "[NO, 012, 2026-01-01, ~, 1e3, yes]",
            "NO",
            f"mapping.yaml:15, {FIELD}.values: expected a list",
        ),
        (
            "why: the same",
            "why: the same\n        why: another",
            f"mapping.yaml:15, {FIELD}.why: stands here twice; keep one of them",
        ),
        (
            "why: the same",
            "required: maybe",
            f"mapping.yaml:14, {FIELD}.required: expected true or false",
        ),
        (
            "target: Country__c",
            "target:",
            f"mapping.yaml:11, {FIELD}.target: is missing",
        ),
        (
            "why: nobody needs it",
            "target: Deleted__c",
            "mapping.yaml:16, ONB2__Invoice__c.IsDeleted.why: is missing",
        ),
        (
            "why: nobody needs it",
            "why: nobody needs it\n        target: Deleted__c",
            (
                "mapping.yaml:17, ONB2__Invoice__c.IsDeleted.treatment: skip carries "
                "nothing; remove target and type, or copy"
            ),
        ),
        (
            "source: IsDeleted",
            "source: onb2__country__c",
            (
                "mapping.yaml:16, ONB2__Invoice__c.onb2__country__c: a second entry; "
                "the first is line 10"
            ),
        ),
        (
            "label: Invoice",
            "label: &name Invoice",
            (
                "mapping.yaml:6, ONB2__Invoice__c.label: an anchor (name); write the "
                "value out"
            ),
        ),
        (
            "label: Invoice",
            "label: !!python/name:os.system Invoice",
            (
                "mapping.yaml:6, ONB2__Invoice__c.label: a tag "
                "(tag:yaml.org,2002:python/name:os.system); values have none here"
            ),
        ),
        (
            "version: 1",
            "version: 2",
            "mapping.yaml:1, version: '2': this program reads version 1",
        ),
        (
            "    label: Invoice\n",
            "",
            "mapping.yaml:4, ONB2__Invoice__c.label: is missing",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    """File, line, object, field and setting stand before what was expected."""
    assert MINIMAL.count(old) >= 1
    assert problem in _problems_of(MINIMAL.replace(old, new, 1))


def test_all_mistakes_come_at_once() -> None:
    """A reviewer mends a file in one go, in the order of the file."""
    broken = MINIMAL.replace("Picklist", "Pick").replace("copy", "cope")
    broken = broken.replace("nobody needs it", "[a]").replace("label: I", "name: I")
    lines = [int(each.split(":")[1].split(",")[0]) for each in _problems_of(broken)]
    assert len(lines) >= 4
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "a: [\n",
        "a: b: c\n",
        "\tkey: x\n",
        "a: 1\n---\nb: 2\n",
        "a: &a [*a]\n",
        "? [a, b]\n: c\n",
        "[" * 200,
        "a: \x01\n",
        "objects: 7\n",
        "objects: [7]\n",
        "objects: {a: b}\n",
        "objects: {a: }\nobjects: [1]\n",
        "version: 1\nnamespace: x\nobjects: [{fields: [7]}]\n",
        "objects: [{source: [a], fields: {a: {b: c}}, findings: [1]}]\n",
        "objects: [{findings: [{code: [a]}]}]\n",
        '"\ud800": x\n',
    ],
)
def test_what_is_no_mapping_is_refused_without_a_traceback(text: str) -> None:
    """Every line of the refusal starts with the file's name."""
    assert all(each.startswith("mapping.yaml") for each in _problems_of(text))


def test_a_bomb_of_aliases_is_no_bomb() -> None:
    """Aliases are refused before anything is expanded."""
    levels = "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    assert len(_problems_of("a0: &a0 [x]\n" + levels)) < 1_000


@settings(deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_by_name(data: st.DataObject) -> None:
    """One sign changed anywhere is read as something or refused, nothing else."""
    place = data.draw(st.integers(min_value=0, max_value=len(MINIMAL) - 1))
    sign = data.draw(st.sampled_from(":-[]{}&*!|>'\"%@`#,? \n\tx\x00\u2028"))
    try:
        parse_mapping(MINIMAL[:place] + sign + MINIMAL[place + 1 :], file="m.yaml")
    except MappingError as error:
        named = [each.startswith("m.yaml") for each in error.problems]
    else:
        named = [True]
    assert named
    assert all(named)


def test_entries_are_found_by_line() -> None:
    """Findings about an entry can be printed with the line it starts on."""
    lines = read_mapping(MINIMAL, file="mapping.yaml").lines
    assert lines["ONB2__Invoice__c", "", ""] == 4
    assert lines["ONB2__Invoice__c", "", "label"] == 6
    assert lines["ONB2__Invoice__c", "ONB2__Country__c", ""] == 10
    assert lines["ONB2__Invoice__c", "ONB2__Country__c", "why"] == 14
    assert lines["ONB2__Invoice__c", "IsDeleted", ""] == 16


def test_what_can_be_read_is_read_beside_mistakes() -> None:
    """A wrong entry is left out and named, the others can be checked."""
    text = MINIMAL.replace("treatment: copy", "treatment: cpoy")
    reading = read_mapping(text, file="mapping.yaml")
    assert reading.mapping is not None
    (mapped,) = reading.mapping.objects
    assert [each.source for each in mapped.fields] == ["IsDeleted"]
    assert reading.left_out == {("ONB2__Invoice__c", "ONB2__Country__c")}
    assert [each.line for each in reading.mistakes] == [13]


REMARKED = """        findings:
          - level: blocker
            code: WORD
            message: The records hold more.
"""


@pytest.mark.parametrize(
    ("word", "setting"),
    [
        ("digits-do-not-fit", "type"),
        ("reads-clock", ""),
        ("a-word-of-version-0", ""),
    ],
)
def test_a_kept_finding_is_read_whatever_its_word(word: str, setting: str) -> None:
    """An older version's word is kept; what it is about only the register knows."""
    text = MINIMAL + REMARKED.replace("WORD", word)
    mapping = parse_mapping(text, file="mapping.yaml")
    (found,) = mapping.findings
    assert (found.code, found.setting, found.field) == (word, setting, "IsDeleted")
    rendered = _rendered(mapping)
    assert "setting:" not in rendered
    assert parse_mapping(rendered, file="mapping.yaml") == mapping


def test_the_schema_knows_what_is_written() -> None:
    """What a finding is about is not kept, so no editor may offer it."""
    finding = mapping_schema()["$defs"]["Finding"]
    assert set(finding["properties"]) == {
        *("level", "code", "message", "object", "field", "remedy")
    }


def _changed(mapping: Mapping, **changes: Any) -> Mapping:
    first, *others = mapping.objects
    entry, *rest = first.fields
    edited = replace(first, fields=(replace(entry, **changes), *rest))
    return replace(mapping, objects=(edited, *others))


def test_the_digest_follows_decisions_alone(sample: Mapping) -> None:
    """A reason or an approval changes nothing; a target does."""
    digest = mapping_digest(sample)
    remarked = _changed(sample, why="because", status=Status.APPROVED, findings=())
    assert mapping_digest(remarked) == digest
    assert mapping_digest(_changed(sample, target=ApiName("Other__c"))) != digest
    assert mapping_digest(_changed(sample, loses="a digit")) != digest
