"""
`mapping.yaml` read: the reviewed decision as text becomes the model.

The file is a plain spelling of `model.mapping`: each setting under its own name,
defaults left out of the field entries. Validation is pydantic's over the model's own
dataclasses; every message is led back to the line it is about.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from migrator.documents import yaml_text
from migrator.documents.mapping.consistency import check_entries
from migrator.documents.mapping.schema import mapping_adapter
from migrator.documents.yaml_text import Tree, read_tree, validated
from migrator.errors import MappingError
from migrator.model.codes import setting_of
from migrator.model.mapping import MAPPING_VERSION, MappedObject, Mapping
from migrator.model.treatment import CARRYING_NOTHING

HINT = "mend the lines and run the command again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """
    What is told about one line of the file: a mistake in it, or a blocker.
    """

    line: int
    sentence: str
    """`mapping.yaml:214, Object.Field.setting: what is wrong`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    What a file spells, as far as it can be read.
    """

    mapping: Mapping | None
    """Without the entries that have mistakes; None when nothing could be read."""
    mistakes: tuple[Complaint, ...]
    left_out: frozenset[tuple[str, str]]
    """(object, field) of the entries with mistakes; an empty field for an object."""
    lines: dict[tuple[str, str, str], int]
    """By object, field and setting; empty names for the thing around."""


def parse_mapping(text: str, *, file: str) -> Mapping:
    """
    Return the mapping that *text* spells; *file* names it in messages.

    Raises MappingError with every mistake, each with file, line and field.
    """
    tree = read_tree(text, file=file)
    mapping = _whole(tree)
    if mapping is None or tree.mistakes:
        mistakes = _mistakes(tree, file)
        raise MappingError([each.sentence for each in mistakes], hint=HINT)
    return mapping


def read_mapping(text: str, *, file: str) -> Reading:
    """
    Return the same with all that can be read in spite of mistakes, so that it can be
    checked.

    Raises MappingError when *text* is no YAML or of another version.
    """
    tree = read_tree(text, file=file)
    mapping = _whole(tree)
    lines = _setting_lines(tree)
    mistakes = _mistakes(tree, file)
    if not mistakes:
        assert mapping is not None
        left: frozenset[tuple[str, str]] = frozenset()
        return Reading(mapping=mapping, mistakes=(), left_out=left, lines=lines)
    if not _has_objects(tree):
        none: frozenset[tuple[str, str]] = frozenset()
        return Reading(mapping=None, mistakes=mistakes, left_out=none, lines=lines)
    left_out = _take_out_mistakes(tree)
    rest = _without_gaps(tree)
    mapping = validated(mapping_adapter(), rest)
    if mapping is not None:
        check_entries(mapping, rest)
    return Reading(
        mapping=mapping,
        mistakes=(*mistakes, *_mistakes(rest, file)),
        left_out=left_out,
        lines=lines,
    )


def _whole(tree: Tree) -> Mapping | None:
    if _refuses_version(tree):
        return None
    _complete(tree.content)
    mapping = validated(mapping_adapter(), tree)
    if mapping is not None:
        check_entries(mapping, tree)
    return mapping


def _has_objects(tree: Tree) -> bool:
    if not isinstance(tree.content, dict):
        return False
    objects = tree.content.get("objects")
    return isinstance(objects, list) and all(isinstance(o, dict) for o in objects)


def _take_out_mistakes(tree: Tree) -> frozenset[tuple[str, str]]:
    """
    Remove from *tree* the entries, or else the objects, that mistakes lie in.
    """
    spots = {each.path for each in tree.mistakes if each.path[:1] == ("objects",)}
    listed = {path[1] for path in spots if len(path) > 1 and _has_fields(tree, path)}
    for path in [path for path in spots if _is_optional(path)]:
        spots.remove(path)
        tree.content["objects"][path[1]].pop(path[2], None)
    entries = {
        path[:4]
        for path in spots
        if len(path) > 3 and path[2] == "fields" and path[1] in listed
    }
    others = {path[:2] for path in spots if len(path) > 1 and path[:4] not in entries}
    names = frozenset(_names_at(tree, path) for path in entries | others)
    for path in sorted(entries, key=str, reverse=True):
        tree.content["objects"][path[1]]["fields"][path[3]] = None
    for path in others:
        tree.content["objects"][path[1]] = None
    return names


def _without_gaps(tree: Tree) -> Tree:
    """
    *tree* without the objects and entries that are None, lines and all.
    """
    objects = tree.content["objects"]
    moved: dict[yaml_text.Path, yaml_text.Path] = {}
    for new, old in enumerate(_kept(objects)):
        moved["objects", old] = ("objects", new)
        fields = objects[old].get("fields")
        if isinstance(fields, list):
            places = list(_kept(fields))
            for to, at in enumerate(places):
                moved["objects", old, "fields", at] = ("objects", new, "fields", to)
            objects[old]["fields"] = [fields[at] for at in places]
    content = {**tree.content, "objects": [o for o in objects if o is not None]}
    lines = {_moved(path, moved): line for path, line in tree.lines.items()}
    return Tree(content=content, lines=lines)


def _kept(items: Sequence[object]) -> Iterator[int]:
    yield from (at for at, each in enumerate(items) if each is not None)


def _moved(
    path: yaml_text.Path, moved: dict[yaml_text.Path, yaml_text.Path]
) -> yaml_text.Path:
    for length in (4, 2):
        if path[:length] in moved:
            return (*moved[path[:length]], *path[length:])
    return path if path[:1] != ("objects",) or len(path) == 1 else ("gone", *path)


def _has_fields(tree: Tree, path: yaml_text.Path) -> bool:
    return isinstance(tree.at((*path[:2], "fields")), list)


_OPTIONAL = {
    each.name
    for each in dataclasses.fields(MappedObject)
    if each.default is not dataclasses.MISSING
}


def _is_optional(path: yaml_text.Path) -> bool:
    """
    Return True for a setting of an object that the rest can be judged without.
    """
    return len(path) > 2 and path[2] in _OPTIONAL


def _setting_lines(tree: Tree) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for path, line in tree.lines.items():
        if path[:1] != ("objects",) or len(path) not in {2, 3, 4, 5}:
            continue
        if len(path) > 3 and path[2] != "fields":
            continue
        owner, source = _names_at(tree, path if len(path) > 3 else path[:2])
        setting = str(path[-1]) if len(path) in {3, 5} else ""
        found.setdefault((owner, source, setting), line)
    return found


def _refuses_version(tree: Tree) -> bool:
    if not isinstance(tree.content, dict):
        tree.report((), "expected a mapping with version, namespace and objects")
        return True
    version = tree.content.get("version", str(MAPPING_VERSION))
    is_other = bool(version != str(MAPPING_VERSION))
    if is_other:
        tree.report(
            ("version",),
            f"{version!r}: this program reads version {MAPPING_VERSION}",
        )
    return is_other


def _complete(content: dict[str, Any]) -> None:
    """
    Add to *content* what the file leaves to its layout: `skip` has no target, and a
    finding is about the entry it stands in.
    """
    for mapped in _dicts(content.get("objects")):
        owner = mapped.get("source")
        for finding in _dicts(mapped.get("findings")):
            finding.setdefault("object", owner)
            _restore_setting(finding)
        for entry in _dicts(mapped.get("fields")):
            if entry.get("treatment") in CARRYING_NOTHING:
                entry.setdefault("target", None)
                entry.setdefault("type", None)
            for finding in _dicts(entry.get("findings")):
                finding.setdefault("object", owner)
                finding.setdefault("field", entry.get("source"))
                _restore_setting(finding)


def _restore_setting(finding: dict[str, Any]) -> None:
    """
    Add to *finding* what it is about, which its code says and the file does not.
    """
    finding.setdefault("setting", setting_of(str(finding.get("code"))))


def _dicts(items: object) -> Iterator[dict[str, Any]]:
    if isinstance(items, list):
        yield from (each for each in items if isinstance(each, dict))


def _mistakes(tree: Tree, file: str) -> tuple[Complaint, ...]:
    """
    Return the mistakes of *tree* in the order of the file, each once.
    """
    ordered = sorted(tree.mistakes, key=lambda each: each.line)
    found = (
        Complaint(
            line=each.line,
            sentence=f"{file}:{each.line}, {_place(tree, each.path)}: {each.sentence}",
        )
        for each in ordered
    )
    return tuple({each.sentence: each for each in found}.values())


def _place(tree: Tree, path: yaml_text.Path) -> str:
    if path[:1] != ("objects",) or len(path) < 2:
        return ".".join(str(part) for part in path) or "the document"
    inside = path[2] == "fields" if len(path) > 3 else False
    owner, source = _names_at(tree, path if inside else path[:2])
    rest = path[4:] if inside else path[2:]
    parts = (owner, source, *(str(part) for part in rest))
    return ".".join(part for part in parts if part)


def _names_at(tree: Tree, path: yaml_text.Path) -> tuple[str, str]:
    """
    Return the source names of the object and, for a longer *path*, the field it lies
    in.
    """
    owner = _source(tree.at(path[:2]), f"objects[{path[1]}]")
    if len(path) < 4:
        return owner, ""
    return owner, _source(tree.at(path[:4]), f"{path[2]}[{path[3]}]")


def _source(entry: object, otherwise: str) -> str:
    found = entry.get("source") if isinstance(entry, dict) else None
    return found if isinstance(found, str) and found else otherwise
