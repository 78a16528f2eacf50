"""
readMetadata and listMetadata over SOAP: what is asked, and what is answered.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from migrator.errors import LoginRefused, MigratorError, OrgRefused
from migrator.model.names import ApiName
from migrator.org.rest import SIGN_IN_AGAIN, Reply, refusal

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_METADATA = "http://soap.sforce.com/2006/04/metadata"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
_EXPIRED = "INVALID_SESSION_ID"
_IN = {"m": _METADATA, "soap": _ENVELOPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentInfo:
    """
    A component of the org, as far as ownership is decided from it.
    """

    full_name: str
    description: str
    fields: abc.Mapping[ApiName, str]
    """Descriptions of a CustomObject's own fields; empty for other types."""


def read_envelope(session_id: str, metadata_type: str, names: Iterable[str]) -> bytes:
    """
    Return the request that reads the components called *names*.
    """
    envelope, question = _request(session_id, "readMetadata")
    etree.SubElement(question, f"{{{_METADATA}}}type").text = metadata_type
    for name in names:
        etree.SubElement(question, f"{{{_METADATA}}}fullNames").text = name
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def list_envelope(session_id: str, metadata_type: str) -> bytes:
    """
    Return the request that asks for the names of all components of a type.
    """
    envelope, question = _request(session_id, "listMetadata")
    queries = etree.SubElement(question, f"{{{_METADATA}}}queries")
    etree.SubElement(queries, f"{{{_METADATA}}}type").text = metadata_type
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def listed_names(reply: Reply) -> list[str]:
    """
    Return the full names in the answer to `list_envelope`, sorted; errors as
    `read_result`.
    """
    answer = _answer(reply, "listMetadata")
    return sorted(_text(each, "fullName") for each in answer.iterfind("m:result", _IN))


def _request(session_id: str, operation: str) -> tuple[etree._Element, etree._Element]:
    """
    Return an envelope and, inside it, the element of *operation*.
    """
    namespaces = {"soapenv": _ENVELOPE, "met": _METADATA}
    envelope = etree.Element(f"{{{_ENVELOPE}}}Envelope", nsmap=namespaces)
    header = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Header")
    session = etree.SubElement(header, f"{{{_METADATA}}}SessionHeader")
    etree.SubElement(session, f"{{{_METADATA}}}sessionId").text = session_id
    body = etree.SubElement(envelope, f"{{{_ENVELOPE}}}Body")
    return envelope, etree.SubElement(body, f"{{{_METADATA}}}{operation}")


def read_result(reply: Reply) -> list[ComponentInfo]:
    """
    Return the components in *reply*; those the org does not have are left out.

    Raises LoginRefused or OrgRefused for a fault, OrgUnreachable when it is no SOAP.
    """
    return [_component(each) for each in _records(reply)]


def read_definitions(reply: Reply, metadata_type: str) -> dict[str, bytes]:
    """
    Return the whole components in *reply* by full name, each as a metadata file.

    Children stand in one order whatever the org's: by element, then by full name, so
    that two snapshots differ only where the org does. Raises as `read_result` does.
    """
    return {
        _text(each, "fullName"): _as_file(each, metadata_type)
        for each in _records(reply)
    }


def is_expired(reply: Reply) -> bool:
    """
    Return True when *reply* is the fault of a session that the org no longer knows.
    """
    return reply.status >= 400 and _EXPIRED.encode() in reply.content


def _as_file(record: etree._Element, metadata_type: str) -> bytes:
    start = f'<{metadata_type} xmlns="{_METADATA}"/>'
    root = etree.fromstring(start.encode("ascii"))
    for child in sorted(record, key=_place):
        if etree.QName(child).localname != "fullName":
            root.append(child)
    for node in root.iter():
        if len(node):
            node.text = None
        node.tail = None
    etree.cleanup_namespaces(root)
    etree.indent(root, space="    ")
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text.replace(b"<?xml version='1.0' encoding='UTF-8'?>", _DECLARATION) + b"\n"


_AS_THEY_STAND = {"customValue", "standardValue"}
"""Children whose order says something: people choose from the values in it."""


def _place(child: etree._Element) -> tuple[str, str]:
    name = str(etree.QName(child).localname)
    return name, "" if name in _AS_THEY_STAND else _text(child, "fullName")


def _records(reply: Reply) -> list[etree._Element]:
    """
    Return the records of a readMetadata answer; what the org does not have is left out.
    """
    records = _answer(reply, "readMetadata").iterfind("m:result/m:records", _IN)
    # A component that does not exist comes as an empty record.
    return [each for each in records if _text(each, "fullName")]


def _answer(reply: Reply, operation: str) -> etree._Element:
    try:
        root = etree.fromstring(reply.content, _parser())
    except etree.XMLSyntaxError:
        raise _no_soap(reply, operation) from None
    fault = root.find(".//soap:Fault", _IN)
    if fault is not None:
        raise _fault(fault, reply)
    answer = root.find(f".//m:{operation}Response", _IN)
    if answer is None:
        raise _no_soap(reply, operation)
    return answer


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _component(record: etree._Element) -> ComponentInfo:
    return ComponentInfo(
        full_name=_text(record, "fullName"),
        description=_text(record, "description"),
        fields={
            ApiName(_text(field, "fullName")): _text(field, "description")
            for field in record.iterfind("m:fields", _IN)
        },
    )


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"m:{name}", default="", namespaces=_IN) or "").strip()


def _no_soap(reply: Reply, operation: str) -> MigratorError:
    if reply.status >= 400:
        return refusal(reply)
    return reply.unusable(f"a {operation}Response")


def _fault(fault: etree._Element, reply: Reply) -> MigratorError:
    code = (fault.findtext("{*}faultcode") or "").rpartition(":")[2]
    words = fault.findtext("{*}faultstring") or "without a message"
    if code == _EXPIRED:
        return LoginRefused(
            f"the org did not accept the session id ({reply.where})",
            hint=SIGN_IN_AGAIN,
            code=code,
        )
    return OrgRefused(
        f"{reply.where}: {words}",
        hint="reading metadata needs the permission Modify Metadata Through Metadata "
        "API Functions",
        code=code,
    )
