"""
The register of findings: one row for each thing the program may have to say.

A rule that finds something calls the row, `codes.NO_ENTRY().at(owner, field)`; level,
sentence and remedy stand nowhere else. `make docs` prints the rows as
`docs/findings.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from migrator.model.codes import (
    check,
    check_values,
    copy,
    deploy,
    describe,
    extract,
    plan,
    reconcile,
    review,
)
from migrator.model.finding import Code

ROOMS = (describe, extract, plan, check, check_values, review, deploy, copy, reconcile)
"""In the order of the journey."""


def rows(room: ModuleType) -> Iterator[tuple[str, Code]]:
    """
    Yield the rows of one *room* with the names that the code calls them by, in its
    order.
    """
    for name, value in vars(room).items():
        if isinstance(value, Code):
            yield name, value


CODES = {code.word: code for room in ROOMS for _, code in rows(room)}
"""Every row, by its word."""


def setting_of(word: str) -> str:
    """
    Return the setting that findings of the code *word* are about; empty for the whole
    entry.

    So it is for a word that no row has: an older version wrote it into a mapping that
    is read today. Such a finding keeps its level and its sentence, and the next `plan`
    writes what is found now in its place.
    """
    code = CODES.get(word)
    return code.setting if code else ""
