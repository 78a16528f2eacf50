"""
The jobs that a journal remembers: what each carries and how far it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.model.names import ApiName
from migrator.model.records import Operation

DIGEST_BYTES = 8
NO_LINKS = (1).to_bytes(DIGEST_BYTES, "little")
"""The digest of a record that holds no reference of the second pass."""


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
class Basis:
    """
    What the records of one object are made from in one run.
    """

    extract: str = ""
    """Which extract of the object (`ExtractMeta.key`)."""
    method: str = ""
    """How digests are worked out (`rules.copy.convert.digest`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecords:
    """
    What one turn of the journal says about records of an object that are stored.

    Later turns overrule earlier ones, record by record.
    """

    turn: int = 0
    """The number that the journal has given it; 0 when it is not written yet."""
    origin_ids: str
    """Those of all its records, 18 characters each with nothing between them."""
    digests: bytes | None = None
    """
    Eight bytes for each record, little-endian: of the values that it holds. None when
    the turn has not touched them, empty when nobody knows them any more.
    """
    links: bytes | None = None
    """The same for the references of the second pass; or one digest for them all."""
    basis: Basis = Basis()
    until: str = ""
    """
    A record changed later than this, ISO 8601, was changed by somebody else. Empty
    when the org has not said when it was done.
    """


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
