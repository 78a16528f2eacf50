"""
The wire form is the source form, put together: what the trees show of it is the proof.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from lxml import etree

from migrator.documents.metadata.files import SOURCE_ROOT
from tests.golden.cases import CASES
from tests.golden.files import COMPOSED, mdapi, source, twin

Piece = tuple[str, str]
BESIDE = ("manifest/package.xml", "sfdx-project.json")
"""What belongs to the project, not to a component."""


def _root(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(remove_blank_text=True))


def _inside(node: etree._Element) -> str:
    """The content of *node*, whatever *node* itself is called."""
    parts = [etree.tostring(each, method="c14n").decode() for each in node]
    return "".join([node.text or "", *parts])


def _pieces(content: bytes) -> list[Piece]:
    return [(etree.QName(each).localname, _inside(each)) for each in _root(content)]


def _put_together(case: str, path: str) -> list[Piece]:
    """What the files that belong to *path* in source format say, piece by piece."""
    folder = f"{SOURCE_ROOT}/{path.rpartition('.')[0]}/"
    found = []
    for name, content in source(case).items():
        if not name.startswith(folder):
            continue
        kind, _, part = name.removeprefix(folder).rpartition("/")
        if part.startswith(f"{PurePosixPath(path).name}-meta"):
            found += _pieces(content)
        else:
            found.append((kind or "fields", _inside(_root(content))))
    return sorted(found)


@pytest.mark.parametrize("case", CASES)
def test_every_component_is_sent(case: str) -> None:
    """Nothing stays in git alone, nothing is sent that git does not see."""
    sent = {twin(path) for path in mdapi(case) if not path.startswith(COMPOSED)}
    composed = [
        f"{SOURCE_ROOT}/{path.rpartition('.')[0]}/"
        for path in mdapi(case)
        if path.startswith(COMPOSED)
    ]
    kept = {
        path
        for path in source(case)
        if not path.startswith(("undo/", *composed)) and path not in BESIDE
    }
    assert composed
    assert sent == kept | {twin("package.xml")}


@pytest.mark.parametrize("case", CASES)
def test_what_is_sent_has_the_bytes_of_its_twin(case: str) -> None:
    """Layouts, permission sets, tabs ... are reviewed in git exactly as they go out."""
    for path, content in mdapi(case).items():
        if not path.startswith(COMPOSED):
            assert content == source(case)[twin(path)], path


@pytest.mark.parametrize("case", CASES)
def test_what_is_put_together_says_what_its_parts_say(case: str) -> None:
    """Every piece once, none more, and in the order of the elements' names."""
    for path, content in mdapi(case).items():
        if path.startswith(COMPOSED):
            pieces = _pieces(content)
            names = [name for name, _ in pieces]
            assert names == sorted(names), path
            assert sorted(pieces) == _put_together(case, path)
