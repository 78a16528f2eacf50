"""
A deployment as JUnit XML.
"""

from __future__ import annotations

from lxml import etree

from migrator.documents.metadata.junit import ComponentResult, render_junit

FINE = ComponentResult(type="CustomObject", name="Invoice__c", warnings=("slow",))
BROKEN = ComponentResult(
    type="CustomField",
    name="Invoice__c.A__c",
    problems=("a.object:3:5: no <b>", "second\x00"),
)


def test_each_component_is_a_case() -> None:
    """Counts, names and the org's words are where CI servers read them."""
    content = render_junit("validate", [FINE, BROKEN])
    root = etree.fromstring(content)
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (suite,) = root
    assert suite.get("name") == "validate"
    fine, broken = suite
    assert (fine.get("classname"), fine.get("name")) == ("CustomObject", "Invoice__c")
    assert fine.findtext("system-out") == "slow"
    assert fine.find("failure") is None
    failure = broken.find("failure")
    assert failure is not None
    assert failure.get("message") == "a.object:3:5: no <b>"
    assert failure.text == "a.object:3:5: no <b>\nsecond\ufffd"


def test_the_same_result_gives_the_same_bytes() -> None:
    """No time and no machine name is in it."""
    assert render_junit("x", [BROKEN]) == render_junit("x", [BROKEN])
    assert b"time" not in render_junit("x", [])
