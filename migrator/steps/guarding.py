"""
What must be true before records are read or anything is written; all problems at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migrator.model.names import ApiName
from migrator.model.target import Target
from migrator.org.session import Org


def require_full_sight(
    org: Org,
    *,
    objects: Iterable[ApiName],
    seen_fields: Mapping[ApiName, Iterable[str]] | None = None,
    namespace: str = "",
) -> None:
    """
    Returns when the user sees every record and field of *objects*, else DecisionNeeded.

    *seen_fields* are the fields each object is read with (its describe's or extract's),
    compared with what exists; left out, the org is asked. *namespace* names the package
    whose licence must be alive.
    """
    raise NotImplementedError


def require_confirmed(org: Org, yes_production: str | None) -> None:
    """
    Returns when *org* is no production org, or was named exactly.
    """
    raise NotImplementedError


def require_not_foreign(org: Org, target: Target, marker: str) -> None:
    """
    Returns when no component of *target* exists in *org* without *marker*.
    """
    raise NotImplementedError
