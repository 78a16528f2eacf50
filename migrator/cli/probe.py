"""
`migrator probe`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli.command import Context, execute_option, verb
from migrator.cli.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.cli.output import Output
    from migrator.model.probe import Disagreement, ProbeReport
    from migrator.org.session import Org

FILE = "probe.json"


@click.command()
@click.option(
    "--org",
    "org_spec",
    metavar="ORG",
    help="A Developer Edition, scratch or sandbox org; never a production org.",
)
@execute_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Where the answers are (default: {FILE}).",
)
@click.option(
    "--compare",
    "other",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Lay the answers beside those of FILE; without --org two files are enough.",
)
@verb
def command(
    context: Context,
    *,
    org_spec: str | None,
    execute: bool,
    output: Path | None,
    other: Path | None,
) -> Exit:
    """
    Ask a developer org what only a real org knows, and take everything back.

    Without --execute: the points and what would be deployed. With it a few small
    objects are deployed, every point is tried on them, the answers are written and the
    org is left as it was. Exit 3 when an answer differs from what migrator assumes, or
    from that of the compared file.
    """
    if org_spec is None and other is None:
        raise click.UsageError("--org ORG, --compare FILE, or both")
    if org_spec is None and execute:
        raise click.UsageError("--execute needs --org ORG")
    if org_spec is not None and other is not None and not execute:
        raise click.UsageError(
            "--compare with --org needs --execute: nothing was asked"
        )
    shown = context.output()
    path = output or context.root / FILE
    document: dict[str, Any] = {"executed": execute}
    ended = Exit.DONE
    if org_spec is not None:
        with context.org(org_spec, ceiling=_ceiling(context)) as org:
            if not execute:
                return _plan(org, shown)
            report = _probe(org, shown, path)
        document |= {"file": str(path), "answers": report.answers}
        ended = Exit.DONE if report.is_settled else Exit.DECIDE
    if other:
        found = _compare(shown, path, other)
        document |= {"compared": [str(path), str(other)], "differ": found}
        ended = Exit.DECIDE if found else ended
    shown.document(document)
    return ended


def _ceiling(context: Context) -> str:
    """
    Return the API version to stay below: the migration's, or ours where there is none,
    for an org can be probed before any migration.
    """
    from migrator.errors import RunDirectoryError
    from migrator.model.migration import DEFAULT_API_CEILING

    try:
        return context.workspace().migration.api_ceiling
    except RunDirectoryError:
        return DEFAULT_API_CEILING


def _plan(org: Org, output: Output) -> Exit:
    from migrator.rules.probe import POINTS
    from migrator.steps.probe import plan_probe

    plan = plan_probe(org=org, progress=output.progress())
    output.table(
        ("Would ask", "Assumed"),
        [(each.id, each.expected) for each in POINTS],
        figures=False,
    )
    output.line(f"  {len(POINTS)} points; would deploy and take away again:")
    for each in plan.deploys:
        output.line(f"  {each}")
    for each in plan.left_behind:
        output.line(f"  left by an earlier probe, removed first: {each}", "yellow")
    output.next("the same command with --execute")
    output.document(
        {"executed": False, "points": POINTS, "deploys": plan.deploys}
        | {"left_behind": plan.left_behind}
    )
    return Exit.DONE


def _probe(org: Org, output: Output, path: Path) -> ProbeReport:
    from migrator.errors import Stopped
    from migrator.model.probe import Told
    from migrator.steps.probe import probe, write_report

    report = probe(org=org, progress=output.progress())
    write_report(path, report)
    _show(output, report)
    counted = ", ".join(f"{report.counted(each)} {each.value}" for each in Told)
    output.line(f"  {counted}; written to {path}")
    if report.left_behind:
        raise Stopped(
            f"the answers are in {path}; left in the org: "
            + ", ".join(report.left_behind),
            hint="run the same command again: it cleans up first",
        )
    output.line("  nothing of the probe is left in the org")
    return report


def _show(output: Output, report: ProbeReport) -> None:
    from migrator.model.probe import Told

    output.table(
        ("Point", "Verdict", "Observed"),
        [
            (each.point.id, each.told.value, each.observed or "-")
            for each in report.answers
        ],
        figures=False,
    )
    for each in report.answers:
        if each.told is Told.COULD_NOT_TELL:
            style = "" if each.is_declared else "bold red"
            output.line(f"  {each.point.id}: {each.why}", style)
    for each in report.answers:
        if each.told is Told.DIFFERS:
            output.line(
                f"  {each.point.id}: assumed {each.point.expected!r}, observed "
                f"{each.observed!r}; relied on by {each.point.relied_on_by}",
                "bold red",
            )


def _compare(output: Output, path: Path, other: Path) -> tuple[Disagreement, ...]:
    from migrator.steps.probe import compare_files

    found = compare_files(path, other)
    _show_disagreements(output, found, (path.name, str(other)))
    return found


def _show_disagreements(
    output: Output, found: Sequence[Disagreement], names: tuple[str, str]
) -> None:
    if not found:
        output.line(f"  {names[0]} and {names[1]} give the same answers")
        return
    rows = [(each.point, each.ours or "-", each.theirs or "-") for each in found]
    output.table(("Differs", *names), rows, figures=False)
    output.line(f"  {len(found)} points differ", "bold red")
