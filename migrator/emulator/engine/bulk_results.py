"""
The result files of ingest jobs: successes, failures, and what was never processed.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from migrator.emulator.engine.bulk_csv import (
    DELIMITERS,
    LINE_ENDINGS,
    csv_rows,
    echo,
    quoted_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrator.emulator.engine.bulk_jobs import IngestJob
    from migrator.emulator.engine.dml import RowResult
    from migrator.emulator.errors import SalesforceError

__all__ = ["result_bytes", "result_line", "unprocessed_bytes"]


def error_text(errors: Iterable[SalesforceError]) -> str:
    """
    Errors of a row as `sf__Error` has them: `CODE:message:fields --`.
    """
    return ";".join(
        f"{each.code}:{each.message}:{','.join(each.fields)} --" for each in errors
    )


def result_line(job: IngestJob, cells: list[str], result: RowResult) -> str:
    """
    One row of the success or failure file.
    """
    mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    if result.success:
        first = [result.id or "", str(result.created).lower()]
    else:
        first = [_known_id(job, cells), error_text(result.errors)]
    echoed = [
        # A header in another case than the schema's loses its values here.
        "" if not result.success and column.is_miscased else echo(column.field, text)
        for column, text in zip(job.columns, cells, strict=True)
    ]
    return quoted_line([*first, *echoed], mark, ending)


def _known_id(job: IngestJob, cells: list[str]) -> str:
    for column, text in zip(job.columns, cells, strict=True):
        if column.key == "Id":
            return text
    return ""


def result_bytes(job: IngestJob, kind: str) -> Iterator[bytes]:
    """
    The `success` or `failed` file with its header.
    """
    mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    second = "sf__Created" if kind == "success" else "sf__Error"
    names = [column.shown(is_success=kind == "success") for column in job.columns]
    yield mark.join(['"sf__Id"', f'"{second}"', *names]).encode() + ending.encode()
    yield from _file_bytes(job.result_file(kind))


def unprocessed_bytes(job: IngestJob) -> Iterator[bytes]:
    """
    The rows behind the last committed chunk; the bytes as uploaded when none is.
    """
    if job.total is None:
        yield from _file_bytes(job.upload)
        return
    mark, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    rows = csv_rows(job.upload, mark)
    next(rows)
    yield (mark.join(column.header for column in job.columns) + ending).encode()
    for row in islice(rows, job.processed, None):
        yield quoted_line(row, mark, ending).encode()


def _file_bytes(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                yield block
