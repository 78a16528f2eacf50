"""
Users, and the access tokens that stand for them.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass

from migrator.emulator.errors import SalesforceError, invalid_session
from migrator.emulator.org.store import Store

__all__ = ["User", "Users"]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    Who is asking: the session's user.
    """

    id: str
    username: str
    name: str
    currency: str


class Users:
    """
    The users of an org and their sessions.

    *running_id* is the user who stands behind *token* and *refresh_token*, and whom
    the org's own records name.
    """

    def __init__(
        self,
        store: Store,
        lock: AbstractContextManager[bool],
        *,
        org_id: str,
        running_id: str,
        token: str | None,
    ) -> None:
        self._store = store
        self._lock = lock
        self._org_id = org_id
        self.running_id = running_id
        self.token = token or self._new_token()
        self.refresh_token = f"5Aep8{self.token.partition('!')[2]}"
        self._tokens: dict[str, str] = {self.token: running_id}
        self._known: dict[str, tuple[int, User]] = {}

    def _new_token(self) -> str:
        return f"{self._org_id[:15]}!{secrets.token_urlsafe(24)}"

    def authenticate(self, token: str | None) -> User:
        """
        Find the user of an access token (the running user, or another signed in through
        OAuth). Raises SalesforceError INVALID_SESSION_ID.
        """
        user_id = self._tokens.get(token or "")
        if user_id is None:
            raise invalid_session()
        # Asked for each request on the event loop: no lock, unless users changed.
        version = self._store.versions["user"]
        known = self._known.get(user_id)
        if known is None or known[0] != version:
            known = (version, self.get(user_id))
            self._known[user_id] = known
        return known[1]

    def get(self, user_id: str) -> User:
        """
        Read the user with *user_id*.
        """
        with self._lock:
            row = self._store.get("User", user_id)
        if row is None or not row["IsActive"]:
            raise invalid_session()
        currency = row.get("DefaultCurrencyIsoCode") or "EUR"
        return User(
            id=user_id,
            username=str(row["Username"]),
            name=str(row["Name"]),
            currency=str(currency),
        )

    def sign_in(self, username: str) -> str:
        """
        Make a new access token for the active user called *username*.
        """
        with self._lock:
            found = self._store.find("User", "Username", [username])
        if not found or not found[0]["IsActive"]:
            raise SalesforceError("invalid_grant", "authentication failure")
        token = self._new_token()
        self._tokens[token] = str(found[0]["Id"])
        return token
