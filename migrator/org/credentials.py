"""
Where access tokens come from, at the sign-in and when one has expired: a variable, or
the OAuth client credentials flow of a connected app.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import requests

from migrator.errors import InputError, LoginRefused, OrgRefused
from migrator.org.rest import SIGN_IN_AGAIN, Call, RestClient
from migrator.org.transport import BearerAuth, Patience, PatientSession

TOKEN_VARIABLE = "SF_ACCESS_TOKEN"  # noqa: S105 - a variable's name
CLIENT_VARIABLE = "SF_CLIENT_ID"
SECRET_VARIABLE = "SF_CLIENT_SECRET"  # noqa: S105 - a variable's name

_VISIBLE = re.compile(r"[\x21-\x7e]+")

TokenSource = Callable[[], str]
"""The token that is good now; asked at the sign-in, and after each expiry."""


class _Unsigned(BearerAuth):
    """
    No signature: who asks for a token has none.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """
        *request* as it is.
        """
        return request


def token_source(
    environ: abc.Mapping[str, str],
    address: str,
    *,
    timeout_s: float,
    patience: Patience,
) -> TokenSource:
    """
    Return what gives tokens for the org at *address*, as *environ* has it.

    SF_ACCESS_TOKEN when it is set: read again after an expiry, for whoever renews it.
    Else SF_CLIENT_ID and SF_CLIENT_SECRET, never both sources: they may be of two
    users. Raises LoginRefused when neither is there, InputError for half of one.
    """
    client, secret = (
        environ.get(name, "").strip() for name in (CLIENT_VARIABLE, SECRET_VARIABLE)
    )
    if environ.get(TOKEN_VARIABLE, "").strip() or not (client or secret):
        return lambda: _token(environ)
    if not (client and secret):
        missing = SECRET_VARIABLE if client else CLIENT_VARIABLE
        raise InputError(
            f"{CLIENT_VARIABLE} and {SECRET_VARIABLE} belong together; "
            f"{missing} is not set",
            hint=f"export {missing}=..., as the connected app shows it",
        )
    flow = ClientCredentials(
        address=address,
        client_id=client,
        secret=secret,
        timeout_s=timeout_s,
        patience=patience,
    )
    return flow.token


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """
    The OAuth 2.0 client credentials flow, which the org runs as one user of its own.
    """

    address: str
    client_id: str
    secret: str
    timeout_s: float
    patience: Patience

    def token(self) -> str:
        """
        Return a new access token.

        Asked at the org's own address: the login hosts do not offer this flow
        (OAuth 2.0 Client Credentials Flow). Raises LoginRefused with the org's words.
        """
        content = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.secret,
            }
        )
        call = Call(
            method="POST",
            path="/services/oauth2/token",
            content=content.encode("ascii"),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            repeatable=True,  # a second token does no harm
        )
        with PatientSession(
            self.address,
            _Unsigned(""),
            timeout_s=self.timeout_s,
            patience=self.patience,
        ) as session:
            try:
                reply = RestClient(session, "").send(call)
            except OrgRefused as error:
                raise self._refused(error) from None
        token = reply.object().get("access_token")
        if not isinstance(token, str) or not _VISIBLE.fullmatch(token):
            raise reply.unusable("an access token")
        return token

    def _refused(self, error: OrgRefused) -> LoginRefused:
        return LoginRefused(
            f"the org at {self.address} gave no token for {CLIENT_VARIABLE}: "
            f"{error.code}",
            hint="enable the client credentials flow on the connected app, with a user "
            f"to run as, and check {CLIENT_VARIABLE} and {SECRET_VARIABLE}",
            code=error.code,
        )


def _token(environ: abc.Mapping[str, str]) -> str:
    token = environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise LoginRefused(
            f"no session id: {TOKEN_VARIABLE} is not set",
            hint=f"export {TOKEN_VARIABLE}=$(sf org auth show-access-token ...), or "
            "the token that `migrator emulator serve` printed, or a connected app's "
            f"{CLIENT_VARIABLE} and {SECRET_VARIABLE}",
        )
    if not _VISIBLE.fullmatch(token) or token.startswith("[REDACTED"):
        raise LoginRefused(
            f"{TOKEN_VARIABLE} holds no session id (the sf CLI replaces it in most of "
            "its output)",
            hint=SIGN_IN_AGAIN,
        )
    return token
