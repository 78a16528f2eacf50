"""
Records on their way: what one ingest job carries, and what the org said to each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from migrator.model.names import ApiName

UNPROCESSED = "UNPROCESSED"
"""Our code for a record that the org did not look at."""


class Operation(StrEnum):
    """
    What an ingest job does with its records.
    """

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


class JobState(StrEnum):
    """
    The states of a Bulk API 2.0 job, as the org names them.
    """

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"

    @property
    def is_final(self) -> bool:
        """
        True when nothing more will happen to the job.
        """
        return self in {JobState.JOB_COMPLETE, JobState.FAILED, JobState.ABORTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo:
    """
    What the org reports about one job.
    """

    id: str
    state: JobState
    processed: int = 0
    """Records processed, the failed ones included."""
    failed: int = 0
    error_message: str = ""
    changed_at: str = ""
    """When its state last changed, by the org's clock: of a final job, its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """
    Consecutive records of a load file, as the lines they are there.
    """

    lines: bytes
    """UTF-8 CSV, LF, every cell quoted; the header before the first of a file."""
    rows: int
    origin_ids: str
    """Those of all records, 18 characters each with nothing between them."""
    is_first: bool
    """True when a new load file begins with these records."""
    digests: bytes = b""
    """Those of all records, eight bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPart:
    """
    The content of one ingest job.
    """

    object: ApiName
    """The target object."""
    operation: Operation
    number: int
    """Counts from 1 within one object and pass."""
    rows: int
    content: bytes | Path
    """The load file or where it lies: UTF-8 CSV, LF, all cells quoted, header first."""
    first_id: str
    last_id: str
    """Origin ids of the first and last record, for messages."""
    origin_ids: str = ""
    """Those of all records, 18 characters each with nothing between them."""
    digests: bytes = b""
    """Of what is sent for each record, eight bytes each; empty when nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFailure:
    """
    One record that the org refused or did not process.
    """

    object: ApiName
    """The target object."""
    origin_id: str
    code: str
    """Salesforce's status code, `UNPROCESSED` when the org never looked at it."""
    message: str
    """The org's own words."""
    fields: tuple[ApiName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """
    What the extract shows about one column: enough to choose a type, no record.
    """

    rows: int = 0
    blanks: int = 0
    """Rows whose cell is empty."""
    max_length: int = 0
    """The longest text, in characters, after the text rule."""
    max_scale: int = 0
    """The most digits after the decimal point that any number needs."""
    max_integer_digits: int = 0
    """The most digits before the decimal point, leading zeros and signs aside."""
    has_line_breaks: bool = False
    """True when any text holds CR or LF between other characters."""
    values: tuple[str, ...] = ()
    """Distinct cells, sorted; only for columns that were asked for as picklists."""
    distinct: int = 0
    """How many different cells, the empty one aside; 0 when nobody counted."""
    is_more: bool = False
    """True when *distinct* is where the counting stopped."""
    repeats: int = 0
    """Cells of a unique column that another record has too."""
    na_literals: int = 0
    """Cells that are the text `#N/A`, which a load file cannot carry."""
    odd_emails: int = 0
    """Cells of an e-mail column that are no address."""
