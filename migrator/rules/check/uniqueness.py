"""
The check of `unique`: what may be unique, and stays so.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.codes import check as codes
from migrator.model.finding import Finding
from migrator.model.mapping import FieldMapping


def check_unique(entry: FieldMapping) -> Iterator[Finding]:
    """
    Yield what is wrong with an entry that is to be unique.
    """
    if entry.type is None:
        return
    may_differ = entry.unique and entry.type.row.may_be_case_sensitive
    if entry.case_sensitive and not may_differ:
        yield codes.CASE_SENSITIVE_ALONE()
    if not entry.unique:
        return
    if not entry.type.row.may_be_unique:
        yield codes.UNIQUE_TYPE(type=entry.type)
    if entry.rule or entry.loses:
        yield codes.UNIQUE_AFTER_CHANGES()
