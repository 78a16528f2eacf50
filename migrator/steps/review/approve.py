"""
Approval: who agreed to which entry, written into the mapping and asked before writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from migrator.documents.mapping.edits import edited
from migrator.documents.mapping.read import parse_mapping
from migrator.documents.metadata.template_digests import template_digests
from migrator.documents.templates import make_environment
from migrator.errors import Bug, DecisionNeeded, InputError
from migrator.model.finding import Finding, Level, blockers
from migrator.model.mapping import (
    FieldMapping,
    Mapping,
    RowRule,
    Status,
    changes_silently,
)
from migrator.model.names import ApiName
from migrator.model.review import Edit
from migrator.rules.check.mapping import check
from migrator.rules.review.approval import (
    Grounds,
    Standing,
    standings,
    unapproved,
    unapproved_sentence,
)
from migrator.rundir.git import git_author
from migrator.rundir.layout import RunDirectory
from migrator.steps.workspace import known_describes, load_mapping, template_folders

NAMED = 20
"""How many entries a refusal names."""
NAMED_IN_PASSING = 3
APPROVE = "migrator review --approve --by NAME; for a rehearsal: --allow-unreviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """
    Which entries to approve; all of them when nothing is named.
    """

    objects: tuple[ApiName, ...] = ()
    fields: tuple[str, ...] = ()
    """Source fields, as `Field` or `Object.Field`, or rules: `Object.rows[1]`."""

    def covers(self, standing: Standing) -> bool:
        """
        True for the entries that are meant, names compared without case.
        """
        owner, field = standing.object.casefold(), standing.name.casefold()
        objects = {each.casefold() for each in self.objects}
        fields = {each.casefold() for each in self.fields}
        return (not objects or owner in objects) and (
            not fields or field in fields or f"{owner}.{field}" in fields
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveOutcome:
    """
    What `review --approve` wrote.
    """

    approved: tuple[Standing, ...]
    """Newly approved entries, as they stood before."""
    waiting: tuple[Standing, ...]
    """Entries that still wait for a person."""


def grounds(run: RunDirectory, templates: Sequence[Path] = ()) -> Grounds:
    """
    The describes that lie in *run*, and the templates, the customer's own first.

    Nothing has to be there: an entry whose describe is missing stands on nothing, and
    no approval that was given with one fits it.
    """
    environment = make_environment(templates or template_folders(run))
    return Grounds(
        describes=known_describes(run), templates=template_digests(environment)
    )


def require_approved(
    run: RunDirectory, mapping: Mapping, templates: Sequence[Path] = ()
) -> None:
    """
    Raises DecisionNeeded, naming them, when entries still wait for a person.
    """
    found = standings(mapping, grounds(run, templates))
    sentence = unapproved_sentence(found, named=NAMED)
    if sentence:
        raise DecisionNeeded(sentence, hint=APPROVE)


def unreviewed(
    run: RunDirectory, mapping: Mapping, templates: Sequence[Path] = ()
) -> Iterator[Finding]:
    """
    What was allowed for a rehearsal is said all the same.
    """
    found = standings(mapping, grounds(run, templates))
    sentence = unapproved_sentence(found, named=NAMED_IN_PASSING)
    if sentence:
        yield Finding(
            level=Level.WARNING, code="unreviewed", message=sentence, remedy=APPROVE
        )


def waiting_rules(mapping: Mapping, given: Grounds) -> Iterator[Finding]:
    """
    One finding for each rule of `rows:` that leaves nothing out for want of approval.
    """
    for each in unapproved(standings(mapping, given)):
        if isinstance(each.entry, RowRule):
            yield Finding(
                level=Level.WARNING,
                code="rows-not-approved",
                message=f"{each.name}, {each.entry.reason}: leaves nothing out until "
                "it is approved",
                object=each.object,
                remedy="migrator review --approve, or take the rule out",
            )


def approve(
    *,
    run: RunDirectory,
    by: str,
    pick: Pick,
    note: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ApproveOutcome:
    """
    The picked entries approved in `mapping.yaml` under the name *by*.

    Entries whose approval holds keep the name they have. Raises DecisionNeeded when a
    picked entry has a blocker, InputError when the pick names nothing.
    """
    if not by.strip():
        raise InputError("an approval needs a name", hint="add --by NAME")
    mapping, given = load_mapping(run), grounds(run)
    found = standings(mapping, given)
    picked = [each for each in found if pick.covers(each)]
    _require_known(pick, found)
    _require_no_blockers(mapping, given, picked)
    chosen = tuple(
        each
        for each in unapproved(picked)
        if note.strip() or not _needs_note(each.entry)
    )
    signature = {
        "status": Status.APPROVED.value,
        "by": by.strip(),
        "author": git_author(run.root) or None,
        "on": now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "note": note.strip() or None,
    }
    _sign(run, chosen, signature)
    signed = {each.where for each in chosen}
    waiting = tuple(each for each in unapproved(found) if each.where not in signed)
    return ApproveOutcome(approved=chosen, waiting=waiting)


def _needs_note(entry: FieldMapping | RowRule) -> bool:
    return isinstance(entry, FieldMapping) and changes_silently(entry)


def _require_known(pick: Pick, found: Sequence[Standing]) -> None:
    """
    Raises InputError for every name that no entry has: a slip would approve less than
    was meant.
    """
    named = [Pick(objects=(each,)) for each in pick.objects]
    named += [Pick(objects=pick.objects, fields=(each,)) for each in pick.fields]
    unknown = [each for each in named if not any(map(each.covers, found))]
    if unknown:
        names = ", ".join((each.fields or each.objects)[0] for each in unknown)
        raise InputError(
            f"mapping.yaml has no entry of {names}",
            hint="name source objects and source fields as mapping.yaml spells them",
        )


def _require_no_blockers(
    mapping: Mapping, given: Grounds, picked: Sequence[Standing]
) -> None:
    names = {each.where.casefold() for each in picked}
    names |= {e.object.casefold() for e in picked if isinstance(e.entry, RowRule)}
    found = blockers((*check(mapping, given.describes), *mapping.findings))
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
    run: RunDirectory, chosen: Sequence[Standing], signature: dict[str, str | None]
) -> None:
    """
    Writes the approvals at the marks and reads them back before the file changes.
    """
    if not chosen:
        return
    shown = run.shown(run.mapping_file)
    before = run.mapping_file.read_bytes().decode("utf-8")
    after = edited(before, _edits(chosen, signature), file=shown)
    again = standings(parse_mapping(after, file=shown), grounds(run))
    wanted = {each.where for each in chosen}
    if any(each.where in wanted for each in unapproved(again)):
        raise Bug(
            "an approval does not fit what it was given for; nothing was written",
            hint="run the command again; report it when it happens twice",
        )
    run.write_bytes(run.mapping_file, after.encode("utf-8"))


def _edits(
    chosen: Iterable[Standing], signature: dict[str, str | None]
) -> Iterator[Edit]:
    for each in chosen:
        settings = {**signature, "basis": each.basis, "digest": each.digest}
        for setting, value in settings.items():
            yield Edit(
                object=each.object,
                field=ApiName(each.name),
                setting=setting,
                value=value,
            )
