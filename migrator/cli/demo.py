"""
`migrator demo`: every verb in turn against a local org that ends with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from migrator.cli import (
    copy,
    deploy,
    describe,
    extract,
    generate,
    init,
    plan,
    reconcile,
)
from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit
from migrator.errors import DecisionNeeded, OrgUnreachable
from migrator.model.consent import Consent

FOLDER = "demo-run"
MARK = ".made-by-migrator-demo"


@click.command()
@click.option(
    "--invoices",
    type=click.IntRange(min=1),
    default=2_000,
    show_default=True,
    help="How many invoices the local org holds.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="Of the local org; 0 takes any free one.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of faults that the local org has on the way.",
)
@verb
def command(context: Context, *, invoices: int, port: int, faults: Path | None) -> Exit:
    """
    Walk the whole journey on a local org emulator, in ./demo-run.

    Needs no Salesforce org and no network. What it finds there is what a real migration
    leaves behind: mapping, metadata, journal, report. It can be repeated.
    """
    folder = _fresh_folder(context.root)
    output = context.output()
    started = time.monotonic()
    output.line(f"Starting a local org with {invoices:,} invoices ...")
    with local_org(invoices, port, faults) as org:
        environ = {**os.environ, "SF_ACCESS_TOKEN": org.token}
        code = _journey(context.within(folder, environ), org.url)
    took = time.monotonic() - started
    output.line(f"\nReport: {folder / 'report' / 'reconciliation.html'}", "bold")
    output.line(f"The whole journey took {took:.0f} s; the local org has ended.")
    return code


@dataclass(frozen=True, slots=True)
class LocalOrg:
    """
    Where the emulator answers.
    """

    url: str
    token: str


@contextmanager
def local_org(
    invoices: int, port: int, faults: Path | None = None
) -> Iterator[LocalOrg]:
    """
    Lend the emulator in a process of its own, ended on leaving.

    It also ends when this process dies: its standard input is a pipe from here.
    """
    words = ["emulator", "serve", "--end-with-stdin"]
    sizes = ["--invoices", str(invoices), "--port", str(port)]
    if faults is not None:
        sizes += ["--faults", str(faults)]
    process = subprocess.Popen(
        [sys.executable, "-m", "migrator", *words, *sizes],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _announced(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _announced(process: subprocess.Popen[str]) -> LocalOrg:
    assert process.stdout is not None
    said: dict[str, str] = {}
    while not {"URL", "TOKEN"} <= said.keys():
        line = process.stdout.readline()
        if not line:
            raise OrgUnreachable(
                "the local org ended before it was ready",
                hint="migrator emulator serve shows why",
            )
        name, _, value = line.strip().partition("=")
        said[name] = value
    return LocalOrg(said["URL"], said["TOKEN"])


def _journey(context: Context, url: str) -> Exit:
    steps: list[tuple[str, Callable[[], Exit]]] = [
        ("init", lambda: init.perform(context)),
        ("describe", lambda: describe.perform(context, url)),
        ("extract", lambda: extract.perform(context, url)),
        ("plan", lambda: plan.perform(context)),
        ("generate", lambda: generate.perform(context)),
        ("deploy --execute", lambda: deploy.perform(context, url, REHEARSAL)),
        ("copy --execute", lambda: copy.perform(context, url, REHEARSAL)),
        ("reconcile", lambda: reconcile.perform(context, url, REHEARSAL)),
    ]
    output = context.output()
    for number, (name, perform) in enumerate(steps, start=1):
        output.title(f"\n{number}. migrator {name}")
        code = perform()
        if code is not Exit.DONE:
            return code
    return Exit.DONE


REHEARSAL = Consent(execute=True, allow_unreviewed=True)
"""What the demo answers: it is a rehearsal, so nobody has reviewed the mapping."""


def _fresh_folder(root: Path) -> Path:
    """
    Return an empty `demo-run` in *root*; only one that a demo made before is emptied.
    """
    folder = root.resolve() / FOLDER
    if folder.exists() and not (folder / MARK).is_file():
        raise DecisionNeeded(
            f"{folder} is there already and was not made by the demo",
            hint="move it away, or run the demo elsewhere: migrator -C DIR demo",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder
