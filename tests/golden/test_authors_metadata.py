"""
Fields that are public both as describe and as their authors' metadata, compared.

`pytest -s` on this file prints the table of every difference with its reason.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from migrator.documents.describe.describe import parse_describe
from migrator.documents.metadata.files import SOURCE_ROOT, render_source
from migrator.documents.templates import make_environment
from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rules.plan.proposal import plan
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import shipped_folder
from tests.builders.mappings import a_migration
from tests.conftest import SHARED_DATA

pytestmark = pytest.mark.shared_data

Elements = dict[str, str]
DREAMHOUSE = {
    "EventInstance__c": "Ticketable_Event__c",
    "TicketAllocation__c": "Event_Instance__c",
    "TicketPriceLevel__c": "Ticket_Allocation__c",
}
DECIDING = ("type", "length", "precision", "scale", "referenceTo", "unique")
"""What has to be the same, always."""
_FROZEN = "the author's is a formula, ours the value it showed"
EXPLAINED = {
    "description": "ours names the source field and carries the migration's mark",
    "relationshipName": "made anew: the author's is taken on the same parent",
    "relationshipLabel": "the related list is titled after the archive object",
    "deleteConstraint": "an archive never vanishes with what it points at",
    "trackFeedHistory": "an archive does not change, so nothing is tracked",
    "trackHistory": "an archive does not change, so nothing is tracked",
    "trackTrending": "an archive does not change, so nothing is tracked",
    "defaultValue": "a default would fill what was empty in the source",
    "externalId": "false is what the platform takes when it is left out",
    "required": "a required field would refuse records older than the rule",
    "inlineHelpText": "absent in the describe, or shown as the describe has it",
    "formula": _FROZEN,
    "formulaTreatBlanksAs": _FROZEN,
    "length of a formula": _FROZEN,
    "lookupFilter": "a filter would refuse records older than it",
    "label": "the org that was described has changed the label since",
    "valueSet": "unrestricted, and with the values of the described org",
    "fullName": "the namespace is left out, or the plain name was taken",
}
"""Why each other element may differ; one that is missing here fails the test."""


def _elements(content: bytes) -> Elements:
    root = etree.fromstring(content)
    return {
        etree.QName(node).localname: (
            etree.tostring(node).decode() if len(node) else node.text or ""
        )
        for node in root.iterchildren(etree.Element)
    }


def _described(folder: str, name: str) -> ObjectDescribe:
    file = SHARED_DATA / "describes" / folder / f"{name}.json"
    described, _ = parse_describe(file.read_text("utf-8"), file=file.name)
    return described


def _observed(described: ObjectDescribe) -> dict[tuple[ApiName, str], Observed]:
    """An extract with short texts, so that text formulas get the type they show."""
    short = Observed(max_length=20)
    return {(described.name, each.name): short for each in described.fields}


def _generated(described: ObjectDescribe) -> tuple[MappedObject, dict[str, Elements]]:
    migration = replace(a_migration(), objects=(described.name,))
    mapping = plan(
        {described.name: described}, migration, observed=_observed(described)
    )
    files = render_source(
        build_target(mapping, migration),
        make_environment([shipped_folder("templates")]),
    )
    (mapped,) = mapping.objects
    folder = f"{SOURCE_ROOT}/objects/{mapped.target}/fields/"
    made = {
        Path(path).name.removesuffix(".field-meta.xml"): _elements(content)
        for path, content in files.items()
        if path.startswith(folder)
    }
    return mapped, made


def _pair(
    mapped: MappedObject, made: dict[str, Elements], source: str, author: Path
) -> tuple[str, Elements, Elements]:
    entry = mapped.entry(ApiName(source))
    assert entry is not None
    assert entry.target is not None
    return source, made[entry.target], _elements(author.read_bytes())


@cache
def pairs() -> tuple[tuple[str, Elements, Elements], ...]:
    """(source field, ours, the author's) for every field that is public twice."""
    found = []
    person = _described("cumulusci", "Account_PersonAccount")
    mapped, made = _generated(person)
    known = {each.name for each in person.fields}
    for folder, suffix in (("Account", "__c"), ("Contact", "__pc")):
        fields = SHARED_DATA / "metadata" / "npsp" / "objects" / folder / "fields"
        for author in sorted(fields.glob("*__c.field-meta.xml")):
            stem = author.name.removesuffix("__c.field-meta.xml")
            source = f"npsp__{stem}{suffix}"
            if source in known:
                found.append(_pair(mapped, made, source, author))
    for name, field in DREAMHOUSE.items():
        mapped, made = _generated(_described("dreamhouse", name))
        author = (
            SHARED_DATA / "describes" / "dreamhouse" / "metadata" / name / "fields"
        ) / f"{field}.field-meta.xml"
        found.append(_pair(mapped, made, field, author))
    return tuple(found)


def _bare(element: str, text: str | None) -> str:
    """
    A value without its namespace; "not unique" is what no element means, and a
    reference to the object that is copied here points at the copy.
    """
    if element == "unique":
        return text or "false"
    plain = (text or "").removeprefix("npsp__")
    return "Account" if (element, plain) == ("referenceTo", "Account__c") else plain


def _differences(ours: Elements, authors: Elements) -> list[str]:
    formula = "formula" in authors
    return [
        "length of a formula" if formula and element == "length" else element
        for element in sorted(ours.keys() | authors.keys())
        if _bare(element, ours.get(element)) != _bare(element, authors.get(element))
    ]


def test_every_public_pair_is_compared() -> None:
    """48 fields of one project and 3 of another stand on both sides."""
    assert len(pairs()) == 51


@pytest.mark.parametrize("element", DECIDING)
def test_the_deciding_attributes_are_the_authors(element: str) -> None:
    """Whatever decides which values fit is the same in all of them."""
    wrong = {
        source: (ours.get(element), authors.get(element))
        for source, ours, authors in pairs()
        if element in _differences(ours, authors)
    }
    assert wrong == {}


def test_every_other_difference_has_a_reason() -> None:
    """The table is complete: no element differs that nobody thought about."""
    table = [
        (source, element, ours.get(element), authors.get(element))
        for source, ours, authors in pairs()
        for element in _differences(ours, authors)
    ]
    assert table
    for source, element, here, there in table:
        reason = EXPLAINED.get(element, "?")
        shown = f"{str(here)[:40]!r:44} {str(there)[:40]!r:44}"
        print(f"{source:52} {element:20} {shown} {reason}")  # noqa: T201 - asked for
    assert {element for _, element, *_ in table} <= set(EXPLAINED)
