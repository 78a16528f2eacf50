"""
Bulk API 2.0: query jobs whose pages are checked, and (with `ingest`) ingest jobs.

A page that was cut short can look whole: polars pads a short row, and a page cut after
a complete cell keeps its record count. So each page must end with a line, close its
quotes, carry the asked columns in the asked order, hold as many records as announced,
and every row must be as wide as the header. A page that fails is asked for again.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from migrator.errors import Bug, MigratorError, OrgRefused, OrgUnreachable
from migrator.model.records import JobInfo, JobState
from migrator.org.ingest import PAGE_TRIES, IngestJobs, is_whole_csv, job_info
from migrator.org.rest import Reply

MAX_RECORDS = 50_000
"""Records a result page holds unless told otherwise: some 8 MB of wide records."""

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
        The id of a new query job for *soql*.

        No ORDER BY and no LIMIT: either would turn off the org's chunking, and a large
        query would time out (Bulk API 2.0 guide, "Query").
        """
        if _ORDERED.search(soql):
            raise Bug(f"a bulk query with ORDER BY or LIMIT: {soql}")
        body = {"operation": "query", "query": soql}
        # May be sent twice: a query job that nobody reads is forgotten after a week.
        return job_info(self._rest.post("jobs/query", body, repeatable=True)).id

    def await_query(self, job_id: str) -> JobInfo:
        """
        The query job when its result is ready.

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
        self, job_id: str, columns: Sequence[str], *, max_records: int = MAX_RECORDS
    ) -> Iterator[ResultPage]:
        """
        The pages of a finished query job, each checked against its announcement.

        *columns* are the paths of the SELECT, in its order. Pages may be read again as
        long as the job lives. Raises OrgUnreachable when a page stays damaged.
        """
        locator, seen = "", set[str]()
        while locator != _END:
            page, locator = self._page(job_id, locator, columns, max_records)
            if locator in seen:
                raise OrgUnreachable(
                    f"query job {job_id} came back to a page it had given before",
                    hint="run the same command again: that is safe",
                )
            seen.add(locator)
            yield page

    def delete_query(self, job_id: str) -> None:
        """
        Drop a query job and its result; failing to is no error.
        """
        with contextlib.suppress(MigratorError):
            self._rest.delete(f"jobs/query/{job_id}")

    def query_frames(
        self, soql: str, columns: Sequence[str], *, max_records: int = MAX_RECORDS
    ) -> Iterator[ResultPage]:
        """
        The pages of a query job that is started, awaited, read and dropped here.
        """
        job_id = self.start_query(soql)
        try:
            self.await_query(job_id)
            yield from self.result_pages(job_id, columns, max_records=max_records)
        finally:
            self.delete_query(job_id)

    def _page(
        self, job_id: str, locator: str, columns: Sequence[str], max_records: int
    ) -> tuple[ResultPage, str]:
        params = {"maxRecords": str(max_records)}
        if locator:
            params["locator"] = locator
        trouble = ""
        for attempt in range(PAGE_TRIES):
            if attempt:
                self._pace.sleep(self._pace.first_s * 2**attempt)
            reply = self._rest.get(
                f"jobs/query/{job_id}/results",
                params=params,
                headers={"Accept": "text/csv"},
            )
            try:
                return _checked(reply, columns)
            except _DamagedPage as error:
                trouble = str(error)
        raise OrgUnreachable(
            f"query job {job_id}: a result page arrived damaged {PAGE_TRIES} times: "
            f"{trouble}",
            hint="run the same command again: that is safe",
        )


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
    The records of a result page, every column String, empty cells null.

    Exact for any text. Raises an error of this module when the page is damaged.
    """
    if not content.endswith(b"\n") or not is_whole_csv(content):
        raise _DamagedPage("it ends in the middle of a record")
    head, _, body = content.partition(b"\n")
    _check_header(head, columns)
    schema = dict.fromkeys(columns, pl.String())
    if not body:
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(
            io.BytesIO(body), has_header=False, schema=schema, glob=False
        )
    except pl.exceptions.PolarsError as error:
        raise _DamagedPage("a record that cannot be read") from error
    # A row that polars padded has null in its last column; so has one whose last
    # cell is empty and unquoted, and then the widths are counted one by one.
    if frame.get_column(columns[-1]).null_count():
        _check_widths(body, len(columns))
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
