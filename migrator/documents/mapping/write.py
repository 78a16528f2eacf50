"""
`mapping.yaml` written: each setting under its own name, in the model's order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from migrator.documents.mapping.schema import SCHEMA_FILE
from migrator.documents.templates import make_environment, render
from migrator.documents.yaml_text import flow, scalar
from migrator.model.finding import Finding
from migrator.model.labels import Labels, ValueLabels
from migrator.model.mapping import FieldMapping, MappedObject, Mapping, RowRule
from migrator.model.source_layout import View
from migrator.model.treatment import Treatment
from migrator.model.value_rule import ValueRule

TEMPLATE = "mapping.yaml.j2"

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
    Return *mapping* as YAML for people; `mapping.yaml.j2` is looked for in *templates*.

    Raises TemplateError when the template cannot be printed.
    """
    values = {
        "schema": SCHEMA_FILE,
        "treatments": list(Treatment),
        "settings": _settings(mapping, leave_out=("objects", "text", "approved")),
        "text": _settings(mapping.text),
        "approved": tuple(flow(dataclasses.asdict(each)) for each in mapping.approved),
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
    left_out = ("object", "setting", *(() if keep_field else ("field",)))
    return _Block(settings=_settings(finding, leave_out=left_out, defaults=False))


def _settings(
    part: Any, *, leave_out: Sequence[str] = (), defaults: bool = True
) -> tuple[tuple[str, _Value], ...]:
    """
    Return the settings of a dataclass in its own order, without what is None and,
    unless *defaults*, without what is the default.

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
