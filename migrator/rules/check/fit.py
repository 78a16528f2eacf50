"""
Whether an entry suits the source field that the describe shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.codes import check as codes
from migrator.model.codes.plan import VANISHED_FIELD
from migrator.model.describe import FieldDescribe
from migrator.model.field_type import FieldType
from migrator.model.finding import Finding
from migrator.model.kinds.row import Family
from migrator.model.mapping import FieldMapping, Mapping
from migrator.model.treatment import Treatment


def what_is_lost(field: FieldDescribe, chosen: FieldType) -> Iterator[str]:
    """
    Yield what *chosen* has no room for, as half sentences; nothing when all of it fits.

    The length of a formula's text is not judged: the describe gives the largest case
    for every one, and the conversion checks each value.
    """
    described, kept = field.row, chosen.row
    if not described.in_bulk and kept.family is not Family.LOCATION:
        yield f"the type {field.type} cannot be read in bulk, so nothing would be kept"
        return
    if not (kept.takes_any_text or chosen.kind in described.kept_by):
        yield f"{chosen.kind.value} does not hold values of the type {field.type}"
        return
    if described.is_masked and not kept.is_masked:
        yield f"{chosen} can be read by whoever sees the field, the source is masked"
    room = chosen.room
    if room is not None and field.length > room and not field.calculated:
        yield f"{chosen} has room for {room} characters, the source for {field.length}"
    if chosen.is_number and (chosen.scale or 0) < field.scale:
        yield f"{chosen} keeps {chosen.scale} decimals, the source has {field.scale}"


def misfits(
    entry: FieldMapping, described: FieldDescribe | None, mapping: Mapping
) -> Iterator[Finding]:
    """
    Yield what is wrong or risky about *entry*, given what its field is *described* as.
    """
    if described is None:
        # Every object has an Id, whether or not a describe was cut short.
        is_marked = VANISHED_FIELD.is_among(entry.findings)
        is_carried = entry.treatment.row.carries
        if entry.source != "Id" and is_carried and not is_marked:
            yield codes.UNKNOWN_FIELD()
    elif described.type == "reference":
        yield from _unlinked(entry, described, mapping)
    elif entry.treatment.row.keeps_values and entry.type:
        yield from _unsuited(entry, described, entry.type)


def _unsuited(
    entry: FieldMapping, described: FieldDescribe, chosen: FieldType
) -> Iterator[Finding]:
    counted = described.calculated or described.auto_number
    if entry.treatment is Treatment.COPY and counted:
        yield codes.COPIES_CALCULATION()
    lost = tuple(what_is_lost(described, chosen))
    # What a value rule makes of the values is judged by the conversion, cell by cell.
    is_agreed = bool(entry.loses or entry.rule)
    code = codes.LOSES_AS_AGREED if is_agreed else codes.LOSES
    for each in lost:
        yield code(loss=f"{each[0].upper()}{each[1:]}")
    if entry.loses and not lost:
        yield codes.LOSES_NOTHING(type=chosen)


def _unlinked(
    entry: FieldMapping, described: FieldDescribe, mapping: Mapping
) -> Iterator[Finding]:
    """
    Yield a reference to a migrated object that is not linked leaves records without
    parent.
    """
    single = len(described.reference_to) == 1
    followed = [name for name in described.reference_to if mapping.object(name)]
    if not followed or not single or entry.treatment is Treatment.PARENT:
        return
    is_needed = described.is_master_detail and not entry.loses
    code = codes.DETAIL_NOT_LINKED if is_needed else codes.PARENT_NOT_LINKED
    yield code(referred=followed[0])
