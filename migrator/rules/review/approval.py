"""
What a person has agreed to, and whether it is still what stands in the mapping.

An approval is the digest of what was looked at: the entry, its basis (what the describe
said about the source field) and the template its field is printed with. Whatever of it
changes later makes that one digest misfit, and the entry counts as `changed`; the other
entries keep theirs. The entry of `Id` stands for the record itself: its digest covers
the settings of the object and the rule for texts. Each rule of `rows:` has an approval
of its own, and leaves nothing out without it.

It is a record, not a cryptographic control: whoever can edit the file can also edit the
digest, and git shows that they did.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model.codes import plan as codes
from migrator.model.describe import FieldDescribe, ObjectDescribe
from migrator.model.kinds.table import Kind
from migrator.model.mapping import (
    APPROVAL,
    FieldMapping,
    MappedObject,
    Mapping,
    RowRule,
    Status,
    changes_silently,
    rule_name,
)
from migrator.model.names import ApiName
from migrator.model.verdict import Approver

NOT_DESCRIBED = "not described"
NEEDS_NOTE = "its rule replaces values and keeps no originals: approve it with --note"
_RECORD_ID = "Id"
_LEFT_OUT = {"status", "findings", "fields", "rows", *APPROVAL}
_ENTRY_DIGITS = 16
_TEMPLATE_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """
    What decisions were made from, besides the mapping itself.
    """

    describes: abc.Mapping[ApiName, ObjectDescribe]
    templates: abc.Mapping[Kind, str]
    """By kind of field, a digest of the template text that prints it."""

    def described(self, owner: ApiName, field: ApiName) -> FieldDescribe | None:
        """
        Return what the describe of *owner* says about *field*.
        """
        known = self.describes.get(owner)
        return known.field(field) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    Where one entry, or one rule of `rows:`, stands today, whatever its `status:` says.
    """

    object: ApiName
    name: str
    """The source field, or `rows[1]`."""
    entry: FieldMapping | RowRule
    status: Status
    basis: str
    """What the describe says today."""
    digest: str
    """Of the entry as it is today."""
    reason: str = ""
    """Why a status of `approved` does not hold."""

    @property
    def where(self) -> str:
        """
        `Object.Field` of the source.
        """
        return f"{self.object}.{self.name}"


def standings(mapping: Mapping, grounds: Grounds) -> tuple[Standing, ...]:
    """
    Return the standing of every rule and entry of *mapping*, in its order.
    """
    return tuple(_standings(mapping, grounds))


def _standings(mapping: Mapping, grounds: Grounds) -> Iterator[Standing]:
    for mapped in mapping.objects:
        for number, rule in enumerate(mapped.rows, start=1):
            yield _rule_standing(mapped, rule, rule_name(number), grounds)
        for entry in mapped.fields:
            yield _standing(mapping, mapped, entry, grounds)


def in_force(mapping: Mapping, found: Iterable[Standing]) -> Mapping:
    """
    Return *mapping* with those rules of `rows:` alone that are approved as they stand:
    no record is left out that nobody has given up. *found* are its standings.
    """
    waiting = {each.where for each in unapproved(found)}
    objects = tuple(
        dataclasses.replace(
            mapped,
            rows=tuple(
                rule
                for number, rule in enumerate(mapped.rows, start=1)
                if f"{mapped.source}.{rule_name(number)}" not in waiting
            ),
        )
        for mapped in mapping.objects
    )
    return dataclasses.replace(mapping, objects=objects)


def unapproved(found: Iterable[Standing]) -> tuple[Standing, ...]:
    """
    Those of *found* that wait for a person.
    """
    return tuple(each for each in found if each.status is not Status.APPROVED)


def approvers(found: Iterable[Standing]) -> tuple[Approver, ...]:
    """
    Who approved what holds today, by name.
    """
    signed: dict[str, list[str]] = {}
    for each in found:
        if each.status is Status.APPROVED:
            signed.setdefault(each.entry.by, []).append(each.entry.on)
    return tuple(
        Approver(by=name, entries=len(times), last_on=max(times))
        for name, times in sorted(signed.items())
    )


def unapproved_sentence(found: Iterable[Standing], *, named: int = 1) -> str:
    """
    How many entries wait for a person, and the first *named* of them; empty for none.
    """
    everything = tuple(found)
    waiting = unapproved(everything)
    if not waiting:
        return ""
    shown = [f"{e.where} ({e.reason})" if e.reason else e.where for e in waiting]
    more = f" and {len(waiting) - named} more" if len(waiting) > named else ""
    return (
        f"{len(waiting)} of {len(everything)} mapping entries are not approved: "
        f"{', '.join(shown[:named])}{more}"
    )


def _standing(
    mapping: Mapping, mapped: MappedObject, entry: FieldMapping, grounds: Grounds
) -> Standing:
    basis = basis_of(grounds.described(mapped.source, entry.source))
    digest = _digest(mapping, mapped, entry, basis, grounds)
    status, reason = entry.status, ""
    if status is Status.APPROVED and entry.digest != digest:
        status, reason = Status.CHANGED, _reason(entry, basis, digest)
    elif changes_silently(entry) and not entry.note:
        reason = NEEDS_NOTE
        status = Status.CHANGED if status is Status.APPROVED else status
    return Standing(
        object=mapped.source,
        name=entry.source,
        entry=entry,
        status=status,
        basis=basis,
        digest=digest,
        reason=reason,
    )


def _rule_standing(
    mapped: MappedObject, rule: RowRule, name: str, grounds: Grounds
) -> Standing:
    basis = basis_of(grounds.described(mapped.source, rule.exclude.field))
    parts = [mapped.source, basis, _settings(rule.exclude), rule.why]
    content = _hashed(json.dumps(parts, ensure_ascii=True, separators=(",", ":")))
    digest = content[:_ENTRY_DIGITS]
    status, reason = rule.status, ""
    if status is Status.APPROVED and rule.digest != digest:
        status, reason = Status.CHANGED, _reason(rule, basis, digest)
    return Standing(
        object=mapped.source,
        name=name,
        entry=rule,
        status=status,
        basis=basis,
        digest=digest,
        reason=reason,
    )


def _reason(entry: FieldMapping | RowRule, basis: str, digest: str) -> str:
    if not entry.digest:
        return "without the digest of `review approve`"
    if entry.basis != basis:
        return f"the describe said {entry.basis}, now {basis}"
    content, _, _ = digest.partition("-")
    before, _, _ = entry.digest.partition("-")
    return "edited since" if content != before else "its template changed since"


# -- The digest -----------------------------------------------------------------------


def _digest(
    mapping: Mapping,
    mapped: MappedObject,
    entry: FieldMapping,
    basis: str,
    grounds: Grounds,
) -> str:
    """
    Two digests with a dash between: of the entry with its basis, of the template.
    """
    parts = [mapped.source, basis, _settings(entry)]
    if entry.source == _RECORD_ID:
        parts += [_settings(mapped), _settings(mapping.text)]
    content = _hashed(json.dumps(parts, ensure_ascii=True, separators=(",", ":")))
    template = grounds.templates.get(entry.type.kind, "") if entry.type else ""
    return f"{content[:_ENTRY_DIGITS]}-{_hashed(template)[:_TEMPLATE_DIGITS]}"


def _settings(part: object) -> list[list[str]]:
    """
    Return the settings of a dataclass that are not at their default, so that a setting
    which a later version adds voids nothing.
    """
    assert dataclasses.is_dataclass(part)
    return [
        [each.name, _text(value)]
        for each in dataclasses.fields(part)
        if each.init and each.name not in _LEFT_OUT
        for value in [getattr(part, each.name)]
        if value != each.default and value is not None
    ]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return json.dumps(value, default=_plain)
    return str(value)


def _plain(value: object) -> object:
    """
    Return what JSON has no word for: a rule by its settings, a day as text.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _settings(value)
    return str(value)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# -- The basis ------------------------------------------------------------------------


def basis_of(described: FieldDescribe | None) -> str:
    """
    Return what decisions take from *described*, in one line: `currency(18, 2),
    formula`.

    Labels, help and what depends on the user's permissions are left out: two orgs, or
    two users, may differ in them. Long parts go by a digest.
    """
    if described is None:
        return NOT_DESCRIBED
    return ", ".join((f"{described.type}{_size(described)}", *_traits(described)))


def _size(field: FieldDescribe) -> str:
    if field.precision or field.scale:
        return f"({field.precision}, {field.scale})"
    number = field.length or field.digits
    return f"({number})" if number and field.type != "reference" else ""


def _traits(field: FieldDescribe) -> Iterator[str]:
    if field.reference_to:
        yield "to " + "|".join(sorted(field.reference_to))
    if field.is_master_detail:
        yield f"master-detail {field.relationship_order}"
    if field.calculated:
        formula = field.calculated_formula
        yield f"formula {_short(formula)}" if formula is not None else "calculated"
    for name in ("auto_number", "name_field", "unique", "external_id"):
        if getattr(field, name):
            yield name.replace("_", " ")
    if field.html_formatted:
        yield "html"
    if field.extra_type_info:
        yield field.extra_type_info
    if field.compound_field:
        yield f"of {field.compound_field}"
    if field.picklist_values:
        spelled = [f"{each.value}={each.active}" for each in field.picklist_values]
        count = len(field.picklist_values)
        yield f"{count} values {_short(json.dumps(sorted(spelled)))}"


def _short(text: str) -> str:
    return _hashed(text)[:8]


# -- Planning again -------------------------------------------------------------------


def with_changes(
    mapping: Mapping, describes: abc.Mapping[ApiName, ObjectDescribe]
) -> Mapping:
    """
    Return *mapping* with what was approved marked as changed where the describe says
    now something else, and with what it said then.
    """
    objects = tuple(
        dataclasses.replace(
            mapped,
            fields=tuple(
                _with_change(entry, mapped.source, describes.get(mapped.source))
                for entry in mapped.fields
            ),
        )
        for mapped in mapping.objects
    )
    return dataclasses.replace(mapping, objects=objects)


def _with_change(
    entry: FieldMapping, owner: ApiName, described: ObjectDescribe | None
) -> FieldMapping:
    word = codes.CHANGED_FIELD.word
    others = tuple(each for each in entry.findings if each.code != word)
    basis = basis_of(described.field(entry.source) if described else None)
    if entry.status is Status.PROPOSED or not entry.basis or entry.basis == basis:
        return dataclasses.replace(entry, findings=others)
    if basis == NOT_DESCRIBED:  # the entry is marked as vanished already
        return dataclasses.replace(entry, status=Status.CHANGED, findings=others)
    news = codes.CHANGED_FIELD(before=entry.basis, now=basis).at(owner, entry.source)
    return dataclasses.replace(entry, status=Status.CHANGED, findings=(*others, news))
