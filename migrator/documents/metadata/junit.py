"""
A deployment as JUnit XML, the form in which CI servers show results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from migrator.documents.metadata.characters import ILLEGAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentResult:
    """
    How one component fared.
    """

    type: str
    """The Metadata API's word: `CustomField`."""
    name: str
    problems: tuple[str, ...] = ()
    """The org's words with their place; empty for a component that is fine."""
    warnings: tuple[str, ...] = ()


def render_junit(suite: str, results: Sequence[ComponentResult]) -> bytes:
    """
    One test suite called *suite* with a test case per component, in the given order.

    There is no time in it: the same result gives the same bytes.
    """
    failed = sum(1 for each in results if each.problems)
    counts = {"tests": str(len(results)), "failures": str(failed), "errors": "0"}
    root = etree.Element("testsuites", counts)
    node = etree.SubElement(root, "testsuite", {"name": _clean(suite), **counts})
    for each in results:
        _add_case(node, each)
    return etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def _add_case(suite: etree._Element, result: ComponentResult) -> None:
    case = etree.SubElement(
        suite, "testcase", classname=_clean(result.type), name=_clean(result.name)
    )
    if result.problems:
        failure = etree.SubElement(
            case, "failure", message=_clean(result.problems[0]), type=result.type
        )
        failure.text = _clean("\n".join(result.problems))
    if result.warnings:
        output = etree.SubElement(case, "system-out")
        output.text = _clean("\n".join(result.warnings))


def _clean(text: str) -> str:
    """
    Return the org's words may quote what XML cannot carry; here a mark may stand for
    it.
    """
    return ILLEGAL.sub("\ufffd", text)
