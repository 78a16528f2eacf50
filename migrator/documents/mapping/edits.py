"""
Edits of `mapping.yaml` at the marks: what nobody edits keeps its bytes.

Writing the file anew would lose comments, order and the layout somebody chose. Here
each edit replaces the text of one value, puts in one line or takes one out; everything
else, line ends included, stays as it is. That the edited text means exactly what was
asked for is the caller's to check, by reading it again.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections import abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from migrator.documents.mapping.marks import (
    Place,
    Spot,
    line_end,
    line_ending,
    marked_places,
    top_place,
)
from migrator.documents.yaml_text import flow, read_tree, scalar
from migrator.errors import MappingError
from migrator.model.mapping import (
    ApprovedObject,
    FieldMapping,
    MappedObject,
    RowRule,
    is_rule,
)
from migrator.model.review import Edit
from migrator.model.sheet import BECAUSE, STRUCTURED


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    start: int
    end: int
    order: int
    text: str


def _order(name: str) -> list[str]:
    """
    Return the usual order of settings in what *name* names: a field, a rule, else the
    object.
    """
    kind: type[FieldMapping | MappedObject | RowRule] = FieldMapping
    if not name:
        kind = MappedObject
    elif is_rule(name):
        kind = RowRule
    return [each.name for each in dataclasses.fields(kind)]


def edited(text: str, edits: Iterable[Edit], *, file: str) -> str:
    """
    *text*, a mapping that was read without mistakes, with the *edits* made.

    Raises MappingError when an entry is written in braces, which leave no line to edit.
    """
    places = dict(marked_places(text))
    writer = _Writer(text=text, places=places, file=file)
    splices: list[_Splice] = []
    wanted: dict[tuple[str, str], list[Edit]] = {}
    for edit in edits:
        key = (edit.object.casefold(), (edit.field or "").casefold())
        wanted.setdefault(key, []).append(edit)
    for key, group in wanted.items():
        place = places.get(key)
        if place is None or place.is_flow:
            name = ".".join(part for part in (group[0].object, group[0].field) if part)
            raise MappingError(
                [f"{file}: {name} is written in braces; expected one line a setting"],
                hint="write the entry as `migrator plan` does, one line a setting",
            )
        splices += _splices(writer, place, group)
    return _spliced(text, splices)


def with_approved(text: str, approved: Sequence[ApprovedObject], *, file: str) -> str:
    """
    *text*, a mapping that was read without mistakes, with *approved* at its top.
    """
    place = top_place(text)
    if place.is_flow:
        raise MappingError(
            [f"{file} is written in braces; expected one line a setting"],
            hint="write it as `migrator plan` does, one line a setting",
        )
    ending = line_ending(text)
    lines = [f"  - {flow(dataclasses.asdict(each))}{ending}" for each in approved]
    block = "".join([f"approved:{ending}", *lines]) if lines else ""
    there = place.spots.get("approved")
    if there is None:
        at = place.spots["objects"].key
        return text[:at] + block + text[at:]
    return text[: there.key] + block + text[line_end(text, there) :]


def _spliced(text: str, splices: Sequence[_Splice]) -> str:
    parts, at = [], 0
    for each in sorted(splices):
        parts += [text[at : each.start], each.text]
        at = each.end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """
    Values as the file spells them.
    """

    text: str
    places: abc.Mapping[tuple[str, str], Place]
    file: str

    def written(self, edit: Edit, column: int) -> str:
        """
        Return the lines of the setting that *edit* asks for, without the last line's
        end.

        Raises MappingError when the value is no table as the setting needs it.
        """
        assert edit.value is not None
        if edit.setting == "rows":
            rules = "".join(self._rules(edit, column))
            return f"rows:\n{rules}".rstrip("\n").replace("\n", line_ending(self.text))
        if edit.setting in STRUCTURED:
            return f"{edit.setting}: {flow(self._table(edit, edit.value))}"
        return f"{edit.setting}: {scalar(edit.value)}"

    def _rules(self, edit: Edit, column: int) -> Iterator[str]:
        """
        One item a rule; those that were there keep their lines, approval and all.
        """
        there = self._rules_there(edit.object.casefold())
        indent = " " * column
        for line in re.split(r"\n(?=\s*\{)", (edit.value or "").strip()):
            condition, because, why = line.strip().partition(f"}}{BECAUSE}")
            table = self._table(edit, condition + ("}" if because else ""))
            known = there.get(json.dumps([table, why.strip()]))
            yield known or (
                f"{indent}  - exclude: {flow(table)}\n"
                f"{indent}    why: {scalar(why.strip())}\n"
                f"{indent}    status: proposed\n"
            )

    def _rules_there(self, owner: str) -> dict[str, str]:
        found = {}
        for (object_, name), place in self.places.items():
            if object_ != owner or not is_rule(name) or place.is_flow:
                continue
            spots = place.spots.values()
            begin = self.text.rfind("\n", 0, min(spot.key for spot in spots)) + 1
            end = max(line_end(self.text, spot) for spot in spots)
            lines = self.text[begin:end].replace("\r\n", "\n")
            (rule,) = read_tree(lines, file=self.file).content
            found[json.dumps([rule["exclude"], rule["why"]])] = lines
        return found

    def _table(self, edit: Edit, value: str) -> dict[str, object]:
        where = ".".join(p for p in (edit.object, edit.field, edit.setting) if p)
        try:
            tree = read_tree(value, file=where)
        except MappingError:
            tree = None
        if tree is None or tree.mistakes or not isinstance(tree.content, dict):
            raise MappingError(
                [f"{self.file}: {where}: {value!r}: expected {_SHAPES[edit.setting]}"],
                hint="mend the cell; nothing was written",
            )
        content: dict[str, object] = tree.content
        return content


_SHAPES = {
    "rule": "a rule in braces, such as {map: {Open: Paid}, otherwise: keep}",
    "labels": "texts by language in braces, such as {de: Rechnung}",
    "plural_labels": "texts by language in braces, such as {de: Rechnungen}",
    "rows": "one rule a line, such as {field: Status__c, is: [Draft]} because ...",
}


def _splices(writer: _Writer, place: Place, edits: Sequence[Edit]) -> Iterator[_Splice]:
    text = writer.text
    order = _order(edits[0].field or "")
    for edit in sorted(edits, key=lambda each: order.index(each.setting)):
        spot = place.spots.get(edit.setting)
        if spot is None:
            if edit.value is not None:
                yield _insertion(writer, place, edit, order)
        elif edit.value is None:
            yield _removal(text, place, spot)
        else:
            yield _replacement(writer, spot, edit)


def _replacement(writer: _Writer, spot: Spot, edit: Edit) -> _Splice:
    if edit.setting in STRUCTURED:
        return _Splice(spot.key, spot.end, 0, writer.written(edit, spot.column))
    assert edit.value is not None
    blank = "" if writer.text[spot.start - 1 : spot.start].isspace() else " "
    return _Splice(spot.start, spot.end, 0, blank + scalar(edit.value))


def _insertion(
    writer: _Writer, place: Place, edit: Edit, order: Sequence[str]
) -> _Splice:
    """
    Return a line below the nearest setting that comes before in the usual order.
    """
    text = writer.text
    position = order.index(edit.setting)
    before = [name for name in order[:position] if name in place.spots]
    spot = place.spots[before[-1]] if before else next(iter(place.spots.values()))
    end, ending = line_end(text, spot), line_ending(text)
    line = f"{' ' * spot.column}{writer.written(edit, spot.column)}"
    if end > 0 and text[end - 1] != "\n":
        return _Splice(end, end, position, ending + line)
    return _Splice(end, end, position, line + ending)


def _removal(text: str, place: Place, spot: Spot) -> _Splice:
    """
    Return the setting's lines out; after the dash of a list item the next setting moves
    up.
    """
    end = line_end(text, spot)
    line = text.rfind("\n", 0, spot.key) + 1
    if text[line : spot.key].strip():
        following = [s.key for s in place.spots.values() if s.key > spot.key]
        return _Splice(spot.key, min(following, default=end), 0, "")
    return _Splice(line, end, 0, "")
