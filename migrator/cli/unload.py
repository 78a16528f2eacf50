"""
`migrator unload`.
"""

from __future__ import annotations

import click

from migrator.cli.command import (
    Context,
    execute_option,
    org_option,
    production_option,
    verb,
    with_typed_name,
)
from migrator.cli.exit_codes import Exit
from migrator.model.consent import Consent


@click.command()
@org_option
@execute_option
@production_option
@verb
def command(
    context: Context, *, org_spec: str, execute: bool, yes_production: str
) -> Exit:
    """
    Say what `copy` has put into the new objects; with --execute remove it again.

    Children first, and only records that this migration has inserted itself. The
    source and the extract stay as they are.
    """
    from migrator.steps.copy.unload import unload

    output, workspace = context.output(), context.workspace()
    consent = Consent(execute=execute, yes_production=yes_production)
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = unload(
            workspace,
            org=org,
            consent=with_typed_name(consent, org),
            progress=output.progress(org),
        )
    head = "Unloaded" if outcome.executed else "Would unload"
    output.table(
        (head, "Ours", "Removed", "Refused"),
        [
            (each.target, f"{each.ours:,}", f"{each.removed:,}", f"{each.failed:,}")
            for each in outcome.objects
        ],
    )
    output.document({"executed": outcome.executed, "objects": outcome.objects})
    if any(each.failed for each in outcome.objects):
        output.line("  the org refused some; run the same command again", "bold red")
        return Exit.DECIDE
    return Exit.DONE
