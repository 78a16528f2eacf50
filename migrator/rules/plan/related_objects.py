"""
Which objects hang on the ones to be migrated: their children, and what holds those.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator

from migrator.model.describe import ObjectDescribe
from migrator.model.names import ApiName, in_namespace
from migrator.rules.plan.eligibility import refusal


def related_objects(
    roots: Iterable[ApiName],
    describes: abc.Mapping[ApiName, ObjectDescribe],
    namespace: str,
) -> tuple[ApiName, ...]:
    """
    *roots*, then every object of the package that hangs on one of them.

    An object hangs on another when it refers to it, or when it is the master of
    something that does: a statement has no reference to invoices, its details have.
    Objects are added as far as they are described and hold records to keep.
    """
    found = dict.fromkeys(roots)
    candidates = {
        name: described
        for name, described in sorted(describes.items())
        if in_namespace(name, namespace) and not refusal(described)
    }
    while True:
        new = [
            name
            for name, described in candidates.items()
            if name not in found and _hangs(described, found, candidates)
        ]
        if not new:
            return tuple(found)
        found.update(dict.fromkeys(new))


def _hangs(
    described: ObjectDescribe,
    found: Iterable[ApiName],
    candidates: abc.Mapping[ApiName, ObjectDescribe],
) -> bool:
    members = set(found)
    if members & set(_referred(described)):
        return True
    return any(
        described.name in set(_masters(candidates[name]))
        for name in members
        if name in candidates
    )


def _referred(described: ObjectDescribe) -> Iterator[ApiName]:
    for field in described.fields:
        if field.custom and field.name != described.name:
            yield from field.reference_to


def _masters(described: ObjectDescribe) -> Iterator[ApiName]:
    for field in described.fields:
        if field.is_master_detail:
            yield from field.reference_to
