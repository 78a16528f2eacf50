"""
What is sent again, what is not, and what is never said.
"""

from __future__ import annotations

import pytest
from requests import Session

from migrator.errors import OrgRefused, OrgUnreachable, Stopped
from migrator.org.rest import Call
from migrator.org.transport import ApiUsage, BearerAuth, Patience
from tests.unit.org.scripted import TOKEN, Answer, refused, scripted, told

BUSY = Answer(status=503, body=b"try later")


@pytest.mark.parametrize(
    ("attempt", "jitter", "asked", "expected"),
    [
        (1, 1.0, 0.0, 0.5),
        (2, 1.0, 0.0, 1.0),
        (2, 0.0, 0.0, 0.5),
        (9, 1.0, 0.0, 30.0),
        (1, 1.0, 7.0, 7.0),
        (1, 1.0, 9_999.0, 300.0),
    ],
)
def test_waits_double_up_to_a_limit_and_heed_the_org(
    attempt: int, jitter: float, asked: float, expected: float
) -> None:
    """Half to all of a doubling wait, never less than Retry-After."""
    patience = Patience(jitter=lambda: jitter)
    assert patience.wait_before(attempt, asked) == expected


def test_a_busy_get_is_repeated_until_it_is_answered() -> None:
    """Two 503 cost two waits, and the third answer is the reply."""
    with scripted(BUSY, BUSY, told({"n": 1})) as org:
        assert org.rest().get("x").object() == {"n": 1}
        assert org.waits == [0.5, 1.0]


def test_retry_after_is_honoured() -> None:
    """The org's own wish is longer than the back-off."""
    busy = Answer(status=503, headers={"Retry-After": "11"})
    with scripted(busy, told({})) as org:
        org.rest().get("x")
        assert org.waits == [11.0]


@pytest.mark.parametrize("text", ["", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_says_nothing_is_ignored(text: str) -> None:
    """Nonsense and the past leave the back-off as it is."""
    with scripted(Answer(status=429, headers={"Retry-After": text}), told({})) as org:
        org.rest().get("x")
        assert org.waits == [0.5]


@pytest.mark.parametrize("code", ["UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT"])
def test_passing_troubles_are_told_by_their_code(code: str) -> None:
    """A 400 whose code says "later" is asked again."""
    with scripted(refused(400, code), told({"n": 1})) as org:
        assert org.rest().get("x").object() == {"n": 1}


def test_a_get_that_stays_busy_ends_as_unreachable() -> None:
    """After the last try: the address, the status, and that repeating is safe."""
    with scripted(BUSY) as org, pytest.raises(OrgUnreachable) as caught:
        org.rest().get("x")
    assert org.address in caught.value.message
    assert "503" in caught.value.message
    assert "safe" in caught.value.hint
    assert len(org.heard) == 3


def test_a_post_is_sent_once_unless_it_may_be_repeated() -> None:
    """A busy answer to a POST is final, a repeatable one is sent again."""
    with scripted(BUSY, told({})) as org:
        with pytest.raises(OrgUnreachable):
            org.rest().post("x", {})
        assert len(org.heard) == 1
    with scripted(BUSY, told({})) as org:
        org.rest().post("x", {}, repeatable=True)
        assert len(org.heard) == 2


def test_a_lost_answer_to_a_post_says_that_nobody_knows() -> None:
    """The connection broke after the request was sent."""
    with scripted(Answer(body=b"{", cut=5)) as org:
        with pytest.raises(OrgUnreachable) as caught:
            org.rest().post("x", {})
        assert len(org.heard) == 1
    assert "unknown" in caught.value.hint


def test_an_answer_cut_short_is_asked_for_again() -> None:
    """Content-Length promised more than came."""
    with scripted(Answer(body=b"{", cut=5), told({"n": 1})) as org:
        assert org.rest().get("x").object() == {"n": 1}


def test_nobody_at_the_address_is_said_after_a_few_tries() -> None:
    """A refused connection names the address and never the token, for POSTs too."""
    with scripted(told({})) as org:
        rest = org.rest()
    for method in ("GET", "POST"):
        org.waits.clear()
        with pytest.raises(OrgUnreachable) as caught:
            rest.send(Call(method=method, path="x"))
        assert org.address in caught.value.message
        assert "refused" in caught.value.message
        assert TOKEN not in f"{caught.value!r} {caught.value.hint}"
        assert len(org.waits) == 2


def test_redirects_are_not_followed() -> None:
    """The token would travel with them."""
    away = Answer(status=302, headers={"Location": "http://127.0.0.1:1/other"})
    with scripted(away) as org:
        with pytest.raises(OrgRefused, match="redirect"):
            org.rest().get("x")
        assert len(org.heard) == 1


def test_an_address_elsewhere_is_refused_before_anything_is_sent() -> None:
    """A page address in an answer must not take the session id to another host."""
    with scripted(told({})) as org:
        with pytest.raises(OrgRefused, match="another host"):
            org.session().request("GET", "http://127.0.0.1:1/services")
        assert org.heard == []


def test_the_day_without_calls_left_stops_at_once() -> None:
    """The daily limit is no short trouble: stop, safe to run again."""
    spent = refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    with scripted(spent) as org:
        with pytest.raises(Stopped):
            org.rest().get("x")
        assert len(org.heard) == 1


def test_too_many_calls_at_once_are_waited_out() -> None:
    """The same code without the day's limit passes by itself."""
    many = refused(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
    with scripted(many, told({"n": 1})) as org:
        assert org.rest().get("x").object() == {"n": 1}


def test_the_last_reply_tells_the_calls_of_the_day() -> None:
    """`Sforce-Limit-Info` of the newest reply counts."""
    first = told({}, 200, **{"Sforce-Limit-Info": "api-usage=10/15000"})
    second = told({}, 200, **{"Sforce-Limit-Info": "api-usage=11/15000; per-app=1/2"})
    with scripted(first, second, told({})) as org:
        rest = org.rest()
        for _ in range(3):
            rest.get("x")
        assert rest.usage == ApiUsage(used=11, limit=15_000)
        assert rest.usage.remaining == 14_989


def test_https_addresses_of_a_local_org_are_sent_plain() -> None:
    """simple-salesforce builds https addresses only; the local org has no TLS."""
    with scripted(told({"n": 1})) as org:
        url = org.address.replace("http:", "https:") + "/services"
        assert org.session().request("GET", url).json() == {"n": 1}
        assert org.heard[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_token_is_in_no_representation() -> None:
    """What a log or a traceback prints of our objects holds no token."""
    with scripted(told({})) as org:
        session, rest = org.session(), org.rest()
        shown = [repr(each) for each in (session, rest, session.auth, vars(session))]
        shown += [repr(vars(rest)), repr(rest.get("x")), repr(BearerAuth(TOKEN))]
    assert not [text for text in shown if TOKEN in text]
    assert isinstance(session, Session)
