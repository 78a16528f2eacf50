"""
SOQL over REST: small queries, counts and aggregates.
"""

from __future__ import annotations

from typing import Any

from migrator.model.names import ApiName


def literal(text: str) -> str:
    """
    *text* as a quoted SOQL literal.
    """
    raise NotImplementedError


class SoqlClient:
    """
    Queries whose answers are small enough to hold; records come from `bulk`.
    """

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        All records of *soql*, every page, without `attributes`.
        """
        raise NotImplementedError

    def aggregate(self, soql: str) -> list[dict[str, Any]]:
        """
        The rows of a query with aggregates, keyed by alias.
        """
        raise NotImplementedError

    def count(self, object_name: ApiName, where: str = "") -> int:
        """
        How many records of *object_name* the user sees, those of *where* only.
        """
        raise NotImplementedError
