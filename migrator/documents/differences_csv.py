"""
Every difference with both values, for the private folder only.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.verdict import Difference


def differences_csv(differences: Iterable[Difference]) -> bytes:
    """
    The content of `report/private/differences.csv`, safe to open in a spreadsheet.
    """
    raise NotImplementedError
