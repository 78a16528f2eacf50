"""
Metadata files of an mdapi package: safe parsing and the check against the schema.

The parser is expat with every DOCTYPE refused (so there are no entities to expand);
it keeps the line and column of each element because deploy messages carry them.
Element order is free, as on the real server, but a repeated element must be
contiguous and a single one must not come twice (Metadata API guide, file formats).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from migrator.emulator.metadata.element_tables import ENUMS, TYPES, element_rules
from migrator.emulator.schema.field_types import CUSTOM_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.emulator.metadata.element_tables import ElementRule

__all__ = ["METADATA_NS", "MetadataError", "Node", "parse_metadata", "parse_tree"]

METADATA_NS: Final = "http://soap.sforce.com/2006/04/metadata"
_MAX_DEPTH: Final = 60
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[+-]?\d+\Z")


class MetadataError(Exception):
    """
    A metadata file that the server refuses, with the place in the file.
    """

    def __init__(self, problem: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


@dataclass(slots=True, kw_only=True)
class Node:
    """
    One element: *name* without namespace, its text, its children, its place.
    """

    name: str
    line: int
    column: int
    namespace: str = METADATA_NS
    content: str = ""
    children: list[Node] = field(default_factory=list)
    is_nil: bool = False

    def all(self, name: str) -> list[Node]:
        """
        Return every child called *name*, in file order.
        """
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Node | None:
        """
        Find the first child called *name*, None when there is none.
        """
        return next((child for child in self.children if child.name == name), None)

    def has(self, name: str) -> bool:
        """
        Tell whether *name* is stated at all, whatever its value.
        """
        return self.first(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """
        Return the text of child *name*, *default* when it is absent.
        """
        child = self.first(name)
        return default if child is None else child.content

    def flag(self, name: str, *, default: bool = False) -> bool:
        """
        Read the boolean value of child *name*, *default* when it is absent.
        """
        child = self.first(name)
        return default if child is None else child.content in {"true", "1"}

    def number(self, name: str) -> int | None:
        """
        Read the integer value of child *name*, None when it is absent.
        """
        child = self.first(name)
        return None if child is None or not child.content else int(child.content)

    def walk(self) -> Iterator[Node]:
        """
        Yield this element and everything under it.
        """
        yield self
        for child in self.children:
            yield from child.walk()


class _TreeBuilder:
    """
    Collects expat events into nodes; refuses document types and deep nesting.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.root: Node | None = None
        self._open: list[Node] = []
        self._texts: list[list[str]] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition("}")
        node = Node(
            name=local,
            namespace=namespace,
            line=self.parser.CurrentLineNumber,
            column=self.parser.CurrentColumnNumber + 1,
            is_nil=any(key.endswith("}nil") for key in attributes),
        )
        if len(self._open) >= _MAX_DEPTH:
            raise MetadataError("Error parsing file: nested too deeply", line=node.line)
        if self._open:
            self._open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)
        self._texts.append([])

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        text = "".join(self._texts.pop())
        node.content = text.strip() if node.children else text

    def _characters(self, data: str) -> None:
        if self._texts:
            self._texts[-1].append(data)

    def _doctype(self, *_declaration: object) -> None:
        raise MetadataError(
            "Error parsing file: DOCTYPE is not allowed in metadata files",
            line=self.parser.CurrentLineNumber,
            column=self.parser.CurrentColumnNumber + 1,
        )


def parse_tree(data: bytes) -> Node:
    """
    Parse *data* into its element tree (also used for SOAP envelopes).

    MetadataError for text that is not well-formed, a DOCTYPE, or deep nesting.
    """
    builder = _TreeBuilder()
    try:
        builder.parser.Parse(data, True)  # noqa: FBT003  (expat takes no keywords)
    except expat.ExpatError as error:
        raise MetadataError(
            f"Error parsing file: {expat.errors.messages[error.code]}",
            line=error.lineno,
            column=error.offset + 1,
        ) from error
    if builder.root is None:
        raise MetadataError("Error parsing file: Premature end of file.")
    return builder.root


def parse_metadata(data: bytes, type_name: str) -> Node:
    """
    Parse one metadata file whose root must be *type_name*, and check it by the schema.
    """
    root = parse_tree(data)
    if root.namespace != METADATA_NS or root.name != type_name:
        raise _misplaced(root, type_name)
    if type_name in TYPES:
        check_type(root, type_name)
    return root


def check_type(node: Node, type_name: str) -> None:
    """
    Raise MetadataError unless *node* has the shape of *type_name*.
    """
    rules = element_rules(type_name)
    closed: set[str] = set()
    previous = ""
    for child in node.children:
        rule = rules.get(child.name)
        if rule is None or child.namespace != METADATA_NS:
            raise _misplaced(child, type_name)
        again = child.name == previous and not rule.repeats
        if again or child.name in closed:
            raise MetadataError(
                f"Error parsing file: Element {child.name} is duplicated at this "
                f"location in type {type_name}",
                line=child.line,
                column=child.column,
            )
        if previous and child.name != previous:
            closed.add(previous)
        previous = child.name
        _check_value(child, rule)
    _check_required(node, rules)


def _check_value(child: Node, rule: ElementRule) -> None:
    if rule.type_name in TYPES:
        check_type(child, rule.type_name)
        return
    if rule.type_name == "any":
        return
    if child.children:
        raise _misplaced(child.children[0], rule.name)
    problem = _value_problem(child.content, rule.type_name)
    if problem:
        message = f"Error parsing file: {problem}"
        raise MetadataError(message, line=child.line, column=child.column)
    if rule.type_name != "string":
        child.content = child.content.strip()


def _value_problem(content: str, type_name: str) -> str:
    if type_name == "boolean" and content.strip() not in {"true", "false", "1", "0"}:
        return f"'{content}' is not a valid value for the type xsd:boolean"
    if type_name == "int" and not _INTEGER.match(content.strip()):
        return f"'{content}' is not a valid value for the type xsd:int"
    if type_name in ENUMS and content not in _allowed(type_name):
        return f"'{content}' is not a valid value for the enum '{type_name}'"
    return ""


def _allowed(enum: str) -> frozenset[str]:
    """
    Return the values of *enum*; a field type with a row of its own is one in any
    version.
    """
    more = CUSTOM_TYPES.keys() if enum == "FieldType" else ()
    return ENUMS[enum].union(more)


def _check_required(node: Node, rules: dict[str, ElementRule]) -> None:
    stated = {child.name for child in node.children}
    missing = [r.name for r in rules.values() if r.required and r.name not in stated]
    if missing:
        raise MetadataError(
            f"Required field is missing: {missing[0]}",
            line=node.line,
            column=node.column,
        )


def _misplaced(child: Node, type_name: str) -> MetadataError:
    return MetadataError(
        f"Error parsing file: Element {{{child.namespace}}}{child.name} "
        f"invalid at this location in type {type_name}",
        line=child.line,
        column=child.column,
    )


def escape(text: str) -> str:
    """
    Make *text* safe as XML character data; what XML cannot hold is a replacement sign.
    """
    text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
