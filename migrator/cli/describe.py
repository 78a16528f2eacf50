"""
`migrator describe`.
"""

from __future__ import annotations

import click

from migrator.cli.command import Context, org_option, verb
from migrator.cli.exit_codes import Exit


@click.command()
@org_option
@click.option(
    "--related",
    is_flag=True,
    help="Also describe all of the package that hangs on these objects.",
)
@verb
def command(context: Context, *, org_spec: str, related: bool) -> Exit:
    """
    Fetch the sObject describes of the migrated objects and their neighbours.

    Writes describes/. Ends with 3 when fields are hidden from you: what is not
    described would not be kept.
    """
    return perform(context, org_spec, related=related)


def perform(context: Context, org_spec: str, *, related: bool = False) -> Exit:
    """
    Return the verb without click, for the demo.
    """
    from migrator.steps.describe.describe import describe

    output, workspace = context.output(), context.workspace()
    with context.org(org_spec, ceiling=workspace.migration.api_ceiling) as org:
        outcome = describe(
            workspace,
            org=org,
            progress=output.progress(org),
            related=related,
        )
    output.line(f"  {len(outcome.objects)} objects described in {outcome.facts.name}")
    output.findings((*outcome.hidden, *outcome.findings))
    output.document(
        {
            "objects": outcome.objects,
            "findings": [*outcome.hidden, *outcome.findings],
            "org": outcome.facts,
        }
    )
    if outcome.hidden:
        return Exit.DECIDE
    output.next(f"migrator -C {context.root} extract --org {org_spec}")
    return Exit.DONE
