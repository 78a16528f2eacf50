"""
References to the package are found wherever the platform would resolve them.
"""

from __future__ import annotations

import pytest

from migrator.documents.metadata.package_references import package_references
from migrator.errors import TemplateError

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def _found(element: str, text: str) -> tuple[str, ...]:
    content = f'<Any xmlns="{NAMESPACE}">\n<{element}>{text}</{element}></Any>'
    return package_references({"a.xml": content.encode()}, "ONB2")


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("referenceTo", "ONB2__Invoice__c"),
        ("referenceTo", "onb2__invoice__c"),
        ("field", "Invoice__c.ONB2__Total__c"),
        ("object", "ONB2__Invoice__c"),
        ("tab", "ONB2__Invoice__c"),
        ("members", "ONB2__Invoice__c"),
        ("valueSetName", "ONB2__Status"),
        ("formula", "1 + ONB2__Invoice__r.ONB2__Total__c"),
        ("fullName", "ONB2__Total__c"),
        ("relationshipName", "ONB2__Invoices"),
    ],
)
def test_a_reference_is_found_with_its_place(element: str, text: str) -> None:
    """File, line, element and text are told."""
    assert _found(element, text) == (f"a.xml:2: <{element}> {text}",)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("description", "From ONB2__Invoice__c.ONB2__Total__c"),
        ("label", "ONB2__Total__c"),
        ("members", "Invoice__c-ONB2__Invoice__c Layout"),
        ("inlineHelpText", "see ONB2__Total__c"),
        ("fullName", "ONB2_Total__c"),
        ("fullName", "XONB2__Total__c"),
        ("object", "Invoice__c"),
    ],
)
def test_texts_for_people_may_name_the_package(element: str, text: str) -> None:
    """Neither a description nor a name that only looks alike is a reference."""
    assert _found(element, text) == ()


def test_a_picklist_value_is_no_reference() -> None:
    """Its fullName is text that a record holds."""
    assert _found("value", "<fullName>ONB2__Invoice__c</fullName>") == ()


def test_a_comment_is_no_reference() -> None:
    """Comments have no meaning to the platform."""
    assert _found("label", "<!-- ONB2__Invoice__c -->") == ()


def test_a_file_that_is_no_xml_is_the_templates_mistake() -> None:
    """The file is named, so that its template can be mended."""
    with pytest.raises(TemplateError, match=r"a\.xml"):
        package_references({"a.xml": b"<a><b></a>"}, "ONB2")
