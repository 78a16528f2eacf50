"""
Mapping, describes, findings and profile brought together for a reviewer.
"""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from migrator.model.codes import review as codes
from migrator.model.describe import FieldDescribe
from migrator.model.finding import Finding
from migrator.model.kinds.row import Extent, Family
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    FieldMapping,
    MappedObject,
    Mapping,
    rule_name,
)
from migrator.model.names import ApiName
from migrator.model.records import Observed
from migrator.model.review import Review, ReviewEntry, ReviewObject, ReviewRule
from migrator.model.row_rule import Excluded
from migrator.rules.check.mapping import all_findings
from migrator.rules.review.approval import Grounds, Standing

_DIGEST = re.compile(r" [0-9a-f]{8}(?=,|$)")
"""What a basis says in place of a long formula or list."""

Columns = abc.Mapping[tuple[ApiName, str], Observed]
"""What the extract shows, by source object and extract column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    What is known from an extract.
    """

    columns: Columns = field(default_factory=dict)
    samples: abc.Mapping[tuple[ApiName, str], tuple[str, ...]] = field(
        default_factory=dict
    )
    records: abc.Mapping[ApiName, int] = field(default_factory=dict)
    excluded: abc.Mapping[ApiName, tuple[Excluded, ...]] = field(default_factory=dict)
    """What `rows:` leaves out, by source object."""
    changed: abc.Mapping[tuple[ApiName, ApiName], int] = field(default_factory=dict)
    """How many records a value rule changes, by source object and field."""


def review(
    mapping: Mapping,
    grounds: Grounds,
    approvals: Iterable[Standing],
    *,
    seen: Seen,
    migration_id: str,
    digest: str,
) -> Review:
    """
    Return *mapping* as it is shown to a reviewer: its *approvals* as they stand on
    *grounds*; *digest* is its own, of the document.
    """
    found = _by_place(all_findings(mapping, grounds.describes))
    standing = {each.where: each for each in approvals}
    objects = tuple(
        ReviewObject(
            mapped=mapped,
            entries=tuple(_entries(mapped, standing, found, grounds, seen)),
            findings=tuple(_object_findings(mapped, found)),
            records=seen.records.get(mapped.source),
            rules=tuple(_rules(mapped, standing, seen)),
            inherited=tuple(_inherited(mapped, seen)),
        )
        for mapped in mapping.objects
    )
    return Review(
        migration_id=migration_id,
        namespace=mapping.namespace,
        digest=digest,
        objects=objects,
    )


def _rules(
    mapped: MappedObject, standing: abc.Mapping[str, Standing], seen: Seen
) -> Iterator[ReviewRule]:
    excluded = seen.excluded.get(mapped.source)
    counts = {each.reason: each.records for each in excluded or ()}
    for number, rule in enumerate(mapped.rows, start=1):
        now = standing[f"{mapped.source}.{rule_name(number)}"]
        yield ReviewRule(
            name=now.name,
            rule=rule,
            status=now.status,
            reason=now.reason,
            records=counts.get(rule.reason),
        )


def _inherited(mapped: MappedObject, seen: Seen) -> Iterator[Excluded]:
    own = {rule.reason for rule in mapped.rows}
    for each in seen.excluded.get(mapped.source, ()):
        if each.reason not in own:
            yield each


_Found = dict[tuple[str, str], list[Finding]]


def _by_place(findings: Iterable[Finding]) -> _Found:
    """
    Return *findings* by object and field.
    """
    places: _Found = {}
    for each in findings:
        places.setdefault((each.object or "", each.field or ""), []).append(each)
    return places


def _entries(
    mapped: MappedObject,
    standing: abc.Mapping[str, Standing],
    found: _Found,
    grounds: Grounds,
    seen: Seen,
) -> Iterator[ReviewEntry]:
    for entry in mapped.fields:
        place = (mapped.source, entry.source)
        now = standing[f"{mapped.source}.{entry.source}"]
        described = grounds.described(*place)
        observed = seen.columns.get((mapped.source, str(entry.source)))
        yield ReviewEntry(
            object=mapped.source,
            entry=entry,
            status=now.status,
            reason=now.reason,
            source_label=described.label if described else "",
            basis=_DIGEST.sub("", now.basis),
            findings=(
                *found.get(place, ()),
                *(data_findings(mapped.source, entry, observed) if observed else ()),
                *_rule_findings(mapped.source, entry, seen.changed.get(place)),
            ),
            profile=tuple(profile_words(observed, described)) if observed else (),
            samples=seen.samples.get((mapped.source, str(entry.source)), ()),
        )


def _rule_findings(
    owner: ApiName, entry: FieldMapping, changed: int | None
) -> Iterator[Finding]:
    if entry.rule is None:
        return
    named = entry.original_target
    kept = f"; the originals are in {named}" if named else ""
    count = "" if changed is None else f": {changed:,} records changed by rule"
    found = codes.VALUE_RULE(rule=entry.rule, count=count, kept=kept)
    yield found.at(owner, entry.source)


def _object_findings(mapped: MappedObject, found: _Found) -> Iterator[Finding]:
    """
    Yield findings about the object, and about fields that have no entry to stand
    beside.
    """
    known = {entry.source for entry in mapped.fields}
    for (owner, name), findings in found.items():
        if owner == mapped.source and name not in known:
            yield from findings


# -- What the data say ----------------------------------------------------------------


def data_findings(
    owner: ApiName, entry: FieldMapping, observed: Observed
) -> Iterator[Finding]:
    """
    Yield what the extract suggests about a decision: candidates to skip, cells that
    will not fit the type.
    """
    if not entry.treatment.row.carries or not observed.rows:
        return
    for found in _noticed(observed, entry.type.kind if entry.type else None):
        yield found.at(owner, entry.source)


def _noticed(observed: Observed, kind: Kind | None) -> Iterator[Finding]:
    if observed.blanks == observed.rows:
        yield codes.ALWAYS_EMPTY(records=observed.rows)
    elif observed.distinct == 1 and not observed.is_more and not observed.blanks:
        yield codes.ALWAYS_THE_SAME(records=observed.rows)
    if observed.odd_emails and kind is Kind.EMAIL:
        yield codes.NO_EMAIL(cells=observed.odd_emails)
    if observed.na_literals:
        yield codes.NOT_AVAILABLE(cells=observed.na_literals)


# -- Profile --------------------------------------------------------------------------


def profile_words(observed: Observed, described: FieldDescribe | None) -> Iterator[str]:
    """
    Yield what the extract shows about one column, as short phrases with counts.
    """
    rows = observed.rows
    if not rows:
        yield "no records"
        return
    if observed.blanks == rows:
        yield f"always empty ({rows:,} records)"
        return
    if observed.blanks:
        yield f"{observed.blanks:,} of {rows:,} blank ({_share(observed.blanks, rows)})"
    else:
        yield f"never blank ({rows:,} records)"
    if observed.distinct == 1 and not observed.is_more:
        full = rows - observed.blanks
        yield f"always the same value ({full:,} times)"
    elif observed.distinct:
        more = "more than " if observed.is_more else ""
        yield f"{more}{observed.distinct:,} distinct values"
    yield from _extent(observed, described)
    yield from _oddities(observed, described)


def _extent(observed: Observed, described: FieldDescribe | None) -> Iterator[str]:
    extent = described.row.extent if described else Extent.LENGTH
    if extent is Extent.DIGITS:
        yield f"{observed.max_integer_digits} digits, {observed.max_scale} decimals"
    elif extent is Extent.LENGTH and observed.max_length:
        yield f"longest text {observed.max_length:,}"
    if observed.has_line_breaks:
        yield "has line breaks"


def _oddities(observed: Observed, described: FieldDescribe | None) -> Iterator[str]:
    if described and described.picklist_values and observed.values:
        known = {each.value for each in described.picklist_values}
        if described.row.family is Family.PICKLIST:
            outside = [each for each in observed.values if each not in known]
            if outside:
                yield f"{len(outside):,} values outside the picklist"
    if observed.na_literals:
        yield f"{observed.na_literals:,} cells hold the text #N/A"
    if observed.odd_emails:
        yield f"{observed.odd_emails:,} are no e-mail addresses"


def _share(part: int, whole: int) -> str:
    """
    Return a percentage that says 0 or 100 only when it is exact.
    """
    percent = part * 100 / whole
    if 0 < percent < 1:
        return "< 1 %"
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %"
