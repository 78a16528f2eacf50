"""
migrator against a plain simple-salesforce script: the same copy, the same local org.

    python -m benchmarks.copy [--invoices 100000] [--lines 300000] [--runs 3]
                              [--flat 250000 1000000] [--write]

The org runs in its own process, so that every figure is the client's alone. With
`--write` the tables go to benchmarks/RESULTS.md. Ratios are to be compared, seconds
are not: they belong to one machine at one moment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import write_section

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
API = "/services/data/v66.0"
SAMPLE = (300, 900)
LATENCY = {"request_s": 0.15, "batch_s": 1.5, "query_s": 3.0}
"""A busy org on another continent, roughly: each request, 10,000 rows, each query."""
PAGE = 50_000


@dataclass(frozen=True)
class Served:
    """
    A running org.
    """

    url: str
    token: str
    folder: Path

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """
        One request of the harness itself.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=600) as reply:
            content = reply.read()
        return json.loads(content) if content else None


@contextmanager
def served(work: Path, invoices: int, lines: int) -> Iterator[Served]:
    """
    Lend the org with that many records, in a process of its own.
    """
    folder = work / f"org-{invoices}"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.served_org", folder, invoices, lines]
    process = subprocess.Popen(
        list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin
    assert process.stdout
    try:
        url, token = process.stdout.readline().decode().split()
        yield Served(url, token, folder)
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def migrator(org: Served, root: Path, *words: str, needs_org: bool = True) -> list[str]:
    """
    Return the command line of one verb.
    """
    online = ["--org", org.url] if needs_org else []
    return [sys.executable, "-m", "migrator", "-q", "-C", str(root), *words, *online]


@dataclass(frozen=True)
class Ran:
    """
    What one client process took.
    """

    cpu_s: float
    peak_mb: float
    wall_s: float
    figures: dict[str, float]


def run(org: Served, command: Sequence[str], **latency: float) -> Ran:
    """
    Return the figures of *command* against an org that has copied nothing.
    """
    org.call("POST", "/bench/reset", latency)
    began = time.monotonic()
    pid = _spawned(org, command)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return Ran(
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
        wall_s=wall,
        figures=org.call("GET", "/bench/figures"),
    )


def _spawned(org: Served, command: Sequence[str]) -> int:
    environ = os.environ | {"SF_ACCESS_TOKEN": org.token}
    return os.posix_spawn(command[0], list(command), environ)


def prepared(org: Served, root: Path) -> None:
    """
    Make a migration directory for the two objects, mapping and metadata made.
    """
    _do(org, migrator(org, root, "init", needs_org=False))
    settings = root / "migration.yaml"
    text = settings.read_text("utf-8")
    kept = [
        line
        for line in text.splitlines()
        if "ONB2__TaxDetail__c" not in line and "ONB2__Balance__c" not in line
    ]
    settings.write_text("\n".join(kept) + "\n", "utf-8")
    for verb in ("describe", "extract"):
        _do(org, migrator(org, root, verb))
    for verb in ("plan", "generate"):
        _do(org, migrator(org, root, verb, needs_org=False))
    shutil.rmtree(root / ".migrator")


def deployed(org: Served, root: Path) -> None:
    """
    Deploy the target objects into the org, its user allowed to fill them.
    """
    words = ("deploy", "--execute", "--allow-unreviewed")
    _do(org, migrator(org, root, *words))
    query = "SELECT+Id+FROM+PermissionSet+WHERE+Name+LIKE+'%25Loader'"
    found = org.call("GET", f"{API}/query?q={query}")["records"]
    user = org.call("GET", "/services/oauth2/userinfo")["user_id"]
    for each in found:
        body = {"PermissionSetId": each["Id"], "AssigneeId": user}
        org.call("POST", f"{API}/sobjects/PermissionSetAssignment", body)


def _do(org: Served, command: Sequence[str]) -> None:
    environ = os.environ | {"SF_ACCESS_TOKEN": org.token}
    subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)


def copy_by_migrator(org: Served, template: Path, **latency: float) -> Ran:
    """
    Extract, archive and load, in one command in an empty directory.
    """
    with tempfile.TemporaryDirectory(dir=org.folder) as folder:
        root = Path(folder) / "run"
        shutil.copytree(template, root)
        words = ("copy", "--execute", "--allow-unreviewed")
        return run(org, migrator(org, root, *words), **latency)


def copy_by_script(org: Served, columns: Path, **latency: float) -> Ran:
    """
    Return the same by `plain.py`.
    """
    with tempfile.TemporaryDirectory(dir=org.folder) as folder:
        command = [
            sys.executable,
            "-m",
            "benchmarks.plain",
            org.url,
            str(columns),
            folder,
        ]
        return run(org, command, **latency)


def floor(org: Served, columns: Path) -> float:
    """
    Return the CPU seconds that curl takes for the same bytes, down and up.
    """
    org.call("POST", "/bench/reset", {})
    spent = 0.0
    with tempfile.TemporaryDirectory(dir=org.folder) as folder:
        for each in json.loads(columns.read_text("utf-8")):
            paths = ", ".join(path for path, _ in each["columns"])
            soql = f"SELECT {paths} FROM {each['source']}"
            body = {"operation": "query", "query": soql}
            job = org.call("POST", f"{API}/jobs/query", body)["id"]
            while org.call("GET", f"{API}/jobs/query/{job}")["state"] != "JobComplete":
                time.sleep(0.1)
            spent += _moved(org, job, each["target"], Path(folder))
    return spent


def _moved(org: Served, job: str, target: str, folder: Path) -> float:
    spent, locator = 0.0, ""
    while locator != "null":
        page, heads = folder / "page.csv", folder / "heads"
        address = f"{org.url}{API}/jobs/query/{job}/results?maxRecords={PAGE}"
        address += f"&locator={locator}" if locator else ""
        spent += _curl(org, "--compressed", "-D", heads, "-o", page, address)
        lines = heads.read_text("utf-8").splitlines()
        locator = next(
            line.partition(":")[2].strip()
            for line in lines
            if line.lower().startswith("sforce-locator")
        )
        body = {"object": target, "operation": "insert", "contentType": "CSV"}
        load = org.call("POST", f"{API}/jobs/ingest", body)["id"]
        address = f"{org.url}{API}/jobs/ingest/{load}/batches"
        spent += _curl(org, "-T", page, "-H", "Content-Type: text/csv", address)
    return spent


def _curl(org: Served, *words: object) -> float:
    path = shutil.which("curl") or "curl"
    command = [path, "-sS", "-f", "-H", f"Authorization: Bearer {org.token}"]
    pid = os.posix_spawn(path, [*command, *map(str, words)], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit("curl failed")
    return usage.ru_utime + usage.ru_stime


# -- The tables ------------------------------------------------------------------------


def race(
    work: Path, size: tuple[int, int], template: Path, asked: argparse.Namespace
) -> list[str]:
    """
    Both contestants against one org, instant and with the latency model.
    """
    invoices, lines = size
    columns = work / "columns.json"
    told = [
        (
            f"{invoices:,} invoices, {lines:,} line items, 40 mapped columns; load "
            f"at the start {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores:"
        ),
        "",
        (
            "| | client CPU | peak memory | requests | polls | trips alone / part |"
            " down | up | wall | wall / org busy |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with served(work, invoices, lines) as org:
        deployed(org, template)
        least = floor(org, columns)
        models = {"instant": {}, "with latency": {} if asked.no_latency else LATENCY}
        for words, latency in models.items():
            if asked.no_latency and words != "instant":
                continue
            mine, theirs = [], []
            for _ in range(asked.runs if not latency else 1):
                mine.append(copy_by_migrator(org, template, **latency))
                theirs.append(copy_by_script(org, columns, **latency))
            one, other = _median(mine), _median(theirs)
            told += [
                _row(f"migrator, {words}", one),
                _row(f"plain script, {words}", other),
                _ratio_row(words, one, other),
            ]
            told_floor = _times(one.cpu_s, least), _times(other.cpu_s, least)
            print(
                f"{words}: CPU {_times(one.cpu_s, other.cpu_s)} of the plain script's"
            )
    told += [
        "",
        (
            f"Over the floor (the same bytes by curl, down and up): migrator "
            f"{told_floor[0]}, the plain script {told_floor[1]} in CPU."
        ),
        "",
    ]
    return told


def flatness(work: Path, sizes: Sequence[int], template: Path) -> list[str]:
    """
    Memory and time of migrator at growing sizes.
    """
    told = [
        (
            "| line items | peak memory | to the first | client CPU per record | "
            "wall per record |"
        ),
        "| --- | --- | --- | --- | --- |",
    ]
    first: tuple[float, float, float] | None = None
    for lines in sizes:
        invoices = lines // 3
        with served(work, invoices, lines) as org:
            deployed(org, template)
            ran = copy_by_migrator(org, template)
        records = invoices + lines
        each = (ran.peak_mb, ran.cpu_s / records, ran.wall_s / records)
        first = first or each
        ratios = [_times(now, then) for now, then in zip(each, first, strict=True)]
        told.append(
            f"| {lines:,} | {ran.peak_mb:.0f} MB | {ratios[0]} | {ratios[1]} | "
            f"{ratios[2]} |"
        )
        print(told[-1], flush=True)
    return [*told, ""]


def _median(many: list[Ran]) -> Ran:
    middle = statistics.median_low([each.cpu_s for each in many])
    return next(each for each in many if each.cpu_s == middle)


def _row(name: str, ran: Ran) -> str:
    told = ran.figures
    alone = told["alone"] / max(told["parts"], 1)
    return (
        f"| {name} | {ran.cpu_s:.1f} s | {ran.peak_mb:.0f} MB | "
        f"{told['requests'] - told['polls']:.0f} | {told['polls']:.0f} | {alone:.1f} "
        f"({told['parts']:.0f} parts) | "
        f"{told['sent'] / 1e6:.0f} MB | {told['received'] / 1e6:.0f} MB | "
        f"{ran.wall_s:.0f} s | {_times(ran.wall_s, told['busy_s'])} |"
    )


def _ratio_row(words: str, one: Ran, other: Ran) -> str:
    mine, theirs = one.figures, other.figures
    asked = [each["requests"] - each["polls"] for each in (mine, theirs)]
    return (
        f"| **ratio, {words}** | **{_times(one.cpu_s, other.cpu_s)}** | "
        f"{_times(one.peak_mb, other.peak_mb)} | {asked[0] - asked[1]:+.0f} | "
        f"{mine['polls'] - theirs['polls']:+.0f} | | "
        f"{_times(mine['sent'], theirs['sent'])} | "
        f"{_times(mine['received'], theirs['received'])} | "
        f"{_times(one.wall_s, other.wall_s)} | |"
    )


def _times(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "-"


def main() -> None:
    """
    Run what the command line asks for.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--flat", type=int, nargs="*", default=[])
    parser.add_argument("--no-latency", action="store_true")
    parser.add_argument("--write", action="store_true", help="RESULTS.md")
    asked = parser.parse_args()
    told: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        work, template = Path(folder), Path(folder) / "template"
        with served(work, *SAMPLE) as org:
            prepared(org, template)
            _do(
                org,
                [
                    sys.executable,
                    "-m",
                    "benchmarks.columns",
                    str(template),
                    str(work / "columns.json"),
                ],
            )
        if asked.invoices:
            size = (asked.invoices, asked.lines)
            told["copy"] = race(work, size, template, asked)
        if asked.flat:
            told["copy, growing"] = flatness(work, asked.flat, template)
    for title, lines in told.items():
        text = "\n".join(lines)
        print(f"## {title}\n\n{text}")
        if asked.write:
            write_section(title, text)


if __name__ == "__main__":
    main()
