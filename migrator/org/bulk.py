"""
Bulk API 2.0: query jobs whose pages are checked, and (with `ingest`) ingest jobs.

A page that was cut short can look whole: polars pads a short row, and a page cut after
a complete cell keeps its record count. So each page must end with a line, close its
quotes, carry the asked columns in the asked order, hold as many records as announced,
and every row must be as wide as the header. A page that fails is asked for again.

The first page is small and tells how wide the records are; the others are made to hold
some `PAGE_BYTES` and come several at a time, where the org lists them (`resultPages`,
API 58.0), else one after the other by their locators.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from migrator.errors import Bug, MigratorError, OrgRefused, OrgUnreachable
from migrator.model.records import JobInfo, JobState
from migrator.org.ingest import PAGE_TRIES, IngestJobs, is_whole_csv, job_info
from migrator.org.rest import Reply

PAGE_BYTES = 16_000_000
"""Each page is an API call, and in memory while it is taken apart."""
FIRST_RECORDS = 2_000
MAX_RECORDS = 200_000
"""Records a result page holds at most, however narrow they are."""
AHEAD = 2
"""Pages that are fetched while another one is used."""

_END = "null"
_ORDERED = re.compile(r"\b(ORDER\s+BY|LIMIT)\b", re.IGNORECASE)


class _DamagedPage(Exception):
    """
    Why a page cannot be what the org sent.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """
    One page of a query's result.
    """

    frame: pl.DataFrame
    """Every column String, named as asked; an empty cell is null."""
    records: int
    """As the org announced and the frame holds."""
    size: int
    """Bytes of the page's CSV."""


class BulkClient(IngestJobs):
    """
    Bulk API 2.0 jobs, each drivable from its id alone.
    """

    def start_query(self, soql: str) -> str:
        """
        Return the id of a new query job for *soql*.

        No ORDER BY and no LIMIT: either would turn off the org's chunking, and a large
        query would time out (Bulk API 2.0 guide, "Query").
        """
        if _ORDERED.search(soql):
            raise Bug(f"a bulk query with ORDER BY or LIMIT: {soql}")
        if self._budget:
            self._budget.spend_query()
        body = {"operation": "query", "query": soql}
        # May be sent twice: a query job that nobody reads is forgotten after a week.
        return job_info(self._rest.post("jobs/query", body, repeatable=True)).id

    def await_query(self, job_id: str) -> JobInfo:
        """
        Return the query job when its result is ready.

        Raises OrgRefused with the org's words when the job failed or was aborted.
        """
        for _ in self._pace.rounds(f"query job {job_id}"):
            info = job_info(self._rest.get(f"jobs/query/{job_id}"))
            if info.state is JobState.JOB_COMPLETE:
                return info
            if info.state.is_final:
                words = info.error_message or "without a message"
                raise OrgRefused(
                    f"query job {job_id} ended as {info.state}: {words}",
                    hint="run the same command again; if it stays, read the query "
                    "job in Setup > Bulk Data Load Jobs",
                    code=words.partition(":")[0].strip(),
                )
        raise AssertionError("rounds never end by themselves")

    def result_pages(
        self, job_id: str, columns: Sequence[str], *, max_records: int | None = None
    ) -> Iterator[ResultPage]:
        """
        Yield the pages of a finished query job, each checked against its announcement.

        *columns* are the paths of the SELECT, in its order. Pages may be read again as
        long as the job lives. With *max_records* every page has that size, and they are
        read one after the other. Raises OrgUnreachable when a page stays damaged.
        """
        size = max_records or FIRST_RECORDS
        first, locator = self._page(_results(job_id, size), columns)
        yield first
        if locator == _END:
            return
        if max_records is None:
            size = _fitting(first)
            following = self._listed(job_id, locator, size)
            if following is not None:
                yield from self._fetched(following, columns)
                return
        seen = set[str]()
        while locator != _END:
            _require_new(locator, seen, job_id)
            page, locator = self._page(_results(job_id, size, locator), columns)
            yield page

    def _listed(self, job_id: str, locator: str, size: int) -> Iterator[str] | None:
        """
        Return the addresses of the pages from *locator* on; None where the org lists
        none.
        """
        path = f"jobs/query/{job_id}/resultPages?locator={locator}&maxRecords={size}"
        try:
            reply = self._rest.get(path)
        except OrgRefused:
            return None
        return self._addresses(job_id, reply)

    def _addresses(self, job_id: str, reply: Reply) -> Iterator[str]:
        seen = set[str]()
        while True:
            listed = reply.object()
            for each in listed.get("resultPages") or ():
                address = _rooted(str(each["resultUrl"]))
                _require_new(address, seen, job_id)
                yield address
            # The guide's table has the one name, its sample the other.
            after = listed.get("nextRecordsUrl") or listed.get("nextRecordUrl")
            if listed.get("done") is not False or not after:
                return
            _require_new(str(after), seen, job_id)
            reply = self._rest.get(_rooted(str(after)))

    def _fetched(
        self, addresses: Iterable[str], columns: Sequence[str]
    ) -> Iterator[ResultPage]:
        """
        Yield the pages at *addresses* in their order, some of them fetched ahead.
        """
        waiting: deque[Future[tuple[ResultPage, str]]] = deque()
        pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="result-page")
        try:
            for address in addresses:
                waiting.append(pool.submit(self._page, address, columns))
                if len(waiting) >= AHEAD:
                    yield waiting.popleft().result()[0]
            while waiting:
                yield waiting.popleft().result()[0]
        finally:
            pool.shutdown(cancel_futures=True)

    def delete_query(self, job_id: str) -> None:
        """
        Drop a query job and its result; failing to is no error.
        """
        with contextlib.suppress(MigratorError):
            self._rest.delete(f"jobs/query/{job_id}")

    def query_frames(
        self, soql: str, columns: Sequence[str], *, max_records: int | None = None
    ) -> Iterator[ResultPage]:
        """
        Yield the pages of a query job that is started, awaited, read and dropped here.

        Raises OrgUnreachable when they hold other than the records the job counted.
        """
        job_id = self.start_query(soql)
        yield from self.job_frames(job_id, columns, max_records=max_records)

    def job_frames(
        self, job_id: str, columns: Sequence[str], *, max_records: int | None = None
    ) -> Iterator[ResultPage]:
        """
        Yield the same of a job that has been started before.
        """
        try:
            info = self.await_query(job_id)
            records = 0
            for page in self.result_pages(job_id, columns, max_records=max_records):
                records += page.records
                yield page
            if records != info.processed:
                raise OrgUnreachable(
                    f"query job {job_id} counted {info.processed:,} records and gave "
                    f"{records:,}",
                    hint="run the same command again: that is safe",
                )
        finally:
            self.delete_query(job_id)

    def _page(self, path: str, columns: Sequence[str]) -> tuple[ResultPage, str]:
        trouble = ""
        for attempt in range(PAGE_TRIES):
            if attempt:
                self._pace.sleep(self._pace.first_s * 2**attempt)
            reply = self._rest.get(path, headers={"Accept": "text/csv"})
            try:
                return _checked(reply, columns)
            except _DamagedPage as error:
                trouble = str(error)
        raise OrgUnreachable(
            f"{path.partition('?')[0]}: a result page arrived damaged {PAGE_TRIES} "
            f"times: {trouble}",
            hint="run the same command again: that is safe",
        )


def _results(job_id: str, size: int, locator: str = "") -> str:
    path = f"jobs/query/{job_id}/results?maxRecords={size}"
    return f"{path}&locator={locator}" if locator else path


def _rooted(address: str) -> str:
    return address if address.startswith("/") else f"/{address}"


def _require_new(place: str, seen: set[str], job_id: str) -> None:
    if place in seen:
        raise OrgUnreachable(
            f"query job {job_id} came back to a page it had given before",
            hint="run the same command again: that is safe",
        )
    seen.add(place)


def _fitting(page: ResultPage) -> int:
    """
    How many records like those of *page* make one of `PAGE_BYTES`.
    """
    width = max(1, page.size // max(1, page.records))
    return max(FIRST_RECORDS, min(PAGE_BYTES // width, MAX_RECORDS))


def _checked(reply: Reply, columns: Sequence[str]) -> tuple[ResultPage, str]:
    announced = reply.headers.get("Sforce-NumberOfRecords", "")
    locator = reply.headers.get("Sforce-Locator", "")
    if not announced.isdigit():
        raise _DamagedPage("the org did not announce its number of records")
    if not locator:
        raise _DamagedPage("the org did not say whether more pages follow")
    frame = parse_page(reply.content, columns)
    if frame.height != int(announced):
        raise _DamagedPage(f"{frame.height} records instead of {announced}")
    page = ResultPage(frame=frame, records=frame.height, size=len(reply.content))
    return page, locator


def parse_page(content: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """
    Return the records of a result page, every column String, empty cells null.

    Exact for any text. Raises an error of this module when the page is damaged.
    """
    if not content.endswith(b"\n") or not is_whole_csv(content):
        raise _DamagedPage("it ends in the middle of a record")
    # Looked at where it is: a page is too large to be held twice.
    start = content.index(b"\n") + 1
    _check_header(content[:start].rstrip(), columns)
    schema = dict.fromkeys(columns, pl.String())
    if start == len(content):
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(
            content, has_header=False, skip_lines=1, schema=schema, glob=False
        )
    except pl.exceptions.PolarsError as error:
        raise _DamagedPage("a record that cannot be read") from error
    # A row that polars padded has null in its last column; so has one whose last
    # cell is empty and unquoted, and then the widths are counted one by one.
    if frame.get_column(columns[-1]).null_count():
        _check_widths(content[start:], len(columns))
    return frame.with_columns(pl.all().replace({"": None}))


def _check_header(head: bytes, columns: Sequence[str]) -> None:
    found = next(csv.reader([head.decode("utf-8-sig", errors="replace")]), [])
    # The org may spell a name as the schema does, not as the query did.
    if [name.casefold() for name in found] != [name.casefold() for name in columns]:
        raise _DamagedPage("its columns are not those of the query")


def _check_widths(body: bytes, width: int) -> None:
    rows = csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
    try:
        # csv gives [] for an empty line, which is one empty cell.
        complete = all(max(len(row), 1) == width for row in rows)
    except csv.Error as error:
        raise _DamagedPage("a record that cannot be read") from error
    if not complete:
        raise _DamagedPage("a record with too few cells")
