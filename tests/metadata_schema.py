"""
Salesforce's own schemas of the Metadata API, to hold rendered files against.

The one of 63.0 is cut out of the WSDL that simple-salesforce installs; a newer one is
used as well when the public metadata collection lies beside the checkout.
"""

from __future__ import annotations

from collections import abc
from functools import cache
from pathlib import Path
from typing import Any

import simple_salesforce
from lxml import etree

from tests.conftest import SHARED_DATA

METADATA = "http://soap.sforce.com/2006/04/metadata"
XSD = "http://www.w3.org/2001/XMLSchema"
ROOTS = (
    *("CustomApplication", "CustomField", "CustomFieldTranslation", "CustomObject"),
    *("CustomObjectTranslation", "CustomPermission"),
    *("CustomTab", "Layout", "ListView", "Package", "PermissionSet", "ValidationRule"),
)
SHARED_SCHEMA = SHARED_DATA / "xsd" / "metadata-66.0.xsd"

NEWER_THAN_63 = frozenset({"displayLocationInDecimal"})
"""
Legal elements that the 63.0 schema does not know although that version has them.
"""


def installed_tree() -> etree._Element:
    """
    The schema inside the metadata WSDL of simple-salesforce, as XML.
    """
    package = Path(simple_salesforce.__file__).parent
    wsdl = etree.parse(package / "metadata.wsdl").getroot()
    (found,) = [
        node
        for node in wsdl.iter(f"{{{XSD}}}schema")
        if node.get("targetNamespace") == METADATA
    ]
    return found


@cache
def installed_schema() -> etree.XMLSchema:
    """
    The schema of `installed_tree`, with the types of whole files as elements.
    """
    found = installed_tree()
    names = {"xsd": XSD, "tns": METADATA}
    schema = etree.Element(
        f"{{{XSD}}}schema",
        attrib={str(key): str(value) for key, value in found.attrib.items()},
        nsmap=names,
    )
    schema.extend(list(found))
    declared = {node.get("name") for node in schema.findall(f"{{{XSD}}}element")}
    for root in ROOTS:
        if root not in declared:
            etree.SubElement(schema, f"{{{XSD}}}element", name=root, type=f"tns:{root}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


@cache
def shared_schema() -> etree.XMLSchema:
    """
    The schema of 66.0.
    """
    return etree.XMLSchema(file=str(SHARED_SCHEMA))


def violations(files: abc.Mapping[str, bytes], schema: etree.XMLSchema) -> list[str]:
    """
    What *schema* says against the XML among *files*, as `file:line: message`.
    """
    found = []
    for path, content in sorted(files.items()):
        if path.endswith((".json", ".md")):
            continue
        schema.validate(etree.fromstring(content))
        log: Any = schema.error_log  # the stubs do not know that it is a sequence
        found += [f"{path}:{entry.line}: {entry.message}" for entry in log]
    return [
        each
        for each in found
        if not any(f"}}{name}'" in each for name in NEWER_THAN_63)
    ]
