"""
The jobs that a journal remembers: what each carries and how far it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.names import ApiName
from migrator.model.records import Operation


class Purpose(StrEnum):
    """
    Why a job is sent.
    """

    LOAD = "load"
    """Records that are not there yet."""
    RENEW = "renew"
    """Records whose source or mapping has changed since."""
    LINK = "link"
    """References that could not be filled while loading."""
    REPAIR = "repair"
    """Records and cells that a comparison found missing or different."""
    UNLOAD = "unload"
    """Records of ours that are taken back."""


class Stage(StrEnum):
    """
    How far a job is known to be; the design note has the meaning of each.
    """

    PLANNED = "planned"
    CREATED = "created"
    CLOSED = "closed"
    CONFIRMED = "confirmed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEntry:
    """
    One row of the journal: an ingest job and how far it is known to be.
    """

    entry: int
    object: ApiName
    """The target object."""
    operation: Operation
    purpose: Purpose
    stage: Stage
    job_id: str
    """Empty while planned."""
    records: int
    planned_at: str
