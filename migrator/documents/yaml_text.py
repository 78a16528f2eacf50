"""
YAML as people edit it: every scalar is text, every mistake has a line.

YAML's guesses are what spoils such files (`NO` a boolean, `012` ten, a date a date),
so none are made here; what a text means is decided by the model's types. Anchors,
aliases, tags and second documents have no use in a file that is reviewed line by line,
and are refused; so are repeated keys, of which one would win silently.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from migrator.errors import MappingError

MAX_CHARACTERS = 20_000_000
"""Some hundred times a large mapping; more is some other file."""
_MAX_DEPTH = 12
_PLAIN_SIGNS = frozenset(" _.,;()/%+-'…")
_RESERVED = frozenset(
    ("true", "false", "yes", "no", "on", "off", "y", "n", "null", "none")
)

Path = tuple[str | int, ...]


def scalar(text: str) -> str:
    """
    *text* as a YAML scalar: plain where no reader could take it for anything else,
    else in double quotes.
    """
    if _is_plain(text):
        return text
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def flow(value: Any) -> str:
    """
    *value* on one line, in brackets and braces.
    """
    if isinstance(value, dict):
        pairs = (f"{_flow_scalar(key)}: {flow(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(flow, value))}]"
    return str(value) if isinstance(value, int) else _flow_scalar(str(value))


def _flow_scalar(text: str) -> str:
    """
    *text* as a scalar between brackets, where a comma would end it.
    """
    spelled = scalar(text)
    if "," not in text or spelled.startswith('"'):
        return spelled
    return f'"{text}"'


def _is_plain(text: str) -> bool:
    return (
        text[:1].isalpha()
        and not text.endswith(" ")
        and text.casefold() not in _RESERVED
        and all(sign.isalnum() or sign in _PLAIN_SIGNS for sign in text)
    )


def _escaped(sign: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if sign in short:
        return short[sign]
    # isprintable leaves out control characters, odd blanks and unassigned characters,
    # some of which YAML readers refuse or fold.
    if sign.isprintable():
        return sign
    number = ord(sign)
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """
    A part of a document that spells nothing the program knows, and where it stands.
    """

    line: int
    path: Path
    sentence: str


@dataclass(slots=True)
class Tree:
    """
    A YAML document as lists, dicts and text, with the line of every part.
    """

    content: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """
        Return the line of *path*, or of the nearest part around it that has one.
        """
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: Path) -> object:
        """
        Return what stands at *path*; None when nothing does.
        """
        found: Any = self.content
        for part in path:
            inside = isinstance(found, dict) and part in found
            if isinstance(found, list) and isinstance(part, int):
                inside = part < len(found)
            if not inside:
                return None
            found = found[part]
        return found

    def report(self, path: Path, sentence: str) -> None:
        """
        Note a mistake at *path*.
        """
        self.mistakes.append(
            Mistake(line=self.line(path), path=path, sentence=sentence)
        )


def read_tree(text: str, *, file: str) -> Tree:
    """
    Return the tree that *text* spells, with the mistakes that do not stop the reading.

    Raises MappingError when *text* is no YAML at all; *file* names it there.
    """
    if len(text) > MAX_CHARACTERS:
        raise MappingError(
            [f"{file}: {len(text):,} characters; expected at most {MAX_CHARACTERS:,}"]
        )
    try:
        return _Reader(yaml.parse(text.removeprefix("\ufeff"), yaml.CSafeLoader)).read()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(
            [f"{file}:{line}: no YAML: {error.problem or error.context}"],
            hint="mend the line; quotes and indentation are the usual reasons",
        ) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise MappingError(
            [f"{file}: holds a character YAML has no room for"]
        ) from error


_Event = Any
"""An event of PyYAML, whose classes share no typed attributes."""


class _Reader:
    def __init__(self, events: Iterator[_Event]) -> None:
        self._events = events
        self._tree = Tree()

    def read(self) -> Tree:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            elif isinstance(event, yaml.NodeEvent):
                if documents > 1:
                    self._report(event, (), "a second document; expected only one")
                    break
                self._tree.content = self._value(event, ())
        return self._tree

    def _value(self, event: _Event, path: Path) -> Any:
        self._tree.lines.setdefault(path, _line(event))
        self._refuse(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        if isinstance(event, yaml.ScalarEvent):
            # Nothing after the colon is nothing, but quotes with nothing inside are
            # an empty text.
            return None if event.value == "" and not event.style else event.value
        return None

    def _refuse(self, event: _Event, path: Path) -> None:
        if len(path) > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem="nested too deeply", problem_mark=event.start_mark
            )
        if event.anchor is not None:
            word = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            self._report(event, path, f"{word} ({event.anchor}); write the value out")
        if getattr(event, "tag", None) is not None:
            self._report(event, path, f"a tag ({event.tag}); values have none here")

    def _mapping(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            inner = (*path, key)
            if key in made:
                self._report(event, inner, "stands here twice; keep one of them")
            self._tree.lines[inner] = _line(event)
            made[key] = self._value(next(self._events), inner)
        return {key: value for key, value in made.items() if value is not None}

    def _key(self, event: _Event, path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse(event, path)
            return str(event.value)
        self._report(event, path, "a key that is no plain word")
        self._value(event, (*path, "?"))
        return "?"

    def _list(self, path: Path) -> list[Any]:
        made: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            made.append(self._value(event, (*path, len(made))))
        return ["" if each is None else each for each in made]

    def _report(self, event: _Event, path: Path, sentence: str) -> None:
        self._tree.mistakes.append(
            Mistake(line=_line(event), path=path, sentence=sentence)
        )


def _line(event: _Event) -> int:
    return int(event.start_mark.line) + 1


_Model = TypeVar("_Model")


def strict_adapter(model: type[_Model]) -> TypeAdapter[tuple[_Model]]:
    """
    Return an adapter for `validated` that refuses unknown settings.

    The model's dataclasses know nothing of pydantic, and it takes such a rule for a
    dataclass only from around it: hence the tuple. A name that Python keeps for itself
    has an underscore at its end there, and none in the document.
    """
    wrapped: Any = tuple[model]  # type: ignore[valid-type]
    config = ConfigDict(
        extra="forbid", alias_generator=lambda name: name.removesuffix("_")
    )
    return TypeAdapter(wrapped, config=config)


def validated(adapter: TypeAdapter[tuple[_Model]], tree: Tree) -> _Model | None:
    """
    Return what *adapter* makes of the content of *tree*; None when it cannot, and then
    the reasons are among the tree's mistakes.
    """
    try:
        return adapter.validate_python([tree.content])[0]
    except ValidationError as error:
        for each in error.errors(include_url=False):
            tree.report(tuple(each["loc"][1:]), _sentence(each))
        return None


_SENTENCES = {
    "missing": "is missing",
    "dataclass_type": "expected settings (key: value)",
    "tuple_type": "expected a list",
    "string_type": "expected text",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "date_from_datetime_parsing": "expected a date such as 2026-12-31",
    "date_parsing": "expected a date such as 2026-12-31",
    "unexpected_keyword_argument": "is no setting here; mend its spelling or remove it",
}


def _sentence(error: ErrorDetails) -> str:
    kind = error["type"]
    context = error.get("ctx") or {}
    if kind == "value_error":
        return str(context["error"])
    if kind == "enum":
        return f"{error['input']!r}: expected {context['expected']}{_near(error)}"
    return _SENTENCES.get(kind, error["msg"])


def _near(error: ErrorDetails) -> str:
    words = str((error.get("ctx") or {})["expected"]).replace(" or ", ", ").split(", ")
    close = difflib.get_close_matches(
        str(error["input"]), [word.strip("'") for word in words], n=1
    )
    return f"; did you mean {close[0]}?" if close else ""
