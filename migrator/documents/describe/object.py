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
    Return the fields of a CustomObject file; *file* names it in messages.

    Raises DescribeError for what is no such file.
    """
    fields = metadata_root(content, "CustomObject", file).iterfind("m:fields", _IN)
    return tuple(_field(each) for each in fields if node_text(each, "fullName"))


def changed_parts(
    before: bytes, after: bytes, part: str, *, file: str
) -> tuple[ApiName, ...]:
    """
    Return the names of what one of two CustomObject files has under *part* (`fields`,
    `listViews`) and the other has not, or has otherwise; DescribeError as above.
    """
    old, new = (
        {
            node_text(each, "fullName"): etree.tostring(each, method="c14n")
            for each in metadata_root(content, "CustomObject", file).iterfind(
                f"m:{part}", _IN
            )
        }
        for content in (before, after)
    )
    names = sorted(old.keys() | new.keys())
    return tuple(ApiName(name) for name in names if old.get(name) != new.get(name))


def metadata_root(content: bytes, kind: str, file: str) -> etree._Element:
    """
    Return the root element of a metadata file of the type *kind*; entities stay unread.

    Raises DescribeError, naming *file*, for anything else.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DescribeError(f"{file}: no XML: {error.msg}", hint=_HINT) from None
    if root.tag != f"{{{_METADATA}}}{kind}":
        raise DescribeError(f"{file}: expected a {kind}", hint=_HINT)
    return root


def _field(node: etree._Element) -> FieldDefinition:
    return FieldDefinition(
        name=ApiName(node_text(node, "fullName")),
        formula=node_text(node, "formula"),
        help_text=node_text(node, "inlineHelpText"),
        summary=_summary(node),
        value_set=(
            node.findtext("m:valueSet/m:valueSetName", default="", namespaces=_IN)
        ).strip(),
        visible_lines=_number(node, "visibleLines"),
        values=tuple(
            PicklistValue(
                value=node_text(each, "fullName"),
                label=node_text(each, "label") or node_text(each, "fullName"),
                active=node_text(each, "isActive") != "false",
            )
            for each in node.iterfind("m:valueSet/m:valueSetDefinition/m:value", _IN)
        ),
    )


def _number(node: etree._Element, name: str) -> int:
    text = node_text(node, name)
    return int(text) if text.isdecimal() else 0


def _summary(node: etree._Element) -> str:
    operation = node_text(node, "summaryOperation")
    what = node_text(node, "summarizedField") or node_text(node, "summaryForeignKey")
    return f"{operation} of {what}" if operation else ""


def node_text(node: etree._Element, name: str) -> str:
    """
    Return the text of the child *name* without blanks around it; empty when there is
    none.
    """
    return (node.findtext(f"m:{name}", default="", namespaces=_IN) or "").strip()
