"""
What `reconcile` asks before it reads: is the mapping about all there is, and approved.

The org is asked what it shows now. A mapping that lost an entry, a field that came
after the describe, an excuse that nobody approved: each would make two sides equal that
are not.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.errors import DecisionNeeded, OrgRefused
from migrator.model.codes import reconcile as codes
from migrator.model.finding import Finding
from migrator.model.mapping import MappedObject, Mapping
from migrator.model.names import ApiName
from migrator.org.soql import ABSENT
from migrator.rules.reconcile import with_signed_rules
from migrator.rules.reconcile.coverage import abandoned, uncovered, with_currency
from migrator.rules.reconcile.org_sums import CURRENCY
from migrator.steps.guards import Described, require_full_sight
from migrator.steps.review.approve import require_approved
from migrator.steps.review.check import require_no_blockers
from migrator.steps.workspace import Workspace

if TYPE_CHECKING:
    from migrator.org.session import Org


def require_comparable(
    workspace: Workspace, org: Org, *, allow_unreviewed: bool
) -> Mapping:
    """
    Return the mapping to compare by: with the rules of `rows:` that are approved, and
    with the currency of each record, whoever maps it.

    Raises DecisionNeeded for blockers, for what the org shows and the mapping is not
    about, for unapproved entries unless *allow_unreviewed*, and when the user does not
    see everything.
    """
    require_no_blockers(workspace, listed=workspace.migrated)
    described = _described(org, workspace.mapping)
    _require_covered(workspace, org, described)
    if not allow_unreviewed:
        require_approved(workspace)
    require_full_sight(
        org,
        objects=[name for each in workspace.mapping.objects for name in _sides(each)],
        namespace=workspace.migration.namespace,
        described=described,
        decided=workspace.mapping,
    )
    acting = with_signed_rules(workspace.acting)
    objects = tuple(
        with_currency(
            each, _fields(described[each.source]), _fields(described[each.target])
        )
        for each in acting.objects
    )
    return replace(acting, objects=objects)


def unmapped_currencies(decided: Mapping, compared: Mapping) -> Iterator[Finding]:
    """
    Yield a note for each object whose currency is *compared* though nobody *decided*
    so.
    """
    for before, after in zip(decided.objects, compared.objects, strict=True):
        if before.fields != after.fields:
            yield codes.CURRENCY_COMPARED().at(after.source, CURRENCY)


def _sides(mapped: MappedObject) -> tuple[ApiName, ApiName]:
    return mapped.source, mapped.target


def _described(org: Org, mapping: Mapping) -> dict[ApiName, Described]:
    """
    Return what the org shows of each object of both sides; those out of sight are
    absent.
    """
    found: dict[ApiName, Described] = {}
    for each in mapping.objects:
        for name in _sides(each):
            try:
                found[name] = org.describe(name)
            except OrgRefused as error:
                if error.code not in ABSENT:
                    raise
    return found


def _fields(described: Described) -> tuple[str, ...]:
    return tuple(str(field["name"]) for field in described.get("fields", ()))


def _require_covered(
    workspace: Workspace, org: Org, described: abc.Mapping[ApiName, Described]
) -> None:
    mapping = workspace.mapping
    ours = org.tooling.marked_objects(workspace.migration.marker)
    found = [
        *abandoned(mapping, ours),
        *(
            finding
            for each in mapping.objects
            if each.source in described
            for finding in uncovered(each, _fields(described[each.source]))
        ),
    ]
    if found:
        raise DecisionNeeded(
            "\n".join(_lines(found)),
            hint="until then equal cells prove nothing about the rest",
        )


def _lines(found: Iterable[Finding]) -> Iterator[str]:
    for each in found:
        place = f"{each.where}: " if each.where else ""
        yield f"{place}{each.message} ({each.remedy})"
