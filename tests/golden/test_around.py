"""
What stands around the fields of a case that shows nothing else: a tree that is shown.

The places that list a field (layout, permission sets, list view) are asserted here.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from lxml import etree

from migrator.documents.metadata.files import SOURCE_ROOT
from tests.golden.cases import CASES, TREES
from tests.golden.files import own_fields, source

ALONE = [case for case in CASES if case not in TREES]
LIKE = {"parent_lookup": "master_detail"}
"""By case: the tree that stands around its fields, where it is not the sample's."""
EDITABLE = {"Reader": "false", "Loader": "true"}
"""By permission set that lists every field: whether it lets them be written."""
SECTIONS: dict[str, dict[str, list[str]]] = {
    "text_area": {"Addresses": ["Address__c"]},
    "long_text_area": {"Texts": ["Log__c"]},
    "html": {"Texts": ["Intro__c"]},
    "checkbox": {"Identity": ["Locked__c"]},
    "number": {"Amounts": ["Days__c"]},
    "currency": {"Amounts": ["GrandTotal__c"]},
    "percent": {"Amounts": ["TaxRate__c"]},
    "date": {"Dates": ["Due__c"]},
    "date_time": {"Dates": ["Sent__c"]},
    "time": {"Dates": ["Start__c"]},
    "email": {"Identity": ["Recipient__c"]},
    "phone": {"Identity": ["Contact__c"]},
    "url": {"Identity": ["Link__c"]},
    "encrypted_text": {"Identity": ["Pin__c"]},
    "location": {"Addresses": ["Place__c"]},
    "unique": {"Identity": ["Number__c", "Address__c"], "Amounts": ["Serial__c"]},
    "visible_lines": {"Identity": ["Tags__c"], "Texts": ["Log__c", "Intro__c"]},
    "picklist": {"Identity": ["Status__c"]},
    "multiselect_picklist": {"Identity": ["Tags__c"]},
    "lookup": {"References": ["Account__c", "Account_Id__c", "Account_Name__c"]},
    "parent_lookup": {"References": ["Invoice__c"]},
    "escaping": {"Identity": ["Status__c"]},
}
"""Where the layout shows the fields of a case, from its first to its last."""
UNLISTED = {
    *("text_area", "long_text_area", "html", "encrypted_text", "location"),
    *("multiselect_picklist", "lookup", "parent_lookup", "visible_lines"),
}
"""The cases that have nothing to show in a list of records."""


def _root(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(remove_blank_text=True))


def _canonical(node: etree._Element) -> str:
    return etree.tostring(node, method="c14n").decode()


def _one(case: str, start: str, ending: str) -> etree._Element:
    """The only file of *case* that begins and ends like this, below the source root."""
    (found,) = (
        content
        for path, content in source(case).items()
        if path.startswith(f"{SOURCE_ROOT}/{start}") and path.endswith(ending)
    )
    return _root(found)


def _fields(case: str) -> dict[tuple[str, str], etree._Element]:
    """Every field of *case*, its key too, by object and name."""
    found = {}
    for path, content in source(case).items():
        if path.endswith(".field-meta.xml"):
            field = _root(content)
            owner = PurePosixPath(path).parents[1].name
            found[owner, field.findtext("{*}fullName") or ""] = field
    return found


def _own(case: str) -> tuple[str, set[str]]:
    """The one object that has own fields, and their names."""
    paths = [PurePosixPath(path) for path in own_fields(case)]
    (owner,) = {path.parents[1].name for path in paths}
    return owner, {path.name.removesuffix(".field-meta.xml") for path in paths}


def _demanded(field: etree._Element) -> bool:
    """Whether the platform asks for a value in every record."""
    detail = field.findtext("{*}type") == "MasterDetail"
    return detail or field.findtext("{*}required") == "true"


def _items(section: etree._Element) -> list[str]:
    """The fields that *section* shows: the left column, then the right one."""
    return [each.text or "" for each in section.iterfind(".//{*}field")]


def _without(root: etree._Element, names: set[str]) -> etree._Element:
    """
    *root* without what lists a field of *names*, and without sections left empty.
    """
    for node in list(root.iter("{*}layoutItems", "{*}fieldPermissions", "{*}columns")):
        field = node.findtext("{*}field") or node.text or ""
        if field.rpartition(".")[2] in names:
            _drop(node)
    for section in list(root.iterfind("{*}layoutSections")):
        if not _items(section):
            _drop(section)
    return root


def _drop(node: etree._Element) -> None:
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)


def _around(case: str) -> dict[str, str]:
    """What is made of *case* as if it had no fields of its own."""
    _, names = _own(case)
    return {
        path: _canonical(_without(_root(content), names))
        if path.endswith(".xml")
        else content.decode()
        for path, content in source(case).items()
        if path not in own_fields(case)
    }


@pytest.mark.parametrize("case", ALONE)
def test_around_its_fields_a_case_is_a_tree_that_is_shown(case: str) -> None:
    """The same files that say the same, but for where its own fields are listed."""
    around, like = _around(case), _around(LIKE.get(case, "sample"))
    if case == "parent_lookup":
        line = f"{SOURCE_ROOT}/objects/Line__c/Line__c.object-meta.xml"
        assert ">Private</" in around[line]
        around[line] = around[line].replace(">Private</", ">ControlledByParent</")
    assert around == like


@pytest.mark.parametrize("case", CASES)
def test_a_layout_shows_every_field_once(case: str) -> None:
    """To be read, and to be filled only where the platform asks for it."""
    for (owner, name), field in _fields(case).items():
        layout = _one(case, f"layouts/{owner}-", ".layout-meta.xml")
        (item,) = (
            each
            for each in layout.iterfind(".//{*}layoutItems")
            if each.findtext("{*}field") == name
        )
        behavior = "Required" if _demanded(field) else "Readonly"
        assert item.findtext("{*}behavior") == behavior


@pytest.mark.parametrize("case", ALONE)
def test_a_section_looks_like_every_other(case: str) -> None:
    """Titled, in two columns, the first half of its fields on the left."""
    (frame,) = {_frame(each) for each in _sections("sample", "Invoice__c")}
    owner, _ = _own(case)
    for section in _sections(case, owner):
        left, right = (len(each) for each in section.iterfind("{*}layoutColumns"))
        assert left - right in {0, 1}
        assert _frame(section) == frame


def _sections(case: str, owner: str) -> list[etree._Element]:
    layout = _one(case, f"layouts/{owner}-", ".layout-meta.xml")
    return list(layout.iterfind("{*}layoutSections"))


def _frame(section: etree._Element) -> str:
    """A section's settings, without its title and its fields."""
    varying = ("label", "layoutColumns")
    return "".join(
        _canonical(each)
        for each in section
        if etree.QName(each).localname not in varying
    )


@pytest.mark.parametrize("case", SECTIONS)
def test_a_field_stands_in_its_section(case: str) -> None:
    """Dates with dates, amounts with amounts, a reference with the text it left."""
    owner, names = _own(case)
    shown = {
        section.findtext("{*}label"): [
            each for each in _items(section) if each in names
        ]
        for section in _sections(case, owner)
    }
    assert {label: fields for label, fields in shown.items() if fields} == SECTIONS[
        case
    ]


@pytest.mark.parametrize("case", SECTIONS)
def test_a_list_shows_what_tells_records_apart(case: str) -> None:
    """Dates, then amounts, then the rest; nothing long, and no reference."""
    owner, _ = _own(case)
    view = _one(case, f"objects/{owner}/listViews/", "/All.listView-meta.xml")
    columns = [each.text for each in view.iterfind("{*}columns")]
    order = ("Dates", "Amounts", "Identity")
    listed = [each for name in order for each in SECTIONS[case].get(name, ())]
    assert columns == ["NAME", *([] if case in UNLISTED else listed)]


@pytest.mark.parametrize("case", CASES)
def test_permission_sets_list_every_field_that_needs_it(case: str) -> None:
    """A reader sees all of them, the loader writes them, the unloader needs none."""
    wanted = sorted(
        f"{owner}.{name}"
        for (owner, name), field in _fields(case).items()
        if not _demanded(field)
    )
    for name, editable in EDITABLE.items():
        root = _one(case, "permissionsets/", f"_{name}.permissionset-meta.xml")
        listed = [
            tuple(
                each.findtext(f"{{*}}{part}")
                for part in ("field", "editable", "readable")
            )
            for each in root.iterfind("{*}fieldPermissions")
        ]
        assert listed == [(field, editable, "true") for field in wanted]
    root = _one(case, "permissionsets/", "_Unloader.permissionset-meta.xml")
    assert root.find("{*}fieldPermissions") is None


@pytest.mark.parametrize("case", CASES)
def test_a_line_is_shared_like_its_invoice_where_it_is_its_detail(case: str) -> None:
    """The platform takes nothing else there, and refuses it everywhere else."""
    fields = _fields(case)
    for owner in {owner for owner, _ in fields}:
        kinds = {f.findtext("{*}type") for (o, _), f in fields.items() if o == owner}
        made = _one(case, f"objects/{owner}/", ".object-meta.xml")
        sharing = "ControlledByParent" if "MasterDetail" in kinds else "Private"
        assert made.findtext("{*}sharingModel") == sharing
