"""
Which records an org refused are worth another try, and which had arrived before.

Within one run, at most `steps.copy.jobs.ROUNDS` times; the next run sends every refused
record again, whatever its code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model.mapping import ORIGIN_ID
from migrator.model.records import UNPROCESSED, JobInfo, Operation, RowFailure

_PASSING = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"}
_PASSING_WORDS = ("lock", "timeout", "timed out", "retried", "retries", "batch")
"""What a job's message says when the whole job may be tried again."""
_FILE_IS_WRONG = "invalidbatch"
"""How a message about the load file itself begins: it stays as wrong as it is."""


def may_pass(row: RowFailure) -> bool:
    """
    Return True when a later attempt may not meet what *row* met.
    """
    return row.code in _PASSING


def worth_another_try(rows: Iterable[RowFailure], info: JobInfo) -> frozenset[str]:
    """
    Return the origin ids among *rows*, of the job of *info*, that met a lock or were
    never looked at.
    """
    words = info.error_message.casefold()
    job_may_pass = not words.startswith(_FILE_IS_WRONG) and (
        not words or any(word in words for word in _PASSING_WORDS)
    )
    return frozenset(
        row.origin_id
        for row in rows
        if may_pass(row) or (row.code == UNPROCESSED and job_may_pass)
    )


def with_words(row: RowFailure, info: JobInfo) -> RowFailure:
    """
    Return an unprocessed record with the message of the job that did not reach it.
    """
    return replace(row, message=info.error_message or row.message)


def is_there(row: RowFailure, operation: Operation) -> bool:
    """
    Return True when an insert was refused because the record has been inserted before.
    """
    is_duplicate = row.code == "DUPLICATE_VALUE" and ORIGIN_ID in row.message
    return operation is Operation.INSERT and is_duplicate
