"""
What a reconciliation found: counts, totals and every cell that differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from migrator.model.finding import Finding, blockers
from migrator.model.names import ApiName
from migrator.model.row_rule import Excluded
from migrator.model.value_rule import Changed


class Damage(StrEnum):
    """
    The kinds of difference between a source record and its copy.
    """

    MISSING = "missing record"
    SURPLUS = "surplus record"
    DUPLICATE = "duplicate record"
    VALUE = "different value"
    PARENT = "different parent"
    EMPTY = "value lost"
    COUNT = "different count"
    """What was read is not what the org counts; names no record."""
    ORIGIN = "field of another source"
    """The org's field says it holds another source field than the one compared."""
    UNCOMPARED = "field not compared"
    """The org's field names a source field that the mapping does not have."""
    TOTAL = "different total"
    """
    What was read does not add up to the org's own sum, or the copies add up to another
    sum than their cells account for; names no record.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    One difference, named by record and field; the values stay in `report/private/`.
    """

    object: ApiName
    """The source object."""
    origin_id: str
    damage: Damage
    source_field: str = ""
    """The source column; empty when the whole record differs."""
    target_field: ApiName | None = None
    source_value: str = ""
    """For the private report only, as is *target_value*."""
    target_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """
    The sum of one amount for one currency and year, on both sides.
    """

    field: ApiName
    """The source field."""
    currency: str
    year: int | None
    source: Decimal
    target: Decimal
    agreed: Decimal = Decimal(0)
    """What agreed losses and value rules make of the difference, target less source."""
    unexplained: Decimal = Decimal(0)
    """What neither they nor the records and cells named as different account for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """
    How many cells an agreed `loses:` touched.
    """

    field: ApiName
    agreed: str
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncompared:
    """
    Copied values that there was nothing to compare with.
    """

    field: ApiName
    """The source field."""
    cells: int
    why: str
    """Half a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVerdict:
    """
    One object's part of the reconciliation.
    """

    source: ApiName
    target: ApiName
    source_records: int
    """Those that `rows:` leaves in."""
    target_records: int
    cells_compared: int
    differences: int
    normalised: int = 0
    """Cells equal only after the text rule (line breaks, outer blanks)."""
    snapshot_cells: int = 0
    """Cells of clock-reading formulas, compared with the extract."""
    totals: tuple[Total, ...] = ()
    losses: tuple[Loss, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    """Source records that have no copy on purpose, by reason."""
    changed: tuple[Changed, ...] = ()
    """Records whose copy holds another value on purpose, by value rule."""
    by_field: tuple[tuple[str, int], ...] = ()
    """(source column, number of differing cells), the most first."""
    not_compared: tuple[Uncompared, ...] = ()
    """Mapped columns of which nothing is proved."""
    digest: str = ""
    """SHA-256 of the file with the digests of all target records; empty without one."""


class Result(StrEnum):
    """
    What a reconciliation comes to, the worst first.
    """

    DIFFERS = "differs"
    """A cell, a record, a count or a total is not what the source says."""
    OPEN = "open"
    """Nothing differs, but something was not compared or a person must decide."""
    EMPTY = "empty"
    """Neither side has records: no evidence of anything."""
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """
    One person and how much of the mapping stands under that name.
    """

    by: str
    entries: int
    last_on: str
    """The latest approval, as ISO 8601 in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """
    Copies of one object that were mended after an earlier comparison.
    """

    target: ApiName
    inserted: int
    updated: int
    """Times that cells of a record were sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    The whole reconciliation, as the report prints it.
    """

    org_id: str
    org_name: str
    migration_id: str
    made_at: datetime
    mapping_digest: str
    unreviewed: int
    """Mapping entries that nobody had approved as they stand."""
    objects: tuple[ObjectVerdict, ...]
    examples: tuple[Difference, ...]
    """The first differences of each object; all of them are in the private file."""
    approvers: tuple[Approver, ...] = ()
    """Who approved the mapping, as far as it was."""
    made_by: str = ""
    """The username that read both sides."""
    findings: tuple[Finding, ...] = ()
    """What a reader of the report should know besides the differences."""
    repairs: tuple[Repair, ...] = ()
    """What earlier comparisons led to."""

    @property
    def differences(self) -> int:
        """
        Differing cells and records over all objects.
        """
        return sum(each.differences for each in self.objects)

    @property
    def result(self) -> Result:
        """
        The whole in one word; only `EQUAL` is proof of a complete copy.
        """
        if self.differences:
            return Result.DIFFERS
        is_open = any(each.not_compared for each in self.objects)
        if is_open or blockers(self.findings):
            return Result.OPEN
        compared = any(each.cells_compared for each in self.objects)
        return Result.EQUAL if compared else Result.EMPTY
