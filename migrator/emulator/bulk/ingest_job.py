"""
An ingest job and its columns: values that the job's steps share.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from migrator.emulator.org.users import User
    from migrator.emulator.records.dml import DmlCall
    from migrator.emulator.schema.schema import FieldDef

__all__ = ["Column", "IngestJob"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One column: its *header* as uploaded, the *key* DML knows it by.

    *field* is None for a relationship column (`Parent__r.Key__c`). *readable* are
    texts met lately that can be read as the field's type.
    """

    header: str
    key: str
    field: FieldDef | None
    readable: set[str] = dataclass_field(default_factory=set, compare=False)

    @property
    def is_miscased(self) -> bool:
        """
        Whether the header is right but for upper and lower case.
        """
        return self.field is not None and self.header != self.key

    def shown(self, *, is_success: bool) -> str:
        """
        Return the header in a result file.
        """
        return self.key if is_success and self.field else self.header


@dataclass(slots=True, kw_only=True)
class IngestJob:
    """
    One ingest job; only its worker and its state changes write to it.
    """

    id: str
    user: User
    version: str
    operation: str
    object_name: str
    external_id_field: str | None
    delimiter: str
    line_ending: str
    created: datetime
    modified: datetime
    folder: Path
    state: str = "Open"
    processed: int = 0
    failed: int = 0
    retries: int = 0
    total: int | None = None
    error_message: str | None = None
    started: float = 0.0
    total_ms: int = 0
    active_ms: int = 0
    columns: list[Column] = dataclass_field(default_factory=list)
    call: DmlCall | None = None
    abort_wanted: bool = False
    ended: threading.Event = dataclass_field(default_factory=threading.Event)

    @property
    def upload(self) -> Path:
        """
        The uploaded data.
        """
        return self.folder / f"{self.id}.csv"

    def result_file(self, kind: str) -> Path:
        """
        Name the file of the `success` or `failed` rows so far.
        """
        return self.folder / f"{self.id}-{kind}.csv"
