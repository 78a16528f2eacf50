"""
The check of `unique`: what may be unique, and stays so.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.finding import Level, Remark
from migrator.model.mapping import FieldMapping


def check_unique(entry: FieldMapping) -> Iterator[Remark]:
    """
    What is wrong with an entry that is to be unique.
    """
    if entry.type is None:
        return
    may_differ = entry.unique and entry.type.row.may_be_case_sensitive
    if entry.case_sensitive and not may_differ:
        yield _blocker("case_sensitive is for a unique Text alone.", "remove it")
    if not entry.unique:
        return
    if not entry.type.row.may_be_unique:
        yield _blocker(f"{entry.type} cannot be unique.", "remove `unique`")
    if entry.rule or entry.loses:
        yield _blocker(
            "Values that are changed or cut may become equal, and the org would refuse "
            "all but the first.",
            "remove `unique`",
        )


def _blocker(message: str, remedy: str) -> Remark:
    return Remark(level=Level.BLOCKER, code="unique", message=message, remedy=remedy)
