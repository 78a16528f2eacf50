"""
The check of a whole mapping: every mistake at once, as findings.
"""

from __future__ import annotations

from collections.abc import Mapping as Table

from migrator.model.describe import ObjectDescribe
from migrator.model.finding import Finding
from migrator.model.mapping import Mapping
from migrator.model.names import ApiName


def check(
    mapping: Mapping, describes: Table[ApiName, ObjectDescribe] | None = None
) -> tuple[Finding, ...]:
    """
    What is wrong or risky in *mapping*; with *describes*, compared with them as well.
    """
    raise NotImplementedError
