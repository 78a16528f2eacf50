"""
Whatever happens to source, mapping, program, network and copy: after a copy that ends
with 0 the reconciliation ends with 0. `make state-machine` runs it for a while.

A hypothesis state machine: its rules are what people and machines do between two
copies, and how copies end. Nothing is asserted about the way, only about where it ends.
"""

from __future__ import annotations

import copy as copies
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import click
import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from migrator.emulator.server import RunningOrg
from migrator.rules.copy.convert import digest
from tests.conftest import Ended
from tests.pipeline.deployed_org import (
    PAIRS,
    Copying,
    emptied,
    invoked,
    without_faults,
)
from tests.pipeline.killing import deployed

INVOICES = 8
STEPS = 20
RUNS = 100
MINUTES = 40
SEED = 20261128
KILL_AT = 60
"""A kill comes at one of so many requests, or not at all."""
INVOICE, LINE, BALANCE = (
    "ONB2__Invoice__c",
    "ONB2__InvoiceLineItem__c",
    "ONB2__Balance__c",
)
TEXT = "ONB2__DiscountMessage__c"
TEXTS = st.sampled_from(["one", "two", "#N/A", 'a "quoted"\r\ntext', "", "=1+1"])
PLACES = st.integers(0, 1_000)
AMOUNTS = st.sampled_from(["0", "1.5", "-17.25", "4711.99"])

Rows = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class World:
    """
    An org with the target objects, the directory that deployed them, and what the
    source held at first.
    """

    template: Path
    org: RunningOrg
    until: float
    """When the time is over, on the monotonic clock: then nothing is done any more."""
    first: Rows = field(default_factory=dict)
    runs: int = 0
    steps: int = 0
    checked: int = 0
    """Copies that ended with 0 and were reconciled."""

    @property
    def is_over(self) -> bool:
        """
        True when no more may be begun.
        """
        return time.monotonic() > self.until

    def remember(self) -> None:
        """
        Keeps what the source holds now.
        """
        store = self.org.org.store
        with self.org.org.lock:
            names = (*PAIRS, "User", "Account")
            self.first = {name: [dict(x) for x in store.select(name)] for name in names}

    def restore(self) -> None:
        """
        Makes the source what it was at first, and the target empty.
        """
        without_faults(self.org)
        emptied(self.org)
        org = self.org.org
        org.limits.used_calls = 0
        with org.lock:
            for name in reversed(PAIRS):
                org.store.delete(name, [str(x["Id"]) for x in org.store.select(name)])
            for name in PAIRS:
                org.store.insert_many(name, copies.deepcopy(self.first[name]))
            for name in ("User", "Account"):
                for row in self.first[name]:
                    org.store.update(name, str(row["Id"]), {"Name": row["Name"]})


class Migration(RuleBasedStateMachine):
    """
    One customer's migration, from the deployed objects on.
    """

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        if self.world.is_over:
            return
        self.world.runs += 1
        self.world.restore()
        self.folder = self.world.template.with_name(f"run-{self.world.runs}")
        shutil.copytree(self.world.template, self.folder)
        self.copying = Copying(self.folder, self.world.org)
        self.plain_mapping = self.mapping_file.read_text("utf-8")
        self.changes_unseen = False
        """Something has changed that moves no date: a plain copy may not see it."""
        self.has_surplus = False
        """Records were copied that are wanted no more: that is for a person."""
        self.seed = digest._SEED
        self.last = datetime.now(UTC)

    # -- What changes in the source ----------------------------------------------------

    @rule(place=PLACES, text=TEXTS)
    def edit(self, place: int, text: str) -> None:
        """Somebody writes another text."""
        self._do(lambda: self._put(INVOICE, place, {TEXT: text or None}))

    @rule(place=PLACES, other=st.none() | PLACES)
    def move_link(self, place: int, other: int | None) -> None:
        """A balance goes to another invoice, or to none."""
        self._do(lambda: self._link(BALANCE, "ONB2__Invoice__c", place, other))

    @rule(place=PLACES, other=st.none() | PLACES)
    def move_own_link(self, place: int, other: int | None) -> None:
        """An invoice is cancelled with another one, or with none."""
        self._do(lambda: self._link(INVOICE, "ONB2__CanceledWith__c", place, other))

    @rule(place=PLACES, amount=AMOUNTS)
    def recalculate(self, place: int, amount: str) -> None:
        """A roll-up moves, and no date with it."""
        self._do(
            lambda: self._put(
                INVOICE, place, {"ONB2__GrandTotal__c": amount}, seen=False
            )
        )

    @rule(place=PLACES)
    def rename(self, place: int) -> None:
        """A person is called otherwise from now on."""

        def renamed() -> None:
            row = self._pick("User", place)
            name = f"{row['Name']}x"
            self._put("User", place, {"Name": name}, seen=False)

        self._do(renamed)

    @rule()
    def a_day_passes(self) -> None:
        """What reads the clock is another value, for every invoice."""

        def passed() -> None:
            for place, row in enumerate(self._rows(INVOICE)):
                days = str(int(float(row["ONB2__DaysOverdue__c"] or 0)) + 1)
                self._write(INVOICE, place, {"ONB2__DaysOverdue__c": days})

        self._do(passed)

    @rule(place=PLACES)
    def add(self, place: int) -> None:
        """A new balance, like another one."""

        def added() -> None:
            org = self.copying.org.org
            model = self._pick(BALANCE, place)
            with org.lock:
                definition = org.schema.get(BALANCE)
                assert definition is not None
                assert definition.key_prefix is not None
                new = {"Id": org.ids.next(definition.key_prefix), **self._stamps()}
                org.store.insert_many(BALANCE, [model | new])

        self._do(added)

    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        """A balance is deleted; its copy, if there is one, is for a person to judge."""

        def deleted() -> None:
            org = self.copying.org.org
            gone = str(self._pick(BALANCE, place)["Id"])
            if len(self._rows(BALANCE)) > 2:
                with org.lock:
                    org.store.delete(BALANCE, [gone])
                self.has_surplus |= bool(self.copying.stored("Balance__c"))

        self._do(deleted)

    # -- What changes in the mapping ---------------------------------------------------

    @rule(text=st.sampled_from(["x", "y"]))
    def value_rule(self, text: str) -> None:
        """A reviewer puts another text in the place of every text."""
        self._do(lambda: self._with_rule(text))

    @rule(status=st.sampled_from(["Open", "Paid", "Draft"]))
    def leave_out(self, status: str) -> None:
        """A reviewer leaves invoices out; copied ones are for a person to judge."""

        def left_out() -> None:
            self._with_rows(status)
            self.has_surplus |= bool(self.copying.stored("Invoice__c"))

        self._do(left_out)

    @rule()
    def take_back(self) -> None:
        """The mapping is what it was at first."""
        self._do(lambda: self.mapping_file.write_text(self.plain_mapping, "utf-8"))

    # -- What happens to the copy ------------------------------------------------------

    @rule(place=PLACES, text=TEXTS)
    def edit_the_copy(self, place: int, text: str) -> None:
        """Somebody writes into a copied record."""
        self._do(
            lambda: self._write(
                "Invoice__c",
                place,
                {"DiscountMessage__c": text or None, **self._stamps()},
            )
        )

    @rule()
    def unload(self) -> None:
        """Everything of ours is taken back."""
        self._do(self._unload)

    @rule()
    def upgrade(self) -> None:
        """The next copy computes its digests otherwise."""

        def upgraded() -> None:
            digest._SEED += 1
            digest.method.cache_clear()

        self._do(upgraded)

    @rule()
    def forget_jobs(self) -> None:
        """A week passes: the org no longer knows its jobs."""

        def forgotten() -> None:
            for job in self.copying.jobs():
                if job["state"] in {"JobComplete", "Failed", "Aborted"}:
                    path = f"/jobs/ingest/{job['id']}"
                    self.copying.client.request("DELETE", path)

        self._do(forgotten)

    @rule()
    def lose_the_journal(self) -> None:
        """The directory is cloned, or restored without its state."""

        def lost() -> None:
            for path in self.copying.root.glob(".migrator/*/journal.sqlite*"):
                path.unlink()

        self._do(lost)

    # -- How copies end ----------------------------------------------------------------

    @rule()
    def copy(self) -> None:
        """A plain copy."""
        self._do(self._copy)

    @rule()
    def refresh(self) -> None:
        """A copy that reads everything again."""
        self._do(lambda: self._copy("--refresh"))

    @rule(at=st.integers(1, KILL_AT), when=st.sampled_from(["before", "after"]))
    def killed(self, at: int, when: str) -> None:
        """A copy is killed at one of its requests."""

        def killed() -> None:
            faults = self.copying.org.org.faults
            faults.replace(f"requests: [{{hold: {{request: {at}, when: {when}}}}}]")
            with self.copying.started() as process:
                deadline = time.monotonic() + 60
                while not faults.held and process.poll() is None:
                    assert time.monotonic() < deadline
                    time.sleep(0.02)
            without_faults(self.copying.org)

        self._do(killed)

    @rule(at=st.integers(1, KILL_AT))
    def outage(self, at: int) -> None:
        """The org is out of reach from one request on."""

        def out() -> None:
            faults = self.copying.org.org.faults
            faults.replace(f"requests: [{{nth: {at}, times: 999, respond: 503}}]")
            ended = self._copied()
            assert ended.code in {0, 3, 4}, ended.text
            without_faults(self.copying.org)

        self._do(out)

    # -- Inside ------------------------------------------------------------------------

    @property
    def mapping_file(self) -> Path:
        """
        The mapping of this migration.
        """
        return self.copying.root / "mapping.yaml"

    def _stamps(self) -> dict[str, str]:
        """
        A time of its own: the org's times have whole seconds, and two changes within
        one are one to everybody.
        """
        self.last = max(datetime.now(UTC), self.last) + timedelta(seconds=1)
        now = f"{self.last:%Y-%m-%dT%H:%M:%S}.000Z"
        return {"LastModifiedDate": now, "SystemModstamp": now}

    def _do(self, action: Callable[[], object]) -> None:
        if self.folder is not None and not self.world.is_over:
            self.world.steps += 1
            action()

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return sorted(self.copying.stored(name), key=lambda row: str(row["Id"]))

    def _pick(self, name: str, place: int) -> dict[str, Any]:
        rows = self._rows(name)
        return rows[place % len(rows)]

    def _write(self, name: str, place: int, values: dict[str, Any]) -> None:
        org = self.copying.org.org
        if rows := self._rows(name):
            with org.lock:
                org.store.update(name, str(rows[place % len(rows)]["Id"]), values)

    def _put(
        self, name: str, place: int, values: dict[str, Any], *, seen: bool = True
    ) -> None:
        self._write(name, place, values | (self._stamps() if seen else {}))
        self.changes_unseen |= not seen

    def _link(self, name: str, column: str, place: int, other: int | None) -> None:
        parent = None if other is None else self._pick(INVOICE, other)["Id"]
        self._put(name, place, {column: parent})

    def _with_rule(self, text: str) -> None:
        found = self.plain_mapping
        at = found.index(f"      - source: {TEXT}\n", found.index(f"source: {INVOICE}"))
        at = found.index("\n", at) + 1
        line = f"        rule: {{constant: {text}}}\n"
        self.mapping_file.write_text(found[:at] + line + found[at:], "utf-8")
        self._approve(TEXT)

    def _with_rows(self, status: str) -> None:
        found = self.plain_mapping
        head = "    audit: text-copy\n"
        at = found.index(head, found.index(f"source: {INVOICE}")) + len(head)
        rest = found[at:].split("    fields:\n", 1)[1]
        line = f"      - exclude: {{field: ONB2__Status__c, is: [{status}]}}\n"
        rows = f"    rows:\n{line}        why: not wanted\n    fields:\n"
        self.mapping_file.write_text(found[:at] + rows + rest, "utf-8")
        self._approve("rows[1]")

    def _approve(self, name: str) -> None:
        who = ("--by", "Eva", "--note", "so", "--object", INVOICE, "--field", name)
        ended = invoked("-C", self.copying.root, "review", "--approve", *who)
        assert ended.code == 0, ended.text

    def _copied(self, *words: str) -> Ended:
        self.copying.org.org.limits.used_calls = 0
        return invoked(*self.copying.words, *words, env=self.copying.environ)

    def _copy(self, *words: str) -> None:
        """
        A copy, and the comparison when it has ended with 0 and can be right.
        """
        ended = self._copied(*words)
        assert ended.code in {0, 3}, ended.text
        if words:
            self.changes_unseen = False
        if ended.code:
            assert self.has_surplus, ended.text
        elif not self.changes_unseen:
            self._reconcile()

    def _unload(self) -> None:
        words = ("unload", "--org", self.copying.org.url, "--execute")
        ended = invoked("-C", self.copying.root, *words, env=self.copying.environ)
        assert ended.code == 0, ended.text
        # Without its journal the directory knows no record of its own.
        emptied(self.copying.org)
        self.has_surplus = False

    def _reconcile(self) -> None:
        asked = ("--json", "reconcile", "--org", self.copying.org.url)
        words = (*asked, "--allow-unreviewed")
        ended = invoked("-C", self.copying.root, *words, env=self.copying.environ)
        assert ended.code == 0, ended.text[-6000:]
        assert json.loads(ended.stdout)["differences"] == 0
        self.world.checked += 1

    def teardown(self) -> None:
        """
        The end of every migration: a last copy, and nothing to say about it.
        """
        if self.folder is None:
            return
        try:
            if not self.world.is_over:
                if self.has_surplus:
                    self._unload()
                self._copy("--refresh")
                assert not self.has_surplus
        finally:
            digest._SEED = self.seed
            digest.method.cache_clear()
            shutil.rmtree(self.folder)


@contextmanager
def world(*, minutes: float) -> Iterator[World]:
    """
    A world that ends after so many *minutes*.
    """
    with deployed(INVOICES) as (template, running):
        found = World(template, running, until=time.monotonic() + 60 * minutes)
        found.remember()
        yield found


def run(found: World, *, seed: int, runs: int, steps: int, shrink: bool) -> None:
    """
    So many *runs* of so many *steps* each in the world *found*, as *seed* has them.
    """
    Migration.world = found
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    run_state_machine_as_test(
        hypothesis.seed(seed)(Migration),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@click.command()
@click.option("--minutes", default=float(MINUTES), help="How long, at the most.")
@click.option("--runs", default=RUNS, help="How many, at the most.")
@click.option("--steps", default=STEPS)
@click.option("--seed", default=SEED)
@click.option("--shrink", is_flag=True, help="Make a failing run short: takes long.")
def main(minutes: float, runs: int, steps: int, seed: int, *, shrink: bool) -> None:
    """
    Run the state machine; 1 when a copy that ended with 0 was none.
    """
    click.echo(f"seed {seed}, up to {runs} runs of {steps} steps, {minutes:g} minutes")
    began = time.monotonic()
    with world(minutes=minutes) as found:
        try:
            run(found, seed=seed, runs=runs, steps=steps, shrink=shrink)
        finally:
            passed = (time.monotonic() - began) / 60
            click.echo(
                f"{found.runs} runs, {found.steps} steps, {found.checked} copies "
                f"reconciled in {passed:.1f} minutes, seed {seed}"
            )
    sys.exit(0)


if __name__ == "__main__":
    main()
