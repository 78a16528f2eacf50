"""
Which cells of a sheet somebody edited, and which of those still fit the mapping.

Three texts decide each cell: what it said when the sheet was made, what it says now,
and what the mapping says today. Only a cell that was edited counts; when the mapping
changed there in the meantime too, the cell is refused, because one of the two edits
would be lost without anybody having decided it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.review import Edit
from migrator.model.sheet import Refusal, SheetRow, as_shown, settings_of
from migrator.model.treatment import CARRYING_NOTHING

_OF_CARRIED = (
    "target",
    "type",
    "label",
    "help",
    "values",
    "unique",
    "case_sensitive",
    "visible_lines",
    "relationship_name",
    "required",
    "id_target",
    "name_source",
    "name_target",
    "volatile",
    "loses",
    "rule",
    "original_target",
    "original_type",
    "labels",
)
"""What an entry loses when it becomes `skip`."""
_NAMES = {"label", "plural_label", "name_label"}
"""What every object has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """
    What a sheet asks for.
    """

    edits: tuple[Edit, ...]
    """One for each edited cell."""
    follow_ups: tuple[Edit, ...]
    """What has to go with them: a skipped field has no target any more."""
    refusals: tuple[Refusal, ...]


def read_edits(mapping: Mapping, rows: Sequence[SheetRow]) -> Import:
    """
    Return the edits that *rows* ask for, held against *mapping* as it is today.
    """
    edits: list[Edit] = []
    follow_ups: list[Edit] = []
    refusals: list[Refusal] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.object.casefold(), row.field.casefold())
        entry = _entry(mapping, row)
        if key in seen or entry is None:
            name = ".".join(part for part in (row.object, row.field) if part)
            reason = (
                "stands in the sheet twice"
                if key in seen
                else f"mapping.yaml has no entry {name} any more"
            )
            refusals.append(Refusal(place=row.place, setting="row", reason=reason))
            continue
        seen.add(key)
        made, refused = _row(row, entry)
        edits += made
        refusals += refused
        if isinstance(entry, FieldMapping):
            follow_ups += _follow_ups(made, entry)
    return Import(
        edits=tuple(edits), follow_ups=tuple(follow_ups), refusals=tuple(refusals)
    )


def _entry(mapping: Mapping, row: SheetRow) -> FieldMapping | MappedObject | None:
    mapped = mapping.object(ApiName(row.object))
    if not row.field:
        return mapped
    return mapped.entry(ApiName(row.field)) if mapped else None


def _row(
    row: SheetRow, entry: FieldMapping | MappedObject
) -> tuple[list[Edit], list[Refusal]]:
    edits, refusals = [], []
    is_field = isinstance(entry, FieldMapping)
    current = settings_of(entry)
    for setting, value in row.cells.items():
        before, now = row.base.get(setting, ""), current[setting]
        if setting in row.problems:
            reason = row.problems[setting]
        elif value in {as_shown(before), as_shown(now)}:
            continue
        elif before != now:
            reason = (
                f"the sheet was made when it said {before!r}; "
                f"mapping.yaml says {now!r} by now"
            )
        else:
            edits.append(
                Edit(
                    object=ApiName(row.object),
                    field=entry.source if is_field else None,
                    setting=setting,
                    value=value if value or _is_required(setting, entry) else None,
                )
            )
            continue
        refusals.append(Refusal(place=row.place, setting=setting, reason=reason))
    return edits, refusals


def _is_required(setting: str, entry: FieldMapping | MappedObject) -> bool:
    """
    Return True for a setting that is written even when it is empty.
    """
    wanted = {"why"} if isinstance(entry, FieldMapping) else _NAMES
    return setting in wanted


def _follow_ups(edits: Sequence[Edit], entry: FieldMapping) -> Iterator[Edit]:
    given_up = next((e for e in edits if e.setting == "treatment"), None)
    if given_up is None or given_up.value not in CARRYING_NOTHING:
        return
    edited = {each.setting for each in edits}
    default = FieldMapping(
        source=entry.source, target=None, type=None, treatment=entry.treatment, why=""
    )
    for setting in _OF_CARRIED:
        if setting not in edited and getattr(entry, setting) != getattr(
            default, setting
        ):
            yield Edit(
                object=given_up.object,
                field=entry.source,
                setting=setting,
                value=None,
            )
