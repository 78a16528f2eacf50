"""
The Tooling API: what exists in the org, whoever may see it.
"""

from __future__ import annotations

from typing import Any

from migrator.model.names import ApiName


class ToolingClient:
    """
    Queries on the org's own definition; not filtered by field-level security.
    """

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        All records of a Tooling query, every page.
        """
        raise NotImplementedError

    def custom_fields(self, object_name: ApiName) -> tuple[ApiName, ...]:
        """
        API names of all custom fields of *object_name*, hidden ones included, sorted.
        """
        raise NotImplementedError

    def custom_object_names(self) -> tuple[ApiName, ...]:
        """
        API names of all custom objects in the org, sorted.
        """
        raise NotImplementedError
