"""
What the org refuses in one field or object definition, table by table.

Each rule yields the sentence the real org answers with. Sources: the CustomField and
CustomObject pages of the Metadata API guide, and collected deploy failures; the
sentences nobody has published are listed as such in COVERAGE.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from migrator.emulator.schema.field_types import (
    CUSTOM_TYPES,
    FORMULA_ELEMENTS,
    CustomType,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.emulator.metadata.xml_tree import Node

__all__ = ["Problem", "field_problems", "object_problems"]

MAX_NAME: Final = 40
_API_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*\Z")
_SUFFIXES: Final = (
    "__c or __kav or __x or __b or __e or __p or __mdt or __dll or __dlm or __s"
)

# A formula computes its value: no default, and a text formula has no length.
_NOT_NEEDED_BY_FORMULA: Final = frozenset({"defaultValue", "length"})

_FORMULA_LIMIT: Final = 3_900
_CHARACTERS: Final = 15_000
_SHARING: Final = frozenset({"ControlledByParent", "Private", "Read", "ReadWrite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One refusal: the org's sentence and where the file provokes it.
    """

    text: str
    line: int
    column: int
    kind: str = "Error"


def problem_at(node: Node, text: str, kind: str = "Error") -> Problem:
    """
    Make a refusal *text* that points at *node*.
    """
    return Problem(text=text, line=node.line, column=node.column, kind=kind)


def field_problems(field: Node) -> Iterator[Problem]:
    """
    Yield everything wrong with a custom *field* that can be seen without the org.
    """
    kind = field.text("type")
    known = CUSTOM_TYPES.get(kind, CustomType(word=kind, api=""))
    for rule in _FIELD_RULES:
        for text in rule(field, known):
            yield problem_at(field, text)


def name_problems(full_name: str, what: str) -> Iterator[str]:
    """
    Yield what is wrong with the API name *full_name* of a *what* (with its suffix).
    """
    stem, suffix = full_name[:-3], full_name[-3:]
    if suffix != "__c":
        yield f"fullName must end with: {_SUFFIXES}"
        return
    bare = stem.split("__", 1)[1] if re.match(r"[A-Za-z0-9]+__.", stem) else stem
    if not _API_NAME.match(bare):
        yield (
            f"The {what} name can only contain alphanumeric characters, must begin "
            "with a letter, cannot end with an underscore or contain two consecutive "
            "underscore characters"
        )
    if len(bare) > MAX_NAME:
        yield f"{what} name too long, maximum is: {MAX_NAME}"


def _names(field: Node, _known: CustomType) -> Iterator[str]:
    full_name = field.text("fullName")
    if not full_name.endswith("__c"):
        yield "Could not resolve standard field's name."
        return
    yield from name_problems(full_name, "field")


def _texts(field: Node, known: CustomType) -> Iterator[str]:
    if not known.word:
        yield "Must specify a type for the CustomField"
    if not field.text("label").strip():
        yield "Must specify a non-empty label for the CustomField"
    for element, limit in (
        ("label", MAX_NAME),
        ("relationshipLabel", 80),
        ("description", 1_000),
        ("inlineHelpText", 510),
    ):
        yield from too_long(field, element, limit)


def too_long(node: Node, element: str, limit: int) -> Iterator[str]:
    """
    Refuse a text *element* longer than *limit* characters.
    """
    value = node.text(element)
    if len(value) > limit:
        name = element[:1].upper() + element[1:]
        yield f"{name}: data value too large: {value} (max length={limit})"


def _foreign_elements(field: Node, known: CustomType) -> Iterator[str]:
    if known.word not in CUSTOM_TYPES:
        if known.word:
            yield f"Cannot create a CustomField of type {known.word}"
        return
    foreign = FORMULA_ELEMENTS.union(*(each.elements for each in CUSTOM_TYPES.values()))
    foreign -= known.elements
    for child in field.children:
        if child.name not in foreign:
            continue
        if child.name == "lookupFilter":
            yield "Lookup filters are only supported on Lookup Relationship Fields"
        elif child.name == "caseSensitive" and child.content == "false":
            continue
        else:
            yield cannot(child.name, known.word)


def cannot(element: str, kind: str) -> str:
    """
    Refuse an *element* that the field type *kind* does not take.
    """
    return f"Can not specify '{element}' for a CustomField of type {kind}"


def _needed_elements(field: Node, known: CustomType) -> Iterator[str]:
    for element in known.needs.split():
        if field.text(element).strip() or _has_children(field, element):
            continue
        if field.has("formula") and element in _NOT_NEEDED_BY_FORMULA:
            continue
        yield f"Must specify '{element}' for a CustomField of type {known.word}"


def _has_children(field: Node, element: str) -> bool:
    child = field.first(element)
    return child is not None and bool(child.children)


def _required(field: Node, known: CustomType) -> Iterator[str]:
    if known.word == "MasterDetail" and field.has("required"):
        yield "Master-Detail Relationship Fields Cannot be Optional or Required"
    elif field.flag("required") and not known.may_be_required:
        yield cannot("required", known.word)
    elif field.flag("required") and field.has("formula"):
        yield "Can not specify required for CustomFields that have a formula"


def _unique(field: Node, known: CustomType) -> Iterator[str]:
    for element in ("unique", "externalId"):
        if not field.flag(element):
            continue
        if field.has("formula"):
            yield f"Can not specify {element} for CustomFields that have a formula"
        elif known.is_picklist:
            yield "Invalid data type."
        elif not known.may_be_unique:
            yield cannot(element, known.word)
    if field.flag("caseSensitive") and not field.flag("unique"):
        yield "Can not specify 'caseSensitive' for a CustomField that is not unique"
    if known.is_picklist and field.flag("trackTrending"):
        yield "Invalid data type."


def _lengths(field: Node, known: CustomType) -> Iterator[str]:
    length = field.number("length")
    if known.lengths and length is not None:
        low, high = known.lengths
        if length < low:
            yield f"Invalid length, minimum is: {low}"
        if length > high:
            yield f"Invalid length, maximum is: {high}"
    lines = field.number("visibleLines")
    if known.lines and lines is not None:
        low, high = known.lines
        if not low <= lines <= high:
            yield f"Visible Lines must be between {low} and {high}"


def _digits(field: Node, known: CustomType) -> Iterator[str]:
    precision, scale = field.number("precision"), field.number("scale")
    if known.word == "Location" and scale is not None and not 0 <= scale <= 15:
        yield "Decimal places must be an integer between 0 and 15"
    if not known.has_digits or precision is None or scale is None:
        return
    if not 1 <= precision <= 18 or not 0 <= scale <= 17 or scale > precision:
        yield (
            "The sum of length and decimal places must be an integer less than or "
            f"equal to 18 (precision {precision}, scale {scale})"
        )


def _formula(field: Node, _known: CustomType) -> Iterator[str]:
    length = len(field.text("formula"))
    if field.has("formula") and not length:
        yield "Must specify a non-empty formula for the CustomField"
    if length > _FORMULA_LIMIT:
        yield (
            f"Formula is too long ({length:,} characters). "
            f"Maximum length is {_FORMULA_LIMIT:,} characters"
        )


def _summary(field: Node, known: CustomType) -> Iterator[str]:
    if known.word != "Summary":
        return
    for element in ("summaryForeignKey", "summarizedField"):
        value = field.text(element)
        if value and "." not in value:
            yield "Must specify the name in the CustomObject.CustomField format"
    counts = field.text("summaryOperation") == "count"
    if counts and field.has("summarizedField"):
        yield (
            "Custom Field Definition ID: bad value for restricted picklist field: "
            f"{field.text('summarizedField')}"
        )
    if not counts and not field.has("summarizedField"):
        yield "Must specify 'summarizedField' for a CustomField of type Summary"


def _value_set(field: Node, known: CustomType) -> Iterator[str]:
    value_set = field.first("valueSet")
    if not known.is_picklist or value_set is None:
        return
    definition = value_set.first("valueSetDefinition")
    if (definition is None) == (not value_set.text("valueSetName")):
        yield (
            "Value set must reference a value set name or define a value set, "
            "but not both"
        )
    if definition is not None:
        yield from _picklist_values(definition.all("value"))
        yield from _characters(value_set)
    most = known.most_values
    if definition is not None and len(definition.all("value")) > most:
        yield f"Picklist has too many values, maximum is: {most}"


def _characters(value_set: Node) -> Iterator[str]:
    """
    Refuse too many characters: all values of an unrestricted list share one allowance.
    """
    names = [each.text("fullName") for each in value_set.walk() if each.name == "value"]
    if not value_set.flag("restricted") and sum(map(len, names)) > _CHARACTERS:
        yield f"Picklist has too many characters, maximum is: {_CHARACTERS}"


def _picklist_values(values: list[Node]) -> Iterator[str]:
    names: set[str] = set()
    labels: set[str] = set()
    for value in values:
        name = value.text("fullName")
        label = value.text("label", name)
        if not name.strip() or len(name) > 255:
            yield f"Invalid fullName ({name})"
        if name.casefold() in names:
            yield f"duplicate value found: [{name}] is defined multiple times"
        elif label.casefold() in labels:
            yield f"Duplicate label: {label}"
        names.add(name.casefold())
        labels.add(label.casefold())
    if sum(value.flag("default") for value in values) > 1:
        yield "Only one picklist value can be the default value"


def _relationship(field: Node, known: CustomType) -> Iterator[str]:
    name = field.text("relationshipName")
    if len(name) > MAX_NAME:
        yield "relationship name too long"
    elif name and not _API_NAME.match(name):
        yield (
            "The Child Relationship Name can only contain alphanumeric characters, "
            "must begin with a letter, cannot end with an underscore or contain two "
            "consecutive underscore characters"
        )
    if known.word != "Lookup":
        return
    constraint = field.text("deleteConstraint") or "SetNull"
    if constraint == "Cascade":
        yield "If you want to cascade delete, please contact salesforce.com"
    if field.flag("required") and constraint == "SetNull":
        yield (
            "must specify either cascade delete or restrict delete for required "
            "lookup foreign key"
        )


_FIELD_RULES: Final = (
    _names,
    _texts,
    _foreign_elements,
    _needed_elements,
    _required,
    _unique,
    _lengths,
    _digits,
    _formula,
    _summary,
    _value_set,
    _relationship,
)


def object_problems(definition: Node, full_name: str) -> Iterator[Problem]:
    """
    Yield everything wrong with the object level of a custom object's *definition*.

    *full_name* comes from the file's name; fields are judged by themselves.
    """
    for text in _object_texts(definition, full_name):
        yield problem_at(definition, text)


def _object_texts(definition: Node, full_name: str) -> Iterator[str]:
    yield from name_problems(full_name, "object")
    if not definition.text("label").strip():
        yield "Must specify a non-empty label for the CustomObject"
        return
    if not definition.text("pluralLabel").strip():
        yield "Must specify a non-empty pluralLabel for the CustomObject"
    for element, limit in (("label", 40), ("pluralLabel", 40), ("description", 1_000)):
        yield from too_long(definition, element, limit)
    yield from _name_field(definition.first("nameField"))
    for element in ("deploymentStatus", "sharingModel"):
        if not definition.text(element):
            yield f"Must specify a {element} for the CustomObject"
    yield from _sharing(definition)
    yield from _switches(definition)


def _name_field(name_field: Node | None) -> Iterator[str]:
    kind = "" if name_field is None else name_field.text("type")
    if name_field is None or kind not in {"Text", "AutoNumber"}:
        yield "Must specify a nameField of type Text or AutoNumber"
        return
    if not name_field.text("label").strip():
        yield "Must specify a non-empty label for the nameField"
    yield from too_long(name_field, "label", MAX_NAME)
    if kind == "AutoNumber" and not name_field.text("displayFormat"):
        yield "Must specify 'displayFormat' for a CustomField of type AutoNumber"


def _sharing(definition: Node) -> Iterator[str]:
    model = definition.text("sharingModel")
    if model and model not in _SHARING:
        yield f"Cannot set sharingModel to {model} on a CustomObject"
    external = definition.text("externalSharingModel")
    order = ("Private", "Read", "ReadWrite")
    if external in order and model in order:
        if order.index(external) > order.index(model):
            yield (
                "External sharing model cannot be more permissive than the internal "
                "sharing model"
            )
    elif "ControlledByParent" in {external, model} and external not in {"", model}:
        yield f"Cannot set externalSharingModel to {external} with {model}"


def _switches(definition: Node) -> Iterator[str]:
    trio = ("enableBulkApi", "enableSharing", "enableStreamingApi")
    if len({definition.flag(name) for name in trio}) > 1:
        yield (
            "enableBulkApi, enableSharing and enableStreamingApi must have the same "
            "value"
        )
    if definition.flag("enableEnhancedLookup") and not definition.flag("enableSearch"):
        yield "Enhanced lookup requires search to be enabled"
