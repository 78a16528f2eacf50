"""
What single values of a mapping cannot show: repeated entries, settings at odds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.documents import yaml_text
from migrator.documents.yaml_text import Tree
from migrator.model.mapping import FieldMapping, MappedObject, Mapping


def check_entries(mapping: Mapping, tree: Tree) -> None:
    """
    Report what single values cannot show: repeated entries, settings that do not fit
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
    if not entry.treatment.row.carries:
        if entry.targets or entry.type or entry.rule:
            carried = f"{entry.treatment} carries nothing"
            yield "treatment", f"{carried}; remove target and type, or copy"
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
