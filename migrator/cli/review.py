"""
`migrator review`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator.cli.command import Context, Exit, verb
from migrator.model.names import ApiName

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.model.review import MappingChange
    from migrator.rules.review.approval import Standing

SHOWN = 20


@click.command()
@click.option(
    "--import",
    "sheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take over the edits of review/mapping.xlsx or .csv.",
)
@click.option(
    "--diff",
    "old",
    metavar="OLD",
    help="Compare with a mapping file or a git revision; exit 3 if they differ.",
)
@click.option("--schema", is_flag=True, help="Print the JSON schema of mapping.yaml.")
@click.option("--csv", is_flag=True, help="Write review/mapping.csv as well.")
@click.option("--approve", is_flag=True, help="Approve entries; needs --by.")
@click.option("--by", metavar="NAME", default="", help="Who approves.")
@click.option("--note", metavar="TEXT", default="", help="Kept with the approval.")
@click.option(
    "--object", "objects", multiple=True, metavar="NAME", help="Only its entries."
)
@click.option(
    "--field", "fields", multiple=True, metavar="NAME", help="Only [Object.]Field."
)
@click.option(
    "--check", is_flag=True, help="Exit 3 unless every entry is approved as it stands."
)
@click.option(
    "--with-samples", is_flag=True, help="Show masked samples of records on the page."
)
@click.option("--unmasked", is_flag=True, help="Samples as the records have them.")
@click.option(
    "--org-id", metavar="ID", help="Whose extract is shown, if several have one."
)
@verb
def command(
    context: Context,
    *,
    sheet: Path | None,
    old: str | None,
    schema: bool,
    csv: bool,
    with_samples: bool,
    unmasked: bool,
    org_id: str | None,
    approve: bool,
    by: str,
    note: str,
    objects: tuple[str, ...],
    fields: tuple[str, ...],
    check: bool,
) -> Exit:
    """
    Look at the mapping, change it in a spreadsheet, compare it, approve it.

    Needs no org.
    """
    names = tuple(ApiName(name) for name in objects)
    if schema:
        return _schema(context)
    if old is not None:
        return _diff(context, old)
    if sheet is not None:
        return _import(context, sheet)
    if approve:
        return _approve(context, by=by, note=note, objects=names, fields=fields)
    if check:
        return _check(context)
    return perform(
        context,
        org_id=org_id,
        csv=csv,
        with_samples=with_samples,
        unmasked=unmasked,
    )


def perform(
    context: Context,
    *,
    org_id: str | None = None,
    csv: bool = False,
    with_samples: bool = False,
    unmasked: bool = False,
) -> Exit:
    """
    The page and the sheet, without click.
    """
    from migrator.steps.review.review import ReviewOptions, write_review

    output, workspace = context.output(), context.workspace()
    options = ReviewOptions(
        org_id=org_id, csv=csv, with_samples=with_samples, unmasked=unmasked
    )
    outcome = write_review(workspace, options=options)
    names = [workspace.run.shown(file) for file in outcome.files]
    for name in names:
        output.line(f"  wrote {name}")
    statuses = dict(outcome.review.statuses)
    output.document(
        {"files": names, "statuses": statuses, "findings": dict(outcome.review.levels)}
    )
    output.next(f"migrator -C {context.root} review --approve --by NAME")
    return Exit.DONE


def _schema(context: Context) -> Exit:
    from migrator.documents.mapping.schema import mapping_schema, render_mapping_schema

    output = context.output()
    if output.as_json:
        output.document(mapping_schema())
    else:
        click.echo(render_mapping_schema(), nl=False)
    return Exit.DONE


def _diff(context: Context, old: str) -> Exit:
    from migrator.steps.review.diff import diff_mapping

    output, workspace = context.output(), context.workspace()
    outcome = diff_mapping(workspace, old=old)
    for each in outcome.changes:
        _show_change(output, each)
    file = workspace.run.shown(outcome.file)
    output.line(f"  {len(outcome.changes)} differences, see {file}")
    output.document({"differences": outcome.changes})
    return Exit.DECIDE if outcome.changes else Exit.DONE


def _show_change(output: Output, each: MappingChange) -> None:
    place = each.where or "mapping"
    if each.setting:
        output.line(f"  {place}.{each.setting}: {each.old!r} -> {each.new!r}")
    else:
        output.line(f"  {each.change.value} {place}: {each.new or each.old}")


def _import(context: Context, sheet: Path) -> Exit:
    from migrator.steps.review.import_sheet import import_sheet

    output = context.output()
    outcome = import_sheet(context.workspace(), file=sheet)
    for line in outcome.diff:
        output.line(f"  {line}", {"+": "green", "-": "red"}.get(line[:1], "dim"))
    output.line(f"  {len(outcome.edits)} cells taken over")
    output.document({"edits": outcome.edits, "diff": outcome.diff})
    if outcome.edits:
        output.next(f"migrator -C {context.root} plan")
    return Exit.DONE


def _approve(
    context: Context,
    *,
    by: str,
    note: str,
    objects: tuple[ApiName, ...],
    fields: tuple[str, ...],
) -> Exit:
    from migrator.model.mapping import RowRule
    from migrator.steps.review.approve import Pick, approve

    if not by.strip():
        raise click.UsageError("--approve needs --by NAME")
    output = context.output()
    pick = Pick(objects=objects, fields=fields)
    outcome = approve(context.workspace(), by=by, pick=pick, note=note)
    output.line(f"  {len(outcome.approved)} entries approved by {by}")
    for each in outcome.approved:
        if isinstance(each.entry, RowRule):
            output.line(
                f"  {each.where} leaves records out from now on: {each.entry.reason}",
                "yellow",
            )
    if outcome.waiting:
        output.line(f"  {len(outcome.waiting)} still wait", "yellow")
    output.document(
        {
            "approved": [each.where for each in outcome.approved],
            "waiting": [each.where for each in outcome.waiting],
        }
    )
    if not outcome.waiting:
        output.next(f"migrator -C {context.root} generate")
    return Exit.DONE


def _check(context: Context) -> Exit:
    from migrator.rules.review.approval import approvers, unapproved
    from migrator.steps.review.check import check_file

    output, workspace = context.output(), context.workspace()
    checked = check_file(workspace)
    for complaint in checked.blockers:
        output.line(f"  {complaint.sentence}", "bold red")
    found = workspace.standings
    waiting = unapproved(found)
    signed = approvers(found)
    output.document(
        {
            "problems": [each.sentence for each in checked.blockers],
            "entries": len(found),
            "waiting": map_waiting(waiting),
            "approvers": signed,
        }
    )
    for each in signed:
        output.line(f"  {each.entries} entries approved by {each.by}, {each.last_on}")
    if not waiting:
        return Exit.DECIDE if checked.blockers else Exit.DONE
    _show_waiting(output, waiting)
    output.next(f"migrator -C {context.root} review --approve --by NAME")
    return Exit.DECIDE


def map_waiting(waiting: tuple[Standing, ...]) -> list[dict[str, str]]:
    """
    What waits for a person, for programs.
    """
    return [
        {"entry": each.where, "status": each.status.value, "reason": each.reason}
        for each in waiting
    ]


def _show_waiting(output: Output, waiting: tuple[Standing, ...]) -> None:
    output.line(f"  {len(waiting)} entries are not approved:", "bold")
    for each in waiting[:SHOWN]:
        reason = f" ({each.reason})" if each.reason else ""
        output.line(f"    {each.status.value:<9} {each.where}{reason}")
    if len(waiting) > SHOWN:
        output.line(f"    ... and {len(waiting) - SHOWN} more; --json names all", "dim")
