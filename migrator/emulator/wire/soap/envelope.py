"""
SOAP 1.1 envelopes, as the Metadata API and the partner API share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from migrator.emulator.errors import SalesforceError, invalid_session
from migrator.emulator.metadata.xml_tree import MetadataError, escape, parse_tree

if TYPE_CHECKING:
    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User

__all__ = ["NIL", "SoapCall", "answered", "check_version", "element", "read_envelope"]

_ENVELOPE_NS: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_MAX_REQUEST_BYTES: Final = 60 * 1024 * 1024
_ILLEGAL: Final = "Invalid Session ID found in SessionHeader: Illegal Session"
# An element that must be there although it has no value.
NIL: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCall:
    """
    What an envelope asks for: the operation's element and the header, if any.
    """

    operation: Node
    header: Node | None

    def option(self, header: str, name: str) -> str:
        """
        Return the text of `header/name`, empty when it was not sent.
        """
        found = self.header.first(header) if self.header else None
        return found.text(name).strip() if found else ""

    def sign_in(self, org: Org) -> User:
        """
        Find the user of the session header, and count his call.

        Raises SalesforceError INVALID_SESSION_ID or REQUEST_LIMIT_EXCEEDED.
        """
        session = self.option("SessionHeader", "sessionId")
        try:
            if f"Bearer {session}" in org.faults.expired_tokens:
                raise invalid_session()
            user = org.users.authenticate(session)
        except SalesforceError as error:
            raise SalesforceError(error.code, _ILLEGAL) from None
        org.limits.count_call()
        return user


def read_envelope(body: bytes, namespace: str) -> SoapCall:
    """
    Read the call in *body*, whose operation must be of *namespace*.

    Raises SalesforceError for what is no envelope, or too large.
    """
    if len(body) > _MAX_REQUEST_BYTES:
        raise SalesforceError("LIMIT_EXCEEDED", "Maximum size of request reached.")
    try:
        envelope = parse_tree(body)
    except MetadataError as error:
        raise SalesforceError("INVALID_SOAP_HEADER", error.problem) from None
    inside = envelope.first("Body")
    wrong = envelope.name != "Envelope" or envelope.namespace != _ENVELOPE_NS
    if wrong or inside is None or not inside.children:
        raise SalesforceError("INVALID_SOAP_HEADER", "No SOAP Envelope with a Body")
    operation = inside.children[0]
    if operation.namespace != namespace:
        raise SalesforceError(
            "INVALID_OPERATION",
            f"No operation available for request {{{operation.namespace}}}"
            f"{operation.name}",
        )
    return SoapCall(operation=operation, header=envelope.first("Header"))


def check_version(version: str, low: int, high: int) -> None:
    """
    Raise UNSUPPORTED_API_VERSION unless *version* is `NN.0` from *low* to *high*.
    """
    number, _, rest = version.partition(".")
    if rest != "0" or not number.isdecimal() or not low <= int(number) <= high:
        raise SalesforceError(
            "UNSUPPORTED_API_VERSION", f"Invalid version specified: {version}"
        )


def answered(
    namespaces: str, content: str, *, header: str = "", status: int = 200
) -> Response:
    """
    Make the HTTP answer with an envelope around *content*; *namespaces* are declared.
    """
    head = f"<soapenv:Header>{header}</soapenv:Header>" if header else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE_NS}" {namespaces} '
        f'xmlns:xsi="{_XSI}">{head}'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(text, status_code=status, media_type="text/xml; charset=utf-8")


def element(name: str, value: object) -> str:
    """
    Write one element; None gives nothing, as optional elements are left out, NIL a nil.
    """
    if value is None:
        return ""
    if value is NIL:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if isinstance(value, dict):
        inside = "".join(element(key, each) for key, each in value.items())
        return f"<{name}>{inside}</{name}>"
    if isinstance(value, list):
        return "".join(element(name, each) for each in value)
    return f"<{name}>{escape(str(value))}</{name}>"
