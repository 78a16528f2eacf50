"""
What is sent once more, and what counts as arrived.
"""

from __future__ import annotations

import pytest

from migrator.model.names import ApiName
from migrator.model.records import UNPROCESSED, JobInfo, JobState, Operation, RowFailure
from migrator.rules.copy.retry import is_there, with_words, worth_another_try


def a_failure(code: str, message: str = "") -> RowFailure:
    """
    One record's, named like its code.
    """
    return RowFailure(
        object=ApiName("Invoice__c"), origin_id=code, code=code, message=message
    )


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("", {"UNABLE_TO_LOCK_ROW", UNPROCESSED}),
        ("TooManyLockFailure : too many locks", {"UNABLE_TO_LOCK_ROW", UNPROCESSED}),
        (
            "InvalidBatch : Field name not found : X",
            {"UNABLE_TO_LOCK_ROW"},
        ),
        ("ExceededQuota : nothing left", {"UNABLE_TO_LOCK_ROW"}),
    ],
)
def test_locks_pass_and_so_do_records_a_passing_failure_kept_away(
    words: str, again: set[str]
) -> None:
    """A refusal for its own fault is never sent again by itself."""
    rows = [
        a_failure(code)
        for code in ("UNABLE_TO_LOCK_ROW", UNPROCESSED, "REQUIRED_FIELD_MISSING")
    ]
    info = JobInfo(id="750x", state=JobState.FAILED, error_message=words)
    assert worth_another_try(rows, info) == again
    assert with_words(rows[1], info).message == words


def test_a_duplicate_on_the_origin_id_is_there() -> None:
    """On insert alone, and on no other unique field."""
    ours = a_failure("DUPLICATE_VALUE", "duplicate value found: Origin_Id__c")
    other = a_failure("DUPLICATE_VALUE", "duplicate value found: Number__c")
    assert is_there(ours, Operation.INSERT)
    assert not is_there(ours, Operation.UPSERT)
    assert not is_there(other, Operation.INSERT)
