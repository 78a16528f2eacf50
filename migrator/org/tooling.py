"""
The Tooling API: what exists in the org, whoever may see it.
"""

from __future__ import annotations

from typing import Any

from migrator.model.names import ApiName, bare, namespace_of
from migrator.org.rest import RestClient
from migrator.org.soql import SoqlClient, literal


class ToolingClient:
    """
    Queries on the org's own definition; not filtered by field-level security.
    """

    def __init__(self, rest: RestClient) -> None:
        self._soql = SoqlClient(rest, "tooling/query")

    def query(self, soql: str) -> list[dict[str, Any]]:
        """
        All records of a Tooling query, every page.
        """
        return self._soql.query(soql)

    def custom_fields(self, object_name: ApiName) -> tuple[ApiName, ...]:
        """
        API names of all custom fields of *object_name*, hidden ones included, sorted.

        Describe, FieldDefinition and SOQL leave out what field-level security hides;
        Tooling `CustomField` does not. Its TableEnumOrId is a standard object's name
        and a custom object's 01I id.
        """
        tables = self._table_ids(object_name)
        if not tables:
            return ()
        spelled = ", ".join(literal(each) for each in tables)
        rows = self.query(
            "SELECT DeveloperName, NamespacePrefix FROM CustomField "  # noqa: S608
            f"WHERE TableEnumOrId IN ({spelled})"
        )
        return tuple(sorted({_api_name(row) for row in rows}))

    def custom_object_names(self) -> tuple[ApiName, ...]:
        """
        API names of all custom objects in the org, sorted.

        Custom metadata types and events are listed by Tooling as well and appear here
        with `__c`: ask for a component before calling a name taken.
        """
        rows = self.query("SELECT DeveloperName, NamespacePrefix FROM CustomObject")
        return tuple(sorted({_api_name(row) for row in rows}))

    def _table_ids(self, object_name: ApiName) -> tuple[str, ...]:
        if not object_name.endswith("__c"):
            return (object_name,)
        namespace = namespace_of(object_name)
        rows = self.query(
            "SELECT Id, NamespacePrefix FROM CustomObject "  # noqa: S608
            f"WHERE DeveloperName = {literal(bare(object_name))}"
        )
        wanted = (namespace or "").casefold()
        return tuple(
            str(row["Id"])
            for row in rows
            if (row.get("NamespacePrefix") or "").casefold() == wanted
        )


def _api_name(row: dict[str, Any]) -> ApiName:
    namespace = row.get("NamespacePrefix")
    prefix = f"{namespace}__" if namespace else ""
    return ApiName(f"{prefix}{row['DeveloperName']}__c")
