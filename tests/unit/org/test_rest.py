"""
What an answer of the org means.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from migrator.errors import LoginRefused, OrgRefused, OrgUnreachable
from tests.unit.org.scripted import Answer, refused, scripted, told


def test_a_refusal_carries_salesforces_code_and_words() -> None:
    """The JSON error array becomes OrgRefused."""
    with (
        scripted(refused(400, "INVALID_FIELD", "No such column 'X'")) as org,
        pytest.raises(OrgRefused) as caught,
    ):
        org.rest().get("query", params={"q": "SELECT secret FROM Y"})
    assert caught.value.code == "INVALID_FIELD"
    assert "No such column 'X'" in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "answer",
    [
        refused(401, "INVALID_SESSION_ID"),
        Answer(status=401, body=b"<html>who are you</html>"),
        refused(403, "INVALID_SESSION_ID"),
    ],
)
def test_an_unknown_session_is_a_refused_login(answer: Answer) -> None:
    """With the remedy: where a new session id comes from."""
    with scripted(answer) as org, pytest.raises(LoginRefused) as caught:
        org.rest().get("x")
    assert "SF_ACCESS_TOKEN" in caught.value.hint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><p>Down for maintenance", "an HTML page"),
        (b"", "nothing"),
        (b'{"records": [', "only a part"),
    ],
)
def test_what_is_no_json_is_said_in_one_sentence(body: bytes, words: str) -> None:
    """A maintenance page, silence or half a document."""
    with (
        scripted(Answer(body=body)) as org,
        pytest.raises(OrgUnreachable, match=words),
    ):
        org.rest().get("x").object()


def test_json_of_another_shape_is_unusable() -> None:
    """An array where an object was expected, and the other way round."""
    with scripted(told([])) as org, pytest.raises(OrgUnreachable):
        org.rest().get("x").object()
    with scripted(told({})) as org, pytest.raises(OrgUnreachable):
        org.rest().get("x").array()


def test_a_page_without_salesforces_error_is_told_by_its_status() -> None:
    """A 404 in HTML: the address may be no org at all."""
    with (
        scripted(Answer(status=404, body=b"<html>")) as org,
        pytest.raises(OrgRefused) as caught,
    ):
        org.rest().get("x")
    assert caught.value.code == "HTTP_404"


def test_numbers_with_a_fraction_are_never_floats() -> None:
    """A sum keeps every digit."""
    with scripted(Answer(body=b'{"sum": 1234567890123456.78}')) as org:
        assert org.rest().get("x").object() == {"sum": Decimal("1234567890123456.78")}
