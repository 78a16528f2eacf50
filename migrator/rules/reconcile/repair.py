"""
What can be done about each difference: sent again, or left to a person.

How a cell is sent is the business of those who send it.
"""

from __future__ import annotations

from collections import Counter, abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model.codes import reconcile as codes
from migrator.model.finding import Code, Finding
from migrator.model.kinds.table import Kind
from migrator.model.mapping import MappedObject
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.model.verdict import Damage, Difference

_CELLS = {Damage.VALUE, Damage.EMPTY, Damage.PARENT}
_REASONS: dict[Damage, Code] = {
    Damage.SURPLUS: codes.SURPLUS_NOT_REPAIRED,
    Damage.DUPLICATE: codes.DUPLICATE_NOT_REPAIRED,
    Damage.PARENT: codes.MASTER_NOT_REPAIRED,
}
"""Why some are left as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairNeed:
    """
    What of one object is sent again.
    """

    mapped: MappedObject
    missing: frozenset[str]
    """Origin ids of records without a copy."""
    cells: abc.Mapping[str, frozenset[ApiName]]
    """Origin id to the target fields that differ."""
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


def repair_need(mapped: MappedObject, differences: Iterable[Difference]) -> RepairNeed:
    """
    Return what mends the *differences* of *mapped*, and what is left alone.

    Counts and totals follow from the records and are nothing to send.
    """
    missing: set[str] = set()
    cells: dict[str, set[ApiName]] = {}
    left: Counter[Damage] = Counter()
    for each in differences:
        if each.object != mapped.source:
            continue
        can_change = each.damage in _CELLS and _can_change(mapped, each)
        if each.damage is Damage.MISSING:
            missing.add(each.origin_id)
        elif can_change and each.target_field:
            cells.setdefault(each.origin_id, set()).add(each.target_field)
        elif each.damage in _REASONS:
            left[each.damage] += 1
    return RepairNeed(
        mapped=mapped,
        missing=frozenset(missing),
        cells={key: frozenset(names) for key, names in sorted(cells.items())},
        findings=tuple(_findings(mapped, left)),
    )


def _can_change(mapped: MappedObject, each: Difference) -> bool:
    """
    Return False for a parent under which a record stays for good.
    """
    return not any(
        entry.treatment is Treatment.PARENT
        and entry.target == each.target_field
        and entry.type is not None
        and entry.type.kind is Kind.MASTER_DETAIL
        for entry in mapped.fields
    )


def _findings(mapped: MappedObject, left: Counter[Damage]) -> Iterator[Finding]:
    for damage, count in left.items():
        found = _REASONS[damage](count=count, target=mapped.target)
        yield found.at(mapped.source)
