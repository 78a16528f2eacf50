"""
Signing in: addresses, tokens, versions, and which orgs are production.
"""

from __future__ import annotations

from typing import Any

import pytest

from migrator.errors import InputError, LoginRefused, OrgRefused, OrgUnreachable
from migrator.org.session import Org, open_org
from migrator.org.transport import Patience
from tests.unit.org.scripted import TOKEN, Answer, scripted, told

QUICK = Patience(tries=2, sleep=lambda _: None)
VERSIONS = told([{"version": v} for v in ("31.0", "66.0", "9.0", "67.0")])
PERSON = told({"user_id": "005A", "preferred_username": "a@example.org"})


def organization(**other: Any) -> Answer:
    """
    The answer about the org itself: a production org unless *other* says otherwise.
    """
    row = {
        "Id": "00D5g0000000001EAA",
        "Name": "Acme",
        "OrganizationType": "Enterprise Edition",
        "IsSandbox": False,
        "TrialExpirationDate": None,
    }
    return told({"totalSize": 1, "done": True, "records": [row | other]})


def sign_in(*answers: Answer, ceiling: str = "66.0") -> Org:
    """
    The org that gives *answers* to the questions of signing in.
    """
    with scripted(*answers) as server:
        environ = {"SF_ACCESS_TOKEN": TOKEN}
        with open_org(
            server.address, environ=environ, ceiling=ceiling, patience=QUICK
        ) as org:
            return org


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, True),
        ({"IsSandbox": True}, False),
        ({"OrganizationType": "Developer Edition"}, False),
        ({"TrialExpirationDate": "2026-12-01T00:00:00.000+0000"}, False),
    ],
)
def test_production_is_what_is_paid_for(
    other: dict[str, Any], *, expected: bool
) -> None:
    """Sandboxes, Developer Editions, scratch and trial orgs are not."""
    org = sign_in(VERSIONS, PERSON, organization(**other))
    assert org.facts.is_production is expected
    assert org.facts.org_name == "Acme"
    assert org.facts.user_id == "005A"
    assert org.facts.username == "a@example.org"


@pytest.mark.parametrize(
    ("ceiling", "expected"), [("66.0", "66.0"), ("99.0", "67.0"), ("65.0", "31.0")]
)
def test_the_newest_version_up_to_the_ceiling_is_used(
    ceiling: str, expected: str
) -> None:
    """Compared as numbers: 9.0 is older than 31.0."""
    org = sign_in(VERSIONS, PERSON, organization(), ceiling=ceiling)
    assert org.facts.api_version == org.rest.api_version == expected


def test_an_org_newer_than_we_know_is_refused() -> None:
    """No version fits under the ceiling."""
    with pytest.raises(OrgRefused, match=r"up to 5\.0"):
        sign_in(VERSIONS, ceiling="5.0")


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_token_is_a_refused_login(status: int) -> None:
    """Userinfo answers in plain text; the remedy is in the hint."""
    wrong = Answer(status=status, body=b"Bad_OAuth_Token")
    with pytest.raises(LoginRefused) as caught:
        sign_in(VERSIONS, wrong)
    assert "SF_ACCESS_TOKEN" in caught.value.message
    assert TOKEN not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "token", [None, "", "  ", "two words", "[REDACTED]", "a\nb", "ü"]
)
def test_what_cannot_be_a_token_is_never_sent_or_shown(token: str | None) -> None:
    """Missing, masked by another tool, or mangled on the way."""
    environ = {} if token is None else {"SF_ACCESS_TOKEN": token}
    with pytest.raises(LoginRefused) as caught:
        open_org("http://127.0.0.1:1", environ=environ, ceiling="66.0")
    assert "SF_ACCESS_TOKEN" in caught.value.message + caught.value.hint
    assert not token or not token.strip() or token not in caught.value.message


@pytest.mark.parametrize(
    ("spec", "address", "words"),
    [
        ("my-alias", "", "aliases come later"),
        ("https://x.my.salesforce.com", "", "aliases come later"),
        ("http://x.example.org", "", "https://"),
        ("http://127.0.0.1.example.org:80", "", "https://"),
        ("http://127.0.0.1:99999", "", "not an address"),
        ("http://127.0.0.1:80/path", "", "scheme and host only"),
        ("http://u:p@127.0.0.1", "", "scheme and host only"),
        ("env", "", "SF_INSTANCE_URL"),
        ("env", "http://x.my.salesforce.com", "https://"),
        ("env", "x.my.salesforce.com", "scheme and host"),
        ("env", "https://x.my.salesforce.com/?q=1", "scheme and host"),
    ],
)
def test_addresses_that_cannot_be_used_are_told_why(
    spec: str, address: str, words: str
) -> None:
    """Before anything is sent anywhere."""
    environ = {"SF_INSTANCE_URL": address, "SF_ACCESS_TOKEN": TOKEN}
    with pytest.raises(InputError) as caught:
        open_org(spec, environ=environ, ceiling="66.0")
    assert words in caught.value.message
    assert "u:p" not in caught.value.message + caught.value.hint


def test_the_environment_may_name_a_local_org() -> None:
    """`env` with a loopback address is plain http."""
    with scripted(VERSIONS, PERSON, organization()) as server:
        environ = {"SF_INSTANCE_URL": server.address + "/", "SF_ACCESS_TOKEN": TOKEN}
        with open_org("env", environ=environ, ceiling="66.0", patience=QUICK) as org:
            assert org.rest.address == server.address


def test_a_server_that_is_not_there_is_named() -> None:
    """Address, no token, soon."""
    with scripted(VERSIONS) as server:
        address = server.address
    with pytest.raises(OrgUnreachable) as caught:
        open_org(
            address,
            environ={"SF_ACCESS_TOKEN": TOKEN},
            ceiling="66.0",
            patience=QUICK,
        )
    assert address in caught.value.message
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "answers",
    [
        (Answer(body=b"<html>Wartung</html>"),),
        (told({"no": "list"}),),
        (told([{"no": "version"}]),),
        (VERSIONS, told([])),
        (VERSIONS, PERSON, told({"records": []})),
        (VERSIONS, told({}), organization()),
    ],
)
def test_a_server_that_is_no_org_is_one_clear_error(
    answers: tuple[Answer, ...],
) -> None:
    """Whatever it answers instead."""
    with pytest.raises(OrgUnreachable, match="expected"):
        sign_in(*answers)


def test_the_token_is_in_nothing_that_an_org_prints() -> None:
    """Repr of the org, its facts and every client."""
    org = sign_in(VERSIONS, PERSON, organization())
    shown = [repr(org), repr(org.facts), repr(vars(org))]
    shown += [
        repr(vars(each)) for each in vars(org).values() if hasattr(each, "__dict__")
    ]
    assert not [text for text in shown if TOKEN in text]
