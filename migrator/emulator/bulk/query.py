"""
Bulk API 2.0 query jobs: the refusals, the snapshot on disk, and its pages.

The rows are those of the moment the job was created; the CSV is written once and
every page is a slice of it, so that a locator gives the same bytes for the job's
life. Source: Bulk API 2.0 guide, "Query jobs".
"""

from __future__ import annotations

import base64
import re
import shutil
import tempfile
import time
import weakref
from array import array
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.bulk.csv_text import DELIMITERS, LINE_ENDINGS, quoted_line
from migrator.emulator.bulk.refusals import (
    bad_state,
    check_query_body,
    check_version,
    job_error,
)
from migrator.emulator.errors import SalesforceError, not_found
from migrator.emulator.org.background import Worker
from migrator.emulator.schema.field_types import Holds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User
    from migrator.emulator.soql.query import Queries, QueryResult

__all__ = ["Page", "QueryJob", "QueryJobs"]

PAGES_AT_ONCE: Final = 5
_COMPOUND: Final = "Selecting compound data not supported in Bulk Query"
_FINISHED: Final = frozenset({"JobComplete", "Failed", "Aborted"})
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
_AGGREGATE = re.compile(
    r"\b(?:COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(", re.IGNORECASE
)


@dataclass(slots=True, kw_only=True)
class QueryJob:
    """
    One query job and, once it is complete, where each row of its CSV begins.
    """

    id: str
    user: User
    version: str
    operation: str
    object_name: str
    delimiter: str
    line_ending: str
    created: datetime
    modified: datetime
    path: Path
    supports_chunking: bool
    state: str = "UploadComplete"
    records: int = 0
    error_message: str | None = None
    total_ms: int = 0
    header: bytes = b""
    offsets: array[int] = field(default_factory=lambda: array("Q", [0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    One page of results; *locator* is the literal `null` on the last one.
    """

    body: bytes
    records: int
    locator: str


class QueryJobs:
    """
    The query jobs of an org. *page_records* is the page size nobody asked for, *close*
    removes their files; what is left open goes with the garbage.
    """

    def __init__(self, org: Org, queries: Queries) -> None:
        self._org = org
        self._queries = queries
        self._jobs: dict[str, QueryJob] = {}
        self._worker = Worker("bulk-query")
        self.folder = Path(tempfile.mkdtemp(prefix="emulator-query-"))
        self.close = weakref.finalize(
            self, shutil.rmtree, self.folder, ignore_errors=True
        )
        self.latency_s = 0.02
        self.page_records = 50_000

    def create(self, user: User, version: str, body: Mapping[str, Any]) -> QueryJob:
        """
        Queue a job with the snapshot of its rows, or refuse the query.
        """
        check_query_body(body)
        text = str(body["query"])
        _check_text(text)
        self._org.limits.count_query_job()
        result = self._snapshot(user, text, is_all=body["operation"] == "queryAll")
        now = self._org.clock.now()
        job_id = self._org.ids.next("750")
        job = QueryJob(
            id=job_id,
            user=user,
            version=version,
            operation=body["operation"],
            object_name=result.object_name,
            delimiter=body.get("columnDelimiter", "COMMA"),
            line_ending=body.get("lineEnding", "LF"),
            created=now,
            modified=now,
            path=self.folder / f"{job_id}.csv",
            supports_chunking=not (result.features.order_by or result.features.limit),
        )
        self._jobs[job.id] = job
        self._worker.submit(lambda: self._run(job, result))
        return job

    def _snapshot(self, user: User, text: str, *, is_all: bool) -> QueryResult:
        with self._org.lock:
            try:
                result = self._queries.run(user, text, include_deleted=is_all)
            except SalesforceError as error:
                if error.message.startswith("Selecting compound data"):
                    raise _refused(_COMPOUND) from None
                raise
            target = self._org.schema.get(result.object_name)
        fields = [target.find(name) for name in result.columns] if target else []
        held = {each.holds for each in fields if each is not None}
        if Holds.BYTES in held:
            result.close()
            raise _refused(
                "Blob field not supported in Bulk V2 Query with CSV content type"
            )
        if result.features.compound or Holds.PARTS in held:
            result.close()
            raise _refused(_COMPOUND)
        return result

    def _run(self, job: QueryJob, result: QueryResult) -> None:
        time.sleep(self.latency_s)
        began = time.monotonic()
        try:
            if job.state == "UploadComplete":
                job.state = "InProgress"
                self._write(job, result)
                job.state = "JobComplete"
        except Exception as error:  # noqa: BLE001 - a job must end, whatever happens
            job.state = "Failed"
            job.error_message = f"InternalServerError : {error}"
        finally:
            result.close()
        job.total_ms = round((time.monotonic() - began) * 1000)
        job.modified = self._org.clock.now()

    def _write(self, job: QueryJob, result: QueryResult) -> None:
        mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
        job.header = quoted_line(result.columns, mark, ending).encode()
        place = 0
        with job.path.open("wb") as file:
            for row in result.csv_rows():
                line = quoted_line(row, mark, ending).encode()
                file.write(line)
                place += len(line)
                job.offsets.append(place)
        job.records = len(job.offsets) - 1

    def all(self) -> list[QueryJob]:
        """
        Return all query jobs, oldest first.
        """
        return list(self._jobs.values())

    def get(self, job_id: str, version: str) -> QueryJob:
        """
        Find one job (15 or 18 characters); 404 unknown, 409 under another API version.
        """
        found = [job for key, job in self._jobs.items() if key[:15] == job_id[:15]]
        if not found or len(job_id) not in {15, 18}:
            raise not_found()
        check_version(found[0].version, version)
        return found[0]

    def abort(self, job: QueryJob, state: object) -> None:
        """
        Stop a job that has not finished; no other state can be asked for.
        """
        if state != "Aborted" or job.state in _FINISHED:
            raise bad_state(f"Cannot change the state from {job.state} to {state}")
        job.state = "Aborted"

    def delete(self, job: QueryJob) -> None:
        """
        Forget a finished job and its results.
        """
        if job.state not in _FINISHED:
            raise bad_state(f"A job in state {job.state} cannot be deleted")
        self._jobs.pop(job.id, None)
        job.path.unlink(missing_ok=True)

    def page(self, job: QueryJob, locator: str | None, most: int | None) -> Page:
        """
        Read the page at *locator* (None: the first) with at most *most* records.
        """
        _need_results(job)
        start, size = _read_locator(job, locator) if locator else (0, None)
        end = min(start + (size or most or self.page_records), job.records)
        body = b""
        if end > start:
            with job.path.open("rb") as file:
                file.seek(job.offsets[start])
                body = file.read(job.offsets[end] - job.offsets[start])
        after = make_locator(end) if end < job.records else "null"
        return Page(body=job.header + body, records=end - start, locator=after)

    def page_locators(
        self, job: QueryJob, locator: str | None, most: int | None
    ) -> tuple[list[str], str | None]:
        """
        Return locators of up to five pages, and where the next five begin (None: done).
        """
        _need_results(job)
        start = _read_locator(job, locator)[0] if locator else 0
        size = most or self.page_records
        pages: list[str] = []
        for number in count():
            begin = start + number * size
            if number and begin >= job.records:
                return pages, None
            if number == PAGES_AT_ONCE:
                return pages, make_locator(begin)
            pages.append(make_locator(begin, size))
        raise AssertionError


def make_locator(start: int, size: int | None = None) -> str:
    """
    Name the page that begins at record *start*, opaquely.
    """
    text = f"{start}" if size is None else f"{start}-{size}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_locator(job: QueryJob, locator: str) -> tuple[int, int | None]:
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
        start, _, size = text.partition("-")
        place = (int(start), int(size) if size else None)
    except ValueError:
        place = (-1, None)
    if not 0 <= place[0] <= job.records:
        raise job_error("INVALIDLOCATOR", f"InvalidLocator : {locator}")
    return place


def _need_results(job: QueryJob) -> None:
    if job.state != "JobComplete":
        raise bad_state(f"Results are not available in state {job.state}")


def _refused(message: str) -> SalesforceError:
    return SalesforceError("API_ERROR", message)


def _check_text(query: str) -> None:
    """
    Refuse what a Bulk query cannot say; conditions may hold semi-joins.
    """
    bare = _LITERAL.sub("''", query)
    selected = _select_list(bare)
    if re.search(r"\(\s*SELECT\b", selected, re.IGNORECASE):
        raise _refused("Aggregate Relationships not supported in Bulk Query")
    for pattern, name in (
        (r"\bTYPEOF\b", "TYPEOF"),
        (r"\bFIELDS\s*\(", "The SOQL FIELDS function"),
    ):
        if re.search(pattern, selected, re.IGNORECASE):
            raise _refused(f"{name} is not supported in Bulk Query")
    if _AGGREGATE.search(selected) or re.search(r"\bGROUP\s+BY\b", bare, re.IGNORECASE):
        raise _refused("Aggregate functions and GROUP BY not supported in Bulk Query")
    if re.search(r"\bOFFSET\s+\d", bare, re.IGNORECASE):
        raise _refused("OFFSET not supported in Bulk Query")


def _select_list(query: str) -> str:
    """
    Return what stands before the outermost FROM.
    """
    depth = 0
    for found in re.finditer(r"[()]|\bFROM\b", query, re.IGNORECASE):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0 and found[0].upper() == "FROM":
            return query[: found.start()]
    return query
