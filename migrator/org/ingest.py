"""
Bulk API 2.0 ingest jobs, step by step, so that a killed run can go on from a job's id.

A create whose answer was lost may have happened: it is never repeated here. The next
run asks `find_jobs` for the jobs made since, takes over or aborts what it finds, and
only then creates another. Records cannot be doubled by it (`Origin_Id__c` is unique),
but an abandoned job would stay open and the journal would not know its records.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from migrator.errors import OrgRefused, OrgUnreachable
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.records import UNPROCESSED, JobInfo, JobState, Operation, RowFailure
from migrator.org.budget import Budget
from migrator.org.polling import Pace
from migrator.org.rest import Reply, RestClient

PAGE_TRIES = 4
"""How often a damaged result is asked for before the org counts as unreachable."""

_ERROR_COLUMN = "sf__Error"
_ID_COLUMN = "sf__Id"
_FIELDS = re.compile(r"[A-Za-z][\w.]*(?:,\s*[A-Za-z][\w.]*)*")


class IngestJobs:
    """
    The ingest half of `BulkClient`, for the user *user_id*.
    """

    def __init__(
        self,
        rest: RestClient,
        *,
        user_id: str = "",
        pace: Pace | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._rest = rest
        self._user_id = user_id
        self._pace = pace or Pace()
        self._budget = budget

    def create_ingest(
        self,
        object_name: ApiName,
        operation: Operation,
        external_id: ApiName | None = None,
        *,
        records: int = 1,
    ) -> str:
        """
        Return the id of a new, open ingest job; *external_id* is the key of an upsert.

        Stopped when the org's allowance does not cover *records* any more.

        Sent once: after OrgUnreachable ask `find_jobs` before another is created.
        """
        if self._budget:
            self._budget.spend_load(records)
        body = {
            "object": object_name,
            "operation": operation.value,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        if external_id:
            body["externalIdFieldName"] = external_id
        reply = self._rest.post("jobs/ingest", body)
        return job_info(reply).id

    def upload(self, job_id: str, content: bytes | Path) -> None:
        """
        Upload the job's one load file, UTF-8 CSV with LF, as bytes or from where it
        lies. A file is sent from disk, block by block.

        Sent once, because an org takes one upload per job. After OrgUnreachable the
        job may hold the file or not: abort it and make another.
        """
        path = f"jobs/ingest/{job_id}/batches"
        self._rest.put(path, content, "text/csv; charset=UTF-8")

    def close_upload(self, job_id: str) -> None:
        """
        Tell the org that the upload is complete; harmless when it already was.
        """
        self._change(job_id, JobState.UPLOAD_COMPLETE)

    def abort(self, job_id: str) -> None:
        """
        Abandon a job; harmless when it has already ended.
        """
        self._change(job_id, JobState.ABORTED)

    def job(self, job_id: str) -> JobInfo:
        """
        Return what the org says about an ingest job now.
        """
        return job_info(self._rest.get(f"jobs/ingest/{job_id}"))

    def await_ingest(
        self,
        job_id: str,
        on_progress: Callable[[JobInfo], None] | None = None,
        *,
        expected_s: float = 0.0,
    ) -> JobInfo:
        """
        Return the job in its final state, JobComplete or not.

        JobComplete says nothing about its records: read `failures` as well.
        *on_progress* hears every answer. *expected_s* is a guess of how long it takes.
        """
        for _ in self._pace.rounds(f"ingest job {job_id}", expected_s=expected_s):
            info = self.job(job_id)
            if on_progress:
                on_progress(info)
            if info.state.is_final:
                return info
        raise AssertionError("rounds never end by themselves")

    def failures(self, job_id: str, object_name: ApiName) -> list[RowFailure]:
        """
        Every record the org refused, and every one it did not look at.

        Joined on the echoed Origin_Id__c: results come in no promised order, and their
        values are re-formatted. Jobs without that column (deletes) give the record id.
        """
        failed = [
            _failed(object_name, row) for row in self._results(job_id, "failedResults")
        ]
        return failed + [
            RowFailure(
                object=object_name,
                origin_id=_key(row),
                code=UNPROCESSED,
                message="the job ended before the org looked at this record",
            )
            for row in self._results(job_id, "unprocessedrecords")
        ]

    def find_jobs(self, object_name: ApiName, since: datetime) -> list[JobInfo]:
        """
        Return this user's ingest jobs for *object_name* made since *since*, oldest
        first.

        *since* is a time with zone. The org's clock may differ from this machine's:
        take a few minutes off.
        """
        found = []
        for entry in self._listed_jobs():
            made = _instant(str(entry.get("createdDate", "")))
            if self._is_mine(entry, object_name) and made and made >= since:
                found.append((made, _info(entry)))
        return [info for _, info in sorted(found, key=lambda pair: pair[0])]

    def find_open_jobs(self, object_name: ApiName) -> list[JobInfo]:
        """
        Return this user's ingest jobs for *object_name* that have not ended.
        """
        mine = (e for e in self._listed_jobs() if self._is_mine(e, object_name))
        return [info for info in map(_info, mine) if not info.state.is_final]

    def _change(self, job_id: str, state: JobState) -> None:
        path = f"jobs/ingest/{job_id}"
        try:
            # May be sent twice: the second one finds the job there already.
            self._rest.patch(path, {"state": state.value}, repeatable=True)
        except OrgRefused:
            now = self.job(job_id).state
            ended = now.is_final
            if not ended and (state is JobState.ABORTED or now is JobState.OPEN):
                raise

    def _is_mine(self, entry: dict[str, Any], object_name: ApiName) -> bool:
        maker = str(entry.get("createdById", ""))
        same_user = not self._user_id or maker[:15] == self._user_id[:15]
        same_object = str(entry.get("object", "")).casefold() == object_name.casefold()
        return (
            same_user
            and same_object
            and entry.get("jobType", "V2Ingest") == ("V2Ingest")
        )

    def _listed_jobs(self) -> Iterator[dict[str, Any]]:
        reply = self._rest.get("jobs/ingest")
        seen: set[str] = set()
        while True:
            page = reply.object()
            yield from page.get("records") or ()
            following = page.get("nextRecordsUrl")
            if page.get("done") is not False or not following or following in seen:
                return
            seen.add(following)
            reply = self._rest.get(following)

    def _results(self, job_id: str, kind: str) -> list[dict[str, str]]:
        path = f"jobs/ingest/{job_id}/{kind}/"
        for attempt in range(PAGE_TRIES):
            if attempt:
                self._pace.sleep(self._pace.first_s * 2**attempt)
            reply = self._rest.get(path, headers={"Accept": "text/csv"})
            if is_whole_csv(reply.content):
                return _csv_rows(reply)
        raise OrgUnreachable(
            f"job {job_id}: {kind} arrived damaged {PAGE_TRIES} times",
            hint="run the same command again: that is safe",
        )


def job_info(reply: Reply) -> JobInfo:
    """
    Return the job that *reply* is about; OrgUnreachable when it is about none.
    """
    try:
        return _info(reply.object())
    except (KeyError, ValueError) as error:
        raise reply.unusable("a Bulk API job") from error


def is_whole_csv(content: bytes) -> bool:
    """
    Return True when *content* is no CSV cut short: it ends with a line and closes its
    quotes.
    """
    return not content or (content.endswith(b"\n") and content.count(b'"') % 2 == 0)


def _info(entry: dict[str, Any]) -> JobInfo:
    return JobInfo(
        id=str(entry["id"]),
        state=JobState(str(entry.get("state"))),
        processed=int(entry.get("numberRecordsProcessed") or 0),
        failed=int(entry.get("numberRecordsFailed") or 0),
        error_message=str(entry.get("errorMessage") or ""),
        changed_at=str(entry.get("systemModstamp") or ""),
    )


def _instant(text: str) -> datetime | None:
    """
    Return the time in *text*, which Salesforce writes as
    `2026-11-22T10:00:00.000+0000`.
    """
    try:
        return datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None


def _csv_rows(reply: Reply) -> list[dict[str, str]]:
    try:
        text = io.StringIO(reply.content.decode("utf-8"), newline="")
        rows = list(csv.reader(text, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise reply.unusable("a CSV file") from error
    if not rows:
        return []
    header, *cells = rows
    return [dict(zip(header, row, strict=False)) for row in cells if row]


def _key(row: dict[str, str]) -> str:
    """
    Return the origin id of a result row; its record id when the load file had no origin
    ids.

    The echo spells the header as the schema does, or as the load file did.
    """
    for wanted in (ORIGIN_ID, "Id", _ID_COLUMN):
        for column, value in row.items():
            if column.casefold() == wanted.casefold() and value:
                return value
    return ""


def _failed(object_name: ApiName, row: dict[str, str]) -> RowFailure:
    code, message, fields = parse_row_error(row.get(_ERROR_COLUMN, ""))
    return RowFailure(
        object=object_name,
        origin_id=_key(row),
        code=code,
        message=message,
        fields=fields,
    )


def parse_row_error(text: str) -> tuple[str, str, tuple[ApiName, ...]]:
    """
    Code, message and fields of an `sf__Error`: `CODE:message:Field1,Field2 --`.

    What does not look like that is a message without code.
    """
    code, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Z][A-Z0-9_]*", code):
        return "", text.strip(), ()
    if not rest.rstrip().endswith("--"):
        return code, rest.strip(), ()
    message, colon, named = rest.rstrip().removesuffix("--").rpartition(":")
    if not colon:
        return code, named.strip(), ()
    if named.strip() and not _FIELDS.fullmatch(named.strip()):
        return code, f"{message}:{named}".strip(), ()
    names = (name.strip() for name in named.split(","))
    return code, message.strip(), tuple(ApiName(name) for name in names if name)
