"""
`reconcile` beside `extract`: processor time and memory at growing sizes.

    python -m benchmarks.reconcile --work DIR [--lines 250000 1000000] [--shuffled]
                                   [--write]

The targets are filled by the org itself with what a copy would have sent, so that a
million records take minutes to prepare. Every figure is kept in DIR as soon as it is
measured: what was measured before is not measured again. With `--write` the table goes
to benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.copy import SAMPLE, Served, _do, deployed, migrator, prepared, served
from benchmarks.results import write_section

VERBS = ("extract", "reconcile", "reconcile again")


@dataclass(frozen=True)
class Measured:
    """
    What one verb took.
    """

    lines: int
    verb: str
    records: int
    """Source records of both objects."""
    cpu_s: float
    peak_mb: float
    wall_s: float
    load: tuple[float, float]
    """Of the machine, before and after."""

    @property
    def us_a_record(self) -> float:
        """
        Processor time, in microseconds.
        """
        return self.cpu_s / self.records * 1e6


def measure(work: Path, lines: int, *, shuffled: bool) -> Iterator[Measured]:
    """
    Each verb at that size, from *work* where it was measured before.
    """
    kept = {verb: work / f"{lines}.{verb.replace(' ', '-')}.json" for verb in VERBS}
    todo = [verb for verb in VERBS if not kept[verb].is_file()]
    if todo:
        with copied(work, lines, shuffled=shuffled) as (org, root):
            for verb in todo:
                found = _run(org, root, lines, verb)
                kept[verb].write_text(json.dumps(asdict(found)), "utf-8")
                print(f"{lines:,} {verb}: {found}", flush=True)
    for verb in VERBS:
        content = json.loads(kept[verb].read_text("utf-8"))
        yield Measured(**{**content, "load": tuple(content["load"])})


@contextmanager
def copied(work: Path, lines: int, *, shuffled: bool) -> Iterator[tuple[Served, Path]]:
    """
    Lend an org with that many line items and their copies, and the directory beside it.
    """
    template = _template(work)
    with served(work, lines // 3, lines) as org:
        root = work / f"run-{lines}"
        if not root.is_dir():
            shutil.copytree(template, root)
        deployed(org, template)
        objects = json.loads((work / "columns.json").read_text("utf-8"))
        filled = [
            {**each, "columns": {target: source for source, target in each["columns"]}}
            for each in objects
        ]
        org.call("POST", "/bench/copied", {"objects": filled, "shuffled": shuffled})
        yield org, root


def _template(work: Path) -> Path:
    template, columns = work / "template", work / "columns.json"
    if not columns.is_file():
        shutil.rmtree(template, ignore_errors=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            served(Path(folder), *SAMPLE) as org,
        ):
            prepared(org, template)
            words = ("-m", "benchmarks.columns", str(template), str(columns))
            _do(org, [sys.executable, *words])
    return template


def _run(org: Served, root: Path, lines: int, verb: str) -> Measured:
    name, *again = verb.split()
    words = ["--allow-unreviewed"] if name == "reconcile" else []
    if name == "extract":
        shutil.rmtree(root / ".migrator", ignore_errors=True)
    command = migrator(org, root, name, *words)
    before, began = os.getloadavg()[0], time.monotonic()
    environ = os.environ | {"SF_ACCESS_TOKEN": org.token}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    del again
    return Measured(
        lines=lines,
        verb=verb,
        records=lines + lines // 3,
        cpu_s=round(usage.ru_utime + usage.ru_stime, 2),
        peak_mb=round(usage.ru_maxrss / 1024),
        wall_s=round(time.monotonic() - began, 1),
        load=(round(before, 1), round(os.getloadavg()[0], 1)),
    )


def table(found: list[Measured]) -> list[str]:
    """
    Return the figures as a table, each size beside the first.
    """
    told = [
        "| line items | verb | peak memory | client CPU a record | to extract's "
        "| wall | load |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    base = {each.lines: each for each in found if each.verb == "extract"}
    for each in found:
        ratio = each.us_a_record / base[each.lines].us_a_record
        told.append(
            f"| {each.lines:,} | {each.verb} | {each.peak_mb:.0f} MB | "
            f"{each.us_a_record:.1f} us | {ratio:.2f} | {each.wall_s:.0f} s | "
            f"{each.load[0]} to {each.load[1]} |"
        )
    return told


def main() -> None:
    """
    Run what the command line asks for.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--lines", type=int, nargs="*", default=[250_000, 1_000_000])
    parser.add_argument("--shuffled", action="store_true", help="copies in any order")
    parser.add_argument("--write", action="store_true", help="RESULTS.md")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    found = [
        each
        for lines in asked.lines
        for each in measure(asked.work, lines, shuffled=asked.shuffled)
    ]
    head = f"40 columns; {os.cpu_count()} cores, the load is the machine's:"
    text = "\n".join([head, "", *table(found)])
    print(text)
    if asked.write:
        write_section("reconcile beside extract", text)


if __name__ == "__main__":
    main()
