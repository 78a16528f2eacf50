"""
Experiments with owners, audit fields and records out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from migrator.documents.metadata.probe import AUDIT_SET, LINE, PARENT, PROBE_SET
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.probe import Observation
from migrator.org.soql import literal
from migrator.steps.probe.answers import NEEDS, Said, deploy_words, lacking, seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

_PERMISSION_SET = ApiName("PermissionSet")
_LOOKED_AT = 50
_CREATED = "2001-02-03T04:05:06.000+0000"
_MODIFIED = "2002-03-04T05:06:07.000+0000"
_OTHER_POINTS = (
    "owner-without-read",
    "owner-with-read",
    "record-count-sharing",
    "reference-out-of-sight",
)
_AUDIT_POINTS = (
    "audit-created",
    "audit-last-modified",
    "audit-on-update",
    "audit-inactive-creator",
    "owner-inactive-permitted",
)
_WANTED = ("CreateAuditFields", "UpdateWithInactiveOwners")
_AUDIT_FIELDS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")


def _without(points: tuple[str, ...], evidence: str = "") -> Iterator[Observation]:
    for point in points:
        yield lacking(point, NEEDS[point], evidence)


def _users(bench: Bench, *, active: bool) -> list[str]:
    """
    Ids of other users of the org, people before machines, always in one order.
    """
    rows = bench.org.soql.query(
        "SELECT Id FROM User WHERE UserType = 'Standard' "  # noqa: S608
        f"AND IsActive = {str(active).upper()} ORDER BY Username LIMIT {_LOOKED_AT}"
    )
    return [str(r["Id"]) for r in rows if r["Id"] != bench.org.facts.user_id]


def _without_rights(bench: Bench) -> str | None:
    """
    Return an active user who may read no record of the probe's parent.
    """
    access = bench.org.access
    for user_id in _users(bench, active=True):
        held = access.held_sets(user_id)
        right = access.object_permissions(held, [PARENT])[PARENT]
        if not (right.read or held.view_all_data):
            return user_id
    return None


def _owned(bench: Bench, owner: str, **fields: Any) -> tuple[str, Said]:
    key = bench.key("owner")
    return key, bench.create(PARENT, **{ORIGIN_ID: key, "OwnerId": owner, **fields})


def _other_owner(bench: Bench) -> Iterator[Observation]:
    points = _OTHER_POINTS
    other = _without_rights(bench)
    if other is None:
        yield from _without(points)
        return
    _, said = _owned(bench, other)
    yield seen(points[0], said.verdict, said.evidence)
    assigned = bench.assign(PROBE_SET, other)
    if assigned.code:
        yield from _without(points[1:], assigned.evidence)
        return
    try:
        key, said = _owned(bench, other)
        yield seen(points[1], said.verdict, said.evidence)
        if not said.code:
            yield _out_of_sight(bench, key)
            yield _unseen_parent(bench, said.id, key)
    finally:
        bench.withdraw(other)


def _out_of_sight(bench: Bench, key: str) -> Observation:
    org, point = bench.org, "record-count-sharing"
    if org.soql.count(PARENT, f"{ORIGIN_ID} = {literal(key)}"):
        return lacking(point, NEEDS[point], "the user sees the other's record")
    visible = org.soql.count(PARENT)
    counted = org.access.record_counts([PARENT]).get(PARENT)
    words = f"{visible} in sight, {counted} counted"
    if counted is None or counted < visible:
        return lacking(point, "an org that counts its records at once", words)
    return seen(point, "counted" if counted > visible else "not counted", words)


def _unseen_parent(bench: Bench, parent: str, key: str) -> Observation:
    point = "reference-out-of-sight"
    if bench.org.soql.count(PARENT, f"{ORIGIN_ID} = {literal(key)}"):
        return lacking(point, NEEDS[point], "the user sees the other's record")
    said = bench.create(LINE, **{ORIGIN_ID: bench.key(), "Probe__c": parent})
    return seen(point, said.verdict, said.evidence)


def _inactive_owner(bench: Bench) -> Iterator[Observation]:
    inactive = _users(bench, active=False)
    if not inactive:
        yield from _without(("owner-inactive",))
        return
    _, said = _owned(bench, inactive[0])
    yield seen("owner-inactive", said.verdict, said.evidence)


def _described(bench: Bench) -> Iterator[Observation]:
    fields = bench.org.describe(PARENT)["fields"]
    open_ = [
        f["name"] for f in fields if f["name"] in _AUDIT_FIELDS and f["createable"]
    ]
    value = f"createable: {', '.join(open_)}" if open_ else "not createable"
    yield seen("audit-described", value)
    described = bench.org.describe(_PERMISSION_SET)["fields"]
    names = [str(f["name"]).removeprefix("Permissions") for f in described]
    likely = sorted(
        name for name in names if "Audit" in name or "InactiveOwner" in name
    )
    known = [name for name in _WANTED if name in names]
    value = ", ".join(known if len(known) == len(_WANTED) else likely) or "neither"
    yield seen("audit-permission-names", value, ", ".join(likely))


def _audit(bench: Bench) -> Iterator[Observation]:
    report = bench.deploy(bench.printer.audit_set())
    if not report.success:
        points = ("audit-permission-deploys", *_AUDIT_POINTS)
        yield from _without(points, deploy_words(report))
        return
    yield seen("audit-permission-deploys", "deployed")
    me = bench.org.facts.user_id
    assigned = bench.assign(AUDIT_SET, me)
    if assigned.code:
        yield from _without(_AUDIT_POINTS, assigned.evidence)
        return
    try:
        yield from _audit_fields(bench)
        yield from _permitted_owner(bench)
    finally:
        bench.withdraw(me, AUDIT_SET)


def _audit_fields(bench: Bench) -> Iterator[Observation]:
    me = bench.org.facts.user_id
    given = dict(zip(_AUDIT_FIELDS, (_CREATED, me, _MODIFIED, me), strict=True))
    said = bench.create(PARENT, **{ORIGIN_ID: bench.key(), **given})
    for point, columns in (
        ("audit-created", _AUDIT_FIELDS[:2]),
        ("audit-last-modified", _AUDIT_FIELDS[2:]),
    ):
        if said.code:
            yield seen(point, said.verdict, said.evidence)
            continue
        found = [bench.stored(said.id, column) for column in columns]
        kept = found == [given[column] for column in columns]
        yield seen(point, "as given" if kept else "replaced", str(found[0]))
    if not said.code:
        changed = bench.change(PARENT, said.id, LastModifiedDate=_MODIFIED)
        yield seen("audit-on-update", changed.verdict, changed.evidence)


def _permitted_owner(bench: Bench) -> Iterator[Observation]:
    points = ("owner-inactive-permitted", "audit-inactive-creator")
    inactive = _users(bench, active=False)
    if not inactive:
        yield from _without(points)
        return
    _, said = _owned(bench, inactive[0])
    yield seen(points[0], said.verdict, said.evidence)
    given = {"CreatedDate": _CREATED, "CreatedById": inactive[0]}
    said = bench.create(PARENT, **{ORIGIN_ID: bench.key(), **given})
    yield seen(points[1], said.verdict, said.evidence)


EXPERIMENTS = (
    Experiment.of(_other_owner, *_OTHER_POINTS),
    Experiment.of(_inactive_owner, "owner-inactive"),
    Experiment.of(_described, "audit-described", "audit-permission-names"),
    Experiment.of(_audit, "audit-permission-deploys", *_AUDIT_POINTS),
)
