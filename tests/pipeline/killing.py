"""
Every moment a copy can be killed at: `python -m tests.pipeline.killing` tries them all.

A small copy is stopped at each of its requests, in three ways: before the request has
reached the org, while the answer is on its way, and so that the org hears of it when
the program is already dead. A larger one, of many parts, is killed at moments of its
run that a seed picks. Each time the same command has to end with the very state of an
undisturbed run, with at most one part sent twice.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from migrator.emulator.server import OrgSettings, RunningOrg, start_org
from migrator.rundir.layout import shipped_folder
from migrator.steps.copy import one_object as copying_step
from tests.conftest import ROOT
from tests.pipeline.conftest import Journey
from tests.pipeline.deployed_org import (
    PAIRS,
    Copying,
    emptied,
    invoked,
    without_faults,
)

WHENS = ("before", "late", "after")
SEED = 20261122
MOMENTS = 100
SMALL, LARGER = 12, 240
"""Invoices of the two orgs."""
TRIALS_PER_ORG = 50
PART_BYTES, RANGE_BYTES = 60_000, 150_000
"""Some dozen parts for the larger org, one for each object of the small one."""
PATIENCE_S = 60
_SYSTEM = {"Id", "CreatedDate", "LastModifiedDate", "SystemModstamp"}
_COUNTING = "requests: [{nth: 1000000, respond: 503}]"
_START = (
    "import sys; from migrator.steps.copy import one_object as copying; "
    f"copying.PART_BYTES = {PART_BYTES}; copying.RANGE_BYTES = {RANGE_BYTES}; "
    "from migrator.cli.main import main; main(sys.argv[1:])"
)

State = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """
    A copy that nothing happens to.
    """

    requests: int
    seconds: float
    """Of a process of its own."""
    state: State
    processed: Counter[str]
    """Records that load files brought, by operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    When to kill: at a request, or after a share of the time an undisturbed copy takes.
    """

    number: int = 0
    when: str = ""
    share: float = 0

    def __str__(self) -> str:
        """
        `request 7, before`.
        """
        if self.number:
            return f"request {self.number}, {self.when}"
        return f"{self.share:.3f} of the run"


def calm_run(copying: Copying) -> Calm:
    """
    What an undisturbed copy does in the org, which is empty again afterwards.
    """
    jobs = len(copying.jobs())
    root = copying.root.with_name("calm")
    shutil.copytree(copying.root, root)
    calm = Copying(root, copying.org)
    calm.org.org.faults.replace(_COUNTING)
    began = time.monotonic()
    with _started(calm) as process:
        assert process.wait(timeout=PATIENCE_S) == 0
    seconds = time.monotonic() - began
    (requests,) = calm.org.org.faults.seen
    calm.assert_complete()
    found = Calm(
        requests=requests,
        seconds=seconds,
        state=state_of(calm),
        processed=_processed(calm.jobs()[jobs:]),
    )
    without_faults(calm.org)
    emptied(calm.org)
    shutil.rmtree(root)
    return found


def state_of(copying: Copying) -> State:
    """
    The copied records of each object by origin id, references as origin ids.
    """
    rows = {name: copying.stored(name) for name in PAIRS.values()}
    origins = {
        row["Id"]: row["Origin_Id__c"] for found in rows.values() for row in found
    }
    return {
        name: {
            row["Origin_Id__c"]: {
                column: origins.get(value, value)
                for column, value in row.items()
                if column not in _SYSTEM
            }
            for row in found
        }
        for name, found in rows.items()
    }


def kill(copying: Copying, calm: Calm, moment: Moment) -> bool:
    """
    A copy killed at *moment*; False when it had ended before.
    """
    copying.org.org.limits.used_calls = 0
    with _started(copying) as process:
        if not moment.number:
            time.sleep(moment.share * calm.seconds)
            return process.poll() is None
        when = "after" if moment.when == "after" else "before"
        faults = copying.org.org.faults
        hold = f"{{request: {moment.number}, when: {when}}}"
        faults.replace(f"requests: [{{hold: {hold}}}]")
        deadline = time.monotonic() + PATIENCE_S
        while not faults.held and process.poll() is None:
            assert time.monotonic() < deadline, "no request was held"
            time.sleep(0.01)
        was_held = process.poll() is None
    if moment.when == "before":
        faults.lose()
    without_faults(copying.org)
    return was_held


def assert_completed(copying: Copying, calm: Calm, jobs_before: int) -> None:
    """
    The same command again ends with the state of an undisturbed run.

    No record is there twice, and load files brought at most one part's more.
    """
    with small_parts():
        ended = invoked(*_words(copying), env=copying.environ)
    assert ended.code == 0, ended.text
    copying.assert_complete()
    others = _differing(state_of(copying), calm.state)
    assert not others, f"other values: {others}"
    jobs = copying.jobs()[jobs_before:]
    largest = max((int(job["numberRecordsProcessed"]) for job in jobs), default=0)
    more = _processed(jobs) - calm.processed
    assert more.total() <= largest, f"sent twice: {dict(more)}, parts of {largest}"


def _differing(found: State, calm: State) -> set[str]:
    """
    The columns, or objects, in which two states differ.
    """
    return {
        f"{name}.{column}" if origin in found[name] else name
        for name, records in calm.items()
        for origin, row in records.items()
        for column, value in row.items()
        if found[name].get(origin, {}).get(column) != value
    }


def _words(copying: Copying) -> tuple[str, ...]:
    return (*copying.words, "--refresh")


@contextmanager
def small_parts() -> Iterator[None]:
    """
    The part sizes of the killed process, in this one.
    """
    usual = copying_step.PART_BYTES, copying_step.RANGE_BYTES
    copying_step.PART_BYTES, copying_step.RANGE_BYTES = PART_BYTES, RANGE_BYTES
    try:
        yield
    finally:
        copying_step.PART_BYTES, copying_step.RANGE_BYTES = usual


@contextmanager
def _started(copying: Copying) -> Iterator[subprocess.Popen[bytes]]:
    """
    The copy in a process of its own, killed at the end if need be.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _START, *_words(copying)],
        cwd=ROOT,
        env=os.environ | copying.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=PATIENCE_S)


def _processed(jobs: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(
        {
            operation: sum(
                int(job["numberRecordsProcessed"])
                for job in jobs
                if job["operation"] == operation
            )
            for operation in {str(job["operation"]) for job in jobs}
        }
    )


# -- All of them ----------------------------------------------------------------------


@dataclass(slots=True)
class _Tally:
    """
    How many moments were tried, and which did not end well.
    """

    tried: int = 0
    too_late: int = 0
    failed: int = 0

    def add(self, moment: Moment, copying: Copying, calm: Calm) -> None:
        """
        One more moment, tried in *copying*.
        """
        jobs = len(copying.jobs())
        try:
            if not kill(copying, calm, moment):
                self.too_late += 1
            assert_completed(copying, calm, jobs)
        except AssertionError as error:
            self.failed += 1
            click.echo(f"FAILED at {moment}: {str(error)[:2000]}", err=True)
        self.tried += 1


@contextmanager
def deployed(invoices: int) -> Iterator[tuple[Path, RunningOrg]]:
    """
    An org of *invoices* with the target objects, and the directory that made them.
    """
    settings = OrgSettings(
        describes=shipped_folder("sample_describes"), invoices=invoices
    )
    with tempfile.TemporaryDirectory() as folder, start_org(settings) as running:
        root = Path(folder) / "run"
        Journey(root, running, invoked).deployed()
        yield root, running


def _try(invoices: int, moments: Sequence[Moment]) -> _Tally:
    tally = _Tally()
    for start in range(0, len(moments), TRIALS_PER_ORG):
        with deployed(invoices) as (template, running):
            day = None
            for moment in moments[start : start + TRIALS_PER_ORG]:
                if day != (day := datetime.now(UTC).date()):
                    # Formulas that read the clock say something else from midnight on.
                    calm = calm_run(Copying(template, running))
                root = template.with_name("trial")
                shutil.copytree(template, root)
                tally.add(moment, Copying(root, running), calm)
                shutil.rmtree(root)
                emptied(running)
        click.echo(f"{tally.tried:,} of {len(moments):,} tried", err=True)
    return tally


def _requests(invoices: int) -> int:
    with deployed(invoices) as (template, running):
        return calm_run(Copying(template, running)).requests


@click.command()
@click.option("--every", default=1, help="Only every N-th request.")
@click.option("--moments", default=MOMENTS, help="Random moments of the larger run.")
@click.option("--seed", default=SEED)
def main(every: int, moments: int, seed: int) -> None:
    """
    Kill a copy at every request and at random moments; 1 when one is not completed.
    """
    requests = _requests(SMALL)
    numbered = [
        Moment(number=number, when=when)
        for number in range(1, requests + 1, every)
        for when in WHENS
    ]
    chance = random.Random(seed)
    shares = [Moment(share=chance.uniform(0.1, 1.0)) for _ in range(moments)]
    small, larger = _try(SMALL, numbered), _try(LARGER, shares)
    for name, tally in (
        (f"{requests} requests, {', '.join(WHENS)}", small),
        (f"random moments, seed {seed}", larger),
    ):
        click.echo(
            f"{name}: {tally.tried:,} tried, {tally.tried - tally.failed:,} completed "
            f"to the same state ({tally.too_late} after the end)"
        )
    sys.exit(bool(small.failed or larger.failed))


if __name__ == "__main__":
    main()
