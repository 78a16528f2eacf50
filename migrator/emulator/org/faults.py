"""
Configured trouble: which requests and which Bulk batches go wrong, and how.

A plan is YAML. `requests:` rules pick by `method`, `path` (regular expression) and
`nth` match, and do one thing; `bulk:` rules pick by `object` and `operation`:

    requests:
      - {path: /jobs/query/.*/results, nth: 2, respond: 503}
      - {method: GET, reset_after: 1000}       # bytes of the answer, then a reset
      - {path: /query, delay: 0.2}             # seconds
      - {path: /sobjects, nth: 3, expire_token: true}
      - {path: /results, truncate: cell}       # or a number of bytes off the end
      - {method: POST, repeat: true}         # delivered twice, answered once
      - {nth: 9, times: 99, respond: 403}    # the day's requests are used up
      - {hold: {request: 7, when: after}}      # n-th request; before | after
    bulk:
      - {object: Invoice__c, lock_rows: {every: 7}}
      - {object: Invoice__c, lock_rows: {column: Origin_Id__c, values: [a0X1]}}
      - {object: Line__c, fail_batch: 0, times: 2}
      - {object: Line__c, fail_job_after: 400, message: "TooManyLockFailure : ..."}
    latency: {queue: 2, batch: 0.5, row: 0.0002, spread: 0.3, seed: 1}   # seconds
    locks: false   # jobs one after another; else side by side, see `row_locks`

Every rule takes `times` (how often it strikes; without it: always, `nth` and `bulk`
rules once).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from migrator.emulator.errors import SalesforceError
from migrator.emulator.org.latency import Latency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BulkRule", "FaultPlan", "Faults", "RequestRule"]

_REQUEST_KEYS: Final = frozenset(
    [
        "method",
        "path",
        "nth",
        "times",
        "respond",
        "reset_after",
        "delay",
        "expire_token",
        "truncate",
        "repeat",
        "hold",
    ]
)
_PLAN_KEYS: Final = frozenset({"requests", "bulk", "latency", "locks"})
_BULK_KEYS: Final = frozenset(
    [
        "object",
        "operation",
        "times",
        "lock_rows",
        "fail_batch",
        "fail_job_after",
        "message",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRule:
    """
    One thing that happens to the requests it matches.
    """

    method: str = ""
    path: re.Pattern[str] = re.compile("/services/")
    nth: int | None = None
    times: int | None = None
    respond: int | None = None
    reset_after: int | None = None
    delay: float = 0.0
    expire_token: bool = False
    truncate: str | int | None = None
    repeat: bool = False
    hold: str = ""

    def matches(self, method: str, path: str) -> bool:
        """
        Tell whether the rule is about this request (its count not considered).
        """
        return self.method in {"", method.upper()} and bool(self.path.search(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRule:
    """
    One thing that happens inside an ingest job.
    """

    object_name: str = ""
    operation: str = ""
    times: int = 1
    lock_every: int = 0
    lock_column: str = ""
    lock_values: frozenset[str] = frozenset()
    fail_batch: int | None = None
    fail_job_after: int | None = None
    message: str = ""

    def matches(self, object_name: str, operation: str) -> bool:
        """
        Tell whether the rule is about jobs of this kind.
        """
        wanted = self.object_name.lower()
        same_object = wanted in {"", object_name.lower()}
        return same_object and self.operation in {"", operation}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """
    Everything that is configured to go wrong.
    """

    requests: tuple[RequestRule, ...] = ()
    bulk: tuple[BulkRule, ...] = ()
    latency: Latency = field(default_factory=Latency)
    locks: bool = True

    @classmethod
    def from_yaml(cls, text: str) -> FaultPlan:
        """
        Read the plan in *text*; an unknown key or shape is refused by name.
        """
        data = yaml.safe_load(text) or {}
        if not isinstance(data, dict) or set(data) - _PLAN_KEYS:
            raise _bad_plan(
                "a plan has the keys `requests`, `bulk`, `latency` and `locks`"
            )
        if not isinstance(data.get("locks", True), bool):
            raise _bad_plan("`locks` is true or false")
        try:
            return cls(
                requests=tuple(map(_request_rule, data.get("requests") or ())),
                bulk=tuple(map(_bulk_rule, data.get("bulk") or ())),
                latency=Latency.from_plan(data.get("latency") or {}),
                locks=data.get("locks", True),
            )
        except (AttributeError, TypeError, ValueError, re.error) as error:
            raise _bad_plan(f"a rule cannot be read: {error}") from None


def _bad_plan(why: str) -> SalesforceError:
    return SalesforceError("INVALID_FAULT_PLAN", why)


def _request_rule(entry: Mapping[str, Any]) -> RequestRule:
    if set(entry) - _REQUEST_KEYS:
        raise _bad_plan(f"unknown request keys {sorted(set(entry) - _REQUEST_KEYS)}")
    hold = entry.get("hold") or {}
    if hold and hold.get("when", "before") not in {"before", "after"}:
        raise _bad_plan("hold.when is before or after")
    nth = hold.get("request", entry.get("nth"))
    return RequestRule(
        method=str(entry.get("method", "")).upper(),
        path=re.compile(entry.get("path", "/services/")),
        nth=nth,
        times=entry.get("times", 1 if nth else None),
        respond=entry.get("respond"),
        reset_after=entry.get("reset_after"),
        delay=float(entry.get("delay", 0)),
        expire_token=bool(entry.get("expire_token")),
        truncate=entry.get("truncate"),
        repeat=bool(entry.get("repeat")),
        hold=hold.get("when", "before") if hold else "",
    )


def _bulk_rule(entry: Mapping[str, Any]) -> BulkRule:
    if set(entry) - _BULK_KEYS:
        raise _bad_plan(f"unknown bulk keys {sorted(set(entry) - _BULK_KEYS)}")
    lock = entry.get("lock_rows") or {}
    return BulkRule(
        object_name=entry.get("object", ""),
        operation=entry.get("operation", ""),
        times=entry.get("times", 1),
        lock_every=lock.get("every", 0),
        lock_column=lock.get("column", ""),
        lock_values=frozenset(map(str, lock.get("values", ()))),
        fail_batch=entry.get("fail_batch"),
        fail_job_after=entry.get("fail_job_after"),
        message=entry.get("message", ""),
    )


class Faults:
    """
    The plan in force and how often each rule has struck.

    *plan* is YAML text, a FaultPlan or nothing. `held` counts the requests that wait
    for `release` or `lose`; `close` lets them end when the org stops.
    """

    def __init__(self, plan: str | FaultPlan | None = None) -> None:
        self._lock = threading.Lock()
        self._released = threading.Event()
        self.held = 0
        self.closed = False
        self.lost = False
        self.expired_tokens: set[str] = set()
        self.replace(plan)

    def replace(self, plan: str | FaultPlan | None) -> None:
        """
        Put *plan* in force, all counts at zero.
        """
        if not isinstance(plan, FaultPlan):
            plan = FaultPlan.from_yaml(plan or "")
        with self._lock:
            self.plan = plan
            self._seen = [0] * len(plan.requests)
            self._struck = [0] * len(plan.requests)
            self._bulk_struck = [0] * len(plan.bulk)
            self.expired_tokens.clear()
        self.lost = False
        self._released.clear()

    @property
    def seen(self) -> tuple[int, ...]:
        """
        How many requests each rule of the plan has matched so far.
        """
        with self._lock:
            return tuple(self._seen)

    def release(self) -> None:
        """
        Let every held request go on.
        """
        self._released.set()

    def lose(self) -> None:
        """
        End every held request: one held before its effect never reaches the org.
        """
        self.lost = True
        self._released.set()

    def close(self) -> None:
        """
        End every held request, for good.
        """
        self.closed = True
        self._released.set()

    @property
    def is_released(self) -> bool:
        """
        Whether held requests may go on.
        """
        return self._released.is_set()

    def striking(self, method: str, path: str) -> list[RequestRule]:
        """
        Find the rules that strike this request, and count it.
        """
        struck = []
        with self._lock:
            for index, rule in enumerate(self.plan.requests):
                if not rule.matches(method, path):
                    continue
                self._seen[index] += 1
                due = rule.nth is None or self._seen[index] >= rule.nth
                if due and _left(self._struck[index], rule.times):
                    self._struck[index] += 1
                    struck.append(rule)
        return struck

    def locked_rows(
        self,
        kind: tuple[str, str],
        names: Sequence[str],
        rows: Sequence[Sequence[str | None]],
        start: int,
    ) -> set[int]:
        """
        Return the offsets of the *rows* of a chunk that fail with UNABLE_TO_LOCK_ROW.

        *kind* is (object, operation), *names* are the columns, *start* is the number
        of the first row in the job. A rule with `times: 1` strikes one job's chunk
        and spares the retry.
        """
        hit: set[int] = set()
        if not self.plan.bulk:
            return hit
        numbered = [
            (at, dict(zip(names, row, strict=True))) for at, row in enumerate(rows)
        ]
        with self._lock:
            for index, rule in self._bulk_rules(kind):
                found = {
                    at for at, row in numbered if _is_locked(rule, row, start + at + 1)
                }
                if found:
                    self._bulk_struck[index] += 1
                    hit |= found
        return hit

    def batch_fails(self, kind: tuple[str, str], batch: int) -> bool:
        """
        Tell whether this attempt at batch number *batch* (from 0) fails.
        """
        with self._lock:
            for index, rule in self._bulk_rules(kind):
                if rule.fail_batch == batch:
                    self._bulk_struck[index] += 1
                    return True
        return False

    def job_failure(self, kind: tuple[str, str], processed: int) -> str | None:
        """
        Return the job's error message when it breaks down after *processed* rows.
        """
        with self._lock:
            for index, rule in self._bulk_rules(kind):
                if rule.fail_job_after is None or processed < rule.fail_job_after:
                    continue
                self._bulk_struck[index] += 1
                return rule.message or "InternalServerError : job terminated"
        return None

    def _bulk_rules(self, kind: tuple[str, str]) -> list[tuple[int, BulkRule]]:
        return [
            (index, rule)
            for index, rule in enumerate(self.plan.bulk)
            if rule.matches(*kind) and _left(self._bulk_struck[index], rule.times)
        ]


def _left(struck: int, times: int | None) -> bool:
    return times is None or struck < times


def _is_locked(rule: BulkRule, row: Mapping[str, Any], number: int) -> bool:
    if rule.lock_every and number % rule.lock_every == 0:
        return True
    return bool(rule.lock_column) and row.get(rule.lock_column) in rule.lock_values
