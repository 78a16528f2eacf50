"""
`migrator extract`.
"""

from __future__ import annotations

import click

from migrator.cli.command import Context, org_option, verb
from migrator.cli.exit_codes import Exit


@click.command()
@org_option
@verb
def command(context: Context, *, org_spec: str) -> Exit:
    """
    Save every readable field of every record under .migrator/, as Parquet.

    This is the backup: take it first. Ends with 3 when you do not see every record or
    every field.
    """
    return perform(context, org_spec)


def perform(context: Context, org_spec: str) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.steps.extract import extract

    output, workspace = context.output(), context.workspace()
    workspace.require_described()
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = extract(
            workspace,
            org=org,
            progress=output.progress(org),
        )
    output.table(
        ("Extracted", "Records", "Parts", "Kilobytes"),
        [
            (
                each.object,
                f"{each.records:,}",
                f"{each.parts}",
                f"{each.size // 1024:,}",
            )
            for each in outcome.objects
        ],
    )
    output.findings(outcome.findings)
    output.next(f"migrator -C {context.root} plan")
    output.document({"objects": outcome.objects, "findings": outcome.findings})
    return Exit.DONE
