"""
What exists while a deployment is checked: the org's objects and those of the zip.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.emulator.schema.describes import MAX_SHORT_AREA
from migrator.emulator.schema.field_types import CUSTOM_TYPES, Holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.emulator.metadata.xml_tree import Node
    from migrator.emulator.schema.schema import FieldDef, ObjectDef, Schema

__all__ = ["Catalog", "FieldFacts", "ObjectFacts", "field_kind", "node_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """
    What other components need to know about a field.
    """

    name: str
    kind: str
    custom: bool = True
    required: bool = False
    permissionable: bool = True
    has_formula: bool = False
    indexed: bool = False
    tracked: bool = False
    long_text: int = 0
    reference_to: tuple[str, ...] = ()
    relationship_name: str = ""


@dataclass(slots=True, kw_only=True)
class ObjectFacts:
    """
    What other components need to know about an object.
    """

    name: str
    custom: bool
    managed: bool
    has_history: bool = False
    sharing_model: str = ""
    fields: dict[str, FieldFacts] = field(default_factory=dict)

    def masters(self) -> list[FieldFacts]:
        """
        Return the master-detail fields.
        """
        return [each for each in self.fields.values() if each.kind == "MasterDetail"]


def field_kind(definition: FieldDef) -> str:
    """
    Name the metadata FieldType of a field known by its describe.
    """
    if definition.is_master_detail:
        return "MasterDetail"
    if definition.auto_number:
        return "AutoNumber"
    if definition.calculated and definition.formula is None and definition.is_numeric:
        return "Summary"
    if definition.type == "textarea":
        if definition.html_formatted or definition.extra_type_info == "richtextarea":
            return "Html"
        return "LongTextArea" if definition.length > MAX_SHORT_AREA else "TextArea"
    return definition.api.metadata


def node_facts(node: Node) -> FieldFacts:
    """
    Gather the facts of a field that is being deployed.
    """
    kind = node.text("type")
    required = node.flag("required")
    reference = node.text("referenceTo")
    return FieldFacts(
        name=node.text("fullName"),
        kind=kind,
        required=required,
        permissionable=not required and kind != "MasterDetail",
        has_formula=node.has("formula"),
        indexed=node.flag("unique") or node.flag("externalId"),
        tracked=node.flag("trackHistory"),
        long_text=(node.number("length") or 0) * _is_long_text(kind),
        reference_to=(reference,) if reference else (),
        relationship_name=node.text("relationshipName"),
    )


def _is_long_text(kind: str) -> bool:
    known = CUSTOM_TYPES.get(kind)
    return known is not None and known.is_long_text


def _def_facts(definition: FieldDef) -> FieldFacts:
    return FieldFacts(
        name=definition.name,
        kind=field_kind(definition),
        custom=definition.custom,
        required=not definition.nillable and definition.holds is not Holds.FLAG,
        permissionable=definition.permissionable,
        has_formula=definition.calculated,
        tracked=definition.metadata.get("trackHistory") is True,
        long_text=definition.length * _is_long_text(field_kind(definition)),
        indexed=definition.custom and (definition.unique or definition.external_id),
        reference_to=definition.reference_to,
        relationship_name=(definition.child_relationship_name or "").removesuffix(
            "__r"
        ),
    )


def _object_facts(definition: ObjectDef) -> ObjectFacts:
    return ObjectFacts(
        name=definition.name,
        custom=definition.custom,
        managed=definition.custom and definition.namespace is not None,
        has_history=bool(definition.metadata.get("enableHistory")),
        sharing_model=definition.sharing_model,
        fields={each.name.lower(): _def_facts(each) for each in definition.fields},
    )


class Catalog:
    """
    Objects and fields by name, any case; what the zip adds lies over the org's.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._own: dict[str, ObjectFacts] = {}
        self.deleted: set[tuple[str, str]] = set()
        self.tabs: set[str] = set()
        self.applications: set[str] = set()
        self.custom_permissions: set[str] = set()

    def get(self, name: str) -> ObjectFacts | None:
        """
        Find the object called *name*, None when neither org nor zip has it.
        """
        known = self._own.get(name.lower())
        if known is None:
            definition = self._schema.get(name)
            if definition is None:
                return None
            known = self._own[name.lower()] = _object_facts(definition)
        return known

    def add_object(self, facts: ObjectFacts) -> None:
        """
        Put an object of the zip into the catalog, keeping the org's fields.
        """
        before = self.get(facts.name)
        if before is not None:
            facts.fields = before.fields | facts.fields
        self._own[facts.name.lower()] = facts

    def field(self, object_name: str, field_name: str) -> FieldFacts | None:
        """
        Find a field of an object, None when there is none.
        """
        owner = self.get(object_name)
        return owner.fields.get(field_name.lower()) if owner else None

    def taken_by(self, parent: str, relationship: str) -> Iterator[str]:
        """
        Yield `Object.Field` of each child of *parent* with that relationship name.
        """
        names = {each.name.lower() for each in self._schema} | set(self._own)
        wanted = relationship.lower()
        if (parent.lower(), wanted) in self.deleted:
            yield "a deleted field"
        for name in sorted(names):
            child = self.get(name)
            for each in child.fields.values() if child else ():
                points = parent.lower() in {one.lower() for one in each.reference_to}
                if points and each.relationship_name.lower() == wanted:
                    yield f"{child.name}.{each.name}" if child else ""
