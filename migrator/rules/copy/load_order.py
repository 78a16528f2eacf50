"""
Which object is loaded when: parents first, and what has to wait for a second pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.model.mapping import FieldMapping, MappedObject, Mapping
from migrator.model.names import ApiName


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """
    A parent reference that cannot be filled when its record is loaded.
    """

    object: ApiName
    """The source object that holds the reference."""
    field: ApiName
    """The source field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOrder:
    """
    The objects in the order they are loaded, and the references of the second pass.
    """

    objects: tuple[MappedObject, ...]
    deferred: tuple[Deferred, ...]

    def deferred_of(self, source: ApiName) -> frozenset[ApiName]:
        """
        Return the source fields of the object *source* that the second pass fills.
        """
        return frozenset(d.field for d in self.deferred if d.object == source)


def load_order(mapping: Mapping) -> LoadOrder:
    """
    Every object after the objects it points at, otherwise in mapping order.

    Self references are always deferred. Where objects point at each other in a circle,
    references that are not required are deferred, those of the first object in mapping
    order first; a required one is never deferred, because its record could not be
    made without it. Raises ValueError naming the objects when required references
    alone make a circle.
    """
    waiting = list(mapping.objects)
    deferred = [
        Deferred(object=each.source, field=field.source)
        for each in waiting
        for field in each.self_references
    ]
    ordered: list[MappedObject] = []
    while waiting:
        free = _first_free(waiting, required_only=False)
        if free is None:
            free = _first_free(waiting, required_only=True)
        if free is None:
            names = ", ".join(each.source for each in waiting)
            raise ValueError(f"required references go in a circle: {names}")
        waiting.remove(free)
        deferred += [
            Deferred(object=free.source, field=field.source)
            for field in _pointing_at(free, waiting, required_only=False)
        ]
        ordered.append(free)
    return LoadOrder(objects=tuple(ordered), deferred=tuple(deferred))


def is_mandatory(field: FieldMapping) -> bool:
    """
    Return True for a parent without which a record cannot exist: required or
    master-detail.
    """
    is_detail = field.type is not None and not field.type.row.nullable
    return field.required or is_detail


def _first_free(
    waiting: list[MappedObject], *, required_only: bool
) -> MappedObject | None:
    """
    Return the first object that points at none of the others still *waiting*.
    """
    for each in waiting:
        others = [other for other in waiting if other is not each]
        if not _pointing_at(each, others, required_only=required_only):
            return each
    return None


def _pointing_at(
    each: MappedObject, others: list[MappedObject], *, required_only: bool
) -> tuple[FieldMapping, ...]:
    targets = {other.target for other in others}
    return tuple(
        field
        for field in each.parents
        if field.type is not None
        and field.type.reference_to in targets
        and (is_mandatory(field) or not required_only)
    )
