"""
A new proposal beside an earlier mapping: what people decided stays.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.model.codes import plan as codes
from migrator.model.finding import Finding, Level
from migrator.model.labels import NO_LABELS, NO_VALUE_LABELS
from migrator.model.mapping import (
    FieldMapping,
    Kept,
    MappedObject,
    Mapping,
    Status,
    unsigned,
)
from migrator.model.names import ApiName
from migrator.model.treatment import Treatment

_MARKS = {codes.VANISHED_FIELD.word, codes.GIVEN_UP_FIELD.word}
"""What says that the field of an entry is gone."""


def kept_entries(previous: Mapping, *proposals: Mapping) -> Kept:
    """
    Return the entries of *previous* that stay: reviewed ones, those that none of the
    *proposals* would make, which somebody must have written by hand, and those whose
    field is gone, which only a person may give up.
    """
    return {
        mapped.source: {
            entry.source: entry
            for tables in [[_entries(each, mapped.source) for each in proposals]]
            for entry in mapped.fields
            if _stays(entry, [each.get(entry.source.casefold()) for each in tables])
        }
        for mapped in previous.objects
    }


def _stays(entry: FieldMapping, made: Sequence[FieldMapping | None]) -> bool:
    if not any(made):
        return True
    if entry.status is not Status.PROPOSED:
        return True
    return all(_decision(entry) != _decision(each) for each in made if each)


def _entries(mapping: Mapping, owner: ApiName) -> dict[str, FieldMapping]:
    """
    Return the entries of one object by source, without case.
    """
    mapped = mapping.object(owner)
    return _by_source(mapped) if mapped else {}


def _by_source(mapped: MappedObject) -> dict[str, FieldMapping]:
    return {each.source.casefold(): each for each in reversed(mapped.fields)}


def _decision(entry: FieldMapping) -> FieldMapping:
    """
    *entry* without what decides nothing, without labels in other languages, which are
    kept or proposed one by one, and without what the objects decide: which
    target a parent has, and how tight the link to it is.
    """
    bare = replace(
        unsigned(entry),
        findings=(),
        why="",
        labels=NO_LABELS,
        helps=NO_LABELS,
        value_labels=NO_VALUE_LABELS,
    )
    if entry.treatment is not Treatment.PARENT:
        return bare
    return replace(bare, type=None, required=False)


def merged(
    previous: Mapping, proposed: Mapping, kept: Kept, natural: Mapping
) -> Mapping:
    """
    *proposed* with the *kept* entries, and with the earlier choices about each object.

    *natural* is the proposal that knows of no kept entries.
    """
    objects = tuple(
        _merged_object(before, each, _refreshed(each.source, kept, natural))
        if (before := previous.object(each.source))
        else each
        for each in proposed.objects
    )
    return replace(
        proposed, objects=objects, text=previous.text, approved=previous.approved
    )


def _merged_object(
    before: MappedObject,
    proposed: MappedObject,
    kept: abc.Mapping[ApiName, FieldMapping],
) -> MappedObject:
    earlier = _by_source(before)
    fields = [
        kept.get(entry.source)
        or _with_news(entry, before, earlier.get(entry.source.casefold()))
        for entry in proposed.fields
    ]
    return replace(
        before,
        target=proposed.target,
        fields=tuple(_with_vanished(before, fields)),
        findings=(),
    )


def _refreshed(
    owner: ApiName, kept: Kept, natural: Mapping
) -> dict[ApiName, FieldMapping]:
    """
    Return the *kept* entries of *owner* with the findings that are still to the point.

    Somebody who decided otherwise than proposed has answered a blocker: it stays as a
    warning, and the check judges the decision itself.
    """
    plain = _entries(natural, owner)
    return {
        source: _answered(entry, plain.get(source.casefold(), entry))
        for source, entry in kept.get(owner, {}).items()
    }


def _answered(entry: FieldMapping, proposed: FieldMapping) -> FieldMapping:
    if _decision(entry) == _decision(proposed):
        return replace(entry, findings=proposed.findings)
    return replace(entry, findings=_softened(entry))


def _softened(entry: FieldMapping) -> tuple[Finding, ...]:
    """
    Return the findings of *entry* with blockers as warnings, without the mark of a lost
    field.
    """
    return tuple(
        each.lowered(Level.WARNING) if each.level is Level.BLOCKER else each
        for each in entry.findings
        if each.code not in _MARKS
    )


def _with_news(
    entry: FieldMapping, before: MappedObject, earlier: FieldMapping | None
) -> FieldMapping:
    """
    *entry*, marked when the earlier mapping did not know the field, or knew it as new
    and nobody has reviewed it since.
    """
    if earlier and not codes.NEW_FIELD.is_among(earlier.findings):
        return entry
    news = codes.NEW_FIELD().at(before.source, entry.source)
    return replace(entry, findings=(*entry.findings, news))


def _with_vanished(
    before: MappedObject, fields: Sequence[FieldMapping]
) -> Iterator[FieldMapping]:
    """
    *fields* with the earlier entries whose field is gone, each behind its neighbour.
    """
    known = {entry.source.casefold() for entry in fields}
    following: dict[str, list[FieldMapping]] = {}
    neighbour = ""
    for entry in before.fields:
        if entry.source.casefold() in known:
            neighbour = entry.source.casefold()
        else:
            gone = _vanished(entry, before.source)
            following.setdefault(neighbour, []).append(gone)
    yield from following.get("", ())
    for entry in fields:
        yield entry
        yield from following.get(entry.source.casefold(), ())


def _vanished(entry: FieldMapping, owner: ApiName) -> FieldMapping:
    """
    *entry* with its decision, marked: nothing is made of it until somebody gives it up.
    """
    was = f"; it was {entry.basis} when it was approved" if entry.basis else ""
    is_wanted = entry.treatment.row.carries
    code = codes.VANISHED_FIELD if is_wanted else codes.GIVEN_UP_FIELD
    mark = code(was=was).at(owner, entry.source)
    return replace(entry, findings=(*_softened(entry), mark))
