"""
One HTTP session for simple-salesforce and our own clients: one host, patient, quiet.

Every request has timeouts. What may be sent twice is sent again after a lost
connection or a busy answer; what may not is sent once, and its loss is said. Redirects
are refused, and the token goes to the org's own address only.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections import abc
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from migrator.errors import OrgRefused, OrgUnreachable, Stopped

CONNECT_TIMEOUT_S = 10.0
RENEWALS = 3
"""New tokens that one request may need; more is no expiry but a refusal."""
LONGEST_RETRY_AFTER_S = 300.0

_REPEATABLE_METHODS = frozenset({"GET", "HEAD"})
_BUSY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_BUSY_CODES = frozenset(
    {
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DAILY_LIMIT = "TotalRequests"
_REASONS: abc.Mapping[type[requests.RequestException], str] = {
    requests.exceptions.SSLError: "its TLS certificate was not accepted",
    requests.exceptions.ProxyError: "the proxy did not let it through",
    requests.ConnectTimeout: f"no connection within {CONNECT_TIMEOUT_S:g} seconds",
    requests.ReadTimeout: "no answer in time",
    requests.exceptions.ContentDecodingError: "the compressed answer was damaged",
    requests.exceptions.ChunkedEncodingError: "the answer ended early",
    requests.ConnectionError: "the connection was lost",
}
"""What to say; the narrower error stands before the wider one."""
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiUsage:
    """
    The daily API calls as the last reply's `Sforce-Limit-Info` counted them.
    """

    used: int
    limit: int

    @property
    def remaining(self) -> int:
        """
        Calls left today.
        """
        return self.limit - self.used


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """
    How often and how long to try again; *sleep* and *jitter* are given by tests.
    """

    tries: int = 7
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def wait_before(self, attempt: int, retry_after_s: float = 0.0) -> float:
        """
        Seconds to wait before the try after *attempt* (1 is the first).

        Doubles each time, between half and all of it at random, and never less than
        the org asked for.
        """
        longest = min(self.first_wait_s * 2.0 ** (attempt - 1), self.longest_wait_s)
        wanted = min(retry_after_s, LONGEST_RETRY_AFTER_S)
        return max(longest * (0.5 + self.jitter() / 2), wanted)


class BearerAuth(AuthBase):
    """
    Signs requests with a token that is never printed.

    A session with its own signature also ignores `.netrc`.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """
        *request* with the token in its header.
        """
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self, token: str) -> None:
        """
        Signs with *token* from now on.
        """
        self._token = token

    def reveal(self) -> str:
        """
        Return the token, for the two places that need it as text.
        """
        return self._token


class PlainHttpAdapter(HTTPAdapter):
    """
    Sends `https://` addresses as plain http: simple-salesforce knows no other scheme.

    Mounted for one loopback address only.
    """

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: abc.Mapping[str, str] | None = None,
    ) -> requests.Response:
        """
        Return the response to *request*, sent without TLS.
        """
        assert request.url is not None
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme="http"))
        return super().send(request, stream, timeout, verify, cert, proxies)


class PatientSession(requests.Session):
    """
    A session for one org at *address* (scheme and host, no path).

    *renewed* gives the token that the sign-in's own source has now; it is asked when
    the org no longer knows the one in use, and the request is sent again with it.
    """

    def __init__(
        self,
        address: str,
        auth: BearerAuth,
        *,
        timeout_s: float,
        patience: Patience,
        renewed: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__()
        self._renewed = renewed
        self._renewing = threading.Lock()
        self.address = address
        self.auth = auth
        self.signature = auth
        self.patience = patience
        self.usage: ApiUsage | None = None
        self._timeouts = (min(CONNECT_TIMEOUT_S, timeout_s), timeout_s)
        self._host = urlsplit(address).netloc
        if address.startswith("http://"):
            self.trust_env = False  # no proxy stands before this very machine
            self.mount(f"https://{self._host}", PlainHttpAdapter())

    def request(  # type: ignore[override] # requests lists sixteen parameters
        self, method: str, url: str, *, repeatable: bool = False, **kwargs: Any
    ) -> requests.Response:
        """
        Return the last response to *method* on *url*, an error's too.

        Raises OrgUnreachable when none came, Stopped when the day's calls are used up.
        """
        if urlsplit(url).netloc != self._host:
            raise OrgRefused(f"the org at {self.address} pointed to another host")
        may_repeat = repeatable or method.upper() in _REPEATABLE_METHODS
        kwargs |= {"timeout": self._timeouts, "allow_redirects": False}
        attempt = renewals = 0
        while True:
            attempt += 1
            is_last = attempt >= self.patience.tries
            response, trouble = self._once(method, url, kwargs)
            again = may_repeat or _never_arrived(trouble)
            if response is not None and not (may_repeat and _is_busy(response)):
                if renewals < RENEWALS and self._is_renewed(response):
                    renewals += 1
                    attempt -= 1
                    continue
                return response
            if is_last or not again:
                raise self._unreachable(method, url, response, trouble, again=again)
            self.patience.sleep(self.patience.wait_before(attempt, _asked(response)))

    def _is_renewed(self, response: requests.Response) -> bool:
        """
        Return True when *response* refuses a token and there is another one by now.

        The org has done nothing then, so that any request may be sent again.
        """
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return False
        sent = response.request.headers.get("Authorization", "")
        return self.renew(sent.removeprefix("Bearer "))

    def renew(self, used: str) -> bool:
        """
        Return True when there is another token than *used*, which the org no longer
        knows.
        """
        with self._renewing:
            if self.signature.reveal() != used:
                return True  # another thread has been here
            token = self._renewed()
            if token in {"", used}:
                return False
            self.signature.renew(token)
            return True

    def _once(
        self, method: str, url: str, kwargs: abc.Mapping[str, Any]
    ) -> tuple[requests.Response | None, requests.RequestException | None]:
        if hasattr(kwargs.get("data"), "seek"):
            kwargs["data"].seek(0)  # a file that an earlier try has read
        try:
            response = super().request(method, url, **kwargs)
        except requests.RequestException as error:
            return None, error
        found = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if found:
            self.usage = ApiUsage(used=int(found[1]), limit=int(found[2]))
        if response.status_code in _REDIRECTS:
            raise OrgRefused(
                f"the org at {self.address} redirected a request; redirects are not "
                "followed, because they would take the session id along",
                hint="use the org's My Domain address as SF_INSTANCE_URL",
            )
        _stop_at_daily_limit(response)
        return response, None

    def _unreachable(
        self,
        method: str,
        url: str,
        response: requests.Response | None,
        trouble: requests.RequestException | None,
        *,
        again: bool,
    ) -> OrgUnreachable:
        path = urlsplit(url).path
        reason = _reason(trouble) if trouble else _busy_words(response)
        if again:
            hint = "check that the address is right and the org is up, then run the "
            hint += "same command again: that is safe"
        else:
            hint = "whether the org did it is unknown; run the same command again"
        return OrgUnreachable(
            f"no usable answer from {self.address} to {method} {path}: {reason}",
            hint=hint,
        )


def error_code(response: requests.Response) -> str:
    """
    Salesforce's error code in the body of *response*; empty when it has none.
    """
    try:
        body = response.json()
    except ValueError:
        return ""
    first = body[0] if isinstance(body, list) and body else body
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""


def _is_busy(response: requests.Response) -> bool:
    if response.status_code in _BUSY:
        return True
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return False
    return error_code(response) in _BUSY_CODES


def _stop_at_daily_limit(response: requests.Response) -> None:
    if response.status_code != HTTPStatus.FORBIDDEN or _DAILY_LIMIT not in (
        response.text
    ):
        return
    if error_code(response) == "REQUEST_LIMIT_EXCEEDED":
        raise Stopped(
            "the org has used up its API calls of the last 24 hours",
            hint="run the same command again when the org has calls left; see "
            "Setup > Company Information > API Requests, Last 24 Hours",
        )


def _never_arrived(trouble: requests.RequestException | None) -> bool:
    """
    Return True when no connection was made, so that nothing can have happened.
    """
    if isinstance(trouble, requests.ConnectTimeout):
        return True
    if not isinstance(trouble, requests.ConnectionError):
        return False
    cause = trouble.args[0] if trouble.args else None
    reason = getattr(cause, "reason", None)
    return type(reason).__name__ == "NewConnectionError"


def _asked(response: requests.Response | None) -> float:
    """
    Return the seconds that `Retry-After` asks for, in either of its two spellings.
    """
    text = response.headers.get("Retry-After", "") if response is not None else ""
    if text.strip().isdigit():
        return float(text)
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except ValueError:
        return 0.0


def _reason(trouble: requests.RequestException) -> str:
    if _never_arrived(trouble) and not isinstance(trouble, requests.ConnectTimeout):
        return "the connection was refused"
    found = (words for kind, words in _REASONS.items() if isinstance(trouble, kind))
    return next(found, type(trouble).__name__)


def _busy_words(response: requests.Response | None) -> str:
    if response is None:
        return "no answer"
    code = error_code(response)
    return f"HTTP {response.status_code}" + (f" {code}" if code else "")
