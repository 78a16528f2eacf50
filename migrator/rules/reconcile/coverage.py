"""
Whether the mapping is about everything the org shows, before anything is compared.

A column that no entry is about would be compared with nothing, and a report that does
not know of it would call the rest equal. So what the org describes at the moment of the
comparison is held against the mapping, not the describe it was once planned from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from migrator.model.codes import reconcile as codes
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.table import Kind
from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment
from migrator.rules.reconcile.org_sums import CURRENCY
from migrator.rules.reconcile.pairs import kept_entries

_CURRENCY = FieldMapping(
    source=CURRENCY,
    target=CURRENCY,
    type=FieldType(kind=Kind.STANDARD),
    treatment=Treatment.SYSTEM,
    why="compared although nobody maps it: an amount is one only with its currency",
)


def uncovered(mapped: MappedObject, shown: Iterable[str]) -> Iterator[Finding]:
    """
    Yield a blocker for each field that the org shows of the source of *mapped* and no
    entry is about, and for each that an entry carries and the org does not show.
    """
    there = {name.casefold(): name for name in shown}
    known = {entry.source.casefold() for entry in mapped.fields}
    for key, name in there.items():
        if key not in known:
            yield codes.UNMAPPED_FIELD().at(mapped.source, ApiName(name))
    for entry in kept_entries(mapped):
        if entry.source.casefold() not in there:
            yield codes.FIELD_NOT_SHOWN().at(mapped.source, entry.source)


def abandoned(mapping: Mapping, ours: Iterable[ApiName]) -> Iterator[Finding]:
    """
    Yield a blocker for each object of *ours*, those in the org that bear the mark of
    this migration, that no object of *mapping* fills.
    """
    targets = {each.target.casefold() for each in mapping.objects}
    for name in ours:
        if name.casefold() not in targets:
            yield codes.ABANDONED_OBJECT(target=name)


def with_currency(
    mapped: MappedObject, source: Collection[str], target: Collection[str]
) -> MappedObject:
    """
    Return *mapped* with the currency of the record among what is compared, though
    nobody maps it; *source* and *target* are the fields that the org shows of either
    side.

    A copied amount without its currency is another amount. An object that keeps no
    amounts may leave the currency behind, when an entry says so.
    """
    if CURRENCY not in source or CURRENCY not in target:
        return mapped
    kept = kept_entries(mapped)
    if any(entry.target == CURRENCY for entry in kept):
        return mapped
    has_amounts = any(e.type and e.type.kind is Kind.CURRENCY for e in kept)
    if mapped.entry(CURRENCY) is not None and not has_amounts:
        return mapped
    others = (
        entry
        for entry in mapped.fields
        if entry.source != CURRENCY or entry.treatment is not Treatment.SKIP
    )
    return replace(mapped, fields=(_CURRENCY, *others))
