"""
plan + generate against bare Jinja2 that renders and writes as many files.

    python -m benchmarks.generate [--objects 12] [--fields 900] [--runs 3] [--write]

Each figure is that of a process of its own, the two sides in turn, so that both have
the same machine at the same moment. Ratios are to be compared, seconds are not.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2

from benchmarks.results import write_section
from migrator.documents.describe.describe import parse_describe
from migrator.documents.metadata.files import render_source
from migrator.documents.templates import make_environment
from migrator.model.migration import Migration
from migrator.model.names import ApiName
from migrator.rules.check.mapping import check
from migrator.rules.plan.proposal import plan as propose
from migrator.rules.target.objects import build_target
from migrator.rundir.layout import RunDirectory, shipped_folder
from migrator.steps.generate import generate
from migrator.steps.init import initialise
from migrator.steps.plan import plan
from migrator.steps.workspace import Workspace

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SAMPLE = ROOT / "sample_describes" / "ONB2__Invoice__c.json"
KINDS = (
    *("ONB2__GrandTotal__c", "ONB2__Date__c", "ONB2__AccountName__c"),
    *("ONB2__Status__c", "ONB2__EmailInvoice__c", "ONB2__Class__c"),
    *("ONB2__DaysOverdue__c", "ONB2__BillingCity__c"),
)
LEVELS = (100, 1_000, 10_000)
BARE = """\
<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>{{ name }}</fullName>
    <description>{{ description }}</description>
    <externalId>false</externalId>
    <label>{{ label }}</label>
    <length>{{ length }}</length>
    <required>{{ required | lower }}</required>
    <type>{{ type }}</type>
    <unique>{{ unique | lower }}</unique>
</CustomField>
"""


def describe(number: int, fields: int) -> dict[str, Any]:
    """
    Return a describe with *fields* fields of eight kinds, the system's own among them.
    """
    base = json.loads(SAMPLE.read_text("utf-8"))
    known = {each["name"]: each for each in base["fields"]}
    made = [each for each in base["fields"] if not each["custom"]]
    for position in range(fields - len(made)):
        kind = known[KINDS[position % len(KINDS)]]
        name = f"ONB2__Field{position:05}__c"
        made.append(kind | {"name": name, "label": f"Field {position}"})
    named = {"name": f"ONB2__Thing{number:02}__c", "childRelationships": []}
    labels = {"label": f"Thing {number}", "labelPlural": f"Things {number}"}
    return base | named | labels | {"fields": made}


def ours(folder: Path, objects: int, fields: int) -> dict[str, float]:
    """
    Return what plan and generate take for *objects* x *fields*, in seconds.
    """
    described = folder / "describes"
    described.mkdir()
    names = []
    for number in range(objects):
        made = describe(number, fields)
        text = json.dumps(made, indent=1)
        (described / f"{made['name']}.json").write_text(text, "utf-8")
        names.append(ApiName(made["name"]))
    run = RunDirectory(folder / "run")
    initialise(run=run)
    start = time.perf_counter()
    plan(Workspace(run=run), describes_dir=described, objects=tuple(names))
    between = time.perf_counter()
    outcome = generate(Workspace(run=run), check=False)
    end = time.perf_counter()
    return {
        "plan": between - start,
        "generate": end - between,
        "seconds": end - start,
        "files": len(outcome.written),
    }


def bare(folder: Path, files: int) -> dict[str, float]:
    """
    Return what Jinja2 alone takes to render and write *files* field files, in seconds.
    """
    start = time.perf_counter()
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    template = environment.from_string(BARE)
    for position in range(files):
        parent = folder / f"Thing{position // 900:02}__c" / "fields"
        if position % 900 == 0:
            parent.mkdir(parents=True)
        text = template.render(
            name=f"Field{position:05}__c",
            description=f"From ONB2__Thing__c.ONB2__Field{position:05}__c; copy: the "
            "same kind of field, the same value [migrator 0a1b2c3d]",
            label=f"Field {position}",
            length=255,
            required=False,
            type="Text",
            unique=False,
        )
        path = parent / f"Field{position:05}__c.field-meta.xml"
        path.write_text(text, "utf-8")
    return {"seconds": time.perf_counter() - start, "files": files}


def level(fields: int) -> dict[str, float]:
    """
    Microseconds a field for one object with *fields* fields, in memory, step by step.
    """
    described, _ = parse_describe(json.dumps(describe(0, fields)), file="sample.json")
    migration = replace(Migration(id="0a1b2c3d"), objects=(described.name,))
    known = {described.name: described}
    environment = make_environment([shipped_folder("templates")])
    # Templates are compiled once a run; the first rendering pays for it.
    few, _ = parse_describe(json.dumps(describe(0, 60)), file="sample.json")
    render_source(
        build_target(propose({few.name: few}, migration), migration), environment
    )
    marks = [time.perf_counter()]
    mapping = propose(known, migration)
    marks.append(time.perf_counter())
    propose(known, migration, previous=mapping)
    marks.append(time.perf_counter())
    check(mapping, known)
    marks.append(time.perf_counter())
    render_source(build_target(mapping, migration), environment)
    marks.append(time.perf_counter())
    names = ("plan", "plan again", "check", "render")
    spans = (after - before for before, after in itertools.pairwise(marks))
    return {name: span / fields * 1e6 for name, span in zip(names, spans, strict=True)}


def _alone(*words: object) -> dict[str, float]:
    """One measurement in a process of its own, with the peak of its memory."""
    command = [sys.executable, "-m", "benchmarks.generate", *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _child(kind: str, numbers: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="migrator-bench-") as name:
        folder = Path(name)
        if kind == "ours":
            found = ours(folder, *numbers)
        elif kind == "bare":
            found = bare(folder, *numbers)
        else:
            found = level(*numbers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found | {"peak_mb": peak}))


def _size(objects: int, fields: int, files: int, runs: int) -> str:
    size = f"{objects} objects x {fields} fields, {files:,} files"
    return f"{size}, median of {runs} runs:"


def _row(name: str, found: dict[str, float]) -> str:
    return f"| {name} | {found['seconds']:.1f} | {found['peak_mb']:.0f} MB |"


def _report(objects: int, fields: int, runs: int) -> str:
    pairs = []
    for _ in range(runs):
        mine = _alone("ours", objects, fields)
        pairs.append((mine, _alone("bare", int(mine["files"]))))
    ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in pairs)
    mine, plain = (
        {key: statistics.median(each[key] for each in side) for key in side[0]}
        for side in zip(*pairs, strict=True)
    )
    lines = [
        _size(objects, fields, int(mine["files"]), runs),
        "",
        "| | seconds | peak memory |",
        "| --- | --- | --- |",
        _row(f"plan + generate ({mine['plan']:.1f} + {mine['generate']:.1f})", mine),
        _row("bare Jinja2, as many files", plain),
        "",
        f"Ratio {ratio:.1f} (may be 5), memory may be 300 MB.",
        "",
        "Microseconds a field, one object, in memory:",
        "",
        "| fields | plan | plan again | check | render |",
        "| --- | --- | --- | --- | --- |",
    ]
    for size in LEVELS:
        found = _alone("level", size)
        cells = " | ".join(
            f"{found[name]:.0f}" for name in ("plan", "plan again", "check", "render")
        )
        lines.append(f"| {size:,} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    """
    Print the tables; with --write they go to RESULTS.md as well.
    """
    if len(sys.argv) > 1 and sys.argv[1] in {"ours", "bare", "level"}:
        _child(sys.argv[1], [int(word) for word in sys.argv[2:]])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=12)
    parser.add_argument("--fields", type=int, default=900)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="RESULTS.md")
    asked = parser.parse_args()
    text = _report(asked.objects, asked.fields, asked.runs)
    print(text)
    if asked.write:
        write_section("plan + generate", text)


if __name__ == "__main__":
    main()
