"""
Whatever a describe holds: files the schema allows, with the same texts, or a finding.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from migrator.documents.metadata.characters import ILLEGAL
from migrator.documents.metadata.files import render_mdapi, render_source
from migrator.documents.metadata.package_references import package_references
from migrator.documents.templates import make_environment
from migrator.errors import MappingError
from migrator.model.describe import FieldDescribe, ObjectDescribe, PicklistValue
from migrator.model.finding import blockers
from migrator.model.names import LOCATION_PARTS, ApiName, location_part
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.describes import RECORD_ID, RECORD_NAME
from tests.builders.mappings import a_migration
from tests.metadata_schema import METADATA, installed_schema, violations

ENVIRONMENT = make_environment([shipped_folder("templates")])
IN = {"m": METADATA}
WORD = st.from_regex(r"[A-Za-z](_?[A-Za-z0-9]){0,38}", fullmatch=True)
NAMES = st.builds(
    lambda namespace, stem: ApiName(f"{namespace}{stem}__c"),
    st.sampled_from(["", "ONB2__", "npe01__"]),
    WORD,
)
# Most texts can be printed; one character in a few hundred has no place in XML.
LETTERS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
)
ODD = st.one_of(*[LETTERS] * 9, st.sampled_from("\n\r\t<&>\"'"))
TEXTS = st.text(ODD, max_size=600)
LABELS = st.text(ODD, min_size=1, max_size=60).filter(str.strip)
KINDS = (
    *("string", "textarea", "encryptedstring", "email", "phone", "url", "combobox"),
    *("boolean", "int", "double", "currency", "percent", "date", "datetime", "time"),
    *("picklist", "multipicklist", "id", "reference", "address", "location"),
    *("base64", "anyType", "json", "complexvalue", "long"),
)


@st.composite
def fields(draw: st.DrawFn) -> FieldDescribe:
    """A field of any type, with attributes that need not fit together."""
    kind = draw(st.sampled_from(KINDS))
    values = draw(st.lists(st.text(ODD | st.characters(), max_size=6), max_size=3))
    parents = draw(st.lists(NAMES, max_size=2)) if kind == "reference" else []
    return FieldDescribe(
        name=draw(NAMES),
        label=draw(LABELS),
        type=kind,
        custom=True,
        length=draw(st.integers(0, 200_000)),
        precision=draw(st.integers(0, 30)),
        scale=draw(st.integers(0, 20)),
        calculated=draw(st.booleans()),
        auto_number=draw(st.booleans()),
        unique=draw(st.booleans()),
        case_sensitive=draw(st.booleans()),
        visible_lines=draw(st.integers(0, 60)),
        shown_in_decimal=draw(st.booleans()),
        mask=draw(st.sampled_from(["", "*", "X"])),
        mask_type=draw(st.sampled_from(["", "all", "lastFour", "unknown"])),
        html_formatted=draw(st.booleans()),
        help_text=draw(st.none() | TEXTS),
        reference_to=tuple(parents),
        relationship_order=draw(st.none() | st.just(0)) if parents else None,
        picklist_values=tuple(PicklistValue(value=v, label=v) for v in values),
    )


@st.composite
def objects(draw: st.DrawFn) -> ObjectDescribe:
    """An object with a handful of fields, no two of the same name."""
    made = draw(st.lists(fields(), max_size=6, unique_by=lambda f: f.name.casefold()))
    parts = [
        part
        for each in made
        if each.type == "location" and draw(st.booleans())
        for part in _parts_of(each)
    ]
    return ObjectDescribe(
        name=draw(NAMES),
        label=draw(LABELS),
        plural_label=draw(LABELS),
        custom=True,
        fields=(RECORD_ID, RECORD_NAME, *made, *parts),
    )


def _parts_of(location: FieldDescribe) -> Iterator[FieldDescribe]:
    for part in LOCATION_PARTS:
        yield FieldDescribe(
            name=location_part(location.name, part),
            label=part,
            type="double",
            custom=True,
            precision=9,
            scale=min(location.scale, 15),
            compound_field=location.name,
        )


def _texts(described: ObjectDescribe) -> Iterator[str]:
    for field in described.fields:
        yield from (field.label, field.help_text or "")
        yield from (each.value for each in field.picklist_values)
    yield from (described.label, described.plural_label)


@settings(deadline=None, max_examples=150)
@given(described=objects())
def test_any_describe_becomes_files_or_findings(described: ObjectDescribe) -> None:
    """Each field once in the mapping; what is printed is valid and reads back."""
    migration = replace(a_migration(), objects=(described.name,))
    mapping = plan({described.name: described}, migration)
    (mapped,) = mapping.objects
    assert [e.source for e in mapped.fields] == [f.name for f in described.fields]
    assert all(e.why for e in mapped.fields)
    if blockers((*mapping.findings, *check(mapping))):
        return
    target = build_target(mapping, migration)
    printable = not any(ILLEGAL.search(text) for text in _texts(described))
    try:
        source = render_source(target, ENVIRONMENT)
    except MappingError:
        assert not printable
        return
    wire = render_mdapi(target, ENVIRONMENT)
    assert violations(source, installed_schema()) == []
    assert violations(wire, installed_schema()) == []
    assert package_references(source, "ONB2") == ()
    root = etree.fromstring(wire[f"objects/{mapped.target}.object"])
    known = {entry.target: entry for entry in mapped.fields}
    for node in root.iterfind("m:fields", IN):
        entry = known.get(ApiName(node.findtext("m:fullName", namespaces=IN) or ""))
        if entry is None or entry.treatment is Treatment.SYSTEM:
            continue
        label = " ".join(entry.label.split())
        assert (node.findtext("m:label", namespaces=IN) or "")[:20] == label[:20]
        help_text = node.findtext("m:inlineHelpText", namespaces=IN) or ""
        assert help_text == entry.help
        values = node.iterfind(".//m:value/m:fullName", IN)
        assert [each.text for each in values] == list(entry.values)


@given(stem=st.text(alphabet=string.ascii_letters + string.digits + "_", max_size=60))
def test_names_fit_whatever_the_source_is_called(stem: str) -> None:
    """Forty characters, legal, and the same in every run."""
    name = ApiName(f"ONB2__X{stem.strip('_')}__c")
    described = ObjectDescribe(
        name=name, label="X", plural_label="X", custom=True, fields=(RECORD_ID,)
    )
    migration = replace(a_migration(), objects=(name,))
    first = plan({name: described}, migration).objects[0].target
    assert len(first.removesuffix("__c")) <= 40
    assert "__" not in first.removesuffix("__c")
    assert plan({name: described}, migration).objects[0].target == first
