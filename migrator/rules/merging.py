"""
A new proposal beside an earlier mapping: what people decided stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import replace

from migrator.model.finding import Finding, Level
from migrator.model.labels import NO_LABELS
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    Status,
    Treatment,
    unsigned,
)
from migrator.model.names import ApiName

Kept = Table[ApiName, Table[ApiName, FieldMapping]]
"""Earlier entries that stay, by source object and source field."""

NEW_FIELD = "new-field"
VANISHED_FIELD = "vanished-field"


def kept_entries(previous: Mapping, *proposals: Mapping) -> Kept:
    """
    The entries of *previous* that stay: reviewed ones, and those that none of the
    *proposals* would make, which somebody must have written by hand.
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
        return False
    if entry.status is not Status.PROPOSED:
        return True
    return all(_decision(entry) != _decision(each) for each in made if each)


def _entries(mapping: Mapping, owner: ApiName) -> dict[str, FieldMapping]:
    """
    The entries of one object by source, without case.
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
    bare = replace(unsigned(entry), findings=(), why="", labels=NO_LABELS)
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
    return replace(proposed, objects=objects, text=previous.text)


def _merged_object(
    before: MappedObject, proposed: MappedObject, kept: Table[ApiName, FieldMapping]
) -> MappedObject:
    earlier = _by_source(before)
    fields = tuple(
        kept.get(entry.source)
        or _with_news(entry, before, earlier.get(entry.source.casefold()))
        for entry in proposed.fields
    )
    return replace(
        before,
        target=proposed.target,
        fields=fields,
        findings=tuple(_vanished(before, proposed)),
    )


def _refreshed(
    owner: ApiName, kept: Kept, natural: Mapping
) -> dict[ApiName, FieldMapping]:
    """
    The *kept* entries of *owner* with the findings that are still to the point.

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
    return replace(
        entry,
        findings=tuple(
            replace(each, level=Level.WARNING) if each.level is Level.BLOCKER else each
            for each in entry.findings
        ),
    )


def _with_news(
    entry: FieldMapping, before: MappedObject, earlier: FieldMapping | None
) -> FieldMapping:
    """
    *entry*, marked when the earlier mapping did not know the field, or knew it as new
    and nobody has reviewed it since.
    """
    if earlier and not any(each.code == NEW_FIELD for each in earlier.findings):
        return entry
    news = Finding(
        level=Level.INFO,
        code=NEW_FIELD,
        message="The field was not there when the mapping was made.",
        object=before.source,
        field=entry.source,
    )
    return replace(entry, findings=(*entry.findings, news))


def _vanished(before: MappedObject, proposed: MappedObject) -> Iterator[Finding]:
    """
    One finding for each earlier entry whose field is gone; it stays until deleted.
    """
    known = {entry.source.casefold() for entry in proposed.fields}
    for each in before.findings:
        if each.code == VANISHED_FIELD and (each.field or "").casefold() not in known:
            yield each
    for entry in before.fields:
        if entry.source.casefold() in known:
            continue
        reviewed = entry.status is not Status.PROPOSED
        yield Finding(
            level=Level.BLOCKER if reviewed else Level.WARNING,
            code=VANISHED_FIELD,
            message=f"The mapping had an entry for {entry.source}"
            f"{', which was reviewed' if reviewed else ''}; the describe no longer "
            "shows the field.",
            object=before.source,
            field=entry.source,
            remedy="check the field's security, then delete this finding",
        )
