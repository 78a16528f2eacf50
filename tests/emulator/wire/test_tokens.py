"""
The token endpoint: each grant signs somebody in, or says why not.
"""

from __future__ import annotations

import base64
import json
import time

import pytest

from tests.emulator.conftest import Caller

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(**claims: object) -> str:
    """A JWT whose signature nobody looks at."""
    text = json.dumps(claims).encode()
    return f"e30.{base64.urlsafe_b64encode(text).decode().rstrip('=')}.sig"


def ask(caller: Caller, **form: str) -> tuple[int, dict[str, str]]:
    """Status and body of a token request."""
    answer = caller.http.post("/services/oauth2/token", data=form)
    body: dict[str, str] = answer.json()
    return answer.status_code, body


def grants(caller: Caller) -> list[dict[str, str]]:
    """A form of each grant that works."""
    in_time = assertion(sub="admin@example.org", exp=time.time() + 60)
    return [
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "username": "admin@example.org"},
        {
            "grant_type": "refresh_token",
            "refresh_token": caller.org.users.refresh_token,
        },
        {"grant_type": JWT, "assertion": in_time},
    ]


def test_every_grant_gives_a_token_that_works(shared_org: Caller) -> None:
    """The new token is the running user's, and the answer names the instance."""
    for form in grants(shared_org):
        status, body = ask(shared_org, **form)
        assert status == 200, body
        assert body["instance_url"] == shared_org.running.url
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        found = shared_org.http.get("/services/oauth2/userinfo", headers=headers).json()
        assert found["user_id"] == shared_org.org.users.running_id


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "nonsense"}, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "nobody"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": JWT, "assertion": "x"}, "invalid_grant"),
        (
            {"grant_type": JWT, "assertion": assertion(sub="admin@example.org", exp=1)},
            "invalid_grant",
        ),
    ],
)
def test_a_wrong_grant_is_refused(
    shared_org: Caller, form: dict[str, str], error: str
) -> None:
    """400 with error and error_description, and no token."""
    status, body = ask(shared_org, **form)
    assert (status, body["error"]) == (400, error)
    assert set(body) == {"error", "error_description"}
