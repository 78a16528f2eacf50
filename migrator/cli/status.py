"""
`migrator status`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from migrator.cli.command import Context, verb
from migrator.cli.exit_codes import Exit

if TYPE_CHECKING:
    from migrator.cli.output import Output
    from migrator.rundir.reconciled import Reconciled
    from migrator.rundir.status import OrgStanding


@click.command()
@verb
def command(context: Context) -> Exit:
    """
    Say where this migration stands and which command comes next.

    Needs no org and may be asked while a copy runs.
    """
    from migrator.steps.status import survey

    output = context.output()
    found = survey(run=context.run())
    output.line(
        f"Migration {found.migration.id} of {found.migration.namespace}", "bold"
    )
    output.line(
        f"  describes   {found.describes} of {len(found.migration.objects)} objects"
    )
    mapping = found.mapping
    if found.unreadable:
        output.line(f"  mapping     {found.unreadable}", "bold red")
    elif mapping.entries:
        output.line(
            f"  mapping     {mapping.entries} entries, {mapping.approved} approved, "
            f"{mapping.blockers} blockers"
        )
    output.line(f"  metadata    {'generated' if found.generated else 'not generated'}")
    for org in found.orgs:
        _show(output, org)
    if found.next:
        output.next(f"migrator -C {context.root} {found.next}")
    output.document({"status": found, "next": found.next})
    return Exit.DONE


def _show(output: Output, org: OrgStanding) -> None:
    output.line(f"Org {org.org_name} ({org.org_id})", "bold")
    for name, records in org.extracted:
        output.line(f"  extracted   {records:>10,}  {name}")
    for name, records in org.sent:
        output.line(f"  copied      {records:>10,}  {name}")
    if org.unfinished_jobs:
        output.line(f"  unfinished  {org.unfinished_jobs} jobs; copy goes on", "yellow")
    if org.refused:
        output.line(f"  refused     {org.refused:,} records; see report/private", "red")
    if org.reconciled:
        _show_reconciled(output, org.reconciled)


def _show_reconciled(output: Output, said: Reconciled) -> None:
    line = f"  reconciled  {said.differences:,} differences ({said.made_at})"
    if said.is_outdated:
        later = "before records were copied or removed: no proof of what is there now"
        output.line(f"{line}, {later}", "yellow")
    elif said.is_open:
        output.line(f"{line}, but not everything was compared", "yellow")
    else:
        output.line(line, "bold red" if said.differences else "green")
