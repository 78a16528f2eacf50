"""
The vendor's partner WSDL, as two packages by other authors carry it.

`pyrannosaurus` has the file of API 29.0; `@salesforce/types` has the types of a newer
release as TypeScript, elements by name, which is their order in the WSDL, too. The
newer WSDL is the old one with those types in place of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from tests.clients.installing import client

_XSD = "http://www.w3.org/2001/XMLSchema"
_TYPE = re.compile(r"^export type (\w+) = \{(.*?)^\};", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"(\w+)(\?)?: ([^;]+);")
_PLAIN = {
    "ID": "tns:ID",
    "QueryLocator": "tns:QueryLocator",
    "any": "xsd:anyType",
    "boolean": "xsd:boolean",
    "number": "xsd:double",
    "sObject": "ens:sObject",
    "string": "xsd:string",
}
# What the emulator answers with, from the top.
_ANSWERS = (
    "DeleteResult DescribeGlobalResult DescribeSObjectResult GetUserInfoResult "
    "QueryResult SaveResult UpsertResult"
)


def old_wsdl() -> Path:
    """
    The file of API 29.0.
    """
    return next(client("wsdl").folder.glob("lib/*/site-packages/wsdl/partner.xml"))


def newer_wsdl() -> bytes:
    """
    The same with the result types of the newest release.
    """
    types = client("types").folder / "node_modules/@salesforce/types/lib/partner.d.ts"
    found = dict(_TYPE.findall(types.read_text("utf-8")))
    tree = etree.parse(str(old_wsdl()))
    schema = next(
        each
        for each in tree.iter(f"{{{_XSD}}}schema")
        if each.get("targetNamespace") == "urn:partner.soap.sforce.com"
    )
    waiting, done = _ANSWERS.split(), set()
    while waiting:
        name = waiting.pop()
        if name not in done:
            done.add(name)
            waiting += _replace(schema, name, found)
    return etree.tostring(tree)


def _replace(schema: etree._Element, name: str, found: dict[str, str]) -> list[str]:
    """Put the type *name* into *schema*; the types that it needs."""
    for each in schema.findall(f"{{{_XSD}}}complexType[@name='{name}']"):
        schema.remove(each)
    made = etree.SubElement(schema, f"{{{_XSD}}}complexType", name=name)
    sequence = etree.SubElement(made, f"{{{_XSD}}}sequence")
    needed = []
    for member, optional, kind in _MEMBER.findall(found[name]):
        single = kind.removesuffix("[]")
        if single in found and single not in _PLAIN:
            needed.append(single)
        shown = _PLAIN.get(single, f"tns:{single}" if single in found else "xsd:string")
        element = etree.SubElement(
            sequence, f"{{{_XSD}}}element", name=member, type=shown
        )
        if optional:
            element.attrib.update({"minOccurs": "0", "nillable": "true"})
        if kind.endswith("[]"):
            element.attrib.update({"minOccurs": "0", "maxOccurs": "unbounded"})
    return needed
