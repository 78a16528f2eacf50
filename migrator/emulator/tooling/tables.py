"""
The org's own definition as tables: what the Tooling API lists, made when asked for.

Three of them are there for REST, too. What each cannot be asked: `refusals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from migrator.emulator.org.clock import Clock
from migrator.emulator.org.store import Store, quoted
from migrator.emulator.org.users import User
from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema
from migrator.emulator.tooling import rows
from migrator.emulator.tooling.dependencies import dependencies
from migrator.emulator.tooling.rows import Source

# Of these every record has the empty id; what tells them apart is the DurableId.
DEFINITIONS: Final = frozenset(
    {"EntityDefinition", "EntityParticle", "FieldDefinition"}
)
EMPTY_ID: Final = "000000000000000AAA"
_KINDS = {"b": "boolean", "i": "int", "s": "string"}
_COLUMNS: Final = {
    "CustomField": (
        "DeveloperName NamespacePrefix TableEnumOrId>- FullName "
        "EntityDefinitionId>EntityDefinition Description InlineHelpText Length:i "
        "Precision:i Scale:i ManageableState"
    ),
    "CustomObject": (
        "DeveloperName NamespacePrefix Description ManageableState Language"
    ),
    "CustomTab": "DeveloperName NamespacePrefix MasterLabel Motif Type FullName",
    "EntityDefinition": (
        "DurableId QualifiedApiName DeveloperName NamespacePrefix Label PluralLabel "
        "MasterLabel KeyPrefix InternalSharingModel ExternalSharingModel "
        "IsCustomizable:b IsQueryable:b IsCustomSetting:b"
    ),
    "EntityParticle": (
        "DurableId QualifiedApiName Name DeveloperName NamespacePrefix Label "
        "MasterLabel EntityDefinitionId>EntityDefinition "
        "FieldDefinitionId>FieldDefinition DataType ExtraTypeInfo ByteLength:i "
        "Length:i Digits:i Precision:i Scale:i Mask MaskType DefaultValueFormula "
        "InlineHelpText RelationshipName RelationshipOrder:i ReferenceTargetField "
        "IsApiFilterable:b IsApiGroupable:b IsApiSortable:b IsAutonumber:b "
        "IsCalculated:b IsCaseSensitive:b IsComponent:b IsCreatable:b "
        "IsDefaultedOnCreate:b IsDependentPicklist:b IsDeprecatedAndHidden:b "
        "IsEncrypted:b IsFieldHistoryTracked:b IsHtmlFormatted:b IsIdLookup:b "
        "IsNameField:b IsNamePointing:b IsNillable:b IsPermissionable:b IsUnique:b "
        "IsUpdatable:b IsWriteRequiresMasterRead:b"
    ),
    "FieldDefinition": (
        "DurableId QualifiedApiName DeveloperName NamespacePrefix FullName "
        "EntityDefinitionId>EntityDefinition Label MasterLabel DataType Length:i "
        "Precision:i Scale:i IsNillable:b IsIndexed:b IsCalculated:b "
        "IsFieldHistoryTracked:b IsApiFilterable:b RelationshipName Description"
    ),
    "MetadataComponentDependency": (
        "MetadataComponentId MetadataComponentName! MetadataComponentNamespace "
        "MetadataComponentType RefMetadataComponentId RefMetadataComponentName! "
        "RefMetadataComponentNamespace RefMetadataComponentType"
    ),
}
_ROWS: Final[dict[str, Callable[[Source], Iterator[dict[str, Any]]]]] = {
    "CustomField": rows.custom_fields,
    "CustomObject": rows.custom_objects,
    "CustomTab": rows.custom_tabs,
    "EntityDefinition": rows.entities,
    "EntityParticle": rows.particles,
    "FieldDefinition": rows.field_definitions,
    "MetadataComponentDependency": dependencies,
}


def _column(spelled: str) -> FieldDef:
    """
    Read `Name`, `Name:kind`, `Name>Parent` (`-`: none), `Name!` for what no query
    filters.
    """
    if ">" in spelled:
        name, _, parent = spelled.partition(">")
        is_joined = parent != "-"
        return FieldDef(
            name=name,
            label=name,
            type="reference",
            reference_to=(parent,) if is_joined else (),
            relationship_name=name.removesuffix("Id") if is_joined else None,
            takes_names=True,
            custom=False,
        )
    name, _, kind = spelled.partition(":")
    bare = name.rstrip("!")
    raw = {"filterable": False} if bare != name else {}
    return FieldDef(
        name=bare,
        label=bare,
        type=_KINDS[kind or "s"],
        length=255,
        custom=False,
        raw=raw,
    )


def _table(name: str, columns: str) -> ObjectDef:
    key = FieldDef(name="Id", label="Id", type="id", length=18, custom=False)
    return ObjectDef(
        name=name,
        label=name,
        label_plural=name,
        key_prefix=None,
        fields=(key, *map(_column, columns.split())),
        custom=False,
        setup=True,
    )


TABLES: Final = {name: _table(name, text) for name, text in _COLUMNS.items()}
_BY_LOWER: Final = {name.lower(): name for name in TABLES}


def table_name(name: str) -> str | None:
    """
    Find the table called *name* in any case, None when there is none.
    """
    return _BY_LOWER.get(name.lower())


class _SeesAll:
    """
    No rights narrow the tables; their rows are made for one user already.
    """

    def may_use(self, _user: User, _definition: ObjectDef, _action: str) -> bool:
        """
        Say yes, always.
        """
        return True

    def may_read(self, _user: User, _owner: ObjectDef, _field: FieldDef) -> bool:
        """
        Say yes, always.
        """
        return True

    def has(self, _user: User, _permission: str) -> bool:
        """
        Say yes, always.
        """
        return True

    def visible_sql(
        self, _user: User, _definition: ObjectDef, _alias: str
    ) -> str | None:
        """
        Set no condition.
        """
        return None


@dataclass(frozen=True, slots=True)
class DefinitionTables:
    """
    A database of the tables for one query; the rows stand in the org's own store
    until `drop`.
    """

    lock: Any
    clock: Clock
    store: Store
    schema: Schema
    permissions: _SeesAll

    def drop(self) -> None:
        """
        Take the tables out of the store again.
        """
        for each in self.schema:
            self.store.drop_table(each.name)


def definition_tables(source: Source, name: str) -> DefinitionTables:
    """
    Fill the table *name* and the tables it leads to from *source*.

    The caller holds the org's lock until the query has its rows.
    """
    schema, waiting = Schema(), [name]
    while waiting:
        current = waiting.pop()
        if current in schema:
            continue
        table = TABLES[current]
        schema.add_object(table)
        _fill(source, table)
        waiting += [parent for each in table.fields for parent in each.reference_to]
    org = source.org
    return DefinitionTables(org.lock, org.clock, org.store, schema, _SeesAll())


def _fill(source: Source, table: ObjectDef) -> None:
    store = source.org.store
    # An org on disk that was killed within such a query still has the table.
    store.connection.execute(f"DROP TABLE IF EXISTS {quoted(table.name)}")
    store.create_table(table)
    made = _ROWS[table.name](source)
    store.insert_many(table.name, [_stored(row) for row in made])


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: int(value)
        if isinstance(value, bool)
        else str(value)
        if isinstance(value, int)
        else value
        for name, value in row.items()
    }
