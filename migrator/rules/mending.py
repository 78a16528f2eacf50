"""
What can be done about each difference: sent again, or left to a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from migrator.model.finding import Finding, Level
from migrator.model.mapping import FieldMapping, MappedObject, reference_column
from migrator.model.mapping import Treatment as How
from migrator.model.names import ApiName
from migrator.model.target import Kind
from migrator.model.verdict import Damage, Difference

_CELLS = {Damage.VALUE, Damage.EMPTY, Damage.PARENT}
_REASONS = {
    Damage.SURPLUS: (
        "that the source does not have",
        "look at them in the org: what nobody sent is not ours to delete",
    ),
    Damage.DUPLICATE: (
        "that are there twice",
        "look at them in the org and delete the ones that are wrong",
    ),
    Damage.PARENT: (
        "that hang on another master, and a master-detail cannot be moved",
        "delete these copies in the org and repair again: then they are inserted",
    ),
}
"""Why some are left as they are, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """
    What of one object is sent again.
    """

    mapped: MappedObject
    missing: frozenset[str]
    """Origin ids of records without a copy."""
    cells: Mapping[str, frozenset[str]]
    """Origin id to the load columns that differ."""
    findings: tuple[Finding, ...] = ()
    """What is left as it is."""

    @property
    def is_empty(self) -> bool:
        """
        True when there is nothing to send.
        """
        return not self.missing and not self.cells

    @property
    def records(self) -> frozenset[str]:
        """
        The origin ids of all that is sent.
        """
        return self.missing | frozenset(self.cells)


def mending(mapped: MappedObject, differences: Iterable[Difference]) -> Mending:
    """
    What mends the *differences* of *mapped*, and what is left alone.

    Counts and totals follow from the records and are nothing to send.
    """
    missing: set[str] = set()
    cells: dict[str, set[str]] = {}
    left: Counter[Damage] = Counter()
    for each in differences:
        if each.object != mapped.source:
            continue
        column = _column(mapped, each) if each.damage in _CELLS else None
        if each.damage is Damage.MISSING:
            missing.add(each.origin_id)
        elif column:
            cells.setdefault(each.origin_id, set()).add(column)
        elif each.damage in _REASONS:
            left[each.damage] += 1
    return Mending(
        mapped=mapped,
        missing=frozenset(missing),
        cells={key: frozenset(names) for key, names in sorted(cells.items())},
        findings=tuple(_findings(mapped, left)),
    )


def _column(mapped: MappedObject, each: Difference) -> str | None:
    """
    The load column of a differing cell; None when it cannot be sent again.
    """
    if each.target_field is None:
        return None
    entry = next((e for e in mapped.carried if _fills(e, each.target_field)), None)
    is_parent = entry is not None and each.target_field == entry.target
    if entry is None or entry.treatment is not How.PARENT or not is_parent:
        return str(each.target_field)
    if entry.type is not None and entry.type.kind is Kind.MASTER_DETAIL:
        return None
    return reference_column(entry)


def _fills(entry: FieldMapping, target: ApiName) -> bool:
    return any(target == name for _, name in entry.cells)


def _findings(mapped: MappedObject, left: Counter[Damage]) -> Iterator[Finding]:
    for damage, count in left.items():
        what, remedy = _REASONS[damage]
        yield Finding(
            level=Level.BLOCKER,
            code="not-repaired",
            message=f"{count:,} records of {mapped.target} {what}, are left alone",
            object=mapped.source,
            remedy=remedy,
        )
