"""
Every refusal of the catalogue: prevented by the files, checked before, or explained.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree

from migrator.documents.metadata.files import render_mdapi
from migrator.documents.templates import make_environment
from migrator.model.finding import blockers
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    AuditChoice,
    FieldMapping,
    MappedObject,
    Mapping,
    ParentLink,
)
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.check.mapping import check
from migrator.rules.target.deploy_errors import (
    DEPLOY_ERRORS,
    DeployError,
    Handling,
    advice,
    recognised,
)
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import (
    a_field,
    a_key,
    a_location,
    a_mapped_object,
    a_mapping,
    a_migration,
    a_name,
    a_parent,
)
from tests.deploy_sentences import SENTENCES
from tests.metadata_schema import METADATA, installed_schema, violations

IN = {"m": METADATA}
VALUES = ("Open", "Closed")


def _ids(handling: Handling) -> list[str]:
    return [each.code for each in DEPLOY_ERRORS if each.handling is handling]


def _named(code: str) -> DeployError:
    return {each.code: each for each in DEPLOY_ERRORS}[code]


def test_every_entry_has_a_sentence_and_a_code_of_its_own() -> None:
    """The table and the sentences of this file are about the same refusals."""
    codes = [each.code for each in DEPLOY_ERRORS]
    assert len(codes) == len(set(codes)) >= 60
    assert set(codes) == set(SENTENCES)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_recognised(code: str) -> None:
    """As itself, not as a neighbour; each has an advice."""
    found = recognised(SENTENCES[code])
    assert found is not None
    assert found.code == code
    assert len(found.advice) > 20


# -- Prevented ------------------------------------------------------------------------


def _everything() -> Mapping:
    """One field of each kind, in both forms of a family, with audit fields kept."""
    fields = (
        a_field("A__c", "Text(40)", help_text="Help"),
        a_field("B__c", "TextArea"),
        a_field("C__c", "LongTextArea(32768)"),
        a_field("D__c", "Html(32768)"),
        a_field("E__c", "Checkbox"),
        a_field("F__c", "Number(18, 2)"),
        a_field("G__c", "Currency(18, 2)"),
        a_field("H__c", "Percent(5, 2)"),
        a_field("I__c", "Date"),
        a_field("J__c", "DateTime"),
        a_field("K__c", "Time"),
        a_field("L__c", "Email"),
        a_field("M__c", "Phone"),
        a_field("N__c", "Url"),
        a_field("R__c", "EncryptedText(40, all, asterisk)"),
        a_field("S__c", "Number(9, 0)", unique=True),
        *a_location(),
        a_field("O__c", "Picklist", values=VALUES),
        a_field("P__c", "MultiselectPicklist", values=VALUES),
        a_field(
            "Q__c",
            "Lookup(User)",
            treatment=Treatment.LOOKUP,
            relationship="Invoices",
            id_target="Q_Id__c",
            name_target="Q_Name__c",
        ),
    )
    invoice = replace(
        a_mapped_object(a_key(), a_name(), *fields), audit=AuditChoice.KEEP
    )
    line = a_mapped_object(a_key(), a_name(), a_parent(), name="Line")
    detail = a_mapped_object(
        a_key(),
        a_name(),
        replace(
            a_parent(link=ParentLink.MASTER_DETAIL), relationship_name="Invoice_Taxes"
        ),
        name="Tax",
    )
    return a_mapping(invoice, line, detail)


class _Files:
    """Everything that is made of `_everything`, parsed."""

    def __init__(self) -> None:
        environment = make_environment([shipped_folder("templates")])
        self.target = build_target(_everything(), a_migration())
        self.raw = render_mdapi(self.target, environment)
        self.roots = {path: etree.fromstring(self.raw[path]) for path in self.raw}

    def find(self, path: str) -> list[etree._Element]:
        return [
            found
            for root in self.roots.values()
            for found in root.iterfind(path, namespaces=IN)
        ]

    def texts(self, path: str) -> list[str]:
        return [node.text or "" for node in self.find(path)]

    def fields(self, *kinds: str) -> list[set[str]]:
        """The element names of each field of one of *kinds*."""
        return [
            {etree.QName(child).localname for child in node.iterchildren()}
            for node in self.find(".//m:fields")
            if node.findtext("m:type", namespaces=IN) in kinds
        ]

    def of(self, suffix: str) -> list[etree._Element]:
        return [root for path, root in self.roots.items() if path.endswith(suffix)]


FILES = _Files()
_SHOWN = {
    f"{made.name}.{field.name}"
    for made in FILES.target.objects
    for field in made.fields
    if field.required or field.type.kind is Kind.MASTER_DETAIL
}


def _lacks(element: str, *kinds: str) -> bool:
    found = FILES.fields(*kinds)
    return bool(found) and all(element not in names for names in found)


def _no(path: str) -> bool:
    return not FILES.find(path)


def _members() -> set[str]:
    (package,) = FILES.of("package.xml")
    return {node.text or "" for node in package.iterfind(".//m:members", IN)}


def _file_members() -> set[str]:
    return {
        path.partition("/")[2].rpartition(".")[0]
        for path in FILES.raw
        if path != "package.xml"
    }


def _layout_fields_exist() -> bool:
    known = {made.name: {f.name for f in made.fields} for made in FILES.target.objects}
    system = {"Name", "CurrencyIsoCode", "CreatedById", "LastModifiedById"}
    return all(
        item.field in known[made.name] | system
        for made in FILES.target.objects
        for section in made.layout.sections
        for item in (*section.left, *section.right)
    )


def _formula_is_plain() -> bool:
    """No field, no picklist, no long text, no function beside AND, NOT and ISNEW."""
    plain = re.compile(r"AND\(NOT\(ISNEW\(\)\), NOT\(\$Permission\.\w+\)\)")
    formulas = FILES.texts(".//m:errorConditionFormula")
    return bool(formulas) and all(plain.fullmatch(each) for each in formulas)


def _parents_are_readable() -> bool:
    lines = [
        root.findall("m:objectPermissions", IN) for root in FILES.of(".permissionset")
    ]
    names = {made.name for made in FILES.target.objects}
    return all(
        not group
        or {
            line.findtext("m:object", namespaces=IN)
            for line in group
            if line.findtext("m:allowRead", namespaces=IN) == "true"
        }
        == names
        for group in lines
    )


def _constraints_of_required_lookups() -> bool:
    found = [
        node.findtext("m:deleteConstraint", namespaces=IN)
        for node in FILES.find(".//m:fields")
        if node.findtext("m:type", namespaces=IN) == "Lookup"
        if node.findtext("m:required", namespaces=IN) == "true"
    ]
    return bool(found) and set(found) == {"Restrict"}


def _sharing_of_details() -> bool:
    models = {made.name: made.sharing.value for made in FILES.target.objects}
    return models == {
        "Invoice__c": "Private",
        "Line__c": "Private",
        "Tax__c": "ControlledByParent",
    }


def _required_items_are_required_fields() -> bool:
    return all(
        item.field in {"Name", "CurrencyIsoCode"}
        or f"{made.name}.{item.field}" in _SHOWN
        for made in FILES.target.objects
        for section in made.layout.sections
        for item in (*section.left, *section.right)
        if item.behavior.value == "Required"
    )


def _columns_exist() -> bool:
    return all(
        column == "NAME" or column in {field.name for field in made.fields}
        for made in FILES.target.objects
        for view in made.list_views
        for column in view.columns
    )


def _schema_is_content() -> bool:
    return violations(FILES.raw, installed_schema()) == []


_NO_SUMMARY = ".//m:fields[m:type='Summary']"
_NO_FORMULA = ".//m:fields/m:formula"
PREVENTED: dict[str, Callable[[], bool]] = {
    "text-area-length": lambda: _lacks("length", "TextArea"),
    "required-not-allowed": lambda: (
        _lacks("required", "LongTextArea", "Html", "MultiselectPicklist")
        and FILES.texts(".//m:fields[m:type='Location']/m:required") == ["false"]
    ),
    "checkbox-required": lambda: _lacks("required", "Checkbox"),
    "master-detail-constraint": lambda: _lacks("deleteConstraint", "MasterDetail"),
    "master-detail-required": lambda: _lacks("required", "MasterDetail"),
    "lookup-filter": lambda: _no(".//m:lookupFilter"),
    "lookup-order": lambda: _lacks("relationshipOrder", "Lookup"),
    "summary-digits": lambda: _no(_NO_SUMMARY),
    "hierarchy-reference": lambda: _no(".//m:fields[m:type='Hierarchy']"),
    "checkbox-default": lambda: (
        set(FILES.texts(".//m:fields[m:type='Checkbox']/m:defaultValue")) == {"false"}
    ),
    "formula-unique": lambda: _no(_NO_FORMULA),
    "formula-external-id": lambda: _no(_NO_FORMULA),
    "required-lookup-constraint": _constraints_of_required_lookups,
    "cascade-lookup": lambda: "Cascade" not in FILES.texts(".//m:deleteConstraint"),
    "sharing-model": _sharing_of_details,
    "permission-on-required": lambda: not _SHOWN & set(FILES.texts(".//m:field")),
    "permission-on-parent": _parents_are_readable,
    "history-tracking": lambda: _no(".//m:trackHistory"),
    "manifest-without-file": lambda: _members() <= _file_members(),
    "file-without-manifest": lambda: _file_members() <= _members(),
    "standard-field-name": lambda: all(
        name.endswith("__c") for name in FILES.texts(".//m:fields/m:fullName")
    ),
    "unknown-field": lambda: (
        set(FILES.texts(".//m:fieldPermissions/m:field"))
        <= {f"{o.name}.{f.name}" for o in FILES.target.objects for f in o.fields}
    ),
    "element-twice": _schema_is_content,
    "element-misplaced": _schema_is_content,
    "value-set-both": lambda: _no(".//m:valueSetName"),
    "picklist-data-type": lambda: (
        _lacks("externalId", "Picklist", "MultiselectPicklist")
        and _no(".//m:trackTrending")
    ),
    "non-strict-picklist": lambda: all(
        made.name.endswith("__c") for made in FILES.target.objects
    ),
    "summary-count": lambda: _no(_NO_SUMMARY),
    "summary-name": lambda: _no(_NO_SUMMARY),
    "formula-picklist": _formula_is_plain,
    "formula-long-text": _formula_is_plain,
    "formula-field": _formula_is_plain,
    "formula-parameter": _formula_is_plain,
    "formula-length": lambda: (
        max(map(len, FILES.texts(".//m:errorConditionFormula"))) < 3_900
    ),
    "formula-compiled": _formula_is_plain,
    "layout-required": _required_items_are_required_fields,
    "layout-field": _layout_fields_exist,
    "list-view-column": _columns_exist,
    "list-view-scope": lambda: (
        set(FILES.texts(".//m:listViews/m:filterScope")) == {"Everything"}
    ),
    "rule-name": lambda: (
        set(FILES.texts(".//m:validationRules/m:fullName")) == {"Sealed"}
    ),
    "translated-name": lambda: _no(".//m:nameFieldLabel"),
}


@pytest.mark.parametrize("code", _ids(Handling.PREVENTED))
def test_a_prevented_refusal_has_no_cause_in_the_files(code: str) -> None:
    """A target with every kind of field holds nothing the org would say this to."""
    assert PREVENTED[code]()


# -- Checked --------------------------------------------------------------------------


def _with(*fields: FieldMapping) -> Mapping:
    return a_mapping(a_mapped_object(a_key(), a_name(), *fields))


def _invoice(**changes: object) -> Mapping:
    plain: MappedObject = a_mapped_object(a_key(), a_name())
    return a_mapping(replace(plain, **changes))  # type: ignore[arg-type]


def _lookups(name: str, *, required: bool = False) -> FieldMapping:
    return a_field(
        "User__c",
        "Lookup(User)",
        treatment=Treatment.LOOKUP,
        relationship=name,
        required=required,
    )


CHECKED: dict[str, tuple[Mapping, str]] = {
    "long-text-minimum": (_with(a_field("A__c", "LongTextArea(100)")), "type-range"),
    "soft-parent": (_with(_lookups("Invoices", required=True)), "required"),
    "relationship-name-length": (
        _with(_lookups("N" * 41)),
        "illegal-relationship-name",
    ),
    "object-label": (_invoice(label=" "), "label"),
    "name-suffix": (_with(a_field("Total", "Text(40)")), "illegal-name"),
    "duplicate-value": (
        _with(a_field("A__c", "Picklist", values=("Open", "open"))),
        "values-alike",
    ),
    "picklist-value-name": (
        _with(a_field("A__c", "Picklist", values=("x" * 256,))),
        "value-too-long",
    ),
    "limit": (
        _with(*(a_field(f"F{n}__c", "Checkbox") for n in range(901))),
        "over-limit",
    ),
    "name-taken": (
        a_mapping(
            a_mapped_object(a_key(), a_name()),
            a_mapped_object(a_key(), a_name(), name="Old", target="Invoice__c"),
        ),
        "duplicate-target",
    ),
}


@pytest.mark.parametrize("code", _ids(Handling.CHECKED))
def test_a_checked_refusal_is_found_before_the_deployment(code: str) -> None:
    """A blocker with its place and its rule; nobody has to ask the org."""
    mapping, rule = CHECKED[code]
    found = [each for each in blockers(check(mapping)) if each.code == rule]
    assert found
    assert all(each.object for each in found)


# -- Explained ------------------------------------------------------------------------


@pytest.mark.parametrize("code", _ids(Handling.EXPLAINED))
def test_an_explained_refusal_comes_with_a_way_out(code: str) -> None:
    """Said once, however many components it is about."""
    sentence = SENTENCES[code]
    assert advice([sentence]) == (_named(code).advice,)
    (twice,) = advice([sentence, sentence])
    assert twice == f"{_named(code).advice} (2 components)"


def test_an_unknown_sentence_has_no_advice() -> None:
    """Nothing is guessed."""
    assert advice(["Something new"]) == ()


def test_all_problems_come_at_once() -> None:
    """Each with object, field, rule and what was expected."""
    mapping = _with(
        a_field("A__c", "LongTextArea(100)"),
        a_field("B__c", "Number(19, 2)"),
        a_field("Total", "Text(40)"),
        _lookups("N" * 41, required=True),
    )
    found = blockers(check(mapping))
    assert {(each.field, each.code) for each in found} >= {
        (ApiName("ONB2__A__c"), "type-range"),
        (ApiName("ONB2__B__c"), "type-range"),
        (ApiName("ONB2__Total"), "illegal-name"),
        (ApiName("ONB2__User__c"), "required"),
        (ApiName("ONB2__User__c"), "illegal-relationship-name"),
    }


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        (a_field("Select__c", "Text(40)"), "reserved-name"),
        (
            a_field(
                "A__c",
                "Picklist",
                values=tuple(f"{n:03}{'x' * 250}" for n in range(60)),
            ),
            "values-too-long",
        ),
    ],
    ids=["reserved word", "too many characters of values"],
)
def test_other_limits_are_checked_too(field: FieldMapping, rule: str) -> None:
    """Reserved words and the sum of a picklist's values."""
    assert rule in {each.code for each in blockers(check(_with(field)))}
