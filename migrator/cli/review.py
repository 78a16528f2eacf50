"""
`migrator review`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit
from migrator.model.names import ApiName

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.model.review import MappingChange
    from migrator.rules.review.approval import Standing

SHOWN = 20
OLD_SPELLINGS = {
    "--import": "import",
    "--diff": "diff",
    "--approve": "approve",
    "--check": "check",
    "--schema": "schema",
}
"""Options that are commands of their own now; the first one found is what is meant."""


class Review(click.Group):
    """
    A group that knows, for one release, the options its commands once were.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """
        Return the commands in the order in which a reviewer needs them.
        """
        del ctx
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """
        Return the words of *args* in today's spelling, with a remark on an old one.
        """
        given = [word.partition("=")[0] for word in args]
        old = next((each for each in OLD_SPELLINGS if each in given), None)
        if old is None:
            return super().parse_args(ctx, args)
        place, now = given.index(old), OLD_SPELLINGS[old]
        _, is_joined, value = args[place].partition("=")
        click.echo(
            f"`review {old}` is `review {now}` now; the option goes with the next "
            "release",
            err=True,
        )
        rest = [*args[:place], *([value] if is_joined else ()), *args[place + 1 :]]
        return super().parse_args(ctx, [now, *rest])


@click.group(cls=Review, invoke_without_command=True)
@click.option("--csv", is_flag=True, help="Write review/mapping.csv as well.")
@click.option(
    "--with-samples", is_flag=True, help="Show masked samples of records on the page."
)
@click.option("--unmasked", is_flag=True, help="Samples as the records have them.")
@click.option(
    "--org-id", metavar="ID", help="Whose extract is shown, if several have one."
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    csv: bool,
    with_samples: bool,
    unmasked: bool,
    org_id: str | None,
) -> None:
    """
    Write the mapping as a page to read and a sheet to edit; its commands do the rest.

    Needs no org.
    """
    if ctx.invoked_subcommand is None:
        verb(perform)(
            csv=csv, with_samples=with_samples, unmasked=unmasked, org_id=org_id
        )
    elif csv or with_samples or unmasked or org_id:
        raise click.UsageError(
            f"these options are about the page; leave them out of "
            f"`review {ctx.invoked_subcommand}`"
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
    Return the page and the sheet, without click.
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
    output.next(f"migrator -C {context.root} review approve --by NAME")
    return Exit.DONE


@command.command("import")
@click.argument(
    "sheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
)
@verb
def import_(context: Context, *, sheet: Path) -> Exit:
    """
    Take over the edits of a sheet.

    FILE is review/mapping.xlsx or .csv. All of them or none; what nobody edited keeps
    its bytes.
    """
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


@command.command("diff")
@click.argument("old", metavar="OLD")
@verb
def diff(context: Context, *, old: str) -> Exit:
    """
    Compare with an earlier mapping.

    OLD is a mapping file, a migration directory or a git revision. Ends with 3 when
    they differ; review/diff.html shows how.
    """
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


@command.command("approve")
@click.option("--by", metavar="NAME", required=True, help="Who approves.")
@click.option("--note", metavar="TEXT", default="", help="Kept with the approval.")
@click.option(
    "--object", "objects", multiple=True, metavar="NAME", help="Only its entries."
)
@click.option(
    "--field", "fields", multiple=True, metavar="NAME", help="Only [Object.]Field."
)
@click.option(
    "--decision",
    "decisions",
    multiple=True,
    metavar="ID",
    help="Only Object.Field, or the rule Object.rows[N].",
)
@verb
def approve(
    context: Context,
    *,
    by: str,
    note: str,
    objects: tuple[str, ...],
    fields: tuple[str, ...],
    decisions: tuple[str, ...],
) -> Exit:
    """
    Sign entries and rules as they stand.

    All of them, or those that are named; whose approval holds keeps its name.
    """
    from migrator.model.mapping import RowRule
    from migrator.steps.review.approve import Pick
    from migrator.steps.review.approve import approve as sign

    output = context.output()
    pick = Pick(
        objects=tuple(map(ApiName, objects)), fields=fields, decisions=decisions
    )
    outcome = sign(context.workspace(), by=by, pick=pick, note=note)
    output.line(f"  {len(outcome.approved)} entries approved by {by}")
    for each in outcome.approved:
        if isinstance(each.entry, RowRule):
            output.line(
                f"  {each.where} leaves records out from now on: {each.entry.reason}",
                "yellow",
            )
    for gone in outcome.given_up:
        output.line(f"  {gone}: agreed to by {by}", "yellow")
    if outcome.waiting:
        output.line(f"  {len(outcome.waiting)} still wait", "yellow")
    output.document(
        {
            "approved": [each.where for each in outcome.approved],
            "waiting": [each.where for each in outcome.waiting],
            "given_up": [str(each) for each in outcome.given_up],
        }
    )
    if not outcome.waiting:
        output.next(f"migrator -C {context.root} generate")
    return Exit.DONE


@command.command("check")
@verb
def check(context: Context) -> Exit:
    """
    Name every mistake, and what is not approved.

    By line. Ends with 3 when there is any: for a pipeline.
    """
    from migrator.rules.review.approval import approvers, unapproved
    from migrator.rules.review.register import lost_approvals
    from migrator.steps.review.check import check_file

    output, workspace = context.output(), context.workspace()
    checked = check_file(workspace)
    for complaint in checked.blockers:
        output.line(f"  {complaint.sentence}", "bold red")
    found = workspace.standings
    waiting = unapproved(found)
    signed, lost = approvers(found), lost_approvals(checked.mapping)
    output.document(
        {
            "problems": [each.sentence for each in checked.blockers],
            "entries": len(found),
            "waiting": map_waiting(waiting),
            "lost": [str(each) for each in lost],
            "approvers": signed,
        }
    )
    for each in signed:
        output.line(f"  {each.entries} entries approved by {each.by}, {each.last_on}")
    for gone in lost:
        output.line(f"  {gone}", "bold red")
    if not waiting and not lost:
        return Exit.DECIDE if checked.blockers else Exit.DONE
    if waiting:
        _show_waiting(output, waiting)
    output.next(f"migrator -C {context.root} review approve --by NAME")
    return Exit.DECIDE


def map_waiting(waiting: tuple[Standing, ...]) -> list[dict[str, str]]:
    """
    Return what waits for a person, for programs.
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


@command.command("schema")
@verb
def schema(context: Context) -> Exit:
    """
    Print the JSON schema of mapping.yaml.
    """
    from migrator.documents.mapping.schema import mapping_schema, render_mapping_schema

    output = context.output()
    if output.as_json:
        output.document(mapping_schema())
    else:
        click.echo(render_mapping_schema(), nl=False)
    return Exit.DONE
