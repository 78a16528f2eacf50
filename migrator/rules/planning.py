"""
The proposal: describes, and what the extract shows, become a mapping to review.
"""

from __future__ import annotations

from collections.abc import Mapping as Table

from migrator.model.describe import ObjectDescribe
from migrator.model.mapping import Mapping
from migrator.model.migration import Migration, OrgFacts
from migrator.model.names import ApiName
from migrator.model.records import Observed

Profile = Table[tuple[ApiName, str], Observed]
"""What the extract shows, by source object and extract column (SOQL path)."""


def plan(
    describes: Table[ApiName, ObjectDescribe],
    migration: Migration,
    org_facts: OrgFacts | None = None,
    observed: Profile | None = None,
    previous: Mapping | None = None,
) -> Mapping:
    """
    The mapping that is proposed for *migration*, every source field exactly once.

    *describes* holds the migrated objects and, where known, the objects they refer to.
    """
    raise NotImplementedError
