"""
The Tooling API: what exists in the org, whoever may see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from migrator.model.names import ApiName, bare, namespace_of
from migrator.org.rest import RestClient
from migrator.org.soql import SoqlClient, literal

OBJECT_ID = "01I"
"""How the ids of custom objects begin."""
ID_LENGTH = 15
"""The part of an id that tells; three more characters restate the case of these."""


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
        Return API names of all custom fields of *object_name*, hidden ones included,
        sorted.

        Describe, FieldDefinition and SOQL leave out what field-level security hides;
        Tooling `CustomField` does not. Its TableEnumOrId is a standard object's name
        and a custom object's 01I id.
        """
        return self.custom_fields_of([object_name])[object_name]

    def custom_fields_of(
        self, objects: Iterable[ApiName]
    ) -> dict[ApiName, tuple[ApiName, ...]]:
        """
        Return the same for many objects, in two queries however many they are.
        """
        found: dict[ApiName, tuple[ApiName, ...]] = {}
        for name, rows in self._field_rows(objects, ()).items():
            found[name] = tuple(sorted(map(_api_name, rows)))
        return found

    def descriptions_of(
        self, objects: Iterable[ApiName]
    ) -> dict[ApiName, dict[ApiName, str]]:
        """
        Return the descriptions of all custom fields of *objects*, empty where there is
        none.
        """
        return {
            name: {_api_name(row): str(row["Description"] or "") for row in rows}
            for name, rows in self._field_rows(objects, ("Description",)).items()
        }

    def _field_rows(
        self, objects: Iterable[ApiName], more: Iterable[str]
    ) -> dict[ApiName, list[dict[str, Any]]]:
        found: dict[ApiName, list[dict[str, Any]]] = {name: [] for name in objects}
        tables = self._tables(found)
        if not tables:
            return found
        columns = ("DeveloperName", "NamespacePrefix", "TableEnumOrId", *more)
        rows = self.query(
            f"SELECT {', '.join(columns)} FROM CustomField "  # noqa: S608
            f"WHERE TableEnumOrId IN ({_listed(tables)})"
        )
        for row in rows:
            owner = tables.get(_table(str(row["TableEnumOrId"])))
            if owner is not None:
                found[owner].append(row)
        return found

    def custom_object_names(self) -> tuple[ApiName, ...]:
        """
        Return API names of all custom objects in the org, sorted.

        Custom metadata types and events are listed by Tooling as well and appear here
        with `__c`: ask for a component before calling a name taken.
        """
        rows = self.query("SELECT DeveloperName, NamespacePrefix FROM CustomObject")
        return tuple(sorted({_api_name(row) for row in rows}))

    def marked_objects(self, marker: str) -> tuple[ApiName, ...]:
        """
        Return API names of the custom objects whose description holds *marker*, sorted.
        """
        rows = self.query(
            "SELECT DeveloperName, NamespacePrefix, Description FROM CustomObject"
        )
        return tuple(
            sorted(
                _api_name(row) for row in rows if marker in (row["Description"] or "")
            )
        )

    def _tables(self, objects: Iterable[ApiName]) -> dict[str, ApiName]:
        """
        Each of *objects* by its TableEnumOrId; those that do not exist are absent.
        """
        tables: dict[str, ApiName] = {}
        custom: dict[tuple[str, str], ApiName] = {}
        for name in objects:
            if name.endswith("__c"):
                key = (namespace_of(name) or "").casefold(), bare(name).casefold()
                custom[key] = name
            else:
                tables[name] = name
        if not custom:
            return tables
        names = sorted({bare(name) for name in custom.values()})
        rows = self.query(
            "SELECT Id, DeveloperName, NamespacePrefix FROM CustomObject "  # noqa: S608
            f"WHERE DeveloperName IN ({_listed(names)})"
        )
        for row in rows:
            key = (
                str(row.get("NamespacePrefix") or "").casefold(),
                str(row["DeveloperName"]).casefold(),
            )
            if key in custom:
                tables[_table(str(row["Id"]))] = custom[key]
        return tables


def _table(spelled: str) -> str:
    """
    Return a standard object's name, or a custom object's id in its short form.
    """
    return spelled[:ID_LENGTH] if spelled.startswith(OBJECT_ID) else spelled


def _listed(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _api_name(row: dict[str, Any]) -> ApiName:
    namespace = row.get("NamespacePrefix")
    prefix = f"{namespace}__" if namespace else ""
    return ApiName(f"{prefix}{row['DeveloperName']}__c")
