"""
The proof that generated metadata does not depend on the package it replaces.

A component that refers to a packaged one blocks the package's uninstall (Salesforce
help, article 000383933). Texts for people may name the package, references may not.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterator

from lxml import etree

from migrator.errors import TemplateError

REFERENCE_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "apexClass apexPage application columns controllingField customSettingName "
        "errorConditionFormula errorDisplayField field formula fullName layout members "
        "metadataRelationshipControllingField name object page referenceTargetField "
        "referenceTo relationshipName summarizedField summaryForeignKey tab valueField "
        "valueSetName",
    )
)
"""Elements whose text the platform resolves to another component."""
_LAYOUTS = frozenset({"layout", "members"})
"""A layout is named `Object-Label Layout`; the label is a text for people."""
_VALUE = "value"
"""A picklist value carries a fullName too, and that one is plain text."""


def package_references(
    files: abc.Mapping[str, bytes], namespace: str
) -> tuple[str, ...]:
    """
    Every reference in *files* to *namespace*, as `file:line: <element> text`.

    Raises TemplateError for a file that is no well-formed XML.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(namespace)}__", re.IGNORECASE)
    return tuple(
        f"{path}:{element.sourceline}: <{_local(element)}> {text}"
        for path, content in sorted(files.items())
        if not path.endswith((".json", ".md"))
        for element, text in _references(path, content)
        if pattern.search(text)
    )


def _references(path: str, content: bytes) -> Iterator[tuple[etree._Element, str]]:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        raise TemplateError(
            f"{path}: the template printed no well-formed XML: {error.msg}",
            hint="mend the template of this file",
        ) from error
    for element in root.iter(etree.Element):
        parent = element.getparent()
        if parent is not None and _local(parent) == _VALUE:
            continue
        name = _local(element)
        if element.text and name in REFERENCE_ELEMENTS:
            text = element.text
            yield element, text.partition("-")[0] if name in _LAYOUTS else text


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
