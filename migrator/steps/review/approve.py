"""
Approval: who agreed to which entry, written into the mapping and asked before writing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from migrator.documents.mapping.edits import edited, with_approved
from migrator.documents.mapping.read import parse_mapping
from migrator.errors import Bug, DecisionNeeded, InputError
from migrator.model.codes import review as codes
from migrator.model.finding import Finding, blockers
from migrator.model.mapping import (
    FieldMapping,
    Mapping,
    RowRule,
    Status,
    changes_silently,
    rule_name,
)
from migrator.model.names import ApiName
from migrator.model.review import Edit
from migrator.rules.check.mapping import all_findings
from migrator.rules.review.approval import (
    Standing,
    unapproved,
    unapproved_sentence,
)
from migrator.rules.review.register import LostApproval, lost_approvals, register
from migrator.rundir.git import git_author
from migrator.steps.workspace import Workspace

NAMED = 20
"""How many entries a refusal names."""
NAMED_IN_PASSING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """
    Which entries to approve; all of them when nothing is named.
    """

    objects: tuple[ApiName, ...] = ()
    fields: tuple[str, ...] = ()
    """Source fields, as `Field` or `Object.Field`, or rules: `Object.rows[1]`."""
    decisions: tuple[str, ...] = ()
    """Entries and rules by their whole names: `Object.Field`, `Object.rows[1]`."""

    def covers(self, standing: Standing) -> bool:
        """
        Return True for the entries that are meant, names compared without case.
        """
        owner, field = standing.object.casefold(), standing.name.casefold()
        objects = {each.casefold() for each in self.objects}
        fields = {each.casefold() for each in self.fields}
        decisions = {each.casefold() for each in self.decisions}
        where = f"{owner}.{field}"
        return (
            (not objects or owner in objects)
            and (not fields or field in fields or where in fields)
            and (not decisions or where in decisions)
        )

    def covers_whole(self, name: ApiName) -> bool:
        """
        Return True when all entries of the object *name* are meant, whichever there
        are.
        """
        objects = {each.casefold() for each in self.objects}
        is_part = self.fields or self.decisions
        return not is_part and (not objects or name.casefold() in objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveOutcome:
    """
    What `review approve` wrote.
    """

    approved: tuple[Standing, ...]
    """Newly approved entries, as they stood before."""
    waiting: tuple[Standing, ...]
    """Entries that still wait for a person."""
    given_up: tuple[LostApproval, ...] = ()
    """What the mapping lacks since the last approval, agreed to by this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    """
    What an approval says beside what it is about, as `mapping.yaml` calls it.
    """

    by: str
    author: str
    on: str
    note: str


_Entry = TypeVar("_Entry", FieldMapping, RowRule)


def require_approved(workspace: Workspace) -> None:
    """
    Raise DecisionNeeded, naming them, when entries still wait for a person, or when the
    mapping lacks some that were approved.
    """
    told = [*_waiting_sentences(workspace, named=NAMED)]
    if told:
        raise DecisionNeeded("\n".join(told), hint=codes.UNREVIEWED.remedy)


def unreviewed(workspace: Workspace) -> Iterator[Finding]:
    """
    Yield what was allowed for a rehearsal is said all the same.
    """
    for sentence in _waiting_sentences(workspace, named=NAMED_IN_PASSING):
        yield codes.UNREVIEWED(entries=sentence)


def _waiting_sentences(workspace: Workspace, *, named: int) -> Iterator[str]:
    sentence = unapproved_sentence(workspace.standings, named=named)
    if sentence:
        yield sentence
    yield from map(str, lost_approvals(workspace.mapping))


def waiting_rules(found: Iterable[Standing]) -> Iterator[Finding]:
    """
    One finding for each rule of `rows:` that leaves nothing out for want of approval.
    """
    for each in unapproved(found):
        if isinstance(each.entry, RowRule):
            waits = codes.ROWS_NOT_APPROVED(rule=each.name, reason=each.entry.reason)
            yield waits.at(each.object)


def approve(
    workspace: Workspace,
    *,
    by: str,
    pick: Pick,
    note: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ApproveOutcome:
    """
    Return the picked entries approved in `mapping.yaml` under the name *by*.

    Entries whose approval holds keep the name they have. Who picks an object as a
    whole, or everything, also agrees to what it lacks since the last approval. Raises
    DecisionNeeded when a picked entry has a blocker, InputError when the pick names
    nothing.
    """
    if not by.strip():
        raise InputError("an approval needs a name", hint="add --by NAME")
    found = workspace.standings
    picked = [each for each in found if pick.covers(each)]
    _require_known(pick, workspace.mapping, found)
    _require_no_blockers(workspace, picked)
    chosen = tuple(
        each
        for each in unapproved(picked)
        if note.strip() or not _needs_note(each.entry)
    )
    signature = _Signature(
        by=by.strip(),
        author=git_author(workspace.run.root) or "",
        on=now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        note=note.strip(),
    )
    lost = lost_approvals(workspace.mapping)
    given_up = tuple(each for each in lost if pick.covers_whole(each.object))
    _sign(workspace, chosen, signature, {each.object for each in given_up})
    signed = {each.where for each in chosen}
    waiting = tuple(each for each in unapproved(found) if each.where not in signed)
    return ApproveOutcome(approved=chosen, waiting=waiting, given_up=given_up)


def _needs_note(entry: FieldMapping | RowRule) -> bool:
    return isinstance(entry, FieldMapping) and changes_silently(entry)


def _require_known(pick: Pick, mapping: Mapping, found: Sequence[Standing]) -> None:
    """
    Raise InputError for every name that no entry has: a slip would approve less than
    was meant.
    """
    gone = {each.object.casefold() for each in lost_approvals(mapping)}
    named = {str(each): Pick(objects=(each,)) for each in pick.objects}
    named = {name: one for name, one in named.items() if name.casefold() not in gone}
    named |= {each: replace(pick, fields=(each,)) for each in pick.fields}
    named |= {each: replace(pick, decisions=(each,)) for each in pick.decisions}
    unknown = [name for name, one in named.items() if not any(map(one.covers, found))]
    if unknown:
        raise InputError(
            f"mapping.yaml has no entry of {', '.join(unknown)}",
            hint="name source objects and source fields as mapping.yaml spells them",
        )


def _require_no_blockers(workspace: Workspace, picked: Sequence[Standing]) -> None:
    mapping = workspace.mapping
    names = {each.where.casefold() for each in picked}
    names |= {e.object.casefold() for e in picked if isinstance(e.entry, RowRule)}
    found = blockers(all_findings(mapping, workspace.describes))
    lines = dict.fromkeys(
        f"{each.where}: {each.message}"
        for each in found
        if each.where.casefold() in names
    )
    if lines:
        raise DecisionNeeded(
            "\n".join([f"{len(lines)} blocker(s) stand against it:", *lines]),
            hint="decide each in mapping.yaml, then approve",
        )


def _sign(
    workspace: Workspace,
    chosen: Sequence[Standing],
    signature: _Signature,
    renewed: Collection[ApiName],
) -> None:
    """
    Write the approvals at the marks, and the register of them at the top, of the
    *renewed* objects without what they lack; all is read back before the file changes.
    """
    shown = workspace.run.shown(workspace.run.mapping_file)
    text = edited(workspace.mapping_text, _edits(chosen, signature), file=shown)
    signed = _signed(workspace.mapping, chosen, signature)
    made = register(signed, before=workspace.mapping, renewed=renewed)
    signed = replace(signed, approved=made)
    if signed == workspace.mapping:
        return
    text = with_approved(text, signed.approved, file=shown)
    if parse_mapping(text, file=shown) != signed:
        raise Bug(
            "an approval does not fit what it was given for; nothing was written",
            hint="run the command again; report it when it happens twice",
        )
    workspace.replace_mapping(text)


def _edits(chosen: Iterable[Standing], signature: _Signature) -> Iterator[Edit]:
    for each in chosen:
        settings = {
            "status": Status.APPROVED.value,
            **asdict(signature),
            "basis": each.basis,
            "digest": each.digest,
        }
        for setting, value in settings.items():
            yield Edit(
                object=each.object,
                field=ApiName(each.name),
                setting=setting,
                value=value or None,
            )


def _signed(
    mapping: Mapping, chosen: Iterable[Standing], signature: _Signature
) -> Mapping:
    """
    Return *mapping* with the *chosen* entries signed and all else as it was: then each
    digest is still that of its entry.
    """
    places = {each.where: each for each in chosen}
    objects = tuple(
        replace(
            mapped,
            rows=tuple(
                _entry_signed(rule, places.get(f"{mapped.source}.{name}"), signature)
                for number, rule in enumerate(mapped.rows, start=1)
                for name in [rule_name(number)]
            ),
            fields=tuple(
                _entry_signed(each, places.get(f"{mapped.source}.{name}"), signature)
                for each in mapped.fields
                for name in [each.source]
            ),
        )
        for mapped in mapping.objects
    )
    return replace(mapping, objects=objects)


def _entry_signed(
    entry: _Entry, standing: Standing | None, signature: _Signature
) -> _Entry:
    if standing is None:
        return entry
    return replace(
        entry,
        status=Status.APPROVED,
        by=signature.by,
        author=signature.author,
        on=signature.on,
        note=signature.note,
        basis=standing.basis,
        digest=standing.digest,
    )
