"""
What a reviewer wants to know of an extract's columns besides what types need.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from migrator.model.describe import ObjectDescribe
from migrator.model.kinds.row import Family
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.rundir.snapshots import Extract

MAX_COUNTED = 1_000
"""Distinct values are counted this far: beyond it the number decides nothing."""
SAMPLES = 3
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_NOT_AVAILABLE = "#N/A"
_PICKLISTS = {Family.PICKLIST, Family.MULTISELECT}


@dataclass(slots=True)
class _Tally:
    """
    What was counted of one column so far.
    """

    values: set[str] = field(default_factory=set)
    is_more: bool = False
    na_literals: int = 0
    odd_emails: int = 0

    def add(self, cells: Any, *, is_email: bool) -> None:
        """
        Count one part's *cells*, a column without its blanks.
        """
        self.na_literals += int((cells == _NOT_AVAILABLE).sum())
        if is_email:
            self.odd_emails += int((~cells.str.contains(_EMAIL)).sum())
        if not self.is_more:
            different = cells.unique()
            self.values.update(different.head(MAX_COUNTED + 1).to_list())
            self.is_more = len(self.values) > MAX_COUNTED


def profile(
    extract: Extract, name: ApiName, described: ObjectDescribe | None
) -> dict[str, Observed]:
    """
    Return what the records of *name* show about every extracted column; *described*
    says which hold picklist values and e-mail addresses.

    One part of the extract is in memory at a time.
    """
    columns = extract.columns(name)
    fields = described.fields if described else ()
    emails = {each.name for each in fields if each.type == "email"}
    picklists = {each.name for each in fields if each.row.family in _PICKLISTS}
    uniques = {each.name: each.case_sensitive for each in fields if each.unique}
    observed = extract.observe(
        name,
        columns,
        [column for column in columns if column in picklists],
        {column: uniques[ApiName(column)] for column in columns if column in uniques},
    )
    tallies = {column: _Tally() for column in columns}
    for frame in extract.frames(name, columns):
        for column, tally in tallies.items():
            cells = frame[column].drop_nulls()
            tally.add(cells.filter(cells != ""), is_email=column in emails)
    return {
        column: replace(
            observed[column],
            distinct=min(len(tally.values), MAX_COUNTED),
            is_more=tally.is_more,
            na_literals=tally.na_literals,
            odd_emails=tally.odd_emails,
        )
        for column, tally in tallies.items()
    }


def samples(extract: Extract, name: ApiName) -> dict[str, tuple[str, ...]]:
    """
    Return a few different cells of every column, from the first part of the extract.
    """
    columns = extract.columns(name)
    frame = next(iter(extract.frames(name, columns)), None)
    if frame is None:
        return {}
    return {column: _first(frame[column].drop_nulls()) for column in columns}


def _first(cells: Any) -> tuple[str, ...]:
    different = cells.filter(cells != "").unique(maintain_order=True)
    return tuple(str(each) for each in different.head(SAMPLES).to_list())


def masked(text: str) -> str:
    """
    *text* with every letter and digit replaced; signs, blanks and length stay.
    """
    return "".join(_masked(sign) for sign in text)


def _masked(sign: str) -> str:
    if sign.isdigit():
        return "9"
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return sign if sign in " .,;:-_/@+()" else "*"
