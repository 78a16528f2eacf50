"""
The vendor's error codes and sentences, raised anywhere and shaped by the wire.
"""

from __future__ import annotations


class SalesforceError(Exception):
    """
    An answer in Salesforce's error shape.

    REST renders `[{"message", "errorCode", "fields"?}]` with *status*; row results
    of DML render `{"statusCode", "message", "fields"}`; SOAP renders a fault.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


class SettingsError(Exception):
    """
    An org cannot be made of what was given; the text says what to mend.
    """


def not_found() -> SalesforceError:
    """
    Make the answer for an unknown or invisible resource (404 NOT_FOUND).
    """
    return SalesforceError(
        "NOT_FOUND", "The requested resource does not exist", status=404
    )


def not_emulated(what: str) -> SalesforceError:
    """
    Refuse loudly *what* this emulator does not do (see COVERAGE.md).
    """
    return SalesforceError(
        "FUNCTIONALITY_NOT_ENABLED", f"Not emulated: {what}", status=501
    )


def invalid_session() -> SalesforceError:
    """
    Make the answer to a missing, unknown or expired access token (401).
    """
    return SalesforceError(
        "INVALID_SESSION_ID", "Session expired or invalid", status=401
    )
