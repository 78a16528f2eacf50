"""
The table of kinds is what the templates print and what the golden cases show.
"""

from __future__ import annotations

import pytest
from lxml import etree

from migrator.model.kinds.table import KINDS, Kind
from migrator.rundir.layout import shipped_folder
from tests.golden.cases import CASES
from tests.golden.files import rendered

COMMON = {"fullName", "description", "label", "type"}
SOMETIMES = {"inlineHelpText"}
MADE = {kind for kind, row in KINDS.items() if row.is_own_field}


def _printed() -> dict[str, list[set[str]]]:
    """By kind: the elements of each field that some golden case shows."""
    found: dict[str, list[set[str]]] = {}
    for case in CASES:
        for path, content in rendered(case).items():
            if path.endswith(".field-meta.xml"):
                names = [etree.QName(e).localname for e in etree.fromstring(content)]
                kind = etree.fromstring(content).findtext("{*}type") or ""
                found.setdefault(kind, []).append(set(names))
    return found


PRINTED = _printed()


def test_every_kind_has_a_row_and_every_field_a_partial() -> None:
    """One kind is one row and one partial template; nothing lies about unused."""
    assert set(KINDS) == set(Kind)
    folder = shipped_folder("templates") / "metadata" / "fields"
    partials = {file.name.removesuffix(".xml.j2") for file in folder.iterdir()}
    kinds = {kind.value for kind in MADE}
    assert partials - {"field", "value_set"} == kinds


@pytest.mark.parametrize("kind", sorted(MADE))
def test_a_kind_prints_the_elements_of_its_row(kind: Kind) -> None:
    """No element is missing and none is more, in any field of any case."""
    row = KINDS[kind]
    assert PRINTED[kind.value]
    for names in PRINTED[kind.value]:
        assert names - row.optional - SOMETIMES == COMMON | row.elements
    assert row.source
