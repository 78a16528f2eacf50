"""
`migrator copy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from migrator.cli.command import (
    Context,
    execute_option,
    org_option,
    production_option,
    unreviewed_option,
    verb,
    with_typed_name,
)
from migrator.cli.exit_codes import Exit
from migrator.model.consent import Consent

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.steps.copy.outcome import CopyOutcome


@click.command()
@org_option
@execute_option
@production_option
@unreviewed_option
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="A sample: N records of each object without parents, with their children.",
)
@click.option(
    "--refresh",
    is_flag=True,
    help="Read every record again, also calculated values: before the cut-over.",
)
@verb
def command(
    context: Context,
    *,
    org_spec: str,
    execute: bool,
    yes_production: str,
    allow_unreviewed: bool,
    limit: int | None,
    refresh: bool,
) -> Exit:
    """
    Say what would be copied; with --execute copy it, parents first.

    Can be killed at any moment and run again: it goes on where the org last confirmed.
    """
    consent = Consent(
        execute=execute,
        yes_production=yes_production,
        allow_unreviewed=allow_unreviewed,
    )
    return perform(context, org_spec, consent, limit=limit, refresh=refresh)


def perform(
    context: Context,
    org_spec: str,
    consent: Consent,
    *,
    limit: int | None = None,
    refresh: bool = False,
) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.model.finding import blockers
    from migrator.steps.copy.copy import copy

    output, workspace = context.output(), context.workspace()
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = copy(
            workspace,
            org=org,
            consent=with_typed_name(consent, org),
            limit=limit,
            refresh=refresh,
            progress=output.progress(org),
        )
    _show(output, outcome)
    output.document(
        {
            "executed": outcome.executed,
            "objects": outcome.objects,
            "failed": outcome.failed,
            "findings": outcome.findings,
        }
    )
    if outcome.failed:
        output.line(
            f"  {outcome.failed:,} records were refused: report/private/failed-*.csv",
            "bold red",
        )
    if outcome.failed or blockers(outcome.findings):
        return Exit.DECIDE
    following = "reconcile" if outcome.executed else "copy --execute"
    if limit:
        following = "unload --execute" if outcome.executed else following
    output.next(f"migrator -C {context.root} {following} --org {org_spec}")
    return Exit.DONE


def _show(output: Output, outcome: CopyOutcome) -> None:
    head = "Copied" if outcome.executed else "Would copy"
    output.table(
        (head, "Records", "Inserted", "Updated", "Linked", "There", "Refused"),
        [
            (
                f"{each.source} -> {each.target}",
                *(
                    f"{figure:,}"
                    for figure in (
                        each.records,
                        each.inserted,
                        each.updated,
                        each.linked,
                        each.already_there,
                        each.failed,
                    )
                ),
            )
            for each in outcome.objects
        ],
    )
    for each in outcome.objects:
        for left_out in each.excluded:
            output.line(
                f"  {each.source}: {left_out.records:,} records left out, "
                f"{left_out.reason}"
            )
    output.findings(outcome.findings)
