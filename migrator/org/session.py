"""
Signing in: from the word after `--org` to an org that has said who it is.
"""

from __future__ import annotations

import json
from collections import abc
from dataclasses import dataclass, replace
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from migrator.errors import InputError, LoginRefused, OrgRefused, OrgUnreachable
from migrator.model.names import ApiName
from migrator.org.access import AccessClient
from migrator.org.budget import Budget
from migrator.org.bulk import BulkClient
from migrator.org.collections import CollectionsClient
from migrator.org.credentials import TOKEN_VARIABLE, token_source
from migrator.org.deployment import DeploymentClient
from migrator.org.polling import Pace
from migrator.org.rest import SIGN_IN_AGAIN, Call, Reply, RestClient, refusal
from migrator.org.soql import ABSENT, SoqlClient
from migrator.org.tooling import ToolingClient
from migrator.org.transport import BearerAuth, Patience, PatientSession

ADDRESS_VARIABLE = "SF_INSTANCE_URL"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SIGN_IN_TRIES = 3

_SIGN_IN_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgIdentity:
    """
    Which org this is and who is signed in.
    """

    org_id: str
    org_name: str
    organization_type: str
    is_sandbox: bool
    user_id: str
    username: str
    api_version: str
    """For instance `66.0`."""
    is_production: bool
    """Neither a sandbox nor a Developer Edition, scratch or trial org."""


class Org:
    """
    A signed-in org and its clients; a context manager that gives its connections back.
    """

    def __init__(
        self,
        facts: OrgIdentity,
        session: PatientSession,
        rest: RestClient,
        *,
        pace: Pace | None = None,
    ) -> None:
        self.facts = facts
        self.rest = rest
        self.soql = SoqlClient(rest)
        self.bulk = BulkClient(
            rest, user_id=facts.user_id, pace=pace, budget=Budget(rest)
        )
        self.collections = CollectionsClient(rest)
        self.deployment = DeploymentClient(rest, pace=pace)
        self.tooling = ToolingClient(rest)
        self.access = AccessClient(rest)
        self._session = session

    def describe(self, name: ApiName) -> dict[str, Any]:
        """
        Return the sObject describe of *name*, as received.

        Raises OrgRefused with code NOT_FOUND when the user does not see the object.
        """
        return self._described(f"sobjects/{name}/describe")

    def describe_global(self) -> list[dict[str, Any]]:
        """
        One short entry per sObject the user sees.
        """
        return list(self._described("sobjects").get("sobjects", ()))

    def currencies(self) -> tuple[str, ...]:
        """
        Active currency codes, sorted; empty when the org has a single currency.
        """
        try:
            rows = self.soql.query(
                "SELECT IsoCode FROM CurrencyType WHERE IsActive = TRUE"
            )
        except OrgRefused as error:
            # CurrencyType exists in multi-currency orgs only.
            if error.code in ABSENT:
                return ()
            raise
        return tuple(sorted(str(row["IsoCode"]) for row in rows))

    def close(self) -> None:
        """
        Give the connections back.
        """
        self.rest.close()

    def __enter__(self) -> Self:
        """
        Return this org.
        """
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Give the connections back.
        """
        self.close()

    @cached_property
    def _client(self) -> Salesforce:
        return Salesforce(
            instance_url=self.rest.address,
            session_id=self._session.signature.reveal(),
            session=self._session,
            version=self.facts.api_version,
        )

    def _described(self, path: str) -> dict[str, Any]:
        where = f"GET {path} on {self.rest.address}"
        try:
            body: Any = self._client.restful(path)
        except SalesforceError as error:
            raise refusal(_as_reply(error, where)) from None
        except ValueError as error:
            raise OrgUnreachable(
                f"{where}: expected JSON, got something else",
                hint="check the address; if it is right, run the same command again",
            ) from error
        return dict(body)


def open_org(
    spec: str,
    *,
    environ: abc.Mapping[str, str],
    ceiling: str,
    timeout_s: float = 120,
    patience: Patience | None = None,
    pace: Pace | None = None,
) -> Org:
    """
    Return the org that *spec* names, signed in.

    *spec* is `env` (SF_INSTANCE_URL and SF_ACCESS_TOKEN of *environ*) or
    `http://127.0.0.1:PORT` (with SF_ACCESS_TOKEN); instead of a token it may hold
    SF_CLIENT_ID and SF_CLIENT_SECRET of a connected app. The API version is the newest
    that the org offers, not above *ceiling*. Raises InputError for a spec or address
    that cannot be used, LoginRefused, OrgUnreachable. *patience* and *pace* replace the
    usual waits.
    """
    address = _address(spec, environ)
    is_local = address.startswith("http://")
    hurried = patience or Patience(tries=SIGN_IN_TRIES)
    source = token_source(environ, address, timeout_s=timeout_s, patience=hurried)
    session = PatientSession(
        address,
        BearerAuth(source()),
        timeout_s=timeout_s,
        patience=hurried,
        renewed=source,
    )
    try:
        rest = RestClient(session, _version(RestClient(session, ceiling), ceiling))
        facts = _identity(rest)
    except BaseException:
        session.close()
        raise
    if not (is_local or patience):
        # A network has bad minutes; a server on this machine is there or is not.
        session.patience = replace(hurried, tries=Patience().tries)
    return Org(facts, session, rest, pace=pace)


def _address(spec: str, environ: abc.Mapping[str, str]) -> str:
    if spec == "env":
        given, origin = environ.get(ADDRESS_VARIABLE, "").strip(), ADDRESS_VARIABLE
        if not given:
            raise InputError(
                f"--org env needs the org's address in {ADDRESS_VARIABLE}",
                hint=f"export {ADDRESS_VARIABLE}=https://MYDOMAIN.my.salesforce.com",
            )
    elif spec.startswith("http://"):
        given, origin = spec, "--org"
    else:
        raise InputError(
            f"--org {spec!r} is not understood; aliases come later",
            hint=f"use `--org env` with {ADDRESS_VARIABLE} and {TOKEN_VARIABLE}, or "
            "the address of a local org",
        )
    return _checked_address(given, origin)


def _checked_address(given: str, origin: str) -> str:
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InputError(f"{origin} is not an address", hint="https://HOST") from None
    extra = parts.username or parts.query or parts.fragment or parts.path.strip("/")
    if parts.scheme not in {"http", "https"} or not host or extra:
        raise InputError(
            f"{origin} must be scheme and host only", hint="https://HOST, nothing else"
        )
    if parts.scheme == "http" and host not in LOOPBACK:
        raise InputError(
            f"{origin} must start with https:// (plain http would show the session id "
            "to everyone between)",
            hint=f"https://{host}",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _version(rest: RestClient, ceiling: str) -> str:
    reply = rest.get("/services/data/")
    try:
        offered = sorted(
            (_as_number(e["version"]), e["version"]) for e in reply.array()
        )
    except (KeyError, TypeError, ValueError) as error:
        raise reply.unusable("Salesforce's list of API versions") from error
    fitting = [text for number, text in offered if number <= _as_number(ceiling)]
    if not fitting:
        raise OrgRefused(
            f"the org at {rest.address} offers no API version up to {ceiling}",
            hint="raise api_ceiling in migration.yaml",
        )
    return str(fitting[-1])


def _as_number(version: str) -> tuple[int, int]:
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)


def _identity(rest: RestClient) -> OrgIdentity:
    reply = rest.exchange(Call(method="GET", path="/services/oauth2/userinfo"))
    if reply.status in _SIGN_IN_REFUSED:
        raise LoginRefused(
            f"the org at {rest.address} did not accept the session id (of "
            f"{TOKEN_VARIABLE}, unless a connected app signed in)",
            hint=SIGN_IN_AGAIN,
            code="INVALID_SESSION_ID",
        )
    if reply.status != 200:
        raise refusal(reply)
    person = reply.object()
    rows = SoqlClient(rest).query(
        "SELECT Id, Name, OrganizationType, IsSandbox, TrialExpirationDate "
        "FROM Organization"
    )
    try:
        (organization,) = rows
        return _told(person, organization, rest.api_version)
    except (KeyError, ValueError) as error:
        raise reply.unusable("who is signed in") from error


def _told(
    person: abc.Mapping[str, Any], organization: abc.Mapping[str, Any], api_version: str
) -> OrgIdentity:
    is_sandbox = bool(organization["IsSandbox"])
    kind = str(organization["OrganizationType"])
    # Scratch and trial orgs end on a day; an org that is paid for does not.
    is_temporary = organization.get("TrialExpirationDate") is not None
    return OrgIdentity(
        org_id=str(organization["Id"]),
        org_name=str(organization["Name"]),
        organization_type=kind,
        is_sandbox=is_sandbox,
        user_id=str(person["user_id"]),
        username=str(person.get("preferred_username") or ""),
        api_version=api_version,
        is_production=not (is_sandbox or is_temporary or kind == "Developer Edition"),
    )


def _as_reply(error: SalesforceError, where: str) -> Reply:
    body: Any = error.content
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(
        status=int(error.status), headers={}, content=text.encode(), where=where
    )
