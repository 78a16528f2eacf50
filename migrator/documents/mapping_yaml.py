"""
`mapping.yaml`: the reviewed decision as text, and back.

The file is a plain spelling of `model.mapping`: each setting under its own name,
defaults left out of the field entries. Validation is pydantic's over the model's own
dataclasses; every message is led back to the line it is about.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from migrator.documents import yaml_text
from migrator.documents.environment import make_environment, render
from migrator.documents.yaml_text import (
    Tree,
    flow,
    read_tree,
    scalar,
    strict_adapter,
    validated,
)
from migrator.errors import MappingError
from migrator.model.appearance import View
from migrator.model.finding import Finding
from migrator.model.labels import Labels, ValueLabels
from migrator.model.mapping import (
    APPROVAL,
    MAPPING_VERSION,
    FieldMapping,
    MappedObject,
    Mapping,
    RowRule,
    Treatment,
)
from migrator.model.value_rule import ValueRule

SCHEMA_FILE = "mapping.schema.json"
"""Named by the first line of the mapping; editors look for it beside the file."""
TEMPLATE = "mapping.yaml.j2"

HINT = "mend the lines and run the command again"


@functools.cache
def _adapter() -> TypeAdapter[tuple[Mapping]]:
    return strict_adapter(Mapping)


# -- Reading --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """
    One thing that is wrong in the file.
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
    mistakes: tuple[Mistake, ...]
    left_out: frozenset[tuple[str, str]]
    """(object, field) of the entries with mistakes; an empty field for an object."""
    lines: dict[tuple[str, str, str], int]
    """By object, field and setting; empty names for the thing around."""


def parse_mapping(text: str, *, file: str) -> Mapping:
    """
    The mapping that *text* spells; *file* names it in messages.

    Raises MappingError with every mistake, each with file, line and field.
    """
    tree = read_tree(text, file=file)
    mapping = _whole(tree)
    if mapping is None or tree.problems:
        mistakes = _mistakes(tree, file)
        raise MappingError([each.sentence for each in mistakes], hint=HINT)
    return mapping


def read_mapping(text: str, *, file: str) -> Reading:
    """
    The same with all that can be read in spite of mistakes, so that it can be checked.

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
    mapping = validated(_adapter(), rest)
    if mapping is not None:
        _check_entries(mapping, rest)
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
    mapping = validated(_adapter(), tree)
    if mapping is not None:
        _check_entries(mapping, tree)
    return mapping


def _has_objects(tree: Tree) -> bool:
    if not isinstance(tree.content, dict):
        return False
    objects = tree.content.get("objects")
    return isinstance(objects, list) and all(isinstance(o, dict) for o in objects)


def _take_out_mistakes(tree: Tree) -> frozenset[tuple[str, str]]:
    """
    Removes from *tree* the entries, or else the objects, that problems lie in.
    """
    spots = {each.path for each in tree.problems if each.path[:1] == ("objects",)}
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
    True for a setting of an object that the rest can be judged without.
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
    Adds to *content* what the file leaves to its layout: `skip` has no target, and a
    finding is about the entry it stands in.
    """
    for mapped in _dicts(content.get("objects")):
        owner = mapped.get("source")
        for finding in _dicts(mapped.get("findings")):
            finding.setdefault("object", owner)
        for entry in _dicts(mapped.get("fields")):
            if entry.get("treatment") == Treatment.SKIP:
                entry.setdefault("target", None)
                entry.setdefault("type", None)
            for finding in _dicts(entry.get("findings")):
                finding.setdefault("object", owner)
                finding.setdefault("field", entry.get("source"))


def _dicts(items: object) -> Iterator[dict[str, Any]]:
    if isinstance(items, list):
        yield from (each for each in items if isinstance(each, dict))


def _check_entries(mapping: Mapping, tree: Tree) -> None:
    """
    Reports what single values cannot show: repeated entries, settings that do not fit
    together.
    """
    _refuse_repeated([each.source for each in mapping.objects], ("objects",), tree)
    for number, mapped in enumerate(mapping.objects):
        place: yaml_text.Path = ("objects", number, "fields")
        _refuse_repeated([each.source for each in mapped.fields], place, tree)
        _check_rows(mapped, ("objects", number, "rows"), tree)
        for position, entry in enumerate(mapped.fields):
            for setting, sentence in _misfits(entry):
                tree.report((*place, position, setting), sentence)


def _check_rows(mapped: MappedObject, place: yaml_text.Path, tree: Tree) -> None:
    for number, rule in enumerate(mapped.rows):
        given = rule.exclude.operators
        if len(given) != 1:
            found = ", ".join(given) or "none"
            tree.report(
                (*place, number, "exclude"),
                "expected exactly one of is, is_not, blank, not_blank, before, after; "
                f"found {found}",
            )


def _refuse_repeated(names: Sequence[str], place: yaml_text.Path, tree: Tree) -> None:
    first: dict[str, int] = {}
    for position, name in enumerate(names):
        if name.casefold() in first:
            line = tree.line((*place, first[name.casefold()]))
            tree.report((*place, position), f"a second entry; the first is line {line}")
        first.setdefault(name.casefold(), position)


def _misfits(entry: FieldMapping) -> Iterator[tuple[str, str]]:
    if entry.treatment is Treatment.SKIP:
        if entry.targets or entry.type or entry.rule:
            yield "treatment", "skip carries nothing; remove target and type, or copy"
        return
    if entry.target is None:
        yield "target", "is missing; only skip has none"
    if entry.type is None:
        yield "type", "is missing; only skip has none"
    if bool(entry.name_source) != bool(entry.name_target):
        yield "name_target", "name_source and name_target go together"
    if entry.rule is not None and len(entry.rule.actions) != 1:
        given = ", ".join(entry.rule.actions) or "none"
        wanted = "constant, map, default, truncate, concatenate, owners"
        yield "rule", f"expected exactly one of {wanted}; found {given}"
    if entry.original_target and entry.rule is None:
        yield "original_target", "goes with a rule, and there is none"
    if entry.original_type and not entry.original_target:
        yield "original_type", "is the type of original_target, which is missing"


def _mistakes(tree: Tree, file: str) -> tuple[Mistake, ...]:
    """
    The problems of *tree* in the order of the file, each once.
    """
    ordered = sorted(tree.problems, key=lambda each: each.line)
    found = (
        Mistake(
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
    The source names of the object and, for a longer *path*, the field it lies in.
    """
    owner = _source(tree.at(path[:2]), f"objects[{path[1]}]")
    if len(path) < 4:
        return owner, ""
    return owner, _source(tree.at(path[:4]), f"{path[2]}[{path[3]}]")


def _source(entry: object, otherwise: str) -> str:
    found = entry.get("source") if isinstance(entry, dict) else None
    return found if isinstance(found, str) and found else otherwise


# -- Writing --------------------------------------------------------------------------

_Value = str | tuple[str, ...] | dict[str, str]
_IN_BLOCKS = ("fields", "findings", "rows", "layout", "list_views")
"""Settings of an object that are lists of blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """
    One block of the file as the template prints it: all values are YAML already.
    """

    settings: tuple[tuple[str, _Value], ...]
    rows: tuple[_Block, ...] = ()
    layout: tuple[_Block, ...] = ()
    list_views: tuple[_Block, ...] = ()
    findings: tuple[_Block, ...] = ()
    fields: tuple[_Block, ...] = ()


def render_mapping(mapping: Mapping, *, templates: Sequence[Path]) -> str:
    """
    *mapping* as YAML for people; `mapping.yaml.j2` is looked for in *templates*.

    Raises TemplateError when the template cannot be printed.
    """
    values = {
        "schema": SCHEMA_FILE,
        "settings": _settings(mapping, leave_out=("objects", "text")),
        "text": _settings(mapping.text),
        "objects": tuple(_object_block(each) for each in mapping.objects),
    }
    return render(make_environment(templates), TEMPLATE, values)


def _object_block(mapped: MappedObject) -> _Block:
    return _Block(
        settings=_settings(mapped, leave_out=_IN_BLOCKS),
        rows=tuple(_row_block(each) for each in mapped.rows),
        layout=tuple(
            _Block(settings=_settings(each, defaults=False)) for each in mapped.layout
        ),
        list_views=tuple(_view_block(each) for each in mapped.list_views),
        findings=tuple(
            _finding_block(each, keep_field=True) for each in mapped.findings
        ),
        fields=tuple(_entry_block(each) for each in mapped.fields),
    )


def _view_block(view: View) -> _Block:
    filters = tuple(
        flow({name: text for name, text in dataclasses.asdict(each).items() if text})
        for each in view.filters
    )
    settings = _settings(view, leave_out=("filters",), defaults=False)
    asked = (("filters", filters),) if filters else ()
    return _Block(settings=(*settings, *asked))


def _row_block(rule: RowRule) -> _Block:
    inside = []
    for key, value in _settings(rule.exclude, defaults=False):
        text = flow(getattr(rule.exclude, key)) if isinstance(value, tuple) else value
        inside.append(f"{key.removesuffix('_')}: {text}")
    exclude = f"{{{', '.join(inside)}}}"
    others = _settings(rule, leave_out=("exclude",), defaults=False)
    return _Block(settings=(("exclude", exclude), *others))


def _entry_block(entry: FieldMapping) -> _Block:
    settings = _settings(entry, leave_out=("findings",), defaults=False)
    return _Block(
        settings=settings,
        findings=tuple(_finding_block(each) for each in entry.findings),
    )


def _finding_block(finding: Finding, *, keep_field: bool = False) -> _Block:
    left_out = ("object",) if keep_field else ("object", "field")
    return _Block(settings=_settings(finding, leave_out=left_out, defaults=False))


def _settings(
    part: Any, *, leave_out: Sequence[str] = (), defaults: bool = True
) -> tuple[tuple[str, _Value], ...]:
    """
    The settings of a dataclass in its own order, without what is None and, unless
    *defaults*, without what is the default.

    The status is always shown: it is what a reviewer changes.
    """
    shown = []
    for each in dataclasses.fields(part):
        if not each.init:
            continue
        value = getattr(part, each.name)
        is_default = value == each.default and each.name != "status"
        if isinstance(value, Labels | ValueLabels) and not value:
            continue
        if each.name in leave_out or value is None or (is_default and not defaults):
            continue
        shown.append((each.name, _yaml(value)))
    return tuple(shown)


def _plain_settings(rule: ValueRule) -> Iterator[tuple[str, Any]]:
    for each in dataclasses.fields(rule):
        value = getattr(rule, each.name)
        if value != each.default:
            yield each.name, value


def _in_language(texts: str | Labels) -> str:
    return scalar(texts) if isinstance(texts, str) else flow(dict(texts.pairs))


def _yaml(value: Any) -> _Value:
    if isinstance(value, Labels | ValueLabels):
        return {scalar(each): _in_language(texts) for each, texts in value.pairs}
    if isinstance(value, tuple):
        return tuple(scalar(each) for each in value)
    if isinstance(value, ValueRule):
        return flow({n: v for n, v in _plain_settings(value) if v})
    if isinstance(value, date):
        return scalar(value.isoformat())
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else scalar(str(value))


# -- Schema and digest ----------------------------------------------------------------


def mapping_schema() -> dict[str, Any]:
    """
    The JSON schema that editors check `mapping.yaml` with.
    """
    parts = _adapter().json_schema()["$defs"]
    entry = parts["FieldMapping"]
    entry["required"] = [n for n in entry["required"] if n not in {"target", "type"}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Mapping",
        "$defs": parts,
        "title": "mapping.yaml",
    }


def render_mapping_schema() -> str:
    """
    `mapping_schema` as the text of `mapping.schema.json`.
    """
    return json.dumps(mapping_schema(), indent=1, sort_keys=True) + "\n"


def mapping_digest(mapping: Mapping) -> str:
    """
    A SHA-256 over what *mapping* decides: not its layout, reasons, findings or status.
    """
    (content,) = _adapter().dump_python((mapping,), mode="json")
    for mapped in content["objects"]:
        del mapped["findings"]
        _drop_empty(mapped, "labels", "plural_labels", "name_labels")
        for rule in mapped["rows"]:
            for remark in ("why", "status", *APPROVAL):
                del rule[remark]
        # As it was before there were such settings.
        _drop_empty(mapped, "rows", "layout", "list_views")
        for entry in mapped["fields"]:
            for remark in ("why", "status", "findings", *APPROVAL):
                del entry[remark]
            _drop_empty(entry, "labels", "helps", "value_labels")
            _drop_empty(entry, "unique", "case_sensitive", "visible_lines")
            for later in ("rule", "original_target", "original_type"):
                if entry[later] is None:
                    del entry[later]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _drop_empty(part: dict[str, Any], *settings: str) -> None:
    """
    Keeps the digest of a mapping that does not use the *settings* as it was before.
    """
    for each in settings:
        if not part[each]:
            del part[each]
