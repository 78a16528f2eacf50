"""
The metadata of an object, as `describe` keeps it, read into the model.
"""

from __future__ import annotations

from lxml import etree

from migrator.errors import DescribeError
from migrator.model.describe import FieldDefinition, PicklistValue
from migrator.model.names import ApiName

_METADATA = "http://soap.sforce.com/2006/04/metadata"
_IN = {"m": _METADATA}
_HINT = "make the file again with `migrator describe --org ORG`"


def parse_definitions(content: bytes, *, file: str) -> tuple[FieldDefinition, ...]:
    """
    The fields of a CustomObject file; *file* names it in messages.

    Raises DescribeError for what is no such file.
    """
    fields = _root(content, file).iterfind("m:fields", _IN)
    return tuple(_field(each) for each in fields if _text(each, "fullName"))


def changed_fields(before: bytes, after: bytes, *, file: str) -> tuple[ApiName, ...]:
    """
    The fields that one of two CustomObject files has and the other has not, or has
    otherwise; DescribeError as above.
    """
    old, new = (
        {
            _text(each, "fullName"): etree.tostring(each, method="c14n")
            for each in _root(content, file).iterfind("m:fields", _IN)
        }
        for content in (before, after)
    )
    names = sorted(old.keys() | new.keys())
    return tuple(ApiName(name) for name in names if old.get(name) != new.get(name))


def _root(content: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DescribeError(f"{file}: no XML: {error.msg}", hint=_HINT) from None
    if root.tag != f"{{{_METADATA}}}CustomObject":
        raise DescribeError(f"{file}: expected a CustomObject", hint=_HINT)
    return root


def _field(node: etree._Element) -> FieldDefinition:
    return FieldDefinition(
        name=ApiName(_text(node, "fullName")),
        formula=_text(node, "formula"),
        help_text=_text(node, "inlineHelpText"),
        summary=_summary(node),
        values=tuple(
            PicklistValue(
                value=_text(each, "fullName"),
                label=_text(each, "label") or _text(each, "fullName"),
                active=_text(each, "isActive") != "false",
            )
            for each in node.iterfind("m:valueSet/m:valueSetDefinition/m:value", _IN)
        ),
    )


def _summary(node: etree._Element) -> str:
    operation = _text(node, "summaryOperation")
    what = _text(node, "summarizedField") or _text(node, "summaryForeignKey")
    return f"{operation} of {what}" if operation else ""


def _text(node: etree._Element, name: str) -> str:
    return (node.findtext(f"m:{name}", default="", namespaces=_IN) or "").strip()
