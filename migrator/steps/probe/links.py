"""
Experiments with parents: deletes, new parents, and who waits for a locked parent.

Who waits is seen with anonymous Apex, which locks one parent for some seconds while a
child of it is inserted over REST: the insert ends early or after the lock is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from migrator.documents.metadata.probe import DETAIL, LINE, PARENT
from migrator.errors import OrgRefused
from migrator.model.mapping import ORIGIN_ID
from migrator.model.names import ApiName
from migrator.model.probe import Observation
from migrator.model.records import Operation
from migrator.org.soql import literal
from migrator.steps.probe.answers import NEEDS, Said, lacking, seen
from migrator.steps.probe.bench import Bench
from migrator.steps.probe.experiment import Experiment

HELD_S = 7.0
"""How long Apex holds the parent: below its limit of ten seconds of CPU time."""
HEAD_START_S = 2.0
"""Time for Apex to take the lock before the child is inserted."""

_LOCKS = ("lock-restrict-lookup", "lock-master-detail", "lock-set-null-lookup")


def _child(bench: Bench, name: ApiName, **links: str) -> Said:
    return bench.create(name, **{ORIGIN_ID: bench.key("child"), **links})


def _made(bench: Bench, name: ApiName, **links: str) -> str:
    said = _child(bench, name, **links)
    if said.code:
        raise OrgRefused(said.evidence, code=said.code)
    return said.id


def _deletes(bench: Bench) -> Iterator[Observation]:
    held, loose, master = (bench.parent() for _ in range(3))
    line = _made(bench, LINE, Probe__c=held, Loose_Probe__c=loose)
    detail = _made(bench, DETAIL, Probe__c=master)
    said = bench.remove(PARENT, held)
    yield seen("restrict-refuses-delete", said.verdict, said.evidence)
    said = bench.remove(PARENT, master)
    left = bench.org.soql.count(DETAIL, f"Id = {literal(detail)}")
    value = "details stay" if left else "details go too"
    yield seen("master-detail-cascades", said.verdict if said.code else value)
    said = bench.remove(PARENT, loose)
    if said.code:
        yield seen("set-null-clears", said.verdict, said.evidence)
        return
    found = bench.stored(line, "Loose_Probe__c", LINE)
    yield seen("set-null-clears", "kept" if found else "emptied")


def _new_parent(bench: Bench) -> Iterator[Observation]:
    detail = _made(bench, DETAIL, Probe__c=bench.parent())
    rows = [(detail, bench.parent())]
    load = bench.load(("Id", "Probe__c"), rows, name=DETAIL, operation=Operation.UPDATE)
    yield seen("detail-new-parent", load.verdict, load.evidence)


def _locks(bench: Bench) -> Iterator[Observation]:
    trouble = _apex(bench, "System.debug(1);")
    if trouble:
        for point in _LOCKS:
            yield lacking(point, NEEDS[point], trouble)
        return
    for point, name, field in zip(
        _LOCKS,
        (LINE, DETAIL, LINE),
        ("Probe__c", "Probe__c", "Loose_Probe__c"),
        strict=True,
    ):
        links = {"Probe__c": bench.parent()}
        held = bench.parent()
        yield _held(bench, point, name, links | {field: held}, held)


def _held(
    bench: Bench, point: str, name: ApiName, links: dict[str, str], held: str
) -> Observation:
    """
    Whether a child with *links* is inserted while the parent *held* is locked.
    """
    body = (
        f"{PARENT} held = [SELECT Id FROM {PARENT} WHERE Id = {literal(held)} "  # noqa: S608
        f"FOR UPDATE]; Long until = System.now().getTime() + {HELD_S * 1000:.0f}; "
        "while (System.now().getTime() < until) {}"
    )
    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(_apex, bench, body)
        bench.sleep(HEAD_START_S)
        started = time.monotonic()
        said = _child(bench, name, **links)
        waited = time.monotonic() - started
        trouble = holding.result()
    if trouble:
        return lacking(point, NEEDS[point], trouble)
    # Either the insert came back after the lock was gone, or it gave up waiting.
    is_waiting = waited > (HELD_S - HEAD_START_S) / 2 or "LOCK" in said.code
    words = f"{waited:.0f} s while the parent was held; {said.evidence or 'taken'}"
    return seen(point, "waits" if is_waiting else "does not wait", words)


def _apex(bench: Bench, body: str) -> str:
    """
    Why anonymous Apex did not run; empty when it did.
    """
    try:
        reply = bench.org.rest.get(
            "tooling/executeAnonymous", params={"anonymousBody": body}
        )
    except OrgRefused as error:
        return error.code
    answer = reply.object()
    if answer.get("success"):
        return ""
    return str(answer.get("compileProblem") or answer.get("exceptionMessage") or "no")


EXPERIMENTS = (
    Experiment.of(
        _deletes,
        "restrict-refuses-delete",
        "master-detail-cascades",
        "set-null-clears",
    ),
    Experiment.of(_new_parent, "detail-new-parent"),
    Experiment.of(_locks, *_LOCKS),
)
