"""
The result files of ingest jobs: successes, failures, and what was never processed.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, Any

from migrator.emulator.bulk.csv_text import (
    DELIMITERS,
    LINE_ENDINGS,
    echo_of,
    quoted_line,
    sound_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from migrator.emulator.bulk.ingest_job import IngestJob
    from migrator.emulator.errors import SalesforceError
    from migrator.emulator.records.dml import RowResult

__all__ = ["result_bytes", "unprocessed_bytes", "write_results"]


def error_text(errors: Iterable[SalesforceError]) -> str:
    """
    Write errors of a row as `sf__Error` has them: `CODE:message:fields --`.
    """
    return ";".join(
        f"{each.code}:{each.message}:{','.join(each.fields)} --" for each in errors
    )


def write_results(job: IngestJob, outcomes: list[tuple[list[str], RowResult]]) -> None:
    """
    Append rows to the success and the failure file of a job.
    """
    for kind in ("success", "failed"):
        rows = [each for each in outcomes if each[1].success == (kind == "success")]
        with job.result_file(kind).open("a", encoding="utf-8", newline="") as file:
            if rows:
                _writer(job, file).writerows(_lines(job, rows))


def _writer(job: IngestJob, file: TextIO) -> Any:
    return csv.writer(
        file,
        delimiter=DELIMITERS[job.delimiter],
        lineterminator=LINE_ENDINGS[job.line_ending],
        quoting=csv.QUOTE_ALL,
    )


def _lines(
    job: IngestJob, rows: list[tuple[list[str], RowResult]]
) -> Iterator[tuple[str, ...]]:
    """
    Lay out the lines of rows that all succeeded or all failed.
    """
    is_success = rows[0][1].success
    if is_success:
        ids = [result.id or "" for _, result in rows]
        second = [str(result.created).lower() for _, result in rows]
    else:
        ids = [_known_id(job, cells) for cells, _ in rows]
        second = [error_text(result.errors) for _, result in rows]
    echoed: list[Iterable[str]] = []
    by_column = zip(*(cells for cells, _ in rows), strict=True)
    for column, texts in zip(job.columns, by_column, strict=True):
        show = echo_of(column.field)
        if not is_success and column.is_miscased:
            # A header in another case than the schema's loses its values here.
            echoed.append([""] * len(rows))
        else:
            echoed.append(map(show, texts) if show else texts)
    return zip(ids, second, *echoed, strict=True)


def _known_id(job: IngestJob, cells: list[str]) -> str:
    for column, text in zip(job.columns, cells, strict=True):
        if column.key == "Id":
            return text
    return ""


def result_bytes(job: IngestJob, kind: str) -> Iterator[bytes]:
    """
    Stream the `success` or `failed` file with its header.
    """
    mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    second = "sf__Created" if kind == "success" else "sf__Error"
    names = [column.shown(is_success=kind == "success") for column in job.columns]
    yield mark.join(['"sf__Id"', f'"{second}"', *names]).encode() + ending.encode()
    yield from _file_bytes(job.result_file(kind))


def unprocessed_bytes(job: IngestJob) -> Iterator[bytes]:
    """
    Stream the rows behind the last committed chunk; without one the upload as it was.
    """
    if job.total is None:
        yield from _file_bytes(job.upload)
        return
    mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    rows = sound_rows(job.upload, mark)
    next(rows)
    yield (mark.join(column.header for column in job.columns) + ending).encode()
    for row in islice(rows, job.processed, None):
        yield quoted_line(row, mark, ending).encode()


def _file_bytes(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                yield block
